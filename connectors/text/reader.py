"""The front door: any file's text, read in a child process under limits."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from connectors.errors import ConnectorError, LimitExceeded, Unreadable, UnsupportedMedia
from connectors.text.limits import MIB, ReadLimits
from connectors.text.media_types import MediaType, find_media_type
from connectors.text.messages import PREFIX, Reply, Request, frame
from connectors.text.text import Text

CHILD_COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "connectors.text.child")
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
_PIPE_BYTES = MIB


class TextReader:
    """Reads one file at a time, in a process that is started with the first and ended by `__aexit__`.

    A file that breaks a limit, or the parser, costs that process; the next file gets a new one.
    """

    def __init__(self, limits: ReadLimits | None = None, *, command: Sequence[str] = CHILD_COMMAND) -> None:
        self.limits = limits or ReadLimits()
        self._command = command
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stop()

    async def read(self, content: bytes, media_type: str, *, key: str) -> Text:
        """The text of a file, whose key names it in errors; media_type may declare a charset.

        Raises Unreadable, or one of its kinds, with a reason that an admin can act on; ConnectorError when the child
        process can't be started, which says nothing about the file.
        """
        kind, charset = self._check(media_type, len(content), key)
        request = Request(media_type=kind.name, charset=charset, limits=self.limits)
        async with self._turn:
            reply = await self._ask(request, content, key)
        if reply.refusal is not None:
            raise (LimitExceeded if reply.refusal == "too much" else Unreadable)(key, reply.reason)
        return Text(markdown=reply.markdown, title=reply.title, page_starts=reply.page_starts)

    def check(self, media_type: str, size_bytes: int, *, key: str) -> None:
        """Raise what `read` would raise for any file of this type and size."""
        self._check(media_type, size_bytes, key)

    def _check(self, media_type: str, size_bytes: int, key: str) -> tuple[MediaType, str | None]:
        kind, charset = find_media_type(media_type)
        if kind is None or not kind.format:
            advice = f"; {kind.advice}" if kind and kind.advice else ""
            raise UnsupportedMedia(key, f"files of type {media_type} can't be read{advice}")
        if size_bytes > self.limits.input_bytes:
            size, limit = size_bytes / MIB, self.limits.input_bytes / MIB
            raise LimitExceeded(key, f"it has {size:,.1f} MiB, more than {limit:,.1f} MiB")
        return kind, charset

    async def _ask(self, request: Request, content: bytes, key: str) -> Reply:
        """One question and its answer. Whatever prevents the answer ends the child: it may be anywhere by then."""
        child = await self._running()
        goes_on = False
        try:
            async with asyncio.timeout(self.limits.wall_s):
                reply = await _exchange(child, frame(request, content), self._max_reply_bytes)
            goes_on = not reply.is_last
        except TimeoutError as error:
            raise LimitExceeded(key, f"reading it takes longer than {self.limits.wall_s:g} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise self._died(key, await child.wait()) from error
        except ValueError as error:
            raise Unreadable(key, "its parser gave an answer that makes no sense") from error
        finally:
            if not goes_on:
                await self._stop()
        return reply

    @property
    def _max_reply_bytes(self) -> int:
        """JSON takes at most six bytes for a character; titles and page starts are small."""
        return 6 * self.limits.output_chars + MIB

    def _died(self, key: str, exit_code: int) -> Unreadable:
        if exit_code == -signal.SIGXCPU:
            return LimitExceeded(key, f"reading it takes more than {self.limits.cpu_s} s of processor time")
        if exit_code == -signal.SIGKILL:
            return LimitExceeded(key, "the system ended its parser, most likely for want of memory")
        return Unreadable(key, f"the file crashes its parser (exit code {exit_code})")

    async def _running(self) -> asyncio.subprocess.Process:
        """The child; a new one when there is none or when it ended by itself, which is no fault of the next file."""
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self._stop()
        return await self._start()

    async def _start(self) -> asyncio.subprocess.Process:
        """A child that said it is ready. It sees nothing of our environment, and no signal meant for our terminal."""
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            start_new_session=True,
            limit=_PIPE_BYTES,
        )
        self._child = child
        is_ready = False
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                await _exchange(child, b"", self._max_reply_bytes)
            is_ready = True
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            raise ConnectorError("the process that reads files does not start") from error
        finally:
            if not is_ready:
                await self._stop()
        return child

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()
        if child.stdin is not None:
            child.stdin.close()
        async with asyncio.timeout(_STOP_TIMEOUT_S):
            await child.wait()


async def _exchange(child: asyncio.subprocess.Process, message: bytes, max_reply_bytes: int) -> Reply:
    """Send a message and wait for the reply. Raises ValueError for one that is too long or makes no sense."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child process was started without pipes")
    child.stdin.write(message)
    await child.stdin.drain()
    header_bytes, _ = PREFIX.unpack(await child.stdout.readexactly(PREFIX.size))
    if header_bytes > max_reply_bytes:
        raise ValueError(f"a reply of {header_bytes:,} bytes")
    return Reply.model_validate_json(await child.stdout.readexactly(header_bytes))
