"""What Slack tells us goes to the desk, and Slack hears whether it was taken in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from helpdesk_bot.chat.slack.answers import TROUBLE, Answers, Said, acknowledge, ephemeral, keep_open
from helpdesk_bot.chat.slack.chat import SlackChat
from helpdesk_bot.chat.slack.messages import render_note
from helpdesk_bot.chat.slack.payloads import (
    Asked,
    BotJoined,
    ChannelNews,
    HeldBack,
    HomeOpened,
    Ignored,
    PaneMoved,
    PaneOpened,
    PersonChanged,
    Pressed,
    Revoked,
    SlackBot,
    Submitted,
    Taken,
    is_for,
    is_of_our_organisation,
    is_slash_command,
    is_url_verification,
    read,
)
from helpdesk_bot.events import AdminCommand, ChannelMoved, Deletion, Edit, Question, Vote
from helpdesk_bot.ports import Desk

log = structlog.get_logger()

_ANSWER_WITHIN_S = 2.9
"""Slack waits three seconds, and a trigger opens a form for as long."""

_SHOW_AT_LEAST_S = 0.3
_HOUR_S = 3_600
_ELSEWHERE = "I work in another workspace of your organisation. Please ask me there."
_REVOKED = (
    "Slack took my rights away: somebody removed the app, or revoked its token. Nobody is answered there until it is "
    "installed again and has its new token."
)
_HELD_BACK = (
    "Slack sends me no more events for now: there were more than 30,000 in an hour in this workspace, or too many of "
    "them failed. Until that is over, I do not hear every question. Remove me from channels that write much and ask "
    "little, and look at the log for events that were not taken in."
)


class Intake(AsyncMiddleware):
    """Reads a payload and gives it to the desk.

    200 says that it is taken in, durably, or of no interest; 503 that Slack should send it again. It is the only step
    of ours in bolt, and an early one: bolt's listeners answer 404 to what they don't know, and fail on shapes that
    they don't expect.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        bot: SlackBot,
        chat: SlackChat | None,
        on_ignored: Callable[[str], None],
        take_within_s: float,
    ) -> None:
        self._desk = desk
        self._bot = bot
        self._answers = Answers(desk, chat)
        self._on_ignored = on_ignored
        self._take_within_s = take_within_s

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - bolt passes it by name
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - so is this named by bolt
    ) -> BoltResponse:
        return await (next() if is_url_verification(req.body) else self.take(req.body))

    async def take(self, body: Mapping[str, object]) -> BoltResponse:
        if not is_for(body, self._bot):
            return self._turn_away(body)
        taken = read(body, self._bot)
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._take_within_s):
                outcome = await self._hand_over(taken)
        except Exception as error:  # noqa: BLE001 - the outermost handler of an event
            log.warning("event not taken in", platform="slack", error=type(error).__name__)
            return await self._refuse(taken, body)
        if isinstance(outcome, BoltResponse):
            return outcome
        left_s = _ANSWER_WITHIN_S - (time.monotonic() - started)
        return await self._answers.give(outcome, within_s=max(left_s, _SHOW_AT_LEAST_S))

    def _turn_away(self, body: Mapping[str, object]) -> BoltResponse:
        """Slack counts a refusal as a failure, and switches a failing app off in every workspace."""
        if not is_of_our_organisation(body, self._bot):
            self._on_ignored("other_app")
            return BoltResponse(status=403)
        self._on_ignored("other_workspace")
        return ephemeral(render_note(_ELSEWHERE)) if is_slash_command(body) else acknowledge()

    async def _hand_over(self, taken: Taken) -> BoltResponse | Said:  # noqa: PLR0911 - one line for each kind
        match taken:
            case Question() | Edit() | Deletion():
                return await self._tell(taken)
            case Vote():
                return await self._answers.vote(taken)
            case Pressed():
                return await self._answers.press(taken)
            case Submitted(event=submission):
                return await self._answers.submit(submission)
            case Asked(question=question):
                return await self._answers.ask(question)
            case AdminCommand():
                return await self._answers.run_command(taken)
            case PaneOpened() | PaneMoved() | HomeOpened() | BotJoined() | PersonChanged():
                return await self._answers.show(taken)
            case ChannelMoved():
                await self._desk.take_move(taken)
            case HeldBack(minute=minute):
                self._on_ignored("app_rate_limited")
                await self._desk.warn_admins(_HELD_BACK, marker=f"slack:rate_limited:{minute // _HOUR_S}")
            case Revoked(kind=kind):
                log.error("Slack took the app's rights away: install it again", platform="slack", kind=kind)
                self._on_ignored(kind)
                await self._desk.warn_admins(_REVOKED, marker=f"slack:{kind}:{int(time.time()) // _HOUR_S}")
            case ChannelNews(kind=kind):
                self._on_ignored(kind)
            case Ignored():
                self._on_ignored(taken.value)
        return acknowledge()

    async def _tell(self, taken: Question | Edit | Deletion) -> BoltResponse:
        match taken:
            case Question():
                await self._desk.accept(taken)
                await self._answers.name_conversation(taken)
            case Edit():
                await self._desk.take_edit(taken)
            case Deletion():
                await self._desk.take_deletion(taken)
        return acknowledge()

    async def _refuse(self, taken: Taken, body: Mapping[str, object]) -> BoltResponse:
        """Events come again; people who wait for an answer are told, and nothing that they wrote is lost."""
        if is_slash_command(body):
            return ephemeral(render_note(TROUBLE))
        if isinstance(taken, Submitted):
            return keep_open(taken)
        if isinstance(taken, Pressed | Asked):
            await self._answers.say_trouble(taken)
        return BoltResponse(status=503)
