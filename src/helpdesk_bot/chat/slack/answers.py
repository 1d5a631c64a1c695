"""What one person is shown for what they did: a form, a whisper, suggestions, their home."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace

import structlog
from slack_bolt.response import BoltResponse

from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.chat.slack.forms import fill_in
from helpdesk_bot.chat.slack.messages import SlackMessage, render_note
from helpdesk_bot.chat.slack.payloads import (
    Asked,
    BotJoined,
    HomeOpened,
    PaneMoved,
    PaneOpened,
    PersonChanged,
    Pressed,
    Submitted,
)
from helpdesk_bot.chat.slack.posts import escape
from helpdesk_bot.errors import ChatError, ChatRefused, RateLimited
from helpdesk_bot.events import Addressed, AdminCommand, Click, Place, Platform, Question, Submission, Vote
from helpdesk_bot.messages import Form, Greeting, Notice
from helpdesk_bot.ports import Desk

log = structlog.get_logger()

TROUBLE = "I can't do that right now, and nothing was changed. Please try again in a minute."
_ASKED_BY_COMMAND = "I answer you in our direct conversation."
_TOO_LATE = "That took too long for Slack to open the form. Please press once more."
_BUSY = "Slack is too busy to open the form. Please press once more in {seconds:.0f} seconds."
_NOT_OPENED = "Slack did not open the form. Please press once more."
_MAX_UNTITLED = 1_000
_WAIT_AT_MOST_S = 1.0
"""Slack waits for us meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the desk says to one person about what they did."""

    event: Vote | Click | Submission
    said: Form | Notice | None
    trigger_id: str = ""


Shown = PaneOpened | PaneMoved | HomeOpened | BotJoined | PersonChanged


class Answers:
    """Without a chat only the desk is told, and nothing is shown."""

    def __init__(self, desk: Desk, chat: SlackChat | None) -> None:
        self._desk = desk
        self._chat = chat
        self._untitled: OrderedDict[tuple[str, str | None], None] = OrderedDict()

    async def press(self, pressed: Pressed) -> Said:
        """A vote or a click, and what the desk has to say to whoever pressed."""
        event = pressed.event
        said = await (self._desk.click(event) if isinstance(event, Click) else self._desk.record_vote(event))
        if isinstance(said, Form) and pressed.prefill:
            said = fill_in(said, pressed.prefill)
        return Said(event=event, said=said, trigger_id=pressed.trigger_id)

    async def vote(self, vote: Vote) -> Said:
        """A reaction counts for the whole answer, on whatever part of it."""
        if self._chat is not None:
            first = await self._chat.posts.find_first_part(vote.place, vote.message_id)
            vote = replace(vote, message_id=first.message_id, place=replace(vote.place, thread=first.thread))
        return Said(event=vote, said=await self._desk.record_vote(vote))

    async def submit(self, submission: Submission) -> Said:
        return Said(event=submission, said=await self._desk.submit(submission))

    async def ask(self, question: Question) -> BoltResponse:
        """In the thread of the message where the bot may speak there, otherwise in private, to each who asks."""
        if self._chat is not None and not await self._chat.places.is_member(question.place):
            direct = await self._chat.get_direct_place(question.person_id)
            question = replace(question, place=direct, key=f"{question.key}:{question.person_id}")
        await self._desk.accept(question)
        return acknowledge()

    async def run_command(self, command: AdminCommand) -> BoltResponse:
        if self._chat is not None and self._desk.is_question(command):
            return await self._ask_by_command(self._chat, command)
        told = await self._desk.run_command(command)
        return ephemeral(render_note(told.text, link=told.link))

    async def _ask_by_command(self, chat: SlackChat, command: AdminCommand) -> BoltResponse:
        """In the direct conversation, below what was asked: Slack shows nobody what is typed after a slash."""
        text = " ".join(command.words)
        place = await chat.get_direct_place(command.person_id)
        asked = await chat.post(place, Notice(text=f"You asked: {text}"), marker=f"asked:{command.key}")
        question = Question(
            key=f"{command.key}:ask",
            place=replace(place, thread=asked),
            person_id=command.person_id,
            message_id=asked,
            text=text,
            asked_at=command.at,
            addressed=Addressed.DIRECT,
        )
        await self._desk.accept(question)
        return ephemeral(render_note(_ASKED_BY_COMMAND))

    async def show(self, shown: Shown) -> BoltResponse:
        """What Slack refuses to show it refuses again: then it need not tell us of it again."""
        if self._chat is not None:
            try:
                await self._show(self._chat, shown)
            except ChatRefused as refused:
                log.warning("nothing was shown", platform="slack", kind=type(shown).__name__, reason=refused.reason)
        return acknowledge()

    async def _show(self, chat: SlackChat, shown: Shown) -> None:
        match shown:
            case PaneOpened(place=place, person_id=person_id):
                await self._open_pane(chat, place, person_id)
            case PaneMoved(place=place, context=context, person_id=person_id):
                await chat.surfaces.suggest(place, await self._desk.greet(context, person_id))
            case HomeOpened(person_id=person_id):
                home = await self._desk.get_home(Platform.SLACK, person_id)
                await chat.surfaces.publish_home(person_id, home)
            case BotJoined(place=place, person_id=person_id, key=key):
                await self._greet(chat, place, person_id, marker=key)
            case PersonChanged(person_id=person_id):
                chat.people.forget(person_id)

    async def name_conversation(self, question: Question) -> None:
        """The first question in the pane is its conversation's title; best effort."""
        key = (question.place.channel, question.place.thread)
        if self._chat is None or key not in self._untitled or not question.text.strip():
            return
        del self._untitled[key]
        try:
            await self._chat.surfaces.set_title(question.place, question.text)
        except ChatError as error:
            log.info("a conversation has no title", platform="slack", error=type(error).__name__)

    async def give(self, answer: Said, *, within_s: float) -> BoltResponse:
        """The desk has taken it in: trouble from here on is no reason to send it again."""
        if self._chat is not None:
            try:
                async with asyncio.timeout(within_s):
                    await self._open_or_whisper(self._chat, answer)
            except TimeoutError:
                log.warning("what the desk said came too late", platform="slack")
        return acknowledge()

    async def say_trouble(self, taken: Pressed | Asked) -> None:
        event = taken.event if isinstance(taken, Pressed) else taken.question
        await self._whisper(event.place, event.person_id, Notice(text=TROUBLE), marker="")

    async def _open_pane(self, chat: SlackChat, place: Place, person_id: str) -> None:
        self._untitled[place.channel, place.thread] = None
        while len(self._untitled) > _MAX_UNTITLED:
            self._untitled.popitem(last=False)
        greeting = await self._greet(chat, place, person_id, marker=f"greeting:{place.conversation_id}")
        await chat.surfaces.suggest(place, greeting)

    async def _greet(self, chat: SlackChat, place: Place, person_id: str, *, marker: str) -> Greeting:
        """Say what a place opens with, once however often Slack tells of it."""
        greeting = await self._desk.greet(place, person_id)
        if greeting.text and await chat.find_posted(place, marker=marker) is None:
            await chat.post(place, Notice(text=greeting.text), marker=marker)
        return greeting

    async def _open_or_whisper(self, chat: SlackChat, answer: Said) -> None:
        event, marker = answer.event, f"whisper:{_key_of(answer.event)}"
        if isinstance(answer.said, Notice):
            await self._whisper(event.place, event.person_id, answer.said, marker=marker)
        elif answer.said is not None and answer.trigger_id:
            try:
                await chat.surfaces.open_form(answer.said, event.place, trigger_id=answer.trigger_id)
            except ChatError as error:
                log.warning("a form was not opened", platform="slack", error=str(error))
                notice = Notice(text=_why_not_opened(error))
                await self._whisper(event.place, event.person_id, notice, marker=marker)

    async def _whisper(self, place: Place, person_id: str, notice: Notice, *, marker: str) -> None:
        """Once more a moment later where Slack says that it came too soon."""
        if self._chat is None:
            return
        try:
            try:
                await self._chat.whisper(place, person_id, notice, marker=marker)
            except RateLimited as limited:
                if limited.retry_after_s > _WAIT_AT_MOST_S:
                    raise
                await asyncio.sleep(limited.retry_after_s)
                await self._chat.whisper(place, person_id, notice, marker=marker)
        except ChatError as error:
            log.warning("a whisper was lost", platform="slack", error=str(error))


def _why_not_opened(error: ChatError) -> str:
    match error:
        case RateLimited(retry_after_s=seconds):
            return _BUSY.format(seconds=max(seconds, 2.0))
        case ChatRefused(reason="expired_trigger_id"):
            return _TOO_LATE
        case _:
            return _NOT_OPENED


def acknowledge() -> BoltResponse:
    return BoltResponse(status=200)


def ephemeral(message: SlackMessage) -> BoltResponse:
    """docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response"""
    content = {"text": escape(message.text), "blocks": list(message.blocks)}
    return BoltResponse(status=200, body={"response_type": "ephemeral", **content})


def keep_open(sent: Submitted) -> BoltResponse:
    """The form stays open, with what went wrong (docs.slack.dev/surfaces/modals#displaying_errors)."""
    return BoltResponse(status=200, body={"response_action": "errors", "errors": {sent.first_field: TROUBLE}})


def _key_of(event: Vote | Click | Submission) -> str:
    if isinstance(event, Vote):
        return f"vote:{event.message_id}:{event.person_id}:{event.at.timestamp()}"
    return event.key
