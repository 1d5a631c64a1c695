"""What can go wrong with a source of knowledge.

ConnectorError
|-- SourceUnavailable       the place can't be listed now; nothing may be removed on its account
|   |-- NeedsLogin              it won't answer before an admin renews the credentials
|   |-- NotReached              no connection came about: nothing was sent
|   `-- WantsRest               it asks not to be asked before a certain time
|-- RequestFailed           one address gave nothing; its connector decides what that means for a document or a listing
|   |-- HttpRefused             the place says no, and would say so again
|   |   |-- NotFound                there is no such thing (404, 410)
|   |   `-- Forbidden               these credentials may not have it (401, 403)
|   |-- OutOfBounds             we don't go there: another host, another scheme, an address in a private network
|   `-- TooLarge                the answer is larger than was asked for
`-- Unreadable              one document can't be read; the reason is kept and the rest goes on
    |-- UnsupportedMedia        no reader for this media type
    `-- LimitExceeded           reading it would take more CPU, memory, pages or bytes than allowed
"""

import json
from datetime import datetime
from typing import Any, cast


class ConnectorError(Exception):
    """A source of knowledge could not do what it was asked."""


class SourceUnavailable(ConnectorError):
    """The place can't be listed now."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} can't be listed: {reason}")
        self.source = source
        self.reason = reason


class NeedsLogin(SourceUnavailable):
    """The place refuses the credentials themselves; what is stored is served on, with its age."""


class NotReached(SourceUnavailable):
    """No connection came about, so nothing was sent."""


class WantsRest(SourceUnavailable):
    """The place asks not to be asked before `until`."""

    def __init__(self, source: str, reason: str, *, until: datetime) -> None:
        super().__init__(source, f"{reason}: it asks to be left alone until {until.isoformat(timespec='seconds')}")
        self.until = until


class RequestFailed(ConnectorError):
    """One address gave nothing. `reason` is a plain sentence without secrets and without the answer's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HttpRefused(RequestFailed):
    """The place says no to one request, and would say so again."""

    def __init__(self, status: int, reason: str, *, content: bytes = b"") -> None:
        """`content` is the beginning of the answer, for the connector to look at; it is never shown or logged."""
        super().__init__(reason)
        self.status = status
        self.content = content

    @property
    def details(self) -> dict[str, Any]:
        """The answer as a JSON object; empty where it is none."""
        try:
            answer = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


class NotFound(HttpRefused):
    """There is no such thing, or none that these credentials may know of."""


class Forbidden(HttpRefused):
    """These credentials may not have it."""


class OutOfBounds(RequestFailed):
    """The address is not one of the place's own; nothing was sent there."""


class TooLarge(RequestFailed):
    """The answer is larger than was asked for; the rest of it was not read."""


class Unreadable(ConnectorError):
    """One document can't be read. `reason` is a plain sentence without the document's text."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class UnsupportedMedia(Unreadable):
    """There is no reader for this media type."""


class LimitExceeded(Unreadable):
    """Reading the document would take more than its limits allow."""
