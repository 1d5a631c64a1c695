"""`review`: the questions that people were not helped with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse, age_of
from helpdesk_bot.events import Place, Platform
from helpdesk_bot.records.unhelped import Unhelped, UnhelpedQuestions

DAYS = 7
MAX_DAYS = 365
SHOWN = 15
MAX_CHARACTERS = 200


class MayRead(Protocol):
    async def __call__(self, place: Place, asked_by: str, *, platform: Platform, person_id: str) -> bool: ...


class ReviewCommand(ForAdmins):
    """`describe` puts a reason into words; `reference_of` names a question for `why`."""

    word = "review"
    usages = (Usage(words="review [DAYS]", meaning="what I did not help with: 👎 with reasons, passed on, failed"),)

    def __init__(
        self,
        *,
        unhelped: UnhelpedQuestions,
        may_read: MayRead,
        describe: Callable[[str], str],
        reference_of: Callable[[str], str],
    ) -> None:
        self._unhelped = unhelped
        self._may_read = may_read
        self._describe = describe
        self._reference_of = reference_of

    def fits(self, words: tuple[str, ...]) -> bool:
        """`review my ticket` is a question."""
        return not words or (len(words) == 1 and words[0].isdecimal())

    async def run(self, asked: Asked) -> str:
        days = _days(asked.words)
        found = await self._unhelped.list_unhelped(timedelta(days=days), limit=SHOWN + 1)
        if not found:
            return f"In {days} days there was no 👎, and nothing was passed on or failed."
        lines = [await self._line(one, asked) for one in found[:SHOWN]]
        more = ["", f"There are more: `review {max(1, days // 2)}` looks at fewer days."] if len(found) > SHOWN else []
        return "\n".join([*lines, *more, "", "`why REFERENCE` shows how one of them came about."])

    async def _line(self, one: Unhelped, asked: Asked) -> str:
        """Words of the asker and of those who voted only where this person may read them."""
        may_read = await self._may_read(
            one.place, one.person_id, platform=asked.place.platform, person_id=asked.person_id
        )
        reasons = ", ".join(map(self._describe, one.reasons))
        facts = [
            f"`{self._reference_of(one.question_key)}` {age_of(one.asked_at)}: {one.outcome}",
            f"{one.downs} 👎" if one.downs else "",
            f"case {one.case_state}" if one.case_state else "",
            reasons,
        ]
        said = [_short(text) for text in (one.text, *one.comments)] if may_read else ["(not yours to read)"]
        return f"- {', '.join(filter(None, facts))}" + "".join(f"\n    - {text}" for text in said)


def _days(words: tuple[str, ...]) -> int:
    if not words:
        return DAYS
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 5 and 1 <= int(words[0]) <= MAX_DAYS:
        return int(words[0])
    raise WrongUse(f"It is `review` or `review DAYS`, with a number from 1 to {MAX_DAYS}.")


def _short(text: str) -> str:
    """On one line and without anything that Markdown reads."""
    line = " ".join(text.split()).replace("`", "'")
    return f"`{line if len(line) <= MAX_CHARACTERS else line[:MAX_CHARACTERS] + '...'}`"
