"""Where the asker can't be told any more: the channel is archived, or the bot was removed from it."""

import pytest

from tests.eventually import eventually
from tests.fakes.slack import ErrorWord
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office
from tests.scenarios.escalating import escalate, fill_in, packet, press, state


def direct_messages(office: Office) -> list[str]:
    return [said(message) for message in office.slack.posted(office.slack.open_direct("UBO"))]


@pytest.mark.parametrize("why", ["archived", "removed"])
async def test_a_persons_answer_comes_in_private_and_can_be_ended_there(office: Office, why: str) -> None:
    await escalate(office)
    office.slack.channel("CSTAFF").is_archived = why == "archived"
    office.slack.channel("CSTAFF").has_bot = why != "removed"
    await press(office, "UADA", "claim")
    await eventually(lambda: len(direct_messages(office)) == 1)
    await fill_in(office, "UADA", "answer", {"answer": "Fish, and a soup."})
    await eventually(lambda: len(direct_messages(office)) == 2)
    claimed, answered = direct_messages(office)
    assert "Ada has your question now" in claimed
    assert "You asked “what does the canteen serve on Friday?” where I can't post any more" in answered
    assert "Fish, and a soup." in answered
    direct = office.slack.open_direct("UBO")
    await press(office, "UBO", "resolve", message=office.slack.posted(direct)[1], channel=direct)
    assert (await state(office))[0] == "resolved"


async def test_where_nothing_reaches_the_asker_whoever_has_the_case_hears_so_once(office: Office) -> None:
    await escalate(office)
    office.slack.channel("CSTAFF").is_archived = True
    office.slack.fail("conversations.open", *[ErrorWord("user_disabled")] * 10)
    await press(office, "UADA", "claim")
    await fill_in(office, "UADA", "answer", {"answer": "Fish, and a soup."})
    thread = packet(office)["ts"]
    await eventually(lambda: bool(office.slack.replies(PEOPLE_CHANNEL, thread)))
    await office.settle()
    await eventually(lambda: "It is answered" in said(packet(office)))
    [told] = [said(message) for message in office.slack.replies(PEOPLE_CHANNEL, thread)]
    assert "does not reach Bo" in told
