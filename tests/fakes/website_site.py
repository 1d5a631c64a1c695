"""A website with a sitemap, as a Site. Its raw structure: pages by path; everybody may read what is there."""

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path

from connectors.source import Source
from connectors.text.reader import TextReader
from connectors.website import Scope, open_website
from tests.fakes.site import PEOPLE, STRANGER, Ability, words
from tests.fakes.website import Website, html


class WebsiteSite:
    """A page's title is in its head alone, so that it can change while the text stays."""

    name = "website"
    can = frozenset({Ability.RENAME, Ability.REFUSE, Ability.TREE})
    people: Sequence[str] = PEOPLE

    def __init__(self, website: Website, reader: TextReader) -> None:
        self._website = website
        self._reader = reader
        self._words = words()
        self._word_of: dict[str, str] = {}
        self._texts: dict[str, tuple[str, str]] = {}
        """Title and main content by path."""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        async with open_website(
            self.name, Scope(base_url=self._website.base_url), reader=self._reader, sleep=_not_at_all
        ) as source:
            yield source

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        return f"{parent or ''}/{_slug(title)}"

    async def add(self, title: str, paragraphs: Sequence[str], *, parent: str | None = None) -> str:
        path = f"{parent or ''}/{_slug(title)}-{len(self._texts)}"
        self._texts[path] = (title, "")
        await self.change(self._website.url(path), paragraphs)
        return self._website.url(path)

    async def add_huge(self, title: str) -> str:
        path = f"/{_slug(title)}"
        self._website.put(path, html(title, "<p>word</p>" * (self._reader.limits.input_bytes // 10)))
        return self._website.url(path)

    async def add_refused(self, title: str) -> str:
        path = f"/{_slug(title)}"
        self._website.put(path, b"Who are you?", status=403)
        return self._website.url(path)

    async def change(self, key: str, paragraphs: Sequence[str]) -> None:
        path, main = self._path(key), ""
        self._word_of.pop(key, None)
        if paragraphs:
            self._word_of[key] = next(self._words)
            main = "".join(map(_block, "\n\n".join([*paragraphs, self._word_of[key]]).split("\n\n")))
        self._write(path, self._texts[path][0], main)

    async def rename(self, key: str, title: str) -> None:
        path = self._path(key)
        self._write(path, title, self._texts[path][1])

    async def move(self, key: str, parent: str | None) -> None:
        raise NotImplementedError(Ability.MOVE)

    async def remove(self, key: str) -> None:
        del self._website.pages[self._path(key)]

    async def restore(self, key: str) -> None:
        path = self._path(key)
        self._write(path, *self._texts[path])

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        raise NotImplementedError(Ability.RESTRICT)

    async def open_up(self, key: str) -> None:
        raise NotImplementedError(Ability.RESTRICT)

    async def put_group(self, name: str, members: Collection[str]) -> None:
        raise NotImplementedError(Ability.GROUPS)

    async def attach(self, key: str, file_name: str, paragraphs: Sequence[str]) -> str:
        raise NotImplementedError(Ability.ATTACH)

    async def label(self, key: str, labels: Collection[str]) -> None:
        raise NotImplementedError(Ability.LABEL)

    def break_listing(self) -> None:
        self._website.is_down = True

    def mend_listing(self) -> None:
        self._website.is_down = False

    def documents(self) -> Mapping[str, str]:
        return {key: word for key, word in self._word_of.items() if self._path(key) in self._website.pages}

    def readers(self, key: str) -> frozenset[str]:
        return frozenset({*PEOPLE, STRANGER})

    def _path(self, key: str) -> str:
        return key.removeprefix(self._website.base_url)

    def _write(self, path: str, title: str, main: str) -> None:
        self._texts[path] = (title, main)
        self._website.put(path, html(title, main))


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")


def _block(paragraph: str) -> str:
    heading = paragraph.removeprefix("## ")
    tag = "p" if heading == paragraph else "h2"
    return f"<{tag}>{escape(heading)}</{tag}>"


async def _not_at_all(seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def open_site(folder: Path, reader: TextReader) -> AsyncGenerator[WebsiteSite]:
    async with Website() as website:
        yield WebsiteSite(website, reader)
