"""Signs of life of a running bot, taken every few seconds, and what must hold when it has come to rest."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.rows import dict_row

from tests.killing import postmaster

DEAD_TUPLES = """
select relid::regclass::text as name, n_dead_tup as dead, n_live_tup as live, pg_total_relation_size(relid) as bytes
from pg_stat_user_tables
where schemaname in ('helpdesk', 'knowledge', 'public')
"""
DATABASE = """
select
  (select count(*) from pg_stat_activity
   where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()) as connections,
  (select count(*) from procrastinate_jobs where status = 'todo') as todo,
  (select count(*) from procrastinate_jobs where status = 'doing') as doing,
  (select count(*) from helpdesk.question where ended_at is null) as open,
  (select count(*) from helpdesk.question where ended_at is not null) as ended
"""
FAULTS: Mapping[str, str] = {
    "questions without an outcome": "select key from helpdesk.question where ended_at is null or outcome is null",
    "questions that failed": "select key from helpdesk.question where outcome = 'failed'",
    "messages that were not sent": "select marker from helpdesk.outgoing where state not in ('sent', 'withdrawn')",
    "jobs that are left": "select id from procrastinate_jobs",
    "ended, not deleted, and no reply": """
        select key from helpdesk.question
        where deleted_at is null and not exists
          (select from helpdesk.outgoing where question_key = key and kind = 'reply' and state = 'sent')
        """,
    "calls of models that are charged otherwise than the ledger says": """
        select 1 from (select coalesce(sum(input_tokens + output_tokens), 0) as used from helpdesk.model_call) as calls,
          (select coalesce(sum(tokens), 0) as used from helpdesk.budget
           where kind = 'installation' and period = 'day') as ledger
        where calls.used <> ledger.used
        """,
}
"""Queries that find what must not be."""


@dataclass(frozen=True, kw_only=True)
class Process:
    rss_mib: float
    fds: int
    threads: int
    cpu_s: float


@dataclass(frozen=True, kw_only=True)
class Sample:
    at: float
    processes: Mapping[str, Process]
    """By name and process id: one that was started again is another."""
    connections: int
    todo: int
    doing: int
    open: int
    ended: int
    dead: Mapping[str, int]
    """Dead rows by table."""
    bytes: Mapping[str, int]
    """Sizes of tables with their indices."""


def look_at(process: psutil.Process) -> Process:
    times = process.cpu_times()
    return Process(
        rss_mib=process.memory_info().rss / 2**20,
        fds=process.num_fds(),
        threads=process.num_threads(),
        cpu_s=times.user + times.system,
    )


def cpu_of_postgres(folder: Path) -> float:
    """Seconds so far of the server, those who serve connections now, and those who did."""
    server = postmaster(folder)
    own = server.cpu_times()
    backends = [one.cpu_times() for one in server.children()]
    return own.children_user + own.children_system + sum(one.user + one.system for one in (own, *backends))


async def take_sample(url: str, pids: Mapping[str, int]) -> Sample | None:
    """None while the database is away."""
    processes: dict[str, Process] = {}
    for name, pid in pids.items():
        try:
            processes[f"{name}:{pid}"] = look_at(psutil.Process(pid))
        except psutil.Error:
            continue
    try:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, row_factory=dict_row, connect_timeout=5
        ) as connection:
            counts = await (await connection.execute(DATABASE)).fetchone()
            tables = await (await connection.execute(DEAD_TUPLES)).fetchall()
    except psycopg.Error:
        return None
    assert counts is not None
    return Sample(
        at=time.monotonic(),
        processes=processes,
        dead={row["name"]: row["dead"] for row in tables},
        bytes={row["name"]: row["bytes"] for row in tables},
        **counts,
    )


def mib_a_thousand(samples: list[Sample], process: str) -> float:
    """By how much a process grows with a thousand questions that ended, by the least squares."""
    points = [(one.ended / 1000, one.processes[process].rss_mib) for one in samples if process in one.processes]
    return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 2 else 0.0


async def find_faults(url: str) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for name, query in FAULTS.items():
            found = await (await connection.execute(query.encode())).fetchall()
            if found:
                faults[name] = [str(row[0]) for row in found]
    return faults
