"""What an answer means for the request."""

from enum import Enum

import httpx

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 508, 509, 520, 521, 522, 523, 524, 529, 530})
"""Statuses that may pass: RFC 9110 and those that Cloudflare and overloaded services give."""


class Verdict(Enum):
    FINE = "fine"
    TRY_AGAIN = "try again"
    """It may pass: wait, then ask again."""
    LOG_IN = "log in"
    """The credentials themselves are refused."""
    REFUSED = "refused"
    """This one thing is refused."""


def judge(response: httpx.Response) -> Verdict:
    """The meaning that most places give to a status. The body was read, up to the size asked for.

    A connector whose place means something else hands in a function of its own that falls back on this one.
    """
    if response.is_success or response.status_code == 304:
        return Verdict.FINE
    if response.status_code in _PASSING:
        return Verdict.TRY_AGAIN
    return Verdict.LOG_IN if response.status_code == 401 else Verdict.REFUSED
