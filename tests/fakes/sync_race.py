"""Many processes that sync one source at once: `python -m tests.fakes.sync_race URL PROCESSES`.

Prints how many ran and how many were refused. The one that runs goes on only when all others have been refused, so that
none comes too late for the race.
"""

import asyncio
import os
import sys
import traceback

from psycopg_pool import AsyncConnectionPool

from knowledge.errors import SyncInProgress
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.place import Place

RAN, REFUSED, BROKEN = 0, 1, 2


class Patient(Place):
    """Answers once the gate is open."""

    gate = -1

    async def memberships(self):
        await asyncio.to_thread(os.read, self.gate, 1)
        return await super().memberships()


async def race(url: str, gate: int) -> int:
    place = Patient()
    place.gate = gate
    place.put("doc", "About zebras.")
    async with AsyncConnectionPool(url, min_size=0, max_size=1, open=False) as pool:
        try:
            await sync(place, store=Store(pool), embedder=HashedEmbedder())
        except SyncInProgress:
            return REFUSED
    return RAN


def child(url: str, gate: int) -> None:
    code = BROKEN
    try:
        code = asyncio.run(race(url, gate))
    except Exception:  # noqa: BLE001 - the outermost handler of a process
        traceback.print_exc()
    finally:
        os._exit(code)


def main(url: str, processes: int) -> None:
    gate, opener = os.pipe()
    pids = set()
    for _ in range(processes):
        if (pid := os.fork()) == 0:
            child(url, gate)
        pids.add(pid)
    codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(processes - 1)]
    os.write(opener, b"!")
    codes.append(os.waitstatus_to_exitcode(os.wait()[1]))
    print("ran", codes.count(RAN), "refused", codes.count(REFUSED))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
