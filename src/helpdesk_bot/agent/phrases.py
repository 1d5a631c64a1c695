"""Everything the bot says in its own words, in one place."""

import re
from collections.abc import Mapping, Sequence

from helpdesk_bot.guard.language import NAMES, find_language

GREETING = (
    "Hello! Ask me a question about how things work here, in your own words. I answer from our documents and say "
    "where each answer is from. If I'm not sure, I bring in a person."
)
WELCOME = "You're welcome!"
OUT_OF_SCOPE = (
    "That's outside what I can help with. I answer questions from our own documents, such as how to set something up, "
    "what a rule says or whom to ask. Ask me one of those, or ask for a person."
)
ASK_WHAT = "I'd like to help, but I need a little more. What are you trying to do, with which system, and what happens?"
UNSURE = "I'm not sure: in the documents that everyone in this conversation may read, I found nothing that answers it."
CANT_WAIT = (
    "I found no page that says what to do in this case, and it may not be able to wait. Don't wait for an answer here: "
    "call your help desk or security team now, and the emergency services if anybody is in danger."
)
OVER_BUDGET = "Quoted from the pages: what may be spent on writing answers is spent for now."
OF_COURSE = "Of course."
NOT_SOLVED = "Then a person should look at it."
TOO_SLOW = "I couldn't finish this in time. Please ask again in a moment."
CUT = "_Your message is very long: I read its first {characters:,} characters._"
_SOURCE = re.compile(r"From \*[^\n]+\*:")
_SECTION = re.compile(r"\*\*[^\n]+\*\*")


def which_one(topics: Sequence[str]) -> str:
    """One question that names what it could be about; `picked` in `standalone` reads the answer to it."""
    options = "\n".join(f"{number}. *{topic}*" for number, topic in enumerate(topics, start=1))
    return f"Which of these do you mean?\n\n{options}\n\nYou can answer with a number, or say a little more."


def which_thing(thing: str) -> str:
    return f"Which {thing} do you mean? Tell me its name, or a little more about it."


def unsure(next_step: str) -> str:
    return f"{UNSURE} {next_step}".strip()


def in_danger(next_step: str) -> str:
    return f"{CANT_WAIT} {next_step}".strip()


def bring_in_a_person(next_step: str) -> str:
    return f"{OF_COURSE} {next_step}".strip()


def not_solved(next_step: str) -> str:
    return f"{NOT_SOLVED} {next_step}".strip()


def nothing_on(places: Sequence[int]) -> str:
    """Which questions of several have no answer, by place from 0; the asker's words are not repeated."""
    names = ("first", "second", "third")
    which = " and the ".join(names[place] for place in places)
    return f"To the {which} of your questions I found nothing that answers it." if which else ""


def from_source(title: str) -> str:
    """The line over what is quoted."""
    return f"From *{title}*:"


def section(heading: str) -> str:
    """The line over what is quoted of one section."""
    return f"**{heading}**"


def is_source(part: str) -> bool:
    """Whether a paragraph is a line of `from_source`."""
    return bool(_SOURCE.fullmatch(part))


def is_section(part: str) -> bool:
    """Whether it is one of `section`."""
    return bool(_SECTION.fullmatch(part))


MAX_VALUE = 80
NOT_ALL_SHOWN = "_Some of this can't be shown as it stands: look closely before you agree._"


def which_argument(title: str, called: str, choices: Sequence[str]) -> str:
    """One question for one thing that a tool needs."""
    listed = f" It is one of: {', '.join(choices)}." if choices else ""
    return f"{title}: for that I need the {called}.{listed} What is it?"


def would_do(title: str, arguments: Mapping[str, str]) -> str:
    """What would be done, in one line. All of it, to the letter, stands where a person agrees to it."""
    named = ", ".join(f"{name}: {_clipped(value)}" for name, value in arguments.items())
    return f"I can do this once it is confirmed: **{title}**{f' ({named})' if named else ''}."


def _clipped(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= MAX_VALUE else f"{flat[:MAX_VALUE]}\u2026"


def no_tool(title: str, reason: str) -> str:
    return f"{title}: I could not do that just now ({reason})."


def about_language(question: str, *, written_in: str | None, is_translated: bool) -> str:
    """A word about the source's language where that is surely another one than the question's; empty otherwise."""
    if written_in is None:
        return ""
    if is_translated:
        return f"_Translated from {NAMES[written_in]}, which the source is in._"
    asked = find_language(question)
    return f"_The source is in {NAMES[written_in]}._" if asked and asked != written_in else ""
