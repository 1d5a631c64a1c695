"""How documents write what a question writes otherwise."""

from collections.abc import Sequence

from psycopg import AsyncConnection

MOST_LOOKED_THROUGH = 500
"""Chunks that hold both of two words, for one in which they stand together."""


class Spellings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_split(self, splits: Sequence[tuple[str, str]], access_ids: Sequence[int]) -> tuple[str, str] | None:
        """The first of these pairs of words that a permitted chunk writes next to each other."""
        cursor = await self._connection.execute(
            """
            with split as (
              select * from unnest(%(firsts)s::text[], %(seconds)s::text[]) with ordinality as split(one, other, place)
            ), known as (
              select split.*, words.term_ids
              from split
              cross join lateral (
                select array_agg(term.id) as term_ids, count(*) as said, count(term.id) as found
                from unnest(knowledge.words('', '{}', one || ' ' || other)) word
                left join knowledge.term on term.lexeme = word.lexeme and term.df > 0
              ) words
              where words.said > 0 and words.found = words.said
            )
            select one, other
            from known
            where exists (
              select
              from (
                select document.title, chunk.heading_path, chunk.text
                from knowledge.lexical
                join knowledge.chunk on chunk.id = lexical.chunk_id
                join knowledge.document on document.id = chunk.document_id
                where lexical.term_ids @> known.term_ids and document.access_id = any(%(access_ids)s)
                limit %(most)s
              ) holding
              where concat_ws(E'\\n', title, array_to_string(heading_path, E'\\n'), text)
                ~* ('\\m' || known.one || '[ -]' || known.other)
            )
            order by place
            limit 1
            """,
            {
                "firsts": [one for one, _ in splits],
                "seconds": [other for _, other in splits],
                "access_ids": list(access_ids),
                "most": MOST_LOOKED_THROUGH,
            },
        )
        row = await cursor.fetchone()
        return (row[0], row[1]) if row else None

    async def find_written(self, lexeme: str, access_ids: Sequence[int]) -> str | None:
        """A word as a permitted chunk writes it, by its lexeme."""
        cursor = await self._connection.execute(
            """
            with holding as materialized (
              select document.title, chunk.heading_path, chunk.text
              from knowledge.lexical
              join knowledge.chunk on chunk.id = lexical.chunk_id
              join knowledge.document on document.id = chunk.document_id
              where lexical.term_ids && array(select id from knowledge.term where lexeme = %(lexeme)s)
                and document.access_id = any(%(access_ids)s)
              limit 1
            )
            select word
            from holding,
              regexp_split_to_table(
                lower(concat_ws(' ', title, array_to_string(heading_path, ' '), text)), '[^[:alpha:]]+'
              ) word
            where starts_with(word, left(%(lexeme)s, -1))
              and tsvector_to_array(knowledge.words('', '{}', word)) = array[%(lexeme)s]
            limit 1
            """,
            {"lexeme": lexeme, "access_ids": list(access_ids)},
        )
        row = await cursor.fetchone()
        return row[0] if row else None

    async def list_known(self, words: Sequence[str], access_ids: Sequence[int]) -> list[str]:
        """Those that some permitted chunk holds, in whichever form."""
        cursor = await self._connection.execute(
            """
            select one
            from unnest(%s::text[]) one
            where exists (
              select
              from unnest(knowledge.words('', '{}', one)) word
              join knowledge.term on term.lexeme = word.lexeme and term.df > 0
              join knowledge.lexical on lexical.term_ids && array[term.id]
              where lexical.access_id = any(%s)
            )
            """,
            [list(words), list(access_ids)],
        )
        return [row[0] for row in await cursor.fetchall()]

    async def list_words_like(self, lexeme: str) -> list[tuple[str, int]]:
        """Lexemes that begin with the same letter and are at most one letter longer or shorter, with their df."""
        cursor = await self._connection.execute(
            """
            select lexeme, df
            from knowledge.term
            where df > 0 and starts_with(lexeme, %(letter)s)
              and length(lexeme) between %(length)s - 1 and %(length)s + 1
            """,
            {"letter": lexeme[0], "length": len(lexeme)},
        )
        return await cursor.fetchall()
