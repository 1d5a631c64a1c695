"""Who finds what, against who may open what, in places that change at random: leaks and missing, counted.

    python -m tests.bench.permissions [--checks 100000] [--seed 1] [--places folder my_drive]

The places are the strict fakes of the test suite, and a real folder. A world is one of them with a database of its own:
every round changes it and syncs what changed; everybody is then compared with every document. Now and then there is a
full sync into an empty database, which must store the same. Leaves with an error where anything was wrong.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.text.reader import TextReader
from helpdesk_bot.database import migrate_all
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import open_pool
from knowledge.store import Store
from tests.databases import create_database
from tests.fakes.crowded import SITES
from tests.fakes.permission_proof import PermissionProof, Tally

CHECKS = 100_000
DOCUMENTS = 30
RESTARTS = 3
"""Of the process that syncs; before each, a full sync is compared."""
ROUNDS = 5
"""Between two restarts."""
SEARCHES_A_ROUND = 15
TOLD = 20
"""Of what was wrong."""

_numbers = itertools.count(1)


async def prove(place: str, *, checks: int, seed: int, server_url: str, reader: TextReader) -> Tally:
    """World after world of one place until there were as many checks."""
    tally = Tally()
    for world in itertools.count(1):
        tally.add(await prove_world(place, seed=f"{place} {seed}.{world}", server_url=server_url, reader=reader))
        if tally.checks >= checks:
            break
    return tally


async def prove_world(place: str, *, seed: str, server_url: str, reader: TextReader) -> Tally:
    @asynccontextmanager
    async def fresh_store() -> AsyncIterator[Store]:
        url = create_database(server_url, f"proof_{next(_numbers)}")
        await migrate_all(url)
        async with open_pool(url, max_size=4) as pool:
            yield Store(pool)

    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder:
        async with SITES[place](Path(folder), reader) as site, fresh_store() as store:
            proof = PermissionProof(site, store, seed=seed, documents=DOCUMENTS, searches_a_round=SEARCHES_A_ROUND)
            await proof.begin()
            for _ in range(RESTARTS):
                await proof.go_on(rounds=ROUNDS)
                await proof.compare_with_full(fresh_store)
    return proof.tally


async def prove_all(places: Sequence[str], *, checks: int, seed: int) -> Tally:
    total = Tally()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as work, embedded_postgres(Path(work) / "db") as url:
        async with TextReader() as reader:
            for place in places:
                began_place = time.monotonic()
                tally = await prove(place, checks=checks // len(places), seed=seed, server_url=url, reader=reader)
                print(f"{place:23} {tally.told()}, {time.monotonic() - began_place:.0f} s", flush=True)
                total.add(tally)
    print(f"{'all':23} {total.told()}, {time.monotonic() - began:.0f} s")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checks", type=int, default=CHECKS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--places", nargs="+", choices=list(SITES), default=list(SITES))
    arguments = parser.parse_args()
    total = asyncio.run(prove_all(arguments.places, checks=arguments.checks, seed=arguments.seed))
    if total.wrong:
        raise SystemExit("\n".join(total.wrong[:TOLD]))


if __name__ == "__main__":
    main()
