"""The escalation file, and what it says when it is wrong."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.escalation import load_plan
from helpdesk_bot.events import Addressed, Place, PlaceKind, Platform, Question

WHOLE = """
people:
  - {name: Bo, slack: UBO}
  - {name: Cy, slack: UCY, teams: "29:cy"}
channel: {slack: C0PEOPLE, teams: "19:people@thread.tacv2"}
second_channel: {slack: C0DUTY}
rota:
  people: [Bo, Cy]
  start: 2026-11-02
  hand_over: 09:30
  time_zone: Europe/Berlin
  overrides:
    - {who: Cy, start: 2026-11-03 00:00, end: 2026-11-04 00:00}
hours:
  time_zone: Europe/Berlin
  monday: 09:00-12:00, 13:00-17:00
  friday: 09:00-24:00
  holidays: [2026-12-25]
timers: {remind_minutes: 5, next_minutes: 0, tell_minutes: 30}
routes:
  - {words: [salary, payroll], channel: {slack: C0HR}}
  - {sources: [finance], channel: {slack: C0FIN}}
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "escalation.yaml"
    path.write_text(text)
    return load_plan(path)


def question(text: str, channel: str = "C1") -> Question:
    place = Place(platform=Platform.SLACK, tenant="T", channel=channel, thread="1", kind=PlaceKind.CHANNEL)
    return Question(
        key="q",
        place=place,
        person_id="U1",
        message_id="1",
        text=text,
        asked_at=datetime(2026, 1, 1, tzinfo=UTC),
        addressed=Addressed.MENTION,
    )


def test_the_whole_file_is_read(tmp_path: Path) -> None:
    plan = load(tmp_path, WHOLE)
    assert plan.team.channels == {Platform.SLACK: "C0PEOPLE", Platform.TEAMS: "19:people@thread.tacv2"}
    assert plan.team.second_channels == {Platform.SLACK: "C0DUTY"}
    rota = plan.team.rota
    assert (rota.start, rota.hand_over) == (date(2026, 11, 2), time(9, 30))
    assert rota.overrides[0].start == datetime(2026, 11, 2, 23, tzinfo=UTC)
    assert rota.on_call(datetime(2026, 11, 3, 12, tzinfo=UTC), platform=Platform.SLACK) == "UCY"
    assert plan.timer.remind_after == timedelta(minutes=5)
    assert plan.timer.call_next_after is None
    assert plan.hours.is_open(datetime(2026, 11, 27, 22, 59, tzinfo=UTC))
    assert not plan.hours.is_open(datetime(2026, 11, 23, 11, 30, tzinfo=UTC))


def test_questions_find_their_team(tmp_path: Path) -> None:
    plan = load(tmp_path, WHOLE)
    assert plan.team_for(question("When is Payroll?")).channels == {Platform.SLACK: "C0HR"}
    assert plan.team_for(question("x"), ["finance", "handbook"]).channels == {Platform.SLACK: "C0FIN"}
    assert plan.team_for(question("x"), ["handbook", "finance"]) == plan.team


def test_an_empty_file_reaches_nobody(tmp_path: Path) -> None:
    assert load(tmp_path, "").team.channels == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channels: {slack: C1}", "channels"),
        ("channel: {irc: C1}", "channel"),
        ("hours: {monday: 9 to 5}", "09:00-17:00"),
        ("hours: {monday: 22:00-06:00}", "ends before it begins"),
        ("hours: {time_zone: Middle/Earth}", "no time zone"),
        ("rota: {people: [Zoe]}", "Zoe"),
        ("rota: {people: []}", "people"),
        ("routes: [{channel: {slack: C1}}]", "asked_in, sources or words"),
        ("timers: {remind_minutes: -1}", "remind_minutes"),
        ("a: [", "can't be read"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(NotConfigured, match="ESCALATION_FILE") as refused:
        load(tmp_path, text)
    assert said in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match=r"nowhere\.yaml"):
        load_plan(tmp_path / "nowhere.yaml")
