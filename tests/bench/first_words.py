"""How soon an asker sees that something happens, and the first words: `python -m tests.bench.first_words`.

Slack on loopback notes when the status line appears and when the first words do; the model is scripted and answers at
once, by quoting the first sentence that it is shown. So what is measured is ours: acceptance, queue, search, checks.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from knowledge.embedded_postgres import embedded_postgres
from tests.bench.acknowledgement import free_port, running, until_healthy
from tests.fakes.model_server import Asked, ModelServer
from tests.fakes.slack import SlackServer

QUESTIONS = (
    "how do I connect to the VPN?",
    "my laptop was stolen, what now?",
    "how do I print from my phone?",
    "how do I reset my password?",
    "how do I book a meeting room?",
)
ROUNDS = 4
WORDS = ("chat.startStream", "chat.postMessage")


def quote(asked: Asked) -> str:
    """The first whole sentence of the first passage, with its marker."""
    if not asked.passages:
        return asked.user.rpartition(": ")[2]
    _, _, text = asked.passages[0].partition("\n")
    sentence = next((part for part in text.replace("\n", " ").split(". ") if len(part.split()) > 4), text)
    return f"{sentence.strip(' .')} [1]."


async def seen_after_ms(slack: SlackServer, began: float, before: dict[str, int]) -> dict[str, float]:
    """Milliseconds until the status line and until the first words, for the question just sent."""
    seen: dict[str, float] = {}
    async with asyncio.timeout(30):
        while len(seen) < 2:
            for what, methods in (("status", ("assistant.threads.setStatus",)), ("words", WORDS)):
                if what not in seen and sum(len(slack.calls_of(method)) for method in methods) > before[what]:
                    seen[what] = (time.perf_counter() - began) * 1000
            await asyncio.sleep(0.001)
    return seen


async def measure(url: str, slack: SlackServer) -> list[dict[str, float]]:
    seen: list[dict[str, float]] = []
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        for text in QUESTIONS * (ROUNDS + 1):
            before = {
                "status": len(slack.calls_of("assistant.threads.setStatus")),
                "words": sum(len(slack.calls_of(method)) for method in WORDS),
            }
            request = slack.request(slack.ask("CSTAFF", "UADA", text))
            began = time.perf_counter()
            await client.post("/slack/events", content=request.body, headers=request.headers)
            seen.append(await seen_after_ms(slack, began, before))
            await asyncio.sleep(0.3)
    return seen[len(QUESTIONS) :]  # the first round imports, connects and plans


async def run() -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder, embedded_postgres(Path(folder) / "db") as url:
        work, port = Path(folder), free_port()
        async with SlackServer() as slack, ModelServer() as model:
            slack.add_user("UADA", email="ada@example.com", name="Ada")
            slack.add_channel("CSTAFF", members=["UADA"])
            model.reply(quote)
            settings = {
                "DATABASE_URL": url,
                "HELPDESK_PORT": str(port),
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_SIGNING_SECRET": slack.signing_secret,
                "SLACK_API_URL": slack.base_url,
                "MODEL": "openai:scripted",
                "MODEL_API_KEY": "none",
                "MODEL_BASE_URL": model.base_url,
            }
            async with running(sys.executable, "-m", "helpdesk_bot", "up", cwd=work, **settings):
                await until_healthy(f"http://127.0.0.1:{port}")
                seen = await measure(f"http://127.0.0.1:{port}", slack)
    for what in ("status", "words"):
        times = [one[what] for one in seen]
        p95 = statistics.quantiles(times, n=20)[18]
        print(f"{what}: {statistics.median(times):.0f} ms at the median, {p95:.0f} at p95, over {len(times)} questions")


def main() -> None:
    asyncio.run(run())


if __name__ == "__main__":
    main()
