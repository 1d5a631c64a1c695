"""Calls of an MCP server's tool one after the other: `python -m tests.bench.mcp_calls [--rounds 3]`.

The server of the tests, over HTTP on loopback and as a command; each call lists what is offered and checks it first.
Beside a kept session one that is opened and closed around each call. They take turns: a busy machine is busy for both.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from contextlib import aclosing
from pathlib import Path

from helpdesk_bot.tools.mcp_connection import McpServerPlan
from helpdesk_bot.tools.mcp_listing import McpToolPlan
from helpdesk_bot.tools.mcp_server import McpServer
from helpdesk_bot.tools.mcp_tool import McpTool
from tests.bench.acknowledgement import free_port

DESK = Path(__file__).parents[1] / "fakes" / "mcp_desk.py"
PATIENCE_S = 120.0
KEPT_CALLS = 50


async def call(server: McpServer, pin: str, *, times: int) -> float:
    """Seconds of each, on average."""
    plan = McpToolPlan(name="desk_lookup", remote="lookup", title="Look up a ticket", changes=False, pin=pin)
    tool = McpTool(plan, server)
    began = time.perf_counter()
    for number in range(times):
        result = await tool.call({"key": f"A-{number}"}, timeout_s=PATIENCE_S)
        assert f"A-{number} is open" in result.text
    return (time.perf_counter() - began) / times


async def call_in_new_sessions(plan: McpServerPlan, pin: str, *, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        async with aclosing(McpServer(plan)) as server:
            await call(server, pin, times=1)
    return (time.perf_counter() - began) / times


async def measure(plan: McpServerPlan, *, new_calls: int, rounds: int) -> tuple[float, float]:
    """Seconds of a call in a new session and in a kept one: the median of the rounds."""
    new: list[float] = []
    kept: list[float] = []
    async with aclosing(McpServer(plan)) as server:
        await server.look()
        assert not server.trouble, server.trouble
        pin = server.listed["lookup"].pin
        for _ in range(rounds):
            new.append(await call_in_new_sessions(plan, pin, times=new_calls))
            kept.append(await call(server, pin, times=KEPT_CALLS))
    return statistics.median(new), statistics.median(kept)


def report(transport: str, new_s: float, kept_s: float) -> None:
    faster = new_s / kept_s
    print(
        f"{transport}: {1 / new_s:.2f} calls a second in new sessions, {1 / kept_s:.1f} in a kept one ({faster:.0f}x)"
    )


async def until_listening(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return writer.close()


async def run(rounds: int) -> None:
    port = free_port()
    desk = await asyncio.create_subprocess_exec(sys.executable, str(DESK), "http", str(port), env=dict(os.environ))
    try:
        await until_listening(port)
        plan = McpServerPlan(name="desk", url=f"http://127.0.0.1:{port}/mcp", is_private=True, timeout_s=PATIENCE_S)
        report("HTTP", *await measure(plan, new_calls=10, rounds=rounds))
    finally:
        desk.terminate()
        await desk.wait()
    plan = McpServerPlan(name="desk", command=(sys.executable, str(DESK), "stdio"), timeout_s=PATIENCE_S)
    report("a command", *await measure(plan, new_calls=2, rounds=rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
