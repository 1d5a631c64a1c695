"""Which conversation a message belongs to: its thread's, or the one that it goes on with."""

from datetime import timedelta

from psycopg import AsyncConnection

from helpdesk_bot.events import PlaceKind, Question
from helpdesk_bot.records.rows import PlaceRow, Table, find_row, find_value


class Conversations(Table):
    async def get_conversation_id(self, question_key: str) -> str:
        async with self._pool.connection() as connection:
            return await get_conversation_id_in(connection, question_key)

    async def find_earlier(self, question: Question, *, standalone: str) -> str | None:
        """The key of the newest other question of the same conversation that was understood as this.

        One that nothing was looked up for, as for the wish for a person, comes last.
        """
        place = question.place
        return await self._find_value(
            """
            select question.key
            from helpdesk.question
            join helpdesk.decision on decision.question_key = question.key
            where question.platform = %s and question.tenant = %s and question.channel = %s
              and coalesce(question.continues, question.thread) is not distinct from %s
              and question.key <> %s and question.deleted_at is null and decision.standalone = %s
            order by jsonb_array_length(decision.tried) = 0, question.asked_at desc
            limit 1
            """,
            [
                place.platform,
                place.tenant,
                place.channel,
                question.continues or place.thread,
                question.key,
                standalone,
            ],
        )


async def get_conversation_id_in(connection: AsyncConnection, question_key: str) -> str:
    """Of a question that is known, taken back or not."""
    found = await find_conversation_id_in(connection, question_key)
    if found is None:
        raise LookupError(question_key)
    return found


async def find_conversation_id_in(connection: AsyncConnection, question_key: str) -> str | None:
    """None where the question is not known any more."""
    row = await find_row(
        connection,
        PlaceRow,
        """
        select platform, tenant, channel, coalesce(continues, thread) as thread, kind
        from helpdesk.question
        where key = %s
        """,
        [question_key],
    )
    return row.place.conversation_id if row else None


async def find_continued_in(connection: AsyncConnection, question: Question, *, within: timedelta) -> str | None:
    """The thread whose conversation a direct message goes on with; None where its own is the one."""
    place = question.place
    if place.kind is not PlaceKind.DIRECT or place.thread is None:
        return None
    if place.thread == question.message_id:
        return await _find_most_recent(connection, question, within=within)
    return await _find_of_thread(connection, question)


async def _find_most_recent(connection: AsyncConnection, question: Question, *, within: timedelta) -> str | None:
    """Of what this person asked here a short while before. A thread that begins with no message to the bot (the
    assistant pane's) is a conversation by itself.
    """
    place = question.place
    return await find_value(
        connection,
        """
        select coalesce(earlier.continues, earlier.thread)
        from helpdesk.question as earlier
        where earlier.platform = %(platform)s
          and earlier.tenant = %(tenant)s
          and earlier.person_id = %(person)s
          and earlier.channel = %(channel)s
          and earlier.kind = 'direct'
          and earlier.deleted_at is null
          and earlier.asked_at < %(at)s
          and earlier.asked_at >= %(at)s - %(within)s
          and exists (
            select from helpdesk.question as first
            where first.platform = earlier.platform
              and first.tenant = earlier.tenant
              and first.channel = earlier.channel
              and first.message_id = earlier.thread
          )
        order by earlier.asked_at desc
        limit 1
        """,
        {
            "platform": place.platform,
            "tenant": place.tenant,
            "person": question.person_id,
            "channel": place.channel,
            "at": question.asked_at,
            "within": within,
        },
    )


async def _find_of_thread(connection: AsyncConnection, question: Question) -> str | None:
    """What the message on which the thread hangs goes on with."""
    place = question.place
    return await find_value(
        connection,
        """
        select continues
        from helpdesk.question
        where platform = %s and tenant = %s and channel = %s and message_id = %s and person_id = %s
        """,
        [place.platform, place.tenant, place.channel, place.thread, question.person_id],
    )
