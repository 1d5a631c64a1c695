"""What a provider's error means, read from what its client's errors have in common."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connectors.http.trouble import causes, is_refused_by_proxy, trouble_of
from helpdesk_bot.models.ending import counted
from helpdesk_bot.models.errors import Cause, ModelFailed

PASSING = frozenset({408, 409, 425, 429})
REFUSED_FOR_ITSELF = frozenset({400, 413, 422})
"""Another request might fare better: a context that is too long says nothing of the model."""
_BROKEN = ("APIConnectionError", "APITimeoutError", "ConnectError", "ReadError", "RemoteProtocolError", "WriteError")


_CUT_SHORT = ("LengthFinishReasonError", "ContentFilterFinishReasonError")
"""What OpenAI's client makes of a reply by a schema that was not written to its end."""

_OVERFLOW = "ContextOverflowError"
"""What LangChain makes of a request that is too long, in a stream too."""

_STATUS_OF = {
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "invalid_request_error": 400,
    "api_error": 500,
    "server_error": 500,
    "internal_server_error": 500,
}
"""What errors are called that come in a body alone."""

MAX_READ_CHARACTERS = 4_000
"""Of what a provider says of its refusal."""

_SAYS = {
    Cause.NO_MODEL: (
        r"model_not_found|invalid_model|(?:no such|unknown|invalid) model\b|\bnot a valid model|"
        r"\bmodel\b[^.]{0,80}?(?:does not exist|doesn't exist|not exist|not found|is not available)"
    ),
    Cause.NO_CREDIT: r"insufficient_(?:quota|balance|funds|credits?)|credit balance|billing_(?:hard|not)",
    Cause.TOO_LONG: (
        r"context_length_exceeded|exceed_context|context (?:length|window|size|limit)|(?:prompt|input) is too long|"
        r"too many (?:input )?tokens|reduce the length|maximum (?:prompt|input) length|request_too_large"
    ),
    Cause.EFFORT: r"reasoning.?effort",
    Cause.COUNTING: r"stream.?options|include_usage",
    Cause.SCHEMA: r"response.?format|json.?schema|structured.?output|output.?(?:format|config)|\bgrammar\b|\bschema\b",
}
"""What providers write in refusals, by what it is about; the first that fits counts."""
_BY_STATUS = {402: Cause.NO_CREDIT, 404: Cause.NO_MODEL, 413: Cause.TOO_LONG}
_LASTING = frozenset({Cause.NO_MODEL, Cause.NO_CREDIT})
"""They lie with the model and do not pass, whatever the status says."""
_WORDS = {
    Cause.NO_MODEL: "there is no such model, or no such address",
    Cause.NO_CREDIT: "there is no credit left",
    Cause.TOO_LONG: "the request is too long for it",
    Cause.EFFORT: "it takes no such reasoning effort",
    Cause.COUNTING: "it takes no stream options",
    Cause.SCHEMA: "it takes no schema",
}
_BY_STATUS_WORDS = {
    401: "the key is not accepted",
    403: "the key may not use it",
    429: "it asks to wait",
    503: "it is overloaded",
    529: "it is overloaded",
}
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError)
"""What clients raise of a reply that is none: a web page, nothing at all, another protocol's."""


def failed_by(error: Exception, *, has_begun: bool = False, written: str = "") -> ModelFailed:
    """The error in our words: no text of it. A time limit that ran out is no reason to ask again."""
    name = type(error).__name__
    if name in _CUT_SHORT:
        return _cut_short(error)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = 400 if _OVERFLOW in kinds else _status(error)
    if status is not None:
        return _refused(error, status, has_begun=has_begun, written=written)
    is_broken = not kinds.isdisjoint(_BROKEN) or isinstance(error, OSError)
    is_barred = any(map(is_refused_by_proxy, causes(error)))
    is_late = any("Timeout" in kind for kind in kinds)
    if isinstance(error, _UNREADABLE):
        name = f"its reply can't be read ({name})"
    elif is_broken:
        name = trouble_of(error)
    is_passing = is_broken and not is_late and not is_barred
    return ModelFailed(name, is_passing=is_passing, has_begun=has_begun, written=written)


def _refused(error: Exception, status: int, *, has_begun: bool, written: str) -> ModelFailed:
    """One that comes after a part of the reply is paid for with it."""
    cause = _cause(error, status)
    lasts = cause in _LASTING
    other = "it is in trouble" if status >= 500 else type(error).__name__
    said = _WORDS.get(cause) or _BY_STATUS_WORDS.get(status) or other
    return ModelFailed(
        f"{said} (HTTP {status})",
        cause=cause,
        is_passing=not lasts and (status in PASSING or status >= 500),
        is_its_own=lasts or status not in REFUSED_FOR_ITSELF,
        is_refusal=not written,
        retry_after_s=_retry_after(error),
        has_begun=has_begun,
        written=written,
    )


def _status(error: Exception) -> int | None:
    """As it was answered; or as it is named in what came with a 200 or in the middle of a stream."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 400:
        return status
    told = _told(error) if _body(error) else ""
    if named := re.search(r'"(?:code|status)": "?([45]\d\d)\b', told):
        return int(named[1])
    return next((number for word, number in _STATUS_OF.items() if f'"{word}"' in told), None)


def _cause(error: Exception, status: int) -> Cause:
    """What a refusal is about. Its words are read and not kept: they may repeat what was asked."""
    if status in REFUSED_FOR_ITSELF or status == 429:
        told = _told(error)
        for cause, words in _SAYS.items():
            if re.search(words, told, re.IGNORECASE) and (status != 429 or cause is Cause.NO_CREDIT):
                return cause
    return _BY_STATUS.get(status, Cause.UNKNOWN)


def _told(error: Exception) -> str:
    """The body of a refusal as JSON, or what the client made of it."""
    body = _body(error)
    try:
        return (json.dumps(body, default=str) if body else str(error))[:MAX_READ_CHARACTERS]
    except (ValueError, RecursionError):
        return ""


def _body(error: Exception) -> object:
    """LangChain raises what came with a 200 as a ValueError that holds it."""
    is_held = bool(error.args) and isinstance(error.args[0], dict)
    return getattr(error, "body", None) or (error.args[0] if is_held else None)


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
