"""Writing one source's documents."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from connectors.documents import AccessRule, Cursor, Listed, Principal
from knowledge.chunks import Chunk
from knowledge.errors import SpaceMismatch
from knowledge.store.rows import (
    DocumentWrite,
    Space,
    StoredDocument,
    rule_digest,
    rule_json,
    storable,
    storable_key,
)
from knowledge.store.spaces import (
    drop_retired_spaces,
    find_active_space,
    index_space,
    list_spaces,
    open_space,
)
from knowledge.store.turns import taking_turn
from knowledge.store.words import add_words, count_access, drop_words, level_weights

DRIFT_DURING_SYNC = 0.2
DRIFT_AFTER_SYNC = 0.01
"""How far the average length may be from the one in the weights, as a share of it. Ten percent moves a typical weight
by less than three."""


@dataclass(frozen=True, kw_only=True)
class _Before:
    """A document as it stood before it was written over."""

    key: str
    title: str
    access_id: int


@dataclass(frozen=True, kw_only=True)
class _Edits:
    """How the stored chunks become the wanted ones: equal text keeps its row, so that what cites it still finds it."""

    kept: list[tuple[int, Chunk]]
    added: list[Chunk]
    gone: list[int]


def diff(stored: Iterable[tuple[int, bytes]], wanted: Sequence[Chunk]) -> _Edits:
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
    return _Edits(kept=kept, added=added, gone=[chunk_id for left in by_digest.values() for chunk_id in left])


class Writer:
    """All writing of one source. Each method is one transaction, and a document is visible whole or not at all."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source

    # What is stored

    async def get_cursor(self) -> Cursor | None:
        values = await self._scalars("select cursor from knowledge.source where name = %s", [self.source])
        return Cursor(value=values[0]) if values and values[0] is not None else None

    async def list_keys(self) -> set[str]:
        return set(await self._scalars("select key from knowledge.document where source = %s", [self.source]))

    async def holds_other_recipe(self, recipe: str) -> bool:
        """Whether a document was cut into chunks in another way."""
        return bool(
            await self._scalars(
                "select 1 from knowledge.document where source = %s and recipe <> %s limit 1", [self.source, recipe]
            )
        )

    async def list_documents(self, keys: Collection[str]) -> dict[str, StoredDocument]:
        cursor = self._connection.cursor(row_factory=class_row(StoredDocument))
        await cursor.execute(
            """
            select document.id, key, version, recipe, title, listed_title, url, modified_at,
                   access_rule.digest as access_digest
            from knowledge.document
            join knowledge.access_rule on access_rule.id = document.access_id
            where document.source = %s and key = any(%s)
            """,
            [self.source, list(keys)],
        )
        return {document.key: document for document in await cursor.fetchall()}

    # Embedding spaces and vectors

    async def get_space(self, *, model: str, dimension: int) -> Space:
        """The space that answers; the first writer of all opens it for its own model."""
        async with taking_turn(self._connection) as connection:
            return await find_active_space(connection) or await open_space(
                connection, model=model, dimension=dimension, state="active"
            )

    async def reserve_vectors(self, space: Space, digests: Collection[bytes]) -> set[bytes]:
        """Put aside the vectors known by these digests, from any source, and return the digests that have none.

        What is put aside stays until the document is written, whatever becomes of the chunk it was taken from.
        """
        await self._connection.execute(
            SQL(
                """
                insert into knowledge.pending_vector (source, space_id, digest, embedding)
                select distinct on (digest) %(source)s, %(space_id)s::integer, digest, embedding
                from (
                  select chunk.digest, vector.embedding
                  from knowledge.chunk
                  join {table} vector on vector.chunk_id = chunk.id
                  where chunk.digest = any(%(digests)s)
                  union all
                  select digest, embedding
                  from knowledge.pending_vector
                  where space_id = %(space_id)s and digest = any(%(digests)s)
                ) known
                on conflict do nothing
                """
            ).format(table=space.table),
            {"source": self.source, "space_id": space.id, "digests": list(digests)},
        )
        reserved = await self._scalars(
            """
            select digest
            from knowledge.pending_vector
            where source = %s and space_id = %s and digest = any(%s)
            """,
            [self.source, space.id, list(digests)],
        )
        return set(digests).difference(reserved)

    async def add_vectors(self, space: Space, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep fresh vectors by digest until their documents are written, through a kill -9 too."""
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            await cursor.executemany(
                """
                insert into knowledge.pending_vector (source, space_id, digest, embedding)
                values (%s, %s, %s, %s)
                on conflict do nothing
                """,
                [(self.source, space.id, digest, HalfVector(vector)) for digest, vector in vectors.items()],
            )

    # Documents

    async def write(self, documents: Sequence[DocumentWrite], space: Space) -> None:
        """Store documents with their chunks, vectors and words.

        The vectors of new chunks must have been reserved or added. Where a document's `chunks` are None, only its
        title, link, version and rights move.
        """
        async with taking_turn(self._connection) as connection:
            await self._check_answering(space)
            access_ids = await _intern_rules(connection, self.source, [document.access for document in documents])
            before = await self._list_before([document.key for document in documents])
            ids = await self._upsert(documents, access_ids)
            await _move_rights(
                connection,
                [ids[one.key] for one in documents if _moved(before.get(one.key), access_ids[rule_digest(one.access)])],
            )
            await self._rewrite_chunks(documents, ids=ids, before=before, space=space)
            await level_weights(connection, tolerance=DRIFT_DURING_SYNC)

    async def remove(self, keys: Collection[str]) -> None:
        async with taking_turn(self._connection) as connection:
            chunk_ids = await self._scalars(
                """
                select chunk.id
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                where document.source = %s and document.key = any(%s)
                """,
                [self.source, list(keys)],
            )
            await drop_words(connection, chunk_ids)
            await connection.execute(
                "delete from knowledge.document where source = %s and key = any(%s)", [self.source, list(keys)]
            )

    async def _check_answering(self, space: Space) -> None:
        """A run that began before another space was switched on stops here: its chunks would have no vector there."""
        active = await find_active_space(self._connection)
        if active and active.id != space.id:
            raise SpaceMismatch(
                recorded_model=active.model,
                recorded_dimension=active.dimension,
                configured_model=space.model,
                configured_dimension=space.dimension,
            )

    async def _list_before(self, keys: Sequence[str]) -> dict[str, _Before]:
        cursor = self._connection.cursor(row_factory=class_row(_Before))
        await cursor.execute(
            "select key, title, access_id from knowledge.document where source = %s and key = any(%s)",
            [self.source, list(keys)],
        )
        return {document.key: document for document in await cursor.fetchall()}

    async def _upsert(self, documents: Sequence[DocumentWrite], access_ids: Mapping[bytes, int]) -> dict[str, int]:
        """The ids by key."""
        cursor = await self._connection.execute(
            """
            insert into knowledge.document
              (source, key, version, recipe, title, listed_title, url, access_id, modified_at)
            select %s, key, version, recipe, title, listed_title, url, access_id, modified_at
            from jsonb_to_recordset(%s) as wanted (
              key text, version text, recipe text, title text, listed_title text, url text, access_id integer,
              modified_at timestamptz
            )
            on conflict (source, key) do update
            set version = excluded.version, recipe = excluded.recipe, title = excluded.title,
                listed_title = excluded.listed_title, url = excluded.url, access_id = excluded.access_id,
                modified_at = excluded.modified_at, synced_at = now()
            returning key, id
            """,
            [
                self.source,
                Jsonb(
                    [
                        {
                            "key": document.key,
                            "version": storable(document.version),
                            "recipe": document.recipe,
                            "title": storable(document.title),
                            "listed_title": storable(document.listed_title),
                            "url": storable(document.url),
                            "access_id": access_ids[rule_digest(document.access)],
                            "modified_at": document.modified_at.isoformat(),
                        }
                        for document in documents
                    ]
                ),
            ],
        )
        return dict(await cursor.fetchall())

    async def _rewrite_chunks(
        self,
        documents: Sequence[DocumentWrite],
        *,
        ids: Mapping[str, int],
        before: Mapping[str, _Before],
        space: Space,
    ) -> None:
        """Bring chunks to what is wanted, and words to the chunks wherever a text or a title changed."""
        wanted = {ids[one.key]: one.chunks for one in documents if one.chunks is not None}
        reworded = [ids[one.key] for one in documents if _retitled(before.get(one.key), one) or ids[one.key] in wanted]
        connection = self._connection
        await drop_words(connection, [chunk_id for chunk_id, _, _ in await _list_chunks(connection, reworded)])
        edits = await _plan_edits(connection, wanted)
        await _delete_chunks(connection, [chunk_id for edit in edits.values() for chunk_id in edit.gone])
        await _update_chunks(connection, [pair for edit in edits.values() for pair in edit.kept])
        added = [(document_id, chunk) for document_id, edit in edits.items() for chunk in edit.added]
        await self._insert_vectors(await _insert_chunks(connection, added), space)
        await add_words(connection, [chunk_id for chunk_id, _, _ in await _list_chunks(connection, reworded)])

    async def _insert_vectors(self, chunk_ids: Sequence[int], space: Space) -> None:
        """Move what was put aside to the chunks; a missing vector breaks the not-null constraint, and the page."""
        await self._connection.execute(
            SQL(
                """
                insert into {} (chunk_id, access_id, embedding)
                select chunk.id, document.access_id, pending.embedding
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                left join knowledge.pending_vector pending
                  on (pending.source, pending.space_id, pending.digest) = (document.source, %s, chunk.digest)
                where chunk.id = any(%s)
                """
            ).format(space.table),
            [space.id, list(chunk_ids)],
        )

    # Rights

    async def replace_memberships(self, memberships: Mapping[Principal, Collection[Principal]]) -> bool:
        """Make these the source's groups; False, and nothing written, where they already are.

        A source may only say who is in groups of its own: raises ValueError for another's.
        """
        prefix = f"group:{self.source}/"
        wanted = {
            (storable_key(group), storable_key(member)) for group, members in memberships.items() for member in members
        }
        if foreign := sorted(group for group, _ in wanted if not group.startswith(prefix)):
            raise ValueError(f"source {self.source!r} reports members of {foreign[0]!r}, which is not its own group")
        async with taking_turn(self._connection) as connection:
            cursor = await connection.execute(
                "select group_name, member from knowledge.membership where source = %s", [self.source]
            )
            if wanted == set(await cursor.fetchall()):
                return False
            await connection.execute("delete from knowledge.membership where source = %s", [self.source])
            async with connection.cursor() as inserting:
                await inserting.executemany(
                    "insert into knowledge.membership (source, group_name, member) values (%s, %s, %s)",
                    [(self.source, group, member) for group, member in sorted(wanted)],
                )
            await connection.execute("update knowledge.state set rights_version = rights_version + 1")
        return True

    # Quarantine

    async def quarantine(self, listed: Listed, reason: str, *, attempts: int) -> None:
        await self._connection.execute(
            """
            insert into knowledge.quarantine
              (source, key, version, title, url, all_of, media_type, modified_at, reason, attempts)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (source, key) do update
            set version = excluded.version, title = excluded.title, url = excluded.url, all_of = excluded.all_of,
                media_type = excluded.media_type, modified_at = excluded.modified_at, reason = excluded.reason,
                attempts = excluded.attempts, tried_at = now()
            """,
            [
                self.source,
                storable_key(listed.key),
                storable(listed.version),
                storable(listed.title),
                storable(listed.url),
                Jsonb(rule_json(listed.access)),
                storable(listed.media_type),
                listed.modified_at,
                storable(reason),
                attempts,
            ],
        )

    async def release(self, keys: Collection[str]) -> None:
        """Forget that documents could not be read."""
        await self._connection.execute(
            "delete from knowledge.quarantine where source = %s and key = any(%s)", [self.source, list(keys)]
        )

    # Runs

    async def begin_run(self) -> int:
        """The run's id. A run that still counts as running was killed: the lock is ours."""
        async with self._connection.transaction():
            await self._connection.execute(
                "insert into knowledge.source (name) values (%s) on conflict do nothing", [self.source]
            )
            await self._connection.execute(
                """
                update knowledge.sync_run
                set state = 'failed', finished_at = now(), receipt = %s
                where source = %s and state = 'running'
                """,
                [Jsonb({"reason": "interrupted"}), self.source],
            )
            ids = await self._scalars("insert into knowledge.sync_run (source) values (%s) returning id", [self.source])
        return ids[0]

    async def finish_run(
        self, run_id: int, *, state: str, receipt: Mapping[str, object], cursor: Cursor | None
    ) -> None:
        """Store the receipt and, after a complete listing, where the next one starts."""
        async with self._connection.transaction():
            await self._connection.execute(
                "update knowledge.sync_run set state = %s, finished_at = now(), receipt = %s where id = %s",
                [state, Jsonb(receipt), run_id],
            )
            if cursor is not None:
                await self._connection.execute(
                    "update knowledge.source set cursor = %s, synced_at = now() where name = %s",
                    [cursor.value, self.source],
                )

    async def tidy(self, space: Space) -> None:
        """After a sync: level the weights, index the vectors once they are many, drop what nothing uses."""
        async with taking_turn(self._connection) as connection:
            await level_weights(connection, tolerance=DRIFT_AFTER_SYNC)
            await index_space(connection, space)
            await drop_retired_spaces(connection)
            await connection.execute("delete from knowledge.pending_vector where source = %s", [self.source])
            await connection.execute("delete from knowledge.term where df = 0")
            await connection.execute(
                """
                delete from knowledge.access_rule rule
                where source = %s and not exists (select from knowledge.document where access_id = rule.id)
                """,
                [self.source],
            )

    async def analyze(self, space: Space) -> None:
        """Let Postgres know what came in: after a first sync its plans would be guesses otherwise."""
        await self._connection.execute(
            SQL("analyze knowledge.document, knowledge.chunk, knowledge.lexical, knowledge.term, {}").format(
                space.table
            )
        )

    async def forget(self) -> None:
        """Remove the source with all of its documents, rights and runs."""
        await self.remove(await self.list_keys())
        async with taking_turn(self._connection) as connection:
            await connection.execute("delete from knowledge.membership where source = %s", [self.source])
            await connection.execute("delete from knowledge.access_rule where source = %s", [self.source])
            await connection.execute("delete from knowledge.quarantine where source = %s", [self.source])
            await connection.execute("delete from knowledge.pending_vector where source = %s", [self.source])
            await connection.execute("delete from knowledge.sync_run where source = %s", [self.source])
            await connection.execute("delete from knowledge.source where name = %s", [self.source])
            await connection.execute("update knowledge.state set rights_version = rights_version + 1")

    async def _scalars(self, query: LiteralString, parameters: Sequence[object]) -> list[Any]:
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


def _moved(before: _Before | None, access_id: int) -> bool:
    return before is not None and before.access_id != access_id


def _retitled(before: _Before | None, wanted: DocumentWrite) -> bool:
    return before is not None and before.title != storable(wanted.title)


async def _intern_rules(connection: AsyncConnection, source: str, rules: Iterable[AccessRule]) -> dict[bytes, int]:
    """The ids of the rules by digest. A new rule moves the rights version: caches of ids don't know it."""
    by_digest = {rule_digest(rule): rule for rule in rules}
    known = await connection.execute(
        "select digest, id from knowledge.access_rule where source = %s and digest = any(%s)",
        [source, list(by_digest)],
    )
    ids: dict[bytes, int] = dict(await known.fetchall())
    for digest in sorted(by_digest.keys() - ids.keys()):
        added = await connection.execute(
            "insert into knowledge.access_rule (source, digest, all_of) values (%s, %s, %s) returning id",
            [source, digest, Jsonb(rule_json(by_digest[digest]))],
        )
        ((ids[digest],),) = await added.fetchall()
        await connection.execute("update knowledge.state set rights_version = rights_version + 1")
    return ids


async def _move_rights(connection: AsyncConnection, document_ids: Sequence[int]) -> None:
    """Let the chunks of these documents follow their documents' access ids, in every space."""
    chunk_ids = [chunk_id for chunk_id, _, _ in await _list_chunks(connection, document_ids)]
    if not chunk_ids:
        return
    await count_access(connection, chunk_ids, sign=-1)
    for table in [SQL("knowledge.lexical"), *[space.table for space in await list_spaces(connection)]]:
        await connection.execute(
            SQL(
                """
                update {table} moved
                set access_id = document.access_id
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                where moved.chunk_id = chunk.id and chunk.id = any(%s)
                """
            ).format(table=table),
            [chunk_ids],
        )
    await count_access(connection, chunk_ids, sign=1)


async def _list_chunks(connection: AsyncConnection, document_ids: Collection[int]) -> list[tuple[int, int, bytes]]:
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


async def _plan_edits(connection: AsyncConnection, wanted: Mapping[int, Sequence[Chunk]]) -> dict[int, _Edits]:
    """The edits by document id."""
    stored: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for chunk_id, document_id, digest in await _list_chunks(connection, wanted.keys()):
        stored[document_id].append((chunk_id, digest))
    return {document_id: diff(stored[document_id], chunks) for document_id, chunks in wanted.items()}


async def _delete_chunks(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    await connection.execute("delete from knowledge.chunk where id = any(%s)", [list(chunk_ids)])


async def _update_chunks(connection: AsyncConnection, chunks: Sequence[tuple[int, Chunk]]) -> None:
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


async def _insert_chunks(connection: AsyncConnection, chunks: Sequence[tuple[int, Chunk]]) -> list[int]:
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
