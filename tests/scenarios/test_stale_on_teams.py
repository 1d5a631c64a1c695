"""A page changes under an answer in Teams: the message is marked in place, and taken back where the page is gone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import SlackServer
from tests.fakes.teams import Json, TeamsServer
from tests.scenarios.conftest import Office, open_office

QUESTION = "how long does a VPN session last?"
OUT_OF_DATE = "may be out of date"


async def answer(office: Office, teams: TeamsServer, place: str) -> Json:
    activity = teams.message(place, "bo", QUESTION, mention=place.startswith("19:"))
    activity["timestamp"] = datetime.now(UTC).isoformat()
    response = await office.client.post("/teams/messages", json=activity)
    assert response.status_code == 200, response.text
    await eventually(lambda: any("12 hours" in text_of(one) for one in teams.shown(place)))
    await office.settle()
    [message] = [one for one in teams.shown(place) if "12 hours" in text_of(one)]
    return message


def text_of(message: Json) -> str:
    return str(message.get("text") or "")


def shown(teams: TeamsServer, place: str, message: Json) -> str:
    return next(text_of(one) for one in teams.shown(place) if one["id"] == message["id"])


@pytest.mark.parametrize("kind", ["personal", "channel"])
async def test_an_answer_is_marked_once_in_place_and_taken_back_with_its_page(
    on_teams: Settings, slack: SlackServer, teams: TeamsServer, handbook: Path, kind: str
):
    place = teams.add_personal("bo") if kind == "personal" else teams.add_channel("staff", ["bo", "ada"])
    page = handbook / "vpn.md"
    async with open_office(on_teams, slack) as office:
        message = await answer(office, teams, place)
        page.write_text(page.read_text("utf-8").replace("12 hours", "8 hours"), "utf-8")
        for _ in range(2):
            await office.app.knowledge.sync("handbook")
            await office.app.desk.staleness.look()
            await eventually(lambda: OUT_OF_DATE in shown(teams, place, message))
            await office.settle()
        marked = shown(teams, place, message)
        page.unlink()
        await office.app.knowledge.sync("handbook")
        await office.app.desk.staleness.look()
        await eventually(lambda: "took this answer back" in shown(teams, place, message))
    assert "12 hours" in marked
    assert marked.count(OUT_OF_DATE) == 1
    assert "12 hours" not in shown(teams, place, message)
    assert [one["id"] for one in teams.shown(place)] == [message["id"]]
