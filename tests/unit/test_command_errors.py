"""What a command says when something goes wrong that can be expected to."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest
import typer
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout
from typer.testing import CliRunner

from helpdesk_bot.cli.entry import run
from helpdesk_bot.cli.main import cli
from helpdesk_bot.cli.output import must_be_writable, print_json
from helpdesk_bot.errors import NotConfigured
from knowledge.errors import DatabaseUnavailable


async def fail_with(*errors: Exception) -> None:
    async def fail(error: Exception) -> None:
        raise error

    async with asyncio.TaskGroup() as group:
        for error in errors:
            group.create_task(fail(error))


def test_what_works_side_by_side_fails_with_plain_sentences_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        run(fail_with(DatabaseUnavailable("it is asleep"), NotConfigured("Set a key."), NotConfigured("Set a key.")))
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "the database can't be reached: it is asleep\nSet a key.\n"


def test_a_fault_of_ours_beside_them_keeps_its_traceback() -> None:
    with pytest.raises(ExceptionGroup):
        run(fail_with(NotConfigured("Set a key."), ZeroDivisionError()))


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.AdminShutdown("terminating connection\ndue to administrator command"),
        psycopg.errors.DiskFull("no space left on device"),
        psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"),
        psycopg.InterfaceError("the connection is closed"),
        PoolTimeout("couldn't get a connection after 10.00 sec"),
        ConnectorException("Database error."),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_database_that_goes_away_in_the_middle_is_one_sentence(
    error: Exception, is_alone: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async def break_down() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        run(break_down() if is_alone else fail_with(error))
    said = capsys.readouterr().err
    assert (ended.value.exit_code, said.count("\n")) == (1, 1)
    assert "the database can't be used any more" in said
    assert "helpdesk-bot doctor" in said


def test_a_wrong_statement_keeps_its_traceback() -> None:
    async def break_down() -> None:
        raise psycopg.errors.SyntaxError("at or near")

    with pytest.raises(psycopg.errors.SyntaxError):
        run(break_down())


@pytest.mark.parametrize(
    "words",
    [
        "eval retrieval . --out",
        "eval answers . --out",
        "eval calibrate . --out",
        "eval calibrate . --judge",
        "eval guard cases.jsonl --out",
        "eval pii cases.jsonl --out",
        "eval grounding cases.jsonl --out",
    ],
)
def test_a_file_that_can_not_be_written_is_said_before_anything_is_measured(words: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "gone" / "out.jsonl", tmp_path / "file" / "out.jsonl", tmp_path):
        ended = CliRunner().invoke(cli, [*words.split(), str(place)], env={"COLUMNS": "400"})
        assert ended.exit_code == 2
        assert "can't be written" in ended.output


def test_a_file_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("before", "utf-8")
    assert (must_be_writable(there), must_be_writable(new), must_be_writable(None)) == (there, new, None)
    assert (there.read_text("utf-8"), new.exists()) == ("before", False)


@pytest.mark.parametrize(
    "words", ["audit list --limit -1", "receipt --limit -1", "receipt --limit 0", "costs --days 999999999"]
)
def test_a_number_that_makes_no_sense_is_wrong_usage(words: str) -> None:
    ended = CliRunner().invoke(cli, words.split())
    assert ended.exit_code == 2
    assert "is not in the range" in ended.output


def test_a_setting_that_can_not_be_used_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise NotConfigured("Set a key.")

    with pytest.raises(typer.Exit) as ended:
        run(fail())
    assert (ended.value.exit_code, capsys.readouterr().err) == (2, "Set a key.\n")


def test_ctrl_c_while_it_is_still_being_loaded_ends_it_quietly() -> None:
    code = """
import sys
from helpdesk_bot.__main__ import main

class Interrupted:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", ["--version", "--help", "config show", "config show --json", "eval pii --help"])
def test_a_full_disk_behind_the_output_is_one_line(words: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "helpdesk_bot", *words.split()]
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "what this command writes is not complete: No space left on device\n")


def test_the_version_and_what_exit_codes_mean_are_told() -> None:
    assert CliRunner().invoke(cli, ["--version"]).output == f"helpdesk-bot {version('helpdesk-bot')}\n"
    told = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "200"}).output
    assert "3 asked but not answered" in told


def test_a_moment_is_printed_for_programs_as_iso_8601_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 11, 30, 16, 27, tzinfo=UTC), "day": date(2026, 11, 30), "usd": Decimal("0.10")})
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-30T16:27:00+00:00",
        "day": "2026-11-30",
        "usd": "0.10",
    }
