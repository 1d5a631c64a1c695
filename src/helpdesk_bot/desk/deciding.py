"""Asking the agent: with the audience of the place, the thread so far, and progress shown beside the work."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.question.thread import within_budget
from helpdesk_bot.delivery import Milestone
from helpdesk_bot.desk import wording
from helpdesk_bot.desk.files import Attached
from helpdesk_bot.desk.live import LiveReply
from helpdesk_bot.desk.measures import measure
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Addressed, Decision, Outcome, PlaceKind, Platform, Question, Said, Step
from helpdesk_bot.listening import says_stop
from helpdesk_bot.records.spending import Payer
from helpdesk_bot.tools.told import READERS as TOLD_READERS
from knowledge.passages import Passage


class Deciding:
    def __init__(self, parts: Parts) -> None:
        self._chats = parts.chats
        self._agent = parts.agent
        self._people = parts.people
        self._channels = parts.channels
        self._observe = parts.observe
        self._options = parts.options
        self._files = parts.files

    async def decide(self, question: Question, live: LiveReply | None = None) -> Decision:
        """What everyone in the place may be told; shown while it is written, where there is a `live` reply."""
        if question.addressed is not Addressed.OVERHEARD and says_stop(question.text):
            is_thread = question.addressed is Addressed.MENTION
            text = wording.STAYS_OUT if is_thread else wording.QUIET_HERE
            return Decision(outcome=Outcome.ANSWERED, text=text, reason="told to stop")
        attached = await self._files.read(question) if self._files and question.files else Attached()
        if question.files and not question.text.strip():
            text = " ".join((*attached.notes, wording.ASK_ABOUT_FILE))
            return Decision(outcome=Outcome.CLARIFIED, text=text, reason="a file without a word")
        settings = await self._channels.get(question.place)
        audience = await self._people.audience_of(question.place, question.person_id)

        async def say(piece: str, passages: Sequence[Passage]) -> None:
            if live is not None:
                await live.say(piece, passages, audience=audience)

        async with self._showing_progress(question) as on_step:
            asked = Asked(
                question=question.text,
                question_key=question.key,
                conversation_id=question.conversation_id,
                audience=audience,
                deadline_s=self._options.answer_deadline_s,
                on_step=on_step,
                thread=await self._read_thread(question),
                sources=settings.sources,
                attached=attached.passages,
                tone=settings.tone,
                languages=settings.languages,
                say=say if live and not settings.draft else None,
                payer=payer_of(question),
            )
            decision = await self._agent.decide(asked)
        measure(decision)
        self._observe(question.key, Milestone.DECIDED)
        text = decision.text
        if question.place.kind is PlaceKind.DIRECT:
            is_guest = question.place.platform is not Platform.BROWSER and not audience.may_read(TOLD_READERS)
            text = wording.to_one(text, is_guest=is_guest)
        return replace(decision, text="\n\n".join((text, *attached.notes)), audience=audience)

    async def _read_thread(self, question: Question) -> Sequence[Said]:
        """What was said before; nothing where it is the first message, or where the platform won't tell."""
        if question.place.thread in {None, question.message_id}:
            return ()
        chat = self._chats[question.place.platform]
        try:
            said = await chat.read_thread(question.place, max_messages=self._options.max_thread_messages)
        except ChatError:
            return ()
        return within_budget(said, message_id=question.message_id)

    @asynccontextmanager
    async def _showing_progress(self, question: Question) -> AsyncGenerator[Callable[[Step], Awaitable[None]]]:
        """What the agent reports its steps to. They are shown beside the work: a slow platform slows no answer."""
        steps: asyncio.Queue[Step] = asyncio.Queue()

        async def report(step: Step) -> None:
            self._observe(question.key, step)
            steps.put_nowait(step)

        async def show() -> None:
            while True:
                await self._chats[question.place.platform].show_progress(question.place, await steps.get())

        showing = asyncio.create_task(show())
        try:
            yield report
        finally:
            showing.cancel()
            await asyncio.wait({showing})


def payer_of(question: Question) -> Payer:
    """A direct conversation is its person's own, and no channel with a budget."""
    place = question.place
    return Payer(
        question_key=question.key,
        platform=place.platform,
        tenant=place.tenant,
        channel="" if place.kind is PlaceKind.DIRECT else place.channel,
        person_id=question.person_id,
    )
