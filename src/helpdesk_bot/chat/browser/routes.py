"""What the page asks the server for."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Literal, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from helpdesk_bot.chat.browser.messages import KeptQuestion, KeptVote, find_reply, show_passage
from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.site import SecurityHeaders, Site, SiteFile, read_site
from helpdesk_bot.chat.browser.stream import ConversationEvents, EventStream
from helpdesk_bot.chat.browser.throttle import Throttle
from helpdesk_bot.chat.browser.visitors import (
    find_visitor,
    is_from_our_page,
    new_visitor,
    owns,
    remember_visitor,
    start_conversation,
)
from helpdesk_bot.events import Person, Question, Vote
from helpdesk_bot.ports import Desk
from knowledge.passages import Passage

GetPassage: TypeAlias = Callable[[int], Awaitable[Passage | None]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

NOT_YOURS = "This conversation isn't open in this browser. Start a new one."
MAX_ID = 2**63 - 1
"""The largest bigint of Postgres."""
MESSAGE_ID = re.compile(r"[0-9]{1,18}")
UNREADABLE = "The help desk couldn't read that. Reload the page and try again."


@dataclass(frozen=True, kw_only=True)
class BrowserLimits:
    max_question_characters: int = 8_000
    max_body_bytes: int = 65_536
    questions_per_minute: int = 30
    """From one address, in one process; a whole minute's share may come at once."""
    max_streams: int = 500
    """Open pages in one process."""
    heartbeat_s: float = 15.0


