"""Times as places say them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.times import EPOCH, as_utc

EAST = timezone(timedelta(hours=14))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (datetime(2026, 11, 1, 14, tzinfo=EAST), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(1, 1, 1, tzinfo=EAST), EPOCH),
        (datetime(1, 1, 1, tzinfo=UTC), EPOCH),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))), EPOCH),
    ],
)
def test_a_time_is_told_in_utc_and_never_is_1970(said: datetime, meant: datetime) -> None:
    assert as_utc(said) == meant
