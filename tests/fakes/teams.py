"""Microsoft Teams on loopback: the Bot Connector, Entra's token endpoint, the keys that sign activities, the people.

    async with TeamsServer() as teams:
        teams.add_user("ada", email="ada@example.com")
        chat = teams.add_personal("ada")
        activity = teams.message(chat, "ada", "how do I reset my password?")     # as Teams tells the bot
        header = teams.sign(activity)                                            # and as it signs it
        teams.shown(chat)                                                        # what the bot said there

What the real one would refuse is refused with its code, and what no bot should do (a picture, a live mention that
nobody asked for, a field that Teams does not know) is kept in `violations`: leaving the context with one there fails.
"""

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.fakes.loopback import Loopback
from tests.fakes.teams_keys import TeamsKeys

Json = dict[str, Any]

LIMITS = ((1.0, 7), (2.0, 8), (30.0, 60), (3_600.0, 1_800))
MAX_MESSAGE_BYTES = 100_000
"""Of the payload in UTF-16."""
MAX_STREAM_S = 120.0
_RUNS = itertools.count(1)
"""In the address of the keys: the SDK keeps them for each address, and a later server may get an earlier one's port."""

_ACTIVITY_FIELDS = frozenset(
    {"type", "id", "text", "textFormat", "summary", "attachments", "entities", "channelData", "conversation", "from"}
    | {"recipient", "replyToId", "inputHint", "attachmentLayout", "locale", "timestamp", "serviceUrl", "channelId"}
)
_CARD_ELEMENTS = frozenset({"TextBlock", "RichTextBlock", "Container", "Input.Text", "Input.ChoiceSet", "Input.Date"})
_CARD_ACTIONS = frozenset({"Action.Execute", "Action.Submit", "Action.ShowCard", "Action.OpenUrl"})
_AT = re.compile(r"<at>.*?</at>")


@dataclass(frozen=True)
class Call:
    method: str
    conversation: str
    body: Json
    status: int
    at: float


@dataclass(frozen=True)
class Fail:
    """This status; `code` and `message` as Teams words them; `after_taking`: it was carried out all the same."""

    status: int
    code: str = ""
    message: str = ""
    retry_after_s: int | None = None
    after_taking: bool = False


@dataclass(frozen=True)
class Hang:
    """No answer until the bot gives up; carried out or not."""

    after_taking: bool = False


Fault = Fail | Hang | None


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(kw_only=True)
class Stream:
    started_at: float
    sequence: int = 0
    text: str = ""
    is_final: bool = False
    sent_at: float = 0.0
    pieces: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Conversation:
    id: str
    kind: str
    members: list[str]
    has_bot: bool = True
    is_shared: bool = False
    messages: dict[str, Json] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)


