"""Patterns of the tools file, matched in bounded time: a text can be made so that matching some of them never ends."""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import regex
import structlog

log = structlog.get_logger()
_Found = TypeVar("_Found")

TIME_S = 0.2
"""For one match. What ends well takes microseconds."""
RESTS_S = 60.0
"""How long a pattern that took longer is not tried again: whoever found such a text has more of them."""


class Pattern:
    """What takes too long is not found, and does not fit."""

    def __init__(self, text: str, *, ignores_case: bool = False) -> None:
        """Raises ValueError for what is no pattern."""
        try:
            self._compiled = regex.compile(text, regex.IGNORECASE if ignores_case else 0)
        except regex.error as error:
            raise ValueError(f"pattern: {error}") from error
        self._text = text
        self._rests_until = 0.0

    def is_in(self, text: str) -> bool:
        return self._bounded(lambda: self._compiled.search(text, timeout=TIME_S) is not None, otherwise=False)

    def list_in(self, text: str) -> list[str]:
        """Every match."""
        return self._bounded(lambda: [one[0] for one in self._compiled.finditer(text, timeout=TIME_S)], otherwise=[])

    def blanked_in(self, text: str) -> str:
        """The text with a blank in place of every match."""
        return self._bounded(lambda: self._compiled.sub(" ", text, timeout=TIME_S), otherwise=text)

    def _bounded(self, match: Callable[[], _Found], *, otherwise: _Found) -> _Found:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return match()
        except TimeoutError:
            self._rests_until = time.monotonic() + RESTS_S
            log.warning("pattern takes too long", action="tool.pattern", pattern=self._text, rests_s=RESTS_S)
            return otherwise


@lru_cache(maxsize=1_000)
def pattern_of(text: str, *, ignores_case: bool = False) -> Pattern:
    """The same one each time, so that one that rests does so wherever it is used."""
    return Pattern(text, ignores_case=ignores_case)
