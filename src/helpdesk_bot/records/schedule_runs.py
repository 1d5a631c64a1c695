"""Schedules: each fires once for each time on its wall clock."""

from datetime import datetime

from helpdesk_bot.records.rows import InTransaction, Table


class ScheduleRuns(Table):
    async def claim_schedule(self, schedule: str, logical_at: datetime, *, and_then: InTransaction) -> bool:
        """Do something for this schedule and wall-clock time unless it was done; both are one transaction."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "insert into helpdesk.schedule_run (schedule, logical_at) values (%s, %s) on conflict do nothing",
                [schedule, logical_at],
            )
            if not cursor.rowcount:
                return False
            await and_then(connection)
            return True
