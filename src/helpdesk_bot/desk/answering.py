"""From a question to its end: decide, plan, say, write down. Safe to do again after dying at any point."""

import structlog

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.desk.deciding import Deciding
from helpdesk_bot.desk.drafts import Drafting, marker_of
from helpdesk_bot.desk.measures import question_ended
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.desk.planning import Planning
from helpdesk_bot.desk.proposals import Proposing, is_proposal
from helpdesk_bot.desk.truth import Truth
from helpdesk_bot.desk.unposted import Unposted
from helpdesk_bot.desk.wording import apology, reference_of
from helpdesk_bot.errors import ChatUnavailable, RateLimited
from helpdesk_bot.escalation.adding import marker_of as added_marker_of
from helpdesk_bot.events import Outcome, Question
from helpdesk_bot.messages import Message, Reply
from helpdesk_bot.ports import Stream
from helpdesk_bot.records import OpenQuestion, Outgoing, OutgoingState, Planned

log = structlog.get_logger()


class Answering:
    """One question at a time, in its newest version. The queue's lock keeps one conversation's work in order."""

    def __init__(
        self,
        parts: Parts,
        *,
        deciding: Deciding,
        planning: Planning,
        drafting: Drafting,
        proposing: Proposing,
        truth: Truth,
    ) -> None:
        self._records = parts.records
        self._delivery = parts.delivery
        self._escalations = parts.escalations
        self._agent = parts.agent
        self._observe = parts.observe
        self._unposted = Unposted(parts)
        self._deciding = deciding
        self._planning = planning
        self._drafting = drafting
        self._proposing = proposing
        self._truth = truth

    async def answer(self, question_key: str) -> None:
        """Bring a question to its end, or take its answer back. Raises to be called again."""
        asked = await self._records.find_open_question(question_key)
        if asked is None:
            return
        if asked.is_deleted:
            await self._withdraw(asked)
            return
        self._observe(question_key, Milestone.TAKEN)
        live = self._drafting.live_reply(asked)
        if not await self._is_planned(asked) and not await self._planning.plan(asked, live):
            return
        await self._say_all(asked, live.stream if live else None)
        await self._proposing.tell_of_older(asked)
        await self._end(asked)

    async def give_up(self, question_key: str) -> None:
        """Say plainly that it failed. What was already said stands."""
        asked = await self._records.find_open_question(question_key)
        if asked is None:
            return
        question = asked.question
        try:
            if asked.is_deleted:
                await self._withdraw(asked)
                return
            apologies = [Planned(place=question.place, message=apology(question))]
            await self._records.plan(question_key, None, apologies, revision=asked.revision)
            await self._say_all(asked)
        except (RateLimited, ChatUnavailable):
            log.exception("nobody could be told", question_key=question_key, reference=reference_of(question_key))
        await self._end(asked)

    async def _is_planned(self, asked: OpenQuestion) -> bool:
        reply = await self._records.find_outgoing(f"reply:{asked.question.key}")
        if reply is None or reply.is_begun or reply.state is OutgoingState.WITHDRAWN:
            return False
        return reply.revision >= asked.revision

    async def _say_all(self, asked: OpenQuestion, stream: Stream | None = None) -> None:
        """The packet goes first, so that the reply does not promise people who were not reached."""

        async def revise(outgoing: Outgoing) -> Message | None:
            if not await self._records.is_current(asked.question.key, revision=asked.revision):
                return None
            if outgoing.marker == marker_of(asked.question.key):
                return await self._drafting.revise(asked.question, outgoing)
            if outgoing.marker == added_marker_of(asked.question.key):
                return outgoing.message
            if is_proposal(outgoing.message):
                return await self._proposing.revise(asked.question, outgoing)
            return await self._truth.revise(asked.question, outgoing, decide_again=self._deciding.decide)

        for outgoing in await self._list_own(asked.question):
            is_reply = outgoing.marker == f"reply:{asked.question.key}"
            await self._delivery.say(outgoing, revise=revise, stream=stream if is_reply else None)
        await self._unposted.tell(asked)

    async def _list_own(self, question: Question) -> list[Outgoing]:
        """The packet or the draft, then the reply. Whatever else was said about the question is another's to say."""
        first = (f"packet:{question.key}", added_marker_of(question.key), marker_of(question.key))
        own = (*first, f"reply:{question.key}")
        found = {one.marker: one for one in await self._records.list_outgoing(question.key)}
        return [found[marker] for marker in own if marker in found]

    async def _end(self, asked: OpenQuestion) -> None:
        """Write down how it ended: as the reply says, if it was posted. Not where there is a newer version by now."""
        question = asked.question
        reply = await self._records.find_outgoing(f"reply:{question.key}")
        outcome = Outcome.FAILED
        if reply is not None and reply.state is OutgoingState.SENT and isinstance(reply.message, Reply):
            outcome = reply.message.outcome
        if asked.is_deleted:
            outcome = Outcome.WITHDRAWN
        if not await self._records.end_question(question.key, outcome, revision=asked.revision):
            return
        self._observe(question.key, Milestone.ENDED)
        question_ended(question, outcome)
        if asked.revision and not asked.is_deleted:
            await self._escalations.question_changed(question, outcome)

    async def _withdraw(self, asked: OpenQuestion) -> None:
        """Its author took it back: nothing more is said, and what was said goes."""
        question = asked.question
        for outgoing in await self._records.list_outgoing(question.key):
            never_posted = outgoing.state is OutgoingState.PLANNED and outgoing.message_id is None
            own = {marker_of(question.key), added_marker_of(question.key)}
            is_ours = isinstance(outgoing.message, Reply) or outgoing.marker in own
            if is_ours or never_posted:
                await self._delivery.withdraw(outgoing)
        await self._escalations.question_withdrawn(question)
        await self._agent.forget(question.key, conversation_id=question.conversation_id)
        await self._end(asked)
