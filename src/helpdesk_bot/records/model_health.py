"""How chat models fare, known to every process: which of them rest after too many failures."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.records.rows import Table

OPENS_AFTER = 5
"""Failures in a row."""
RESTS_S = 30.0
"""Until one call may look whether it is well again; so long it has before the next one may."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    model: str
    failures: int
    """In a row, until now."""
    reason: str
    """Of the last one."""
    opened_at: datetime | None
    """Since when it rests; None while it is asked."""


class ModelHealth(Table):
    async def may_ask(self, model: str, *, rests_s: float = RESTS_S) -> bool:
        """Whether to ask it now. Of all who want to try one that has rested, one may."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select opened_at is null from helpdesk.model_health where model = %s", [model]
            )
            row = await cursor.fetchone()
            if row is None or row[0]:
                return True
            cursor = await connection.execute(
                """
                update helpdesk.model_health
                set probed_at = clock_timestamp()
                where model = %(model)s
                  and opened_at <= clock_timestamp() - make_interval(secs => %(rests_s)s)
                  and (probed_at is null or probed_at <= clock_timestamp() - make_interval(secs => %(rests_s)s))
                """,
                {"model": model, "rests_s": rests_s},
            )
            return bool(cursor.rowcount)

    async def succeeded(self, model: str) -> None:
        await self._execute(
            """
            update helpdesk.model_health
            set failures = 0, opened_at = null, probed_at = null
            where model = %s and failures > 0
            """,
            [model],
        )

    async def failed(self, model: str, reason: str, *, opens_after: int = OPENS_AFTER) -> bool:
        """Whether it begins to rest with this one. A failed try of one that rests makes it rest anew."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                insert into helpdesk.model_health as known (model, failures, reason, opened_at)
                values (%(model)s, 1, %(reason)s, case when %(opens_after)s <= 1 then clock_timestamp() end)
                on conflict (model) do update
                set failures = known.failures + 1,
                  reason = excluded.reason,
                  probed_at = null,
                  opened_at = case when known.failures + 1 >= %(opens_after)s then clock_timestamp() end
                returning failures
                """,
                {"model": model, "reason": reason, "opens_after": opens_after},
            )
            row = await cursor.fetchone()
            return row is not None and row[0] == opens_after

    async def list_resting(self) -> list[Condition]:
        return [one for one in await self.list_conditions() if one.opened_at is not None]

    async def list_conditions(self) -> list[Condition]:
        return await self._list_rows(
            Condition, "select model, failures, reason, opened_at from helpdesk.model_health order by model"
        )
