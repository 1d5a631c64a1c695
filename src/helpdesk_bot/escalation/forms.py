"""The forms that people fill in for a case."""

from datetime import date, timedelta

from helpdesk_bot.curated import Readers
from helpdesk_bot.events import FormName
from helpdesk_bot.messages import Choice, Field, FieldKind, Form

KEPT_FOR = timedelta(days=180)
"""How long a curated answer is knowledge, if nobody says otherwise."""
MAX_KEPT_FOR = timedelta(days=730)
MAX_QUESTION = 300

YES, NO = "yes", "no"


def answer_form(question_key: str) -> Form:
    field = Field(
        name="answer", label="Your answer", kind=FieldKind.TEXT, hint="It is posted where the question was asked."
    )
    return Form(name=FormName.ANSWER, value=question_key, title="Answer", fields=(field,))


def reassign_form(question_key: str) -> Form:
    field = Field(name="person", label="Who shall have it?", kind=FieldKind.PERSON)
    return Form(name=FormName.REASSIGN, value=question_key, title="Reassign", fields=(field,), submit_label="Reassign")


def resolve_form(question_key: str) -> Form:
    save = Field(
        name="save",
        label="Save as knowledge?",
        kind=FieldKind.CHOICE,
        choices=(Choice(value=NO, label="No"), Choice(value=YES, label="Yes, I write it down next")),
        value=NO,
    )
    return Form(name=FormName.RESOLVE, value=question_key, title="Resolve", fields=(save,), submit_label="Resolve")


def save_form(value: str, *, question: str, answer: str, owner: str, has_sources: bool, today: date) -> Form:
    readers = [
        Choice(value=Readers.STAFF, label="All staff"),
        Choice(value=Readers.PLACE, label="Members of the channel where it was asked"),
    ]
    if has_sources:
        readers.append(Choice(value=Readers.SOURCES, label="Who may read the pages I looked at"))
    fields = (
        Field(name="question", label="Question", value=question[:MAX_QUESTION], max_chars=MAX_QUESTION),
        Field(name="answer", label="Answer", kind=FieldKind.TEXT, value=answer[:3_000]),
        Field(name="owner", label="Who keeps it true?", value=owner, max_chars=100),
        Field(
            name="readers",
            label="Who may read it?",
            kind=FieldKind.CHOICE,
            choices=tuple(readers),
            value=Readers.PLACE,
        ),
        Field(
            name="expires_on",
            label="Until",
            kind=FieldKind.DATE,
            value=(today + KEPT_FOR).isoformat(),
            hint="After this day it is no longer used.",
        ),
    )
    return Form(name=FormName.SAVE, value=value, title="Save as knowledge", fields=fields, submit_label="Save")
