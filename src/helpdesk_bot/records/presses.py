"""Presses of buttons, forms sent off and commands given, so that a repeated delivery has no second effect."""

from psycopg import AsyncConnection

from helpdesk_bot.records.rows import Table


class Presses(Table):
    async def is_new(self, key: str) -> bool:
        """Take note of a press by itself, where its effect is safe to lose or to be done by what follows."""
        async with self._pool.connection() as connection:
            return await take_press(connection, key)


async def take_press(connection: AsyncConnection, key: str) -> bool:
    """In the caller's transaction: False where the press had its effect before. An empty key is always new."""
    if not key:
        return True
    cursor = await connection.execute("insert into helpdesk.press (key) values (%s) on conflict do nothing", [key])
    return bool(cursor.rowcount)
