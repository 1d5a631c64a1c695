"""The tools that the tools file names, each behind the checks that hold for all."""

import asyncio
from contextlib import AsyncExitStack, aclosing

from connectors.http import Politeness, Visit, WayOut
from helpdesk_bot.running import running
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.arguments import load_rules
from helpdesk_bot.tools.file import HttpToolPlan, load_tools
from helpdesk_bot.tools.http_tool import HttpTool
from helpdesk_bot.tools.mcp_server import McpServer
from helpdesk_bot.tools.mcp_tool import McpTool
from helpdesk_bot.tools.toolbox import Toolbox


async def tools_of(settings: Settings, *, stack: AsyncExitStack) -> Toolbox:
    """By name; open until `stack` ends, and servers are asked now and then what they offer.

    Raises `NotConfigured` for a file that is wrong.
    """
    if settings.tools_file is None:
        return Toolbox()
    secrets = {name: secret.get_secret_value() for name, secret in settings.tool_secrets.items()}
    plan = await asyncio.to_thread(load_tools, settings.tools_file, secrets)
    await asyncio.to_thread(load_rules)
    way_out = settings.way_out
    http = [await _http_tool(one, way_out, stack) for one in plan.http]
    servers = [await stack.enter_async_context(aclosing(McpServer(one, way_out=way_out))) for one in plan.mcp]
    mcp = [McpTool(tool, server) for server in servers for tool in server.plan.tools]
    tools = Toolbox([*http, *mcp], servers=servers)
    if servers:
        await stack.enter_async_context(running(tools.keep_looking()))
    return tools


async def _http_tool(plan: HttpToolPlan, way_out: WayOut, stack: AsyncExitStack) -> HttpTool:
    politeness = Politeness(
        timeout_s=plan.timeout_s, max_answer_s=plan.timeout_s, max_attempts=1, max_response_bytes=plan.max_bytes
    )
    visit = Visit(
        plan.spec.name,
        base_url=plan.base_url,
        headers=plan.headers,
        politeness=politeness,
        is_in_private_network=plan.is_private,
        way_out=way_out,
    )
    opened = await stack.enter_async_context(visit)
    return HttpTool(plan.spec, plan.request, opened, secrets=plan.secrets)
