"""The lexical side: BM25 as sparse vectors, with the counts that it needs.

A chunk's weight of a word is tf (k1 + 1) / (tf + k1 (1 - b + b length / average_length)), the question's is
count * ln(1 + (N - df + 0.5) / (df + 0.5)), and the score is their inner product: BM25 as in Robertson & Zaragoza,
"The Probabilistic Relevance Framework", 2009, with Lucene's idf, which is never negative. Document frequencies change
without touching a chunk; the average length is part of the weights, so these are made anew when it has drifted.

A word of the trail or the labels that the chunk itself does not hold counts once and adds nothing to the length: what a
document's own words weigh is the same with a trail and without.

All functions work in the caller's transaction, which has taken its turn. Postgres finds the words of a chunk once; they
are weighed here and copied back, in a third of the time that one statement took for all of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

BATCH_CHUNKS = 2_000
"""Weighed at a time; their words are in memory meanwhile."""

SPARSE_DIMENSIONS = 1_000_000_000
"""Of pgvector's sparsevec at most; a term's id is its dimension."""


@dataclass(frozen=True, kw_only=True)
class _Bag:
    """The words of a chunk."""

    chunk_id: int
    access_id: int
    length: int
    """Words, counted as often as they occur; without those of the trail."""
    frequencies: Mapping[str, int]
    """By lexeme."""


@dataclass(frozen=True, kw_only=True)
class _Constants:
    k1: float
    b: float
    average_length: float

    def weigh(self, frequency: int, length: int) -> float:
        return frequency * (self.k1 + 1) / (frequency + self.k1 * (1 - self.b + self.b * length / self.average_length))


async def add_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    """Index chunks that have no words yet, under their document's title, trail and access rule as they stand."""
    for batch in _batches(chunk_ids):
        bags = await _list_bags(connection, batch)
        term_ids = await _count_terms(connection, bags)
        constants = await _get_constants(connection)
        async with (
            connection.cursor() as cursor,
            cursor.copy("copy knowledge.lexical (chunk_id, access_id, length, term_ids, weights) from stdin") as copy,
        ):
            for bag in bags:
                ids, weights = _sparse(bag, term_ids, constants)
                await copy.write_row((bag.chunk_id, bag.access_id, bag.length, ids, weights))
        await connection.execute(
            "update knowledge.state set chunks = chunks + %s, total_length = total_length + %s",
            [len(bags), sum(bag.length for bag in bags)],
        )
        await count_access(connection, batch, sign=1)


async def _list_bags(connection: AsyncConnection, chunk_ids: Sequence[int]) -> list[_Bag]:
    around = await _list_trail_words(connection, chunk_ids)
    cursor = await connection.execute(
        """
        select chunk.id, chunk.document_id, document.access_id, word.lexemes, word.counts
        from knowledge.chunk
        join knowledge.document on document.id = chunk.document_id
        cross join lateral (
          select
            coalesce(array_agg(lexeme), '{}') as lexemes, coalesce(array_agg(cardinality(positions)), '{}') as counts
          from unnest(knowledge.words(document.title, chunk.heading_path, chunk.text))
        ) word
        where chunk.id = any(%s)
        order by chunk.id
        """,
        [list(chunk_ids)],
    )
    bags: list[_Bag] = []
    for chunk_id, document_id, access_id, lexemes, counts in await cursor.fetchall():
        own = dict(zip(lexemes, counts, strict=True))
        frequencies = dict.fromkeys(around.get(document_id, ()), 1) | own
        bags.append(_Bag(chunk_id=chunk_id, access_id=access_id, length=sum(counts), frequencies=frequencies))
    return bags


async def _list_trail_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> dict[int, list[str]]:
    """The words of trail and labels, by document id; only of documents that have any."""
    cursor = await connection.execute(
        """
        select id, tsvector_to_array(knowledge.words('', trail || labels, ''))
        from knowledge.document
        where (trail <> '{}' or labels <> '{}')
          and id in (select document_id from knowledge.chunk where chunk.id = any(%s))
        """,
        [list(chunk_ids)],
    )
    return dict(await cursor.fetchall())


async def _count_terms(connection: AsyncConnection, bags: Sequence[_Bag]) -> dict[str, int]:
    """Count each word once for each of these chunks that holds it; the ids of the words, new ones included."""
    counted = Counter(lexeme for bag in bags for lexeme in bag.frequencies)
    cursor = await connection.execute(
        """
        with counted as materialized (
          select key as lexeme, value::bigint as number from jsonb_each_text(%s)
        ), known as (
          update knowledge.term
          set df = df + counted.number
          from counted
          where term.lexeme = counted.lexeme
          returning term.lexeme, term.id
        ), added as (
          insert into knowledge.term (lexeme, df)
          select lexeme, number
          from counted
          where not exists (select from knowledge.term where term.lexeme = counted.lexeme)
          returning lexeme, id
        )
        select * from known union all select * from added
        """,
        [Jsonb(counted)],
    )
    return dict(await cursor.fetchall())


