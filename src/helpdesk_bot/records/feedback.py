"""What people thought of answers: one opinion a person and message, the newest."""

from helpdesk_bot.events import Vote
from helpdesk_bot.records.rows import Table


class Feedback(Table):
    async def record_vote(self, vote: Vote) -> None:
        """Keep the newest opinion; a removal takes back only the opinion that it names."""
        await self._execute(
            """
            insert into helpdesk.feedback
              (platform, tenant, channel, message_id, person_id, value, via, voted_at)
            values
              (%(platform)s, %(tenant)s, %(channel)s, %(message_id)s, %(person_id)s, %(value)s, %(via)s, %(at)s)
            on conflict (platform, tenant, channel, message_id, person_id) do update
            set value = excluded.value, via = excluded.via, voted_at = excluded.voted_at
            where feedback.voted_at <= excluded.voted_at
              and (%(takes_back)s::smallint is null or feedback.value in (%(takes_back)s, 0))
            """,
            {
                "platform": vote.place.platform,
                "tenant": vote.place.tenant,
                "channel": vote.place.channel,
                "message_id": vote.message_id,
                "person_id": vote.person_id,
                "value": vote.value,
                "via": vote.via,
                "at": vote.at,
                "takes_back": vote.takes_back,
            },
        )
