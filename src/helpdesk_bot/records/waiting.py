"""What waits for a person's word, and which cases are open."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Waits:
    curated: int
    """Drafts of curated answers."""
    drafts: int
    """Answers that wait for an approver."""
    proposals: int
    """Changes in other systems."""
    open_cases: int
    """That nobody has."""
    claimed_cases: int


@dataclass(frozen=True, kw_only=True)
class WaitingDraft:
    question_key: str
    platform: str
    made_at: datetime
    due_at: datetime


class Waiting(Table):
    async def count_waits(self) -> Waits:
        row = await self._find_row(
            Waits,
            """
            select
              (select count(*) from helpdesk.curated where state = 'draft') as curated,
              (select count(*) from helpdesk.draft where state = 'waiting') as drafts,
              (select count(*) from helpdesk.proposal where state = 'waiting') as proposals,
              (select count(*) from helpdesk.escalation where state = 'open') as open_cases,
              (select count(*) from helpdesk.escalation where state = 'claimed') as claimed_cases
            """,
        )
        assert row is not None  # noqa: S101 -- it always has one row
        return row

    async def list_drafts(self, *, limit: int) -> list[WaitingDraft]:
        """Answers that wait for an approver, what is due first before the rest."""
        return await self._list_rows(
            WaitingDraft,
            """
            select draft.question_key, question.platform, draft.made_at, draft.due_at
            from helpdesk.draft
            join helpdesk.question on question.key = draft.question_key
            where draft.state = 'waiting' and draft.revision = question.revision and question.deleted_at is null
            order by draft.due_at
            limit %s
            """,
            [limit],
        )
