"""The lexical side: BM25 as sparse vectors, with the counts that it needs.

A chunk's weight of a word is tf (k1 + 1) / (tf + k1 (1 - b + b length / average_length)), the question's is
count * ln(1 + (N - df + 0.5) / (df + 0.5)), and the score is their inner product: BM25 as in Robertson & Zaragoza,
"The Probabilistic Relevance Framework", 2009, with Lucene's idf, which is never negative. Document frequencies change
without touching a chunk; the average length is part of the weights, so these are made anew when it has drifted.

All functions work in the caller's transaction, which has taken its turn.
"""

from collections.abc import Sequence

from psycopg import AsyncConnection
from psycopg.sql import SQL

# One row a chunk; braces are doubled because the text is formatted.
WEIGHED = SQL(
    """
    select
      chunk_id,
      access_id,
      coalesce(max(length), 0) as length,
      coalesce(array_agg(term_id order by term_id) filter (where term_id is not null), '{{}}') as term_ids,
      ('{{' || coalesce(string_agg(
        term_id || ':' || (tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average_length)))::real,
        ',' order by term_id
      ), '') || '}}/1000000000')::sparsevec as weights
    from (
      select
        chunk.id as chunk_id,
        document.access_id,
        term.id as term_id,
        cardinality(word.positions) as tf,
        sum(cardinality(word.positions)) over (partition by chunk.id) as length
      from knowledge.chunk
      join knowledge.document on document.id = chunk.document_id
      left join lateral unnest(knowledge.words(document.title, chunk.heading_path, chunk.text)) word on true
      left join knowledge.term on term.lexeme = word.lexeme
      where {chosen}
    ) word
    cross join knowledge.state
    group by chunk_id, access_id
    """
)
WEIGHED_CHOSEN = WEIGHED.format(chosen=SQL("chunk.id = any(%(chunk_ids)s)"))
WEIGHED_ALL = WEIGHED.format(chosen=SQL("true"))


async def add_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    """Index chunks that have no words yet, under their document's title and access rule as they stand."""
    chosen = {"chunk_ids": list(chunk_ids)}
    await connection.execute(
        """
        insert into knowledge.term (lexeme)
        select distinct word.lexeme
        from knowledge.chunk
        join knowledge.document on document.id = chunk.document_id,
             unnest(knowledge.words(document.title, chunk.heading_path, chunk.text)) word
        where chunk.id = any(%(chunk_ids)s)
          and not exists (select from knowledge.term where term.lexeme = word.lexeme)
        """,
        chosen,
    )
    await connection.execute(
        SQL(
            """
            insert into knowledge.lexical (chunk_id, access_id, length, term_ids, weights)
            select chunk_id, access_id, length, term_ids, weights from ({weighed}) weighed
            """
        ).format(weighed=WEIGHED_CHOSEN),
        chosen,
    )
    await _count_words(connection, chunk_ids, sign=1)
    await count_access(connection, chunk_ids, sign=1)


async def drop_words(connection: AsyncConnection, chunk_ids: Sequence[int]) -> None:
    """Take chunks out of the index and out of the counts."""
    await _count_words(connection, chunk_ids, sign=-1)
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


async def _count_words(connection: AsyncConnection, chunk_ids: Sequence[int], *, sign: int) -> None:
    counted = {"sign": sign, "chunk_ids": list(chunk_ids)}
    await connection.execute(
        """
        update knowledge.term
        set df = df + %(sign)s * counted.number
        from (
          select term_id, count(*) as number
          from knowledge.lexical, unnest(term_ids) term_id
          where chunk_id = any(%(chunk_ids)s)
          group by term_id
        ) counted
        where id = counted.term_id
        """,
        counted,
    )
    await connection.execute(
        """
        update knowledge.state
        set chunks = chunks + %(sign)s * counted.number, total_length = total_length + %(sign)s * counted.length
        from (
          select count(*) as number, coalesce(sum(length), 0) as length
          from knowledge.lexical
          where chunk_id = any(%(chunk_ids)s)
        ) counted
        """,
        counted,
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
    await connection.execute(
        SQL(
            """
            update knowledge.lexical
            set weights = weighed.weights
            from ({weighed}) weighed
            where lexical.chunk_id = weighed.chunk_id
            """
        ).format(weighed=WEIGHED_ALL)
    )
    return True


async def count_anew(connection: AsyncConnection, *, configuration: str, k1: float, b: float) -> None:
    """Index everything again under another text-search configuration or other constants."""
    cursor = await connection.execute("select chunk_id from knowledge.lexical")
    chunk_ids = [row[0] for row in await cursor.fetchall()]
    await drop_words(connection, chunk_ids)
    await connection.execute(
        "update knowledge.state set configuration = %s::regconfig, k1 = %s, b = %s", [configuration, k1, b]
    )
    await add_words(connection, chunk_ids)
    await level_weights(connection, tolerance=0.0)
