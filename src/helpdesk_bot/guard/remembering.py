"""A check that is made once of a text that comes again, as the passages of what is asked often do."""

from collections.abc import Callable
from functools import lru_cache

from helpdesk_bot.guard.verdicts import Verdict

MOST_TEXTS = 1_000
"""Some 3 MB of passages."""

CleansPassages = Callable[[str], tuple[str, list[Verdict]]]


def remembering(clean: CleansPassages, *, most: int = MOST_TEXTS) -> CleansPassages:
    """As `clean`, which finds the same in the same text each time."""

    @lru_cache(maxsize=most)
    def cleaned(text: str) -> tuple[str, tuple[Verdict, ...]]:
        clean_text, verdicts = clean(text)
        return clean_text, tuple(verdicts)

    def remembered(text: str) -> tuple[str, list[Verdict]]:
        clean_text, verdicts = cleaned(text)
        return clean_text, list(verdicts)

    return remembered
