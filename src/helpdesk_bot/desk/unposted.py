"""An answer that can't be posted, as where the bot was removed or a channel is archived: its asker hears of it."""

import structlog

from helpdesk_bot.desk import wording
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Addressed, PlaceKind
from helpdesk_bot.messages import Notice
from helpdesk_bot.records import OpenQuestion, OutgoingState, Planned

log = structlog.get_logger()


class Unposted:
    def __init__(self, parts: Parts) -> None:
        self._records = parts.records
        self._chats = parts.chats
        self._delivery = parts.delivery

    async def tell(self, asked: OpenQuestion) -> None:
        """In their direct chat, once for each version; whom nobody asked anything is told nothing. Raises as `say`."""
        question = asked.question
        reply = await self._records.find_outgoing(f"reply:{question.key}")
        if reply is None or reply.state is not OutgoingState.REFUSED or asked.is_deleted:
            return
        if question.place.kind is PlaceKind.DIRECT or question.addressed is Addressed.OVERHEARD:
            return
        try:
            direct = await self._chats[question.place.platform].get_direct_place(question.person_id)
        except ChatRefused as refused:
            log.warning("nobody could be told", question_key=question.key, reason=refused.reason)
            return
        planned = Planned(
            place=direct, message=Notice(text=wording.unposted(question.text)), marker=f"unposted:{question.key}"
        )
        await self._records.plan_more(question.key, planned, revision=asked.revision)
        if outgoing := await self._records.find_outgoing(planned.marker):
            await self._delivery.say(outgoing)
