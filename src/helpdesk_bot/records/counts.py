"""How questions ended."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How questions ended since a moment, and how many are open."""

    open: int
    answered: int
    clarified: int
    escalated: int
    declined: int
    failed: int
    helpful: int
    not_helpful: int
    proposals: int
    """Changes that wait for a person's word now, however old."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Questions that have not ended."""

    questions: int
    oldest_at: datetime | None
    """When the oldest was taken in."""


class Figures(Table):
    async def count_open(self) -> Waiting:
        row = await self._find_row(
            Waiting,
            """
            select count(*) as questions, min(accepted_at) as oldest_at
            from helpdesk.question
            where ended_at is null
            """,
        )
        assert row is not None  # noqa: S101 -- an aggregate always has one row
        return row

    async def count_since(self, moment: datetime, *, besides: str = "") -> Counts:
        """Of what was asked since; `besides` is the key of a message that waits for these counts.

        A command that was typed as a message is answered without a decision, and is no question.
        """
        row = await self._find_row(
            Counts,
            """
            select
              count(*) filter (where ended_at is null and key <> %(besides)s) as open,
              count(*) filter (where question.outcome = 'answered' and decision.question_key is not null) as answered,
              count(*) filter (where question.outcome = 'clarified') as clarified,
              count(*) filter (where question.outcome = 'escalated') as escalated,
              count(*) filter (where question.outcome = 'declined') as declined,
              count(*) filter (where question.outcome = 'failed') as failed,
              (select count(*) from helpdesk.feedback where value = 1 and voted_at >= %(moment)s) as helpful,
              (select count(*) from helpdesk.feedback where value = -1 and voted_at >= %(moment)s) as not_helpful,
              (select count(*) from helpdesk.proposal where state = 'waiting') as proposals
            from helpdesk.question
            left join helpdesk.decision on decision.question_key = question.key
            where accepted_at >= %(moment)s
            """,
            {"moment": moment, "besides": besides},
        )
        assert row is not None  # noqa: S101 -- an aggregate always has one row
        return row
