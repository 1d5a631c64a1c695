"""No tool connects anywhere but to its own host: asserted by what this process's sockets connect to."""

from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from connectors.http import Politeness, Visit
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.errors import ToolError
from helpdesk_bot.tools.http_tool import HttpRequest, HttpTool
from helpdesk_bot.tools.mcp_connection import McpServerPlan
from helpdesk_bot.tools.mcp_server import McpServer
from helpdesk_bot.tools.tool import ToolSpec
from tests.fakes.inner_services import HOSTS, ODD_ADDRESSES, SPELLINGS, listening_to_sockets, serve
from tests.fakes.tool_site import ToolSite, serving_tools

SPEC = {"name": "look", "title": "Look", "description": "Looks.", "path": "/x"}
INNER = [
    *("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "10.0.0.1"),
    *("172.31.255.255", "192.168.1.1", "100.100.100.200", "fd00:ec2::254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    *("224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "ff02::1"),
]


@pytest.fixture
async def inner_port():
    """A service on this machine that must never be asked."""
    asked = []

    async def answer(request):
        asked.append(request.path)
        return web.json_response({"secret": 1})

    runner, port = await serve(answer)
    yield port
    await runner.cleanup()
    assert asked == []


async def call(tool) -> None:
    with suppress(ToolError):
        await tool.call({}, timeout_s=5)


def connected(heard) -> list[object]:
    return [place for event, place in heard if event in {"socket.connect", "socket.sendto"}]


@pytest.mark.parametrize("address", [*(s.replace("{host}", h) for h in HOSTS for s in SPELLINGS[:2]), *ODD_ADDRESSES])
async def test_a_tool_is_not_pointed_inside_without_an_admins_word(inner_port, tmp_path: Path, address):
    url = address.replace("{port}", str(inner_port)).replace("{own}", "1")
    (tmp_path / "tools.yaml").write_text(yaml.safe_dump({"tools": [SPEC | {"url": url}]}))
    with listening_to_sockets() as heard:
        async with AsyncExitStack() as stack:
            with suppress(NotConfigured):
                tools = await tools_of(Settings(tools_file=tmp_path / "tools.yaml"), stack=stack)
                await call(tools["look"])
    assert connected(heard) == []


@pytest.mark.parametrize("address", [s.replace("{host}", h) for h in HOSTS[:12] for s in SPELLINGS])
async def test_no_redirect_leads_anywhere(inner_port, tmp_path: Path, address):
    site = ToolSite()
    async with serving_tools(site), AsyncExitStack() as stack:
        own = int(site.base_url.rpartition(":")[2])
        site.location = address.replace("{port}", str(inner_port)).replace("{own}", str(own))
        own_tool = SPEC | {"url": site.base_url, "private": True}
        (tmp_path / "tools.yaml").write_text(yaml.safe_dump({"tools": [own_tool]}))
        tools = await tools_of(Settings(tools_file=tmp_path / "tools.yaml"), stack=stack)
        with listening_to_sockets() as heard:
            await call(tools["look"])
        assert set(connected(heard)) == {("127.0.0.1", own)}


@pytest.mark.parametrize("address", INNER)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_name_that_leads_inside_is_not_connected_to(address, method):
    async def resolver(host, port):
        return [address]

    politeness = Politeness(max_attempts=1, timeout_s=5)
    async with Visit("look", base_url="https://tool.example.com", politeness=politeness, resolver=resolver) as visit:
        spec = ToolSpec(name="look", title="Look", description="Looks.", parameters={"type": "object"})
        with listening_to_sockets() as heard, pytest.raises(ToolError, match="not a public address"):
            await HttpTool(spec, HttpRequest(method=method, path="/x"), visit).call({}, timeout_s=5)
        assert heard == []


@pytest.mark.parametrize("host", HOSTS)
async def test_an_mcp_server_is_not_looked_for_inside_without_an_admins_word(inner_port, tmp_path: Path, host):
    for scheme in ("http", "https"):
        server = {"name": "a", "url": f"{scheme}://{host}:{inner_port}/mcp", "tools": {"x": {"title": "X"}}}
        (tmp_path / "tools.yaml").write_text(yaml.safe_dump({"mcp": [server]}))
        with listening_to_sockets() as heard:
            async with AsyncExitStack() as stack:
                with suppress(NotConfigured):
                    tools = await tools_of(Settings(tools_file=tmp_path / "tools.yaml"), stack=stack)
                    await call(tools["a_x"])
        assert connected(heard) == []


async def test_an_mcp_server_does_not_lead_elsewhere(inner_port):
    site = ToolSite()
    async with serving_tools(site):
        own = int(site.base_url.rpartition(":")[2])
        for location in (f"http://127.0.0.1:{inner_port}/mcp", f"http://localhost:{inner_port}/mcp", "//127.0.0.1:1/"):
            site.location = location
            plan = McpServerPlan(name="a", url=f"{site.base_url}/mcp", is_private=True)
            with listening_to_sockets() as heard:
                async with aclosing(McpServer(plan)) as server:
                    await server.look()
            assert server.trouble
            assert set(connected(heard)) == {("127.0.0.1", own)}


def test_there_are_150_cases():
    asked = len(HOSTS) * 2 + len(ODD_ADDRESSES)
    assert asked + 12 * len(SPELLINGS) + 2 * len(INNER) + 2 * len(HOSTS) + 3 >= 150
