"""The embedded database opens again after anything, and leaves nothing running."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import structlog

from knowledge.embedded_postgres import embedded_postgres, memory_mib
from knowledge.errors import DatabaseUnavailable
from tests.killing import kill_postgres, postmaster

pytestmark = pytest.mark.slow


OWNER = """
import sys, time
from contextlib import suppress
from pathlib import Path
from knowledge.embedded_postgres import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own folder, which the server's system user may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-bot-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def remember(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists kept (x integer)")
        connection.execute("insert into kept values (1)")


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
    assert row
    return row[0]


def test_what_was_written_is_there_at_the_next_start_and_nothing_runs_in_between(folder: Path) -> None:
    with embedded_postgres(folder) as url:
        remember(url)
        server = postmaster(folder)
    assert not runs(server)
    with embedded_postgres(folder) as url:
        assert count(url) == 1


def test_a_server_that_was_killed_opens_again(folder: Path) -> None:
    with embedded_postgres(folder) as url:
        remember(url)
        kill_postgres(folder)
    with embedded_postgres(folder) as url:
        assert count(url) == 1


def test_an_owner_that_was_killed_does_not_keep_the_server_running_for_ever(folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, folder], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    remember(owner.stdout.readline().strip())
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    with embedded_postgres(folder) as url:
        assert count(url) == 1
        server = postmaster(folder)
    deadline = time.monotonic() + 20
    while runs(server) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs(server)


def test_two_owners_share_one_server_and_the_last_one_stops_it(folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, folder], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    url = owner.stdout.readline().strip()
    with embedded_postgres(folder) as same:
        assert same == url
    remember(url)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    with embedded_postgres(folder):
        pass


def test_another_process_with_the_servers_old_number_is_not_taken_for_it(folder: Path) -> None:
    with embedded_postgres(folder) as url:
        remember(url)
        lines = (folder / "postgres" / "postmaster.pid").read_text()
    (folder / "postgres" / "postmaster.pid").write_text(lines.replace(lines.split()[0], str(os.getpid()), 1))
    (folder / "postgres" / ".handle_pids.json").write_text(json.dumps([1_999_999_999]))
    with embedded_postgres(folder) as url:
        assert count(url) == 1


def test_a_folder_that_can_not_be_written_to_is_named(folder: Path) -> None:
    taken = folder / "taken"
    taken.write_text("a file")
    with pytest.raises(DatabaseUnavailable, match="taken can't be written to"), embedded_postgres(taken):
        pass


def shared_buffers(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("show shared_buffers").fetchone()
    assert row
    return row[0]


def test_from_its_second_start_it_uses_an_eighth_of_the_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.embedded_postgres.memory_mib", lambda: 4_096)
    with embedded_postgres(folder) as url:
        assert shared_buffers(url) == "128MB"
    with embedded_postgres(folder) as url:
        assert shared_buffers(url) == "512MB"


@pytest.mark.parametrize(("limit", "mib"), [("536870912\n", 512), ("max\n", None), (None, None)])
def test_a_containers_limit_is_its_memory(
    limit: str | None, mib: int | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if limit is not None:
        (folder / "memory.max").write_text(limit)
    monkeypatch.setattr("knowledge.embedded_postgres.CONTAINER_LIMIT", folder / "memory.max")
    assert memory_mib() == (mib or psutil.virtual_memory().total // 2**20)


@pytest.mark.parametrize("name", ["My Documents", "50%41 & more #1", "Büro 日本", "it's; here", "a,b"])
def test_any_path_will_do(name: str, folder: Path) -> None:
    for _ in range(2):
        with embedded_postgres(folder / name) as url:
            remember(url)
    with embedded_postgres(folder / name) as url:
        assert count(url) == 2


def test_the_socket_of_a_long_path_is_open_to_nobody_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with embedded_postgres(folder / "/".join(20 * ["data"])) as url:
        socket = Path(psycopg.conninfo.conninfo_to_dict(url)["host"]) / ".s.PGSQL.5432"  # type: ignore[arg-type]
        assert socket.parent.parent == folder
        assert (socket.stat().st_mode & 0o077, socket.parent.stat().st_mode & 0o077) == (0, 0)


def test_a_folder_that_somebody_else_put_in_the_sockets_place_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.0)
    data = folder / "a,b"
    with embedded_postgres(data):
        [place] = folder.glob("helpdesk-bot-*")
    place.rmdir()
    place.symlink_to(folder)
    with pytest.raises(DatabaseUnavailable, match="is not its own"), embedded_postgres(data):
        pass


def test_a_first_start_that_was_killed_is_begun_again(folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, folder], stdout=subprocess.DEVNULL)
    while not list(folder.glob("*/base")) and not list(folder.glob(".*/base")):
        assert owner.poll() is None
        time.sleep(0.01)
    for process in (*psutil.Process(owner.pid).children(recursive=True), owner):
        process.kill()
    owner.wait()
    with embedded_postgres(folder) as url:
        remember(url)
        assert count(url) == 1
    assert not list(folder.glob(".postgres-new-*"))


def test_why_it_does_not_start_is_said_soon(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.5)
    with embedded_postgres(folder):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match="initialized by PostgreSQL version 16"), embedded_postgres(folder):
        pass
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("name", ['a"b', "$HOME", "a\\b", "a`b", "a\nb"])
def test_a_path_that_its_starter_would_read_otherwise_is_refused(name: str, folder: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="in its path"), embedded_postgres(folder / name):
        pass
    assert list(folder.iterdir()) == []


