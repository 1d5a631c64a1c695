"""What the store counts as it goes along, against the same counted from scratch."""

import psycopg
from psycopg import sql

WRITTEN = ("document", "chunk", "lexical", "term", "access_rule", "membership", "pending_vector", "quarantine")


async def assert_ledger_is_exact(store):
    """Document frequencies, lengths, chunks of rules and rights of chunks are what counting them anew gives."""
    async with store.snapshot() as snapshot:
        for question, query in CHECKS.items():
            cursor = await snapshot._connection.execute(query)
            wrong = await cursor.fetchall()
            assert not wrong, f"{question}: {wrong[:3]}"


def versions_of_rows(database_url):
    """Which transaction wrote each row and where it lies, by table: another one as soon as it is written again.

    Not the server's counters, which it may bring up to date ten seconds later.
    """
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            """
            select relname
            from pg_stat_user_tables
            where schemaname = 'knowledge' and (relname = any(%s) or relname like 'vector%%')
            """,
            [list(WRITTEN)],
        )
        query = sql.SQL("select xmin::text, ctid::text from knowledge.{} order by ctid")
        return {name: connection.execute(query.format(sql.Identifier(name))).fetchall() for (name,) in tables}


CHECKS = {
    "document frequencies": """
        select term.id, term.df, count(lexical.chunk_id)
        from knowledge.term
        left join knowledge.lexical on term.id = any(lexical.term_ids)
        group by term.id
        having term.df <> count(lexical.chunk_id)
    """,
    "totals": """
        select chunks, total_length, counted.*
        from knowledge.state, (select count(*) as n, coalesce(sum(length), 0) as l from knowledge.lexical) counted
        where (chunks, total_length) <> (counted.n, counted.l)
    """,
    "chunks of rules": """
        select rule.id, rule.chunks, count(lexical.chunk_id)
        from knowledge.access_rule rule
        left join knowledge.lexical on lexical.access_id = rule.id
        group by rule.id
        having rule.chunks <> count(lexical.chunk_id)
    """,
    "chunks without words": """
        select chunk.id from knowledge.chunk where not exists (select from knowledge.lexical where chunk_id = chunk.id)
    """,
    "rights of words": """
        select chunk.id
        from knowledge.chunk
        join knowledge.document on document.id = chunk.document_id
        join knowledge.lexical on lexical.chunk_id = chunk.id
        where lexical.access_id <> document.access_id
    """,
    "rights of vectors": """
        select chunk.id
        from knowledge.chunk
        join knowledge.document on document.id = chunk.document_id
        left join knowledge.vector_1 on vector_1.chunk_id = chunk.id
        where vector_1.access_id is distinct from document.access_id
    """,
    "positions": """
        select document_id from knowledge.chunk group by document_id having max(position) <> count(*) - 1
    """,
}
