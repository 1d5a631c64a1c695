import gzip
import tracemalloc
import zlib

import httpx
import pytest

from connectors.errors import TooLarge
from connectors.http.body import Unpacker, gunzip, read_body


async def answer(*chunks, encoding=None, max_bytes=1_000, cut=False):
    async def stream():
        for chunk in chunks:
            yield chunk

    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx.Response(200, headers=headers, content=stream(), request=httpx.Request("GET", "https://a.example"))
    return await read_body(response, max_bytes=max_bytes, cut=cut)


async def test_a_body_of_the_size_that_was_asked_for():
    assert await answer(b"ab" * 300, b"ab" * 200) == b"ab" * 500


async def test_one_byte_more_is_too_large():
    with pytest.raises(TooLarge):
        await answer(b"a" * 1_000, b"b")


async def test_a_body_that_is_too_large_is_cut_where_only_its_beginning_matters():
    assert await answer(b"a" * 900, b"b" * 200, cut=True) == b"a" * 900


async def test_the_limit_holds_for_what_is_unpacked():
    packed = gzip.compress(b"\0" * 50_000_000)
    assert len(packed) < 60_000

    with pytest.raises(TooLarge):
        await answer(packed, encoding="gzip")


def test_a_bomb_is_not_unpacked_beyond_its_limit():
    bomb = gzip.compress(b"\0" * 50_000_000)
    unpacker = Unpacker(max_bytes=1_000, is_packed=True)

    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpacker.add(bomb)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert unpacker.content() == b""
    assert peak_bytes < 1_000_000


async def test_a_packed_body_that_ends_too_early_is_no_answer():
    """A server that ends its answer by hanging up says nowhere else how long it was to be."""
    packed = gzip.compress(b"hello " * 100) + gzip.compress(b"again")

    for length in (1, 15, len(packed) - 1):
        with pytest.raises(httpx.DecodingError, match="too early"):
            await answer(packed[:length], encoding="gzip")
        with pytest.raises(zlib.error):
            gunzip(packed[:length], max_bytes=1_000)
    assert await answer(encoding="gzip") == b""


async def test_a_packed_body_in_any_pieces():
    packed = gzip.compress(b"hello ") + gzip.compress(b"again")

    assert await answer(*(packed[at : at + 1] for at in range(len(packed))), encoding="gzip") == b"hello again"


@pytest.mark.parametrize(("content", "encoding"), [(b"\x1f\x8bnonsense", "gzip"), (b"hello", "br")])
async def test_a_packing_that_makes_no_sense_is_an_error(content, encoding):
    with pytest.raises(httpx.DecodingError):
        await answer(content, encoding=encoding)


def test_a_packed_file_is_unpacked_up_to_a_limit():
    assert gunzip(gzip.compress(b"hello"), max_bytes=5) == b"hello"
    with pytest.raises(TooLarge):
        gunzip(gzip.compress(b"hello!"), max_bytes=5)
    with pytest.raises(zlib.error):
        gunzip(b"hello", max_bytes=5)
