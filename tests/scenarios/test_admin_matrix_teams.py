"""The matrix of `test_admin_matrix` in Teams: commands are said to the bot; a button's data is whatever one sends."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from helpdesk_bot.events import Action
from tests.eventually import eventually_async
from tests.fakes.orders import OrderServer
from tests.fakes.proposing import ProposingAgent
from tests.fakes.teams import Json, TeamsServer
from tests.scenarios.admins import ADMIN, ADMIN_COMMANDS, FREE, SEEDED, STATE, list_values
from tests.scenarios.dialogues.town import TEAMS_HELP, Ground, Town, open_town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

OUTSIDERS: dict[str, Json] = {
    "cy": {"email": "cy@example.com"},
    "guest": {"email": ADMIN, "role": "guest"},
    "anonymous": {"email": ADMIN, "role": "anonymous"},
    "external": {"email": ADMIN, "userPrincipalName": "ada_example.com#EXT#@elsewhere.example"},
    "other": {"email": ADMIN, "tenant": "another-tenant"},
    "named": {"email": "eve@elsewhere.example", "name": ADMIN},
}
"""A colleague, and people with an admin's address: guests, one of another company, one who has it for a name only."""
UNKNOWN = "nobody"
"""No conversation has this person among its members, whatever they call themselves."""
EVERYBODY = (*OUTSIDERS, UNKNOWN)


@pytest.fixture
async def town(
    server_url: str, informed_database: str, handbook: Path, orders: OrderServer, tmp_path: Path
) -> AsyncGenerator[Town]:
    (handbook / "one-more.md").write_text("# One more page\n\nIt is there to be found when the town opens.\n")
    ground = Ground(server_url=server_url, template=informed_database, folder=handbook)
    tools = orders.write_tools(tmp_path)
    async with open_town(
        ground,
        "bo",
        with_platforms=True,
        agent_type=ProposingAgent,
        tools_file=tools,
        teams_tenant_id=TeamsServer().tenant_id,
        sensitive_words=("vpn",),
    ) as town:
        yield town


@pytest.fixture
async def client(town: Town) -> AsyncGenerator[httpx.AsyncClient]:
    async with town.client("127.0.0.1") as client:
        yield client


@pytest.fixture
def staff(town: Town) -> str:
    """A channel where all are that Teams knows."""
    teams = teams_of(town)
    teams.add_user("ada", email=ADMIN)
    teams.add_user("bo", email="bo@example.com")
    teams.conversation(TEAMS_HELP).members.append("ada")
    for who, about in OUTSIDERS.items():
        teams.add_user(who, **about)
        teams.add_personal(who)
    return teams.add_channel("staff", ["ada", "bo", *OUTSIDERS])


@pytest.fixture
def office(town: Town, staff: str) -> str:
    """A channel for two, so that there is something to say."""
    return teams_of(town).add_channel("office", ["ada", "bo"])


def teams_of(town: Town) -> TeamsServer:
    assert town.teams is not None
    return town.teams


async def tell(client: httpx.AsyncClient, activity: Json) -> Any:
    response = await client.post("/teams/messages", json=activity)
    assert response.status_code == 200, response.text
    return response.json() if response.content else {}


async def until_idle(town: Town) -> None:
    async def is_idle() -> bool:
        return not await town.fetch(
            """
            select from helpdesk.question where ended_at is null
            union all
            select from procrastinate_jobs where status in ('todo', 'doing')
            """
        )

    await eventually_async(is_idle, within_s=120)


async def ask(town: Town, client: httpx.AsyncClient, office: str, *texts: str) -> None:
    for text in texts:
        await tell(client, teams_of(town).message(office, "bo", text, mention=True))
    await until_idle(town)


def by(who: str, activity: Json) -> Json:
    """As somebody sends it whom the roster may not have."""
    stranger = {"id": f"29:{who}", "name": ADMIN, "aadObjectId": f"aad-{who}"}
    return activity | ({"from": stranger} if who == UNKNOWN else {})


def saying(town: Town, place: str, who: str, text: str) -> Json:
    return by(who, teams_of(town).message(place, "cy" if who == UNKNOWN else who, text, mention=True))


