"""The other names of things that documents give: learning them after a sync, and finding those that a question says."""

import asyncio
from collections.abc import Collection, Sequence
from typing import LiteralString, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier

from knowledge.acronyms import find_acronyms, spelled_out
from knowledge.store.rows import Names
from knowledge.synonyms import find_synonyms

_Pair: TypeAlias = tuple[int, str, str]
"""A document id and two names."""

AT_ONCE = 500
"""Documents whose texts are in memory together."""

MOST_WORDS = 8
"""Of a long form that a question says."""

MOST_QUESTION_WORDS = 60
"""Of a question are looked at."""


async def learn_names(connection: AsyncConnection, source: str) -> None:
    """Look through the source's documents that changed since they were looked through. In the caller's transaction."""
    while document_ids := await _list_unread(connection, source):
        cursor = await connection.execute(
            "select document_id, text from knowledge.chunk where document_id = any(%s)", [document_ids]
        )
        acronyms, synonyms = await asyncio.to_thread(_find_all, await cursor.fetchall())
        await _replace(connection, "acronym", document_ids, acronyms)
        await _replace(connection, "synonym", document_ids, synonyms)
        await connection.execute(
            "update knowledge.document set acronyms_of = version where id = any(%s)", [document_ids]
        )


def _find_all(texts: Sequence[tuple[int, str]]) -> tuple[set[_Pair], set[_Pair]]:
    """Short names and synonyms of texts by document id."""
    acronyms = {(document_id, one.short, one.long) for document_id, text in texts for one in find_acronyms(text)}
    synonyms = {(document_id, one.name, one.other) for document_id, text in texts for one in find_synonyms(text)}
    return acronyms, synonyms


async def _replace(
    connection: AsyncConnection, table: str, document_ids: Sequence[int], pairs: Collection[_Pair]
) -> None:
    """What these documents say, in place of what they said. Both tables have the columns of a pair."""
    name = Identifier("knowledge", table)
    await connection.execute(SQL("delete from {} where document_id = any(%s)").format(name), [document_ids])
    await connection.execute(
        SQL("insert into {} select * from unnest(%s::bigint[], %s::text[], %s::text[])").format(name),
        [[pair[column] for pair in pairs] for column in range(3)],
    )


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


# 2,000 are counted: enough to tell which explanation leads. Written out, since for a limit that it does not know
# Postgres takes a tenth of the rows for enough, and reads the whole table instead of an index.
_SAID: LiteralString = """
with explained as (
  select short, long
  from knowledge.acronym
  join knowledge.document on document.id = acronym.document_id
  where %(acronyms)s and document.access_id = any(%(access_ids)s)
    and (lower(short) = any(%(words)s) or long = any(%(phrases)s))
  limit 2000
), said as (
  select short, long, count(*) as documents from explained group by short, long
), otherwise as (
  select name, other
  from knowledge.synonym
  join knowledge.document on document.id = synonym.document_id
  where %(synonyms)s and document.access_id = any(%(access_ids)s)
    and (name = any(%(names)s) or other = any(%(names)s))
  limit 2000
)
(
  select short as one, long as other, true as is_short_form
  from said
  where not exists (
    select from said rival
    where lower(rival.short) = lower(said.short) and rival.long <> said.long
      and rival.documents >= said.documents
  )
  order by short, long
)
union all
(select name, other, false from otherwise group by name, other order by count(*) desc, name, other)
"""


async def list_names(
    connection: AsyncConnection, question: str, access_ids: Sequence[int], *, acronyms: bool, synonyms: bool
) -> list[Names]:
    """Those of which the question says one, as the documents under these rules give them, acronyms first.

    What documents explain differently by one short name is left out unless most agree; a thing may have many synonyms.
    """
    words = question.split()[:MOST_QUESTION_WORDS]
    said = [stripped for word in words if (stripped := word.strip(".,;:!?()\"'").casefold())]
    cursor = connection.cursor(row_factory=class_row(Names))
    await cursor.execute(
        _SAID,
        {
            "acronyms": acronyms,
            "synonyms": synonyms,
            "access_ids": list(access_ids),
            "words": said,
            "phrases": (phrases := _phrases(said)),
            "names": said + phrases,
        },
    )
    return await cursor.fetchall()


def _phrases(words: Sequence[str]) -> list[str]:
    """All runs of two to MOST_WORDS words, as a long form is kept."""
    return [
        spelled_out(" ".join(words[start : start + length]))
        for length in range(2, MOST_WORDS + 1)
        for start in range(len(words) - length + 1)
    ]
