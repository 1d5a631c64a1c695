"""What may still be said, right before it is: rights, texts and reachable people change while an answer is made."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from helpdesk_bot.desk import wording
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.escalation.adding import marker_of
from helpdesk_bot.events import Decision, Outcome, Place, Question
from helpdesk_bot.messages import Packet, Reply
from helpdesk_bot.records import Outgoing, OutgoingState
from helpdesk_bot.tools.told import READERS as TOLD_READERS
from helpdesk_bot.tools.told import SOURCE as TOLD
from knowledge.audience import Audience
from knowledge.passages import Passage

DecideAgain = Callable[[Question], Awaitable[Decision]]


class Truth:
    def __init__(self, parts: Parts) -> None:
        self._records = parts.records
        self._people = parts.people
        self._search = parts.search
        self._escalations = parts.escalations

    async def revise(self, question: Question, outgoing: Outgoing, *, decide_again: DecideAgain) -> Reply | Packet:
        """The message, or what may be said instead."""
        message = outgoing.message
        if isinstance(message, Packet):
            return replace(message, tried=await self._readable(question, outgoing.place, message.tried))
        if not isinstance(message, Reply):
            raise TypeError(f"a question's own message is a reply or a packet, not {type(message).__name__}")
        if message.outcome is Outcome.ESCALATED:
            return await self._without_false_promise(question, message)
        if await self.may_be_said(message, question.place, question.person_id):
            return message
        anew = self._reply_of(question, message, await decide_again(question))
        if await self.may_be_said(anew, question.place, question.person_id):
            return anew
        return wording.withdrawn(anew)

    async def may_be_said(self, reply: Reply, place: Place, person_id: str) -> bool:
        """Whether every passage that is cited or asked about still stands and everyone in the place may read it.

        What shows nothing of a document may: its readers are not asked for, which platforms let a bot do so often a
        minute.
        """
        if not (reply.citations or reply.asks_about):
            return True
        return await self.stands_for(reply, await self._people.audience_of(place, person_id))

    async def stands_for(self, reply: Reply, audience: Audience) -> bool:
        """Whether every passage that is cited or asked about still stands and this audience may read it.

        A file of the asker's own does; what a tool said is for colleagues.
        """
        if not audience.may_read(TOLD_READERS) and any(one.passage.source == TOLD for one in reply.citations):
            return False
        cited = {one.passage.chunk_id for one in reply.citations if not is_attached(one.passage)}
        shown = cited.union(reply.asks_about)
        return not shown or len(await self._search.still_readable(shown, audience)) == len(shown)

    def _reply_of(self, question: Question, before: Reply, decision: Decision) -> Reply:
        promise = ""
        if decision.outcome is Outcome.ESCALATED:
            promise = self._escalations.promise(question, reached=False)
        text = "\n\n".join(filter(None, (decision.text, promise)))
        return replace(
            before,
            outcome=decision.outcome,
            text=text,
            citations=decision.citations,
            asks_about=asked_about(decision),
            note="",
        )

    async def _readable(self, question: Question, place: Place, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        if not passages:
            return ()
        audience = await self._people.audience_of(place, question.person_id)
        readable = await self._search.still_readable([passage.chunk_id for passage in passages], audience)
        return tuple(passage for passage in passages if passage.chunk_id in readable)

    async def _without_false_promise(self, question: Question, reply: Reply) -> Reply:
        """Where the people's channel refused the packet, the reply names the other way to get help."""
        added = await self._records.find_outgoing(marker_of(question.key))
        if added is not None and added.state is OutgoingState.REFUSED:
            return replace(reply, text=self._escalations.promise(question, reached=False))
        packet = await self._records.find_outgoing(f"packet:{question.key}")
        if packet is None or packet.state is not OutgoingState.REFUSED:
            return reply
        promise, instead = (self._escalations.promise(question, reached=reached) for reached in (True, False))
        return replace(reply, text=reply.text.replace(promise, instead))


def asked_about(decision: Decision) -> tuple[int, ...]:
    """All that was looked at, where the asker is asked back: some of it are the titles to choose from."""
    is_asked_back = decision.outcome is Outcome.CLARIFIED
    return tuple(one.chunk_id for one in decision.tried if is_asked_back and not is_attached(one))


def is_attached(passage: Passage) -> bool:
    """Whether a passage has no row: one of a file that came with the question, or what a tool or status page said."""
    return passage.chunk_id < 0
