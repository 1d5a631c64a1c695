"""How a reply ended and what it used, as providers tell it: each in its own words, and some tell nonsense."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages.ai import UsageMetadata

_WORDS = """
length max_tokens max_output_tokens model_length model_context_window_exceeded content_filter refusal safety recitation
blocklist prohibited_content spii error abort insufficient_system_resource
"""
_CUT_SHORT = frozenset(_WORDS.split())
"""What providers call a reply that was not written to its end."""
_KEYS = ("finish_reason", "stop_reason", "done_reason", "stopReason")
ALWAYS_END = frozenset({"openai", "anthropic"})
"""Providers whose streams say how they end: one that doesn't has broken off."""
MOST_TOKENS = 10_000_000
"""More is no count of one call: no model reads or writes as much."""


def is_cut_short(metadata: Mapping[str, Any]) -> bool:
    """Whether the reply stops where its writer did not mean to: half a sentence may say the opposite of the whole."""
    return any(str(ending).casefold() in _CUT_SHORT for ending in _endings(metadata))


def has_ended(metadata: Mapping[str, Any]) -> bool:
    return bool(_endings(metadata))


def _endings(metadata: Mapping[str, Any]) -> list[Any]:
    return [metadata[key] for key in _KEYS if metadata.get(key)]


def model_of(metadata: Mapping[str, Any]) -> str:
    """As the provider names it; empty where it doesn't."""
    return str(metadata.get("model_name") or metadata.get("model") or "")


def tokens_of(usage: "UsageMetadata | None") -> tuple[int, int]:
    """In and out; zeros where it is not told, or can't be."""
    if usage is None:
        return 0, 0
    return counted(usage["input_tokens"], usage["output_tokens"])


def counted(input_tokens: int, output_tokens: int) -> tuple[int, int]:
    is_count = all(0 <= tokens <= MOST_TOKENS for tokens in (input_tokens, output_tokens))
    return (int(input_tokens), int(output_tokens)) if is_count else (0, 0)


def added(before: tuple[int, int], now: tuple[int, int]) -> tuple[int, int]:
    """Of a stream. A part that counts the prompt again counts all that came before it; others tell what is new."""
    if before[0] and now[0]:
        return max(before[0], now[0]), max(before[1], now[1])
    return before[0] + now[0], before[1] + now[1]
