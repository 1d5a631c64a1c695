"""Slack on loopback: a strict Web API, the people and channels behind it, and Socket Mode.

    async with SlackServer() as slack:
        slack.add_user("UADA", email="ada@example.com")
        slack.add_channel("CIT", members=["UADA"])
        payload = slack.ask("CIT", "UADA", "how do I reset my password?")   # said there, and as Slack tells the app
        request = slack.request(payload)                                    # signed: .headers, .body
        slack.replies("CIT", payload["event"]["ts"])                        # what the bot said in that thread

What the real one would refuse is refused with its word, and what no app should do (an unknown method or argument, a
preview, a message without text) is kept in `violations`: leaving the context with one there fails the test.
"""

import asyncio
import base64
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMsgType, web

from tests.fakes.slack_blocks import InvalidBlocks, check_blocks
from tests.fakes.slack_payloads import SignedRequest, SlackPayloads, signed_request

Json = dict[str, Any]

SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "reactions:read",
        "users:read",
        "users:read.email",
    }
)
"""Those of infra/slack/manifest.yaml; a test holds the two together."""

_KINDS = {"public": "channels", "private": "groups", "direct": "im", "group": "mpim"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the Web API. `error` is Slack's word where it was refused, empty where it went well."""

    method: str
    arguments: Json
    error: str = ""


@dataclass(frozen=True)
class RateLimit:
    """429, and how long to wait; `is_json=False` is how something between Slack and the app would say it."""

    retry_after_s: int = 1
    is_json: bool = True


@dataclass(frozen=True)
class HttpError:
    status: int = 503


@dataclass(frozen=True)
class ErrorWord:
    word: str


@dataclass(frozen=True)
class Drop:
    """The connection breaks. `after_taking`: the call was carried out first, and only its answer is lost."""

    after_taking: bool = False


@dataclass(frozen=True)
class Hang:
    """No answer until the app gives up."""


Fault = RateLimit | HttpError | ErrorWord | Drop | Hang | None
"""None: this call goes well."""


@dataclass(kw_only=True)
class Channel:
    id: str
    kind: str
    members: list[str]
    is_archived: bool = False
    has_bot: bool = True
    more: Json = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)

    def find(self, ts: str | None) -> Json | None:
        return next((message for message in self.messages if message["ts"] == ts), None)


class _Refused(Exception):
    def __init__(self, word: str, **details: Any) -> None:
        super().__init__(word)
        self.word = word
        self.details = details


