"""What can go wrong while helping.

HelpdeskError
|-- ChatError              a platform did not do what it was asked
|   |-- RateLimited            later, and it says when
|   |-- ChatUnavailable        it can't be reached, or is in trouble; whether it took the message is not known
|   `-- ChatRefused            it will never take this: an archived channel, a revoked token
|-- ReaderStopped          whoever watches an answer being written wants no more of it
`-- NotConfigured          a setting that this needs is missing; the message names it
"""


class HelpdeskError(Exception):
    """The bot could not do what it was asked."""


class ChatError(HelpdeskError):
    """A chat platform did not do what it was asked."""


class RateLimited(ChatError):
    """The platform asks to wait; the message was not taken."""

    def __init__(self, *, retry_after_s: float) -> None:
        super().__init__(f"the platform asks to wait {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class ChatUnavailable(ChatError):
    """The platform can't be reached or is in trouble. Whether it took the message is not known."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the platform can't be reached: {reason}")
        self.reason = reason


class ChatRefused(ChatError):
    """The platform will never take this. `reason` is its own word, such as `is_archived`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the platform refuses: {reason}")
        self.reason = reason


class ReaderStopped(HelpdeskError):
    """The reader pressed stop. `text` is what was written until then and passed the checks."""

    def __init__(self, text: str = "") -> None:
        super().__init__("the reader pressed stop")
        self.text = text


class NotConfigured(HelpdeskError):
    """A setting that this needs is missing."""
