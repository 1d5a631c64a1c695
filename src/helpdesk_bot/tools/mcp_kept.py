"""The sessions with one MCP server that are kept from one call to the next."""

import asyncio
from typing import TypeVar

from helpdesk_bot.tools.mcp_session import IDLE_S, Connect, McpSession, SessionEnded, Work

T = TypeVar("T")
MAX_SESSIONS = 4
"""At a time; more callers wait. Each has a process where the server is a command."""
PARTING_S = 3.0


class KeptSessions:
    """Each serves one caller at a time, and is kept while all goes well in it."""

    def __init__(self, connect: Connect, *, idle_s: float = IDLE_S) -> None:
        self._connect = connect
        self._idle_s = idle_s
        self._free = asyncio.Semaphore(MAX_SESSIONS)
        self._idle: list[McpSession] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def do(self, work: Work[T]) -> T:
        """`work` is begun once at most: another session is tried only where a kept one was lost before.

        Raises `SessionEnded`, and `ToolError` as `work` does.
        """
        async with self._free:
            kept = self._find_kept()
            if kept is not None:
                try:
                    return await self._in(kept, work)
                except SessionEnded as ended:
                    if ended.has_begun:
                        raise
            return await self._in(self._open(), work)

    async def aclose(self) -> None:
        """Parts from the server, and does not wait for one that does not let go."""
        self._is_closed = True
        for _ in range(2):
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=PARTING_S)

    async def _in(self, session: McpSession, work: Work[T]) -> T:
        try:
            return await session.do(work)
        finally:
            if not session.is_over:
                self._idle.append(session)

    def _find_kept(self) -> McpSession | None:
        """The one used last: others come to be idle, and close."""
        self._idle = [one for one in self._idle if not one.is_over]
        return self._idle.pop() if self._idle else None

    def _open(self) -> McpSession:
        if self._is_closed:
            raise SessionEnded("it was closed", has_begun=False)
        session = McpSession(self._connect, idle_s=self._idle_s)
        self._tasks.add(session.task)
        session.task.add_done_callback(self._tasks.discard)
        return session
