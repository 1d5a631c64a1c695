"""A sync that is killed goes on where it was."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from knowledge.receipts import RunState
from knowledge.store import Store
from knowledge.sync import EMBED_TEXTS, sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.sync_child import place_of

DOCUMENTS = 160


def logged(log):
    """Whole lines only: the last one may have been cut by the kill."""
    return log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []


async def run_until_logged(url, log, texts):
    """Start a sync and kill it as soon as so many more texts were embedded; False when it ended before."""
    target = len(logged(log)) + texts
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.sync_child",
        url,
        str(log),
        str(DOCUMENTS),
        cwd=Path(__file__).parents[2],
    )
    while child.returncode is None:
        if len(logged(log)) >= target:
            child.send_signal(signal.SIGKILL)
            await child.wait()
        await asyncio.sleep(0.002)
    return child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("texts", [1, 130, 250])
async def test_a_killed_run_costs_one_batch_of_embeddings_at_most(pool, database_url, tmp_path, texts):
    log = tmp_path / "embedded.txt"
    assert await run_until_logged(database_url, log, texts)
    store, embedder, place = Store(pool), HashedEmbedder(), place_of(DOCUMENTS)

    receipt = await sync(place, store=store, embedder=embedder)

    twice = {repr(text) for text in embedder.embedded} & set(logged(log))
    assert (receipt.state, receipt.found, receipt.balances) == (RunState.COMPLETE, DOCUMENTS, True)
    assert len(twice) <= EMBED_TEXTS
    assert len({repr(text) for text in embedder.embedded} | set(logged(log))) == (await store.get_status()).chunks
    await assert_ledger_is_exact(store)


@pytest.mark.slow
async def test_a_run_killed_again_and_again_comes_to_its_end(pool, database_url, tmp_path):
    log = tmp_path / "embedded.txt"
    kills = 0
    while await run_until_logged(database_url, log, 90):
        kills += 1

    receipt = await sync(place_of(DOCUMENTS), store=Store(pool), embedder=HashedEmbedder())

    assert kills >= 3
    assert (receipt.unchanged, receipt.chunks_embedded) == (DOCUMENTS, 0)
    assert len(logged(log)) <= len(set(logged(log))) + kills * EMBED_TEXTS
