"""Real pages through a folder of files: `python -m tests.bench.ingest DIR [--questions FILE]`.

DIR holds corpus.jsonl with lines of {"id", "text"}. Each text becomes a file of that path in a folder source; the
folder is synced twice into a fresh embedded database, and the questions are asked. Prints time, chunks, what the second
run embedded, and which page each answer cites.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import yaml

from helpdesk_bot.app.agent import open_agent
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings
from knowledge.access import Reader
from tests.fakes.asking import asked_of

QUESTIONS = Path(__file__).with_name("handbook_questions.yaml")


def write_files(corpus: Path, folder: Path) -> None:
    for line in corpus.read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        path = folder / page["id"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page["text"], encoding="utf-8")


async def ask_all(settings: Settings, knowledge: Knowledge, questions: list[dict[str, str]]) -> int:
    """How many answers cite the page that they should."""
    audience = await knowledge.access.audience_of([Reader(email=None, is_staff=True)])
    right = 0
    async with open_agent(settings, knowledge, in_memory=True) as agent:
        for asked in questions:
            key = asked["question"]
            decision = await agent.decide(
                asked_of(key, question_key=key, conversation_id=key, audience=audience, deadline_s=60)
            )
            cited = [citation.passage.key for citation in decision.citations]
            right += asked["page"] in cited
            print(f"{decision.outcome}  {key}  -> {', '.join(cited) or '-'}")
    return right


async def measure(folder: Path, questions: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as work:
        pages = Path(work) / "pages"
        write_files(folder / "corpus.jsonl", pages)
        settings = Settings(
            _env_file=None, helpdesk_data_dir=Path(work) / "data", starter_knowledge=False, folders={"pages": pages}
        )
        async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
            for run in ("first", "second"):
                began = time.monotonic()
                receipt = await knowledge.sync("pages")
                print(
                    f"{run} run: {time.monotonic() - began:.1f} s, found {receipt.found} = {receipt.added} added + "
                    f"{receipt.changed} changed + {receipt.unchanged} unchanged + {dict(receipt.skipped)} skipped, "
                    f"{receipt.chunks_embedded} chunks embedded, {receipt.chunks_reused} reused"
                )
            print(f"chunks: {(await knowledge.store.get_status()).chunks}")
            print(f"cite the right page: {await ask_all(settings, knowledge, questions)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    arguments = parser.parse_args()
    questions = yaml.safe_load(arguments.questions.read_text(encoding="utf-8"))
    asyncio.run(measure(arguments.folder, questions))


if __name__ == "__main__":
    main()
