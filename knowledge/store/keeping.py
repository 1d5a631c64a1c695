"""What is kept of runs, and for how long: their names go when a person is forgotten, and old runs go by themselves."""

from datetime import timedelta

from psycopg import AsyncConnection


async def forget_runs(connection: AsyncConnection, *, older_than: timedelta) -> int:
    """Runs that began before that, but for each source's newest and its newest complete one; how many."""
    cursor = await connection.execute(
        """
        delete from knowledge.sync_run
        where started_at < now() - %s
          and id not in (select max(id) from knowledge.sync_run group by source)
          and id not in (select max(id) from knowledge.sync_run where state = 'complete' group by source)
        """,
        [older_than],
    )
    return cursor.rowcount


async def forget_name(connection: AsyncConnection, name: str) -> int:
    """Whoever ended a run or approved removals: that it was done stays, by whom goes; how many rows lost it."""
    ended = await connection.execute("update knowledge.sync_run set cancelled_by = '' where cancelled_by = %s", [name])
    approved = await connection.execute(
        "update knowledge.held_removal set approved_by = '' where approved_by = %s", [name]
    )
    return ended.rowcount + approved.rowcount
