"""A shared folder in somebody's Google Drive, as a Site; its raw structure is parents and who was put on what."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.google_drive import Addresses, GoogleDriveSource, Organisation, Scope, ServiceAccount
from connectors.source import Source
from connectors.text.reader import TextReader
from tests.fakes.google_drive import GoogleServer, Refuse
from tests.fakes.google_drive_files import Grant, domain, people_of, person
from tests.fakes.google_drive_tokens import BOT
from tests.fakes.site import PEOPLE, Ability, group_name, is_group, people_in, words

_ADMIN = "admin@example.com"
_MANY = 1_000_000


class GoogleDriveSite:
    """Every other document is a Google Doc, the rest are Markdown files.

    Who is put on a restricted document may read it even where they may not read its folder: so is Google Drive.
    """

    name = "google_drive"
    can = frozenset(
        {
            Ability.RESTRICT,
            Ability.INHERIT,
            Ability.GROUPS,
            Ability.MOVE,
            Ability.RENAME,
            Ability.TRAIL,
            Ability.REFUSE,
            Ability.TREE,
        }
    )
    people: Sequence[str] = PEOPLE

    def __init__(self, google: GoogleServer, reader: TextReader) -> None:
        self.google = google
        self._reader = reader
        self._words = words()
        self._word_of: dict[str, str] = {}
        self._trash: dict[str, str] = {}
        self._parent: dict[str, str | None] = {}
        self._restricted: dict[str, list[str]] = {}
        self._groups: dict[str, list[str]] = {}
        google.tokens.people.add(_ADMIN)
        self._root = google.files.add_folder("Handbook")
        google.files.share(self._root, person(BOT, "writer"), domain("example.com"))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        key = self.google.key_json()
        source = GoogleDriveSource(
            name=self.name,
            login=ServiceAccount.from_json(key),
            directory_login=ServiceAccount.from_json(key, subject=_ADMIN),
            scope=Scope(folders=[self._root]),
            organisation=Organisation.of(["example.com", "groups.example.com"]),
            reader=self._reader,
            addresses=Addresses(drive=self.google.drive_url, directory=self.google.directory_url),
            sleep=lambda _: asyncio.sleep(0),
        )
        async with source:
            yield source

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        key = self.google.files.add_folder(title, parent=parent or self._root)
        self._parent[key] = parent
        return key

    async def add(self, title: str, paragraphs: Sequence[str], *, parent: str | None = None) -> str:
        files, above = self.google.files, parent or self._root
        is_doc = len(self._parent) % 2 == 0
        key = files.add_doc(title, "", parent=above) if is_doc else files.add(f"{title}.md", parent=above)
        self._parent[key] = parent
        await self.change(key, paragraphs)
        return key

    async def add_huge(self, title: str) -> str:
        content = b"word " * (self._reader.limits.input_bytes // 5 + 1)
        key = self.google.files.add(f"{title}.txt", parent=self._root, content=content)
        self._parent[key] = None
        return key

    async def add_refused(self, title: str) -> str:
        key = self.google.files.add(f"{title}.md", parent=self._root, content=b"Secret.", can_download=False)
        self._parent[key] = None
        return key

    async def change(self, key: str, paragraphs: Sequence[str]) -> None:
        self._word_of.pop(key, None)
        text = "\n\n".join(paragraphs)
        if paragraphs:
            self._word_of[key] = next(self._words)
            text = f"{text} {self._word_of[key]}"
        content = text.encode()
        if self.google.files.nodes[key].is_google:
            self.google.files.change(key, exports={"text/markdown": content, "text/plain": content})
        else:
            self.google.files.change(key, content=content)

    async def rename(self, key: str, title: str) -> None:
        self.google.files.rename(key, title)

    async def move(self, key: str, parent: str | None) -> None:
        self.google.files.move(key, parent or self._root)
        self._parent[key] = parent

    async def remove(self, key: str) -> None:
        self.google.files.trash(key)
        self._trash[key] = self._word_of.pop(key, "")

    async def restore(self, key: str) -> None:
        self.google.files.untrash(key)
        if word := self._trash.pop(key):
            self._word_of[key] = word

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        self._restricted[key] = sorted(readers)
        self.google.files.set_grants(key, person(BOT, "writer"), *map(_grant, readers), inherits=False)

    async def open_up(self, key: str) -> None:
        del self._restricted[key]
        self.google.files.set_grants(key)

    async def put_group(self, name: str, members: Collection[str]) -> None:
        self._groups[name] = sorted(members)
        self.google.files.put_group(_address(name), *map(_member, members))

    async def attach(self, key: str, file_name: str, paragraphs: Sequence[str]) -> str:
        raise NotImplementedError(Ability.ATTACH)

    async def label(self, key: str, labels: Collection[str]) -> None:
        raise NotImplementedError(Ability.LABEL)

    def break_listing(self) -> None:
        """Every listing of files breaks off after its first page."""
        self.google.page_size = 1
        self.google.fail("files.list", None, *[Refuse(503)] * 100)

    def mend_listing(self) -> None:
        self.google.page_size = _MANY
        self.google.faults.clear()

    def documents(self) -> Mapping[str, str]:
        return dict(self._word_of)

    def readers(self, key: str) -> frozenset[str]:
        """Those who were put on the document or, where nobody was, on the folder above it; all staff at the top."""
        above: str | None = key
        while above is not None:
            if above in self._restricted:
                return people_in(self._restricted[above], self._groups) & frozenset(PEOPLE)
            above = self._parent[above]
        return frozenset(PEOPLE)


def _grant(reader: str) -> Grant:
    return people_of(_member(reader)) if is_group(reader) else person(reader)


def _member(reader: str) -> str:
    return _address(group_name(reader)) if is_group(reader) else reader


def _address(group: str) -> str:
    return f"{group}@groups.example.com"


@asynccontextmanager
async def open_site(folder: Path, reader: TextReader) -> AsyncGenerator[GoogleDriveSite]:
    """Google keeps its files to itself: the folder stays empty."""
    async with GoogleServer() as google:
        yield GoogleDriveSite(google, reader)
