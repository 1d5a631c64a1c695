"""Saying something once: no platform here knows idempotency keys, so a row says how far each attempt got.

    planned -> sending -> sent | refused

A process that finds `sending` does not know whether the platform took the message: it looks for the message's marker
before it posts again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol, TypeAlias

import structlog

from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Packet, Platform, Reply, Step
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Outgoing, OutgoingState, Records

log = structlog.get_logger()

SENDING_PATIENCE_S = 6.0
"""How long another process's attempt is waited for; shorter than what makes a worker count as dead."""


class Milestone(StrEnum):
    """How far an answer got; a process may die after each of them, and the next one goes on from there."""

    TAKEN = "taken"
    DECIDED = "decided"
    PLANNED = "planned"
    CLAIMED = "claimed"
    POSTED = "posted"
    SENT = "sent"
    ENDED = "ended"


class Observer(Protocol):
    """Is told how far an answer got, and what the agent is doing for it."""

    def __call__(self, question_key: str, reached: Milestone | Step) -> None: ...


def watch_nothing(question_key: str, reached: Milestone | Step) -> None:
    """The observer of those who don't look."""


Revise: TypeAlias = Callable[[Outgoing], Awaitable[Reply | Packet]]


class Delivery:
    """Posts what is planned, each message at most once."""

    def __init__(self, *, records: Records, chats: Mapping[Platform, Chat], observe: Observer) -> None:
        self._records = records
        self._chats = chats
        self._observe = observe

    async def say(self, outgoing: Outgoing, *, revise: Revise) -> None:
        """Post it, unless it was posted or refused before.

        `revise` gives the message as it may be said now; it is asked right before posting. Raises `RateLimited` and
        `ChatUnavailable` to be called again.
        """
        if outgoing.state in {OutgoingState.SENT, OutgoingState.REFUSED}:
            return
        if outgoing.state is OutgoingState.SENDING and await self._is_settled(outgoing):
            return
        message = await revise(outgoing)
        if message != outgoing.message:
            await self._records.replace_message(outgoing.id, message)
        await self._claim(outgoing)
        await self._post(replace(outgoing, message=message))

    async def _is_settled(self, outgoing: Outgoing) -> bool:
        """Whether an earlier attempt got through, or none ever will; otherwise the message is planned again."""
        await self._claim(outgoing)
        try:
            message_id = await self._chat(outgoing).find_posted(outgoing.place, marker=outgoing.marker)
        except (RateLimited, ChatUnavailable):
            await self._records.let_go(outgoing.id)
            raise
        except ChatRefused as refused:
            await self._accept_refusal(outgoing, refused)
            return True
        if message_id is None:
            await self._records.put_back(outgoing.id)
            return False
        await self._records.mark_sent(outgoing.id, message_id)
        return True

    async def _post(self, outgoing: Outgoing) -> None:
        try:
            message_id = await self._chat(outgoing).post(outgoing.place, outgoing.message, marker=outgoing.marker)
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
            await self._records.mark_sent(outgoing.id, message_id)
            self._observe(outgoing.question_key, Milestone.SENT)

    async def _claim(self, outgoing: Outgoing) -> None:
        if not await self._records.claim_sending(outgoing.id, patience_s=SENDING_PATIENCE_S):
            raise ChatUnavailable("another process is posting this now")
        self._observe(outgoing.question_key, Milestone.CLAIMED)

    async def _accept_refusal(self, outgoing: Outgoing, refused: ChatRefused) -> None:
        log.error("message refused", question_key=outgoing.question_key, marker=outgoing.marker, reason=refused.reason)
        await self._records.mark_refused(outgoing.id, refused.reason)

    def _chat(self, outgoing: Outgoing) -> Chat:
        return self._chats[outgoing.place.platform]
