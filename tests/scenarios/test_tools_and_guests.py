"""What a tool said is for colleagues: a guest who comes to read along meanwhile is shown none of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Platform, Step
from helpdesk_bot.settings import Settings
from tests.fakes.orders import OrderServer
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.fakes.tool_site import ToolSite, serving_tools
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.idle import until_idle
from tests.scenarios.ordering import WISH, ordering, press, until_shown

QUESTION = "What is the status of ticket INC0012345?"
SECRET = "the acquisition of Quillmoor"
LOOKUP: dict[str, Any] = {
    "name": "ticket_status",
    "title": "Look up a ticket",
    "description": "The state of one support ticket, by its number.",
    "path": "/tickets/{number}",
    "parameters": {"number": {"pattern": "INC[0-9]{7}", "title": "ticket number"}},
    "reply": "Ticket {number} is {state}.",
    "examples": [QUESTION],
    "private": True,
}


def bring_in_a_guest(office: Office) -> None:
    """Bo is a guest from now on, and reads the staff's channel; Slack has said so."""
    office.slack.add_user("UBO", email="bo@example.com", name="Bo", is_guest=True)
    chat = office.app.chats[Platform.SLACK]
    assert isinstance(chat, SlackChat)
    chat.people.forget("UBO")


@pytest.mark.parametrize("step", [None, Step.READING, Milestone.DECIDED, Milestone.PLANNED])
async def test_what_a_lookup_said_is_not_posted_once_a_guest_reads_along(
    settings: Settings, slack: SlackServer, tmp_path: Path, step: Step | Milestone | None
) -> None:
    offices: list[Office] = []

    def watch(_: str, reached: Milestone | Step) -> None:
        if reached == step:
            bring_in_a_guest(*offices)

    site = ToolSite(answer={"number": "INC0012345", "state": SECRET})
    async with serving_tools(site):
        path = tmp_path / "tools.yaml"
        path.write_text(yaml.safe_dump({"tools": [LOOKUP | {"url": site.base_url}]}))
        able = settings.model_copy(update={"tools_file": path})
        async with open_office(able, slack, observe=watch) as office:
            offices.append(office)
            reply = await office.ask("CSTAFF", "UADA", QUESTION)
            assert (SECRET in said(reply)) is (step is None), said(reply)


@pytest.mark.parametrize("comes", [False, True])
async def test_what_a_system_said_to_a_change_is_not_posted_once_a_guest_reads_along(
    settings: Settings, slack: SlackServer, orders: OrderServer, tmp_path: Path, comes: bool
) -> None:
    orders.state = SECRET
    offices: list[Office] = []

    def watch(_: str, reached: Milestone | Step) -> None:
        if comes and reached is Milestone.CALLED:
            bring_in_a_guest(*offices)

    async with ordering(settings, slack, orders, tmp_path, observe=watch) as office:
        offices.append(office)
        reply = await office.ask("CSTAFF", "UADA", WISH)
        await press(office, "UADA", reply, "agree")
        told = await until_shown(office, reply, "It is done.")
        await until_idle(office)
        assert len(orders.made) == 1
        assert (SECRET in told) is not comes, told
