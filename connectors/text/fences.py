"""Code in Markdown."""

import re

_BACKTICKS = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")


def fence(code: str, language: str = "") -> str:
    """A code block; its fence is longer than any run of backticks inside. A strange language is left out."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2)
    ticks = "`" * (longest + 1)
    name = language if _LANGUAGE.fullmatch(language) else ""
    return f"{ticks}{name}\n{code.strip(chr(10))}\n{ticks}"
