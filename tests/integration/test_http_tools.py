"""Tools that are requests: the real client against a system on loopback."""

from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from pydantic import SecretStr
from structlog.testing import capture_logs

from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.errors import BadArguments, ToolFailed, ToolUnclear
from tests.fakes.tool_site import ToolSite, serving_tools

NUMBER = "INC0012345"
LOOKUP: dict[str, Any] = {
    "name": "ticket_status",
    "title": "Look up a ticket",
    "description": "The state of one ticket.",
    "path": "/tickets/{number}",
    "query": {"fields": "state,assignee", "lang": "{language}"},
    "headers": {"authorization": "Bearer ${TOKEN}"},
    "parameters": {"number": {"pattern": "INC[0-9]{7}"}, "language": {"choices": ["en", "de"], "optional": True}},
    "reply": "Ticket {number} is {state}, assigned to {assignee.name}; tags: {tags.*.name}.",
    "link": "https://tickets.example.com",
}
ORDER: dict[str, Any] = {
    "name": "order_laptop",
    "title": "Order a laptop",
    "description": "Orders one.",
    "method": "POST",
    "path": "/orders",
    "body": {
        "model": "{model}",
        "count": "{count}",
        "budget": "{budget}",
        "note": "by bot: {note}",
        "fixed": [1, {"deep": "{model}"}],
    },
    "parameters": {
        "model": {"choices": ["small", "large"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 3},
        "budget": {"type": "number", "maximum": 3_000, "optional": True},
        "note": {"optional": True},
    },
    "changes": True,
}


@asynccontextmanager
async def a_system(tmp_path: Path, site: ToolSite, **change: Any):
    async with serving_tools(site), AsyncExitStack() as stack:
        own = {"url": site.base_url + "/api", "private": True} | change
        path = tmp_path / "tools.yaml"
        path.write_text(yaml.safe_dump({"tools": [LOOKUP | own, ORDER | own]}))
        settings = Settings(tools_file=path, tool_secrets={"TOKEN": SecretStr("s3cr3t")})
        yield await tools_of(settings, stack=stack)


async def test_a_lookup_asks_what_is_written_and_says_the_fields_that_are_named(tmp_path):
    site = ToolSite(answer={"number": NUMBER, "state": "open", "assignee": {"name": "Bo"}, "tags": [{"name": "vpn"}]})
    async with a_system(tmp_path, site) as tools:
        result = await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)
    assert result.text == f"Ticket {NUMBER} is open, assigned to Bo; tags: vpn."
    assert result.link == "https://tickets.example.com"
    (call,) = site.calls
    assert (call.method, call.target) == ("GET", f"/api/tickets/{NUMBER}?fields=state%2Cassignee")
    assert call.headers["authorization"] == "Bearer s3cr3t"
    assert "idempotency-key" not in call.headers


async def test_a_change_is_sent_once_with_its_key_and_values_keep_their_types(tmp_path):
    site = ToolSite(answer={"id": 7})
    async with a_system(tmp_path, site) as tools:
        result = await tools["order_laptop"].call({"model": "large", "count": "2"}, timeout_s=5, key="k-1")
    assert result.text == "id: 7"
    (call,) = site.calls
    assert call.body == {"model": "large", "count": 2, "fixed": [1, {"deep": "large"}]}
    assert call.headers["idempotency-key"] == "k-1"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_change_that_fails_on_their_side_may_have_been_made(tmp_path, status):
    async with a_system(tmp_path, ToolSite(status=status)) as tools:
        with pytest.raises(ToolUnclear, match=f"HTTP {status}"):
            await tools["order_laptop"].call({"model": "large", "count": 1}, timeout_s=5)
        with pytest.raises(ToolFailed):
            await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 422, 429])
async def test_a_change_that_is_refused_was_not_made(tmp_path, status):
    async with a_system(tmp_path, ToolSite(status=status)) as tools:
        with pytest.raises(ToolFailed, match=f"HTTP {status}"):
            await tools["order_laptop"].call({"model": "large", "count": 1}, timeout_s=5)


