"""Access rules as small ids, and who is in which group. In the caller's transaction, which has taken its turn."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from psycopg import AsyncConnection
from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from connectors.documents import AccessRule, Principal
from knowledge.store.edits import list_chunks
from knowledge.store.rows import rule_digest, rule_from_json, rule_json, storable_key
from knowledge.store.spaces import list_spaces
from knowledge.store.words import count_access


async def intern_rules(connection: AsyncConnection, source: str, rules: Iterable[AccessRule]) -> dict[bytes, int]:
    """The ids of the rules by digest. A new rule moves the rights version: caches of ids don't know it."""
    by_digest = {rule_digest(rule): rule for rule in rules}
    known = await connection.execute(
        "select digest, id from knowledge.access_rule where source = %s and digest = any(%s)",
        [source, list(by_digest)],
    )
    ids: dict[bytes, int] = dict(await known.fetchall())
    for digest in sorted(by_digest.keys() - ids.keys()):
        added = await connection.execute(
            "insert into knowledge.access_rule (source, digest, all_of) values (%s, %s, %s) returning id",
            [source, digest, Jsonb(rule_json(by_digest[digest]))],
        )
        ((ids[digest],),) = await added.fetchall()
        await connection.execute("update knowledge.state set rights_version = rights_version + 1")
    return ids


async def move_rights(connection: AsyncConnection, document_ids: Sequence[int]) -> None:
    """Let the chunks of these documents follow their documents' access ids, in every space."""
    chunk_ids = [chunk_id for chunk_id, _, _ in await list_chunks(connection, document_ids)]
    if not chunk_ids:
        return
    await count_access(connection, chunk_ids, sign=-1)
    for table in [SQL("knowledge.lexical"), *[space.table for space in await list_spaces(connection)]]:
        await connection.execute(
            SQL(
                """
                update {table} moved
                set access_id = document.access_id
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                where moved.chunk_id = chunk.id and chunk.id = any(%s)
                """
            ).format(table=table),
            [chunk_ids],
        )
    await count_access(connection, chunk_ids, sign=1)


async def list_rules_of(connection: AsyncConnection, chunk_ids: Sequence[int]) -> list[AccessRule]:
    """The rules of those chunks that still are, each once."""
    cursor = await connection.execute(
        """
        select distinct rule.id, rule.all_of
        from knowledge.lexical
        join knowledge.access_rule rule on rule.id = lexical.access_id
        where lexical.chunk_id = any(%s)
        order by rule.id
        """,
        [list(chunk_ids)],
    )
    return [rule_from_json(all_of) for _, all_of in await cursor.fetchall()]


async def replace_memberships(
    connection: AsyncConnection, source: str, memberships: Mapping[Principal, Collection[Principal]]
) -> bool:
    """Make these the source's groups; False, and nothing written, where they already are."""
    wanted = own_memberships(source, memberships)
    known = await connection.execute("select group_name, member from knowledge.membership where source = %s", [source])
    if wanted == set(await known.fetchall()):
        return False
    await connection.execute("delete from knowledge.membership where source = %s", [source])
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "insert into knowledge.membership (source, group_name, member) values (%s, %s, %s)",
            [(source, group, member) for group, member in sorted(wanted)],
        )
    await connection.execute("update knowledge.state set rights_version = rights_version + 1")
    return True


def own_memberships(source: str, memberships: Mapping[Principal, Collection[Principal]]) -> set[tuple[str, str]]:
    """(group, member) pairs. Raises ValueError for a group of another source: each says only who is in its own."""
    pairs = {
        (storable_key(group), storable_key(member)) for group, members in memberships.items() for member in members
    }
    if foreign := sorted(group for group, _ in pairs if not group.startswith(f"group:{source}/")):
        raise ValueError(f"source {source!r} reports members of {foreign[0]!r}, which is not its own group")
    return pairs
