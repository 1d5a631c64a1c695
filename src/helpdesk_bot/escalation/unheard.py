"""What an asker can't be told where they asked, as where the bot was removed or a channel is archived.

They hear it in their direct chat; where nothing reaches them there either, the people with the case hear that.
"""

from dataclasses import replace

from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import Case
from helpdesk_bot.escalation.packets import Packets, thread_under
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import PlaceKind, Question
from helpdesk_bot.messages import Notice
from helpdesk_bot.records import Outgoing, OutgoingState, Planned
from helpdesk_bot.records.outgoing import insert_outgoing


class Unheard:
    def __init__(self, parts: Parts, *, packets: Packets) -> None:
        self._parts = parts
        self._packets = packets

    async def tell(self, question: Question, case: Case) -> None:
        """Once for each notice that was refused. Raises to be called again."""
        for outgoing in await self._parts.records.list_outgoing(question.key):
            is_unheard = outgoing.state is OutgoingState.REFUSED and outgoing.place == question.place
            if not is_unheard or not isinstance(outgoing.message, Notice) or outgoing.whisper_to is not None:
                continue
            if not await self._tell_directly(question, outgoing, outgoing.message):
                await self._tell_holder(question, case)

    async def _tell_directly(self, question: Question, outgoing: Outgoing, notice: Notice) -> bool:
        if question.place.kind is PlaceKind.DIRECT:
            return False
        try:
            direct = await self._parts.chats[question.place.platform].get_direct_place(question.person_id)
        except ChatRefused:
            return False
        text = f"{phrases.asked_elsewhere(question.text)}\n\n{notice.text}"
        planned = Planned(place=direct, message=replace(notice, text=text), marker=f"direct:{outgoing.marker}")
        return await self._say(question, planned)

    async def _tell_holder(self, question: Question, case: Case) -> None:
        """Once for each case."""
        packet = await self._parts.records.find_outgoing(f"packet:{question.key}")
        if packet is not None and packet.message_id is not None:
            name = await self._packets.name_of(question.place.platform, question.person_id)
            notice = Notice(text=phrases.untold(name), person_id=case.claimed_by)
            planned = Planned(place=thread_under(packet), message=notice, marker=f"untold:{question.key}")
            await self._say(question, planned)

    async def _say(self, question: Question, planned: Planned) -> bool:
        """Whether it is there."""
        async with self._parts.cases.transaction() as connection:
            await insert_outgoing(connection, question.key, planned)
        outgoing = await self._parts.records.find_outgoing(planned.marker)
        if outgoing is not None:
            await self._parts.delivery.say(outgoing)
        said = await self._parts.records.find_outgoing(planned.marker)
        return said is not None and said.state is OutgoingState.SENT
