"""How much of what is drawn at random is tried: all of it with `THOROUGH=1` (`make thorough`), a part otherwise."""

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

IS_THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


Case = TypeVar("Case")


def tried(usually: int, *, thoroughly: int) -> int:
    return thoroughly if IS_THOROUGH else usually


def some_of(cases: Iterable[Case], *, every: int) -> list[Case]:
    """One of so many, evenly spread; all of them with `THOROUGH=1`."""
    return list(islice(cases, 0, None, tried(every, thoroughly=1)))
