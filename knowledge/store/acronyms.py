"""The short names that documents explain: learning them after a sync, and finding those that a question says."""

import asyncio
from collections.abc import Sequence

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from knowledge.acronyms import Acronym, find_acronyms, spelled_out

AT_ONCE = 500
"""Documents whose texts are in memory together."""

MOST_WORDS = 8
"""Of a long form that a question says."""

MOST_QUESTION_WORDS = 60
"""Of a question are looked at."""

MOST_EXPLANATIONS = 2_000
"""Are counted: what more documents explain than that need not be counted on to tell which explanation leads."""


async def learn_acronyms(connection: AsyncConnection, source: str) -> None:
    """Look through the source's documents that changed since they were looked through. In the caller's transaction."""
    while document_ids := await _list_unread(connection, source):
        cursor = await connection.execute(
            "select document_id, text from knowledge.chunk where document_id = any(%s)", [document_ids]
        )
        found = await asyncio.to_thread(_find_all, await cursor.fetchall())
        await connection.execute("delete from knowledge.acronym where document_id = any(%s)", [document_ids])
        await connection.execute(
            """
            insert into knowledge.acronym (document_id, short, long)
            select * from jsonb_to_recordset(%s) as found (document_id bigint, short text, long text)
            """,
            [Jsonb([{"document_id": id_, "short": one.short, "long": one.long} for id_, one in found])],
        )
        await connection.execute(
            "update knowledge.document set acronyms_of = version where id = any(%s)", [document_ids]
        )


def _find_all(texts: Sequence[tuple[int, str]]) -> set[tuple[int, Acronym]]:
    """With the documents, by (document id, text)."""
    return {(document_id, one) for document_id, text in texts for one in find_acronyms(text)}


async def _list_unread(connection: AsyncConnection, source: str) -> list[int]:
    cursor = await connection.execute(
        """
        select id from knowledge.document
        where source = %s and acronyms_of is distinct from version
        limit %s
        """,
        [source, AT_ONCE],
    )
    return [row[0] for row in await cursor.fetchall()]


async def list_acronyms(connection: AsyncConnection, question: str, access_ids: Sequence[int]) -> list[Acronym]:
    """Those that the question says in one of their forms, as the documents under these rules explain them.

    What documents explain differently is left out unless most agree.
    """
    words = question.split()[:MOST_QUESTION_WORDS]
    said = [stripped for word in words if (stripped := word.strip(".,;:!?()\"'").casefold())]
    cursor = connection.cursor(row_factory=class_row(Acronym))
    await cursor.execute(
        """
        with explained as (
          select short, long
          from knowledge.acronym
          join knowledge.document on document.id = acronym.document_id
          where document.access_id = any(%s) and (lower(short) = any(%s) or long = any(%s))
          limit %s
        ), said as (
          select short, long, count(*) as documents from explained group by short, long
        )
        select short, long
        from said
        where not exists (
          select from said other
          where lower(other.short) = lower(said.short) and other.long <> said.long and other.documents >= said.documents
        )
        order by short, long
        """,
        [list(access_ids), said, _phrases(said), MOST_EXPLANATIONS],
    )
    return await cursor.fetchall()


def _phrases(words: Sequence[str]) -> list[str]:
    """All runs of two to MOST_WORDS words, as a long form is kept."""
    return [
        spelled_out(" ".join(words[start : start + length]))
        for length in range(2, MOST_WORDS + 1)
        for start in range(len(words) - length + 1)
    ]
