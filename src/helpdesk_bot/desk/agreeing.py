"""Who can agree to a change: the asker to their own, or whoever the configuration names; never a guest."""

from collections.abc import Collection

from helpdesk_bot.desk import proposed
from helpdesk_bot.desk.parts import Parts
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Action, Click, Person, Place, PlaceKind, Proposal, Question
from helpdesk_bot.records import ProposalState, StoredProposal


class Agreeing:
    """`ChatError`s of a platform that can't be asked now are raised: then nothing is decided either way."""

    def __init__(self, parts: Parts) -> None:
        self._chats = parts.chats
        self._tools = parts.tools
        self._clean = parts.guard.clean_title

    async def find_objection(self, question: Question, proposal: Proposal) -> str:
        """Why nobody could agree to it here; empty where somebody can."""
        approvers = self._approvers(proposal.tool)
        if not approvers:
            asker = await self._find_person(question.place, question.person_id)
            return "" if asker is not None and not asker.is_guest else proposed.FOR_COLLEAGUES
        readers = await self._list_readers(question.place)
        if readers is None or self._among(readers, question.person_id, approvers):
            return ""
        return proposed.NO_APPROVER

    async def describe(self, proposal: StoredProposal) -> str:
        """Who can agree, as a sentence begins with it."""
        if not proposal.approvers:
            return "Whoever asked"
        readers = await self._list_readers(proposal.place) or ()
        able = self._among(readers, proposal.asked_by, proposal.approvers)
        names = sorted({self._clean(one.name) for one in able} - {""})
        return proposed.names_in(names) if names else "Whoever is named for it in the configuration"

    async def find_refusal(self, click: Click, proposal: StoredProposal | None) -> str:
        """Why this press has no effect; empty where it may have one."""
        if proposal is None:
            return proposed.GONE
        if not _is_pressed_where_asked(click, proposal.place):
            return proposed.NOT_HERE
        is_askers_own = click.action is not Action.AGREE and click.person_id == proposal.asked_by
        if not (is_askers_own or await self._may_agree(click, proposal)):
            return proposed.NOT_YOURS
        return self._find_hindrance(click.action, proposal)

    def _find_hindrance(self, action: Action, proposal: StoredProposal) -> str:
        wanted = ProposalState.FAILED if action is Action.AGAIN else ProposalState.WAITING
        if not (proposal.is_current and proposal.is_newest):
            return proposed.GONE
        if proposal.state is not wanted:
            return proposed.describe(proposal)
        is_as_configured = self._approvers(proposal.tool) == proposal.approvers
        return "" if is_as_configured or action is Action.REFUSE else proposed.RULES_CHANGED

    async def _may_agree(self, click: Click, proposal: StoredProposal) -> bool:
        person = await self._find_person(proposal.place, click.person_id)
        if person is None or person.is_guest:
            return False
        if not proposal.approvers:
            return click.person_id == proposal.asked_by
        if not self._among([person], proposal.asked_by, proposal.approvers):
            return False
        readers = await self._list_readers(proposal.place)
        return readers is None or any(reader.id == click.person_id for reader in readers)

    def _among(self, people: Collection[Person], asked_by: str, approvers: Collection[str]) -> list[Person]:
        """Those who are named and did not ask themselves: a change that others agree to is agreed to by another."""
        return [
            one
            for one in people
            if not one.is_guest and one.id != asked_by and one.email and one.email.casefold() in approvers
        ]

    def _approvers(self, tool: str) -> frozenset[str] | None:
        """As the configuration names them now; None where it has no such tool any more."""
        found = self._tools.get(tool)
        return None if found is None else frozenset(email.casefold() for email in found.spec.approvers)

    async def _find_person(self, place: Place, person_id: str) -> Person | None:
        try:
            return await self._chats[place.platform].get_person(person_id)
        except ChatRefused:
            return None

    async def _list_readers(self, place: Place) -> Collection[Person] | None:
        """None where that can't be established: then whoever presses there reads it."""
        if place.kind is PlaceKind.DIRECT:
            return ()
        try:
            return await self._chats[place.platform].list_readers(place)
        except ChatRefused:
            return None


def _is_pressed_where_asked(click: Click, place: Place) -> bool:
    pressed = click.place
    return (pressed.platform, pressed.tenant, pressed.channel) == (place.platform, place.tenant, place.channel)