async def test_a_change_whose_answer_was_lost_is_unclear_and_not_repeated(tmp_path):
    site = ToolSite(hangs_up=True)
    async with a_system(tmp_path, site) as tools:
        with pytest.raises(ToolUnclear):
            await tools["order_laptop"].call({"model": "large", "count": 1}, timeout_s=5)
    assert len(site.calls) == 1


async def test_a_change_that_takes_too_long_is_unclear(tmp_path):
    async with a_system(tmp_path, ToolSite(waits_s=5)) as tools:
        with pytest.raises(ToolUnclear, match="no answer in time"):
            await tools["order_laptop"].call({"model": "large", "count": 1}, timeout_s=0.05)


async def test_a_system_that_is_not_there_did_nothing(tmp_path):
    async with a_system(tmp_path, ToolSite(), url="http://127.0.0.1:9") as tools:
        with pytest.raises(ToolFailed, match="no connection"):
            await tools["order_laptop"].call({"model": "large", "count": 1}, timeout_s=5)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"number": "12"},
        {"number": f"{NUMBER}\n"},
        {"number": f"{NUMBER}/../../admin"},
        {"number": NUMBER, "language": "fr"},
        {"number": NUMBER, "host": "evil.example.com"},
        {"number": [NUMBER]},
        {"number": None},
        {"number": {"a": 1}},
        {"number": 12345},
    ],
)
async def test_arguments_that_do_not_fit_are_not_sent(tmp_path, arguments):
    site = ToolSite()
    async with a_system(tmp_path, site) as tools:
        with pytest.raises(BadArguments):
            await tools["ticket_status"].call(arguments, timeout_s=5)
    assert site.calls == []


@pytest.mark.parametrize("budget", [float("nan"), "nan", float("-inf"), "-1e999"])
async def test_what_is_no_number_that_json_knows_is_not_sent(tmp_path, budget):
    """Models write `NaN` into what they call with, and Python reads it."""
    site = ToolSite()
    async with a_system(tmp_path, site) as tools:
        with pytest.raises(BadArguments, match="no number"):
            await tools["order_laptop"].call({"model": "large", "count": 1, "budget": budget}, timeout_s=5)
    assert site.calls == []


async def test_a_whole_number_is_sent_as_one_however_a_model_writes_it(tmp_path):
    site = ToolSite()
    async with a_system(tmp_path, site) as tools:
        await tools["order_laptop"].call({"model": "large", "count": 2.0}, timeout_s=5)
    assert str(site.calls[0].body["count"]) == "2"


async def test_a_redirect_is_not_followed(tmp_path):
    async with serving_tools() as elsewhere, a_system(tmp_path, ToolSite(location=elsewhere.base_url)) as tools:
        with pytest.raises(ToolFailed, match="redirect"):
            await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)
    assert elsewhere.calls == []


async def test_an_answer_that_is_too_large_or_no_json_says_nothing(tmp_path):
    site = ToolSite(answer=b"x" * 2_000)
    async with a_system(tmp_path, site, max_bytes=1_000) as tools:
        with pytest.raises(ToolFailed):
            await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)
        site.answer = b"<html>"
        with pytest.raises(ToolFailed, match="not JSON"):
            await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)


async def test_an_answer_that_repeats_our_secret_loses_it(tmp_path):
    site = ToolSite(answer={"number": "s3cr3t", "state": "Bearer s3cr3t"})
    async with a_system(tmp_path, site) as tools:
        result = await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)
    assert "s3cr3t" not in result.text


async def test_a_call_is_logged_without_its_arguments(tmp_path):
    structlog.reset_defaults()
    async with a_system(tmp_path, ToolSite(status=404)) as tools:
        with capture_logs() as logs, pytest.raises(ToolFailed):
            await tools["ticket_status"].call({"number": NUMBER}, timeout_s=5)
    (line,) = [line for line in logs if line.get("action") == "tool.call"]
    assert (line["tool"], line["outcome"]) == ("ticket_status", "failed")
    assert NUMBER not in str(logs)
    assert "s3cr3t" not in str(logs)


async def test_without_a_file_there_are_no_tools():
    async with AsyncExitStack() as stack:
        assert await tools_of(Settings(tools_file=None), stack=stack) == {}
