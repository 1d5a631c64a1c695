"""Answers that may be said again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from helpdesk_bot.events import Place
from helpdesk_bot.records.rows import Table
from knowledge.letters import storable


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer to keep. `seen`: chunk ids and digests of their text, in the order of its markers."""

    context: bytes
    exact: bytes
    alike: bytes
    question_key: str
    text: str
    composer: str
    model: str
    prompt_version: str
    seen: Sequence[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class CachedAnswer:
    id: int
    text: str
    composer: str
    model: str
    prompt_version: str
    seen: list[tuple[int, str]]
    """Pairs, as lists of two."""
    is_exact: bool


@dataclass(frozen=True, kw_only=True)
class CacheFigures:
    answers: int
    uses: int
    """Of the answers that are kept now."""
    oldest_at: datetime | None
    by_prompt: dict[str, int]


class CachedAnswers(Table):
    async def list_cached(
        self, context: bytes, *, exact: bytes, alike: bytes, kept_for: timedelta
    ) -> list[CachedAnswer]:
        """At most five, those asked in the same words first, then the newest."""
        return await self._list_rows(
            CachedAnswer,
            """
            select id, text, composer, model, prompt_version, seen, exact = %(exact)s as is_exact
            from helpdesk.cached_answer
            where context = %(context)s and (exact = %(exact)s or alike = %(alike)s)
              and made_at > now() - %(kept_for)s
            order by is_exact desc, made_at desc
            limit 5
            """,
            {"context": context, "exact": exact, "alike": alike, "kept_for": kept_for},
        )

    async def keep_cached(self, kept: Kept, *, max_answers: int) -> None:
        """Take the place of an older answer in the same words; beyond `max_answers` the least used lately go."""
        async with self._pool.connection() as connection:
            await connection.execute(
                """
                insert into helpdesk.cached_answer
                  (context, exact, alike, question_key, text, composer, model, prompt_version, seen)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                on conflict (context, exact) do update
                set alike = excluded.alike, question_key = excluded.question_key, text = excluded.text,
                    composer = excluded.composer, model = excluded.model, prompt_version = excluded.prompt_version,
                    seen = excluded.seen, uses = 0, made_at = now(), used_at = now()
                """,
                [
                    kept.context,
                    kept.exact,
                    kept.alike,
                    kept.question_key,
                    storable(kept.text),
                    kept.composer,
                    kept.model,
                    kept.prompt_version,
                    Jsonb(list(kept.seen)),
                ],
            )
            await connection.execute(
                """
                delete from helpdesk.cached_answer
                where id in (select id from helpdesk.cached_answer order by used_at desc, id desc offset %s)
                """,
                [max_answers],
            )

    async def note_use(self, cached_id: int) -> None:
        await self._execute(
            "update helpdesk.cached_answer set uses = uses + 1, used_at = now() where id = %s", [cached_id]
        )

    async def forget_cached_of(self, place: Place, message_id: str) -> int:
        """What a message of ours said, or would say again; how many were kept of it."""
        return await self._execute(
            """
            delete from helpdesk.cached_answer
            using helpdesk.outgoing
            left join helpdesk.decision on decision.question_key = outgoing.question_key
            where outgoing.platform = %s and outgoing.tenant = %s and outgoing.channel = %s
              and outgoing.message_id = %s
              and (cached_answer.question_key = outgoing.question_key or cached_answer.id = decision.cached_id)
            """,
            [place.platform, place.tenant, place.channel, message_id],
        )

    async def purge_cached(self, *, older_than: timedelta = timedelta(0)) -> int:
        """How many went; all of them without `older_than`."""
        return await self._execute("delete from helpdesk.cached_answer where made_at <= now() - %s", [older_than])

    async def count_cached(self) -> CacheFigures:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                """
                select prompt_version, count(*), coalesce(sum(uses), 0), min(made_at)
                from helpdesk.cached_answer
                group by prompt_version
                order by prompt_version
                """
            )
            rows = await cursor.fetchall()
        return CacheFigures(
            answers=sum(row[1] for row in rows),
            uses=int(sum(row[2] for row in rows)),
            oldest_at=min((row[3] for row in rows), default=None),
            by_prompt={row[0]: row[1] for row in rows},
        )
