"""The audit: every tampering shows, a forgotten name doesn't, and what is old goes without a gap."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import RaiseException

from helpdesk_bot.agent.history import open_history
from helpdesk_bot.events import Platform
from helpdesk_bot.records import Audit
from helpdesk_bot.records.audit import Mark, Verified
from helpdesk_bot.records.privacy import Privacy
from knowledge.postgres import Pool, open_pool

ENTRIES = 24
PEOPLE = ("UADA", "UBO", "29:änne", "U'; drop table helpdesk.audit; --")

Tampering = Callable[["Forger"], Awaitable[object]]


class Forger:
    """Somebody who owns the database, and switches off what keeps the table."""

    def __init__(self, pool: Pool, chance: random.Random) -> None:
        self._pool = pool
        self.chance = chance
        self.a, self.b = sorted(chance.sample(range(1, ENTRIES + 1), 2))

    async def __call__(self, statement: Any, **parameters: object) -> None:
        async with self._pool.connection() as connection:
            await connection.execute("set local session_replication_role = replica")
            cursor = await connection.execute(statement, {"a": self.a, "b": self.b, **parameters})
            assert cursor.rowcount, "this forgery changed nothing"


@pytest.fixture
async def audit(pool: Pool) -> Audit:
    chance = random.Random(1)
    audit = Audit(pool)
    for number in range(ENTRIES):
        await audit.audit(
            platform=chance.choice(list(Platform)),
            person_id=PEOPLE[number % len(PEOPLE)],
            action=chance.choice(["sync", "pause", "curated"]),
            allowed=chance.random() < 0.5,
            words=chance.choice(["", "approve handbook", "überall"]),
        )
    return audit


async def swap(forge: Forger, column: str) -> None:
    """Exchange two entries' values, by way of one that no entry has."""
    async with forge._pool.connection() as connection:
        await connection.execute("set local session_replication_role = replica")
        for old, new in (("%(a)s", "-1"), ("%(b)s", "%(a)s"), ("-1", "%(b)s")):
            statement = f"update helpdesk.audit set {column} = {new} where {column} = {old}"
            await connection.execute(statement.encode(), {"a": forge.a, "b": forge.b})


TAMPERINGS: dict[str, Tampering] = {
    "another person": lambda forge: forge(
        "update helpdesk.audit set person_id = person_id || '2' where number = %(a)s"
    ),
    "a name taken off, the salt kept": lambda forge: forge(
        "update helpdesk.audit set person_id = 'erased' where number = %(a)s"
    ),
    "a name put on where the salt is gone": lambda forge: forge(
        "update helpdesk.audit set salt = null where number = %(a)s"
    ),
    "another salt": lambda forge: forge("update helpdesk.audit set salt = 'x' where number = %(a)s"),
    "the person's commitment made anew": lambda forge: forge(
        "update helpdesk.audit set person_id = 'UEVE', salt = 'x',"
        " subject = sha256('x'::bytea || convert_to('UEVE', 'UTF8')) where number = %(a)s"
    ),
    "refused becomes allowed, or the other way": lambda forge: forge(
        "update helpdesk.audit set allowed = not allowed where number = %(a)s"
    ),
    "another action": lambda forge: forge("update helpdesk.audit set action = 'status' where number = %(a)s"),
    "other words": lambda forge: forge("update helpdesk.audit set words = words || ' all' where number = %(a)s"),
    "a word moved from one column to the next": lambda forge: forge(
        "update helpdesk.audit set action = '', words = action || words where number = %(a)s"
    ),
    "another place": lambda forge: forge("update helpdesk.audit set platform = 'mail' where number = %(a)s"),
    "a microsecond later": lambda forge: forge(
        "update helpdesk.audit set at = at + interval '1 microsecond' where number = %(a)s"
    ),
    "another digest": lambda forge: forge("update helpdesk.audit set digest = sha256(digest) where number = %(a)s"),
    "changed, and its own digest made anew": lambda forge: forge(
        "update helpdesk.audit set words = 'nothing', digest = helpdesk.audit_digest("
        "coalesce((select digest from helpdesk.audit as one where one.number = audit.number - 1), ''),"
        " (id, at, platform, person_id, action, allowed, 'nothing', number, salt, subject, digest)::helpdesk.audit)"
        " where number = least(%(a)s, 20)"
    ),
    "one taken out": lambda forge: forge("delete from helpdesk.audit where number = %(a)s"),
    "some taken out": lambda forge: forge("delete from helpdesk.audit where number between %(a)s and %(b)s"),
    "the end taken off": lambda forge: forge("delete from helpdesk.audit where number >= %(b)s"),
    "the beginning taken off": lambda forge: forge("delete from helpdesk.audit where number <= %(a)s"),
    "one taken out, and the rest moved up": lambda forge: forge(
        "with gone as (delete from helpdesk.audit where number = %(a)s)"
        " update helpdesk.audit set number = number - 1000 where number > %(a)s"
    ),
    "all taken out": lambda forge: forge("delete from helpdesk.audit"),
    "two exchanged": lambda forge: swap(forge, "number"),
    "one put in between": lambda forge: forge(
        "insert into helpdesk.audit (platform, person_id, action, allowed, number, salt, subject, digest)"
        " select 'slack', 'UEVE', 'sync', true, 1000 + number, salt, subject, digest"
        " from helpdesk.audit where number = %(a)s"
    ),
    "one put in at the end": lambda forge: forge(
        "insert into helpdesk.audit (platform, person_id, action, allowed, number, salt, subject, digest)"
        " select 'slack', 'UEVE', 'sync', true, number + 1, salt, subject, sha256(digest)"
        " from helpdesk.audit order by number desc limit 1"
    ),
    "one copied": lambda forge: forge(
        "insert into helpdesk.audit (at, platform, person_id, action, allowed, words, number, salt, subject, digest)"
        " select at, platform, person_id, action, allowed, words, number + 1000, salt, subject, digest"
        " from helpdesk.audit where number = %(a)s"
    ),
    "the head moved back": lambda forge: forge("update helpdesk.audit_head set number = number - 1"),
    "the head taken away": lambda forge: forge("delete from helpdesk.audit_head"),
}


