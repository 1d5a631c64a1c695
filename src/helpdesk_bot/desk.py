"""The help desk: what the bot does with a question, a vote and a command, whatever platform they come from."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from helpdesk_bot import telemetry
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.commands import Commands
from helpdesk_bot.delivery import Delivery, Milestone, Observer
from helpdesk_bot.errors import ChatUnavailable, RateLimited
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import AdminCommand, Decision, Outcome, Packet, Place, Platform, Question, Reply, Step, Vote
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Outgoing, OutgoingState, Planned, Records
from knowledge.passages import Passage
from knowledge.search import Search

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class HelpDesk:
    """The use cases. Fits `helpdesk_bot.ports.Desk`."""

    records: Records
    jobs: Jobs
    chats: Mapping[Platform, Chat]
    agent: Agent
    search: Search
    people: People
    escalations: Escalations
    commands: Commands
    delivery: Delivery
    observe: Observer
    answer_deadline_s: float

    # What platforms call

    async def accept(self, question: Question) -> bool:
        """Take a question in, together with the job that answers it; False where it was taken in before."""
        accepted = await self.records.accept(
            question,
            and_then=lambda connection: self.jobs.defer_answer(
                connection, question_key=question.key, conversation_id=question.place.conversation_id
            ),
        )
        counter = telemetry.QUESTIONS_ACCEPTED if accepted else telemetry.QUESTIONS_REPEATED
        counter.labels(question.place.platform).inc()
        return accepted

    async def record_vote(self, vote: Vote) -> None:
        await self.records.record_vote(vote)
        telemetry.VOTES.labels(vote.place.platform, str(vote.value)).inc()

    async def run_command(self, command: AdminCommand) -> str:
        return await self.commands.run(command)

    # What jobs call

    async def answer(self, question_key: str) -> None:
        """Bring a question to its end. Safe to call again after dying at any point; raises to be called again."""
        question = await self.records.find_open_question(question_key)
        if question is None:
            return
        self.observe(question_key, Milestone.TAKEN)
        if not await self.records.list_outgoing(question_key):
            await self._plan(question)
        await self._say_all(question)
        await self._end(question)

    async def give_up(self, question_key: str) -> None:
        """Say plainly that it failed. What was already said stands."""
        question = await self.records.find_open_question(question_key)
        if question is None:
            return
        await self.records.plan(question_key, None, [Planned(place=question.place, message=_apology(question))])
        try:
            await self._say_all(question)
        except (RateLimited, ChatUnavailable):
            log.exception("nobody could be told", question_key=question_key, reference=reference_of(question_key))
        await self._end(question)

    # Deciding

    async def _plan(self, question: Question) -> None:
        """Work out what to say, and store it with the intention to say it."""
        decision = await self._decide(question)
        self.observe(question.key, Milestone.DECIDED)
        is_unsure = decision.outcome is Outcome.ESCALATED
        packet = await self.escalations.find_packet(question, decision) if is_unsure else None
        reply = self._reply(question, decision, people_reached=packet is not None)
        planned = [*([packet] if packet else []), Planned(place=question.place, message=reply)]
        await self.records.plan(question.key, decision, planned)
        self.observe(question.key, Milestone.PLANNED)

    async def _decide(self, question: Question) -> Decision:
        audience = await self.people.audience_of(question.place, question.person_id)
        async with self._showing_progress(question) as on_step:
            decision = await self.agent.decide(
                question.text,
                question_key=question.key,
                conversation_id=question.place.conversation_id,
                audience=audience,
                deadline_s=self.answer_deadline_s,
                on_step=on_step,
            )
        _measure(decision)
        return decision

    def _reply(self, question: Question, decision: Decision, *, people_reached: bool) -> Reply:
        is_unsure = decision.outcome is Outcome.ESCALATED
        next_step = self.escalations.next_step(reached=people_reached) if is_unsure else ""
        return Reply(
            question_key=question.key,
            outcome=decision.outcome,
            text="\n\n".join(filter(None, (decision.text, next_step))),
            citations=decision.citations,
            reference=reference_of(question.key),
        )

    @asynccontextmanager
    async def _showing_progress(self, question: Question) -> AsyncGenerator[Callable[[Step], Awaitable[None]]]:
        """What the agent reports its steps to. They are shown beside the work: a slow platform slows no answer."""
        steps: asyncio.Queue[Step] = asyncio.Queue()

        async def report(step: Step) -> None:
            self.observe(question.key, step)
            steps.put_nowait(step)

        async def show() -> None:
            while True:
                await self.chats[question.place.platform].show_progress(question.place, await steps.get())

        showing = asyncio.create_task(show())
        try:
            yield report
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    # Saying

    async def _say_all(self, question: Question) -> None:
        """The packet goes first, so that the reply does not promise people who were not reached."""

        async def revise(outgoing: Outgoing) -> Reply | Packet:
            return await self._still_true(question, outgoing)

        for outgoing in await self.records.list_outgoing(question.key):
            await self.delivery.say(outgoing, revise=revise)

    async def _still_true(self, question: Question, outgoing: Outgoing) -> Reply | Packet:
        """The message, or what may be said instead: rights, texts and reachable people change while it is made."""
        message = outgoing.message
        if isinstance(message, Packet):
            return replace(message, tried=await self._readable(question, outgoing.place, message.tried))
        if message.outcome is Outcome.ESCALATED:
            return await self._without_false_promise(message)
        if await self._may_be_said(question, message):
            return message
        anew = self._reply(question, await self._decide(question), people_reached=False)
        return anew if await self._may_be_said(question, anew) else _withdrawn(anew)

    async def _may_be_said(self, question: Question, reply: Reply) -> bool:
        """Whether every cited passage still stands and everyone in the place may read it."""
        cited = tuple(citation.passage for citation in reply.citations)
        return len(await self._readable(question, question.place, cited)) == len(cited)

    async def _readable(self, question: Question, place: Place, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        if not passages:
            return ()
        audience = await self.people.audience_of(place, question.person_id)
        readable = await self.search.still_readable([passage.chunk_id for passage in passages], audience)
        return tuple(passage for passage in passages if passage.chunk_id in readable)

    async def _without_false_promise(self, reply: Reply) -> Reply:
        """Where the people's channel refused the packet, the reply names the other way to get help."""
        everything = await self.records.list_outgoing(reply.question_key)
        if not any(isinstance(one.message, Packet) and one.state is OutgoingState.REFUSED for one in everything):
            return reply
        promise, instead = (self.escalations.next_step(reached=reached) for reached in (True, False))
        return replace(reply, text=reply.text.replace(promise, instead))

    async def _end(self, question: Question) -> None:
        """Write down how it ended: as the reply says, if it was posted."""
        outcome = Outcome.FAILED
        for outgoing in await self.records.list_outgoing(question.key):
            if isinstance(outgoing.message, Reply) and outgoing.state is OutgoingState.SENT:
                outcome = outgoing.message.outcome
        await self.records.end_question(question.key, outcome)
        self.observe(question.key, Milestone.ENDED)
        platform = question.place.platform
        took_s = max(0.0, (datetime.now(UTC) - question.asked_at).total_seconds())
        telemetry.QUESTIONS_ENDED.labels(platform, outcome).inc()
        telemetry.ANSWER_SECONDS.labels(platform).observe(took_s)
        log.info(
            "question ended", question_key=question.key, platform=platform, outcome=outcome, took_s=round(took_s, 3)
        )


def reference_of(question_key: str) -> str:
    """Eight letters and digits that a person can read out to an admin."""
    return base64.b32encode(hashlib.sha256(question_key.encode()).digest()).decode()[:8]


def _apology(question: Question) -> Reply:
    reference = reference_of(question.key)
    text = (
        f"Something went wrong on my side, and I could not answer. Please ask again, or quote {reference} to an admin."
    )
    return Reply(question_key=question.key, outcome=Outcome.FAILED, text=text, reference=reference)


def _withdrawn(reply: Reply) -> Reply:
    text = "The pages I wanted to answer from changed while I was writing. Please ask again."
    return replace(reply, outcome=Outcome.FAILED, text=text, citations=())


def _measure(decision: Decision) -> None:
    if decision.model:
        telemetry.MODEL_TOKENS.labels(decision.model, "in").inc(decision.input_tokens)
        telemetry.MODEL_TOKENS.labels(decision.model, "out").inc(decision.output_tokens)
    for step, took_ms in decision.took_ms.items():
        telemetry.STEP_SECONDS.labels(step).observe(took_ms / 1000)
