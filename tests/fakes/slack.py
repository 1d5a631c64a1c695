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
import functools
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMsgType, web

from helpdesk_bot.chat.slack.scopes import SCOPES
from tests.fakes import slack_files, slack_groups, slack_streams, slack_tokens, slack_views
from tests.fakes.loopback import Loopback
from tests.fakes.slack_blocks import InvalidBlocks, check_blocks
from tests.fakes.slack_files import StoredFile
from tests.fakes.slack_method import BOTH, TIERS, Method, Refused, method
from tests.fakes.slack_payloads import SignedRequest, SlackPayloads, signed_request

Json = dict[str, Any]

_KINDS = {"public": "channels", "private": "groups", "direct": "im", "group": "mpim"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the Web API. `error` is Slack's word where it was refused, empty where it went well."""

    method: str
    arguments: Json
    error: str = ""
    at: float = field(default_factory=time.monotonic, compare=False)


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


class SlackServer:
    """One workspace with one app. `base_url` is where its Web API is."""

    def __init__(
        self,
        *,
        scopes: Iterable[str] = SCOPES,
        team_id: str = "T0HELP",
        page_size: int = 1_000,
        is_limited: bool = False,
    ) -> None:
        """`is_limited`: calls beyond a method's tier get 429, as if all came within one minute."""
        self.team_id, self.app_id = team_id, "A0HELP"
        self.bot_user_id, self.bot_id = "UBOT", "BBOT"
        self.bot_token, self.app_token = "xoxb-fake-bot", "xapp-fake-app"
        self.signing_secret = "8f742231b10e8888abcd99yyyzzz85a5"
        self.scopes = set(scopes)
        self.page_size = page_size
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.payloads = SlackPayloads(team_id=team_id, app_id=self.app_id, bot_user_id=self.bot_user_id)
        self.is_limited = is_limited
        self.organisation: Json = {}
        """What `auth.test` says besides, where the workspace belongs to an organisation."""
        self.client_id, self.client_secret, self.refresh_token = "1.2", "client-secret", "xoxe-1-fake"
        self.files: dict[str, StoredFile] = {}
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.downloads: list[str] = []
        self.hides_files = False
        self.socket_url = ""
        """Where Socket Mode connects to, if not here."""
        self.download_waits: list[str] = []
        """What the next downloads are refused with, as `Retry-After`."""
        self.modals: list[tuple[str, Json]] = []
        self.homes: dict[str, Json] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str], list[str]] = {}
        self.whispers: list[Json] = []
        self.shown: list[tuple[str, str]] = []
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

    def move_channel(self, channel: str, to: str) -> Json:
        """Give a private channel another id, as Slack does before it is shared outside; the event that tells of it."""
        moved = self._channels.pop(channel)
        moved.id = to
        self._channels[to] = moved
        event = {"type": "channel_id_changed", "old_channel_id": channel, "new_channel_id": to}
        return self.payloads.event({**event, "event_ts": self.next_ts()})

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

    def add_file(
        self,
        file: str,
        content: bytes,
        *,
        name: str = "notes.txt",
        media_type: str = "text/plain",
        told_size: int | None = None,
        url: str = "",
    ) -> Json:
        """A file, as a message tells of it."""
        size = len(content) if told_size is None else told_size
        self.files[file] = StoredFile(
            id=file, name=name, media_type=media_type, content=content, told_size=size, url=url
        )
        return self.tell_file(file)

    def tell_file(self, file: str) -> Json:
        stored = self.files[file]
        url = stored.url or f"http://{self._address}/files/{file}"
        about = {"id": file, "name": stored.name, "mimetype": stored.media_type, "size": stored.told_size}
        return {**about, "mode": "hosted", "url_private": url, "url_private_download": url}

    def add_group(self, group: str, handle: str, members: Iterable[str]) -> None:
        """A user group: @handle."""
        self.groups[group] = (handle, list(members))

    def change(self, channel: str, ts: str, text: str) -> Json:
        """Its author changes a message; the event that the app gets."""
        message = self._channels[channel].find(ts)
        assert message is not None
        before = dict(message)
        message |= {"text": text, "edited": {"user": message["user"], "ts": self.next_ts()}}
        return self.payloads.message_changed(channel, message, before, ts=self.next_ts())

    def delete(self, channel: str, ts: str) -> Json:
        """Its author takes a message back; the event that the app gets. A thread keeps a tombstone as its first."""
        messages = self._channels[channel].messages
        message = self._channels[channel].find(ts)
        assert message is not None
        if all(other is message or other.get("thread_ts") != ts for other in messages):
            messages.remove(message)
            return self.payloads.message_deleted(channel, message, ts=self.next_ts())
        before = dict(message)
        message.clear()
        message |= {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": ts, "thread_ts": ts}
        message |= {"text": "This message was deleted.", "hidden": True}
        return self.payloads.message_changed(channel, message, before, ts=self.next_ts())

    def open_pane(self, user: str, *, context: str | None = None) -> Json:
        """Somebody opens the assistant pane: a thread begun by the app in the direct conversation."""
        channel = self.open_direct(user)
        ts = self.next_ts()
        root = {"type": "message", "subtype": "assistant_app_thread", "user": self.bot_user_id, "bot_id": self.bot_id}
        self._store(channel, {**root, "text": "New Assistant Thread", "ts": ts, "thread_ts": ts}, None)
        return self.payloads.pane("assistant_thread_started", channel, user, ts=ts, context=context)

    def next_ts(self) -> str:
        """Later than all before."""
        return f"{next(self._seconds)}.{len(self.calls):06d}"

    def pass_time(self, seconds: int) -> None:
        """What is said from here on is said so much later."""
        self._seconds = itertools.count(next(self._seconds) + seconds)

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

    def channels(self) -> list[str]:
        """Ids; direct conversations are among them."""
        return list(self._channels)

    def posted(self, channel: str) -> list[Json]:
        """The bot's messages, oldest first, as Slack keeps them."""
        ours = (message for message in self._channels[channel].messages if message.get("bot_id") == self.bot_id)
        return [message for message in ours if message.get("subtype") != "assistant_app_thread"]

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
        kinds = {"event_callback": "events_api", **dict.fromkeys(_INTERACTIVE, "interactive")}
        kind = kinds.get(payload.get("type", ""), "slash_commands")
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
        application.router.add_get("/files/{file}", functools.partial(slack_files.download, self))
        self._server = Loopback(application)
        self._address = (await self._server.open()).removeprefix("http://")
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        self._closing.set()
        for socket in self._sockets:
            await socket.close()
        await self._server.close()
        assert error is not None or not self.violations, self.violations

    @property
    def base_url(self) -> str:
        return f"http://{self._address}/api/"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault is None and self._is_over_limit(method):
            fault = RateLimit(30)
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

    def _is_over_limit(self, name: str) -> bool:
        specification = METHODS.get(name)
        if not self.is_limited or specification is None or specification.tier is None:
            return False
        return len([call for call in self.calls_of(name) if not call.error]) >= TIERS[specification.tier]

    def _drop(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _answer(self, request: web.Request, method: str) -> Json:
        arguments = await _arguments(request)
        try:
            body = self._carry_out(request, method, arguments)
        except Refused as refused:
            self.calls.append(Call(method=method, arguments=arguments, error=refused.word))
            return {"ok": False, "error": refused.word, **refused.details}
        self.calls.append(Call(method=method, arguments=arguments))
        return {"ok": True, **body}

    def _carry_out(self, request: web.Request, method: str, arguments: Json) -> Json:
        specification = METHODS.get(method)
        if specification is None:
            self.violations.append(f"unknown method {method}")
            raise Refused("unknown_method")
        self._check_request(request, specification, arguments)
        return specification.carry_out(self, arguments)

    def _check_request(self, request: web.Request, method: Method, arguments: Json) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method.needs_token and token != (self.app_token if method.is_for_app_token else self.bot_token):
            is_old = token.startswith("xoxe.xoxb-1-fake")
            raise Refused("not_authed" if not token else "token_expired" if is_old else "invalid_auth")
        if request.method == "POST" and request.content_type not in method.content_types:
            self.violations.append(f"{method.name}: content type {request.content_type}")
            raise Refused("invalid_post_type")
        unknown = arguments.keys() - method.required - method.optional
        missing = method.required - arguments.keys()
        if unknown or missing:
            self.violations.append(f"{method.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
            raise Refused("invalid_arguments")
        self._need_scope(*method.scopes)

    def _need_scope(self, *any_of: str) -> None:
        if any_of and not self.scopes & set(any_of):
            raise Refused("missing_scope", needed=any_of[0], provided=",".join(sorted(self.scopes)))

    # The methods

    def _auth_test(self, arguments: Json) -> Json:
        identity = {"team_id": self.team_id, "user_id": self.bot_user_id, "bot_id": self.bot_id}
        return {
            "url": "https://example.slack.com/",
            "team": "Example",
            "user": "helpdesk",
            **identity,
            **self.organisation,
        }

    def _get_bot(self, arguments: Json) -> Json:
        if arguments.get("bot") != self.bot_id:
            raise Refused("bot_not_found")
        return {"bot": {"id": self.bot_id, "app_id": self.app_id, "user_id": self.bot_user_id, "name": "helpdesk"}}

    def _post_message(self, arguments: Json) -> Json:
        channel = self.get_channel(arguments, for_members=True)
        if channel.is_archived:
            raise Refused("is_archived")
        if arguments.get("unfurl_links") is not False or arguments.get("unfurl_media") is not False:
            self.violations.append("chat.postMessage: previews are not off")
        self._check_message(channel, arguments)
        content = {key: arguments[key] for key in ("text", "blocks", "metadata") if key in arguments}
        stored = self.write(channel.id, content, arguments.get("thread_ts"))
        return {"channel": channel.id, "ts": stored["ts"], "message": stored}

    def write(self, channel: str, content: Json, thread: str | None) -> Json:
        """A message by the bot."""
        author = {"user": self.bot_user_id, "bot_id": self.bot_id, "app_id": self.app_id, "team": self.team_id}
        self._store(channel, {"type": "message", **author, **content, "ts": self.next_ts()}, thread)
        return self._channels[channel].messages[-1]

    def _update_message(self, arguments: Json) -> Json:
        """`blocks: []` takes blocks away; without `blocks` they stay (docs.slack.dev/reference/methods/chat.update)."""
        channel = self.get_channel(arguments, for_members=True)
        message = self._find_ours(channel, arguments["ts"], refusal="cant_update_message")
        if message.get("streaming_state") == "in_progress":
            raise Refused("streaming_state_conflict")
        if len(arguments["text"]) > 4_000:
            raise Refused("msg_too_long")
        self._check_message(channel, arguments)
        message |= {key: arguments[key] for key in ("text", "blocks", "metadata") if key in arguments}
        if message.get("blocks") == []:
            del message["blocks"]
        self.shown.append((message["ts"], message["text"]))
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def _delete_message(self, arguments: Json) -> Json:
        channel = self.get_channel(arguments, for_members=True)
        message = self._find_ours(channel, arguments["ts"], refusal="cant_delete_message")
        channel.messages.remove(message)
        return {"channel": channel.id, "ts": message["ts"]}

    def _find_ours(self, channel: Channel, ts: str, *, refusal: str) -> Json:
        message = channel.find(ts)
        if message is None:
            raise Refused("message_not_found")
        if message.get("bot_id") != self.bot_id:
            raise Refused(refusal)
        return message

    def _post_ephemeral(self, arguments: Json) -> Json:
        channel = self.get_channel(arguments, for_members=True)
        if channel.is_archived:
            raise Refused("is_archived")
        if arguments["user"] not in channel.members:
            raise Refused("user_not_in_channel")
        self._check_message(channel, arguments)
        ts = self.next_ts()
        self.whispers.append(arguments | {"ts": ts})
        return {"message_ts": ts}

    def _open_conversation(self, arguments: Json) -> Json:
        users = str(arguments["users"]).split(",")
        if len(users) != 1:
            self._need_scope("mpim:write")
        user = self.get_user(users[0])
        if user.get("is_bot"):
            raise Refused("cannot_dm_bot")
        return {"channel": {"id": self.open_direct(user["id"])}}

    def _check_message(self, channel: Channel, arguments: Json) -> None:
        if not arguments.get("text"):
            self.violations.append("no text beside the blocks")
            raise Refused("no_text")
        if len(arguments["text"]) > 40_000:
            raise Refused("msg_too_long")
        if arguments.get("link_names"):
            self.violations.append("link_names is on")
        if "thread_ts" in arguments and channel.find(arguments["thread_ts"]) is None:
            raise Refused("thread_not_found")
        self.check_metadata(arguments.get("metadata"))
        if arguments.get("blocks"):
            try:
                check_blocks(arguments["blocks"])
            except InvalidBlocks as error:
                raise Refused(error.word, response_metadata={"messages": [f"[ERROR] {error.reason}"]}) from error

    def check_metadata(self, metadata: object) -> None:
        _check_metadata(metadata)

    def _get_replies(self, arguments: Json) -> Json:
        """Of a thread's first message: all. Of a reply: that one only. The first message is never left out by time."""
        channel = self.get_channel(arguments, access="history", for_members=True)
        root = channel.find(arguments["ts"])
        if root is None:
            raise Refused("thread_not_found")
        replies = (message for message in channel.messages if message.get("thread_ts") == root["ts"])
        thread = [message for message in replies if message is not root and _is_within(message, arguments)]
        return self._page("messages", [_shown(message, arguments) for message in (root, *thread)], arguments)

    def _get_history(self, arguments: Json) -> Json:
        """Newest first, without what is in threads."""
        channel = self.get_channel(arguments, access="history", for_members=True)
        roots = [message for message in channel.messages if message.get("thread_ts", message["ts"]) == message["ts"]]
        shown = [_shown(message, arguments) for message in reversed(roots) if _is_within(message, arguments)]
        return self._page("messages", shown, arguments)

    def _get_channel_info(self, arguments: Json) -> Json:
        channel = self.get_channel(arguments, access="read")
        flags = {"is_shared": False, "is_ext_shared": False, "is_org_shared": False, "is_pending_ext_shared": False}
        kind = {
            "is_private": channel.kind == "private",
            "is_im": channel.kind == "direct",
            "is_mpim": channel.kind == "group",
        }
        state = {"is_archived": channel.is_archived, "is_member": channel.has_bot, "pending_shared": []}
        return {"channel": {"id": channel.id, "name": channel.id.lower(), **kind, **flags, **state, **channel.more}}

    def _get_members(self, arguments: Json) -> Json:
        return self._page("members", self.get_channel(arguments, access="read").members, arguments)

    def get_user(self, user: str) -> Json:
        if user not in self._users:
            raise Refused("user_not_found")
        return self._users[user]

    def _get_user(self, arguments: Json) -> Json:
        return {"user": self._shown_user(self.get_user(arguments["user"]))}

    def _list_users(self, arguments: Json) -> Json:
        """Those of the workspace; somebody from another company is not among them."""
        ours = [self._shown_user(user) for user in self._users.values() if user["team_id"] == self.team_id]
        return self._page("members", ours, arguments)

    def _shown_user(self, user: Json) -> Json:
        if "users:read.email" in self.scopes:
            return user
        return user | {"profile": {key: value for key, value in user["profile"].items() if key != "email"}}

    def _get_permalink(self, arguments: Json) -> Json:
        channel = self.get_channel(arguments)
        if channel.find(arguments["message_ts"]) is None:
            raise Refused("message_not_found")
        name = arguments["message_ts"].replace(".", "")
        return {"channel": channel.id, "permalink": f"https://example.slack.com/archives/{channel.id}/p{name}"}

    def _open_socket(self, arguments: Json) -> Json:
        return {"url": f"{self.socket_url or f'ws://{self._address}'}/link?ticket=1&app_id={self.app_id}"}

    def get_channel(self, arguments: Json, *, access: str = "", for_members: bool = False) -> Channel:
        channel = self._channels.get(arguments["channel"])
        if channel is None:
            raise Refused("channel_not_found")
        if access:
            self._need_scope(f"{_KINDS[channel.kind]}:{access}")
        if not channel.has_bot and channel.kind != "public":
            raise Refused("channel_not_found")
        if not channel.has_bot and for_members:
            raise Refused("not_in_channel")
        return channel

    def _page(self, key: str, everything: list[Any], arguments: Json) -> Json:
        limit = int(arguments.get("limit", 100))
        if not 1 <= limit <= 999:
            raise Refused("invalid_limit")
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


_INTERACTIVE = ("block_actions", "message_action", "view_submission")
_SAID = "text blocks metadata parse link_names"
_PAGING = "cursor limit"
_READING = f"{_PAGING} include_all_metadata inclusive latest oldest"
_WRITES: Json = {"scopes": ("chat:write",), "content_types": BOTH}
METHODS = {
    each.name: each
    for each in (
        method("auth.test", SlackServer._auth_test, content_types=BOTH),
        method("bots.info", SlackServer._get_bot, "", "bot", scopes=("users:read",), tier=3),
        method(
            "chat.postMessage",
            SlackServer._post_message,
            "channel",
            f"{_SAID} thread_ts mrkdwn unfurl_links unfurl_media",
            **_WRITES,
        ),
        method("chat.update", SlackServer._update_message, "channel ts", _SAID, tier=3, **_WRITES),
        method("chat.delete", SlackServer._delete_message, "channel ts", tier=3, **_WRITES),
        method(
            "chat.postEphemeral",
            SlackServer._post_ephemeral,
            "channel user",
            "text blocks parse link_names thread_ts",
            tier=4,
            **_WRITES,
        ),
        method("chat.getPermalink", SlackServer._get_permalink, "channel message_ts"),
        method("conversations.replies", SlackServer._get_replies, "channel ts", _READING, tier=3),
        method("conversations.history", SlackServer._get_history, "channel", _READING, tier=3),
        method("conversations.info", SlackServer._get_channel_info, "channel", tier=3),
        method("conversations.members", SlackServer._get_members, "channel", _PAGING, tier=4),
        method("conversations.open", SlackServer._open_conversation, "users", scopes=("im:write",), tier=3),
        method("users.info", SlackServer._get_user, "user", scopes=("users:read",), tier=4),
        method("users.list", SlackServer._list_users, "", _PAGING, scopes=("users:read",), tier=2),
        method("apps.connections.open", SlackServer._open_socket, is_for_app_token=True, tier=1),
        *slack_views.METHODS,
        *slack_streams.METHODS,
        *slack_files.METHODS,
        *slack_groups.METHODS,
        *slack_tokens.METHODS,
    )
}


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json" and request.method == "POST":
        return await request.json()
    return {**request.query, **(await request.post()), **_read_client(request)}


def _read_client(request: web.Request) -> Json:
    """The app's own id and secret, where it signs in as itself."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return {}
    client_id, _, client_secret = base64.b64decode(encoded).decode().partition(":")
    return {"client_id": client_id, "client_secret": client_secret}


def _is_within(message: Json, arguments: Json) -> bool:
    """docs.slack.dev/reference/methods/conversations.history: without `inclusive` the ends are left out."""
    at, oldest = float(message["ts"]), float(arguments.get("oldest", 0))
    latest = float(arguments.get("latest", "inf"))
    if str(arguments.get("inclusive", "")).lower() in {"1", "true"}:
        return oldest <= at <= latest
    return oldest < at < latest


def _check_metadata(metadata: object) -> None:
    """docs.slack.dev/messaging/message-metadata"""
    if metadata is None:
        return
    match metadata:
        case {"event_type": str(kind), "event_payload": dict(payload), **rest} if not rest:
            is_flat = all(isinstance(value, str | int | float | bool) for value in payload.values())
            if re.fullmatch(r"[A-Za-z0-9_.-]+", kind) and is_flat and len(json.dumps(payload)) <= 4_000:
                return
    raise Refused("invalid_metadata_format")


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
        raise Refused("invalid_cursor") from error