@pytest.mark.parametrize("round_", range(4))
async def test_every_one_of_100_tamperings_shows(audit: Audit, pool: Pool, database_url: str, round_: int) -> None:
    """Twenty-five ways, each at four places of the chain."""
    assert len(TAMPERINGS) == 25
    assert (await audit.verify_audit()).problems == ()
    for number, (name, tamper) in enumerate(TAMPERINGS.items()):
        async with restored(database_url):
            await tamper(Forger(pool, random.Random(1000 * round_ + number)))
            assert (await audit.verify_audit()).problems, name
    assert (await audit.verify_audit()).problems == ()


class restored:  # noqa: N801 - reads as a statement
    """The audit as it was before, afterwards."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> None:
        await self._run(
            "create table kept as table helpdesk.audit", "create table kept_head as table helpdesk.audit_head"
        )

    async def __aexit__(self, *_: object) -> None:
        columns = "id, at, platform, person_id, action, allowed, words, number, salt, subject, digest"
        await self._run(
            "delete from helpdesk.audit",
            f"insert into helpdesk.audit ({columns}) overriding system value select {columns} from kept",
            "delete from helpdesk.audit_head",
            "insert into helpdesk.audit_head select * from kept_head",
            "drop table kept, kept_head",
        )

    async def _run(self, *statements: str) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute("set session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement.encode())


async def test_who_makes_the_whole_chain_anew_is_caught_by_a_mark_kept_elsewhere(audit: Audit, pool: Pool) -> None:
    noted = (await audit.verify_audit()).mark
    await audit.audit(platform="slack", person_id="UADA", action="status", allowed=True)
    assert (await audit.verify_audit(noted=noted)).problems == ()
    async with pool.connection() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("delete from helpdesk.audit")
        await connection.execute("update helpdesk.audit_head set number = 0, digest = ''")
    for _ in range(ENTRIES + 1):
        await audit.audit(platform="slack", person_id="UEVE", action="status", allowed=True)
    assert (await audit.verify_audit()).problems == ()
    assert "was noted" in str((await audit.verify_audit(noted=noted)).problems)


async def test_without_switching_anything_off_nothing_can_be_changed_or_taken(audit: Audit, pool: Pool) -> None:
    for statement in (
        b"update helpdesk.audit set allowed = true",
        b"update helpdesk.audit set person_id = 'erased'",
        b"update helpdesk.audit set person_id = 'erased', salt = null, action = ''",
        b"delete from helpdesk.audit",
        b"truncate helpdesk.audit",
    ):
        with pytest.raises(RaiseException):
            async with pool.connection() as connection:
                await connection.execute(statement)


async def test_writers_of_several_processes_make_one_chain(audit: Audit, database_url: str) -> None:
    async with open_pool(database_url, max_size=4) as one, open_pool(database_url, max_size=4) as other:
        await asyncio.gather(
            *(
                Audit((one, other)[number % 2]).audit(
                    platform="teams", person_id=f"P{number}", action="pause", allowed=True
                )
                for number in range(40)
            )
        )
    verified = await audit.verify_audit()
    assert (verified.entries, verified.problems) == (ENTRIES + 40, ())


async def test_a_forgotten_name_is_gone_and_the_chain_holds(audit: Audit, pool: Pool, database_url: str) -> None:
    async with open_history(database_url):
        await Privacy(pool).forget(Platform.SLACK, "T", "UADA")
    verified = await audit.verify_audit()
    assert verified.problems == ()
    assert verified.erased == sum(
        entry.person_id == "erased" and entry.platform == Platform.SLACK
        for entry in await audit.list_audit(limit=ENTRIES)
    )
    assert verified.erased > 0


async def test_what_is_old_goes_from_the_beginning_and_the_rest_holds(audit: Audit, pool: Pool) -> None:
    noted = (await audit.verify_audit()).mark
    async with pool.connection() as connection:
        await connection.execute("select pg_sleep(0.01)")
    assert await audit.age_audit(older_than=timedelta(days=1)) == 0
    assert await audit.age_audit(older_than=timedelta(0)) == ENTRIES
    await audit.audit(platform="slack", person_id="UADA", action="status", allowed=True)
    verified = await audit.verify_audit(noted=noted)
    assert verified == Verified(entries=1, erased=0, mark=verified.mark, problems=())
    assert verified.mark.number == ENTRIES + 1


@pytest.mark.parametrize("text", ["", "7", "7:xyz", ":0123456789abcdef", "-1:0123456789abcdef", "x:0123456789abcdef"])
def test_what_is_no_mark_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="no mark"):
        Mark.read(text)
