"""What every command begins and ends with."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from connectors.errors import ConnectorError
from helpdesk_bot.cli.output import Exit, fail
from helpdesk_bot.errors import HelpdeskError
from helpdesk_bot.settings import Settings
from knowledge.errors import KnowledgeError

Result = TypeVar("Result")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def load_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc'])).upper() or 'settings'}: {one['msg']}" for one in error.errors()]
        fail("These settings can't be used; .env.example explains them all.\n" + "\n".join(lines), Exit.MISUSED)


def run(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end; what can be expected to go wrong becomes a plain sentence."""
    try:
        return asyncio.run(work)
    except (KnowledgeError, ConnectorError, HelpdeskError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
