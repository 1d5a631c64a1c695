"""The people of Teams, as a bot may know them: from the roster of a conversation that it shares with them."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from helpdesk_bot.chat.teams.connector import Connector
from helpdesk_bot.chat.teams.messages import Named
from helpdesk_bot.chat.teams.service_urls import is_service_url
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Person, Place, Platform
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.teams import TeamsPerson, TeamsRecords

_MAX_KNOWN = 5_000


class TeamsPeople:
    """Who is behind a person id. What changes in Entra (an address, a role) shows after `ttl_s` at the latest."""

    def __init__(
        self,
        connector: Connector,
        records: TeamsRecords,
        *,
        tenant_id: str,
        ttl_s: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connector = connector
        self._records = records
        self._tenant_id = tenant_id
        self._ttl_s = ttl_s
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, JsonObject]] = OrderedDict()

    async def get(self, person_id: str) -> Person:
        """Raises `ChatRefused` for somebody whom the bot never met."""
        return to_person(await self._get_member(person_id), tenant_id=self._tenant_id)

    async def find_named(self, person_ids: Iterable[str]) -> dict[str, Named]:
        """Those whom a mention can reach, by person id. Others are left out: a message matters more than a mention."""
        named: dict[str, Named] = {}
        for person_id in person_ids:
            try:
                member = await self._get_member(person_id)
            except ChatError:
                continue
            named[person_id] = Named(account_id=_text(member, "id"), name=_text(member, "name"))
        return named

    async def list_humans(self, place: Place) -> list[Person]:
        """Everybody in the conversation at this moment. Nothing is remembered: who left reads no more."""
        service_url = await self._service_of(place.tenant, place.channel)
        members = [member async for member in self._connector.iter_members(service_url, place.channel)]
        for member in members:
            self._learn(member)
        return [to_person(member, tenant_id=self._tenant_id) for member in members if not _is_bot(member)]

    async def _get_member(self, person_id: str) -> JsonObject:
        until, member = self._known.get(person_id, (0.0, None))
        if member is not None and until > self._clock():
            return member
        met = await self._find_met(person_id)
        service_url = await self._service_of(met.tenant, met.met_in)
        found = await self._connector.get_member(service_url, met.met_in, met.account_id)
        self._learn(found, person_id)
        return found

    async def _find_met(self, person_id: str) -> TeamsPerson:
        """Where this person can be asked about. Somebody who never spoke may be in the conversation heard from last."""
        met = await self._records.find_person(person_id)
        if met is not None:
            return met
        anywhere = await self._records.find_any_conversation()
        if anywhere is None:
            raise ChatRefused("nobody was met yet")
        return TeamsPerson(
            tenant=anywhere.tenant,
            person_id=person_id,
            account_id=person_id,
            name="",
            met_in=anywhere.conversation,
        )

    async def _service_of(self, tenant: str, conversation: str) -> str:
        known = await self._records.find_conversation(tenant, conversation)
        if known is None or not is_service_url(known.service_url, with_loopback=self._connector.with_loopback):
            raise ChatRefused("the bot is not in this conversation")
        return known.service_url

    def _learn(self, member: JsonObject, person_id: str = "") -> None:
        key = person_id or person_id_of(member)
        self._known[key] = (self._clock() + self._ttl_s, member)
        self._known.move_to_end(key)
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)


def person_id_of(member: JsonObject) -> str:
    return _text(member, "aadObjectId") or _text(member, "objectId") or _text(member, "id")


def is_guest(member: JsonObject, *, tenant_id: str) -> bool:
    """Not a full member of the organisation: a guest account, somebody of another tenant, or without an account.

    learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context: `userRole` is `guest` or `anonymous`; a
    guest's principal name holds `#EXT#`.
    """
    role = _text(member, "userRole").casefold()
    is_foreign = bool(tenant_id) and _text(member, "tenantId") not in {"", tenant_id}
    is_external = "#ext#" in _text(member, "userPrincipalName").casefold()
    return role in {"guest", "anonymous"} or is_foreign or is_external or not _account_of(member)


def to_person(member: JsonObject, *, tenant_id: str) -> Person:
    return Person(
        platform=Platform.TEAMS,
        tenant=_text(member, "tenantId") or tenant_id,
        id=person_id_of(member),
        name=_text(member, "name"),
        email=_text(member, "email") or _text(member, "userPrincipalName") or None,
        is_guest=is_guest(member, tenant_id=tenant_id),
    )


def _account_of(member: JsonObject) -> str:
    """The object id in Entra; somebody who joined a meeting anonymously has none."""
    return _text(member, "aadObjectId") or _text(member, "objectId")


def _is_bot(member: JsonObject) -> bool:
    return _text(member, "id").startswith("28:") or _text(member, "role") == "bot"


def _text(member: JsonObject, name: str) -> str:
    found = member.get(name)
    return found if isinstance(found, str) else ""
