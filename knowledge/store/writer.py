"""Writing one source's documents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from connectors.documents import Principal
from knowledge.errors import SpaceMismatch, SyncInProgress
from knowledge.letters import storable
from knowledge.store.account import Account
from knowledge.store.edits import delete_chunks, insert_chunks, list_chunks, plan_all_edits, update_chunks
from knowledge.store.names import learn_names
from knowledge.store.presence import Presence
from knowledge.store.quarantine import Quarantine
from knowledge.store.rights import intern_rules, move_rights, replace_memberships
from knowledge.store.rows import DocumentWrite, Space, StoredDocument, rule_digest
from knowledge.store.runs import Runs
from knowledge.store.spaces import drop_retired_spaces, find_active_space, index_space, open_space
from knowledge.store.turns import lock_for_session, sync_lock, taking_turn
from knowledge.store.vectors import Vectors
from knowledge.store.words import add_words, drop_words, level_weights

DRIFT_DURING_SYNC = 0.2
DRIFT_AFTER_SYNC = 0.01
"""How far the average length may be from the one in the weights, as a share of it. Ten percent moves a typical weight
by less than three."""


@dataclass(frozen=True, kw_only=True)
class _Before:
    """A document as it stood before it was written over."""

    key: str
    title: str
    trail: list[str]
    labels: list[str]
    access_id: int


class Writer:
    """All writing of one source. Each method is one transaction, and a document is visible whole or not at all."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source
        self.runs = Runs(connection, source)
        self.quarantine = Quarantine(connection, source)
        self.vectors = Vectors(connection, source)
        self.presence = Presence(connection, source)
        self.account = Account(connection, source)

    async def lock(self) -> None:
        """Become the source's only writer, after having been one for its rights. Raises `SyncInProgress`."""
        if not await lock_for_session(self._connection, sync_lock(self.source)):
            raise SyncInProgress(self.source)

    # What is stored

    async def list_keys(self) -> set[str]:
        return set(await self._scalars("select key from knowledge.document where source = %s", [self.source]))

    async def holds_other_recipe(self, recipe: str) -> bool:
        """Whether a document was cut into chunks in another way, and can be cut anew."""
        return bool(
            await self._scalars(
                """
                select 1
                from knowledge.document
                where source = %s and recipe <> %s
                  and not exists (
                    select from knowledge.quarantine held
                    where (held.source, held.key) = (document.source, document.key)
                  )
                limit 1
                """,
                [self.source, recipe],
            )
        )

    async def list_documents(self, keys: Collection[str]) -> dict[str, StoredDocument]:
        cursor = self._connection.cursor(row_factory=class_row(StoredDocument))
        await cursor.execute(
            """
            select document.id, key, version, recipe, title, listed_title, url, modified_at, trail, labels,
                   access_rule.digest as access_digest
            from knowledge.document
            join knowledge.access_rule on access_rule.id = document.access_id
            where document.source = %s and key = any(%s)
            """,
            [self.source, list(keys)],
        )
        return {document.key: document for document in await cursor.fetchall()}

    async def get_space(self, *, model: str, dimension: int) -> Space:
        """The space that answers; the first writer of all opens it for its own model."""
        async with taking_turn(self._connection) as connection:
            return await find_active_space(connection) or await open_space(
                connection, model=model, dimension=dimension, state="active"
            )

    # Documents

    async def write(self, documents: Sequence[DocumentWrite], space: Space) -> None:
        """Store documents with their chunks, vectors and words.

        `vectors` must hold those of new chunks, reserved or added. Where a document's `chunks` are None, only its
        title, link, version and rights move.
        """
        async with taking_turn(self._connection) as connection:
            await self._check_answering(space)
            access_ids = await intern_rules(connection, self.source, [document.access for document in documents])
            before = await self._list_before([document.key for document in documents])
            ids = await self._upsert(documents, access_ids)
            await move_rights(
                connection,
                [ids[one.key] for one in documents if _moved(before.get(one.key), access_ids[rule_digest(one.access)])],
            )
            await self._rewrite_chunks(documents, ids=ids, before=before, space=space)
            await level_weights(connection, tolerance=DRIFT_DURING_SYNC)

    async def remove(self, keys: Collection[str]) -> None:
        """Documents with all that is kept of them."""
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
            "select key, title, trail, labels, access_id from knowledge.document where source = %s and key = any(%s)",
            [self.source, list(keys)],
        )
        return {document.key: document for document in await cursor.fetchall()}

    async def _upsert(self, documents: Sequence[DocumentWrite], access_ids: Mapping[bytes, int]) -> dict[str, int]:
        """The ids by key."""
        cursor = await self._connection.execute(
            """
            insert into knowledge.document
              (source, key, version, recipe, title, listed_title, url, access_id, modified_at, trail, labels)
            select %s, key, version, recipe, title, listed_title, url, access_id, modified_at, trail, labels
            from jsonb_to_recordset(%s) as wanted (
              key text, version text, recipe text, title text, listed_title text, url text, access_id integer,
              modified_at timestamptz, trail text[], labels text[]
            )
            on conflict (source, key) do update
            set version = excluded.version, recipe = excluded.recipe, title = excluded.title,
                listed_title = excluded.listed_title, url = excluded.url, access_id = excluded.access_id,
                modified_at = excluded.modified_at, trail = excluded.trail, labels = excluded.labels,
                synced_at = now()
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
                            "trail": [storable(title) for title in document.trail],
                            "labels": [storable(label) for label in document.labels],
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
        reworded = [ids[one.key] for one in documents if _reworded(before.get(one.key), one) or ids[one.key] in wanted]
        connection = self._connection
        await drop_words(connection, [chunk_id for chunk_id, _, _ in await list_chunks(connection, reworded)])
        edits = await plan_all_edits(connection, wanted)
        await delete_chunks(connection, [chunk_id for edit in edits.values() for chunk_id in edit.gone])
        await update_chunks(connection, [pair for edit in edits.values() for pair in edit.kept])
        added = [(document_id, chunk) for document_id, edit in edits.items() for chunk in edit.added]
        await self.vectors.give(await insert_chunks(connection, added), space)
        await add_words(connection, [chunk_id for chunk_id, _, _ in await list_chunks(connection, reworded)])

    # Rights

    async def replace_memberships(self, memberships: Mapping[Principal, Collection[Principal]]) -> bool:
        """Make these the source's groups; False, and nothing written, where they already are.

        A source may only say who is in groups of its own: raises ValueError for another's.
        """
        async with taking_turn(self._connection) as connection:
            return await replace_memberships(connection, self.source, memberships)

    # The end of a run

    async def tidy(self, space: Space) -> None:
        """After a sync: level the weights, index the vectors once they are many, learn short names, drop what nothing
        uses.
        """
        async with taking_turn(self._connection) as connection:
            await level_weights(connection, tolerance=DRIFT_AFTER_SYNC)
            await index_space(connection, space)
            await drop_retired_spaces(connection)
            await learn_names(connection, self.source)
            await connection.execute("select gin_clean_pending_list('knowledge.lexical_by_term')")
            await self.vectors.forget()
            await connection.execute("delete from knowledge.suspect where source = %s", [self.source])
            await connection.execute("delete from knowledge.term where df = 0")
            await connection.execute(
                """
                delete from knowledge.access_rule rule
                where source = %s and not exists (select from knowledge.document where access_id = rule.id)
                """,
                [self.source],
            )

    async def settle(self, space: Space) -> None:
        """What Postgres does by itself, but later: know what came in, and forget the words that were written over.

        After a first sync its plans would be guesses otherwise, and levelling has left each row of words a second time.
        """
        await self._connection.execute("vacuum (analyze) knowledge.lexical")
        await self._connection.execute(
            SQL("analyze knowledge.document, knowledge.chunk, knowledge.term, {}").format(space.table)
        )

    async def forget(self) -> None:
        """Remove the source with all of its documents, rights and runs."""
        await self.remove(await self.list_keys())
        async with taking_turn(self._connection) as connection:
            await connection.execute("delete from knowledge.membership where source = %s", [self.source])
            await connection.execute("delete from knowledge.access_rule where source = %s", [self.source])
            for table in ("quarantine", "pending_vector", "suspect", "skipped", "held_removal", "sync_run"):
                await connection.execute(
                    SQL("delete from {} where source = %s").format(Identifier("knowledge", table)), [self.source]
                )
            await connection.execute("delete from knowledge.source where name = %s", [self.source])
            await connection.execute("update knowledge.state set rights_version = rights_version + 1")

    async def _scalars(self, query: LiteralString, parameters: Sequence[object]) -> list[Any]:
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(query, parameters)
        return await cursor.fetchall()


def _moved(before: _Before | None, access_id: int) -> bool:
    return before is not None and before.access_id != access_id


def _reworded(before: _Before | None, wanted: DocumentWrite) -> bool:
    """Whether its chunks are found by other words than before, though their texts stay."""
    around = [storable(title) for title in wanted.trail], [storable(label) for label in wanted.labels]
    return before is not None and (before.title, before.trail, before.labels) != (storable(wanted.title), *around)
