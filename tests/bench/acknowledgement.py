"""How long Slack waits for its 200, beside a bare bolt app: `python -m tests.bench.acknowledgement [--seconds 20]`.

Ours stores each question and its job in Postgres before it says 200, while a worker answers with a model that hangs and
a sync of several thousand documents runs. The peer is bolt with a listener that does nothing, served by the same
uvicorn on the same machine. Both get the same signed payloads at a steady rate, one after the other. What can be
compared are the ratios; the times are of this machine.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from knowledge.embedded_postgres import embedded_postgres
from tests.bench.writing import markdown
from tests.fakes.model_server import Failure, ModelServer
from tests.fakes.slack import SlackServer

RATE = 50
"""Events a second: six times what Slack delivers to one workspace at most (30,000 an hour)."""

DOCUMENTS = 4_000
READY_S = 120

ECHO = """
import os, sys
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.routing import Route

async def authorize():
    return AuthorizeResult(enterprise_id=None, team_id="T", bot_id="B", bot_user_id="U", bot_token="xoxb-none")

app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)

@app.event("app_mention")
async def mention(ack):
    await ack()

@app.event("message")
async def message(ack):
    await ack()

async def healthz(request):
    from starlette.responses import Response
    return Response("ok")

handler = AsyncSlackRequestHandler(app)
routes = [Route("/slack/events", handler.handle, methods=["POST"]), Route("/healthz", healthz)]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one server made of it."""

    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Of the process that says 200, for one event."""
    refused: int


async def press(url: str, pid: int, slack: SlackServer, *, seconds: int) -> Load:
    """Send signed questions at `RATE`, whatever the answers take."""
    process = psutil.Process(pid)
    took_ms: list[float] = []
    refused = 0

    async def send(client: httpx.AsyncClient, number: int) -> None:
        nonlocal refused
        request = slack.request(slack.ask("CSTAFF", "UADA", f"how long does a VPN session number {number} last?"))
        began = time.perf_counter()
        response = await client.post("/slack/events", content=request.body, headers=request.headers)
        took_ms.append((time.perf_counter() - began) * 1000)
        refused += response.status_code != 200

    async with httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=50)) as client:
        for number in range(RATE):  # warm: imports, connections, plans
            await send(client, number)
        took_ms.clear()
        before = process.cpu_times()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(RATE * seconds):
                await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
                group.create_task(send(client, number))
        after = process.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    return Load(
        p50_ms=statistics.median(took_ms),
        p99_ms=statistics.quantiles(took_ms, n=100)[98],
        cpu_ms=cpu_s * 1000 / (RATE * seconds),
        refused=refused,
    )


@asynccontextmanager
async def running(*command: str, cwd: Path, **settings: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    with (cwd / f"{command[-1]}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=cwd, env=os.environ | settings, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def until_healthy(url: str, *, path: str = "/healthz") -> None:
    async with asyncio.timeout(READY_S), httpx.AsyncClient(base_url=url) as client:
        while True:
            try:
                if (await client.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def measure_echo(slack: SlackServer, work: Path, *, seconds: int) -> Load:
    script, port = work / "echo.py", free_port()
    script.write_text(ECHO, encoding="utf-8")
    command = (sys.executable, str(script), str(port))
    async with running(*command, cwd=work, SLACK_SIGNING_SECRET=slack.signing_secret) as process:
        await until_healthy(f"http://127.0.0.1:{port}")
        return await press(f"http://127.0.0.1:{port}", process.pid, slack, seconds=seconds)


async def measure_ours(slack: SlackServer, work: Path, database_url: str, *, seconds: int) -> Load:
    pages = work / "pages"
    pages.mkdir()
    for number in range(DOCUMENTS):
        (pages / f"page-{number}.md").write_text(markdown(f"page-{number}"), encoding="utf-8")
    port = free_port()
    async with ModelServer() as model:
        model.fail(Failure.HANG)
        settings = {
            "DATABASE_URL": database_url,
            "STARTER_KNOWLEDGE": "true",
            "FOLDERS": f"pages={pages}",
            "HELPDESK_PORT": str(port),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.base_url,
            "MODEL": "openai:hanging",
            "MODEL_API_KEY": "none",
            "MODEL_BASE_URL": model.base_url,
        }
        bot = (sys.executable, "-m", "helpdesk_bot")
        async with running(*bot, "sync", "starter", cwd=work, **settings) as syncing:
            assert await syncing.wait() == 0, (work / "starter.log").read_text()
        async with (
            running(*bot, "web", cwd=work, **settings) as web,
            running(*bot, "worker", cwd=work, **settings),
            running(*bot, "sync", "pages", cwd=work, **settings) as syncing,
        ):
            await until_healthy(f"http://127.0.0.1:{port}")
            load = await press(f"http://127.0.0.1:{port}", web.pid, slack, seconds=seconds)
            assert syncing.returncode is None, "the sync ended before the load did"
            return load


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def compare(seconds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder, embedded_postgres(Path(folder) / "db") as url:
        work = Path(folder)
        async with SlackServer() as slack:
            slack.add_user("UADA", email="ada@example.com", name="Ada")
            slack.add_channel("CSTAFF", members=["UADA"])
            echo = await measure_echo(slack, work, seconds=seconds)
            ours = await measure_ours(slack, work, url, seconds=seconds)
    print(json.dumps({"rate_per_s": RATE, "seconds": seconds, "echo": vars_of(echo), "ours": vars_of(ours)}))
    print(f"ours beside a bare bolt echo at {RATE}/s, refused {ours.refused} and {echo.refused}:")
    for name in ("p50_ms", "p99_ms", "cpu_ms"):
        mine, theirs = vars(ours)[name], vars(echo)[name]
        print(f"  {name}: {mine:.2f} beside {theirs:.2f}, {mine / theirs:.1f}x")


def vars_of(load: Load) -> dict[str, float]:
    return {name: round(value, 2) for name, value in vars(load).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=20)
    asyncio.run(compare(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
