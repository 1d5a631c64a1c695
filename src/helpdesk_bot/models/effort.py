"""Models that think before they write, and are paid for it: how much they are asked to, and may."""

import re

EFFORTS = ("low", "none", None)
"""Asked for in this order, the next where one is refused; None leaves it to the provider.

By default they think a medium amount: which may leave none of a reply's tokens for the answer. From gpt-5.5 on they
take no tools by Chat Completions unless they think `none`.
"""
THINKING_TOKENS = 2_000
"""On top of those of a reply."""

_THINKS = re.compile(r"(?:[\w-]+/)?(?:o\d|gpt-(?:5(?!\.[1-4])|[6-9]))(?!.*chat)", re.IGNORECASE)
"""OpenAI's that do so unasked. gpt-5.1 to 5.4 think only when they are told to (langchain-openai's table of models)."""


def thinks(spec: str) -> bool:
    """Of provider:model."""
    provider, _, model = spec.partition(":")
    return provider == "openai" and bool(_THINKS.match(model))


def thinking_tokens(spec: str) -> int:
    """What a reply may have beside its text."""
    return THINKING_TOKENS if thinks(spec) else 0
