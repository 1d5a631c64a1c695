"""An office in which laptops can be ordered, and how people press there."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.delivery import Observer, watch_nothing
from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.orders import OrderServer
from tests.fakes.proposing import ProposingAgent
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office

WISH = "order a large laptop"
_times = count(1)


@asynccontextmanager
async def ordering(
    settings: Settings,
    slack: SlackServer,
    orders: OrderServer,
    folder: Path,
    *,
    observe: Observer = watch_nothing,
    working: bool = True,
    agent_type: type[Agent] = ProposingAgent,
    **tool: Any,
) -> AsyncGenerator[Office]:
    able = settings.model_copy(update={"tools_file": orders.write_tools(folder, **tool)})
    async with open_office(able, slack, agent_type=agent_type, observe=observe, working=working) as office:
        yield office


def pressing(office: Office, user: str, message: Json, action: str, *, channel: str = "CSTAFF") -> Json:
    """A press of its own: Slack names each."""
    at = f"17672{next(_times):05d}.000100"
    return office.slack.payloads.press(channel, user, message, action, at=at)


async def press(office: Office, user: str, message: Json, action: str, *, channel: str = "CSTAFF") -> str:
    """What whoever pressed is told in private."""
    return await send(office, pressing(office, user, message, action, channel=channel))


async def send(office: Office, payload: Json) -> str:
    before = len(office.slack.whispers)
    assert (await office.send(payload)).status_code == 200
    return "\n".join(said(one) for one in office.slack.whispers[before:])


def shown(office: Office, reply: Json, channel: str = "CSTAFF") -> str:
    """The reply as it stands now."""
    [now] = [one for one in office.slack.replies(channel, reply["thread_ts"]) if one["ts"] == reply["ts"]]
    return said(now)


async def until_shown(office: Office, reply: Json, words: str, channel: str = "CSTAFF") -> str:
    await eventually(lambda: words in shown(office, reply, channel))
    return shown(office, reply, channel)


async def states_of(office: Office) -> list[str]:
    rows = await office.fetch("select state from helpdesk.proposal order by revision, attempt, made_at")
    return [state for (state,) in rows]


async def presses_of(office: Office) -> list[tuple[str, str, bool]]:
    """What the audit holds: who, what, and whether it was allowed."""
    rows = await office.fetch("select person_id, words, allowed from helpdesk.audit where action = 'proposal'")
    return [(person_id, words.split()[0], allowed) for person_id, words, allowed in rows]
