"""Thousands of chunks in a moment: documents of one chunk each, by COPY, with their words counted by the store."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from pgvector import HalfVector
from psycopg import sql

from connectors.documents import AccessRule
from knowledge.chunks import Chunk
from knowledge.store import DocumentWrite, Space, Store
from knowledge.store.names import learn_names
from knowledge.store.spaces import index_space
from knowledge.store.turns import taking_turn
from knowledge.store.words import add_words, level_weights
from knowledge.store.writer import DRIFT_DURING_SYNC

BATCH_CHUNKS = 5_000
AT = datetime(2026, 1, 1, tzinfo=UTC)


def zipf_texts(rng: np.random.Generator, *, chunks: int, words: int, vocabulary: int) -> list[str]:
    """Texts of about so many words whose frequencies fall with their rank, as in a language."""
    shares = 1 / np.arange(1, vocabulary + 1)
    drawn = rng.choice(vocabulary, p=shares / shares.sum(), size=(chunks, words))
    lengths = rng.integers(max(1, words // 2), words + 1, size=chunks)
    return [" ".join(f"w{word}x" for word in row[:length]) for row, length in zip(drawn, lengths, strict=True)]


def clustered_vectors(rng: np.random.Generator, *, chunks: int, dimension: int, clusters: int = 200) -> np.ndarray:
    centres = rng.normal(size=(clusters, dimension)).astype(np.float32)
    vectors = rng.standard_normal(size=(chunks, dimension), dtype=np.float32)
    vectors *= 0.7
    vectors += centres[rng.integers(clusters, size=chunks)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


async def fill(
    store: Store,
    *,
    model: str,
    texts: Sequence[str],
    vectors: np.ndarray,
    rules: Sequence[AccessRule],
    source: str = "many",
) -> dict[AccessRule, int]:
    """Store text i with vector i under rule i; the access ids by rule."""
    async with store.writer(source) as writer:
        space = await writer.get_space(model=model, dimension=vectors.shape[1])
        ids = await _intern(writer, sorted(set(rules), key=rules.index), space)
        connection = writer._connection
        async with taking_turn(connection):
            first = await _copy_documents(connection, texts, [ids[rule] for rule in rules], source)
            await _copy_vectors(connection, space, first, vectors, [ids[rule] for rule in rules])
            for start in range(0, len(texts), BATCH_CHUNKS):
                await add_words(connection, range(first + start, first + min(start + BATCH_CHUNKS, len(texts))))
                await level_weights(connection, tolerance=0.0 if start == 0 else DRIFT_DURING_SYNC)
            await learn_names(connection, source)
            await index_space(connection, space)
        await writer.settle(space)
    return ids


async def multiply(store: Store, *, model: str, vectors: np.ndarray, access_ids: Sequence[int]) -> None:
    """Copies of all chunks of `fill` until there are as many as vectors, the first of which are those of these chunks.

    Each copy has an id, a rule and a vector of its own, and the words of one chunk beside the text of another. Indices
    are made at the end, as in a restored database: filing a million chunks word by word takes far longer.
    """
    async with store.writer("many") as writer:
        space = await writer.get_space(model=model, dimension=vectors.shape[1])
        connection = writer._connection
        async with taking_turn(connection):
            cursor = await connection.execute("select min(chunk_id), count(*) from knowledge.lexical")
            ((first, base),) = await cursor.fetchall()
            if len(vectors) % base:
                raise ValueError(f"{len(vectors)} is no multiple of {base}")
            await connection.execute("set local session_replication_role = replica")  # keys need no checks here
            await connection.execute("drop index knowledge.lexical_by_term")
            await connection.execute(f"drop index if exists knowledge.{space.index_name}")
            await connection.execute("create temporary table copied (id bigint, access_id integer) on commit drop")
            async with connection.cursor() as cursor, cursor.copy("copy copied from stdin") as copy:
                for number in range(base, len(vectors)):
                    await copy.write_row((first + number, access_ids[number]))
            for statement in COPIES:
                await connection.execute(statement, {"first": first, "base": base, "times": len(vectors) // base})
            await _copy_vectors(connection, space, first + base, vectors[base:], access_ids[base:])
            await connection.execute(
                "create index lexical_by_term on knowledge.lexical using gin (term_ids) with (fastupdate = off)"
            )
            await index_space(connection, space)
        await writer.settle(space)


COPIES = (
    """
    insert into knowledge.document
      (id, source, key, version, recipe, title, listed_title, url, access_id, modified_at)
    overriding system value
    select
      copied.id, source, 'doc-' || copied.id, version, recipe, title, listed_title, url, copied.access_id, modified_at
    from copied join knowledge.document on document.id = %(first)s + (copied.id - %(first)s) %% %(base)s
    """,
    """
    insert into knowledge.chunk (id, document_id, position, heading_path, context, text, tokens, digest)
    overriding system value
    select copied.id, copied.id, position, heading_path, context, text, tokens, int8send(copied.id)
    from copied join knowledge.chunk on chunk.id = %(first)s + (copied.id - %(first)s) %% %(base)s
    """,
    # Each copy of a chunk's words lies a step further on: 7,919 is prime, so that no two fall together.
    """
    insert into knowledge.lexical (chunk_id, access_id, length, term_ids, weights)
    select copied.id, copied.access_id, length, term_ids, weights
    from copied
    join knowledge.lexical on chunk_id = %(first)s
      + ((copied.id - %(first)s) + 7919 * ((copied.id - %(first)s) / %(base)s)) %% %(base)s
    """,
    "update knowledge.term set df = df * %(times)s",
    "update knowledge.state set chunks = chunks * %(times)s, total_length = total_length * %(times)s",
    """
    update knowledge.access_rule set chunks = counted.number
    from (select access_id, count(*) as number from knowledge.lexical group by access_id) counted
    where id = counted.access_id
    """,
)


async def _intern(writer, rules: Sequence[AccessRule], space: Space) -> Mapping[AccessRule, int]:
    empty: Sequence[Chunk] = ()
    for number, rule in enumerate(rules):
        write = DocumentWrite(
            key=f"empty-{number}",
            version="1",
            recipe="",
            title="",
            listed_title="",
            url="",
            access=rule,
            modified_at=AT,
            chunks=empty,
        )
        await writer.write([write], space)
    cursor = await writer._connection.execute(
        "select key, access_id from knowledge.document where source = %s and key like 'empty-%%'", [writer.source]
    )
    by_key = dict(await cursor.fetchall())
    return {rule: by_key[f"empty-{number}"] for number, rule in enumerate(rules)}


async def _copy_documents(connection, texts: Sequence[str], access_ids: Sequence[int], source: str) -> int:
    """Documents and chunks under the same consecutive ids; the first of them."""
    cursor = await connection.execute(
        """
        select 1 + greatest((select max(id) from knowledge.document), (select max(id) from knowledge.chunk), 0)
        """
    )
    ((first,),) = await cursor.fetchall()
    async with connection.cursor() as cursor:
        async with cursor.copy(
            """
            copy knowledge.document
              (id, source, key, version, recipe, title, listed_title, url, access_id, modified_at)
            from stdin
            """
        ) as copy:
            for number, access_id in enumerate(access_ids):
                await copy.write_row(
                    (first + number, source, f"doc-{number}", "1", "", f"Title {number}", "", "", access_id, AT)
                )
        async with cursor.copy(
            "copy knowledge.chunk (id, document_id, position, heading_path, context, text, tokens, digest) from stdin"
        ) as copy:
            for number, text in enumerate(texts):
                digest = number.to_bytes(8, "big")
                await copy.write_row((first + number, first + number, 0, [], "", text, len(text.split()), digest))
    return first


async def _copy_vectors(connection, space: Space, first: int, vectors: np.ndarray, access_ids: Sequence[int]) -> None:
    copied = sql.SQL("copy {} (chunk_id, access_id, embedding) from stdin with (format binary)").format(space.table)
    async with connection.cursor() as cursor, cursor.copy(copied) as copy:
        copy.set_types(["int8", "int4", "halfvec"])
        for number, (vector, access_id) in enumerate(zip(vectors, access_ids, strict=True)):
            await copy.write_row((first + number, access_id, HalfVector(vector)))
