"""Who a person is to the access rules, and which rules an audience passes."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connectors.documents import PUBLIC, STAFF, Principal, user
from knowledge.audience import Audience
from knowledge.store import Snapshot, Store, StoredRule

MAX_AUDIENCES = 1_000
"""Remembered with their ids."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Someone who can read a place. `email` is a verified address, None where there is none."""

    email: str | None
    is_staff: bool


class Access:
    """Principals of people and access ids of audiences.

    Ids are remembered until a rule or a membership changes, in whichever process: the version of the rights is part
    of every snapshot. What a snapshot holds and what its rights allow are therefore of one moment.
    """

    def __init__(self, store: Store, *, sources: Collection[str] | None = None) -> None:
        """Of these sources, or of all. What another one left behind is nobody's: nobody looks after its rights."""
        self._store = store
        self._sources = None if sources is None else frozenset(sources)
        self._version = -1
        self._rules: list[StoredRule] = []
        self._ids: OrderedDict[tuple[Audience, frozenset[str] | None], list[int]] = OrderedDict()

    async def principals_of(self, readers: Sequence[Reader]) -> list[frozenset[Principal]]:
        """Each person, everyone, staff where it applies, and every group that holds one of these, however deeply."""
        return await self._store.list_principals([_own_principals(reader) for reader in readers])

    async def audience_of(self, readers: Sequence[Reader]) -> Audience:
        """The audience of a place that exactly these can read; the public where there are none."""
        return Audience.everyone(await self.principals_of(readers)) if readers else Audience.public()

    async def list_ids(
        self, snapshot: Snapshot, audience: Audience, sources: frozenset[str] | None = None
    ) -> list[int]:
        """The access rules, of these sources where given, that every reader of the audience passes."""
        await self._refresh(snapshot)
        known = (audience, sources)
        if known not in self._ids:
            self._ids[known] = [
                stored.id
                for stored in self._rules
                if (sources is None or stored.source in sources) and audience.may_read(stored.rule)
            ]
            if len(self._ids) > MAX_AUDIENCES:
                self._ids.popitem(last=False)
        return self._ids[known]

    async def _refresh(self, snapshot: Snapshot) -> None:
        """Forget everything where the snapshot's rights are of another version than ours."""
        if snapshot.moment.rights_version != self._version:
            stored = await snapshot.list_rules()
            self._rules = [rule for rule in stored if self._sources is None or rule.source in self._sources]
            self._ids.clear()
            self._version = snapshot.moment.rights_version


def _own_principals(reader: Reader) -> list[Principal]:
    named = [user(reader.email)] if reader.email and reader.email.strip() else []
    return [*named, *([STAFF] if reader.is_staff else []), PUBLIC]