class Refused(Exception):
    """A request that gets a plain sentence instead of what it asked for."""

    def __init__(self, status: int, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s

    def as_response(self) -> Response:
        headers = {"Cache-Control": "no-store"}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        return JSONResponse({"error": self.message}, self.status, headers=headers)


def _storable(text: object) -> object:
    """Postgres takes neither NUL nor half of a surrogate pair; JSON can hold both."""
    return text.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(text, str) else text


class ConversationWanted(BaseModel):
    conversation: str | None = None


class QuestionSent(BaseModel):
    conversation: str
    client_id: UUID
    text: Annotated[str, BeforeValidator(_storable), StringConstraints(strip_whitespace=True)]


class VoteSent(BaseModel):
    conversation: str
    message_id: Annotated[int, Field(le=MAX_ID)]
    value: Literal[-1, 0, 1]


Body = TypeVar("Body", bound=BaseModel)


def browser_routes(
    *,
    desk: Desk,
    records: BrowserRecords,
    visitor: Person,
    get_passage: GetPassage,
    suggestions: Sequence[str],
    closing: asyncio.Event,
    limits: BrowserLimits | None = None,
) -> list[BaseRoute]:
    """The page at `/`, its files, and `/api/chat/*`.

    `get_passage` gives a passage if the visitor may read it now. Open event streams end when `closing` is set; set it
    before the server waits for its connections to close.
    """
    limits = limits or BrowserLimits()
    site = _SiteEndpoints(read_site())
    chat = _ChatEndpoints(
        desk=desk,
        records=records,
        visitor=visitor,
        get_passage=get_passage,
        suggestions=tuple(suggestions),
        closing=closing,
        limits=limits,
    )

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        return Route(
            path,
            _with_plain_refusals(endpoint),
            methods=[method],
            middleware=[Middleware(SecurityHeaders)],
            max_body_size=limits.max_body_bytes,
        )

    return [
        route("GET", "/", site.show_page),
        route("GET", "/static/{version}/{name}", site.show_file),
        route("POST", "/api/chat/conversations", chat.open_conversation),
        route("POST", "/api/chat/questions", chat.take_question),
        route("GET", "/api/chat/events", chat.stream_events),
        route("POST", "/api/chat/votes", chat.take_vote),
        route("GET", "/api/chat/passages/{chunk_id:int}", chat.show_passage),
        route("GET", "/api/chat/suggestions", chat.list_suggestions),
    ]


class _SiteEndpoints:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def show_page(self, request: Request) -> Response:  # noqa: ARG002 - the same for everyone
        return _file_response(self._site.page, cache="no-cache")

    async def show_file(self, request: Request) -> Response:
        """A file under another version's address is today's, and is not kept: a deploy may be under way."""
        file = self._site.files.get(request.path_params["name"])
        if file is None:
            raise Refused(404, "There is no such file.")
        is_current = request.path_params["version"] == self._site.version
        return _file_response(file, cache="public, max-age=31536000, immutable" if is_current else "no-cache")


class _ChatEndpoints:
    def __init__(
        self,
        *,
        desk: Desk,
        records: BrowserRecords,
        visitor: Person,
        get_passage: GetPassage,
        suggestions: tuple[str, ...],
        closing: asyncio.Event,
        limits: BrowserLimits,
    ) -> None:
        self._desk = desk
        self._records = records
        self._visitor = visitor
        self._get_passage = get_passage
        self._suggestions = suggestions
        self._closing = closing
        self._limits = limits
        self._throttle = Throttle(per_minute=limits.questions_per_minute, clock_s=time.monotonic)
        self._room = asyncio.Semaphore(limits.max_streams)

    async def open_conversation(self, request: Request) -> Response:
        """Go on with the conversation that the page remembers, or start one where it remembers none of its own.

        The cookie is set here and never with the page: a link from elsewhere opens the page without the strict cookie,
        and a fresh one would then lock the visitor out of what they said before.
        """
        wanted = (await _read_body(request, ConversationWanted)).conversation
        secret = find_visitor(request) or new_visitor()
        resumed = wanted is not None and owns(secret, wanted)
        conversation = wanted if resumed else start_conversation(secret)
        response = _json({"conversation": conversation, "resumed": resumed})
        remember_visitor(request, response, secret)
        return response

    async def take_question(self, request: Request) -> Response:
        """202, also for a question that was taken in before: a double click and a retry are one question."""
        sent = await _read_body(request, QuestionSent)
        self._check_owner(request, sent.conversation)
        self._check_question(request, sent.text)
        question = self._question(sent, message_id=await self._keep_question(sent))
        is_new = await self._desk.accept(question)
        return _json({"message_id": int(question.message_id), "is_new": is_new}, status=202)

    async def stream_events(self, request: Request) -> Response:
        """`Last-Event-ID` is what the browser sends when it reconnects by itself, `after` what the page sends."""
        conversation = self._own_conversation(request)
        if self._room.locked():
            raise Refused(503, "Too many pages are open at the moment. Try again in a minute.", retry_after_s=60)
        seen = (request.headers.get("last-event-id"), request.query_params.get("after"))
        events = ConversationEvents(
            records=self._records,
            conversation=conversation,
            after=max(map(_message_id, seen)),
            room=self._room,
            closing=self._closing,
            heartbeat_s=self._limits.heartbeat_s,
            now=_now,
        )
        return EventStream(events.iter())

    async def take_vote(self, request: Request) -> Response:
        sent = await _read_body(request, VoteSent)
        self._check_owner(request, sent.conversation)
        messages = await self._records.list_browser_messages(sent.conversation, after=sent.message_id - 1)
        if find_reply(messages, sent.message_id) is None:
            raise Refused(404, "There is no such answer in this conversation.")
        vote = self._vote(sent)
        await self._desk.record_vote(vote)
        kept = KeptVote(message_id=sent.message_id, value=sent.value)
        marker = f"browser:{sent.conversation}:vote:{sent.message_id}:{vote.at.isoformat()}"
        await self._records.add_browser_message(sent.conversation, marker=marker, body=kept.model_dump(mode="json"))
        return _json({"value": sent.value})

    async def show_passage(self, request: Request) -> Response:
        self._own_conversation(request)
        chunk_id: int = request.path_params["chunk_id"]
        passage = await self._get_passage(chunk_id) if chunk_id <= MAX_ID else None
        if passage is None:
            raise Refused(404, "This passage was removed, or you may no longer read it.")
        return _json(show_passage(passage, now=_now()))

    async def list_suggestions(self, request: Request) -> Response:  # noqa: ARG002 - the same for everyone
        return _json({"suggestions": list(self._suggestions)})

    def _own_conversation(self, request: Request) -> str:
        conversation = request.query_params.get("conversation", "")
        self._check_owner(request, conversation)
        return conversation

    def _check_owner(self, request: Request, conversation: str) -> None:
        """A foreign conversation and one that never was get the same answer."""
        secret = find_visitor(request)
        if secret is None or not owns(secret, conversation):
            raise Refused(404, NOT_YOURS)

    def _check_question(self, request: Request, text: str) -> None:
        limit = self._limits.max_question_characters
        if not text:
            raise Refused(400, "Type a question first.")
        if len(text) > limit:
            raise Refused(400, f"A question can have {limit:,} characters; this has {len(text):,}. Shorten it.")
        if not self._throttle.admit(request.client.host if request.client else ""):
            raise Refused(429, "Too many questions in one minute. Wait a moment, then send it again.", retry_after_s=10)

    async def _keep_question(self, sent: QuestionSent) -> int:
        """The question's place in the conversation comes before its acceptance, so no answer can come before it.

        If the process dies between the two, the page sends the question again when it is next opened.
        """
        kept = KeptQuestion(key=_question_key(sent), client_id=str(sent.client_id), text=sent.text)
        return await self._records.add_browser_message(
            sent.conversation, marker=kept.key, body=kept.model_dump(mode="json")
        )

    def _question(self, sent: QuestionSent, *, message_id: int) -> Question:
        return Question(
            key=_question_key(sent),
            place=browser_place(sent.conversation),
            person_id=self._visitor.id,
            message_id=str(message_id),
            text=sent.text,
            asked_at=_now(),
        )

    def _vote(self, sent: VoteSent) -> Vote:
        return Vote(
            place=browser_place(sent.conversation),
            person_id=self._visitor.id,
            message_id=str(sent.message_id),
            value=sent.value,
            at=_now(),
            via="button",
        )


def _question_key(sent: QuestionSent) -> str:
    return f"browser:{sent.conversation}:{sent.client_id}"


async def _read_body(request: Request, model: type[Body]) -> Body:
    """The JSON body of a request from our own page."""
    if not is_from_our_page(request):
        raise Refused(403, "Only the help desk's own page may send this.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Send this as application/json.")
    try:
        return model.model_validate(json.loads(await request.body()))
    except HTTPException as error:
        raise Refused(error.status_code, "That is more than the help desk takes at once. Shorten it.") from error
    except (ValidationError, ValueError, RecursionError) as error:
        raise Refused(400, UNREADABLE) from error


def _with_plain_refusals(endpoint: Endpoint) -> Endpoint:
    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return refused.as_response()

    return answer


def _json(content: dict[str, object], *, status: int = 200) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})


def _file_response(file: SiteFile, *, cache: str) -> Response:
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": cache})


def _message_id(text: str | None) -> int:
    """0, which comes before every message, for anything that is not an id."""
    return int(text) if text and MESSAGE_ID.fullmatch(text) else 0


def _now() -> datetime:
    return datetime.now(UTC)
