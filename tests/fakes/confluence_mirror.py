"""The least that a sync has to do, without a store: versions compared, rights from `present`, groups unfolded."""

from dataclasses import dataclass, field

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Document, Listed, Principal, user
from connectors.errors import Unreadable
from connectors.source import Source


@dataclass
class Mirror:
    """What would be known after each sync."""

    documents: dict[str, Document] = field(default_factory=dict[str, Document])
    listed: dict[str, Listed] = field(default_factory=dict[str, Listed])
    rights: dict[str, AccessRule] = field(default_factory=dict[str, AccessRule])
    members: dict[Principal, frozenset[Principal]] = field(default_factory=dict[Principal, frozenset[Principal]])
    cursor: Cursor | None = None
    repeated: int = 0
    """Documents that a listing showed although nothing of them had changed."""

    async def sync(self, source: Source) -> list[str]:
        """The keys of what was read."""
        self.members = dict(await source.memberships())
        read: list[str] = []
        async for change in source.changes(self.cursor):
            match change:
                case Cursor():
                    self.cursor = change
                case Listed():
                    read += [change.key] if await self._take(source, change) else []
                case _:
                    raise AssertionError(change)
        self.rights = {one.key: one.access async for one in source.present()}
        for key in self.documents.keys() - self.rights.keys():
            del self.documents[key], self.listed[key]
        return read

    def readable_by(self, email: str | None) -> set[str]:
        """Keys; None is a stranger."""
        principals = self._principals(email)
        return {key for key in self.documents if self.rights[key].admits(principals)}

    async def _take(self, source: Source, listed: Listed) -> bool:
        before = self.listed.get(listed.key)
        self.repeated += before == listed
        self.listed[listed.key] = listed
        if before is not None and before.version == listed.version:
            return False
        try:
            self.documents[listed.key] = await source.read(listed)
        except Unreadable:
            self.documents.pop(listed.key, None)
        return True

    def _principals(self, email: str | None) -> frozenset[Principal]:
        if email is None:
            return frozenset({PUBLIC})
        found = {PUBLIC, STAFF, user(email)}
        while True:
            outer = {name for name, members in self.members.items() if not members.isdisjoint(found)} - found
            if not outer:
                return frozenset(found)
            found |= outer