class SlackServer:
    """One workspace with one app. `base_url` is where its Web API is."""

    def __init__(self, *, scopes: Iterable[str] = SCOPES, team_id: str = "T0HELP", page_size: int = 1_000) -> None:
        self.team_id, self.app_id = team_id, "A0HELP"
        self.bot_user_id, self.bot_id = "UBOT", "BBOT"
        self.bot_token, self.app_token = "xoxb-fake-bot", "xapp-fake-app"
        self.signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
        self.scopes = set(scopes)
        self.page_size = page_size
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.payloads = SlackPayloads(team_id=team_id, app_id=self.app_id, bot_user_id=self.bot_user_id)
        self._users: dict[str, Json] = {}
        self._channels: dict[str, Channel] = {}
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._seconds = itertools.count(int(time.time()))
        self._sockets: list[web.WebSocketResponse] = []
        self._connected = asyncio.Condition()
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._envelopes = itertools.count(1)
        self._closing = asyncio.Event()
        self.add_user(self.bot_user_id, name="helpdesk", is_bot=True)

    # The workspace

    def add_user(
        self,
        user: str,
        *,
        email: str | None = None,
        name: str = "",
        is_guest: bool = False,
        team_id: str = "",
        **more: Any,
    ) -> None:
        """`more` goes into the user object: `deleted=True`, `is_stranger=True`, `is_email_confirmed=False`..."""
        profile = {"display_name": name or user.lower(), "real_name": name or user.lower(), "email": email}
        flags = {"deleted": False, "is_bot": False, "is_restricted": is_guest, "is_ultra_restricted": False}
        confirmed = {"is_email_confirmed": True} if email else {}
        base = {"id": user, "team_id": team_id or self.team_id, "name": user.lower(), "profile": profile}
        self._users[user] = base | flags | confirmed | more

    def add_channel(
        self,
        channel: str,
        *,
        members: Iterable[str] = (),
        kind: str = "public",
        is_archived: bool = False,
        has_bot: bool = True,
        **more: Any,
    ) -> None:
        """`kind` is public, private or group; `more` goes into the channel object: `is_ext_shared=True`..."""
        everybody = [*members, *([self.bot_user_id] if has_bot else [])]
        self._channels[channel] = Channel(
            id=channel, kind=kind, members=everybody, is_archived=is_archived, has_bot=has_bot, more=more
        )

    def open_direct(self, user: str) -> str:
        """The id of the direct conversation of this person and the bot."""
        channel = f"D{user}"
        self._channels.setdefault(channel, Channel(id=channel, kind="direct", members=[user, self.bot_user_id]))
        return channel

    def channel(self, channel: str) -> Channel:
        return self._channels[channel]

    def next_ts(self) -> str:
        """Later than all before."""
        return f"{next(self._seconds)}.{len(self.calls):06d}"

    def say(self, channel: str, user: str, text: str, *, thread: str | None = None) -> str:
        """A person writes; the id of the message."""
        ts = self.next_ts()
        self._store(channel, {"type": "message", "user": user, "text": text, "ts": ts}, thread)
        return ts

    def ask(self, channel: str, user: str, text: str, *, thread: str | None = None) -> Json:
        """A person writes to the bot, and the event that the app gets: in a channel the bot is mentioned."""
        if channel.startswith("D"):
            ts = self.say(channel, user, text, thread=thread)
            return self.payloads.message(channel, user, text, ts=ts, thread=thread)
        text = f"<@{self.bot_user_id}> {text}"
        ts = self.say(channel, user, text, thread=thread)
        return self.payloads.app_mention(channel, user, text, ts=ts, thread=thread)

    def request(self, payload: Json, *, retry: int = 0, at: float | None = None) -> SignedRequest:
        return signed_request(self.signing_secret, payload, at=at, retry=retry)

    # What the bot did

    def posted(self, channel: str) -> list[Json]:
        """The bot's messages, oldest first, as Slack keeps them."""
        return [message for message in self._channels[channel].messages if message.get("bot_id") == self.bot_id]

    def replies(self, channel: str, thread: str) -> list[Json]:
        """The bot's messages in one thread, oldest first."""
        return [message for message in self.posted(channel) if message.get("thread_ts") == thread]

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def fail(self, method: str, *faults: Fault) -> None:
        """What happens to the next calls of a method, one after another; after them all is well."""
        self._faults[method].extend(faults)

    # Socket Mode

    async def wait_connected(self, *, timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s), self._connected:
            await self._connected.wait_for(lambda: bool(self._sockets))

    async def deliver(self, payload: Json, *, retry: int = 0, timeout_s: float = 5.0) -> Json | None:
        """Send a payload through the newest connection. The acknowledgement, or None where none comes in time."""
        envelope_id = f"envelope-{next(self._envelopes)}"
        kind = {"event_callback": "events_api", "block_actions": "interactive"}.get(
            payload.get("type", ""), "slash_commands"
        )
        retries = {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""} if kind == "events_api" else {}
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": True,
            **retries,
        }
        acknowledged = self._acks[envelope_id] = asyncio.get_running_loop().create_future()
        await self._sockets[-1].send_json(envelope)
        try:
            return await asyncio.wait_for(acknowledged, timeout_s)
        except TimeoutError:
            return None

    async def ask_to_reconnect(self) -> None:
        """As Slack does now and then: the app is to open a new connection."""
        await self._sockets.pop().send_json({"type": "disconnect", "reason": "refresh_requested"})

    # Running

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.router.add_route("*", "/api/{method}", self._serve)
        application.router.add_get("/link", self._serve_socket)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._address = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self._closing.set()
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()
        assert error is not None or not self.violations, self.violations

    @property
    def base_url(self) -> str:
        return f"http://{self._address}/api/"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault is not None and fault != Drop(after_taking=True):
            return await self._serve_fault(request, method, fault)
        body = await self._answer(request, method)
        if fault is not None:
            return self._drop(request)
        return web.json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    async def _serve_fault(self, request: web.Request, method: str, fault: Fault) -> web.StreamResponse:
        arguments = await _arguments(request)
        self.calls.append(Call(method=method, arguments=arguments, error=type(fault).__name__))
        match fault:
            case RateLimit(seconds, is_json):
                body = json.dumps({"ok": False, "error": "ratelimited"}) if is_json else "slow down"
                kind = "application/json" if is_json else "text/html"
                return web.Response(status=429, text=body, content_type=kind, headers={"Retry-After": str(seconds)})
            case HttpError(status):
                return web.Response(status=status, text="<html>trouble</html>", content_type="text/html")
            case ErrorWord(word):
                return web.json_response({"ok": False, "error": word})
            case Hang():
                await self._closing.wait()
        return self._drop(request)

    def _drop(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _answer(self, request: web.Request, method: str) -> Json:
        arguments = await _arguments(request)
        try:
            body = self._carry_out(request, method, arguments)
        except _Refused as refused:
            self.calls.append(Call(method=method, arguments=arguments, error=refused.word))
            return {"ok": False, "error": refused.word, **refused.details}
        self.calls.append(Call(method=method, arguments=arguments))
        return {"ok": True, **body}

    def _carry_out(self, request: web.Request, method: str, arguments: Json) -> Json:
        specification = _METHODS.get(method)
        if specification is None:
            self.violations.append(f"unknown method {method}")
            raise _Refused("unknown_method")
        self._check_request(request, specification, arguments)
        return specification.carry_out(self, arguments)

    def _check_request(self, request: web.Request, method: "_Method", arguments: Json) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != (self.app_token if method.is_for_app_token else self.bot_token):
            raise _Refused("not_authed" if not token else "invalid_auth")
        if request.method == "POST" and request.content_type not in method.content_types:
            self.violations.append(f"{method.name}: content type {request.content_type}")
            raise _Refused("invalid_post_type")
        unknown = arguments.keys() - method.required - method.optional
        missing = method.required - arguments.keys()
        if unknown or missing:
            self.violations.append(f"{method.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
            raise _Refused("invalid_arguments")
        self._need_scope(*method.scopes)

    def _need_scope(self, *any_of: str) -> None:
        if any_of and not self.scopes & set(any_of):
            raise _Refused("missing_scope", needed=any_of[0], provided=",".join(sorted(self.scopes)))

    # The methods

    def _auth_test(self, arguments: Json) -> Json:
        identity = {"team_id": self.team_id, "user_id": self.bot_user_id, "bot_id": self.bot_id}
        return {"url": "https://example.slack.com/", "team": "Example", "user": "helpdesk", **identity}

    def _post_message(self, arguments: Json) -> Json:
        channel = self._get_channel(arguments, for_members=True)
        if channel.is_archived:
            raise _Refused("is_archived")
        self._check_message(channel, arguments)
        message = {key: arguments[key] for key in ("text", "blocks", "metadata") if key in arguments}
        author = {"user": self.bot_user_id, "bot_id": self.bot_id, "app_id": self.app_id, "team": self.team_id}
        stored = {"type": "message", **author, **message, "ts": self.next_ts()}
        self._store(channel.id, stored, arguments.get("thread_ts"))
        return {"channel": channel.id, "ts": stored["ts"], "message": stored}

    def _check_message(self, channel: Channel, arguments: Json) -> None:
        if not arguments.get("text"):
            self.violations.append("chat.postMessage: no text beside the blocks")
            raise _Refused("no_text")
        if len(arguments["text"]) > 40_000:
            raise _Refused("msg_too_long")
        if arguments.get("unfurl_links") is not False or arguments.get("unfurl_media") is not False:
            self.violations.append("chat.postMessage: previews are not off")
        if arguments.get("link_names"):
            self.violations.append("chat.postMessage: link_names is on")
        if "thread_ts" in arguments and channel.find(arguments["thread_ts"]) is None:
            raise _Refused("thread_not_found")
        _check_metadata(arguments.get("metadata"))
        if "blocks" in arguments:
            try:
                check_blocks(arguments["blocks"])
            except InvalidBlocks as error:
                raise _Refused(error.word, response_metadata={"messages": [f"[ERROR] {error.reason}"]}) from error

    def _get_replies(self, arguments: Json) -> Json:
        channel = self._get_channel(arguments, access="history", for_members=True)
        root = channel.find(arguments["ts"])
        if root is None:
            raise _Refused("thread_not_found")
        thread = [
            message for message in channel.messages if message.get("thread_ts") == root["ts"] and message is not root
        ]
        return self._page("messages", [_shown(message, arguments) for message in (root, *thread)], arguments)

    def _get_history(self, arguments: Json) -> Json:
        """Newest first, without what is in threads."""
        channel = self._get_channel(arguments, access="history", for_members=True)
        oldest = float(arguments.get("oldest", 0))
        roots = [message for message in channel.messages if message.get("thread_ts", message["ts"]) == message["ts"]]
        shown = [_shown(message, arguments) for message in reversed(roots) if float(message["ts"]) > oldest]
        return self._page("messages", shown, arguments)

    def _get_channel_info(self, arguments: Json) -> Json:
        channel = self._get_channel(arguments, access="read")
        flags = {"is_shared": False, "is_ext_shared": False, "is_org_shared": False, "is_pending_ext_shared": False}
        kind = {
            "is_private": channel.kind == "private",
            "is_im": channel.kind == "direct",
            "is_mpim": channel.kind == "group",
        }
        state = {"is_archived": channel.is_archived, "is_member": channel.has_bot, "pending_shared": []}
        return {"channel": {"id": channel.id, "name": channel.id.lower(), **kind, **flags, **state, **channel.more}}

    def _get_members(self, arguments: Json) -> Json:
        return self._page("members", self._get_channel(arguments, access="read").members, arguments)

    def _get_user(self, arguments: Json) -> Json:
        user = self._users.get(arguments["user"])
        if user is None:
            raise _Refused("user_not_found")
        return {"user": self._shown_user(user)}

    def _list_users(self, arguments: Json) -> Json:
        """Those of the workspace; somebody from another company is not among them."""
        ours = [self._shown_user(user) for user in self._users.values() if user["team_id"] == self.team_id]
        return self._page("members", ours, arguments)

    def _shown_user(self, user: Json) -> Json:
        if "users:read.email" in self.scopes:
            return user
        return user | {"profile": {key: value for key, value in user["profile"].items() if key != "email"}}

    def _get_permalink(self, arguments: Json) -> Json:
        channel = self._get_channel(arguments)
        if channel.find(arguments["message_ts"]) is None:
            raise _Refused("message_not_found")
        name = arguments["message_ts"].replace(".", "")
        return {"channel": channel.id, "permalink": f"https://example.slack.com/archives/{channel.id}/p{name}"}

    def _set_status(self, arguments: Json) -> Json:
        channel = self._get_channel({"channel": arguments["channel_id"]})
        if channel.find(arguments["thread_ts"]) is None:
            raise _Refused("invalid_thread_ts")
        return {}

    def _open_socket(self, arguments: Json) -> Json:
        return {"url": f"ws://{self._address}/link?ticket=1&app_id={self.app_id}"}

    def _get_channel(self, arguments: Json, *, access: str = "", for_members: bool = False) -> Channel:
        channel = self._channels.get(arguments["channel"])
        if channel is None:
            raise _Refused("channel_not_found")
        if access:
            self._need_scope(f"{_KINDS[channel.kind]}:{access}")
        if not channel.has_bot and channel.kind != "public":
            raise _Refused("channel_not_found")
        if not channel.has_bot and for_members:
            raise _Refused("not_in_channel")
        return channel

    def _page(self, key: str, everything: list[Any], arguments: Json) -> Json:
        limit = int(arguments.get("limit", 100))
        if not 1 <= limit <= 999:
            raise _Refused("invalid_limit")
        start = _read_cursor(arguments.get("cursor"))
        stop = start + min(limit, self.page_size)
        cursor = base64.b64encode(f"next:{stop}".encode()).decode() if stop < len(everything) else ""
        more = {"has_more": bool(cursor)} if key == "messages" else {}
        return {key: everything[start:stop], **more, "response_metadata": {"next_cursor": cursor}}

    def _store(self, channel: str, message: Json, thread: str | None) -> None:
        self._channels[channel].messages.append(message | ({"thread_ts": thread} if thread else {}))

    async def _serve_socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": self.app_id}})
        async with self._connected:
            self._sockets.append(socket)
            self._connected.notify_all()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledge(json.loads(message.data))
        return socket

    def _acknowledge(self, acknowledgement: Json) -> None:
        waiting = self._acks.get(acknowledgement["envelope_id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(acknowledgement)


@dataclass(frozen=True, kw_only=True)
class _Method:
    """`scopes`: one of them is needed, whatever the channel."""

    name: str
    carry_out: Callable[[SlackServer, Json], Json]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    content_types: frozenset[str] = frozenset({"application/x-www-form-urlencoded"})
    is_for_app_token: bool = False


_BOTH = frozenset({"application/x-www-form-urlencoded", "application/json"})
_PAGING = frozenset({"cursor", "limit"})
_READING = _PAGING | {"include_all_metadata", "inclusive", "latest", "oldest"}
_METHODS = {
    method.name: method
    for method in (
        _Method(name="auth.test", carry_out=SlackServer._auth_test, content_types=_BOTH),
        _Method(
            name="chat.postMessage",
            carry_out=SlackServer._post_message,
            required=frozenset({"channel"}),
            optional=frozenset(
                {
                    "text",
                    "blocks",
                    "thread_ts",
                    "metadata",
                    "parse",
                    "link_names",
                    "mrkdwn",
                    "unfurl_links",
                    "unfurl_media",
                }
            ),
            scopes=("chat:write",),
            content_types=_BOTH,
        ),
        _Method(
            name="conversations.replies",
            carry_out=SlackServer._get_replies,
            required=frozenset({"channel", "ts"}),
            optional=_READING,
        ),
        _Method(
            name="conversations.history",
            carry_out=SlackServer._get_history,
            required=frozenset({"channel"}),
            optional=_READING,
        ),
        _Method(name="conversations.info", carry_out=SlackServer._get_channel_info, required=frozenset({"channel"})),
        _Method(
            name="conversations.members",
            carry_out=SlackServer._get_members,
            required=frozenset({"channel"}),
            optional=_PAGING,
        ),
        _Method(
            name="users.info", carry_out=SlackServer._get_user, required=frozenset({"user"}), scopes=("users:read",)
        ),
        _Method(name="users.list", carry_out=SlackServer._list_users, optional=_PAGING, scopes=("users:read",)),
        _Method(
            name="chat.getPermalink",
            carry_out=SlackServer._get_permalink,
            required=frozenset({"channel", "message_ts"}),
        ),
        _Method(
            name="assistant.threads.setStatus",
            carry_out=SlackServer._set_status,
            required=frozenset({"channel_id", "thread_ts", "status"}),
            optional=frozenset({"loading_messages"}),
            scopes=("chat:write", "assistant:write"),
            content_types=_BOTH,
        ),
        _Method(name="apps.connections.open", carry_out=SlackServer._open_socket, is_for_app_token=True),
    )
}


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json" and request.method == "POST":
        return await request.json()
    return {**request.query, **(await request.post())}


def _check_metadata(metadata: object) -> None:
    """docs.slack.dev/messaging/message-metadata"""
    if metadata is None:
        return
    match metadata:
        case {"event_type": str(kind), "event_payload": dict(payload), **rest} if not rest:
            is_flat = all(isinstance(value, str | int | float | bool) for value in payload.values())
            if re.fullmatch(r"[A-Za-z0-9_.-]+", kind) and is_flat and len(json.dumps(payload)) <= 4_000:
                return
    raise _Refused("invalid_metadata_format")


def _shown(message: Json, arguments: Json) -> Json:
    """Metadata's payload shows only where it is asked for."""
    if "metadata" not in message or arguments.get("include_all_metadata") in {"1", "true"}:
        return message
    return message | {"metadata": {"event_type": message["metadata"]["event_type"]}}


def _read_cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError as error:
        raise _Refused("invalid_cursor") from error