def test_a_server_that_is_killed_while_it_is_used_is_started_again(folder: Path) -> None:
    with embedded_postgres(folder, look_every_s=0.1) as url:
        remember(url)
        for rows in (1, 2):
            kill_postgres(folder)
            deadline = time.monotonic() + 60
            while True:
                try:
                    assert count(url) == rows
                    break
                except psycopg.OperationalError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            remember(url)
        server = postmaster(folder)
    assert not runs(server)


def test_why_it_can_not_be_started_again_is_said_until_it_can(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the log said every 12 s that it was started again, and never what was wrong."""
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.5)
    with structlog.testing.capture_logs() as logs, embedded_postgres(folder, look_every_s=0.1) as url:
        remember(url)
        version = folder / "postgres" / "PG_VERSION"
        right = version.read_text()
        version.write_text("16\n")
        kill_postgres(folder)
        while "initialized by PostgreSQL version 16" not in str(logs):
            time.sleep(0.1)
        version.write_text(right)
        for _ in range(600):
            with suppress(psycopg.OperationalError):
                assert count(url) == 1
                return
            time.sleep(0.1)
    pytest.fail("it stayed away")


def test_a_full_disk_is_said_where_the_server_has_no_room_to_say_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log stayed empty, and the command was shown that had failed."""
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.5)
    with embedded_postgres(folder):
        pass
    (folder / "postgres" / "log").unlink()
    (folder / "postgres" / "log").mkdir()
    with pytest.raises(DatabaseUnavailable, match="does not start: pg_ctl ended with 1; its log is"):
        embedded_postgres(folder).__enter__()
    monkeypatch.setattr("knowledge.embedded_postgres.ROOM_BYTES", 2**62)
    with pytest.raises(DatabaseUnavailable, match=r"its disk is full \(\d+ MB are free\): make room"):
        embedded_postgres(folder).__enter__()


def test_a_server_that_takes_nobody_in_on_a_full_disk_is_not_waited_for_as_in_a_recovery(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.5)
    monkeypatch.setattr("knowledge.embedded_postgres.RECOVERY_TIMEOUT_S", 20.0)
    monkeypatch.setattr("knowledge.embedded_postgres.ROOM_BYTES", 2**62)
    with embedded_postgres(folder) as url:
        with psycopg.connect(url.replace("/postgres?", "/template1?"), autocommit=True) as connection:
            connection.execute("alter database postgres allow_connections false")
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match=r"not currently accepting.*its disk is full \(\d+ MB are free\)"):
            embedded_postgres(folder).__enter__()
        assert time.monotonic() - began < 10


def test_its_log_is_put_aside_when_it_is_long_while_it_runs_and_at_a_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.embedded_postgres.MAX_LOG_BYTES", 20_000)
    log, before = folder / "postgres" / "log", folder / "postgres" / "log.1"
    with embedded_postgres(folder, look_every_s=0.1) as url, psycopg.connect(url, autocommit=True) as connection:
        for number in range(300):
            with suppress(psycopg.errors.UndefinedTable):
                connection.execute(f"select 'line {number}' from nothing_of_the_kind where 'x' = '{'x' * 200}'")
            time.sleep(0.002)
        deadline = time.monotonic() + 30
        while log.stat().st_size > 20_000:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert before.stat().st_size > 20_000
        with suppress(psycopg.errors.UndefinedTable):
            connection.execute("select 'the last line' from nothing_of_the_kind")
        while "the last line" not in log.read_text() + before.read_text():  # the server writes on where it was cut
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with log.open("a") as file:
        file.write("written while nobody looked\n" * 1_000)
    with embedded_postgres(folder):
        assert log.stat().st_size < 20_000
    assert "while nobody looked" in before.read_text()


def test_a_server_that_answers_and_whose_process_is_not_to_be_seen_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs in another container on the same folder: two servers would ruin what is stored."""
    monkeypatch.setattr("knowledge.embedded_postgres.FAULT_TIMEOUT_S", 0.5)
    with embedded_postgres(folder) as url:
        remember(url)
        pid_file = folder / "postgres" / "postmaster.pid"
        said = pid_file.read_text()
        pid_file.write_text(said.replace(said.split()[0], "1999999999", 1))
        with pytest.raises(DatabaseUnavailable, match="another container"), embedded_postgres(folder):
            pass
        assert pid_file.exists()
        pid_file.write_text(said)
        assert count(url) == 1
    with embedded_postgres(folder) as url:
        assert count(url) == 1