def pressing(town: Town, place: str, who: str, action: Action, value: str) -> Json:
    carried = {"helpdesk": {"kind": "click", "name": action.value, "value": value}}
    pressed = {"type": "Action.Execute", "verb": "helpdesk", "data": carried}
    return by(who, teams_of(town).press(place, "cy" if who == UNKNOWN else who, pressed, on="1"))


async def test_no_command_for_admins_does_anything_for_anybody_else(
    town: Town, client: httpx.AsyncClient, staff: str
) -> None:
    for who in EVERYBODY:
        for text in ADMIN_COMMANDS:
            await tell(client, saying(town, staff, who, text))
    await until_idle(town)
    assert await town.fetch("select * from helpdesk.pause") == []
    assert await town.fetch("select * from helpdesk.channel") == []
    assert await town.fetch("select distinct person_id from helpdesk.audit where allowed") == []
    assert await town.fetch("select person_id, count(*) from helpdesk.audit group by 1 order by 1") == [
        (f"aad-{who}", len(ADMIN_COMMANDS)) for who in sorted(OUTSIDERS)
    ], "for whom the bot can't write to, nothing is even tried"
    assert str(teams_of(town).shown(staff)).count("open a chat with me first") == len(ADMIN_COMMANDS)
    assert "documents" not in str([teams_of(town).shown(f"a:{who}") for who in OUTSIDERS])


async def test_who_asks_how_it_is_is_not_counted_as_waiting(town: Town, client: httpx.AsyncClient, staff: str) -> None:
    """Said to the bot, a command is a message that is open until it is answered."""
    alone = teams_of(town).add_personal("ada")
    await tell(client, teams_of(town).message(alone, "ada", "status"))
    await until_idle(town)
    assert "0 failed, 0 open" in str(teams_of(town).shown(alone))


async def test_no_button_does_anything_for_whom_it_is_not(
    town: Town, client: httpx.AsyncClient, office: str, orders: OrderServer
) -> None:
    await ask(
        town,
        client,
        office,
        "what does the canteen serve on Friday?",
        "how long does a VPN session last?",
        "order a large laptop",
    )
    [(curated,)] = await town.fetch(SEEDED)
    values = await list_values(town)
    [(proposal,)] = await town.fetch("select id from helpdesk.proposal where state = 'waiting'")
    assert len(values) == 3
    teams_of(town).conversation(TEAMS_HELP).members += [who for who in OUTSIDERS if who not in {"cy", "named"}]
    before = await town.fetch(STATE)
    presses = [
        pressing(town, place, who, action, value)
        for who in EVERYBODY
        for action in sorted(set(Action) - FREE)
        for value in (*values, f"curated:{curated}", proposal)
        for place in (TEAMS_HELP, office)
    ]
    assert len(presses) == len(EVERYBODY) * 13 * 5 * 2
    for press in presses:
        answer = await tell(client, press)
        assert answer.get("type") != "application/vnd.microsoft.card.adaptive", "no form is shown"
    await until_idle(town)
    assert await town.fetch(STATE) == before
    assert await town.fetch("select state from helpdesk.proposal") == [("waiting",)]
    assert await town.fetch("select count(*) from helpdesk.audit where allowed") == [(0,)]
    assert orders.keys == []


async def test_the_same_buttons_do_for_whom_they_are(
    town: Town, client: httpx.AsyncClient, office: str, orders: OrderServer
) -> None:
    """What the test before proves, it proves of the people."""
    await ask(town, client, office, "what does the canteen serve on Friday?", "order a large laptop")
    before = await town.fetch(STATE)
    [(key,)] = await town.fetch("select question_key from helpdesk.escalation")
    [(proposal,)] = await town.fetch("select id from helpdesk.proposal")
    await tell(client, pressing(town, TEAMS_HELP, "ada", Action.CLAIM, key))
    assert await town.fetch(STATE) != before
    await tell(client, pressing(town, office, "bo", Action.AGREE, proposal))
    await until_idle(town)
    assert len(orders.keys) == 1
