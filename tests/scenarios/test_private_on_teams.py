"""A private answer in Teams: said in the personal chat, and each refusal to share it is said too."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import SlackServer
from tests.fakes.teams import Fail, Json, TeamsServer
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.secret_page import QUESTION, reveals


@pytest.fixture
async def office(on_teams: Settings, slack: SlackServer) -> AsyncGenerator[Office]:
    async with open_office(on_teams, slack) as office:
        yield office


async def send(office: Office, activity: Json) -> None:
    response = await office.client.post("/teams/messages", json=activity)
    assert response.status_code == 200, response.text
    await office.settle()


def actions(content: Any) -> Iterator[Json]:
    """Every action in a message's cards, those in a card that an action shows included."""
    if isinstance(content, list):
        for one in content:
            yield from actions(one)
    elif isinstance(content, dict):
        if content.get("type") == "Action.Execute":
            yield content
        for one in content.values():
            yield from actions(one)


async def press(office: Office, teams: TeamsServer, place: str, title: str) -> None:
    def found() -> list[tuple[Json, Json]]:
        return [(one, action) for one in teams.shown(place) for action in actions(one) if title in action["title"]]

    await eventually(lambda: bool(found()))
    message, action = found()[0]
    await send(office, teams.press(place, "ada", action, on=message["id"]))


async def test_each_refusal_to_share_is_said(office: Office, teams: TeamsServer) -> None:
    channel, direct = teams.add_channel("staff", ["ada", "bo"]), teams.add_personal("ada")
    await send(office, teams.message(direct, "ada", "hello"))
    await send(office, teams.message(channel, "ada", QUESTION, mention=True))
    await press(office, teams, channel, "private")
    await eventually(lambda: reveals(str(teams.shown(direct))))
    for times in (1, 2):
        await press(office, teams, direct, "Share")
        await eventually(lambda times=times: str(teams.shown(direct)).count("won't post it here") == times)
    assert not reveals(str(teams.shown(channel)))


@pytest.mark.parametrize("refusal", [(404, "MemberNotFoundInConversation"), (403, "BotNotInConversationRoster")])
async def test_whom_teams_does_not_tell_of_reads_what_is_public(
    office: Office, teams: TeamsServer, refusal: tuple[int, str]
) -> None:
    teams.fail("member", *[Fail(*refusal)] * 20)
    direct = teams.add_personal("ada")
    await send(office, teams.message(direct, "ada", QUESTION))
    await send(office, teams.message(direct, "ada", "how long is a voucher for the guest Wi-Fi good for?"))
    await eventually(lambda: "one day" in str(teams.shown(direct)))
    assert not reveals(str(teams.shown(direct)))
    assert "went wrong" not in str(teams.shown(direct))
