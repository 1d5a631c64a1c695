"""A place of documents in memory, which can fail in every way that a real one can."""

import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connectors.documents import PUBLIC, AccessRule, Cursor, Document, Listed, Present, Principal, Removed, Spent
from connectors.errors import SourceUnavailable, Unreadable

PUBLIC_RULE = AccessRule.any_of([PUBLIC])


@dataclass(frozen=True, kw_only=True)
class Page:
    text: str
    version: str = "1"
    title: str = ""
    access: AccessRule = PUBLIC_RULE
    changed: int = 0
    """The place's clock when it last changed."""
    modified_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    trail: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass
class Place:
    """Fits `connectors.source.Source`; incremental listings go by a clock that ticks with every change."""

    name: str = "place"
    pages: dict[str, Page] = field(default_factory=dict)
    groups: dict[Principal, frozenset[Principal]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Reason by key."""
    cut_after: int | None = None
    """The listing ends after so many documents, without a cursor."""
    down_after: int | None = None
    """The listing fails after so many documents."""
    is_down: bool = False
    lists_nothing: bool = False
    """An empty answer that looks complete."""
    repeats: bool = False
    """The listing gives its first documents again and again."""
    vanishing: set[str] = field(default_factory=set)
    """Gone between being listed and being read."""
    spent: Spent = field(default_factory=Spent)
    clock: int = 0
    read_keys: list[str] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, text: str, *, title: str = "", access: AccessRule = PUBLIC_RULE, **other) -> None:
        """Add or change a document."""
        self.clock += 1
        version = str(int(self.pages[key].version) + 1) if key in self.pages else "1"
        self.pages[key] = Page(
            text=text, version=version, title=title or key, access=access, changed=self.clock, **other
        )

    def move(self, key: str, **changes) -> None:
        """Change a title, a trail, labels or rights and leave the version."""
        self.clock += 1
        self.pages[key] = replace(self.pages[key], changed=self.clock, **changes)

    def restrict(self, key: str, access: AccessRule) -> None:
        """Change rights as those do that are inherited: no listing of changes tells of it."""
        self.pages[key] = replace(self.pages[key], access=access)

    def remove(self, key: str) -> None:
        self.clock += 1
        del self.pages[key]
        self.removed[key] = self.clock

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Removed | Cursor]:
        after = int(since.value) if since else 0
        if self.is_down:
            raise SourceUnavailable(self.name, "it is down")
        listed = [] if self.lists_nothing else [key for key, page in self.pages.items() if page.changed > after]
        self._ask()
        for number, key in enumerate(itertools.cycle(listed) if self.repeats else listed):
            if number == self.down_after:
                raise SourceUnavailable(self.name, "it went down")
            if number == self.cut_after:
                return
            yield self.listed(key)
        for key, at in self.removed.items():
            if at > after and key not in self.pages:
                yield Removed(key=key)
        yield Cursor(value=str(self.clock))

    async def read(self, listed: Listed) -> Document:
        self.read_keys.append(listed.key)
        self._ask()
        if listed.key in self.vanishing:
            self.vanishing.discard(listed.key)
            self.remove(listed.key)
            raise Unreadable(listed.key, "it is gone")
        if reason := self.unreadable.get(listed.key):
            raise Unreadable(listed.key, reason)
        page = self.pages[listed.key]
        return Document(
            key=listed.key,
            version=page.version,
            title=page.title,
            url=f"https://place.example/{listed.key}",
            access=page.access,
            modified_at=page.modified_at,
            markdown=page.text,
        )

    async def read_page(self, key: str) -> Document:
        return await self.read(self.listed(key))

    async def present(self) -> AsyncIterator[Present]:
        if self.is_down:
            raise SourceUnavailable(self.name, "it is down")
        self._ask()
        for key, page in [] if self.lists_nothing else list(self.pages.items()):
            yield Present(key=key, access=page.access)

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        if self.is_down:
            raise SourceUnavailable(self.name, "it is down")
        self._ask()
        return self.groups

    def _ask(self) -> None:
        self.spent = replace(self.spent, requests=self.spent.requests + 1, points=self.spent.points + 2)

    def listed(self, key: str) -> Listed:
        page = self.pages[key]
        return Listed(
            key=key,
            version=page.version,
            title=page.title,
            url=f"https://place.example/{key}",
            access=page.access,
            media_type="text/markdown",
            modified_at=page.modified_at,
            trail=page.trail,
            labels=page.labels,
        )
