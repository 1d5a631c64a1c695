"""Every command and every button, by everybody who may not: nothing happens, and it is written down."""

from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.desk.seen import value_of
from helpdesk_bot.events import Action
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office
from tests.scenarios.dialogues.town import Town
from tests.scenarios.test_admin_commands import ADMIN_COMMANDS, command

ADMIN = "ada@example.com"
OUTSIDERS = {
    "UCY": "a colleague",
    "UFAKE": "a guest with an admin's address",
    "UOTHER": "somebody of another company with an admin's address",
    "UFORMER": "an admin who has left",
    "UBOT": "a bot with an admin's address",
    "UCLAIMS": "a member whose address is an admin's and was never confirmed",
    "UNAMED": "a member whose name is an admin's address",
    "UNOBODY": "nobody that Slack knows",
}


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


SEEDED = """
insert into helpdesk.curated
  (question, answer, owner, all_of, platform, tenant, channel, place_kind, drafted_by, expires_on)
values
  ('When is lunch?', 'At noon.', 'Ada', '[["staff"]]', 'slack', 'T0HELP', 'CSTAFF', 'channel', 'UADA', '2099-01-01')
returning id
"""
STATE = """
select
  (select jsonb_agg(row(state, claimed_by, answered_by, answer, closed_by)) from helpdesk.escalation),
  (select jsonb_agg(row(state, decided_by)) from helpdesk.draft),
  (select jsonb_agg(row(state, decided_by)) from helpdesk.curated),
  (select jsonb_agg(row(key, outcome) order by key) from helpdesk.question),
  (select count(*) from helpdesk.outgoing)
"""
FREE = {Action.ASK_PERSON, Action.REASON}
"""What whoever reads the message may press."""


async def list_values(at: Office | Town) -> list[str]:
    """What buttons about each question carry. One has a draft that waits: its revision is part of that."""
    keys = [key for (key,) in await at.fetch("select key from helpdesk.question order by key")]
    [(drafted, revision, state)] = await at.fetch("select question_key, revision, state from helpdesk.draft")
    assert state == "waiting"
    return [value_of(key, revision) if key == drafted else key for key in keys]


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
