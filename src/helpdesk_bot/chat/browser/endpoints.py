"""What the page asks of the chat: each request is checked, done or handed to the desk, and answered."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpdesk_bot.chat.browser.kept import (
    KeptDeletion,
    KeptNotice,
    KeptQuestion,
    KeptQuestionEdit,
    KeptReply,
    KeptVote,
    find_beginning,
    find_current,
    find_question,
)
from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.refusals import Refused
from helpdesk_bot.chat.browser.sent import (
    MAX_ID,
    ClickSent,
    ConversationsListed,
    ConversationWanted,
    DeletionSent,
    FormSent,
    QuestionSent,
    VoteSent,
    read_body,
)
from helpdesk_bot.chat.browser.shown import show_answer, show_passage
from helpdesk_bot.chat.browser.stream import ConversationEvents, EventStream
from helpdesk_bot.chat.browser.throttle import Throttle
from helpdesk_bot.chat.browser.visitors import find_visitor, new_visitor, owns, remember_visitor, start_conversation
from helpdesk_bot.events import Addressed, Click, Deletion, Edit, Person, Question, Submission, Vote
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.ports import Desk
from helpdesk_bot.records import BrowserMessage
from knowledge.passages import Passage

GetPassage: TypeAlias = Callable[[int], Awaitable[Passage | None]]

NOT_YOURS = "This conversation isn't open in this browser. Start a new one."
MESSAGE_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class BrowserLimits:
    max_question_characters: int = 8_000
    max_body_bytes: int = 65_536
    questions_per_minute: int = 30
    """From one address, in one process; a whole minute's share may come at once."""
    max_streams: int = 500
    """Open pages in one process."""
    heartbeat_s: float = 15.0


