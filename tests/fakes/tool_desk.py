"""An agent with tools of a system on loopback, with or without a model on loopback."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import SecretStr

from connectors.documents import STAFF
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.tooling.tool_model import ToolModel
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.events import Decision, Said
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.prompts.catalog import load_prompt
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.toolbox import Toolbox
from knowledge.audience import Audience
from tests.fakes.asking import asked_of
from tests.fakes.model_server import ModelServer
from tests.fakes.shelf import Shelf, passage
from tests.fakes.tool_site import ToolSite, serving_tools

SECRET = "s3cr3t-of-the-tickets"
PEOPLE = "The people in IT help have been asked."
COLLEAGUES = Audience.person([STAFF])
LAPTOPS = passage("Laptops are ordered by your manager in the portal, under Hardware.", title="Get a new laptop")
TICKETS = passage("You find the status of your tickets in the portal, under My tickets.", title="See your tickets")
TOOLS: list[dict[str, Any]] = [
    {
        "name": "ticket_status",
        "title": "Look up a ticket",
        "description": "The state of one support ticket, by its number.",
        "path": "/tickets/{number}",
        "headers": {"authorization": "Bearer ${TOKEN}"},
        "parameters": {"number": {"pattern": "INC[0-9]{7}", "title": "ticket number"}},
        "reply": "Ticket {number} is {state}. {note}",
        "link": "https://tickets.example.com",
        "examples": ["What is the status of ticket INC0012345?", "What's happening with my ticket?"],
    },
    {
        "name": "order_laptop",
        "title": "Order a laptop",
        "description": "Orders a standard laptop for the person who asks.",
        "method": "POST",
        "path": "/orders",
        "headers": {"authorization": "Bearer ${TOKEN}"},
        "body": {"model": "{model}", "note": "{note}"},
        "parameters": {
            "model": {"choices": ["small", "large"], "title": "model"},
            "note": {"title": "note", "optional": True},
        },
        "changes": True,
        "approvers": ["it-lead@example.com"],
        "examples": ["Please order a laptop for me", "I need a new laptop"],
    },
    {
        "name": "report_fault",
        "title": "Report a fault of a device",
        "description": "Makes a report about a broken device.",
        "method": "POST",
        "path": "/faults",
        "body": {"text": "{what}"},
        "parameters": {"what": {"title": "description of the fault"}},
        "changes": True,
        "examples": ["Report a fault of my monitor"],
    },
]


@dataclass
class ToolDesk:
    agent: Agent
    tools: Toolbox
    site: ToolSite
    server: ModelServer | None

    async def ask(
        self,
        question: str,
        *,
        audience: Audience = COLLEAGUES,
        sources: frozenset[str] | None = None,
        conversation: str = "t",
        thread: tuple[Said, ...] = (),
    ) -> Decision:
        asked = asked_of(
            question,
            question_key=question,
            conversation_id=conversation,
            audience=audience,
            sources=sources,
            thread=thread,
        )
        return await self.agent.decide(asked)


@asynccontextmanager
async def a_desk(
    folder: Path, *, server: ModelServer | None = None, shelf: Shelf | None = None, **site: Any
) -> AsyncGenerator[ToolDesk]:
    async with serving_tools(ToolSite(**site)) as tickets, AsyncExitStack() as stack:
        path = folder / "tools.yaml"
        own = {"url": tickets.base_url, "private": True}
        path.write_text(yaml.safe_dump({"tools": [tool | own for tool in TOOLS]}))
        settings = Settings(tools_file=path, tool_secrets={"TOKEN": SecretStr(SECRET)})
        model = _model(server) if server else None
        tools = await tools_of(settings, stack=stack)
        parts = Parts(
            search=shelf or Shelf(LAPTOPS, TICKETS),
            composers=(Generative(model, prompt=load_prompt("answer")), Extractive()) if model else (Extractive(),),
            tools=tools,
            tool_model=ToolModel(model, prompt=load_prompt("tools")) if model else None,
            options=AgentOptions(next_step=PEOPLE),
        )
        yield ToolDesk(agent=Agent(parts, history=InMemorySaver()), tools=tools, site=tickets, server=server)


def _model(server: ModelServer) -> Direct:
    return Direct(
        open_chat_model(
            "openai:test-model", api_key=SecretStr("sk-test"), base_url=server.base_url, timeout_s=10, max_tokens=400
        )
    )
