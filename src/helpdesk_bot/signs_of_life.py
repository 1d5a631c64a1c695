"""Signs of life of workers: advisory locks, which Postgres takes away at once when the process that holds them dies.

They end with their connection too, so a sign that is gone says nothing of a worker whose heart beats. Nor does it say
anything to whoever did not see it over the connection it looks through: after a restart of Postgres all are gone, and a
worker of an older version never gave one.
"""

from collections.abc import Collection

from psycopg import AsyncConnection

LIVES = 473_520_191  # any constant of our own: advisory locks are numbers, and the second one is the worker's id

SIGNS = """
select worker.id, lock.pid is not null, worker.last_heartbeat < now() - make_interval(secs => %s)
from procrastinate_workers as worker
left join pg_locks as lock on lock.locktype = 'advisory'
  and lock.database = (select oid from pg_database where datname = current_database())
  and lock.classid::bigint = %s and lock.objid::bigint = worker.id and lock.objsubid = 2
"""


class SignsOfLife:
    """Over one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._held: set[int] = set()
        self._seen: set[int] = set()

    async def give(self, worker_ids: Collection[int]) -> None:
        """Show that these live, for as long as the connection does."""
        for worker_id in set(worker_ids) - self._held:
            cursor = await self._connection.execute("select pg_try_advisory_lock(%s, %s::integer)", [LIVES, worker_id])
            if await cursor.fetchone() == (True,):
                self._held.add(worker_id)

    async def list_dead(self, *, silent_s: float) -> set[int]:
        """Workers that were seen to live, and neither hold their lock nor have given a heartbeat for so long."""
        cursor = await self._connection.execute(SIGNS, [silent_s, LIVES])
        signs: dict[int, tuple[bool, bool]] = {one: (lives, silent) for one, lives, silent in await cursor.fetchall()}
        dead = {one for one, (lives, is_silent) in signs.items() if one in self._seen and is_silent and not lives}
        self._seen = {one for one, (lives, _) in signs.items() if lives or one in self._seen}
        return dead
