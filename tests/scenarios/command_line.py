"""The command line in a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.scenarios.conftest import KNOWLEDGE


def environment(database_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "STARTER_KNOWLEDGE": "false",
        "FOLDERS": f"handbook={KNOWLEDGE}",
        "HELPDESK_PORT": "0",
        "HELP_CONTACT": "the front desk",
    }


async def start(*words: str, cwd: Path, **settings: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "helpdesk_bot", *words, stdout=PIPE, stderr=PIPE, cwd=cwd, env=os.environ | settings
    )


async def run(*words: str, cwd: Path, **settings: str) -> tuple[int, str, str]:
    process = await start(*words, cwd=cwd, **settings)
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()
