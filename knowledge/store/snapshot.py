"""Reading for a search."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector, SparseVector
from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import class_row, dict_row
from psycopg.sql import SQL

from knowledge.letters import storable
from knowledge.passages import Scores
from knowledge.store.names import list_names
from knowledge.store.passages import PASSAGE_COLUMNS, Passages, passage_of
from knowledge.store.rows import (
    Candidate,
    Moment,
    Names,
    Ranked,
    Space,
    Standing,
    StoredRule,
    Term,
    rule_from_json,
)
from knowledge.store.spellings import Spellings
from knowledge.store.words import SPARSE_DIMENSIONS

# Compiling a query just in time costs more than it saves here, and what is searched is in memory or on a disk without
# arms, so that an index is worth its use. The vector index is walked on until enough permitted rows were found or
# max_scan_tuples were seen; after that the search goes over to the exact scan. The more there is, the more is kept in
# view on the way: what finds nearly all of the nearest among 100,000 misses many among a million.
MOMENT = """
select
  state.rights_version, state.chunks, space.id, space.model, space.dimension,
  to_regclass('knowledge.vector_' || space.id || '_by_embedding') is not null,
  exists (select from knowledge.acronym) or exists (select from knowledge.synonym),
  set_config('jit', 'off', true),
  set_config('random_page_cost', '1.1', true),
  set_config('hnsw.iterative_scan', 'relaxed_order', true),
  set_config('hnsw.ef_search', least(800, greatest(200, state.chunks / 1250))::text, true),
  set_config('hnsw.max_scan_tuples', '50000', true)
