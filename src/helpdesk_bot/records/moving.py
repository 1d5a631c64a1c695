"""A channel that has another id now: what is kept of it goes along."""

from typing import LiteralString

from helpdesk_bot.events import ChannelMoved
from helpdesk_bot.records.rows import InTransaction, Table

# What may be there for the new id already stays: news of it can come before the news of the move.
_STATEMENTS: tuple[LiteralString, ...] = (
    """
    update helpdesk.question set channel = %(new)s
    where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
    """,
    """
    update helpdesk.hearing set channel = %(new)s
    where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
    """,
    """
    update helpdesk.outgoing set channel = %(new)s
    where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
    """,
    """
    update helpdesk.curated set channel = %(new)s
    where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
    """,
    # the members of a channel are a group that is named by it
    """
    update helpdesk.curated set all_of = replace(all_of::text, %(members_before)s, %(members_after)s)::jsonb
    where strpos(all_of::text, %(members_before)s) > 0
    """,
    """
    update helpdesk.thread
    set conversation_id = %(after)s || substr(conversation_id, length(%(before)s) + 1)
    where starts_with(conversation_id, %(before)s)
      and not exists (
        select 1 from helpdesk.thread other
        where other.conversation_id = %(after)s || substr(thread.conversation_id, length(%(before)s) + 1)
      )
    """,
    """
    with gone as (
      delete from helpdesk.feedback
      where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
      returning *
    )
    insert into helpdesk.feedback (platform, tenant, channel, message_id, person_id, value, via, voted_at)
    select platform, tenant, %(new)s, message_id, person_id, value, via, voted_at from gone
    on conflict do nothing
    """,
    """
    with gone as (
      delete from helpdesk.feedback_reason
      where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
      returning *
    )
    insert into helpdesk.feedback_reason
      (platform, tenant, channel, message_id, person_id, reason, comment, given_at)
    select platform, tenant, %(new)s, message_id, person_id, reason, comment, given_at from gone
    on conflict do nothing
    """,
    """
    with gone as (
      delete from helpdesk.pause
      where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
      returning *
    )
    insert into helpdesk.pause (platform, tenant, channel, paused_by, paused_at)
    select platform, tenant, %(new)s, paused_by, paused_at from gone
    on conflict do nothing
    """,
    """
    with gone as (
      delete from helpdesk.channel
      where platform = %(platform)s and tenant = %(tenant)s and channel = %(old)s
      returning *
    )
    insert into helpdesk.channel (platform, tenant, channel, settings, changed_by, changed_at)
    select platform, tenant, %(new)s, settings, changed_by, changed_at from gone
    on conflict (platform, tenant, channel) do update set settings = excluded.settings || channel.settings
    """,
)


class Moves(Table):
    async def move_channel(self, moved: ChannelMoved, *, and_then: InTransaction) -> None:
        """Give the new id all that is kept under the old one; what was spent stays where it was."""
        place = moved.place
        before = f"{place.platform}:{place.tenant}:{place.channel}"
        after = f"{place.platform}:{place.tenant}:{moved.to}"
        values = {
            "platform": place.platform,
            "tenant": place.tenant,
            "old": place.channel,
            "new": moved.to,
            "before": f"{before}:",
            "after": f"{after}:",
            "members_before": f'/{before}"',
            "members_after": f'/{after}"',
        }
        async with self._pool.connection() as connection:
            for statement in _STATEMENTS:
                await connection.execute(statement, values)
            await and_then(connection)
