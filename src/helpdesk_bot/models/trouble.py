"""What a provider's error means, read from what its client's errors have in common."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from helpdesk_bot.models.ending import counted
from helpdesk_bot.models.errors import ModelFailed

PASSING = frozenset({408, 409, 425, 429})
REFUSED_FOR_ITSELF = frozenset({400, 404, 413, 422})
"""Another request might fare better: a context that is too long says nothing of the model."""
_BROKEN = ("APIConnectionError", "APITimeoutError", "ConnectError", "ReadError", "RemoteProtocolError", "WriteError")


_CUT_SHORT = ("LengthFinishReasonError", "ContentFilterFinishReasonError")
"""What OpenAI's client makes of a reply by a schema that was not written to its end."""


def failed_by(error: Exception, *, has_begun: bool = False, written: str = "") -> ModelFailed:
    """The error in our words: its class, no text of it. A time limit that ran out is no reason to ask again."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return ModelFailed(
            f"{type(error).__name__} {status}",
            is_passing=status in PASSING or status >= 500,
            is_its_own=status not in REFUSED_FOR_ITSELF,
            is_refusal=True,
            retry_after_s=_retry_after(error),
            has_begun=has_begun,
        )
    name = type(error).__name__
    if name in _CUT_SHORT:
        return _cut_short(error)
    is_broken = any(kind.__name__ in _BROKEN for kind in type(error).__mro__) or isinstance(error, OSError)
    is_late = any("Timeout" in kind.__name__ for kind in type(error).__mro__)
    return ModelFailed(name, is_passing=is_broken and not is_late, has_begun=has_begun, written=written)


def _cut_short(error: Exception) -> ModelFailed:
    usage = getattr(getattr(error, "completion", None), "usage", None)
    tokens = (getattr(usage, name, None) or 0 for name in ("prompt_tokens", "completion_tokens"))
    input_tokens, output_tokens = counted(*tokens)
    return ModelFailed("reply cut short", input_tokens=input_tokens, output_tokens=output_tokens, is_its_own=False)


def _retry_after(error: Exception) -> float | None:
    """Seconds, from a header with seconds or with a date."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    value = str(headers.get("retry-after", "")) if headers is not None else ""
    if not value:
        return None
    if value.replace(".", "", 1).isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
