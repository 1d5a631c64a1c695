"""When sources are synced, where an admin said so in chat: what is set here goes before the configuration."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class SetSchedule:
    source: str
    cron: str
    """Five fields; empty for never."""
    set_by: str
    set_at: datetime


class Schedules(Table):
    async def list_set(self) -> dict[str, SetSchedule]:
        """By source name; sources that nobody set are not in it."""
        schedules = await self._list_rows(
            SetSchedule, "select source, cron, set_by, set_at from helpdesk.source_schedule order by source"
        )
        return {schedule.source: schedule for schedule in schedules}

    async def set_cron(self, source: str, cron: str, *, by: str) -> None:
        await self._execute(
            """
            insert into helpdesk.source_schedule (source, cron, set_by)
            values (%s, %s, %s)
            on conflict (source) do update set cron = excluded.cron, set_by = excluded.set_by, set_at = now()
            """,
            [source, cron, by],
        )

    async def unset(self, source: str) -> bool:
        """Back to the configuration; False where it was that already."""
        return await self._changes("delete from helpdesk.source_schedule where source = %s", [source])
