"""Packets: what the people's channel sees of a case, as it is now."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.errors import ChatError
from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.case import Case, CaseState
from helpdesk_bot.escalation.office_hours import in_words
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.events import Action, Place, PlaceKind, Platform, Question
from helpdesk_bot.messages import Button, Link, Packet, Style
from helpdesk_bot.records import Outgoing
from knowledge.passages import Passage

MAX_TRIED = 5


class Packets:
    def __init__(self, parts: Parts) -> None:
        self._chats = parts.chats
        self._people = parts.people
        self._search = parts.search
        self._time_zone = parts.plan.hours.time_zone

    async def list_tried(self, place: Place, person_id: str, chunk_ids: Sequence[int]) -> tuple[Passage, ...]:
        """Those of the chunks, best first, that everybody in the place may read, with their texts."""
        audience = await self._people.audience_of(place, person_id)
        found = [await self._search.get_passage(chunk_id, audience) for chunk_id in chunk_ids[:MAX_TRIED]]
        return tuple(passage for passage in found if passage is not None)

    async def still_readable(self, packet: Packet, place: Place) -> Packet:
        """The packet without what the place's readers may not read any more."""
        if not packet.tried:
            return packet
        audience = await self._people.audience_of(place, packet.asked_by)
        readable = await self._search.still_readable([passage.chunk_id for passage in packet.tried], audience)
        return replace(packet, tried=tuple(one for one in packet.tried if one.chunk_id in readable))

    async def find_link(self, question: Question) -> str | None:
        """None also from a direct chat: only the asker could open it."""
        if question.place.kind is PlaceKind.DIRECT:
            return None
        try:
            return await self._chats[question.place.platform].find_link(question.place, question.message_id)
        except ChatError:
            return None

    async def show(
        self, packet: Packet, case: Case, question: Question | None, *, on: Platform, ticket: Link | None
    ) -> Packet:
        """The packet as it reads now. Of a question that was taken back (None), its words go too."""
        return replace(
            packet,
            question=phrases.quoted(question.text) if question else phrases.TAKEN_BACK,
            link=packet.link or (await self.find_link(question) if question else None),
            missing=packet.missing if question else "",
            tried=packet.tried if question else (),
            state=await self._state_of(case, on),
            ticket=ticket,
            people_ids=packet.people_ids if case.state is CaseState.OPEN else (),
            buttons=buttons_of(case.question_key, case.state),
        )

    async def name_of(self, platform: Platform, person_id: str) -> str:
        """How a person is called; `Somebody` where the platform does not say."""
        try:
            person = await self._chats[platform].get_person(person_id)
        except ChatError:
            return "Somebody"
        return person.name or "Somebody"

    async def _state_of(self, case: Case, platform: Platform) -> str:
        match case.state:
            case CaseState.OPEN:
                return ""
            case CaseState.CLAIMED | CaseState.ANSWERED:
                name = await self.name_of(platform, case.claimed_by)
                since = f", since {in_words(case.claimed_at, self._time_zone)}" if case.claimed_at else ""
                answered = " It is answered." if case.state is CaseState.ANSWERED else ""
                return f"{name} has it{since}.{answered}"
            case CaseState.RESOLVED:
                return f"Resolved by {await self.name_of(platform, case.closed_by)}."
            case CaseState.WITHDRAWN:
                return "Nothing left to do: the question was taken back, or I answered it after it was changed."


def thread_under(packet: Outgoing) -> Place:
    """Where people talk about it."""
    return replace(packet.place, thread=packet.message_id)


def buttons_of(question_key: str, state: CaseState) -> tuple[Button, ...]:
    """What can be done with a case in this state, the likeliest first."""
    actions: dict[CaseState, dict[Action, str]] = {
        CaseState.OPEN: {
            Action.CLAIM: "Claim",
            Action.ANSWER: "Answer",
            Action.REASSIGN: "Assign",
            Action.RESOLVE: "Resolve",
        },
        CaseState.CLAIMED: {Action.ANSWER: "Answer", Action.REASSIGN: "Reassign", Action.RESOLVE: "Resolve"},
        CaseState.ANSWERED: {Action.RESOLVE: "Resolve", Action.ANSWER: "Answer again", Action.REASSIGN: "Reassign"},
        CaseState.RESOLVED: {Action.SAVE: "Save as knowledge"},
        CaseState.WITHDRAWN: {},
    }
    return tuple(
        Button(action=action, value=question_key, label=label, style=Style.PLAIN if place else Style.PRIMARY)
        for place, (action, label) in enumerate(actions[state].items())
    )
