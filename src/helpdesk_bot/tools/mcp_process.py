"""An MCP server that is a command: its process, and what it says, a line a message.

The library's own transport collects a line without end; here one has as many bytes as its owner wants.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import ValidationError

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp import ClientSession
    from mcp.shared.message import SessionMessage

PARTING_S = 1.0
"""For ending by itself once nobody speaks to it, and again after it is told to."""


@asynccontextmanager
async def started(
    command: Sequence[str], *, env: Mapping[str, str], max_bytes: int, on_break: Callable[[str], None]
) -> AsyncGenerator["ClientSession"]:
    """A session with a process of its own, not greeted yet. `on_break` is told why, when it can't be listened to."""
    from mcp import ClientSession
    from mcp.client.stdio import get_default_environment

    process = await asyncio.create_subprocess_exec(
        *command,
        env={**get_default_environment(), **env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=max_bytes,
        start_new_session=True,
    )
    told, heard = anyio.create_memory_object_stream[Any](0)
    to_say, said = anyio.create_memory_object_stream[Any](0)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_listen, process, told, on_break)
            group.start_soon(_speak, process, said)
            async with ClientSession(heard, to_say) as session:
                yield session
            group.cancel_scope.cancel()
    finally:
        for stream in (told, heard, to_say, said):
            stream.close()
        with anyio.CancelScope(shield=True):
            await _part_from(process)


async def _listen(
    process: asyncio.subprocess.Process,
    told: "MemoryObjectSendStream[SessionMessage]",
    on_break: Callable[[str], None],
) -> None:
    """What is no message is not for us: many servers write a greeting."""
    from mcp.shared.message import SessionMessage
    from mcp.types import JSONRPCMessage

    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    with told:
        try:
            while line := await process.stdout.readline():
                with suppress(ValidationError):
                    await told.send(SessionMessage(JSONRPCMessage.model_validate_json(line)))
        except ValueError:
            on_break("the answer is too large")


async def _speak(process: asyncio.subprocess.Process, said: "MemoryObjectReceiveStream[SessionMessage]") -> None:
    assert process.stdin is not None  # noqa: S101 -- as above
    async for one in said:
        process.stdin.write(one.message.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n")
        await process.stdin.drain()


async def _part_from(process: asyncio.subprocess.Process) -> None:
    """With all that it started; none is left behind."""
    assert process.stdin is not None  # noqa: S101 -- as above
    process.stdin.close()
    for told in (signal.SIGTERM, signal.SIGKILL):
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING_S):
                await process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, told)
    await process.wait()
