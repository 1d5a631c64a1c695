"""Questions that people were not helped with: for whoever reviews the answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from helpdesk_bot.records.rows import PlaceRow, Table


@dataclass(frozen=True, kw_only=True)
class Unhelped(PlaceRow):
    """A question that got a thumbs-down, was passed on, or failed. Nobody's name stands here but the asker's id."""

    question_key: str
    person_id: str
    asked_at: datetime
    text: str
    outcome: str
    ups: int
    downs: int
    reasons: list[str]
    """Of those whose vote is a thumbs-down now, and so with `comments`."""
    comments: list[str]
    case_state: str
    """Empty where people were not asked."""


# What people think of the answers to a question. A reason and its words count while the vote is a thumbs-down.
VOTES: LiteralString = """
cross join lateral (
  select
    count(*) filter (where vote.value = 1) as ups,
    count(*) filter (where vote.value = -1) as downs,
    array_agg(distinct given.reason) filter (where vote.value = -1 and given.reason is not null) as reasons,
    array_agg(given.comment order by given.given_at) filter (where vote.value = -1 and given.comment <> '') as comments
  from helpdesk.outgoing
  join helpdesk.feedback as vote using (platform, tenant, channel, message_id)
  left join helpdesk.feedback_reason as given using (platform, tenant, channel, message_id, person_id)
  where outgoing.question_key = question.key
) as votes
"""

# What somebody should not have seen comes first, then what most people disliked, then the newest.
_UNHELPED: LiteralString = (
    """
select question.key as question_key, question.platform, question.tenant, question.channel, question.thread,
  question.kind, question.person_id, question.asked_at, question.text, question.outcome,
  votes.ups, votes.downs, coalesce(votes.reasons, '{}') as reasons, coalesce(votes.comments, '{}') as comments,
  coalesce(escalation.state, '') as case_state
from helpdesk.question
left join helpdesk.escalation on escalation.question_key = question.key
"""
    + VOTES
    + """where question.ended_at >= now() - %(newer_than)s
  and question.deleted_at is null
  and (votes.downs > 0 or question.outcome in ('escalated', 'failed'))
order by 'not_for_me' = any(votes.reasons) desc nulls last, votes.downs desc, question.asked_at desc
limit %(limit)s
"""
)


class UnhelpedQuestions(Table):
    async def list_unhelped(self, newer_than: timedelta, *, limit: int) -> list[Unhelped]:
        """Of the questions that ended in this span; what needs a person's eyes most comes first."""
        return await self._list_rows(Unhelped, _UNHELPED, {"newer_than": newer_than, "limit": limit})
