"""Google Drive, My Drive or a shared drive, for a crowd."""

import random
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.google_drive import Addresses, GoogleDriveSource, Organisation, Scope, ServiceAccount
from connectors.source import Source
from connectors.text.reader import TextReader
from tests.fakes.crowded.crowd import GROUPS, OUTSIDER, STAFF, CrowdedSite, Twist, people_named
from tests.fakes.google_drive import GoogleServer
from tests.fakes.google_drive_files import Grant, anyone, domain, people_of, person
from tests.fakes.google_drive_site import GoogleDriveSite
from tests.fakes.google_drive_tokens import BOT
from tests.fakes.site import group_name, is_group


class CrowdedDrive(GoogleDriveSite):
    """A folder in My Drive, or a shared drive: there files can't be closed, but be shared with more people."""

    people = (*STAFF, OUTSIDER)
    classes = ("staff", "public", "link")

    def __init__(self, google: GoogleServer, reader: TextReader, *, is_shared: bool) -> None:
        super().__init__(google, reader)
        self._is_shared = is_shared
        self._given: dict[str, list[str]] = {}
        """Whom something was shared with, besides those who may read what it is in."""
        self._closed: set[str] = set()
        self._folders: set[str] = set()
        self._trashed: set[str] = set()
        if is_shared:
            members = [people_of("team@groups.example.com"), person(OUTSIDER)]
            google.files.put_group("team@groups.example.com", *STAFF)
            self._root = google.files.add_drive("Team", [person(BOT, "organizer"), *members])
        self._members = frozenset({*STAFF, OUTSIDER}) if is_shared else frozenset(STAFF)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        key = self.google.key_json()
        source = GoogleDriveSource(
            name=self.name,
            login=ServiceAccount.from_json(key),
            directory_login=ServiceAccount.from_json(key, subject="admin@example.com"),
            scope=Scope(drives=[self._root]) if self._is_shared else Scope(folders=[self._root]),
            organisation=Organisation.of(["example.com", "groups.example.com"]),
            reader=self._reader,
            addresses=Addresses(drive=self.google.drive_url, directory=self.google.directory_url),
        )
        async with source:
            yield source

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        key = await super().add_folder(title, parent=parent)
        self._folders.add(key)
        return key

    async def remove(self, key: str) -> None:
        self.google.files.trash(key)
        self._trashed.add(key)

    async def restore(self, key: str) -> None:
        self.google.files.untrash(key)
        self._trashed.remove(key)

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        self._given[key] = list(readers)
        self._closed.add(key)
        self._grant(key)

    async def open_up(self, key: str) -> None:
        self._given.pop(key, None)
        self._closed.discard(key)
        self._grant(key)

    def documents(self) -> Mapping[str, str]:
        return {key: word for key, word in self._word_of.items() if not self._trashed.intersection(self._line(key))}

    def readers(self, key: str) -> frozenset[str]:
        """Whoever was put on it or on something above, up to the first that is closed."""
        if key not in self.documents():
            return frozenset()
        people: frozenset[str] = frozenset()
        for each in self._line(key):
            people |= people_named(self._given.get(each, ()), self._groups)
            if each in self._closed:
                return people
        return people | self._members

    def pages(self) -> Sequence[str]:
        return list(self.documents())

    def folders(self) -> Sequence[str]:
        return [key for key in sorted(self._folders) if not self._trashed.intersection(self._line(key))]

    def restrictable(self) -> Sequence[str]:
        return self.folders() if self._is_shared else [*self.pages(), *self.folders()]

    def restricted(self) -> Sequence[str]:
        return sorted(self._given)

    def gone(self) -> Sequence[str]:
        return sorted(self._trashed)

    def removable(self) -> Sequence[str]:
        return [*self.pages(), *self.folders()[:1]]

    def movable(self) -> Iterator[tuple[str, str | None]]:
        for key in [*self.pages(), *self.folders()]:
            yield key, None
            for parent in self.folders():
                if key not in self._line(parent):
                    yield key, parent

    def twists(self) -> Sequence[Twist]:
        return [self._share, self._share]

    async def _share(self, chance: random.Random) -> None:
        """With a few more."""
        if known := [*self.pages(), *self.folders()]:
            key = chance.choice(known)
            more = chance.choice([*self.people, *(f"group:{name}" for name in GROUPS), *self.classes])
            self._given[key] = [*self._given.get(key, ()), more]
            self._grant(key)

    def _grant(self, key: str) -> None:
        """Our account is kept where it would be shut out; in a shared drive it is a manager and never is."""
        keeps = [] if self._is_shared or key not in self._closed else [person(BOT, "writer")]
        grants = {grant.id: grant for grant in [*keeps, *map(_grant_of, self._given.get(key, ()))]}
        self.google.files.set_grants(key, *grants.values(), inherits=key not in self._closed)

    def _line(self, key: str) -> list[str]:
        """The thing and what it is in."""
        line: list[str] = []
        above: str | None = key
        while above is not None:
            line.append(above)
            above = self._parent[above]
        return line


def _grant_of(reader: str) -> Grant:
    if is_group(reader):
        return people_of(f"{group_name(reader)}@groups.example.com")
    classes = {
        "staff": domain("example.com"),
        "public": anyone(is_discoverable=True),
        "link": anyone(is_discoverable=False),
    }
    return classes.get(reader) or person(reader)


@asynccontextmanager
async def open_my_drive(folder: Path, reader: TextReader) -> AsyncGenerator[CrowdedSite]:
    async with GoogleServer() as google:
        yield CrowdedDrive(google, reader, is_shared=False)


@asynccontextmanager
async def open_shared_drive(folder: Path, reader: TextReader) -> AsyncGenerator[CrowdedSite]:
    async with GoogleServer() as google:
        yield CrowdedDrive(google, reader, is_shared=True)
