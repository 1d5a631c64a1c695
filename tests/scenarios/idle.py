"""When nothing is left to be done."""

from typing import Any, Protocol

from tests.eventually import eventually_async


class Place(Protocol):
    async def fetch(self, query: str) -> Any: ...


async def until_idle(place: Place, *, within_s: float = 60.0) -> None:
    """The queue forgets a job only after its work is done."""

    async def is_idle() -> bool:
        return not await place.fetch("select from procrastinate_jobs where status in ('todo', 'doing')")

    await eventually_async(is_idle, within_s=within_s)
