"""Questions for whoever looks them through: the newest first, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Reply
from helpdesk_bot.records.bodies import REPLY
from helpdesk_bot.records.rows import PlaceRow, Table
from helpdesk_bot.records.unhelped import VOTES

OPEN = "open"
"""Stands for an outcome where there is none yet."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a page ended: with the question that was accepted then, by its key."""

    accepted_at: datetime
    key: str


@dataclass(frozen=True, kw_only=True)
class AskedQuestion(PlaceRow):
    """Nobody's name stands here but the asker's id. `outcome` is None while it is open."""

    key: str
    person_id: str
    asked_at: datetime
    accepted_at: datetime
    text: str
    """Empty where it was taken back."""
    outcome: str | None
    ups: int
    downs: int
    reasons: list[str]
    comments: list[str]

    @property
    def spot(self) -> Spot:
        return Spot(accepted_at=self.accepted_at, key=self.key)


_ASKED: LiteralString = (
    """
select question.key, question.platform, question.tenant, question.channel, question.thread, question.kind,
  question.person_id, question.asked_at, question.accepted_at, question.text, question.outcome,
  votes.ups, votes.downs, coalesce(votes.reasons, '{}') as reasons, coalesce(votes.comments, '{}') as comments
from helpdesk.question
"""
    + VOTES
)

# A question's votes are looked at only where it is shown: which have a vote is found from the votes, which are few.
# What was answered without a decision is a command, typed as a message.
_PAGE: LiteralString = """
where (%(outcome)s::text is null or coalesce(question.outcome, 'open') = %(outcome)s)
  and (question.outcome is distinct from 'answered' or exists (
    select from helpdesk.decision where decision.question_key = question.key
  ))
  and (%(vote)s::smallint is null or question.key in (
    select outgoing.question_key
    from helpdesk.feedback as vote
    join helpdesk.outgoing using (platform, tenant, channel, message_id)
    where vote.value = %(vote)s
  ))
  and (%(before)s::timestamptz is null
    or (question.accepted_at, question.key) < (%(before)s::timestamptz, %(before_key)s::text))
order by question.accepted_at desc, question.key desc
limit %(limit)s
"""


class AskedQuestions(Table):
    async def list_asked(
        self, *, outcome: str | None = None, vote: int | None = None, before: Spot | None = None, limit: int
    ) -> list[AskedQuestion]:
        """The newest first. `vote` 1 or -1: those whose answer has one; `outcome` may be `OPEN`."""
        wanted: Mapping[str, object] = {
            "outcome": outcome,
            "vote": vote,
            "before": before and before.accepted_at,
            "before_key": before and before.key,
            "limit": limit,
        }
        return await self._list_rows(AskedQuestion, _ASKED + _PAGE, wanted)

    async def find_asked(self, key: str) -> AskedQuestion | None:
        return await self._find_row(AskedQuestion, _ASKED + "where question.key = %s", [key])

    async def find_posted(self, key: str) -> Reply | None:
        """What stands where it was asked, for everybody there to read; its passages are without their texts."""
        body: JsonObject | None = await self._find_value(
            """
            select reply.body
            from helpdesk.outgoing as reply
            join helpdesk.question on question.key = reply.question_key
            where reply.marker = 'reply:' || %s
              and reply.kind = 'reply'
              and reply.state = 'sent'
              and reply.whisper_to is null
              and (reply.platform, reply.tenant, reply.channel) = (question.platform, question.tenant, question.channel)
            """,
            [key],
        )
        return REPLY.validate_python(body) if body else None
