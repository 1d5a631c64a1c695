"""Saying something once: no platform here knows idempotency keys, so a row says how far each attempt got.

    planned -> sending -> sent | refused | withdrawn

A process that finds `sending` does not know whether the platform took the message: it looks for the message's marker
before it posts again. So it does for what is late: a database that was restored from a backup does not know what was
posted since. Editing and withdrawing twice is doing it once, so these need no look.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol, TypeAlias

import structlog

from helpdesk_bot.errors import ChatError, ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Place, Platform, Step
from helpdesk_bot.messages import Message, Packet, Reply
from helpdesk_bot.ports import Chat, Stream
from helpdesk_bot.records import Outgoing, OutgoingState, Records

log = structlog.get_logger()

SENDING_PATIENCE_S = 6.0
"""How long another process's attempt is waited for, also where its worker counts as dead: it may be in the middle."""

_OVER = frozenset({OutgoingState.SENT, OutgoingState.REFUSED, OutgoingState.WITHDRAWN})


class Milestone(StrEnum):
    """How far an answer got; a process may die after each of them, and the next one goes on from there."""

    TAKEN = "taken"
    DECIDED = "decided"
    PLANNED = "planned"
    CLAIMED = "claimed"
    POSTED = "posted"
    SENT = "sent"
    ENDED = "ended"
    AGREED = "agreed"
    """A change is taken up, and nothing was sent. So on to the next three."""
    STARTED = "started"
    CALLED = "called"
    NOTED = "noted"


CHANGE_MILESTONES = frozenset({Milestone.AGREED, Milestone.STARTED, Milestone.CALLED, Milestone.NOTED})
"""Those of a change that a person agreed to, not of an answer."""


class Observer(Protocol):
    """Is told how far an answer got, and what the agent is doing for it."""

    def __call__(self, question_key: str, reached: Milestone | Step) -> None: ...


def watch_nothing(question_key: str, reached: Milestone | Step) -> None:
    """The observer of those who don't look."""


Revise: TypeAlias = Callable[[Outgoing], Awaitable[Message | None]]
"""The message as it may be said now; None to say nothing."""


async def as_planned(outgoing: Outgoing) -> Message:
    """The revision of what is true at any time."""
    return outgoing.message


TellLost: TypeAlias = Callable[[Place, str], Awaitable[None]]
"""Hears of a place that takes no packet, and of the platform's reason."""


async def tell_nobody(place: Place, reason: str) -> None:
    """For where nobody is to hear of it."""


