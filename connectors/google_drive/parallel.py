"""Requests side by side; the client they share decides how many go out at once."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from connectors.errors import ConnectorError

T = TypeVar("T")


async def run_all(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order. The first call that fails ends the others, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except* ConnectorError as failed:
        error = failed.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise error
