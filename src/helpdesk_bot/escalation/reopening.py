"""A case whose question needs people once more: it had ended, or whoever had it is not here any more."""

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import Actor, CaseState, IllegalMove, Move
from helpdesk_bot.escalation.members import Members
from helpdesk_bot.escalation.moves import Moves, Wish
from helpdesk_bot.escalation.opening import Opening
from helpdesk_bot.escalation.packets import thread_under
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Question
from helpdesk_bot.messages import Notice
from helpdesk_bot.records import Planned


class Reopening:
    def __init__(self, parts: Parts, *, moves: Moves, opening: Opening, members: Members) -> None:
        self._parts = parts
        self._moves = moves
        self._opening = opening
        self._members = members

    async def open_again(self, question: Question, *, by: str) -> bool:
        """Whether its case was over and is open now, so that nobody is promised people who think it is over.

        `by` is who asked for people.
        """
        case = await self._moves.find(question.key)
        if case is None or not case.is_over:
            return False
        key = f"again:{question.key}:{case.version}"
        actor = Actor(person_id=by, is_helper=False)
        wish = Wish(question_key=question.key, key=key, move=Move.REOPEN, by=actor, at=self._parts.now())
        return await self._make(wish, await self._call(question, phrases.OPEN_AGAIN, marker=key))

    async def release(self, question: Question) -> None:
        """Where whoever has its case is no colleague any more, it is open again."""
        case = await self._moves.find(question.key)
        if case is None or case.state is not CaseState.CLAIMED:
            return
        if not await self._members.has_left(question.place.platform, case.claimed_by):
            return
        key = f"left:{question.key}:{case.version}"
        nobody = Actor(person_id="", is_helper=False)
        wish = Wish(question_key=question.key, key=key, move=Move.RELEASE, by=nobody, at=self._parts.now())
        notice = Notice(text=phrases.HOLDER_LEFT_ASKER, person_id=question.person_id)
        told = Planned(place=question.place, message=notice, marker=f"{key}:asker")
        await self._make(wish, [told, *await self._call(question, phrases.HOLDER_LEFT, marker=key)])

    async def _make(self, wish: Wish, news: list[Planned]) -> bool:
        try:
            return await self._moves.make(wish, news=lambda _: news) is not None
        except IllegalMove:
            return False

    async def _call(self, question: Question, text: str, *, marker: str) -> list[Planned]:
        """The packet is changed in place, which nobody is notified of: a line under it calls people."""
        packet = await self._parts.records.find_outgoing(f"packet:{question.key}")
        if packet is None or packet.message_id is None:
            return []
        team = self._parts.plan.team_in(packet.place, question.place)
        called = await self._opening.list_called(team, question)
        notice = Notice(text=text, person_id=next(iter(called), ""))
        return [Planned(place=thread_under(packet), message=notice, marker=marker)]
