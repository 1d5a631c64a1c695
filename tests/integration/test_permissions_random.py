"""Random trees, restrictions, groups and edits: what each person finds is what the place itself would let them open.

The long version with 100,000 checks is `python -m tests.bench.permissions`.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from connectors.text.reader import TextReader
from knowledge.postgres import open_pool
from knowledge.store import Store
from tests.databases import copied_database
from tests.fakes.crowded import SITES
from tests.fakes.permission_proof import PermissionProof

ROUNDS = 2
"""Before and after a restart."""


@pytest.fixture
def second_database_url(server_url, template_database, database_url) -> Iterator[str]:
    name = f"{psycopg.conninfo.conninfo_to_dict(database_url)['dbname']}_second"
    with copied_database(server_url, name, template=template_database) as url:
        yield url


@pytest.mark.slow
@pytest.mark.parametrize("place", SITES)
async def test_everybody_finds_what_they_may_open_however_the_place_changes(place, pool, second_database_url, tmp_path):
    @asynccontextmanager
    async def fresh_store() -> AsyncIterator[Store]:
        async with open_pool(second_database_url, max_size=2) as fresh_pool:
            yield Store(fresh_pool)

    async with TextReader() as reader, SITES[place](tmp_path, reader) as site:
        proof = PermissionProof(site, Store(pool), seed=f"{place} 1", documents=25, searches_a_round=8)
        await proof.begin()
        await proof.go_on(rounds=ROUNDS)
        await proof.go_on(rounds=ROUNDS)
        await proof.compare_with_full(fresh_store)

    tally = proof.tally
    assert not tally.wrong, "\n".join([tally.told(), *tally.wrong[:10]])
    assert tally.checks > 1_500
    assert tally.refreshes > 0
