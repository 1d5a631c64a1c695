"""What the store counts as it goes along, against the same counted from scratch."""

import psycopg

WRITTEN = ("document", "chunk", "lexical", "term", "access_rule", "membership", "pending_vector", "quarantine")


async def assert_ledger_is_exact(store):
    """Document frequencies, lengths, chunks of rules and rights of chunks are what counting them anew gives."""
    async with store.snapshot() as snapshot:
        for question, query in CHECKS.items():
            cursor = await snapshot._connection.execute(query)
            wrong = await cursor.fetchall()
            assert not wrong, f"{question}: {wrong[:3]}"


def rows_written(database_url):
    """Rows inserted, updated and deleted since the database began, by table."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        rows = connection.execute(
            """
            select relname, n_tup_ins, n_tup_upd, n_tup_del
            from pg_stat_user_tables
            where schemaname = 'knowledge' and (relname = any(%s) or relname like 'vector%%')
            order by relname
            """,
            [list(WRITTEN)],
        )
        return rows.fetchall()


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
