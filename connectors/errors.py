"""What can go wrong with a source of knowledge.

ConnectorError
|-- SourceUnavailable   the place can't be listed now; nothing may be removed on its account
`-- Unreadable          one document can't be read; the reason is kept and the rest goes on
    |-- UnsupportedMedia    no reader for this media type
    `-- LimitExceeded       reading it would take more CPU, memory, pages or bytes than allowed
"""


class ConnectorError(Exception):
    """A source of knowledge could not do what it was asked."""


class SourceUnavailable(ConnectorError):
    """The place can't be listed now."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"source {source!r} can't be listed: {reason}")
        self.source = source
        self.reason = reason


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
