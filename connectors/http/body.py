"""Bodies of answers, unpacked while they come and cut off where they are too large."""

import zlib
from collections.abc import AsyncIterator

import httpx

from connectors.errors import TooLarge

ACCEPT_ENCODING = "gzip"
"""The one packing that we unpack, so that the limit holds for what comes out of it, not for what goes in."""


class Unpacker:
    """Collects up to `max_bytes`, unpacked as it comes. Raises TooLarge for one byte more, zlib.error for nonsense.

    What came so far is `content`; it is whole unless `is_cut_off`.
    """

    def __init__(self, *, max_bytes: int, is_packed: bool) -> None:
        self._max_bytes = max_bytes
        self._inflater = zlib.decompressobj(wbits=31) if is_packed else None
        self._parts: list[bytes] = []
        self._size = 0
        self.is_cut_off = False
        """Whether packed data began and did not come to its end."""

    def add(self, chunk: bytes) -> None:
        while self._inflater is not None and chunk:
            self._keep(self._inflater.decompress(chunk, self._max_bytes - self._size + 1))
            self.is_cut_off = not self._inflater.eof
            if self.is_cut_off:
                return
            chunk = self._inflater.unused_data  # a file of several members is their contents one after another
            self._inflater = zlib.decompressobj(wbits=31)
        self._keep(chunk)

    def content(self) -> bytes:
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._max_bytes:
            raise TooLarge(f"the answer is larger than {self._max_bytes:,} bytes")
        self._parts.append(part)


def gunzip(content: bytes, *, max_bytes: int) -> bytes:
    """The unpacked content of a `.gz` file. Raises TooLarge, and zlib.error for what is no such file."""
    unpacker = Unpacker(max_bytes=max_bytes, is_packed=True)
    unpacker.add(content)
    if unpacker.is_cut_off:
        raise zlib.error("the file ends too early")
    return unpacker.content()


async def read_body(response: httpx.Response, *, max_bytes: int, cut: bool = False) -> bytes:
    """The body, unpacked. With `cut`, the first `max_bytes` of one that is larger; otherwise TooLarge."""
    encoding = response.headers.get("content-encoding", "identity").strip().casefold()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise httpx.DecodingError(f"the answer is packed as {encoding!r}", request=response.request)
    unpacker = Unpacker(max_bytes=max_bytes, is_packed="gzip" in encoding)
    try:
        await _fill(unpacker, response.aiter_raw())
    except TooLarge:
        if not cut:
            raise
    except zlib.error as error:
        raise httpx.DecodingError("the answer's packing is broken", request=response.request) from error
    if unpacker.is_cut_off and not cut:
        raise httpx.DecodingError("the answer ends too early", request=response.request)
    return unpacker.content()


async def _fill(unpacker: Unpacker, chunks: AsyncIterator[bytes]) -> None:
    async for chunk in chunks:
        unpacker.add(chunk)
