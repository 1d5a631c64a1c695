"""The nodes that look at status pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.node import Update, with_note
from helpdesk_bot.agent.nodes.endings import decision_of
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.state import State
from helpdesk_bot.events import Citation, Outcome
from helpdesk_bot.tools.status import Looked
from helpdesk_bot.tools.status_told import Told, note_on, tell
from helpdesk_bot.tools.status_words import find_concerned


class Looking:
    def __init__(self, parts: Parts) -> None:
        self._status = parts.status
        self._guard = parts.guard
        self._next_step = parts.options.next_step

    async def look(self, state: State, asked: Asked) -> Update:
        """At the status pages, for a question whether something is up. What no page knows is searched for."""
        looks = await self.find(asked)
        concerned = find_concerned(state["standalone"], looks, self._status.aliases)
        if not concerned:
            return {"looks": looks}
        told = await asyncio.to_thread(tell, concerned, self._guard)
        note = with_note(state, f"status pages: {', '.join(one.looked.page for one in concerned)}")
        return note | {"told": told, "looks": looks, "verdicts": (*state["verdicts"], *told.verdicts)}

    async def report(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        """What the status pages or the tools say; a person comes in where none could be asked."""
        told = state["told"] or Told()
        outcome = Outcome.ANSWERED if told.citations else Outcome.ESCALATED
        text = told.text if told.citations else f"{told.text} {self._next_step}".strip()
        return {"decision": replace(decision_of(state, outcome, text), citations=told.citations)}

    def may_look(self, asked: Asked) -> bool:
        """A channel that was given its sources has those only."""
        return bool(self._status) and asked.sources is None

    async def find(self, asked: Asked) -> tuple[Looked, ...]:
        return tuple(await self._status.look()) if self.may_look(asked) else ()

    def notes(self, state: State, citations: Sequence[Citation]) -> Told:
        """In a thread: the open incidents of what question and sources are about."""
        about = " \n ".join((state["standalone"], *(one.passage.title for one in citations)))
        concerned = find_concerned(about, state["looks"], self._status.aliases)
        return note_on(concerned, self._guard, first=len(citations) + 1)
