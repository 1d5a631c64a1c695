"""Making a change that was agreed to: sent once, or again only to a system that knows it by its key."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from helpdesk_bot import telemetry
from helpdesk_bot.delivery import Milestone, Observer
from helpdesk_bot.desk.proposed import MAX_RESULT_CHARACTERS, shorten
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.verdicts import Action, calls_for, is_blocked
from helpdesk_bot.records import Ending, ProposalState, Records, StoredProposal
from helpdesk_bot.tools.errors import BadArguments, ToolFailed, ToolUnclear
from helpdesk_bot.tools.tool import Tool, ToolResult

log = structlog.get_logger()

CALL_TIMEOUT_S = 12.0
"""Shorter than what a stopping worker gives its jobs: a restart in good order leaves nothing unclear."""
ATTEMPTS = 3
"""Of a change whose system knows keys, while its answers are lost."""
MAX_READ_CHARACTERS = 10_000
HELD_BACK = "(its answer is held back by a check)"


@dataclass(frozen=True, kw_only=True)
class Calling:
    tools: Mapping[str, Tool]
    guard: Guard
    records: Records
    observe: Observer

    async def make(self, proposal: StoredProposal) -> None:
        """Bring it to its end, and write that down. Found `running`, a process died over it: nobody knows how far."""
        self.observe(proposal.question_key, Milestone.AGREED)
        is_resumed = proposal.state is ProposalState.RUNNING
        ending = self._find_hindrance(proposal, is_resumed=is_resumed)
        if ending is None:
            if not (is_resumed or await self.records.start_proposal(proposal.id)):
                return
            self.observe(proposal.question_key, Milestone.STARTED)
            ending = await self._call(proposal, self.tools[proposal.tool], may_be_done=is_resumed)
            self.observe(proposal.question_key, Milestone.CALLED)
        if await self.records.end_proposal(proposal.id, ending):
            telemetry.PROPOSALS.labels(proposal.tool, ending.state).inc()
            log.info("change ended", proposal_id=proposal.id, tool=proposal.tool, state=ending.state)
        self.observe(proposal.question_key, Milestone.NOTED)

    def _find_hindrance(self, proposal: StoredProposal, *, is_resumed: bool) -> Ending | None:
        """How it ends without another call, if it does."""
        tool = self.tools.get(proposal.tool)
        if is_resumed:
            is_known = tool is not None and tool.spec.repeatable and proposal.is_whole
            return None if is_known else Ending(state=ProposalState.UNCLEAR)
        if tool is None:
            return Ending(state=ProposalState.FAILED, result="It is not configured any more.")
        if not proposal.is_whole:
            log.error("a stored change is not what was proposed", proposal_id=proposal.id, tool=proposal.tool)
            return Ending(state=ProposalState.FAILED, result="What is stored is not what was proposed.")
        return None

    async def _call(self, proposal: StoredProposal, tool: Tool, *, may_be_done: bool) -> Ending:
        """Once an answer was lost, a later refusal says nothing about the call before it."""
        for _ in range(ATTEMPTS if tool.spec.repeatable else 1):
            try:
                result = await tool.call(proposal.arguments, timeout_s=CALL_TIMEOUT_S, key=proposal.id)
            except (BadArguments, ToolFailed) as failed:
                log.warning("change failed", proposal_id=proposal.id, tool=proposal.tool, reason=failed.reason)
                if not may_be_done:
                    return Ending(state=ProposalState.FAILED, result=self.guard.clean_title(failed.reason))
            except ToolUnclear as lost:
                log.warning("change unclear", proposal_id=proposal.id, tool=proposal.tool, reason=lost.reason)
                may_be_done = True
            else:
                return await self._done(result)
        return Ending(state=ProposalState.UNCLEAR)

    async def _done(self, result: ToolResult) -> Ending:
        text = await asyncio.to_thread(self._clean, result.text)
        return Ending(state=ProposalState.DONE, result=text, link=result.link or "")

    def _clean(self, text: str) -> str:
        """As foreign as any document: nothing in it acts, and it is no longer than people read."""
        text, verdicts = self.guard.clean_passage(text[:MAX_READ_CHARACTERS])
        text, redacted = self.guard.clean_answer(text, citations=0)
        met = [*verdicts, *redacted]
        if is_blocked(met) or calls_for(Action.DRAFT, met) or calls_for(Action.ESCALATE, met):
            return HELD_BACK
        return shorten(text, MAX_RESULT_CHARACTERS)
