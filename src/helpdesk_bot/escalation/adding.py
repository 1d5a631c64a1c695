"""What an asker adds to a question that people have already: it goes to them, and makes no case of its own."""

from dataclasses import dataclass
from datetime import timedelta

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import CaseState
from helpdesk_bot.escalation.members import Members
from helpdesk_bot.escalation.packets import Packets, thread_under
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Question
from helpdesk_bot.listening import judge, says_enough
from helpdesk_bot.messages import Notice, Packet
from helpdesk_bot.records import Planned
from helpdesk_bot.records.cases import CaseRow
from helpdesk_bot.records.outgoing import insert_outgoing

IN_THREAD, IN_CHAT = timedelta(days=3), timedelta(minutes=30)
"""Later words are hardly about the same, in a chat without threads sooner than in a thread."""


@dataclass(frozen=True, kw_only=True)
class Added:
    planned: Planned
    """For the people."""
    promise: str
    """For the asker."""


def marker_of(question_key: str) -> str:
    return f"added:{question_key}"


class Adding:
    def __init__(self, parts: Parts, *, packets: Packets, members: Members) -> None:
        self._parts = parts
        self._members = members
        self._cases = parts.cases
        self._packets = packets

    async def find(self, question: Question) -> Added | None:
        """None where it asks something of its own, or its conversation has no case that people still look at."""
        case = None if judge(question.text).is_question else await self._find_case(question)
        planned = await self._plan(question, case) if case else None
        if case is None or planned is None:
            return None
        holder_id = await self._find_holder(question, case)
        if case.claimed_by and not holder_id:
            await self._look_after(case)
        holder = await self._packets.name_of(question.place.platform, holder_id) if holder_id else ""
        return Added(planned=planned, promise=phrases.passed_along(holder))

    async def tell_holder(self, question: Question) -> None:
        """Of words that are no question for the bot, since somebody has the case; who answered in its thread reads it.

        Once for each message, however often a platform tells of it.
        """
        case = None if says_enough(question.text) else await self._find_case(question)
        if case is None or case.state != CaseState.CLAIMED:
            return
        await self._add(case, await self._plan(question, case))

    async def add_comment(self, question: Question, words: str, *, by: str, key: str) -> None:
        """What somebody says in a form about an answer to a question that people have; once for each key.

        Nothing where the packet says it: the same form came again, or the same words.
        """
        packet = await self._parts.records.find_outgoing(f"packet:{question.key}")
        is_told = packet is not None and isinstance(packet.message, Packet) and words in packet.message.missing
        if not is_told and (case := await self._cases.find(question.key)):
            planned = await self._plan_words(question, case, words, by=by, marker=marker_of(key))
            await self._add(case, planned)

    async def _add(self, case: CaseRow, planned: Planned | None) -> None:
        if planned is not None:
            async with self._cases.transaction() as connection:
                await insert_outgoing(connection, case.question_key, planned)
                await self._parts.jobs.defer_case(connection, question_key=case.question_key)

    async def _look_after(self, case: CaseRow) -> None:
        """Whoever had it has left: it is for the others again."""
        async with self._cases.transaction() as connection:
            await self._parts.jobs.defer_case(connection, question_key=case.question_key)

    async def _find_case(self, question: Question) -> CaseRow | None:
        within = IN_CHAT if question.place.thread is None else IN_THREAD
        return await self._cases.find_in_conversation(question, since=self._parts.now() - within)

    async def _plan(self, question: Question, case: CaseRow) -> Planned | None:
        marker = marker_of(question.key)
        return await self._plan_words(question, case, question.text, by=question.person_id, marker=marker)

    async def _plan_words(
        self, question: Question, case: CaseRow, words: str, *, by: str, marker: str
    ) -> Planned | None:
        packet = await self._parts.records.find_outgoing(f"packet:{case.question_key}")
        if packet is None or packet.message_id is None:
            return None
        name = await self._packets.name_of(question.place.platform, by)
        notice = Notice(text=phrases.added(name, words), person_id=await self._find_holder(question, case))
        return Planned(place=thread_under(packet), message=notice, marker=marker)

    async def _find_holder(self, question: Question, case: CaseRow) -> str:
        """Who has it; empty where nobody has, or where they left."""
        has_left = await self._members.has_left(question.place.platform, case.claimed_by)
        return "" if has_left else case.claimed_by
