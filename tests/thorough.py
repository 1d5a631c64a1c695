"""How much of what is drawn at random is tried: all of it with `THOROUGH=1` (`make thorough`), a part otherwise."""

import os

IS_THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


def tried(usually: int, *, thoroughly: int) -> int:
    return thoroughly if IS_THOROUGH else usually
