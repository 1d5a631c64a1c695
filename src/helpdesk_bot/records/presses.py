"""Presses of buttons, forms sent off and commands given, so that a repeated delivery has no second effect."""

from psycopg import AsyncConnection


async def take_press(connection: AsyncConnection, key: str) -> bool:
    """In the caller's transaction: False where the press had its effect before. An empty key is always new."""
    if not key:
        return True
    cursor = await connection.execute("insert into helpdesk.press (key) values (%s) on conflict do nothing", [key])
    return bool(cursor.rowcount)