async def _get_constants(connection: AsyncConnection) -> _Constants:
    cursor = connection.cursor(row_factory=class_row(_Constants))
    await cursor.execute("select k1, b, average_length from knowledge.state")
    (constants,) = await cursor.fetchall()
    return constants


def _sparse(bag: _Bag, term_ids: Mapping[str, int], constants: _Constants) -> tuple[str, str]:
    """The chunk's term ids, ascending, and its weights, as Postgres writes an array and a sparse vector."""
    by_frequency = {
        frequency: f":{constants.weigh(frequency, bag.length):.7g}" for frequency in set(bag.frequencies.values())
    }
    weighed = {term_ids[lexeme]: by_frequency[frequency] for lexeme, frequency in bag.frequencies.items()}
    ascending = sorted(weighed)
    ids = ",".join(map(str, ascending))
    weights = ",".join([f"{term_id}{weighed[term_id]}" for term_id in ascending])
    return f"{{{ids}}}", f"{{{weights}}}/{SPARSE_DIMENSIONS}"


async def drop_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    """Take chunks out of the index and out of the counts."""
    if not chunk_ids:
        return
    await _discount_words(connection, chunk_ids)
    await count_access(connection, chunk_ids, sign=-1)
    await connection.execute("delete from knowledge.lexical where chunk_id = any(%s)", [list(chunk_ids)])


async def count_access(connection: AsyncConnection, chunk_ids: Sequence[int], *, sign: int) -> None:
    """Add (1) or take off (-1) the chunks where their access rules count them."""
    await connection.execute(
        """
        update knowledge.access_rule
        set chunks = chunks + %s * counted.number
        from (
          select access_id, count(*) as number from knowledge.lexical where chunk_id = any(%s) group by access_id
        ) counted
        where id = counted.access_id
        """,
        [sign, list(chunk_ids)],
    )


async def _discount_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    await connection.execute(
        """
        update knowledge.term
        set df = df - counted.number
        from (
          select term_id, count(*) as number
          from knowledge.lexical, unnest(term_ids) term_id
          where chunk_id = any(%s)
          group by term_id
        ) counted
        where id = counted.term_id
        """,
        [list(chunk_ids)],
    )
    await connection.execute(
        """
        update knowledge.state
        set chunks = chunks - counted.number, total_length = total_length - counted.length
        from (
          select count(*) as number, coalesce(sum(length), 0) as length
          from knowledge.lexical
          where chunk_id = any(%s)
        ) counted
        """,
        [list(chunk_ids)],
    )


async def level_weights(connection: AsyncConnection, *, tolerance: float) -> bool:
    """Compute all weights anew when the average length left the one they were computed with by more than this share."""
    cursor = await connection.execute(
        """
        update knowledge.state
        set average_length = greatest(total_length / chunks::real, 1)
        where chunks > 0 and abs(greatest(total_length / chunks::real, 1) / average_length - 1) > %s
        """,
        [tolerance],
    )
    if not cursor.rowcount:
        return False
    for batch in _batches(await _list_indexed(connection)):
        await _weigh_again(connection, batch)
    return True


async def _weigh_again(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    bags = await _list_bags(connection, chunk_ids)
    cursor = await connection.execute(
        "select lexeme, id from knowledge.term where lexeme in (select jsonb_array_elements_text(%s))",
        [Jsonb(sorted({lexeme for bag in bags for lexeme in bag.frequencies}))],
    )
    term_ids: dict[str, int] = dict(await cursor.fetchall())
    constants = await _get_constants(connection)
    weights = {bag.chunk_id: _sparse(_known(bag, term_ids), term_ids, constants)[1] for bag in bags}
    await connection.execute(
        """
        update knowledge.lexical
        set weights = weighed.value::sparsevec
        from jsonb_each_text(%s) weighed
        where chunk_id = weighed.key::bigint
        """,
        [Jsonb(weights)],
    )


def _known(bag: _Bag, term_ids: Mapping[str, int]) -> _Bag:
    """Without words that were never counted: a process of the version before stored the chunk without its trail."""
    return replace(bag, frequencies={word: count for word, count in bag.frequencies.items() if word in term_ids})


async def count_anew(connection: AsyncConnection, *, configuration: str, k1: float, b: float) -> None:
    """Index everything again under another text-search configuration or other constants."""
    chunk_ids = await _list_indexed(connection)
    await drop_words(connection, chunk_ids)
    await connection.execute(
        "update knowledge.state set configuration = %s::regconfig, k1 = %s, b = %s", [configuration, k1, b]
    )
    await add_words(connection, chunk_ids)
    await level_weights(connection, tolerance=0.0)


async def _list_indexed(connection: AsyncConnection) -> list[int]:
    cursor = connection.cursor(row_factory=scalar_row)
    await cursor.execute("select chunk_id from knowledge.lexical order by chunk_id")
    return await cursor.fetchall()


def _batches(chunk_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(chunk_ids), BATCH_CHUNKS):
        yield chunk_ids[start : start + BATCH_CHUNKS]
