"""Only what changed is embedded, and where nothing changed not one row is written."""

import psycopg
import pytest

from connectors.documents import STAFF, AccessRule
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.place import Place


def paragraphs(count):
    return [f"## Part {number}\n\n{f'Words of part {number} and of nothing else. ' * 12}" for number in range(count)]


def row_versions(url):
    """The transaction that wrote each row, of every table but the runs' own account; as Postgres keeps it (xmin)."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            """
            select table_name from information_schema.tables
            where table_schema = 'knowledge' and table_name not in ('sync_run', 'source')
            """
        ).fetchall()
        return {
            table: sorted(
                connection.execute(
                    psycopg.sql.SQL("select ctid::text, xmin::text from {}").format(
                        psycopg.sql.Identifier("knowledge", table)
                    )
                ).fetchall()
            )
            for (table,) in tables
        }


@pytest.mark.parametrize("edited", [0, 24, 49])
async def test_one_edited_paragraph_of_a_long_page_embeds_three_chunks_at_most(store, edited):
    embedder, place, parts = HashedEmbedder(), Place(), paragraphs(50)
    place.put("page", "\n\n".join(parts))
    first = await sync(place, store=store, embedder=embedder)
    assert first.chunks_embedded >= 50

    parts[edited] += "A sentence that was put in yesterday."
    place.put("page", "\n\n".join(parts))
    receipt = await sync(place, store=store, embedder=embedder)

    assert receipt.changed == 1
    assert 1 <= receipt.chunks_embedded <= 3


async def test_a_paragraph_put_in_front_embeds_three_chunks_at_most(store):
    embedder, place, parts = HashedEmbedder(), Place(), paragraphs(50)
    place.put("page", "\n\n".join(parts))
    await sync(place, store=store, embedder=embedder)

    place.put("page", "\n\n".join(["## New\n\nSomething new on zebras. " * 8, *parts]))

    assert (await sync(place, store=store, embedder=embedder)).chunks_embedded <= 3


async def test_a_new_title_place_or_rule_embeds_nothing(store):
    embedder, place = HashedEmbedder(), Place()
    for number in range(20):
        place.put(f"doc-{number}", "\n\n".join(paragraphs(3)))
    await sync(place, store=store, embedder=embedder)
    embedder.embedded.clear()

    for number in range(0, 20, 3):
        place.move(f"doc-{number}", title=f"Title {number}")
    for number in range(1, 20, 3):
        place.move(f"doc-{number}", trail=("Elsewhere",))
    for number in range(2, 20, 3):
        place.restrict(f"doc-{number}", AccessRule.any_of([STAFF]))
    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.renamed, receipt.rights_changed, receipt.unchanged) == (14, 6, 20)
    assert (receipt.chunks_embedded, embedder.embedded) == (0, [])


@pytest.mark.parametrize("full", [False, True])
async def test_a_run_that_finds_nothing_new_leaves_every_row_as_it_is(store, database_url, full):
    embedder, place = HashedEmbedder(), Place()
    for number in range(70):
        place.put(f"doc-{number}", "\n\n".join(paragraphs(3)), trail=("Space",), labels=("one", "two"))
    place.put("secret.pdf", "unseen")
    place.unreadable["secret.pdf"] = "it is encrypted"
    place.put("empty", " ")
    for _ in range(3):
        await sync(place, store=store, embedder=embedder)
    before = row_versions(database_url)

    receipt = await sync(place, store=store, embedder=embedder)

    assert (receipt.unchanged, sum(receipt.skipped.values())) == (70, 2)
    assert row_versions(database_url) == before
