"""Why a payload is nothing to the help desk."""

from enum import StrEnum


class Ignored(StrEnum):
    """Counted under these names."""

    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    OWN = "own"
    BOT = "bot"
    SUBTYPE = "subtype"
    NO_USER = "no_user"
    UNCHANGED = "unchanged"
    """Slack changed something about a message (a preview, a reply count), its author did not."""
    OTHER_REACTION = "other_reaction"
    OTHER_ACTION = "other_action"
    OTHER_FORM = "other_form"
    NOT_OUR_MESSAGE = "not_our_message"
    NOT_US = "not_us"
    """Somebody else joined a channel, or lost a token."""
