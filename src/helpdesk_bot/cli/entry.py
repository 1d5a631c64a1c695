"""What every command begins and ends with.

Each command imports its own module when it is run, and settings come in here: `--help` needs none of them.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from connectors.errors import ConnectorError
from helpdesk_bot.cli.output import Exit, err, fail
from helpdesk_bot.errors import HelpdeskError, NotConfigured
from helpdesk_bot.prompts.errors import PromptRefused
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from helpdesk_bot.settings import Settings

Result = TypeVar("Result")

EXPECTED = (KnowledgeError, ConnectorError, HelpdeskError)
"""What can go wrong without being a fault of ours; their messages are for people."""

MISUSES = (NotConfigured, PromptRefused)
"""Of these, what other words or another setting would mend."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def load_settings(*, opens_database: bool = True) -> "Settings":
    from pydantic import ValidationError

    from helpdesk_bot.settings import Settings

    try:
        settings = Settings()
        _tell_misspelt()
    except ValidationError as error:
        from helpdesk_bot.settings.complaints import complain

        lines = list(map(complain, error.errors()))
        fail("These settings can't be used; .env.example explains them all.\n" + "\n".join(lines), Exit.MISUSED)
    except UnicodeDecodeError:
        fail(".env can't be read: save it as UTF-8.", Exit.MISUSED)
    except OSError as error:
        fail(f".env can't be read: {error.strerror}.", Exit.MISUSED)
    if opens_database:
        _tell_new_database(settings)
    return settings


def _tell_new_database(settings: "Settings") -> None:
    """In another folder than the bot's, a command would answer from an empty knowledge as if that were all there is."""
    folder = settings.helpdesk_data_dir
    if not settings.database_url and not (folder / "postgres").exists() and _can_be_written(folder):
        err.print(f"There is no database in {folder.absolute()} yet: a new one is made.", markup=False, highlight=False)


def _can_be_written(folder: Path) -> bool:
    """Of one that is not there yet: the nearest that is. Where it can't be, the database's own refusal says all."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _tell_misspelt() -> None:
    from helpdesk_bot.settings.misspelt import find_misspelt

    for name, meant in find_misspelt().items():
        guess = f"is {meant} meant?" if meant else ".env.example has them all"
        err.print(f"{name} is no setting, and nothing reads it: {guess}", style="yellow", markup=False, highlight=False)


def run(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end; what can be expected to go wrong becomes a plain sentence."""
    from helpdesk_bot.telemetry import set_up_quiet_logging

    set_up_quiet_logging()
    outages = _outages()
    try:
        return asyncio.run(_until_told_to_end(work))
    except EXPECTED as error:
        fail(str(error), Exit.MISUSED if isinstance(error, MISUSES) else Exit.FAILED)
    except outages as error:
        fail(_lost_database(error))
    except ExceptionGroup as group:
        expected, unexpected = group.split((*EXPECTED, *outages))
        if unexpected or not expected:
            raise
        sentences = (str(one) if isinstance(one, EXPECTED) else _lost_database(one) for one in _leaves(expected))
        fail("\n".join(dict.fromkeys(sentences)))
    except KeyboardInterrupt:
        raise typer.Exit(128 + signal.SIGINT) from None
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None


async def _until_told_to_end(work: Coroutine[object, object, Result]) -> Result:
    """SIGTERM ends it as Ctrl-C does: what is open is closed, and a sync is interrupted, not killed."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _outages() -> tuple[type[Exception], ...]:
    """Imported by then: the command's own module did it."""
    from helpdesk_bot.jobs import OUTAGES

    return OUTAGES


def _lost_database(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return (
        f"the database can't be used any more: {said}; what was done before is kept, `helpdesk-bot doctor` looks at it"
    )


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
