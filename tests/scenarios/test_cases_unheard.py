"""Where the asker can't be told any more: the channel is archived, or the bot was removed from it."""

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import ErrorWord, SlackServer
from tests.fakes.slack_blocks import said
from tests.fakes.teams import Json, TeamsServer
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office
from tests.scenarios.escalating import UNKNOWN, escalate, fill_in, packet, press, state


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


async def test_on_teams_too_also_for_whom_the_bot_met_nowhere_else(
    on_teams: Settings, slack: SlackServer, teams: TeamsServer
) -> None:
    people, staff = teams.add_channel("people", ["ada"]), teams.add_channel("staff", ["ada", "bo"])
    async with open_office(on_teams.model_copy(update={"teams_escalation_channel": people}), slack) as office:

        async def send(activity: Json) -> None:
            assert (await office.client.post("/teams/messages", json=activity)).status_code == 200
            await office.settle()

        await send(teams.activity(people, "ada", "installationUpdate", action="add"))
        await send(teams.message(staff, "bo", UNKNOWN, mention=True))
        await send(teams.activity(staff, "bo", "installationUpdate", action="remove"))
        teams.conversation(staff).has_bot = False
        [case] = [one for one in teams.shown(people) if "Claim" in str(one)]
        buttons = case["attachments"][0]["content"]["actions"]
        [claim] = [button for button in buttons if button["title"] == "Claim"]
        await send(teams.press(people, "ada", claim, on=case["id"]))
        await eventually(lambda: "a:bo" in [call.conversation for call in teams.calls_of("send")])
        assert "Ada has your question now" in str(teams.shown("a:bo"))
