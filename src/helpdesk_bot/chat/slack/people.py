"""The people of a workspace, remembered for a few minutes."""

import asyncio
import time
from collections.abc import Callable, Collection

from helpdesk_bot.chat.slack.api import JsonObject, SlackApi, cursor_of
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Person, Platform

MAX_SINGLE_LOOKUPS = 30
"""More people than this are looked up by listing the workspace: `users.info` allows about 100 a minute (tier 4),
`users.list` about 20 pages (tier 2)."""

_PAGE_SIZE = 999
"""Of `users.list`, which takes less than 1,000: with pages of 200 a workspace of 10,000 would be full of waits."""

_CONCURRENT_LOOKUPS = 5


class SlackPeople:
    """Who is behind a user id. What changes in Slack (an address, a role) shows after `ttl_s` at the latest."""

    def __init__(
        self, api: SlackApi, *, team_id: str, ttl_s: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._api = api
        self._team_id = team_id
        self._ttl_s = ttl_s
        self._clock = clock
        self._known: dict[str, tuple[float, JsonObject]] = {}
        self._lookups = asyncio.Semaphore(_CONCURRENT_LOOKUPS)
        self._listing = asyncio.Lock()
        self._next_page: str | None = None

    async def get(self, person_id: str) -> Person:
        """Raises `ChatRefused` for somebody whom the workspace does not know."""
        return to_person(await self._get_user(person_id), team_id=self._team_id)

    async def list_humans(self, person_ids: Collection[str]) -> list[Person]:
        """These people, bots and deactivated accounts aside, in the order given."""
        async with self._listing:
            if sum(self._find_known(person_id) is None for person_id in person_ids) > MAX_SINGLE_LOOKUPS:
                await self._learn_everybody()
        users = await self._get_users(person_ids)
        humans = [user for user in users if not (is_bot(user) or user.get("deleted"))]
        return [to_person(user, team_id=self._team_id) for user in humans]

    def forget(self, person_id: str) -> None:
        """Slack said that something about this person changed."""
        self._known.pop(person_id, None)

    async def _get_users(self, person_ids: Collection[str]) -> list[JsonObject]:
        try:
            async with asyncio.TaskGroup() as group:
                lookups = [group.create_task(self._get_user(person_id)) for person_id in person_ids]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return [lookup.result() for lookup in lookups]

    async def _get_user(self, person_id: str) -> JsonObject:
        known = self._find_known(person_id)
        if known is not None:
            return known
        async with self._lookups:
            response = await self._api.call(self._api.methods.users_info, user=person_id)
        return self._learn(response["user"])

    async def _learn_everybody(self) -> None:
        """From where it broke off the last time: a big workspace has more pages than Slack gives in a minute."""
        pages = self._api.iter_pages(self._api.methods.users_list, start=self._next_page, limit=_PAGE_SIZE)
        try:
            async for page in pages:
                for user in page["members"]:
                    self._learn(user)
                self._next_page = cursor_of(page)
        except ChatRefused:
            if self._next_page is None:
                raise
            self._next_page = None  # its place is no longer known there
            await self._learn_everybody()

    def _learn(self, user: JsonObject) -> JsonObject:
        self._known[user["id"]] = (self._clock() + self._ttl_s, user)
        return user

    def _find_known(self, person_id: str) -> JsonObject | None:
        forgotten_at, user = self._known.get(person_id, (0.0, None))
        return user if forgotten_at > self._clock() else None


def is_bot(user: JsonObject) -> bool:
    return bool(user.get("is_bot")) or user.get("id") == "USLACKBOT"


def is_guest(user: JsonObject, *, team_id: str) -> bool:
    """Not a full member of this workspace: a guest account, somebody of another company, or no longer here."""
    enterprise: JsonObject = user.get("enterprise_user") or {}
    workspaces = {user.get("team_id"), *enterprise.get("teams", ())}
    flags = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_invited_user", "deleted", "is_bot")
    return team_id not in workspaces or any(user.get(flag) for flag in flags)


def to_person(user: JsonObject, *, team_id: str) -> Person:
    profile: JsonObject = user.get("profile") or {}
    is_confirmed = user.get("is_email_confirmed") is not False
    return Person(
        platform=Platform.SLACK,
        tenant=team_id,
        id=user["id"],
        name=profile.get("display_name") or profile.get("real_name") or user.get("name") or "",
        email=(profile.get("email") or None) if is_confirmed else None,
        is_guest=is_guest(user, team_id=team_id),
    )
