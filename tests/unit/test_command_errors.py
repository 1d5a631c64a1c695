"""What a command says when something goes wrong that can be expected to."""

import asyncio

import pytest
import typer
from typer.testing import CliRunner

from helpdesk_bot.cli.entry import run
from helpdesk_bot.cli.main import cli
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
    "words", ["audit list --limit -1", "receipt --limit -1", "receipt --limit 0", "costs --days 999999999"]
)
def test_a_number_that_makes_no_sense_is_wrong_usage(words: str) -> None:
    ended = CliRunner().invoke(cli, words.split())
    assert ended.exit_code == 2
    assert "is not in the range" in ended.output
