"""Who used which admin command, and whether it was allowed."""

from helpdesk_bot.events import Platform
from helpdesk_bot.records.rows import Table


class Audit(Table):
    async def audit(self, *, platform: Platform, person_id: str, action: str, allowed: bool) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "insert into helpdesk.audit (platform, person_id, action, allowed) values (%s, %s, %s, %s)",
                [platform, person_id, action, allowed],
            )