class ChatEndpoints:
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
        wanted = (await read_body(request, ConversationWanted)).conversation
        secret = find_visitor(request) or new_visitor()
        resumed = wanted is not None and owns(secret, wanted)
        conversation = wanted if resumed else start_conversation(secret)
        response = _json({"conversation": conversation, "resumed": resumed})
        remember_visitor(request, response, secret)
        return response

    async def list_conversations(self, request: Request) -> Response:
        """How each of the visitor's conversations begins, in the order asked for.

        Only the page knows which there are. A foreign one is left out, and so is one with no question left in it.
        """
        listed = await read_body(request, ConversationsListed)
        secret = find_visitor(request)
        shown: list[JsonObject] = []
        for conversation in dict.fromkeys(listed.conversations):
            if secret is None or not owns(secret, conversation):
                continue
            messages = await self._records.list_browser_messages(conversation)
            if (beginning := find_beginning(messages)) is not None:
                at = messages[-1].at.isoformat()
                shown.append({"conversation": conversation, "beginning": beginning, "at": at})
        return _json({"conversations": shown})

    async def take_question(self, request: Request) -> Response:
        """202, also for a question that was taken in before: a double click and a retry are one question."""
        sent = await read_body(request, QuestionSent)
        self._check_owner(request, sent.conversation)
        self._check_question(request, sent.text)
        question = self._question(sent, message_id=await self._keep_question(sent))
        is_new = await self._desk.accept(question)
        return _json({"message_id": int(question.message_id), "is_new": is_new}, status=202)

    async def take_edit(self, request: Request) -> Response:
        """The question as it now reads; its answer follows where the old one stood."""
        sent = await read_body(request, QuestionSent)
        message_id = await self._find_own_question(request, sent)
        self._check_question(request, sent.text)
        edited_at = _now()
        edit = Edit(question=self._question(sent, message_id=message_id), edited_at=edited_at)
        await self._desk.take_edit(edit)
        await self._keep(sent, KeptQuestionEdit(client_id=str(sent.client_id), text=sent.text), at=edited_at)
        return _json({"message_id": message_id}, status=202)

    async def take_deletion(self, request: Request) -> Response:
        sent = await read_body(request, DeletionSent)
        message_id = await self._find_own_question(request, sent)
        at = _now()
        deletion = Deletion(
            question_key=_question_key(sent), place=browser_place(sent.conversation), message_id=str(message_id), at=at
        )
        await self._desk.take_deletion(deletion)
        await self._keep(sent, KeptDeletion(client_id=str(sent.client_id)), at=at)
        return _json({"message_id": message_id}, status=202)

    async def take_click(self, request: Request) -> Response:
        """Only a button that stands under a message of this conversation now can be pressed."""
        sent = await read_body(request, ClickSent)
        self._check_owner(request, sent.conversation)
        message = find_current(await self._messages_from(sent.conversation, sent.message_id), sent.message_id)
        buttons = message.buttons if isinstance(message, KeptReply | KeptNotice) else ()
        if (sent.action, sent.value) not in {(button.action, button.value) for button in buttons}:
            raise Refused(404, "This button is no longer there.")
        click = Click(
            key=f"browser:{sent.conversation}:{sent.press_id}",
            action=sent.action,
            value=sent.value,
            place=browser_place(sent.conversation),
            person_id=self._visitor.id,
            message_id=str(sent.message_id),
            at=_now(),
        )
        return _json(show_answer(await self._desk.click(click)))

    async def take_form(self, request: Request) -> Response:
        sent = await read_body(request, FormSent)
        self._check_owner(request, sent.conversation)
        submission = Submission(
            key=f"browser:{sent.conversation}:{sent.press_id}",
            form=sent.form,
            value=sent.value,
            fields=sent.fields,
            place=browser_place(sent.conversation),
            person_id=self._visitor.id,
            at=_now(),
        )
        return _json(show_answer(await self._desk.submit(submission)))

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
        sent = await read_body(request, VoteSent)
        self._check_owner(request, sent.conversation)
        messages = await self._messages_from(sent.conversation, sent.message_id)
        if not isinstance(find_current(messages, sent.message_id), KeptReply):
            raise Refused(404, "There is no such answer in this conversation.")
        vote = self._vote(sent)
        answer = await self._desk.record_vote(vote)
        await self._keep(sent, KeptVote(message_id=sent.message_id, value=sent.value), at=vote.at)
        return _json({"value": sent.value, **show_answer(answer)})

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

    async def _keep(
        self,
        sent: QuestionSent | DeletionSent | VoteSent,
        kept: KeptVote | KeptQuestionEdit | KeptDeletion,
        *,
        at: datetime,
    ) -> None:
        of = sent.message_id if isinstance(sent, VoteSent) else sent.client_id
        marker = f"browser:{sent.conversation}:{kept.kind}:{of}:{at.isoformat()}"
        await self._records.add_browser_message(sent.conversation, marker=marker, body=kept.model_dump(mode="json"))

    async def _messages_from(self, conversation: str, message_id: int) -> list[BrowserMessage]:
        return await self._records.list_browser_messages(conversation, after=message_id - 1)

    async def _find_own_question(self, request: Request, sent: QuestionSent | DeletionSent) -> int:
        self._check_owner(request, sent.conversation)
        messages = await self._records.list_browser_messages(sent.conversation)
        found = find_question(messages, str(sent.client_id))
        if found is None:
            raise Refused(404, "There is no such question in this conversation.")
        return found[0]

    def _question(self, sent: QuestionSent, *, message_id: int) -> Question:
        return Question(
            key=_question_key(sent),
            place=browser_place(sent.conversation),
            person_id=self._visitor.id,
            message_id=str(message_id),
            text=sent.text,
            asked_at=_now(),
            addressed=Addressed.DIRECT,
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


def _question_key(sent: QuestionSent | DeletionSent) -> str:
    return f"browser:{sent.conversation}:{sent.client_id}"


def _json(content: Mapping[str, object], *, status: int = 200) -> Response:
    return JSONResponse(content, status, headers={"Cache-Control": "no-store"})


def _message_id(text: str | None) -> int:
    """0, which comes before every message, for anything that is not an id."""
    return int(text) if text and MESSAGE_ID.fullmatch(text) else 0


def _now() -> datetime:
    return datetime.now(UTC)
