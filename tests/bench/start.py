"""How soon the bot is ready, and what it takes while nobody asks: `python -m tests.bench.start`.

`helpdesk-bot up` with its embedded Postgres, on knowledge that was indexed before, until `/readyz` says so; then its
own memory and its Postgres's after ten quiet seconds. Beside it the peer at its least: LangChain's PGVectorStore
imported, in a process that does nothing else, with no server, no chat, no embedder and no database.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.bench.acknowledgement import free_port, running, until_healthy

QUIET_S = 10
PEER = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
PEER_PROGRAM = """
import time
import langchain_community.vectorstores, langchain_postgres
from langchain_core.vectorstores import VectorStore
print("ready", flush=True)
time.sleep(3600)
"""


def memory_mib(process: psutil.Process) -> float:
    """Of it and its children, shared pages counted once (PSS)."""
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_full_info().pss for one in family) / 2**20


def postgres_of(folder: Path) -> psutil.Process:
    """It is no child of ours: it is meant to outlive a killed process."""
    pid = next(folder.rglob("postmaster.pid")).read_text("utf-8").split("\n")[0]
    return psutil.Process(int(pid))


async def index(folder: Path) -> None:
    settings = {"HELPDESK_DATA_DIR": str(folder / "data")}
    async with running(sys.executable, "-m", "helpdesk_bot", "sync", cwd=folder, **settings) as syncing:
        assert await syncing.wait() == 0, (folder / "sync.log").read_text("utf-8")


async def start_once(folder: Path) -> tuple[float, float, float]:
    """Seconds until it is ready, and the memory of it and of its Postgres."""
    port = free_port()
    settings = {"HELPDESK_PORT": str(port), "HELPDESK_DATA_DIR": str(folder / "data")}
    began = time.perf_counter()
    async with running(sys.executable, "-m", "helpdesk_bot", "up", cwd=folder, **settings) as bot:
        await until_healthy(f"http://127.0.0.1:{port}", path="/readyz")
        took_s = time.perf_counter() - began
        await asyncio.sleep(QUIET_S)
        return took_s, memory_mib(psutil.Process(bot.pid)), memory_mib(postgres_of(folder))


def start_peer() -> tuple[float, float]:
    began = time.perf_counter()
    with subprocess.Popen([str(PEER), "-c", PEER_PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        took_s = time.perf_counter() - began
        used = memory_mib(psutil.Process(process.pid))
        process.kill()
    return took_s, used


async def run() -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder:
        await index(Path(folder))
        await start_once(Path(folder))  # reads every file once
        took_s, ours_mib, postgres_mib = await start_once(Path(folder))
    peer_s, peer_mib = min(start_peer() for _ in range(2))
    print(f"ready after {took_s:.1f} s; the peer has imported after {peer_s:.1f} ({took_s / peer_s:.1f}x)")
    print(f"idle {ours_mib:.0f} MiB; the peer {peer_mib:.0f} ({ours_mib / peer_mib:.1f}x)")
    print(f"its Postgres {postgres_mib:.0f} MiB")


def main() -> None:
    asyncio.run(run())


if __name__ == "__main__":
    main()
