"""The manifest asks Slack for what the code needs, and for nothing else."""

import ast
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import yaml

from helpdesk_bot.chat.slack import SlackBot, SlackChat
from helpdesk_bot.chat.slack.payloads import ASK_SHORTCUT, SAVE_SHORTCUT, Ignored, read
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform, SharedFile, Step
from helpdesk_bot.messages import Field, Form, FormName, Greeting, Home, Notice, Reply
from tests.fakes.slack import METHODS, SCOPES, SlackServer
from tests.fakes.slack_payloads import SlackPayloads

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "infra/slack/manifest.yaml").read_text())
DOCS = (ROOT / "docs/slack.md").read_text()
SCOPES_ASKED = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
SLACK = SlackPayloads(team_id="T0HELP", app_id="A0HELP", bot_user_id="UBOT")
BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")

DELIVERED_WITH = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "assistant_thread_started": "assistant:write",
    "assistant_thread_context_changed": "assistant:write",
    "channel_archive": "channels:read",
    "channel_id_changed": "groups:read",
    "channel_rename": "channels:read",
    "group_archive": "groups:read",
    "group_rename": "groups:read",
    "member_joined_channel": "channels:read",
    "user_change": "users:read",
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
}
"""The right that Slack delivers each event for (docs.slack.dev/reference/events)."""


def place(channel: str, thread: str | None = None) -> Place:
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel=channel, thread=thread, kind=kind)


def test_the_fake_and_the_bot_demand_what_the_manifest_asks_for() -> None:
    assert frozenset(SCOPES_ASKED) == SCOPES
    assert len(SCOPES_ASKED) == len(SCOPES)


def test_every_scope_is_explained_in_the_manifest_and_in_the_docs() -> None:
    lines = (ROOT / "infra/slack/manifest.yaml").read_text().splitlines()
    for scope in SCOPES_ASKED:
        [line] = [line for line in lines if line.strip().startswith(f"- {scope} ")]
        assert " # " in line, scope
        assert f"`{scope}`" in DOCS, scope


def test_every_event_has_the_right_that_it_is_delivered_for() -> None:
    assert set(EVENTS) == set(DELIVERED_WITH)
    assert {scope for scope in DELIVERED_WITH.values() if scope} <= set(SCOPES_ASKED)


def test_every_shortcut_and_command_is_one_that_the_code_knows() -> None:
    shortcuts = {shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]}
    assert shortcuts == {ASK_SHORTCUT, SAVE_SHORTCUT}
    message = {"user": "UBO", "text": "?", "ts": "1.1"}
    assert all(not isinstance(read(SLACK.shortcut(each, "C1", "UADA", message), BOT), Ignored) for each in shortcuts)
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == ["/helpdesk"]


def test_every_address_is_the_one_that_the_routes_serve() -> None:
    text = (ROOT / "infra/slack/manifest.yaml").read_text()
    assert re.findall(r"https://helpdesk\.example\.com(/\S+)", text) == ["/slack/events"] * 3


def test_the_fake_knows_every_method_that_the_code_calls() -> None:
    """So that no method goes untested for its rights, its arguments and its limits."""
    called: set[str] = set()
    for path in (ROOT / "src/helpdesk_bot/chat/slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
                called |= {node.attr} if owner == "methods" and "_" in node.attr else set()
    assert {name.replace("_", ".") for name in called} - {"api.call"} <= set(METHODS)
    assert len(called) > 20


Use = Callable[[SlackServer, SlackChat], Awaitable[object]]


async def use_direct(slack: SlackServer, chat: SlackChat) -> None:
    assert not await chat.is_shared(await chat.get_direct_place("UADA"))
    await chat.find_posted(place("DUADA"), marker="m")


async def use_channel(slack: SlackServer, chat: SlackChat, channel: str) -> None:
    thread = slack.say(channel, "UADA", "?")
    await chat.show_progress(place(channel, thread), Step.SEARCHING)
    posted = await chat.post(place(channel, thread), answer("word " * 5_000), marker="m")
    await chat.edit(place(channel, thread), posted, answer("short"), marker="m")
    assert not await chat.is_shared(place(channel))
    assert await chat.list_readers(place(channel)) is not None
    assert await chat.read_thread(place(channel, thread), max_messages=5)
    await chat.posts.find_first_part(place(channel), posted)
    await chat.whisper(place(channel, thread), "UADA", Notice(text="Only you."), marker="w")
    assert slack.whispers
    await chat.withdraw(place(channel, thread), posted, marker="m")


async def use_stream(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    stream = await chat.open_stream(where, "UADA", marker="m")
    assert stream is not None
    await stream.append("Some words. ")
    await stream.finish(answer("Some words."))
    assert slack.calls_of("chat.startStream")[0].error == ""


async def use_surfaces(slack: SlackServer, chat: SlackChat) -> None:
    thread = slack.open_pane("UADA")["event"]["assistant_thread"]["thread_ts"]
    await chat.surfaces.suggest(place("DUADA", thread), Greeting(text="Hi", suggestions=("How?",)))
    await chat.surfaces.set_title(place("DUADA", thread), "How?")
    await chat.surfaces.publish_home("UADA", Home(sections=("Hi",)))
    trigger = slack.payloads.command("CIT", "UADA", "")["trigger_id"]
    form = Form(name=FormName.REASON, value="m", title="Why?", fields=(Field(name="why", label="Why?"),))
    await chat.surfaces.open_form(form, place("CIT"), trigger_id=trigger)


async def use_rest(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_file("F1", b"x")
    slack.add_group("S1", "hr", ["UADA"])
    file = SharedFile(id="F1", name="a", media_type="text/plain", size_bytes=1)
    assert await chat.load_file(file, max_bytes=10) == b"x"
    assert any((await chat.groups.memberships()).values())


def answer(text: str) -> Reply:
    return Reply(question_key="k", outcome=Outcome.ANSWERED, text=text)


USES: dict[str, Use] = {
    "direct": use_direct,
    "public": lambda slack, chat: use_channel(slack, chat, "CIT"),
    "private": lambda slack, chat: use_channel(slack, chat, "GPRIVATE"),
    "group": lambda slack, chat: use_channel(slack, chat, "GPEOPLE"),
    "stream": use_stream,
    "surfaces": use_surfaces,
    "rest": use_rest,
}
NOT_FOR_METHODS = {"app_mentions:read", "commands", "reactions:read"}
"""Rights that events are delivered for; no method of ours needs them."""


async def use_all(scopes: frozenset[str]) -> list[str]:
    """The uses that do not work with these rights."""
    failed: list[str] = []
    async with SlackServer(scopes=scopes) as slack:
        slack.add_user("UADA", email="ada@example.com")
        slack.add_channel("CIT", members=["UADA"])
        slack.add_channel("GPRIVATE", members=["UADA"], kind="private")
        slack.add_channel("GPEOPLE", members=["UADA"], kind="group")
        try:
            async with SlackChat(token=slack.bot_token, base_url=slack.base_url, timeout_s=5) as chat:
                for name, use in USES.items():
                    try:
                        await use(slack, chat)
                    except (ChatError, AssertionError):
                        failed.append(name)
        except ChatError:
            return list(USES)
    return failed


async def test_with_the_manifests_rights_everything_works() -> None:
    assert await use_all(frozenset(SCOPES_ASKED)) == []


@pytest.mark.parametrize("scope", [scope for scope in SCOPES_ASKED if scope not in NOT_FOR_METHODS])
async def test_no_right_is_asked_for_in_vain(scope: str) -> None:
    assert await use_all(frozenset(SCOPES_ASKED) - {scope}) != []
