"""Save as knowledge: from a case, or from any message, to a curated answer that somebody approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.documents import AccessRule
from helpdesk_bot.curated import Readers, rule_for
from helpdesk_bot.escalation.case import Case
from helpdesk_bot.escalation.forms import MAX_KEPT_FOR, save_form
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Action, Click, Place, Question, Submission
from helpdesk_bot.messages import Button, Form, Notice, Style
from helpdesk_bot.records.curated import CuratedAnswer, NewCurated

PREFIX = "curated:"
"""Of the value of a button that decides about a draft; its id follows."""
MESSAGE = "message:"
"""Of the value of a form that came from a message rather than from a case."""


class WrongForm(Exception):
    """What was filled in can't be taken; the message says why, to whoever filled it in."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The form, read."""

    question: str
    answer: str
    owner: str
    readers: Readers
    expires_on: date


def read_form(fields: Mapping[str, str], *, today: date) -> Filled:
    """Raises `WrongForm`."""
    question, answer = fields.get("question", "").strip(), fields.get("answer", "").strip()
    if not (question and answer):
        raise WrongForm("Question and answer can't be empty; nothing was saved.")
    try:
        readers = Readers(fields.get("readers") or Readers.PLACE)
        expires_on = date.fromisoformat(fields.get("expires_on", ""))
    except ValueError as error:
        raise WrongForm("Please choose who may read it, and a date such as 2027-06-30; nothing was saved.") from error
    if not today < expires_on <= today + MAX_KEPT_FOR:
        raise WrongForm(f"The date must be after today, and within {MAX_KEPT_FOR.days} days; nothing was saved.")
    owner = fields.get("owner", "").strip()
    return Filled(question=question, answer=answer, owner=owner, readers=readers, expires_on=expires_on)


class Saving:
    def __init__(self, parts: Parts) -> None:
        self._curated = parts.curated
        self._now = parts.now

    def form_for_case(self, case: Case, question: Question, *, owner: str, has_sources: bool) -> Form:
        return save_form(
            case.question_key,
            question=question.text,
            answer=case.answer,
            owner=owner,
            has_sources=has_sources,
            today=self._now().date(),
        )

    def form_for_message(self, click: Click, *, question: str, owner: str) -> Form:
        """The adapter puts the message's own words into the empty answer."""
        today = self._now().date()
        return save_form(click.value, question=question, answer="", owner=owner, has_sources=False, today=today)

    async def draft(
        self, submission: Submission, *, question_key: str | None, place: Place, source_rules: list[AccessRule]
    ) -> int | None:
        """The draft's id; None where this form was taken before. Raises `WrongForm`."""
        filled = read_form(submission.fields, today=self._now().date())
        rule = rule_for(filled.readers, place, source_rules)
        draft = NewCurated(
            question_key=question_key,
            question=filled.question,
            answer=filled.answer,
            owner=filled.owner,
            all_of=[[*one_of] for one_of in rule.all_of],
            place=place,
            drafted_by=submission.person_id,
            expires_on=filled.expires_on,
        )
        return await self._curated.draft(draft, press_key=submission.key)

    async def find(self, curated_id: int) -> CuratedAnswer | None:
        return await self._curated.find(curated_id)

    async def decide(self, click: Click) -> Notice:
        """An approver's word on a draft."""
        curated_id = curated_id_of(click.value)
        if click.action is Action.DECLINE:
            declined = await self._curated.decline(curated_id, by=click.person_id)
            return Notice(text="Not saved." if declined else "That was decided already.")
        if not await self._curated.approve(curated_id, by=click.person_id):
            return Notice(text="That was decided already.")
        return Notice(text="Saved. In a minute or two I answer with it. `curated list` shows what is kept.")


def curated_id_of(value: str) -> int:
    """0, which no draft has, where the value names none."""
    digits = value.removeprefix(PREFIX)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else 0


def approval(curated_id: int, filled_question: str, *, may_approve: bool) -> Notice:
    """What whoever drafted it sees next."""
    if not may_approve:
        return Notice(text=f"Saved as draft {curated_id}. An admin approves it with `curated approve {curated_id}`.")
    buttons = (
        Button(action=Action.APPROVE, value=f"{PREFIX}{curated_id}", label="Approve", style=Style.PRIMARY),
        Button(action=Action.DECLINE, value=f"{PREFIX}{curated_id}", label="Decline", style=Style.DANGER),
    )
    return Notice(text=f"Draft {curated_id}: “{filled_question}”. Shall I answer with it from now on?", buttons=buttons)