class TeamsServer:
    """One organisation with one bot. `service_url` is where its connector is, `login_url` where tokens are."""

    def __init__(
        self, *, app_id: str = "app-1", is_open: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`is_open`: no token is asked for, as by the playground."""
        self.app_id, self.password, self.tenant_id = app_id, "secret-1", "tenant-1"
        self.bot_id = f"28:{app_id}"
        self.is_open = is_open
        self.keys = TeamsKeys(app_id=app_id)
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.tokens: set[str] = set()
        self.token_seconds = 3_600
        self.page_size = 100
        self._clock = clock
        self._users: dict[str, Json] = {}
        self._conversations: dict[str, Conversation] = {}
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._ids = itertools.count(1_700_000_000_001)
        self._files: dict[str, bytes] = {}
        self._closing = asyncio.Event()

    # The organisation

    def add_user(
        self, user: str, *, email: str | None = None, role: str = "user", tenant: str = "", **more: Any
    ) -> None:
        name = more.pop("name", user.title())
        base = {
            "id": f"29:{user}",
            "name": name,
            "aadObjectId": f"aad-{user}",
            "userRole": role,
            "tenantId": tenant or self.tenant_id,
            "userPrincipalName": email or f"{user}@example.com",
        }
        self._users[user] = base | ({"email": email} if email else {}) | more

    def add_personal(self, user: str) -> str:
        return self._add(Conversation(id=f"a:{user}", kind="personal", members=[user]))

    def add_group(self, name: str, members: Iterable[str]) -> str:
        return self._add(Conversation(id=f"19:{name}@thread.v2", kind="groupChat", members=list(members)))

    def add_channel(self, name: str, members: Iterable[str], *, is_shared: bool = False, has_bot: bool = True) -> str:
        channel = Conversation(
            id=f"19:{name}@thread.tacv2", kind="channel", members=list(members), is_shared=is_shared, has_bot=has_bot
        )
        return self._add(channel)

    def conversation(self, conversation: str) -> Conversation:
        return self._conversations[conversation.partition(";messageid=")[0]]

    def add_file(self, name: str, content: bytes) -> str:
        self._files[name] = content
        return f"{self.base_url}/files/{name}"

    def shown(self, conversation: str) -> list[Json]:
        """The bot's messages there that are to be seen, oldest first."""
        return list(self.conversation(conversation).messages.values())

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def fail(self, method: str, *faults: Fault) -> None:
        """What happens to the next calls of `token`, `send`, `update`, `delete`, `create`, `members` or `member`."""
        self._faults[method].extend(faults)

    # What Teams tells the bot

    def activity(self, conversation: str, user: str, kind: str, **more: Any) -> Json:
        place = self.conversation(conversation)
        team = {"team": {"id": "19:team@thread.tacv2"}, "channel": {"id": place.id}} if place.kind == "channel" else {}
        if place.is_shared:
            team["channel"] = {"id": place.id, "type": "shared"}
        return {
            "type": kind,
            "id": str(next(self._ids)),
            "timestamp": "2026-11-22T10:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {key: self._users[user][key] for key in ("id", "name", "aadObjectId")},
            "recipient": {"id": self.bot_id, "name": "Helpdesk"},
            "conversation": {"id": conversation, "conversationType": place.kind, "tenantId": self.tenant_id},
            "channelData": {"tenant": {"id": self.tenant_id}, **team},
            **more,
        }

    def message(self, conversation: str, user: str, text: str, *, mention: bool = False, **more: Any) -> Json:
        """In a channel a message that starts a thread has its own id as the thread's."""
        activity = self.activity(conversation, user, "message", text=text, **more)
        if mention:
            activity["text"] = f"<at>Helpdesk</at> {text}"
            entity = {
                "type": "mention",
                "text": "<at>Helpdesk</at>",
                "mentioned": {"id": self.bot_id, "name": "Helpdesk"},
            }
            activity["entities"] = [entity, *activity.get("entities", [])]
        if self.conversation(conversation).kind == "channel" and ";messageid=" not in conversation:
            activity["conversation"]["id"] = f"{conversation};messageid={activity['id']}"
        return activity

    def invoke(self, conversation: str, user: str, name: str, value: Any, *, on: str = "") -> Json:
        return self.activity(conversation, user, "invoke", name=name, value=value, **({"replyToId": on} if on else {}))

    def press(self, conversation: str, user: str, action: Json, *, on: str = "", inputs: Json | None = None) -> Json:
        """A person presses an action of a card that the bot sent, having filled in its inputs."""
        data = {**action.get("data", {}), **(inputs or {})}
        if action["type"] == "Action.Execute":
            value = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": data}, "trigger": "manual"}
            return self.invoke(conversation, user, "adaptiveCard/action", value, on=on)
        if action.get("data", {}).get("msteams", {}).get("type") == "task/fetch":
            return self.invoke(conversation, user, "task/fetch", {"data": data, "context": {"theme": "default"}}, on=on)
        return self.activity(conversation, user, "message", value=data, **({"replyToId": on} if on else {}))

    def sign(self, activity: Json) -> str:
        return self.keys.header(service_url=activity["serviceUrl"])

    # Running

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_post("/{tenant}/oauth2/v2.0/token", self._serve_token)
        metadata = f"/openid/{next(_RUNS)}"
        application.router.add_get(metadata, self._serve_metadata)
        application.router.add_get("/keys", self._serve_keys)
        application.router.add_get("/files/{name}", self._serve_file)
        conversations = "/connector/v3/conversations"
        for method, path, name in (
            ("POST", conversations, "create"),
            ("POST", conversations + "/{conversation}/activities", "send"),
            ("PUT", conversations + "/{conversation}/activities/{message}", "update"),
            ("DELETE", conversations + "/{conversation}/activities/{message}", "delete"),
            ("GET", conversations + "/{conversation}/pagedmembers", "members"),
            ("GET", conversations + "/{conversation}/members/{member}", "member"),
        ):
            application.router.add_route(method, path, self._serving(name))
        self._server = Loopback(application)
        self.base_url = await self._server.open()
        self.service_url, self.login_url = f"{self.base_url}/connector/", self.base_url
        self.metadata_url = f"{self.base_url}{metadata}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._closing.set()
        await self._server.close()
        if kind is None:
            assert not self.violations, self.violations

    def _add(self, conversation: Conversation) -> str:
        self._conversations[conversation.id] = conversation
        return conversation.id

    # Serving

    async def _serve_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.calls.append(Call("token", "", {key: str(value) for key, value in form.items()}, 200, self._clock()))
        fault = self._faults["token"].popleft() if self._faults["token"] else None
        if isinstance(fault, Fail):
            return web.json_response({"error": fault.code}, status=fault.status)
        expected = {
            "grant_type": "client_credentials",
            "client_id": self.app_id,
            "client_secret": self.password,
            "scope": "https://api.botframework.com/.default",
        }
        if request.match_info["tenant"] != self.tenant_id or dict(form) != expected:
            return web.json_response({"error": "invalid_client", "error_description": "no"}, status=401)
        token = f"token-{next(self._ids)}"
        self.tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": token})

    async def _serve_metadata(self, _: web.Request) -> web.Response:
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.base_url}/keys"})

    async def _serve_keys(self, _: web.Request) -> web.Response:
        return web.json_response(self.keys.jwks())

    async def _serve_file(self, request: web.Request) -> web.Response:
        content = self._files.get(request.match_info["name"])
        return web.Response(body=content) if content is not None else web.Response(status=404)

    def _serving(self, name: str) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            body = json.loads(await request.read() or b"{}")
            conversation = request.match_info.get("conversation", "")
            fault = self._faults[name].popleft() if self._faults[name] else None
            if fault is None or fault.after_taking:
                response = self._carry_out(name, request, body)
            else:
                response = web.Response(status=500)
            if isinstance(fault, Hang):
                await self._closing.wait()
            if isinstance(fault, Fail):
                response = _error(fault.status, fault.code, fault.message)
                if fault.retry_after_s is not None:
                    response.headers["Retry-After"] = str(fault.retry_after_s)
            self.calls.append(Call(name, conversation, body, response.status, self._clock()))
            return response

        return serve

    def _carry_out(self, name: str, request: web.Request, body: Json) -> web.Response:
        if not self.is_open and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "Unauthorized", "Authorization has been denied for this request.")
        try:
            status, answer = getattr(self, f"_{name}")(request, body)
        except Refused as refused:
            return _error(refused.status, refused.code, refused.message)
        return web.json_response(answer, status=status)

    def _create(self, _: web.Request, body: Json) -> tuple[int, Json]:
        channel = (body.get("channelData") or {}).get("channel", {}).get("id")
        if channel is not None:
            place = self._get(channel)
            [message_id, *_] = [self._store(place, part) for part in _split(body["activity"])]
            return 201, {"id": f"{channel};messageid={message_id}", "activityId": message_id}
        member = body["members"][0]["id"]
        user = next((name for name, one in self._users.items() if member in {one["id"], one["aadObjectId"]}), None)
        if user is None:
            raise Refused(403, "ForbiddenOperationException", "Failed to create conversation")
        return 201, {"id": self.add_personal(user) if f"a:{user}" not in self._conversations else f"a:{user}"}

    def _send(self, request: web.Request, body: Json) -> tuple[int, Json]:
        conversation = request.match_info["conversation"]
        place = self._get(conversation)
        self._throttle(conversation)
        info = next((one for one in body.get("entities") or () if one.get("type") == "streaminfo"), None)
        if info is not None:
            return self._stream(place, body, info)
        if body["type"] == "typing":
            return 201, {"id": str(next(self._ids))}
        if place.kind == "channel" and ";messageid=" not in conversation:
            self.violations.append("a new thread is begun by creating a conversation")
        ids = [self._store(place, part) for part in _split(body)]
        return (201, {"id": ids[0]}) if len(ids) == 1 else (202, {})

    def _update(self, request: web.Request, body: Json) -> tuple[int, Json]:
        place = self._get(request.match_info["conversation"])
        self._throttle(place.id)
        message_id = request.match_info["message"]
        if message_id not in place.messages:
            raise Refused(404, "ActivityNotFoundInConversation", "not found")
        self._check(body)
        if len(_split(body)) > 1:
            raise Refused(400, "BadSyntax", "Activity resulted into multiple skype activities")
        place.messages[message_id] = {**body, "id": message_id, "edited": True}
        return 200, {"id": message_id}

    def _delete(self, request: web.Request, _: Json) -> tuple[int, Json]:
        place = self._get(request.match_info["conversation"])
        if place.messages.pop(request.match_info["message"], None) is None:
            raise Refused(404, "ActivityNotFoundInConversation", "not found")
        return 200, {}

    def _members(self, request: web.Request, _: Json) -> tuple[int, Json]:
        place = self._get(request.match_info["conversation"])
        start = int(request.query.get("continuationToken", 0))
        stop = start + min(self.page_size, int(request.query.get("pageSize", 50)))
        members = [self._users[user] for user in place.members]
        more = {"continuationToken": str(stop)} if stop < len(members) else {}
        return 200, {"members": members[start:stop], **more}

    def _member(self, request: web.Request, _: Json) -> tuple[int, Json]:
        place = self._get(request.match_info["conversation"])
        wanted = request.match_info["member"]
        for user in place.members:
            if wanted in {self._users[user]["id"], self._users[user]["aadObjectId"]}:
                return 200, self._users[user]
        raise Refused(404, "MemberNotFoundInConversation", "not found")

    # The rules

    def _get(self, conversation: str) -> Conversation:
        place = self._conversations.get(conversation.partition(";messageid=")[0])
        if place is None:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        if not place.has_bot:
            raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        return place

    def _throttle(self, conversation: str) -> None:
        now, sent = self._clock(), self._sent[conversation]
        if any(sum(now - at < period for at in sent) >= times for period, times in LIMITS):
            raise Refused(429, "Throttled", "API calls quota exceeded")
        sent.append(now)

    def _store(self, place: Conversation, body: Json) -> str:
        self._check(body)
        message_id = str(next(self._ids))
        place.messages[message_id] = {**body, "id": message_id}
        return message_id

    def _stream(self, place: Conversation, body: Json, info: Json) -> tuple[int, Json]:
        if place.kind != "personal":
            raise Refused(403, "ContentStreamNotAllowed", "Content stream is not allowed")
        now = self._clock()
        if "streamId" not in info:
            return self._begin_stream(place, body, info, now)
        stream = place.streams.get(info["streamId"])
        if stream is None:
            raise Refused(400, "BadRequest", "unknown streamId")
        if stream.is_final:
            raise Refused(
                403, "ContentStreamNotAllowed", "Content stream is not allowed on an already completed streamed message"
            )
        if now - stream.started_at > MAX_STREAM_S:
            raise Refused(403, "ContentStreamNotAllowed", "Content stream finished due to exceeded streaming time.")
        if now - stream.sent_at < 0.95:
            raise Refused(429, "Throttled", "API calls quota exceeded")
        stream.sent_at = now
        if info["streamType"] == "final":
            if body["type"] != "message" or "streamSequence" in info:
                raise Refused(400, "BadRequest", "a final message has no streamSequence")
            self._check(body)
            stream.is_final = True
            place.messages[info["streamId"]] = {**body, "id": info["streamId"]}
            return 202, {}
        self._add_piece(place, body, info, stream)
        return 202, {}

    def _begin_stream(self, place: Conversation, body: Json, info: Json, now: float) -> tuple[int, Json]:
        if any(not one.is_final and now - one.started_at < MAX_STREAM_S for one in place.streams.values()):
            raise Refused(403, "ContentStreamNotAllowed", "Content stream is not allowed: one at a time")
        if info.get("streamSequence") != 1:
            raise Refused(400, "BadRequest", "the first streamSequence is 1")
        stream_id = str(next(self._ids))
        stream = place.streams[stream_id] = Stream(started_at=now, sent_at=now)
        self._add_piece(place, {**body}, {**info, "streamId": stream_id}, stream)
        return 201, {"id": stream_id}

    def _add_piece(self, place: Conversation, body: Json, info: Json, stream: Stream) -> None:
        text = body.get("text") or ""
        if body["type"] != "typing" or not text:
            raise Refused(400, "BadRequest", "Start streaming activities should include text")
        if info.get("streamSequence", 0) <= stream.sequence:
            raise Refused(202, "ContentStreamSequenceOrderPreConditionFailed", "out of order")
        if len(_payload(body)) > MAX_MESSAGE_BYTES:
            raise Refused(403, "ContentStreamNotAllowed", "Message size too large")
        stream.sequence = info["streamSequence"]
        if info["streamType"] == "informative":
            if len(text) > 1_000 or stream.text:
                raise Refused(400, "BadRequest", "not an informative update")
        elif not text.startswith(stream.text):
            self.violations.append(f"a piece does not begin with the one before: {stream.text!r} {text!r}")
        else:
            stream.text = text
        stream.pieces.append(text)
        place.messages[info["streamId"]] = {**body, "id": info["streamId"]}

    def _check(self, body: Json) -> None:
        if len(_payload(body)) > MAX_MESSAGE_BYTES:
            raise Refused(413, "MessageSizeTooBig", "Message size too large")
        if not body.get("text") and not body.get("attachments"):
            raise Refused(400, "BadSyntax", "Activity has no content")
        unknown = set(body) - _ACTIVITY_FIELDS
        self.violations += [f"unknown field {name}" for name in unknown]
        self._check_entities(body)
        for attachment in body.get("attachments") or ():
            self._check_card(attachment["content"])

    def _check_entities(self, body: Json) -> None:
        entities, text = body.get("entities") or [], body.get("text") or ""
        roots = [one for one in entities if one.get("type") == "https://schema.org/Message"]
        if len(roots) > 1:
            raise Refused(400, "BadRequest", "Multiple root message entities found under entities array")
        for root in roots:
            citations = root.get("citation", [])
            if len(citations) > 20:
                raise Refused(400, "BadRequest", "Bot message with more than 20 citations")
            for citation in citations:
                appearance = citation["appearance"]
                if len(appearance["name"]) > 80 or len(appearance.get("abstract", "")) > 160:
                    raise Refused(400, "BadRequest", "Error while parsing citation entity")
                if f"[{citation['position']}]" not in text:
                    self.violations.append(f"citation {citation['position']} is not in the text")
        mentioned = {one["text"] for one in entities if one.get("type") == "mention"}
        self._check_text(text, mentioned)

    def _check_text(self, text: str, mentioned: set[str]) -> None:
        self.violations += [
            f"a mention without an entity: {mark}" for mark in _AT.findall(text) if mark not in mentioned
        ]
        if re.search(r"(?<!\\)!\[[^\]]*\]\(", text):
            self.violations.append("a picture")

    def _check_card(self, content: Json) -> None:
        if content.get("type") != "AdaptiveCard" or content.get("version") not in {"1.4", "1.5"}:
            raise Refused(400, "BadRequest", "not an Adaptive Card")
        mentioned = {one["text"] for one in content.get("msteams", {}).get("entities", [])}
        for element in content["body"]:
            if element["type"] not in _CARD_ELEMENTS:
                self.violations.append(f"card element {element['type']}")
            if element["type"] == "TextBlock":
                self._check_text(element["text"], mentioned)
        for action in content.get("actions", []):
            if action["type"] not in _CARD_ACTIONS:
                self.violations.append(f"card action {action['type']}")
            if action["type"] == "Action.OpenUrl" and not action["url"].startswith("https://"):
                self.violations.append(f"card link {action['url']}")
            if action["type"] == "Action.ShowCard":
                self._check_card(action["card"])


def _split(body: Json) -> list[Json]:
    """Teams makes two messages of a text with a card, and then gives the id of neither (conversation-messages)."""
    if not (body.get("text") and body.get("attachments")):
        return [body]
    return [{**body, "attachments": []}, {key: value for key, value in body.items() if key not in {"text", "entities"}}]


def _payload(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-16-le", "surrogatepass")


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
