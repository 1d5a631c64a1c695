"""One session with an MCP server: opened, held and closed by one task, for one errand after the other.

The library's sessions live in cancel scopes, which only the task that entered them may leave. So errands are done by
that task too: when the connection fails under one, it is interrupted at once. There is never more than one errand in
a session: the library ends all of it when one request fails, and no change is to be lost to another's failure.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from helpdesk_bot.tools.errors import ToolError
from helpdesk_bot.tools.mcp_connection import Breakage, named, troubles
from helpdesk_bot.tools.mcp_listing import Listed

if TYPE_CHECKING:
    from mcp import ClientSession

T = TypeVar("T")
Listing = Mapping[str, Listed]
"""What a server offers, by its names for it."""
Work = Callable[["ClientSession", Listing], Awaitable[T]]
"""What is done in a session, with what the server offers in it at that moment."""
Connect = Callable[[Breakage], AbstractAsyncContextManager["ClientSession"]]

IDLE_S = 120.0
"""How long a session is kept that nobody needs."""
MAX_ERRANDS = 200
"""In one session: the library remembers all that a server ever listed in it."""
MAX_TOOLS = 200
MAX_PAGES = 10


class SessionEnded(Exception):
    """Before the errand was done."""

    def __init__(self, reason: str, *, has_begun: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.has_begun = has_begun
        """Whether its work may have sent something; else the listing was all that was asked for."""


class McpSession:
    def __init__(self, connect: Connect, *, idle_s: float = IDLE_S) -> None:
        """Begins to open it."""
        self.is_over = False
        self._connect = connect
        self._idle_s = idle_s
        self._errand: _Errand[object] | None = None
        self._wanted = asyncio.Event()
        self.task = asyncio.create_task(self._hold(), context=Context())
        """Ends when the session is closed. What is logged in it belongs to no question, hence the empty context."""

    async def do(self, work: Work[T]) -> T:
        """As soon as it is open; not while another errand is done. Given up, it ends the session: answers may be due.

        Raises `SessionEnded`, and `ToolError` as `work` does.
        """
        errand = _Errand(work)
        self._errand = cast("_Errand[object]", errand)
        self._wanted.set()
        try:
            return await errand.done
        except asyncio.CancelledError:
            self._end("it was given up")
            self.task.cancel()
            raise

    async def _hold(self) -> None:
        try:
            async with self._connect(self._break) as session:
                await self._serve(session)
        except troubles() as error:
            self._end(named(error))
        finally:
            self._end("it was closed")

    async def _serve(self, session: "ClientSession") -> None:
        for _ in range(MAX_ERRANDS):
            errand = await self._next()
            if errand is None:
                break
            try:
                await errand.do(session)
            except troubles() as error:
                return self._end(named(error))
        return self._end("it had served its time")

    async def _next(self) -> "_Errand[object] | None":
        """None where nobody needed it for a while."""
        try:
            async with asyncio.timeout(self._idle_s):
                await self._wanted.wait()
        except TimeoutError:
            if not self._wanted.is_set():
                return None
        self._wanted.clear()
        return self._errand

    def _break(self, reason: str) -> None:
        """The library does not tell who waits for an answer that it was broken off."""
        self._end(reason)
        self.task.cancel()

    def _end(self, reason: str) -> None:
        """Nobody is given it any more, and who waits is told now, not when it is closed."""
        self.is_over = True
        if self._errand is not None:
            self._errand.fail(reason)


class _Errand(Generic[T]):
    def __init__(self, work: Work[T]) -> None:
        self.done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._work = work
        self._has_begun = False

    async def do(self, session: "ClientSession") -> None:
        try:
            listing = await list_tools(session)
            self._has_begun = True
            found = await self._work(session, listing)
        except ToolError as error:
            if not self.done.done():
                self.done.set_exception(error)
        else:
            if not self.done.done():
                self.done.set_result(found)

    def fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(SessionEnded(reason, has_begun=self._has_begun))


async def list_tools(session: "ClientSession") -> Listing:
    """All pages, up to a bound."""
    from mcp.types import PaginatedRequestParams

    found: dict[str, Listed] = {}
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        for tool in page.tools[: MAX_TOOLS - len(found)]:
            found[tool.name] = Listed(name=tool.name, description=tool.description or "", schema=tool.inputSchema)
        cursor = page.nextCursor
        if not cursor:
            break
    return found
