"""Waits for what is bound to come; a test that waits in vain fails with TimeoutError."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(holds: Callable[[], object], *, within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.02)


async def eventually_async(holds: Callable[[], Awaitable[object]], *, within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not await holds():
            await asyncio.sleep(0.02)