class Delivery:
    """Posts what is planned, each message at most once."""

    def __init__(
        self,
        *,
        records: Records,
        chats: Mapping[Platform, Chat],
        observe: Observer,
        tell_lost: TellLost = tell_nobody,
    ) -> None:
        self._records = records
        self._chats = chats
        self._observe = observe
        self._tell_lost = tell_lost

    async def say(self, outgoing: Outgoing, *, revise: Revise = as_planned, stream: Stream | None = None) -> None:
        """Post it, or put it where its older version stands, unless that is done or was refused.

        `revise` is asked right before. `stream` is the message as it grew so far, where this process opened it: it ends
        with what is to be said. Raises `RateLimited` and `ChatUnavailable` to be called again.
        """
        if outgoing.state in _OVER:
            return
        if stream is not None:
            await self._finish(outgoing, revise, stream)
            return
        if outgoing.state is OutgoingState.SENDING and outgoing.whisper_to is None and outgoing.message_id is None:
            settled = await self._settle(outgoing)
            if settled.state in _OVER:
                return
            outgoing = settled
        elif outgoing.is_late and outgoing.whisper_to is None and outgoing.message_id is None:
            outgoing = replace(outgoing, message_id=await self._find_posted(outgoing))
        message = await revise(outgoing)
        if message is None:
            return
        if message != outgoing.message:
            await self._records.replace_message(outgoing.id, message)
        await self._claim(outgoing)
        await self._post(replace(outgoing, message=message))

    async def withdraw(self, outgoing: Outgoing) -> None:
        """Take it away if it was posted; what was not posted yet never is. Raises as `say` does."""
        if outgoing.state in {OutgoingState.WITHDRAWN, OutgoingState.REFUSED}:
            return
        if outgoing.state is OutgoingState.SENDING and outgoing.whisper_to is None and outgoing.message_id is None:
            outgoing = await self._settle(outgoing)
        if outgoing.message_id is not None:
            try:
                await self._chat(outgoing).withdraw(outgoing.place, outgoing.message_id, marker=outgoing.marker)
            except ChatRefused as refused:
                log.warning("message stays", question_key=outgoing.question_key, reason=refused.reason)
                return
        await self._records.mark_withdrawn(outgoing.id)

    async def _finish(self, outgoing: Outgoing, revise: Revise, stream: Stream) -> None:
        """After any trouble the message is looked for, and edited: part of it is there."""
        message = await revise(outgoing)
        if not isinstance(message, Reply):
            await self._records.let_go(outgoing.id)
            return
        version = outgoing.version
        if message != outgoing.message:
            await self._records.replan(outgoing.id, message)
            version += 1
        try:
            message_id = await stream.finish(message)
        except ChatError as error:
            await self._records.let_go(outgoing.id)
            raise ChatUnavailable("the stream broke off") from error
        self._observe(outgoing.question_key, Milestone.POSTED)
        await self._records.mark_sent(outgoing.id, message_id, version=version)
        self._observe(outgoing.question_key, Milestone.SENT)

    async def _settle(self, outgoing: Outgoing) -> Outgoing:
        """What became of an earlier attempt: it is sent, refused, or planned again (where need be, as an edit)."""
        await self._claim(outgoing)
        try:
            message_id = await self._chat(outgoing).find_posted(outgoing.place, marker=outgoing.marker)
        except (RateLimited, ChatUnavailable):
            await self._records.let_go(outgoing.id)
            raise
        except ChatRefused as refused:
            await self._accept_refusal(outgoing, refused)
            return replace(outgoing, state=OutgoingState.REFUSED)
        if message_id is not None and outgoing.posted_version == outgoing.version:
            await self._records.mark_sent(outgoing.id, message_id, version=outgoing.version)
            return replace(outgoing, state=OutgoingState.SENT, message_id=message_id)
        await self._records.put_back(outgoing.id, message_id=message_id)
        return replace(outgoing, state=OutgoingState.PLANNED, message_id=message_id)

    async def _find_posted(self, outgoing: Outgoing) -> str | None:
        """None also where the place can't be looked through: it is hardly ever there."""
        try:
            return await self._chat(outgoing).find_posted(outgoing.place, marker=outgoing.marker)
        except ChatRefused:
            return None

    async def _post(self, outgoing: Outgoing) -> None:
        try:
            message_id = await self._hand_over(outgoing)
        except RateLimited:
            await self._records.put_back(outgoing.id)
            raise
        except ChatUnavailable:
            await self._records.let_go(outgoing.id)
            raise
        except ChatRefused as refused:
            await self._accept_refusal(outgoing, refused)
        else:
            self._observe(outgoing.question_key, Milestone.POSTED)
            await self._records.mark_sent(outgoing.id, message_id, version=outgoing.version)
            self._observe(outgoing.question_key, Milestone.SENT)

    async def _hand_over(self, outgoing: Outgoing) -> str:
        """To the platform; the message's id. What is to be edited and can't be is posted anew."""
        chat, place, message, marker = self._chat(outgoing), outgoing.place, outgoing.message, outgoing.marker
        if outgoing.whisper_to is not None:
            await chat.whisper(place, outgoing.whisper_to, message, marker=f"{marker}:{outgoing.id}")
            return ""
        if outgoing.message_id is None:
            return await chat.post(place, message, marker=marker)
        try:
            await chat.edit(place, outgoing.message_id, message, marker=marker)
        except ChatRefused as refused:
            log.warning("message can't be edited", question_key=outgoing.question_key, reason=refused.reason)
            await self._records.forget_message(outgoing.id)
            return await chat.post(place, message, marker=marker)
        return outgoing.message_id

    async def _claim(self, outgoing: Outgoing) -> None:
        if not await self._records.claim_sending(outgoing.id, patience_s=SENDING_PATIENCE_S):
            raise ChatUnavailable("another process is posting this now")
        self._observe(outgoing.question_key, Milestone.CLAIMED)

    async def _accept_refusal(self, outgoing: Outgoing, refused: ChatRefused) -> None:
        log.error("message refused", question_key=outgoing.question_key, marker=outgoing.marker, reason=refused.reason)
        if isinstance(outgoing.message, Packet):
            await self._tell_lost(outgoing.place, refused.reason)
        await self._records.mark_refused(outgoing.id, refused.reason)

    def _chat(self, outgoing: Outgoing) -> Chat:
        return self._chats[outgoing.place.platform]
