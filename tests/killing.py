"""What dies at once (SIGKILL): a worker at a given step of an answer or of a change, and a database server."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings


def as_environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "STARTER_KNOWLEDGE": "false",
        "FOLDERS": ",".join(f"{name}={path}" for name, path in settings.folders.items()),
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "SLACK_ESCALATION_CHANNEL": settings.slack_escalation_channel,
    } | ({"TOOLS_FILE": str(settings.tools_file)} if settings.tools_file else {})


async def kill_at(settings: Settings, key: str, reached: Milestone | Step) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.scenarios.mortal_worker",
        key,
        reached,
        env=os.environ | as_environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(120):
        assert await process.wait() == -signal.SIGKILL, "it was to die"


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def kill_postgres(folder: Path) -> None:
    """All of it at once, as a power cut does; the children end by themselves when the postmaster is gone."""
    processes = [server := postmaster(folder), *server.children()]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
