"""Every command and every button, by everybody who may not: nothing happens, and it is written down."""

from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.events import Action
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.scenarios.admins import ADMIN, ADMIN_COMMANDS, FREE, OUTSIDERS, SEEDED, STATE, command, list_values
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office


@pytest.fixture
def crowd(slack: SlackServer) -> SlackServer:
    slack.add_user("UCY", email="cy@example.com", name="Cy")
    slack.add_user("UFAKE", email=ADMIN, is_guest=True)
    slack.add_user("UOTHER", email=ADMIN, team_id="T0OTHER", is_stranger=True)
    slack.add_user("UFORMER", email=ADMIN, deleted=True)
    slack.add_user("UBOT", email=ADMIN, is_bot=True)
    slack.add_user("UCLAIMS", email=ADMIN, is_email_confirmed=False)
    slack.add_user("UNAMED", email="eve@elsewhere.example", name=ADMIN)
    return slack


@pytest.fixture
async def office(settings: Settings, crowd: SlackServer) -> AsyncGenerator[Office]:
    careful = settings.model_copy(update={"sensitive_words": ("VPN",), "slack_approvers_channel": PEOPLE_CHANNEL})
    async with open_office(careful, crowd) as office:
        yield office


async def test_no_command_for_admins_does_anything_for_anybody_else(office: Office) -> None:
    for person, who in OUTSIDERS.items():
        for text in ADMIN_COMMANDS:
            said = await command(office, person, text)
            assert "is for admins" in said, (who, text, said)
            assert "documents" not in said
    assert await office.fetch("select * from helpdesk.pause") == []
    assert await office.fetch("select * from helpdesk.channel") == []
    assert await office.fetch("select count(*) from helpdesk.audit where allowed") == [(0,)]
    assert await office.fetch("select person_id, count(*) from helpdesk.audit group by 1 order by 1") == [
        (person, len(ADMIN_COMMANDS)) for person in sorted(OUTSIDERS)
    ]
    assert "is for admins" not in await command(office, "UADA", "status")


async def test_no_button_does_anything_for_whom_it_is_not(office: Office) -> None:
    """Forged presses, too: each action with each value, wherever it is pressed."""
    await office.ask("CSTAFF", "UBO", "what does the canteen serve on Friday?")
    await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    [(curated,)] = await office.fetch(SEEDED)
    values = await list_values(office)
    assert len(values) == 2
    office.slack.channel(PEOPLE_CHANNEL).members += ["UFAKE", "UOTHER", "UFORMER", "UBOT"]
    before = await office.fetch(STATE)
    message = office.slack.posted(PEOPLE_CHANNEL)[0]
    presses = iter(range(1_000, 100_000))
    pressed = 0
    for person in OUTSIDERS:
        for action in set(Action) - FREE:
            for value in (*values, f"curated:{curated}"):
                for channel in (PEOPLE_CHANNEL, "CSTAFF"):
                    button = {
                        "type": "button",
                        "action_id": f"helpdesk.{action.value}.1",
                        "value": value,
                        "block_id": "b1",
                        "action_ts": f"18000{next(presses):05d}.000100",
                    }
                    payload = office.slack.payloads.block_actions(channel, person, message, button)
                    assert (await office.send(payload)).status_code == 200
                    pressed += 1
    await office.settle()
    assert pressed == len(OUTSIDERS) * 13 * 3 * 2
    assert await office.fetch(STATE) == before
    assert await office.fetch("select count(*) from helpdesk.audit where allowed") == [(0,)]
    assert office.slack.modals == []


async def test_the_same_buttons_do_for_whom_they_are(office: Office) -> None:
    """What the test before proves, it proves of the people."""
    await office.ask("CSTAFF", "UBO", "what does the canteen serve on Friday?")
    await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    packet, draft = office.slack.posted(PEOPLE_CHANNEL)
    for message, action in ((packet, "claim"), (draft, "approve")):
        before = await office.fetch(STATE)
        await office.send(office.slack.payloads.press(PEOPLE_CHANNEL, "UADA", message, action))
        assert await office.fetch(STATE) != before
