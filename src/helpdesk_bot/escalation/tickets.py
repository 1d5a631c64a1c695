"""A ticket in another system for each case, made once."""

import hashlib
from datetime import datetime, timedelta

import structlog

from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.ticket_systems import (
    Ticket,
    TicketRefused,
    TicketRequest,
    TicketSystem,
    TicketUnavailable,
)
from helpdesk_bot.events import Question
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.messages import Link, Notice, Packet
from helpdesk_bot.records import Planned, Records
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.outgoing import insert_outgoing
from helpdesk_bot.records.tickets import TicketRecords, TicketRow

log = structlog.get_logger()

MAX_ATTEMPTS = 10
"""With waits of 10, 20, 40 ... 2,560 s: 85 minutes in all."""
PATIENCE_S = 60.0
"""How long one attempt is another process's own."""
AT_ONCE = 10
_MAX_SUMMARY = 200


class Tickets:
    """Makes the tickets that are planned, each by one worker at a time, with longer and longer waits."""

    def __init__(
        self,
        system: TicketSystem,
        *,
        records: Records,
        cases: CaseRecords,
        tickets: TicketRecords,
        jobs: Jobs,
    ) -> None:
        self._system = system
        self._records = records
        self._cases = cases
        self._jobs = jobs
        self.records = tickets

    async def make_due(self, now: datetime) -> None:
        for _ in range(AT_ONCE):
            row = await self.records.claim_ticket(now, patience_s=PATIENCE_S)
            if row is None:
                return
            await self._make(row, now)

    async def find_link(self, question_key: str) -> Link | None:
        """For the packet; None where there is no ticket."""
        row = await self.records.find_ticket(question_key)
        return Link(label=f"Ticket {row.name}", url=row.url) if row and row.state == "made" else None

    async def _make(self, row: TicketRow, now: datetime) -> None:
        question = await self._records.find_question(row.question_key)
        if question is None:
            return
        try:
            ticket = await self._system.create(await self._request(question))
        except TicketUnavailable as unavailable:
            await self._try_later(row, unavailable, now)
        except TicketRefused as refused:
            log.warning("ticket refused", question_key=row.question_key, reason=refused.reason)
            await self.records.mark_failed(row.question_key, reason=refused.reason)
        else:
            await self._keep(question, ticket)

    async def _try_later(self, row: TicketRow, unavailable: TicketUnavailable, now: datetime) -> None:
        if row.attempts >= MAX_ATTEMPTS:
            log.error("ticket given up", question_key=row.question_key, reason=unavailable.reason)
            await self.records.mark_failed(row.question_key, reason=unavailable.reason)
            return
        wait_s = max(unavailable.retry_after_s, min(3_600.0, 10 * 2.0 ** (row.attempts - 1)))
        log.warning("ticket put off", question_key=row.question_key, reason=unavailable.reason, wait_s=wait_s)
        await self.records.put_off(row.question_key, until=now + timedelta(seconds=wait_s), reason=unavailable.reason)

    async def _keep(self, question: Question, ticket: Ticket) -> None:
        """The ticket, the word to the asker and the job that says it are one transaction."""
        name = ticket.name or "made"
        link = Link(label="Open the ticket", url=ticket.url) if ticket.url else None
        notice = Notice(text=phrases.ticket_made(name), person_id=question.person_id, link=link)
        planned = Planned(place=question.place, message=notice, marker=f"ticket:{question.key}")
        async with self._cases.transaction() as connection:
            if await self.records.mark_made(connection, question.key, name=name, url=ticket.url):
                await insert_outgoing(connection, question.key, planned)
                await self._jobs.defer_case(connection, question_key=question.key)

    async def _request(self, question: Question) -> TicketRequest:
        outgoing = await self._records.find_outgoing(f"packet:{question.key}")
        packet = outgoing.message if outgoing and isinstance(outgoing.message, Packet) else None
        return TicketRequest(
            key=hashlib.sha256(question.key.encode()).hexdigest()[:32],
            summary=" ".join(question.text.split())[:_MAX_SUMMARY] or "A question without words",
            question=question.text,
            asked_by=question.person_id,
            link=(packet.link or "") if packet else "",
            missing=packet.missing if packet else "",
            urgency=packet.urgency if packet else "",
            opened_at=question.asked_at,
        )
