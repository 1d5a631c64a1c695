"""When something was changed, as the place says it."""

from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC, in which one without a zone is taken to be.

    1970 for all that is earlier, or that no clock can show there: programs write the year 1 or 9999 for "never".
    """
    try:
        return max(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC), EPOCH)
    except OverflowError:
        return EPOCH
