"""Who is on call."""

from datetime import UTC, date, datetime, time, timedelta

from helpdesk_bot.escalation.rota import Helper, Override, Rota
from helpdesk_bot.events import Platform

SLACK = Platform.SLACK


def helper(name: str, **ids: str) -> Helper:
    return Helper(name=name, ids={Platform(platform): known for platform, known in ids.items()})


WEEKLY = Rota(
    helpers=(helper("Bo", slack="UBO"), helper("Cy", slack="UCY"), helper("Di", slack="UDI", teams="29:di")),
    start=date(2026, 11, 2),
    hand_over=time(9),
    time_zone="Europe/Berlin",
)


def test_people_take_weekly_turns() -> None:
    first = datetime(2026, 11, 2, 8, tzinfo=UTC)  # 09:00 in Berlin
    turns = [WEEKLY.on_call(first + timedelta(weeks=week), platform=SLACK) for week in range(4)]
    assert turns == ["UBO", "UCY", "UDI", "UBO"]
    assert WEEKLY.on_call(first - timedelta(seconds=1), platform=SLACK) == "UDI"


def test_the_hand_over_keeps_its_hour_when_the_clocks_change() -> None:
    spring = WEEKLY.start + timedelta(weeks=21)  # 2027-03-29, a day after the clocks went forward
    hand_over = datetime(spring.year, spring.month, spring.day, 7, tzinfo=UTC)  # 09:00 in summer
    before = WEEKLY.on_call(hand_over - timedelta(minutes=1), platform=SLACK)
    assert before != WEEKLY.on_call(hand_over, platform=SLACK) == "UBO"


def test_the_next_person_follows_in_order() -> None:
    at = datetime(2026, 11, 17, tzinfo=UTC)
    assert [WEEKLY.on_call(at, platform=SLACK, then=then) for then in range(3)] == ["UDI", "UBO", "UCY"]


def test_who_swapped_a_day_stands_in_for_that_day() -> None:
    swap = Override(helper="Cy", start=datetime(2026, 11, 3, tzinfo=UTC), end=datetime(2026, 11, 4, tzinfo=UTC))
    rota = Rota(helpers=WEEKLY.helpers, start=WEEKLY.start, overrides=(swap,))
    assert rota.on_call(datetime(2026, 11, 3, 12, tzinfo=UTC), platform=SLACK) == "UCY"
    assert rota.on_call(datetime(2026, 11, 4, tzinfo=UTC), platform=SLACK) == "UBO"
    assert rota.on_call(datetime(2026, 11, 3, 12, tzinfo=UTC), platform=SLACK, then=1) == "UDI"


def test_only_those_whom_the_platform_reaches_are_called() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    assert WEEKLY.on_call(at, platform=Platform.TEAMS) == "29:di"
    assert WEEKLY.on_call(at, platform=Platform.BROWSER) == ""
    assert Rota().on_call(at, platform=SLACK) == ""
