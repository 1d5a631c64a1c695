"""Why an answer did not help, in the words of who said so."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.events import Place
from helpdesk_bot.records.rows import Table
from knowledge.letters import storable


@dataclass(frozen=True, kw_only=True)
class GivenReason:
    """What one person said about one message of the bot."""

    person_id: str
    reason: str
    comment: str
    given_at: datetime


class Reasons(Table):
    async def find_question_key(self, place: Place, message_id: str) -> str | None:
        """The question that a message of ours answers."""
        return await self._find_value(
            """
            select question_key
            from helpdesk.outgoing
            where platform = %s and tenant = %s and channel = %s and message_id = %s
            """,
            [place.platform, place.tenant, place.channel, message_id],
        )

    async def give_reason(self, place: Place, message_id: str, given: GivenReason) -> bool:
        """Keep the newest; False where a newer one, or this one, is known."""
        return await self._changes(
            """
            insert into helpdesk.feedback_reason
              (platform, tenant, channel, message_id, person_id, reason, comment, given_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (platform, tenant, channel, message_id, person_id) do update
            set reason = excluded.reason, comment = excluded.comment, given_at = excluded.given_at
            where feedback_reason.given_at < excluded.given_at
            """,
            [
                place.platform,
                place.tenant,
                place.channel,
                message_id,
                given.person_id,
                given.reason,
                storable(given.comment),
                given.given_at,
            ],
        )
