"""What people said of the bot's own answers: each question that has ended, with all its verdicts in one row."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from helpdesk_bot.events import Outcome, PlaceKind
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Reply
from helpdesk_bot.records.bodies import REPLY
from helpdesk_bot.records.drafts import DraftState
from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An approved curated answer that came from a question and is knowledge today."""

    id: int
    all_of: list[list[str]]
    """Its access rule."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A question and what people said of its answer. No person stands here."""

    question_key: str
    text: str
    """Stand-alone where it was understood so; else as it was asked."""
    place_kind: PlaceKind
    names_people: bool
    has_files: bool
    ended_at: datetime
    decided: Outcome
    """What the agent decided, whatever people made of it."""
    reason: str
    """Why, as `Decision.reason`: the route comes first."""
    hidden: int | None
    """As `Decision.hidden`."""
    reply: Reply | None
    """What was posted; of a draft what an approver was asked about, or made of it."""
    draft: DraftState | None
    ups: int
    downs: int
    reasons: frozenset[str]
    """Of those whose vote is a thumbs-down now."""
    answered_by_people: str
    """The newest answer of a person in its case; empty for none."""
    kept: Kept | None


def _judged(
    *,
    place_kind: str,
    decided: str,
    reply: JsonObject | None,
    draft: str | None,
    reasons: list[str],
    kept_id: int | None,
    kept_all_of: list[list[str]] | None,
    **columns: Any,
) -> Judged:
    return Judged(
        place_kind=PlaceKind(place_kind),
        decided=Outcome(decided),
        reply=REPLY.validate_python(reply) if reply else None,
        draft=DraftState(draft) if draft else None,
        reasons=frozenset(reasons),
        kept=None if kept_id is None else Kept(id=kept_id, all_of=kept_all_of or []),
        **columns,
    )


# Of each question only its newest revision: what was said of an answer that an edit replaced says nothing of this one.
# The answer is the one that was posted for all in the place to see, never one whispered to a person.
_JUDGED: LiteralString = """
select
  question.key as question_key,
  coalesce(nullif(decision.standalone, ''), question.text) as text,
  question.kind as place_kind,
  question.tags_people as names_people,
  question.files <> '[]' as has_files,
  question.ended_at,
  decision.outcome as decided,
  decision.reason,
  decision.hidden,
  coalesce(draft.reply, reply.body) as reply,
  draft.state as draft,
  coalesce(votes.ups, 0) as ups,
  coalesce(votes.downs, 0) as downs,
  coalesce(votes.reasons, '{}') as reasons,
  case when escalation.state in ('answered', 'resolved') then escalation.answer else '' end as answered_by_people,
  kept.id as kept_id,
  kept.all_of as kept_all_of
from helpdesk.question
join helpdesk.decision on decision.question_key = question.key and decision.revision = question.revision
left join helpdesk.outgoing as reply
  on reply.marker = 'reply:' || question.key
  and reply.revision = question.revision
  and reply.state = 'sent'
  and reply.whisper_to is null
left join helpdesk.draft on draft.question_key = question.key and draft.revision = question.revision
left join helpdesk.escalation on escalation.question_key = question.key
left join lateral (
  select
    count(*) filter (where vote.value = 1) as ups,
    count(*) filter (where vote.value = -1) as downs,
    array_agg(distinct given.reason) filter (where vote.value = -1 and given.reason is not null) as reasons
  from helpdesk.feedback as vote
  left join helpdesk.feedback_reason as given using (platform, tenant, channel, message_id, person_id)
  where vote.platform = reply.platform
    and vote.tenant = reply.tenant
    and vote.channel = reply.channel
    and vote.message_id = reply.message_id
    and (question.revision = 0 or vote.voted_at >= decision.decided_at)
) as votes on true
left join lateral (
  select curated.id, curated.all_of
  from helpdesk.curated
  where curated.question_key = question.key and curated.state = 'approved' and curated.expires_on >= %s
  order by curated.id desc
  limit 1
) as kept on true
where question.ended_at >= now() - %s and question.deleted_at is null
order by question.ended_at, question.key
"""


class JudgedQuestions(Table):
    async def list_judged(self, newer_than: timedelta, *, today: date) -> list[Judged]:
        """Every question that ended in this span and stands, judged or not; oldest first.

        What people kept is knowledge until its day has gone by: `today` is the day where the organisation is.
        """
        return await self._list_rows(_judged, _JUDGED, [today, newer_than])
