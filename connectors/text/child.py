"""The process that parses: bytes in, Markdown out, over two pipes, with every other door closed.

`connectors.text.reader` starts it as `python -I -m connectors.text.child` with an empty environment. Once its modules
are loaded it can open no file and no socket; each file gets its own share of processor time and memory. It serves one
file after another until its input ends.
"""

import encodings
import importlib
import logging
import math
import os
import pkgutil
import resource
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pypdf

from connectors.text.limits import MIB, ReadLimits
from connectors.text.media_types import MEDIA_TYPES, find_media_type
from connectors.text.messages import PREFIX, Reply, Request, frame
from connectors.text.refusals import Refusal, TooMuch
from connectors.text.text import RawFile, Text

_LOADED_LATE = ("heapq", "_strptime")
"""What the standard library loads within Counter.most_common and datetime.strptime."""
_STATM = Path("/proc/self/statm")

Read = Callable[[RawFile], Text]


def main() -> None:
    requests, replies = _take_pipes()
    formats = _load_formats()
    memory = _Memory()
    _close_doors()
    replies.write(frame(Reply()))
    for request, content in _receive(requests):
        reply = _answer(formats, request, content, memory)
        replies.write(frame(reply))
        if reply.is_last:
            break


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for our messages alone: whatever else prints, prints to nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    logging.disable()
    return requests, replies


def _load_formats() -> dict[str, Read]:
    """Every format, and what parsers load only when they meet it: later, nothing can be loaded."""
    sys.modules["numpy"] = None  # type: ignore[assignment]  openpyxl would load it, with its threads, for nothing
    names = {media_type.format for media_type in MEDIA_TYPES if media_type.format}
    formats = {name: importlib.import_module(f"connectors.text.{name}").read for name in names}
    for name in _LOADED_LATE:
        importlib.import_module(name)
    for package in (encodings, pypdf):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with suppress(ImportError):  # of another system, or wanting what isn't installed
                importlib.import_module(module.name)
    return formats


def _close_doors() -> None:
    """The kernel refuses any further file descriptor and process, any write to a file, and core dumps."""
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))


def _receive(requests: BinaryIO) -> Iterator[tuple[Request, bytes]]:
    while len(prefix := requests.read(PREFIX.size)) == PREFIX.size:
        header_bytes, content_bytes = PREFIX.unpack(prefix)
        request = Request.model_validate_json(requests.read(header_bytes))
        yield request, requests.read(content_bytes)


def _answer(formats: dict[str, Read], request: Request, content: bytes, memory: "_Memory") -> Reply:
    limits = request.limits
    media_type, _ = find_media_type(request.media_type)
    raw = RawFile(content=content, media_type=request.media_type, charset=request.charset, limits=limits)
    try:
        with memory.limited(limits), _cpu_limited(limits):
            text = formats[media_type.format if media_type else ""](raw)
    except TooMuch as refusal:
        return Reply(refusal="too much", reason=refusal.reason)
    except Refusal as refusal:
        return Reply(refusal="unreadable", reason=refusal.reason)
    except MemoryError:
        reason = f"reading it takes more than {limits.memory_bytes // MIB:,} MiB of memory"
        return Reply(refusal="too much", reason=reason, is_last=True)
    except RecursionError:
        return Reply(refusal="unreadable", reason="its parts are nested more deeply than can be read")
    except Exception as error:  # noqa: BLE001  the outermost handler of a file: parsers raise anything on broken ones
        reason = f"the file is damaged, or not what its name says ({type(error).__name__})"
        return Reply(refusal="unreadable", reason=reason)
    return _reply(text, limits, is_last=memory.is_worn(limits))


def _reply(text: Text, limits: ReadLimits, *, is_last: bool) -> Reply:
    if len(text.markdown) > limits.output_chars:
        reason = f"its text is longer than {limits.output_chars:,} characters; split it"
        return Reply(refusal="too much", reason=reason, is_last=is_last)
    return Reply(markdown=text.markdown, title=text.title, page_starts=text.page_starts, is_last=is_last)


@contextmanager
def _cpu_limited(limits: ReadLimits) -> Generator[None]:
    """The kernel ends the process after these processor seconds more; it counts whole seconds from the start."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + limits.cpu_s, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


class _Memory:
    """The process's address space, where the kernel tells it (Linux); elsewhere there is no memory limit."""

    def __init__(self) -> None:
        self._statm = os.open(_STATM, os.O_RDONLY) if _STATM.exists() else None
        self._idle_bytes = self._used_bytes()

    def _used_bytes(self) -> int:
        if self._statm is None:
            return 0
        return int(os.pread(self._statm, 100, 0).split()[0]) * resource.getpagesize()

    @contextmanager
    def limited(self, limits: ReadLimits) -> Generator[None]:
        """So much on top of what is in use now."""
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if self._statm is not None:
            resource.setrlimit(resource.RLIMIT_AS, (self._used_bytes() + limits.memory_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))

    def is_worn(self, limits: ReadLimits) -> bool:
        """Whether files read so far left so much behind that a fresh process is better."""
        return self._used_bytes() - self._idle_bytes > limits.memory_bytes // 2


if __name__ == "__main__":
    main()
