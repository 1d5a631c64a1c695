"""A case that had ended, and whose question needs people once more: nobody is promised people who think it is over."""

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import Actor, IllegalMove, Move
from helpdesk_bot.escalation.moves import Moves, Wish
from helpdesk_bot.escalation.opening import Opening
from helpdesk_bot.escalation.packets import thread_under
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Question
from helpdesk_bot.messages import Notice
from helpdesk_bot.records import Planned


class Reopening:
    def __init__(self, parts: Parts, *, moves: Moves, opening: Opening) -> None:
        self._parts = parts
        self._moves = moves
        self._opening = opening

    async def open_again(self, question: Question, *, by: str) -> bool:
        """Whether its case was over and is open now. `by` is who asked for people."""
        case = await self._moves.find(question.key)
        if case is None or not case.is_over:
            return False
        key = f"again:{question.key}:{case.version}"
        actor = Actor(person_id=by, is_helper=False)
        wish = Wish(question_key=question.key, key=key, move=Move.REOPEN, by=actor, at=self._parts.now())
        news = await self._call(question, marker=key)
        try:
            return await self._moves.make(wish, news=lambda _: news) is not None
        except IllegalMove:
            return False

    async def _call(self, question: Question, *, marker: str) -> list[Planned]:
        """The packet is changed in place, which nobody is notified of: a line under it calls people."""
        packet = await self._parts.records.find_outgoing(f"packet:{question.key}")
        if packet is None or packet.message_id is None:
            return []
        team = self._parts.plan.team_in(packet.place, question.place)
        called = await self._opening.list_called(team, question)
        notice = Notice(text=phrases.OPEN_AGAIN, person_id=next(iter(called), ""))
        return [Planned(place=thread_under(packet), message=notice, marker=marker)]
