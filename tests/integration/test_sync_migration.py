"""While a new version is rolled out, processes of the one before work on the migrated database."""

import psycopg
import pytest

from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.place import Place

# Statements of version 0.1.0, as it sends them: what they name must stay.
BEFORE = [
    "insert into knowledge.source (name) values ('old') on conflict do nothing",
    "insert into knowledge.sync_run (source) values ('old')",
    """
    insert into knowledge.access_rule (source, digest, all_of) values ('old', '\\x01', '[["public"]]')
    """,
    """
    insert into knowledge.document
      (source, key, version, recipe, title, listed_title, url, access_id, modified_at)
    select 'old', 'doc', '1', '', 'Doc', 'Doc', '', id, now() from knowledge.access_rule where source = 'old'
    on conflict (source, key) do update
    set version = excluded.version, recipe = excluded.recipe, title = excluded.title,
        listed_title = excluded.listed_title, url = excluded.url, access_id = excluded.access_id,
        modified_at = excluded.modified_at, synced_at = now()
    """,
    """
    insert into knowledge.chunk (document_id, position, heading_path, context, text, page, tokens, digest)
    select id, 0, '{}', '', 'Old words about zebras.', null, 4, '\\x02' from knowledge.document where source = 'old'
    """,
    """
    insert into knowledge.pending_vector (source, space_id, digest, embedding)
    select 'old', id, '\\x02', array_fill(0.125, array[64])::halfvec from knowledge.embedding_space
    on conflict do nothing
    """,
    """
    insert into knowledge.vector_1 (chunk_id, access_id, embedding)
    select chunk.id, access_id, embedding
    from knowledge.pending_vector pending
    join knowledge.chunk using (digest)
    join knowledge.document on document.id = document_id
    where pending.source = 'old'
    """,
    "delete from knowledge.pending_vector where source = 'old'",
    """
    insert into knowledge.term (lexeme)
    select distinct word.lexeme
    from knowledge.chunk
    join knowledge.document on document.id = chunk.document_id,
         unnest(knowledge.words(document.title, chunk.heading_path, chunk.text)) word
    where source = 'old' and not exists (select from knowledge.term where term.lexeme = word.lexeme)
    """,
    """
    insert into knowledge.lexical (chunk_id, access_id, length, term_ids, weights)
    select chunk.id, access_id, 4, array_agg(term.id order by term.id),
           ('{' || string_agg(term.id || ':1', ',' order by term.id) || '}/1000000000')::sparsevec
    from knowledge.chunk
    join knowledge.document on document.id = document_id
    cross join lateral unnest(knowledge.words(title, heading_path, text)) word
    join knowledge.term using (lexeme)
    where source = 'old'
    group by chunk.id, access_id
    """,
    """
    insert into knowledge.quarantine
      (source, key, version, title, url, all_of, media_type, modified_at, reason, attempts)
    values ('old', 'bad', '1', 'Bad', '', '[["public"]]', 'text/plain', now(), 'it is encrypted', 1)
    """,
    "update knowledge.source set cursor = '7', synced_at = now() where name = 'old'",
    """
    update knowledge.sync_run set state = 'complete', finished_at = now(), receipt = '{"state": "complete"}'
    where source = 'old'
    """,
    "update knowledge.sync_run set state = 'failed' where source = 'old' and state = 'running'",
]


@pytest.fixture
async def store(pool, database_url):
    """Synced by this version, then written to by the one before."""
    store = Store(pool)
    place = Place()
    place.put("doc", "New words about zebras.", trail=("Zanzibar",))
    await sync(place, store=store, embedder=HashedEmbedder())
    with psycopg.connect(database_url) as connection:
        for statement in BEFORE:
            connection.execute(statement)
    return store


async def test_what_the_version_before_writes_is_found_by_this_one(store):
    found = await Search(store, HashedEmbedder(), Access(store)).find("zebras", Audience.public())

    assert {passage.source for passage in found} == {"place", "old"}
    assert {one.source: one.last_run.state for one in (await store.get_status()).sources} == {
        "place": "complete",
        "old": "complete",
    }
    assert (await store.get_receipt("old")).state is RunState.COMPLETE


async def test_what_the_version_before_left_behind_is_synced_on_by_this_one(store):
    place = Place(name="old", clock=7)
    place.put("doc", "Newer words about zebras.", trail=("Timbuktu",))
    place.put("doc", "Newer words about zebras.", trail=("Timbuktu",))

    receipt = await sync(place, store=store, embedder=HashedEmbedder(), full=True)

    assert (receipt.state, receipt.changed) == (RunState.COMPLETE, 1)
    found = await Search(store, HashedEmbedder(), Access(store)).find("timbuktu", Audience.public())
    assert [(one.source, one.trail) for one in found if one.scores.bm25] == [("old", ("Timbuktu",))]


async def test_words_of_a_chunk_without_its_trails_are_weighed_again_all_the_same(store):
    """The version before rewrote a document whose trail it does not know; then the average length drifts."""
    async with store.writer("place") as writer:
        space = await writer.get_space(model="hashed", dimension=64)
        await writer._connection.execute("update knowledge.document set trail = '{Somewhere, Unheard}'")
        await writer._connection.execute("update knowledge.state set average_length = 1000")
        await writer.tidy(space)

    assert await Search(store, HashedEmbedder(), Access(store)).find("zebras", Audience.public())
