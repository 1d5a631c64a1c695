"""Who undoes the deletion of a question in Teams gets it answered again."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import SlackServer
from tests.fakes.teams import Json, TeamsServer
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
_seconds = count(1)


@pytest.fixture
async def office(on_teams: Settings, slack: SlackServer) -> AsyncGenerator[Office]:
    async with open_office(on_teams, slack) as office:
        yield office


def stamped(activity: Json) -> Json:
    """Each later than the one before."""
    return {**activity, "timestamp": (datetime.now(UTC) + timedelta(milliseconds=next(_seconds))).isoformat()}


def deletion(activity: Json) -> Json:
    channel_data = {**activity["channelData"], "eventType": "softDeleteMessage"}
    return stamped({**activity, "type": "messageDelete", "text": None, "channelData": channel_data})


def undeletion(activity: Json) -> Json:
    channel_data = {**activity["channelData"], "eventType": "undeleteMessage"}
    return stamped({**activity, "type": "messageUpdate", "channelData": channel_data})


async def send(office: Office, *activities: Json) -> None:
    for activity in activities:
        response = await office.client.post("/teams/messages", json=activity)
        assert response.status_code == 200, response.text
    await office.settle()


def answers(teams: TeamsServer, place: str) -> list[Json]:
    return [one for one in teams.shown(place) if "12 hours" in str(one.get("text"))]


@pytest.mark.parametrize("kind", ["personal", "channel"])
async def test_it_is_answered_again(office: Office, teams: TeamsServer, kind: str) -> None:
    place = teams.add_personal("bo") if kind == "personal" else teams.add_channel("staff", ["bo", "ada"])
    asked = stamped(teams.message(place, "bo", QUESTION, mention=kind == "channel"))
    await send(office, asked)
    await eventually(lambda: len(answers(teams, place)) == 1)
    await send(office, deletion(asked))
    await eventually(lambda: answers(teams, place) == [])
    back = undeletion(asked)
    await send(office, back, back)
    await eventually(lambda: len(answers(teams, place)) == 1)
    assert await office.fetch("select outcome, deleted_at, revision from helpdesk.question") == [("answered", None, 2)]
    await send(office, deletion(asked))
    await eventually(lambda: answers(teams, place) == [])


async def test_people_see_again_what_was_tried_for_it(
    on_teams: Settings, slack: SlackServer, teams: TeamsServer
) -> None:
    people, staff = teams.add_channel("people", ["ada"]), teams.add_channel("staff", ["bo", "ada"])
    asked = stamped(teams.message(staff, "bo", "what does the canteen serve on Friday?", mention=True))
    arrival = teams.activity(people, "ada", "installationUpdate", action="add")

    def case() -> str:
        return str([one for one in teams.shown(people) if "Question from" in str(one)])

    async with open_office(on_teams.model_copy(update={"teams_escalation_channel": people}), slack) as office:
        await send(office, arrival, asked)
        await eventually(lambda: "Passages I tried" in case())
        await send(office, deletion(asked))
        await eventually(lambda: "taken back" in case())
        assert "Passages I tried" not in case()
        await send(office, undeletion(asked))
        await eventually(lambda: "Passages I tried" in case() and "“canteen”" in case() and "Claim" in case())
        await office.settle()


async def test_deleted_and_brought_back_before_the_bot_saw_either_it_has_one_answer(
    on_teams: Settings, slack: SlackServer, teams: TeamsServer
) -> None:
    place = teams.add_personal("bo")
    asked = stamped(teams.message(place, "bo", QUESTION))
    async with open_office(on_teams, slack, working=False) as office:
        for activity in (asked, deletion(asked), undeletion(asked)):
            assert (await office.client.post("/teams/messages", json=activity)).status_code == 200
    async with open_office(on_teams, slack) as office:
        await office.settle()
        assert len(answers(teams, place)) == 1


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
async def test_in_whatever_order_it_is_heard_of(office: Office, teams: TeamsServer, order: tuple[int, ...]) -> None:
    place = teams.add_personal("bo")
    asked = stamped(teams.message(place, "bo", QUESTION))
    told = (asked, deletion(asked), undeletion(asked))
    await send(office, *(told[number] for number in order))
    await eventually(lambda: len(answers(teams, place)) == 1)
