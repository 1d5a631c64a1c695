"""Confluence, Cloud or Data Center, for a crowd."""

import random
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.confluence import ApiToken, ConfluenceSource, Edition, PersonalAccessToken, Scope, open_place
from connectors.source import Source
from connectors.text.reader import TextReader
from tests.fakes.confluence import API_TOKEN, EMAIL, PERSONAL_TOKEN, ConfluenceServer, running_confluence
from tests.fakes.confluence_site import ConfluenceSite
from tests.fakes.confluence_wiki import BOT, Wiki
from tests.fakes.crowded.crowd import EVERYBODY, GROUPS, OUTSIDER, STAFF, CrowdedSite, Twist
from tests.fakes.site import STRANGER


class CrowdedWiki(ConfluenceSite):
    """Two spaces whose viewers change too; pages move between them, and are folders."""

    people = (*STAFF, OUTSIDER)
    classes = ()

    def __init__(self, server: ConfluenceServer, reader: TextReader) -> None:
        super().__init__(server, reader)
        self._wiki.add_space("LAB", viewers=[BOT, "group:users"], name="Laboratory")
        self._names = iter(range(1, 100_000))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        is_cloud = self._server.is_cloud
        async with open_place(
            self.name,
            base_url=self._server.base_url,
            auth=ApiToken(EMAIL, API_TOKEN) if is_cloud else PersonalAccessToken(PERSONAL_TOKEN),
            edition=Edition.CLOUD if is_cloud else Edition.DATA_CENTER,
        ) as place:
            yield ConfluenceSource(place, name=self.name, reader=self._reader, scope=Scope(nested_groups=True))

    def documents(self) -> Mapping[str, str]:
        return {key: word for key, word in super().documents().items() if self._wiki.may_open(BOT, key)}

    def readers(self, key: str) -> frozenset[str]:
        """What our own account may not open, nobody learns of."""
        if key not in self._wiki.contents or not self._wiki.may_open(BOT, key):
            return frozenset()
        accounts = {person: None if person == STRANGER else person for person in EVERYBODY}
        return frozenset(person for person, account in accounts.items() if self._wiki.may_open(account, key))

    async def move(self, key: str, parent: str | None) -> None:
        space = self._wiki.contents[parent or key].space
        self._wiki.move(key, parent, space=space)

    async def restore(self, key: str) -> None:
        """At the top where the page that it stood under is in another space by now."""
        self._wiki.restore(key)
        back = self._wiki.contents[key]
        if back.parent is not None and self._wiki.contents[back.parent].space != back.space:
            back.parent = None

    def pages(self) -> Sequence[str]:
        return [key for key, one in self._wiki.contents.items() if one.type == "page" and one.status == "current"]

    def folders(self) -> Sequence[str]:
        return self.pages()

    def restrictable(self) -> Sequence[str]:
        return self.pages()

    def restricted(self) -> Sequence[str]:
        return [key for key in self.pages() if self._wiki.contents[key].readers is not None]

    def gone(self) -> Sequence[str]:
        return [key for key, one in self._wiki.contents.items() if one.type == "page" and one.status == "trashed"]

    def removable(self) -> Sequence[str]:
        return [key for key, one in self._wiki.contents.items() if one.status == "current"]

    def movable(self) -> Iterator[tuple[str, str | None]]:
        for key in self.pages():
            yield key, None
            for parent in self.pages():
                if parent != key and self._wiki.contents[key] not in self._wiki.ancestors(parent):
                    yield key, parent

    def twists(self) -> Sequence[Twist]:
        return [self._let_view, self._let_view, self._open_to_all, self._shut_out_bot, self._replace_file]

    async def _let_view(self, chance: random.Random) -> None:
        """Other viewers of a space; half of the time everybody with a licence."""
        space = self._wiki.spaces[chance.choice(["HELP", "LAB"])]
        named = [*self.people, *(f"group:{name}" for name in GROUPS)]
        space.viewers = [BOT, *chance.sample(named, chance.randint(0, 6))]
        space.is_for_licensed = self._server.is_cloud and chance.random() < 0.5

    async def _open_to_all(self, chance: random.Random) -> None:
        """Strangers see a space where both it and the site are open."""
        for space in self._wiki.spaces.values():
            space.is_anonymous = chance.random() < 0.5
        self._wiki.is_open_to_anonymous = chance.random() < 0.5

    async def _shut_out_bot(self, chance: random.Random) -> None:
        """The page, and what is below it, is not shown to our account."""
        if pages := self.pages():
            self._wiki.restrict(chance.choice(pages), [chance.choice(STAFF)])

    async def _replace_file(self, chance: random.Random) -> None:
        files = [key for key in self.documents() if self._wiki.contents[key].type == "attachment"]
        if files:
            key = chance.choice(files)
            self._word_of[key] = next(self._words)
            self._wiki.replace_file(key, f"Anew {self._word_of[key]}".encode())


def _crowded_wiki() -> Wiki:
    wiki = Wiki()
    for each in (*STAFF, OUTSIDER):
        wiki.add_user(each, email=each)
    wiki.add_group("users", [*STAFF, BOT])
    wiki.add_space("HELP", viewers=[BOT, "group:users"], name="Help desk")
    return wiki


@asynccontextmanager
async def open_cloud(folder: Path, reader: TextReader) -> AsyncGenerator[CrowdedSite]:
    async with running_confluence(_crowded_wiki(), is_cloud=True) as server:
        yield CrowdedWiki(server, reader)


@asynccontextmanager
async def open_data_center(folder: Path, reader: TextReader) -> AsyncGenerator[CrowdedSite]:
    async with running_confluence(_crowded_wiki(), is_cloud=False) as server:
        yield CrowdedWiki(server, reader)
