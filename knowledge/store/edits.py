"""Stored chunks becoming the wanted ones: equal text keeps its row, so that what cites it still finds it."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from knowledge.chunks import Chunk
from knowledge.letters import storable


@dataclass(frozen=True, kw_only=True)
class Edits:
    """What to do to one document's chunks."""

    kept: list[tuple[int, Chunk]]
    """Under their ids; their place may be another."""
    added: list[Chunk]
    gone: list[int]


def plan_edits(stored: Iterable[tuple[int, bytes]], wanted: Sequence[Chunk]) -> Edits:
    """Pair stored chunks (id, digest), in their order, with wanted ones of equal digest."""
    by_digest: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for chunk_id, digest in stored:
        by_digest[digest].append(chunk_id)
    kept: list[tuple[int, Chunk]] = []
    added: list[Chunk] = []
    for chunk in wanted:
        if same := by_digest[chunk.digest]:
            kept.append((same.popleft(), chunk))
        else:
            added.append(chunk)
    return Edits(kept=kept, added=added, gone=[chunk_id for left in by_digest.values() for chunk_id in left])


async def list_chunks(connection: AsyncConnection, document_ids: Collection[int]) -> list[tuple[int, int, bytes]]:
    """(chunk id, document id, digest) of the documents' chunks, in their order."""
    cursor = await connection.execute(
        """
        select id, document_id, digest
        from knowledge.chunk
        where document_id = any(%s)
        order by document_id, position
        """,
        [list(document_ids)],
    )
    return await cursor.fetchall()


async def plan_all_edits(connection: AsyncConnection, wanted: Mapping[int, Sequence[Chunk]]) -> dict[int, Edits]:
    """The edits by document id."""
    stored: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for chunk_id, document_id, digest in await list_chunks(connection, wanted.keys()):
        stored[document_id].append((chunk_id, digest))
    return {document_id: plan_edits(stored[document_id], chunks) for document_id, chunks in wanted.items()}


async def delete_chunks(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    await connection.execute("delete from knowledge.chunk where id = any(%s)", [list(chunk_ids)])


async def update_chunks(connection: AsyncConnection, chunks: Sequence[tuple[int, Chunk]]) -> None:
    """One statement, since positions are swapped; rows that stay as they are stay untouched."""
    await connection.execute(
        """
        update knowledge.chunk
        set position = wanted.position, heading_path = wanted.heading_path, context = wanted.context,
            text = wanted.text, page = wanted.page
        from jsonb_to_recordset(%s) as wanted (
          id bigint, position integer, heading_path text[], context text, text text, page integer
        )
        where chunk.id = wanted.id
          and (chunk.position, chunk.heading_path, chunk.context, chunk.text, chunk.page)
            is distinct from (wanted.position, wanted.heading_path, wanted.context, wanted.text, wanted.page)
        """,
        [Jsonb([{"id": chunk_id, **_chunk_json(chunk)} for chunk_id, chunk in chunks])],
    )


async def insert_chunks(connection: AsyncConnection, chunks: Sequence[tuple[int, Chunk]]) -> list[int]:
    """The new ids."""
    cursor = await connection.execute(
        """
        insert into knowledge.chunk (document_id, position, heading_path, context, text, page, tokens, digest)
        select document_id, position, heading_path, context, text, page, tokens, decode(digest, 'hex')
        from jsonb_to_recordset(%s) as wanted (
          document_id bigint, position integer, heading_path text[], context text, text text, page integer,
          tokens integer, digest text
        )
        order by document_id, position
        returning id
        """,
        [Jsonb([{"document_id": document_id, **_chunk_json(chunk)} for document_id, chunk in chunks])],
    )
    return [row[0] for row in await cursor.fetchall()]


def _chunk_json(chunk: Chunk) -> dict[str, object]:
    return {
        "position": chunk.position,
        "heading_path": [storable(heading) for heading in chunk.heading_path],
        "context": storable(chunk.embedded_text.removesuffix(chunk.text)),
        "text": storable(chunk.text),
        "page": chunk.page,
        "tokens": chunk.tokens,
        "digest": chunk.digest.hex(),
    }
