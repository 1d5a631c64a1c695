"""The tools file: whole, or refused with the tool and what to do."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.tools.file import ToolsPlan, load_tools

LOOKUP: dict[str, Any] = {
    "name": "ticket_status",
    "title": "Look up a ticket",
    "description": "The state of one ticket.",
    "url": "https://tickets.example.com/api",
    "path": "/tickets/{number}",
    "parameters": {"number": {"pattern": "INC[0-9]{7}"}},
}
ORDER: dict[str, Any] = {
    "name": "order_laptop",
    "title": "Order a laptop",
    "description": "Orders one.",
    "url": "https://orders.example.com",
    "method": "POST",
    "path": "/orders",
    "body": {"model": "{model}", "count": 1},
    "parameters": {"model": {"choices": ["small", "large"]}},
    "changes": True,
    "approvers": ["Boss@example.com"],
}


@pytest.fixture
def load(tmp_path: Path):
    def load(*tools: Any, secrets: dict[str, str] | None = None, **more: Any) -> ToolsPlan:
        path = tmp_path / "tools.yaml"
        path.write_text(yaml.safe_dump({"tools": list(tools), **more}))
        return load_tools(path, secrets or {})

    return load


def test_a_file_is_read(load):
    lookup, order = load(LOOKUP, ORDER).http
    assert not lookup.spec.changes
    assert lookup.spec.parameters["required"] == ["number"]
    assert lookup.spec.parameters["additionalProperties"] is False
    assert order.spec.changes
    assert order.spec.approvers == ("boss@example.com",)


def test_an_empty_file_names_no_tools(tmp_path):
    (tmp_path / "tools.yaml").write_text("")
    assert load_tools(tmp_path / "tools.yaml", {}) == ToolsPlan()


def test_secrets_stand_in_headers_by_name_and_are_not_shown(load):
    plan = load(
        LOOKUP | {"headers": {"authorization": "Bearer ${TICKETS_TOKEN}"}, "basic": None},
        secrets={"TICKETS_TOKEN": "s3cr3t"},
    )
    assert plan.http[0].headers == {"authorization": "Bearer s3cr3t"}
    assert plan.http[0].secrets == ("s3cr3t",)
    assert "s3cr3t" not in repr(plan)


def test_a_name_and_a_password_are_sent_as_basic(load):
    plan = load(LOOKUP | {"basic": {"user": "bot", "password": "${PASSWORD}"}}, secrets={"PASSWORD": "s3cr3t"})
    assert plan.http[0].headers == {"authorization": "Basic Ym90OnMzY3IzdA=="}
    assert set(plan.http[0].secrets) == {"s3cr3t", "Ym90OnMzY3IzdA=="}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "Ticket Status"}, r"tool Ticket Status, name"),
    ({"colour": "red"}, "tool ticket_status, colour: Extra inputs"),
    ({"method": "POST"}, "changes: say true or false for POST"),
    ({"method": "TRACE"}, "tool ticket_status, method"),
    ({"approvers": ["a@b.example"]}, "approvers: they are for tools with changes: true"),
    ({"url": "http://tickets.example.com"}, "https://"),
    ({"url": "ftp://tickets.example.com"}, "https://"),
    ({"url": "https://u:p@tickets.example.com"}, "user name or a password"),
    ({"url": "https://{number}.example.com"}, "can't be asked|no address|arguments go into"),
    ({"url": "https://tickets.example.com/api?x=1"}, "arguments go into path, query or body"),
    ({"url": "https://tickets.example.com/{number}"}, "arguments go into path, query or body"),
    ({"url": "http://127.0.0.1:1"}, "private: true"),
    ({"url": "http://localhost:1"}, "private: true"),
    ({"url": "https://10.0.0.1"}, "private: true"),
    ({"url": "https://192.168.1.1"}, "private: true"),
    ({"url": "https://169.254.169.254"}, "private: true"),
    ({"url": "https://[fd00::1]"}, "private: true"),
    ({"path": "/tickets/{id}"}, "there is no parameter id"),
    ({"path": "/tickets"}, "parameter number stands in neither path, query nor body"),
    ({"path": "/a/../{number}"}, "without climbing"),
    ({"path": "/a?x={number}"}, "pieces between slashes"),
    ({"parameters": {"number": {}}}, "parameter number: in the path it needs a pattern or choices"),
    ({"parameters": {"number": {"pattern": "x", "optional": True}}}, "is not optional"),
    ({"parameters": {"number": {"pattern": "("}}}, "parameters.number: pattern"),
    ({"parameters": {"number": {"type": "integer", "pattern": "1"}}}, "pattern and choices are for strings"),
    ({"headers": {"host": "evil.example.com"}}, "host is set by the client"),
    ({"headers": {"x-a": "one\r\nx-b: two"}}, "tool ticket_status, headers.x-a"),
    ({"headers": {"x a": "one"}}, "tool ticket_status, headers"),
    ({"headers": {"authorization": "Bearer ${NOBODY}"}}, "TOOL_SECRETS has no NOBODY"),
    ({"link": "javascript:alert(1)"}, "link: begins with https://"),
    ({"timeout_s": 0}, "timeout_s"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_what_is_wrong_is_named_with_its_tool(load, change, said):
    with pytest.raises(NotConfigured, match=said):
        load(LOOKUP | change)


def test_two_tools_of_one_name_are_refused(load):
    with pytest.raises(NotConfigured, match="two tools are called ticket_status"):
        load(LOOKUP, LOOKUP)


def test_a_file_that_is_no_yaml_says_the_line(tmp_path):
    (tmp_path / "tools.yaml").write_text("tools:\n  - name: [")
    with pytest.raises(NotConfigured, match="line 2"):
        load_tools(tmp_path / "tools.yaml", {})


def test_an_error_does_not_repeat_a_value_that_may_be_a_secret(load):
    with pytest.raises(NotConfigured) as error:
        load(LOOKUP | {"headers": {"authorization": "Bearer s3cr3t\n"}})
    assert "s3cr3t" not in str(error.value)