from knowledge.state
left join knowledge.embedding_space space on space.state = 'active'
"""


class Snapshot:
    """Everything read from it is of one moment. `access_ids` are the rules that the whole audience passes."""

    def __init__(self, connection: AsyncConnection, moment: Moment) -> None:
        self._connection = connection
        self.moment = moment
        self.passages = Passages(connection)
        self.spellings = Spellings(connection)

    @property
    def connection(self) -> AsyncConnection:
        """For the store's own queries of the same moment."""
        return self._connection

    @classmethod
    async def begin(cls, connection: AsyncConnection) -> Self:
        """Begin the connection's transaction as a snapshot, in one round trip."""
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        async with connection.pipeline():
            cursor = await connection.execute(MOMENT)
        return cls(connection, _moment(await cursor.fetchall()))

    async def list_rules(self) -> list[StoredRule]:
        cursor = await self._connection.execute("select id, source, all_of from knowledge.access_rule")
        return [
            StoredRule(id=id_, source=source, rule=rule_from_json(rule))
            for id_, source, rule in await cursor.fetchall()
        ]

    async def get_standing(self, question: str, access_ids: Sequence[int]) -> Standing:
        cursor = await self._connection.execute(
            """
            with permitted as (
              select coalesce(sum(rule.chunks), 0)::bigint as chunks
              from knowledge.access_rule rule
              where rule.id = any(%s)
            ), known as (
              select term.id, word.lexeme, term.df, cardinality(word.positions) as count
              from unnest(knowledge.words('', '{}', %s)) word
              left join knowledge.term on term.lexeme = word.lexeme and term.df > 0
            )
            select permitted.chunks, known.*
            from permitted
            left join known on true
            order by known.df, known.id, known.lexeme
            """,
            [list(access_ids), storable(question)],
        )
        rows = await cursor.fetchall()
        return Standing(
            permitted=rows[0][0],
            terms=tuple(
                Term(id=id_, lexeme=lexeme, df=df, count=count) for _, id_, lexeme, df, count in rows if id_ is not None
            ),
            unseen=tuple(lexeme for _, id_, lexeme, _, _ in rows if lexeme is not None and id_ is None),
        )

    async def list_terms(self, names: Sequence[str]) -> list[tuple[Term, ...]]:
        """The words of each name; none where no chunk holds all of them."""
        cursor = await self._connection.execute(
            """
            select name.number, term.id, word.lexeme, term.df
            from unnest(%s::text[]) with ordinality name (text, number)
            cross join unnest(knowledge.words('', '{}', name.text)) word
            left join knowledge.term on term.lexeme = word.lexeme and term.df > 0
            order by name.number, term.df, term.id
            """,
            [[storable(name) for name in names]],
        )
        found: list[list[Term]] = [[] for _ in names]
        lacking = set[int]()
        for number, id_, lexeme, df in await cursor.fetchall():
            if id_ is None:
                lacking.add(number)
            else:
                found[number - 1].append(Term(id=id_, lexeme=lexeme, df=df, count=1))
        return [() if number in lacking else tuple(terms) for number, terms in enumerate(found, start=1)]

    async def list_names(
        self, question: str, access_ids: Sequence[int], *, acronyms: bool, synonyms: bool
    ) -> list[Names]:
        """Those of which the question says one and that permitted documents give, short names with their long forms
        first.
        """
        return await list_names(self._connection, storable(question), access_ids, acronyms=acronyms, synonyms=synonyms)

    async def rank_by_vector(
        self, space: Space, vector: NDArray[np.float32], *, access_ids: Sequence[int], limit: int, exact: bool
    ) -> list[Ranked]:
        """The nearest permitted chunks, best first, scored by cosine.

        `exact` reads every permitted vector. Otherwise the index is walked until `limit` permitted ones are found or
        `hnsw.max_scan_tuples` were seen, so that fewer may come back.
        """
        # The index serves `order by embedding <#> question` and nothing else, so adding 0 asks for the exact scan. The
        # walk comes back in relaxed order and is sorted again: adding 0 keeps Postgres from taking it for sorted. What
        # is selected is what is ordered by: otherwise an exact scan compares each vector twice.
        cursor = self._connection.cursor(row_factory=class_row(Ranked))
        await cursor.execute(
            SQL(
                """
                with nearest as materialized (
                  select chunk_id, {distance} as distance
                  from {table}
                  where access_id = any(%(access_ids)s)
                  order by {order}
                  limit %(limit)s
                )
                select chunk_id, greatest(-1, least(1, -distance)) as score
                from nearest
                order by distance + 0, chunk_id
                """
            ).format(
                table=space.table,
                distance=SQL("(embedding <#> %(vector)b) + 0" if exact else "embedding <#> %(vector)b"),
                order=SQL("distance, chunk_id" if exact else "distance"),
            ),
            {"vector": HalfVector(vector), "access_ids": list(access_ids), "limit": limit},
            prepare=False,
        )
        return await cursor.fetchall()

    async def rank_by_words(
        self,
        weights: Mapping[int, float],
        *,
        holding: Sequence[Sequence[int]],
        access_ids: Sequence[int],
        limit: int,
    ) -> list[Ranked]:
        """The permitted chunks that hold one of these sets of terms whole, best first, scored by BM25.

        `weights` are the question's, by term id. At least one set has to be given.
        """
        alone = [term_ids[0] for term_ids in holding if len(term_ids) == 1]
        together = [list(term_ids) for term_ids in holding if len(term_ids) > 1]
        condition = SQL(" or ").join(
            [SQL("term_ids && %s::integer[]")] * bool(alone) + [SQL("term_ids @> %s::integer[]")] * len(together)
        )
        cursor = self._connection.cursor(row_factory=class_row(Ranked))
        await cursor.execute(
            SQL(
                """
                select chunk_id, -(weights <#> %s) as score
                from knowledge.lexical
                where ({condition}) and access_id = any(%s)
                order by score desc, chunk_id
                limit %s
                """
            ).format(condition=condition),
            [_sparse(weights), *([alone] if alone else []), *together, list(access_ids), limit],
            prepare=False,
        )
        return await cursor.fetchall()

    async def list_candidates(
        self,
        chunk_ids: Sequence[int],
        *,
        access_ids: Sequence[int],
        space: Space,
        vector: NDArray[np.float32] | None,
        weights: Mapping[int, float],
        lexemes: Sequence[str],
    ) -> dict[int, Candidate]:
        """The chunks by id, each with both scores, whichever ranking found it."""
        cursor = self._connection.cursor(row_factory=dict_row, binary=True)
        await cursor.execute(
            SQL(
                """
                select
                  {passage},
                  chunk.digest,
                  -(vector.embedding <#> %(vector)b::halfvec) as dense,
                  -(lexical.weights <#> %(weights)b) as bm25,
                  array(
                    select lexeme
                    from unnest(knowledge.words(document.title, chunk.heading_path, ''))
                    where lexeme = any(%(lexemes)s)
                  ) as label_lexemes,
                  array(
                    select term_id
                    from unnest(lexical.term_ids) term_id
                    where term_id = any(%(term_ids)s)
                  ) as term_ids
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                join knowledge.lexical on lexical.chunk_id = chunk.id
                join {table} vector on vector.chunk_id = chunk.id
                where chunk.id = any(%(chunk_ids)s) and document.access_id = any(%(access_ids)s)
                """
            ).format(passage=PASSAGE_COLUMNS, table=space.table),
            {
                "vector": None if vector is None else HalfVector(vector),
                "weights": _sparse(weights),
                "lexemes": list(lexemes),
                "term_ids": list(weights),
                "chunk_ids": list(chunk_ids),
                "access_ids": list(access_ids),
            },
            prepare=True,
        )
        return {row["chunk_id"]: _candidate(row) for row in await cursor.fetchall()}


def _moment(rows: Sequence[Sequence[Any]]) -> Moment:
    ((rights_version, chunks, space_id, model, dimension, is_indexed, has_names, *_),) = rows
    return Moment(
        rights_version=rights_version,
        chunks=chunks,
        space=None if space_id is None else Space(id=space_id, model=model, dimension=dimension),
        is_indexed=bool(is_indexed),
        has_names=has_names,
    )


def _sparse(weights: Mapping[int, float]) -> SparseVector:
    """Term ids count from 1, a sparse vector's Python indices from 0."""
    return SparseVector({term_id - 1: weight for term_id, weight in weights.items()}, SPARSE_DIMENSIONS)


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        passage=passage_of(row, Scores(dense=row["dense"], bm25=row["bm25"])),
        digest=row["digest"],
        label_lexemes=frozenset(row["label_lexemes"]),
        term_ids=frozenset(row["term_ids"]),
    )
