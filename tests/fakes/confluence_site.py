"""A space of Confluence Cloud on the strict fake, as a Site; its raw structure is the `Wiki`."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path

from connectors.confluence import ApiToken, ConfluenceSource, Edition, PersonalAccessToken, Scope, open_place
from connectors.source import Source
from connectors.text.reader import TextReader
from tests.fakes.confluence import API_TOKEN, EMAIL, PERSONAL_TOKEN, Broken, ConfluenceServer, running_confluence
from tests.fakes.confluence_wiki import BOT, Wiki
from tests.fakes.site import PEOPLE, STRANGER, Ability, words

_SPACE = "HELP"


class ConfluenceSite:
    """Readers and groups are those of the site, which knows people by e-mail address; folders are pages."""

    name = "confluence"
    can = frozenset(Ability)
    people: Sequence[str] = PEOPLE

    def __init__(self, server: ConfluenceServer, reader: TextReader) -> None:
        self._server = server
        self._wiki = server.wiki
        self._reader = reader
        self._words = words()
        self._word_of: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        is_cloud = self._server.is_cloud
        async with open_place(
            self.name,
            base_url=self._server.base_url,
            auth=ApiToken(EMAIL, API_TOKEN) if is_cloud else PersonalAccessToken(PERSONAL_TOKEN),
            edition=Edition.CLOUD if is_cloud else Edition.DATA_CENTER,
            sleep=_no_sleep,
        ) as place:
            yield ConfluenceSource(
                place, name=self.name, reader=self._reader, scope=Scope(spaces=(_SPACE,), nested_groups=True)
            )

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        return await self.add(title, ["What is below."], parent=parent)

    async def add(self, title: str, paragraphs: Sequence[str], *, parent: str | None = None) -> str:
        key = self._wiki.add_page(_SPACE, title, parent=parent)
        self._wiki.contents[key].body = self._body(key, paragraphs)
        return key

    async def add_huge(self, title: str) -> str:
        return self._wiki.add_page(_SPACE, title, f"<p>{'word ' * (self._reader.limits.input_bytes // 5 + 1)}</p>")

    async def add_refused(self, title: str) -> str:
        key = self._wiki.add_page(_SPACE, title, "<p>never seen</p>")
        self._wiki.contents[key].shows_body = False
        return key

    async def change(self, key: str, paragraphs: Sequence[str]) -> None:
        self._wiki.edit(key, self._body(key, paragraphs))

    async def rename(self, key: str, title: str) -> None:
        self._wiki.rename(key, title)

    async def move(self, key: str, parent: str | None) -> None:
        self._wiki.move(key, parent)

    async def remove(self, key: str) -> None:
        self._wiki.trash(key)

    async def restore(self, key: str) -> None:
        self._wiki.restore(key)

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        """Our own account always is among them: what it may not open, nobody learns of."""
        self._wiki.restrict(key, [BOT, *readers])

    async def open_up(self, key: str) -> None:
        self._wiki.restrict(key, None)

    async def put_group(self, name: str, members: Collection[str]) -> None:
        self._wiki.add_group(name, members)

    async def attach(self, key: str, file_name: str, paragraphs: Sequence[str]) -> str:
        word = next(self._words)
        content = "\n\n".join([*paragraphs, word]).encode()
        attached = self._wiki.add_attachment(key, file_name, content, "text/plain")
        self._word_of[attached] = word
        return attached

    async def label(self, key: str, labels: Collection[str]) -> None:
        self._wiki.contents[key].labels = list(labels)

    def break_listing(self) -> None:
        self._server.always("content/search", Broken(503))

    def mend_listing(self) -> None:
        self._server.always("content/search", None)

    def documents(self) -> Mapping[str, str]:
        return {key: word for key, word in self._word_of.items() if self._wiki.contents[key].status == "current"}

    def readers(self, key: str) -> frozenset[str]:
        return frozenset(
            person for person in (*PEOPLE, STRANGER) if self._wiki.may_open(None if person == STRANGER else person, key)
        )

    def _body(self, key: str, paragraphs: Sequence[str]) -> str:
        self._word_of.pop(key, None)
        if not paragraphs:
            return ""
        self._word_of[key] = next(self._words)
        return "".join(f"<p>{escape(each)}</p>" for each in [*paragraphs, self._word_of[key]])


def wiki_of_the_staff() -> Wiki:
    """One space that everyone on the staff may view. People's ids are their addresses."""
    wiki = Wiki()
    for person in PEOPLE:
        wiki.add_user(person, email=person)
    wiki.add_group("users", [*PEOPLE, BOT])
    wiki.add_space(_SPACE, viewers=["group:users"], name="Help desk")
    return wiki


@asynccontextmanager
async def open_site(folder: Path, reader: TextReader, *, is_cloud: bool = True) -> AsyncGenerator[ConfluenceSite]:
    async with running_confluence(wiki_of_the_staff(), is_cloud=is_cloud) as server:
        yield ConfluenceSite(server, reader)


async def _no_sleep(seconds: float) -> None:
    """Nobody waits in tests."""
