"""What admins set for channels: rows by the platform's id of the channel."""

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from helpdesk_bot.events import Place
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.rows import Table, find_value
from knowledge.postgres import for_one_statement


class ChannelRows(Table):
    async def find_channel(self, place: Place, connection: AsyncConnection | None = None) -> JsonObject | None:
        """What was set for the place's channel, by name; in the caller's transaction where there is one."""
        if connection is None:
            async with for_one_statement(self._pool) as own:
                return await self.find_channel(place, own)
        return await find_value(
            connection,
            "select settings from helpdesk.channel where platform = %s and tenant = %s and channel = %s",
            [place.platform, place.tenant, place.channel],
        )

    async def change_channel(self, place: Place, name: str, value: object, *, by: str) -> None:
        """Set one value, or with None go back to the configuration's."""
        change = {name: value}
        await self._execute(
            """
            insert into helpdesk.channel (platform, tenant, channel, settings, changed_by)
            values (%s, %s, %s, jsonb_strip_nulls(%s), %s)
            on conflict (platform, tenant, channel) do update
            set settings = jsonb_strip_nulls(channel.settings || %s),
                changed_by = excluded.changed_by,
                changed_at = now()
            """,
            [place.platform, place.tenant, place.channel, Jsonb(change), by, Jsonb(change)],
        )
