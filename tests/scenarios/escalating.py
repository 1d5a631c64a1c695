"""Cases in Slack: how one begins, what people press and fill in, and what they read."""

from datetime import UTC, datetime, timedelta

from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office

KEPT_UNTIL = datetime.now(UTC).date() + timedelta(days=200)
UNKNOWN = "what does the canteen serve on Friday?"
_presses = iter(range(100, 100_000))


async def escalate(office: Office, channel: str = "CSTAFF", user: str = "UBO", text: str = UNKNOWN) -> str:
    """Ask what nobody wrote down; the thread where it was asked."""
    reply = await office.ask(channel, user, text)
    await office.settle()
    return str(reply["thread_ts"])


def packet(office: Office) -> Json:
    return office.slack.posted(PEOPLE_CHANNEL)[0]


async def press(office: Office, user: str, action: str, *, message: Json | None = None, channel: str = "") -> Json:
    """Press a button, by default of the packet; the payload."""
    at = f"18000{next(_presses):05d}.000100"
    payload = office.slack.payloads.press(channel or PEOPLE_CHANNEL, user, message or packet(office), action, at=at)
    response = await office.send(payload)
    assert response.status_code == 200, response.text
    return payload


async def fill_in(
    office: Office, user: str, action: str, fields: dict[str, str], *, message: Json | None = None
) -> Json:
    """Press a button, and send off the form that opens; the payload."""
    before = len(office.slack.modals)
    await press(office, user, action, message=message)
    assert len(office.slack.modals) == before + 1, "no form was opened"
    payload = office.slack.payloads.submission(user, office.slack.modals[-1][1], fields)
    response = await office.send(payload)
    assert response.status_code == 200, response.text
    return payload


def whispered(office: Office) -> str:
    return str(office.slack.whispers[-1]) if office.slack.whispers else ""


async def state(office: Office) -> tuple[str, str]:
    [(state, claimed_by)] = await office.fetch("select state, claimed_by from helpdesk.escalation")
    return state, claimed_by


def thread_says(office: Office, thread: str, text: str, channel: str = "CSTAFF") -> bool:
    return any(text in said(message) for message in office.slack.replies(channel, thread))
