"""Uploaded files: kept in the database, read like any other place."""

import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Listed, user
from connectors.errors import LimitExceeded, Unreadable, UnsupportedMedia
from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.records.uploads import Uploads
from helpdesk_bot.uploads import UploadSource, read_readers
from knowledge.postgres import open_pool
from knowledge.receipts import RunState
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder

GUIDE = b"# Espresso\n\nDescale it every Friday."


@pytest.fixture
async def source(pool):
    async with TextReader(ReadLimits(input_bytes=10_000)) as reader:
        yield UploadSource(Uploads(pool), reader=reader)


async def listing(source: UploadSource) -> list[Listed | Cursor]:
    return [one async for one in source.changes(None)]


async def test_a_file_is_listed_read_and_replaced(source: UploadSource) -> None:
    await source.add("espresso.md", GUIDE, readers=frozenset({STAFF}), uploaded_by="ada")
    listed, cursor = await listing(source)
    assert isinstance(listed, Listed)
    assert isinstance(cursor, Cursor)
    assert listed.access == AccessRule.any_of([STAFF])
    assert "every Friday" in (await source.read(listed)).markdown

    await source.add("espresso.md", GUIDE.replace(b"Friday", b"Monday"), readers=frozenset({PUBLIC}), uploaded_by="bo")
    newer, _ = await listing(source)
    assert isinstance(newer, Listed)
    assert newer.version != listed.version
    assert [one.access async for one in source.present()] == [AccessRule.any_of([PUBLIC])]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("photo.raw", b"x", UnsupportedMedia),
        ("huge.md", b"x" * 10_001, LimitExceeded),
        ("", b"x", Unreadable),
        ("new\nline.md", b"x", Unreadable),
        ("n" * 201, b"x", Unreadable),
    ],
)
async def test_what_can_not_be_read_is_not_kept(
    source: UploadSource, name: str, content: bytes, error: type[Unreadable]
) -> None:
    with pytest.raises(error):
        await source.add(name, content, readers=frozenset({STAFF}), uploaded_by="ada")
    assert [one async for one in source.present()] == []


async def test_it_syncs_like_any_source_and_an_unchanged_file_is_left_alone(source: UploadSource, pool) -> None:
    await source.add("espresso.md", GUIDE, readers=frozenset({STAFF}), uploaded_by="ada")
    first = await sync(source, store=Store(pool), embedder=HashedEmbedder())
    await source.add("espresso.md", GUIDE, readers=frozenset({user("ada@example.com")}), uploaded_by="ada")
    second = await sync(source, store=Store(pool), embedder=HashedEmbedder())
    assert (first.state, first.added) == (RunState.COMPLETE, 1)
    assert (second.state, second.unchanged, second.rights_changed, second.chunks_embedded) == (
        RunState.COMPLETE,
        1,
        1,
        0,
    )


async def test_a_listing_holds_no_connection_while_its_files_are_read(database_url: str) -> None:
    """Reading and embedding can take hours, and hosters end transactions that idle."""
    async with open_pool(database_url, max_size=1, timeout_s=1) as pool, TextReader(ReadLimits()) as reader:
        source = UploadSource(Uploads(pool), reader=reader)
        await source.add("espresso.md", GUIDE, readers=frozenset({STAFF}), uploaded_by="ada")
        texts = [(await source.read(one)).markdown async for one in source.changes(None) if isinstance(one, Listed)]
    assert len(texts) == 1


def test_readers_are_staff_the_public_and_addresses() -> None:
    assert read_readers(["staff", " Ada@Example.com "]) == {STAFF, user("ada@example.com")}
    assert read_readers([""]) == {STAFF}
    with pytest.raises(NotConfigured):
        read_readers(["everybody"])
