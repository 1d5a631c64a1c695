"""Where the bot is silent because an admin said so: in one channel, or everywhere."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.events import Place
from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class Pause:
    channel: str
    """Empty where it is everywhere."""
    paused_by: str
    paused_at: datetime


class Pauses(Table):
    async def find(self, place: Place) -> Pause | None:
        """What keeps the bot silent in this place; that of everywhere goes first."""
        return await self._find_row(
            Pause,
            """
            select channel, paused_by, paused_at
            from helpdesk.pause
            where (platform, tenant, channel) in (('', '', ''), (%s, %s, %s))
            order by channel
            limit 1
            """,
            [place.platform, place.tenant, place.channel],
        )

    async def pause(self, place: Place | None, *, by: str) -> None:
        """None is everywhere. The first pause of a place stands."""
        await self._execute(
            """
            insert into helpdesk.pause (platform, tenant, channel, paused_by)
            values (%s, %s, %s, %s)
            on conflict do nothing
            """,
            [*_where(place), by],
        )

    async def resume(self, place: Place | None) -> bool:
        """False where nothing was paused."""
        return await self._changes(
            "delete from helpdesk.pause where platform = %s and tenant = %s and channel = %s", [*_where(place)]
        )


def _where(place: Place | None) -> tuple[str, str, str]:
    return ("", "", "") if place is None else (place.platform, place.tenant, place.channel)
