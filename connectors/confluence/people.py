"""People by the ids that Confluence gives them: their names, and the addresses by which everyone else knows them."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from connectors.confluence.payloads import Answer, User
from connectors.confluence.place import Edition, Place
from connectors.documents import Principal, user
from connectors.errors import HttpRefused
from connectors.http import path_of

_IDS_AT_ONCE = 100
"""Cloud's `user/bulk` answers for the first hundred and says nothing of the rest."""
_MAX_AGE_S = 6 * 3600
"""Addresses change rarely; Data Center tells them one by one."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    email: str
    """Empty where it is hidden, or where nobody can sign in as this account."""
    name: str
    learned_at: float


class People:
    """What was learned of the people of one site. Addresses that came with other answers cost nothing."""

    def __init__(self, place: Place, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._now = monotonic
        self._known: dict[str, _Known] = {}

    async def principals(self, users: Iterable[User]) -> dict[str, Principal]:
        """By id, those whose address is known; a person with a hidden address is nobody here."""
        given = {one.id: one for one in users if one.id}
        for one in given.values():
            self._note(one)
        await self._learn([one for one in given.values() if not self._is_known(one.id)])
        emails = {each: self._known[each].email for each in given if each in self._known}
        return {each: user(email) for each, email in emails.items() if email}

    async def names(self, ids: Collection[str]) -> dict[str, str]:
        """By id, the names of those who can be found."""
        unknown = [each for each in ids if not self._is_known(each)]
        if self._place.edition is Edition.CLOUD:
            await self._learn([User(accountId=each) for each in unknown])
        else:
            await self._learn([User(userKey=each) for each in unknown])
        return {each: self._known[each].name for each in ids if each in self._known and self._known[each].name}

    def _is_known(self, user_id: str) -> bool:
        known = self._known.get(user_id)
        return known is not None and self._now() - known.learned_at < _MAX_AGE_S

    def _note(self, one: User) -> None:
        """Keep what an answer says about somebody, if it says anything about the address."""
        if one.email is None or (not one.email and self._is_known(one.id)):
            return
        email = one.email if one.is_person else ""
        self._known[one.id] = _Known(email=email, name=one.display_name or "", learned_at=self._now())

    async def _learn(self, users: list[User]) -> None:
        if self._place.edition is Edition.CLOUD:
            ids = [one.account_id for one in users if one.account_id]
            for start in range(0, len(ids), _IDS_AT_ONCE):
                await self._learn_from_cloud(ids[start : start + _IDS_AT_ONCE])
            return
        for one in users:
            await self._learn_from_data_center(one)

    async def _learn_from_cloud(self, ids: list[str]) -> None:
        answer = await self._place.get("/rest/api/user/bulk", [("accountId", each) for each in ids], objects=len(ids))
        found = [self._place.read(User, entry) for entry in self._place.read(Answer, answer).results]
        for one in [*(User(accountId=each, email="") for each in ids), *found]:
            self._known.pop(one.id, None)
            self._note(one.model_copy(update={"email": one.email or ""}))

    async def _learn_from_data_center(self, one: User) -> None:
        """The REST API keeps addresses to itself; the profile that the mobile apps show has them."""
        username, name = one.username, one.display_name or ""
        try:
            if not username:
                found = self._place.read(User, await self._place.get("/rest/api/user", [("key", one.user_key)]))
                username, name = found.username, found.display_name or ""
            profile = self._place.read(
                User, await self._place.get(path_of("rest", "mobile", "1.0", "profile", username))
            )
            email = profile.email or ""
        except HttpRefused:
            email = ""
        self._known[one.id] = _Known(email=email, name=name, learned_at=self._now())
