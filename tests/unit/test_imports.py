"""No command imports what it does not need, and no start what nobody has set: seconds of time, megabytes of memory."""

from subprocess import run
from sys import executable

import pytest

AGENT = {"langgraph", "langchain_core", "langsmith"}
DESK = {"helpdesk_bot.desk", "helpdesk_bot.chat", "helpdesk_bot.commands", "starlette", "uvicorn"}
ONLY_WHERE_SET = {
    "botbuilder",
    "google.auth",
    "guardrails",
    "jsonschema",
    "langchain",
    "langchain_anthropic",
    "langchain_openai",
    "mcp",
    "slack_bolt",
    "slack_sdk",
}
ONLY_IN_PASSING = {"genai_prices", "ir_measures", "mammoth", "pptx", "pypdf"}
"""In a child process, in an evaluation, or after a call of a model."""
ALL = AGENT | DESK | ONLY_WHERE_SET | ONLY_IN_PASSING | {"httpx", "numpy", "procrastinate", "psycopg", "pydantic"}


def list_imported(module: str) -> set[str]:
    """By a new process that imports this module alone."""
    code = f"import sys, helpdesk_bot.{module}; print(*sys.modules)"
    return set(run([executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("cli.main", ALL),
        ("cli.examining", AGENT | DESK | ONLY_WHERE_SET | ONLY_IN_PASSING),
        ("cli.syncing", AGENT | DESK | ONLY_WHERE_SET | ONLY_IN_PASSING),
        ("cli.asking", DESK | ONLY_WHERE_SET | ONLY_IN_PASSING),
        ("cli.serving", ONLY_WHERE_SET | ONLY_IN_PASSING),
    ],
)
def test_a_command_imports_no_more_than_it_needs(module: str, spared: set[str]) -> None:
    assert not list_imported(module) & spared


@pytest.mark.slow
def test_what_is_spared_is_there_to_be_imported() -> None:
    code = f"import importlib; [importlib.import_module(name) for name in {ALL}]"
    run([executable, "-W", "ignore", "-c", code], check=True)
