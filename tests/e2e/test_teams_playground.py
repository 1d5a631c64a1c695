"""The whole bot in Microsoft's own playground for Teams, used by a person with a browser.

Text, citation, feedback with a reason, text that is seen while it grows, and a case from one conversation to another.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from aiohttp import web

from infra.chromium import find_chromium
from infra.teams.install_playground import FOLDER
from tests.fakes.loopback import Loopback

HERE = Path(__file__).parent / "teams"
PLAYGROUND = FOLDER / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
CHANNEL = "team-id"
"""What the playground calls the first channel of its team."""

ANSWER = (
    "Open OpenVPN Connect and choose Quillmoor Leeds [1]. Turn the switch on and approve the number that your phone "
    "shows [1]. The switch turns green within ten seconds [1]. Close the window when it is green [1]."
)
HANDBOOK = {
    "vpn.md": "# Connect to the VPN\n\nOpen OpenVPN Connect and choose Quillmoor Leeds. Turn the switch on and approve "
    "the number that your phone shows. The switch turns green within ten seconds. Close the window when it is green.\n",
    "printer.md": "# Printer jams\n\nWhen the printer is jammed, open the paper tray, pull the sheet out towards you "
    "and close the tray. Print again.\n",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed here"),
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js is installed here"),
    pytest.mark.skipif(
        not PLAYGROUND.exists(), reason="no playground is installed here: python infra/teams/install_playground.py"
    ),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def slow_model() -> AsyncGenerator[str]:
    """An OpenAI-compatible model that says one thing about the VPN, a word at a time."""

    async def complete(request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        question = asked["messages"][-1]["content"].rpartition("Question:")[2]
        text = ANSWER if "VPN" in question else "Open the paper tray and pull the sheet out [1]."
        if not asked.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return web.json_response({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice]})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for word in text.split(" "):
            piece = {"index": 0, "delta": {"role": "assistant", "content": f"{word} "}, "finish_reason": None}
            body = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [piece]}
            await response.write(f"data: {json.dumps(body)}\n\n".encode())
            await asyncio.sleep(0.3)
        await response.write(b"data: [DONE]\n\n")
        return response

    application = web.Application()
    application.router.add_post("/v1/chat/completions", complete)
    async with Loopback(application) as address:
        yield f"{address}/v1"


@contextmanager
def running(command: list[str], *, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | settings, cwd=log.parent)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


async def answers(url: str, *, log: Path) -> None:
    async with asyncio.timeout(90), httpx.AsyncClient() as client:
        while True:
            try:
                response = await client.get(url)
            except httpx.HTTPError:
                response = None
            if response is not None and response.status_code == 200:
                return
            await asyncio.sleep(0.3)


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    for name, text in HANDBOOK.items():
        (folder / name).write_text(text)
    return folder


def bot_settings(tmp_path: Path, handbook: Path, *, port: int, model_url: str, database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "HELPDESK_PORT": str(port),
        "HELPDESK_DATA_DIR": str(tmp_path / "data"),
        "STARTER_KNOWLEDGE": "false",
        "FOLDERS": f"handbook={handbook}",
        "FOLDER_URLS": "handbook=https://handbook.example/",
        "TEAMS_DEV_MODE": "true",
        "TEAMS_ESCALATION_CHANNEL": CHANNEL,
        "MODEL": "openai:slow",
        "MODEL_API_KEY": "none",
        "MODEL_BASE_URL": model_url,
    }


async def use_playground(address: str, pictures: Path) -> dict[str, Any]:
    chromium = find_chromium()
    assert chromium
    process = await asyncio.create_subprocess_exec(
        "node", str(HERE / "playground.mjs"), address, chromium, str(pictures),
        cwd=FOLDER, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 140)
    return {line["step"]: line["seen"] for line in map(json.loads, output.decode().splitlines())}


async def test_a_person_uses_the_bot_in_teams(tmp_path: Path, handbook: Path, database_url: str) -> None:
    port, playground_port = free_port(), free_port()
    pictures = Path(os.environ.get("TEAMS_PICTURES", tmp_path))
    bot = [sys.executable, "-m", "helpdesk_bot", "up"]
    playground = [
        "node",
        "--require",
        str(HERE / "loopback.cjs"),
        str(PLAYGROUND),
        "--disable-telemetry",
        "-c",
        "msteams",
    ]
    playground += ["-e", f"http://127.0.0.1:{port}/teams/messages", "-p", str(playground_port)]
    bot_log, playground_log = tmp_path / "bot.log", tmp_path / "playground.log"
    async with slow_model() as model_url:
        settings = bot_settings(tmp_path, handbook, port=port, model_url=model_url, database_url=database_url)
        with running(bot, log=bot_log, **settings), running(playground, log=playground_log):
            await answers(f"http://127.0.0.1:{port}/readyz", log=bot_log)
            await answers(f"http://127.0.0.1:{playground_port}/", log=playground_log)
            seen = await use_playground(f"http://127.0.0.1:{playground_port}/", pictures)
    assert "failed" not in seen, (seen["failed"], bot_log.read_text()[-3_000:])
    assert seen["text"]["label"] > 0
    assert "https://handbook.example/printer.md" in seen["text"]["links"]
    assert "paper tray" in seen["text"]["text"]
    growing = [
        text for text in seen["streamed"] if "Quillmoor Leeds" in text and "green within ten seconds" not in text
    ]
    assert growing, "nothing was seen of the answer before its end"
    assert "green within ten seconds" in seen["streamed"][-1]
    assert "Alex Wilber" in seen["claimed"]
    assert "the old one is closed today" in seen["told"]
    with psycopg.connect(database_url) as connection:
        votes = connection.execute("select value, via from helpdesk.feedback where platform = 'teams'").fetchall()
        assert votes == [(-1, "button")]
        reasons = connection.execute("select * from helpdesk.feedback_reason where platform = 'teams'").fetchall()
        assert "the tray is on the left now" in str(reasons)
