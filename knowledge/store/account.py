"""What becomes of each document in one run, in temporary tables: the run's memory stays flat however many there are.

The tables are the writer's connection's and go with it. All that is written for good is the list of what was skipped,
where it changed.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

# `listing` is the number of the listing that told of the document last.
TABLES = """
create temporary table known (key text primary key);
create temporary table fate (
  key           text primary key,
  fate          text,
  reason        text,
  renamed       boolean not null default false,
  rights_moved  boolean not null default false,
  listing       integer
)
"""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of a document: `added`, `changed`, `unchanged`, `removed`, or `skipped` with its reason."""

    key: str
    fate: str
    reason: str | None = None
    renamed: bool = False
    rights_moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Delta:
    """By how much a page moved the numbers of documents settled and skipped."""

    settled: int
    skipped: int


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What became of how many."""

    by_fate: Mapping[str, int]
    by_reason: Mapping[str, int]
    """Of the skipped."""
    listed: int
    """That a listing told of, each once."""
    renamed: int
    rights_moved: int


class Account:
    """Of one run, in the hands of its source's writer."""

    def __init__(self, connection: AsyncConnection, source: str) -> None:
        self._connection = connection
        self.source = source

    async def open(self) -> None:
        """Begin with what is stored now. Once a connection, with a `Presence` open."""
        await self._connection.execute(TABLES)
        await self._connection.execute(
            "insert into pg_temp.known select key from knowledge.document where source = %s", [self.source]
        )
        await self._connection.execute("analyze pg_temp.known")

    # Listing

    async def note_listed(self, keys: Collection[str], *, listing: int) -> int:
        """How many of these the listing of this number had not told of before."""
        cursor = await self._connection.execute(
            """
            insert into pg_temp.fate (key, listing)
            select key, %s from jsonb_array_elements_text(%s) as listed (key)
            on conflict (key) do update
            set listing = excluded.listing
            where fate.listing is distinct from excluded.listing
            """,
            [listing, Jsonb(list(keys))],
        )
        return cursor.rowcount

    async def list_known(self, keys: Collection[str]) -> set[str]:
        """Those of them that were stored before the run."""
        return set(
            await self._scalars(
                "select key from pg_temp.known where key in (select jsonb_array_elements_text(%s))", [Jsonb(list(keys))]
            )
        )

    async def list_settled(self, keys: Collection[str]) -> set[str]:
        """Those of them of which it is known what became of them."""
        return set(
            await self._scalars(
                """
                select key
                from pg_temp.fate
                where fate is not null and key in (select jsonb_array_elements_text(%s))
                """,
                [Jsonb(list(keys))],
            )
        )

    async def settle(self, documents: Sequence[Settled]) -> Delta:
        """Write down what became of them. A document that was added stays added, one that changed does not unchange."""
        cursor = self._connection.cursor(row_factory=class_row(Delta))
        await cursor.execute(
            """
            with wanted as (
              select *
              from jsonb_to_recordset(%s) as wanted (
                key text, fate text, reason text, renamed boolean, rights_moved boolean
              )
            ), before as (
              select held.key, held.fate
              from pg_temp.fate held
              join wanted on wanted.key = held.key
              where held.fate is not null
            ), written as (
              insert into pg_temp.fate as held (key, fate, reason, renamed, rights_moved)
              select key, fate, reason, renamed, rights_moved from wanted
              on conflict (key) do update
              set fate = case
                    when held.fate = 'added' or (held.fate = 'changed' and excluded.fate = 'unchanged') then held.fate
                    else excluded.fate
                  end,
                  reason = case when held.fate is distinct from 'added' then excluded.reason end,
                  renamed = held.renamed or excluded.renamed,
                  rights_moved = held.rights_moved or excluded.rights_moved
              returning key, fate
            )
            select
              count(*) filter (where before.key is null) as settled,
              count(*) filter (where written.fate = 'skipped')
                - count(*) filter (where before.fate = 'skipped') as skipped
            from written
            left join before on before.key = written.key
            """,
            [Jsonb([asdict(document) for document in documents])],
        )
        (delta,) = await cursor.fetchall()
        return delta

    async def note_rights(self, keys: Collection[str]) -> None:
        """The rules of these documents moved."""
        await self._connection.execute(
            """
            insert into pg_temp.fate as held (key, rights_moved)
            select key, true from jsonb_array_elements_text(%s) as moved (key)
            on conflict (key) do update set rights_moved = true
            """,
            [Jsonb(list(keys))],
        )

    async def settle_removed(self, keys: Collection[str]) -> None:
        """Whatever else became of them in this run."""
        await self._connection.execute(
            """
            insert into pg_temp.fate (key, fate)
            select key, 'removed' from jsonb_array_elements_text(%s) as removed (key)
            on conflict (key) do update set fate = excluded.fate, reason = null, rights_moved = false, renamed = false
            """,
            [Jsonb(list(keys))],
        )

    async def settle_held(self, reason: str) -> None:
        """What the place no longer has and is still stored."""
        await self._connection.execute(
            """
            insert into pg_temp.fate (key, fate, reason)
            select key, 'skipped', %s
            from knowledge.document
            where source = %s and not exists (select from pg_temp.present where present.key = document.key)
            on conflict (key) do update set fate = excluded.fate, reason = excluded.reason
            """,
            [reason, self.source],
        )

    # The end

    async def count_overlooked(self) -> int:
        """Documents that the place has, of which nothing is known and no listing told."""
        (number,) = await self._scalars(
            """
            select count(*)
            from pg_temp.present
            where not exists (select from pg_temp.fate where fate.key = present.key and fate.fate is not null)
              and not exists (
                select from knowledge.quarantine held where (held.source, held.key) = (%(source)s, present.key)
              )
              and not exists (
                select from knowledge.document held where (held.source, held.key) = (%(source)s, present.key)
              )
            """,
            {"source": self.source},
        )
        return number

    async def settle_unlisted(self, *, not_listed: str) -> None:
        """What the place has and no listing told of, since it did not change, or although it should have."""
        await self._connection.execute(
            """
            delete from knowledge.quarantine held
            where source = %s
              and not exists (select from pg_temp.present where present.key = held.key)
              and not exists (select from knowledge.document where (source, key) = (held.source, held.key))
            """,
            [self.source],
        )
        await self._connection.execute(
            """
            insert into pg_temp.fate as held (key, fate, reason)
            select
              present.key,
              case when failed.key is null and document.key is not null then 'unchanged' else 'skipped' end,
              case when failed.key is not null then failed.reason when document.key is null then %(not_listed)s end
            from pg_temp.present
            left join knowledge.quarantine failed on (failed.source, failed.key) = (%(source)s, present.key)
            left join knowledge.document on (document.source, document.key) = (%(source)s, present.key)
            on conflict (key) do update
            set fate = excluded.fate, reason = excluded.reason
            where held.fate is null
            """,
            {"source": self.source, "not_listed": not_listed},
        )

    async def keep_skipped(self) -> None:
        """Let the list of what is skipped be this run's; rows that stay as they are stay untouched."""
        await self._connection.execute(
            """
            delete from knowledge.skipped held
            where source = %s
              and not exists (select from pg_temp.fate where fate.key = held.key and fate.fate = 'skipped')
            """,
            [self.source],
        )
        await self._connection.execute(
            """
            insert into knowledge.skipped as held (source, key, title, url, reason)
            select
              %(source)s, fate.key, coalesce(failed.title, document.title, ''), coalesce(failed.url, document.url, ''),
              fate.reason
            from pg_temp.fate
            left join knowledge.quarantine failed on (failed.source, failed.key) = (%(source)s, fate.key)
            left join knowledge.document on (document.source, document.key) = (%(source)s, fate.key)
            where fate.fate = 'skipped'
            on conflict (source, key) do update
            set title = excluded.title, url = excluded.url, reason = excluded.reason,
                since = case when held.reason = excluded.reason then held.since else now() end
            where (held.title, held.url, held.reason) <> (excluded.title, excluded.url, excluded.reason)
            """,
            {"source": self.source},
        )

    async def add_up(self) -> Totals:
        cursor = await self._connection.execute(
            """
            select
              fate, reason, count(*), count(listing), count(*) filter (where renamed),
              count(*) filter (where rights_moved)
            from pg_temp.fate
            group by fate, reason
            """
        )
        rows = await cursor.fetchall()
        by_fate: Counter[str] = Counter()
        for fate, _, number, *_ in rows:
            if fate is not None:
                by_fate[fate] += number
        return Totals(
            by_fate=by_fate,
            by_reason={reason: number for fate, reason, number, *_ in rows if fate == "skipped"},
            listed=sum(row[3] for row in rows),
            renamed=sum(row[4] for row in rows),
            rights_moved=sum(row[5] for row in rows),
        )

    async def count_known(self) -> int:
        """Every document that was stored before, that the place has, or that was listed: each once."""
        (number,) = await self._scalars(
            """
            select count(*)
            from (
              select key from pg_temp.known
              union select key from pg_temp.present
              union select key from pg_temp.fate where fate is not null
            ) every
            """,
            [],
        )
        return number

    async def count_astray(self) -> int:
        """Documents that are said to be stored and are not."""
        (number,) = await self._scalars(
            """
            select count(*)
            from pg_temp.fate
            where fate in ('added', 'changed', 'unchanged')
              and not exists (select from knowledge.document where (source, key) = (%s, fate.key))
            """,
            [self.source],
        )
        return number

    async def _scalars(self, query: LiteralString, parameters: Sequence[object] | Mapping[str, object]) -> list[Any]:
        cursor = self._connection.cursor(row_factory=scalar_row)
        await cursor.execute(query, parameters)
        return await cursor.fetchall()
