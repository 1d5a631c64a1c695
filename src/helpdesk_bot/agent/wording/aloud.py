"""An answer said while it is written: whole sentences, each only after what came so far passed the checks."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from helpdesk_bot.agent.compose import Begun
from helpdesk_bot.agent.evidence import whole_text
from helpdesk_bot.errors import ReaderStopped
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.outgoing import cited_numbers, renumber
from helpdesk_bot.guard.verdicts import is_blocked
from knowledge.passages import Passage

_END = re.compile(r"(?:[.!?:](?:\s*\[\d+\])+|\[\d+\][.!?])(?=\s+[^\s\[])|\n(?=\n)")
"""A sentence with its marker, once something other than a marker follows; or a paragraph."""
_FENCE = re.compile(r"^[^\S\n]*(?:`{3,}|~{3,})", re.MULTILINE)


class Aloud:
    """Hears a reply grow, and says what of it holds. After a check that fails it says nothing more."""

    def __init__(
        self,
        *,
        guard: Guard,
        passages: Sequence[Passage],
        say: Callable[[str, Sequence[Passage]], Awaitable[None]],
        begun: Begun | None = None,
    ) -> None:
        """`say` is given each new piece with the passages that everything said so far rests on."""
        self._guard = guard
        self._passages = passages
        self._say = say
        self._checked_to = len(begun.text) if begun else 0
        self._is_silent = False
        self.begun = begun
        """What was said so far."""

    async def hear(self, text: str) -> None:
        """All of the reply that came so far. Raises `ReaderStopped` with what of it was checked."""
        end = _safe_end(text)
        if self._is_silent or end <= self._checked_to:
            return
        self._checked_to = end
        checked, numbers = await asyncio.to_thread(self._check, text[:end])
        said = self.begun.said if self.begun else ""
        if checked is None or not checked.startswith(said):
            self._is_silent = True
            return
        self.begun = Begun(text=text[:end], said=checked)
        piece = checked[len(said) :]
        if not piece:
            return
        try:
            await self._say(piece, [self._passages[number - 1] for number in numbers])
        except ReaderStopped as stopped:
            raise ReaderStopped(text[:end]) from stopped

    def _check(self, text: str) -> tuple[str | None, list[int]]:
        """The text as it will stand in the answer, and the passages it cites; None where something stands on none."""
        cleaned, _ = self._guard.clean_answer(text, citations=len(self._passages))
        numbers = cited_numbers(cleaned)
        cited = {number: whole_text(self._passages[number - 1]) for number in numbers}
        if not cited or is_blocked(self._guard.check_grounding(cleaned, cited)):
            return None, []
        return renumber(cleaned, {number: place for place, number in enumerate(numbers, start=1)}), numbers


def _safe_end(text: str) -> int:
    """Up to where sentences and paragraphs are whole; code and tables wait for their end. 0 where nothing is."""
    end = max((found.end() for found in _END.finditer(text)), default=0)
    if len(_FENCE.findall(text[:end])) % 2:
        opened = [found.start() for found in _FENCE.finditer(text[:end])]
        end = opened[-1]
    is_in_table = "|" in text[:end].rpartition("\n")[2]
    return 0 if is_in_table else end
