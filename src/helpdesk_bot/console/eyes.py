"""Whose words an admin is shown: as `why` and `review` have it, asked once for each place."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from helpdesk_bot.commands.review import MayRead
from helpdesk_bot.events import Place
from helpdesk_bot.records.console import Visitor

AT_ONCE = 5
"""Places that a platform is asked about side by side."""


class Eyes:
    """One person's, for one page."""

    def __init__(self, may_read: MayRead, visitor: Visitor) -> None:
        self._may_read = may_read
        self._visitor = visitor
        self._known: dict[tuple[Place, str], bool] = {}

    async def look(self, said: Iterable[tuple[Place, str]]) -> None:
        """Find out about these, each a place and who said something there."""
        room = asyncio.Semaphore(AT_ONCE)

        async def find_out(key: tuple[Place, str]) -> None:
            place, person_id = key
            async with room:
                self._known[key] = await self._may_read(
                    place, person_id, platform=self._visitor.platform, person_id=self._visitor.person_id
                )

        async with asyncio.TaskGroup() as group:
            for key in {_key(place, person_id) for place, person_id in said}:
                group.create_task(find_out(key))

    def see(self, place: Place, person_id: str) -> bool:
        """Whether this person may read it, of what was looked at."""
        return self._known[_key(place, person_id)]


def _key(place: Place, person_id: str) -> tuple[Place, str]:
    """Threads have their channel's readers. What somebody said in private is theirs, whoever asks."""
    return replace(place, thread=None), person_id
