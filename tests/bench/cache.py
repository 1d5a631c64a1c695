"""What the cache of answers takes, beside composing anew: `python -m tests.bench.cache [--answers 5000]`.

A full table in Postgres, eight passages of 120 words a question. Composing is measured at its cheapest: quoting, with
the embedded embedder, and a scripted model that answers at once on loopback. What a real model takes comes on top.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.agent.wording.generate import Generative
from helpdesk_bot.cache import AnswerCache, Wanted, Written
from helpdesk_bot.database import migrate_all
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.open_model import open_chat_model
from helpdesk_bot.prompts.catalog import load_prompt
from helpdesk_bot.records.cached import CachedAnswers
from knowledge.embedded_postgres import embedded_postgres
from knowledge.embedding import likeness_to, open_embedder
from knowledge.postgres import open_pool
from tests.bench.first_words import quote
from tests.fakes.model_server import ModelServer
from tests.fakes.shelf import passage

ASKED = 200
COMPOSED = 40
FILLER = " ".join(f"Part {number} of it stands on shelf {number} of the store." for number in range(11))
PAGES = [passage(f"Step {number}: connect system {number}. {FILLER}", title=f"System {number}") for number in range(8)]


def wanted(number: int) -> Wanted:
    question = f"How do I connect system {number} to the archive?"
    return Wanted(question=question, passages=PAGES, prompt_version="v")


async def timed(asks: Sequence[Callable[[], Awaitable[object]]], *, is_found: bool | None = None) -> list[float]:
    """Milliseconds of each, one after the other. Fails where one found what it should not, or did not."""
    took_ms: list[float] = []
    for ask in asks:
        began = time.perf_counter()
        found = await ask()
        took_ms.append((time.perf_counter() - began) * 1000)
        if is_found is not None and (found is not None) is not is_found:
            raise AssertionError(f"found {found}, where it should be {is_found}")
    return took_ms


async def measure(url: str, model: ModelServer, *, answers: int) -> dict[str, list[float]]:
    written = Written(question_key="", text="Connect it. [1]", composer="g", model="m", prompt_version="v")
    embedder = open_embedder("embedded")
    chat = open_chat_model("openai:m", api_key=SecretStr("k"), base_url=model.base_url, timeout_s=30, max_tokens=100)
    generative, extractive = (
        Generative(Direct(chat), prompt=load_prompt("answer")),
        Extractive(likeness_to=partial(likeness_to, embedder)),
    )
    async with open_pool(url, max_size=4) as pool:
        cache = AnswerCache(CachedAnswers(pool), kept_for=timedelta(days=7), max_answers=answers)
        for number in range(answers):
            await cache.keep(wanted(number), written)
        asked = [wanted(number) for number in range(answers - ASKED, answers)]
        reworded = [replace(one, question=f"Please tell me: {one.question.lower().rstrip('?')}") for one in asked]
        unknown = [wanted(answers + number) for number in range(ASKED)]
        await timed([partial(cache.find, one) for one in asked[:20]])
        found = {
            "a hit in the same words": await timed([partial(cache.find, one) for one in asked], is_found=True),
            "a hit in other words": await timed([partial(cache.find, one) for one in reworded], is_found=True),
            "a miss": await timed([partial(cache.find, one) for one in unknown], is_found=False),
        }
        for name, composer in (("quoting anew", extractive), ("a model that answers at once", generative)):
            asks = [partial(composer.compose, one.question, PAGES, timeout_s=30) for one in asked[:COMPOSED]]
            await timed(asks[:2])
            found[name] = await timed(asks)
    await embedder.aclose()
    return found


async def run(answers: int) -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder, embedded_postgres(Path(folder) / "db") as url:
        await migrate_all(url)
        async with ModelServer() as model:
            model.reply(quote)
            found = await measure(url, model, answers=answers)
    base = statistics.median(found["a hit in the same words"])
    for name, took_ms in found.items():
        median, p95 = statistics.median(took_ms), statistics.quantiles(took_ms, n=20)[18]
        print(f"{name}: {median:.1f} ms at the median, {p95:.1f} at p95 ({median / base:.1f}x a hit)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=5_000, help="that are in the cache")
    asyncio.run(run(parser.parse_args().answers))


if __name__ == "__main__":
    main()
