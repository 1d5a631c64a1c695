"""RELIABILITY 12: edits in the same minute, under a clock that jumps, by 200 random schedules; none is missed."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from connectors.confluence import Scope
from connectors.text.reader import TextReader
from tests.fakes.confluence import running_confluence
from tests.fakes.confluence_door import confluence_source
from tests.fakes.confluence_mirror import Mirror
from tests.fakes.confluence_wiki import BOT, Wiki
from tests.fakes.site import PEOPLE
from tests.thorough import tried

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEDULES = tried(50, thoroughly=200)
_JUMPS = [timedelta(0)] * 6 + [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-2), timedelta(minutes=1)]
"""Of Confluence's clock between two edits: most fall in the same second; some are before the one before them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader() as text_reader:
        yield text_reader


class Editors:
    """Change a wiki at random. The word of a page's text stands in `words`."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.words: dict[str, str] = {}
        self.wiki = Wiki()
        for person in PEOPLE:
            self.wiki.add_user(person, email=person)
        self.wiki.add_group("users", [*PEOPLE, BOT])
        for name in ("red", "blue"):
            self.wiki.add_group(name, [])
        for space in ("IT", "HR", "AWAY"):
            self.wiki.add_space(space, viewers=["group:users"])
        for _ in range(4):
            self.add()

    def edit(self) -> None:
        self.wiki.now += self.chance.choice(_JUMPS)
        kinds = [
            self.add,
            self.add,
            self.attach,
            self.comment,
            self.write,
            self.write,
            self.rename,
            self.move,
            self.remove,
        ]
        self.chance.choice(
            [*kinds, self.restore, self.restrict, self.restrict, self.open_up, self.label, self.regroup]
        )()

    def add(self) -> None:
        parent = self.chance.choice([None, *self._pages()])
        space = self.wiki.contents[parent].space if parent else self.chance.choice(["IT", "HR", "AWAY"])
        page = self.wiki.add_page(space, self._word(), parent=parent, type="page")
        self._write(page)

    def attach(self) -> None:
        if page := self._any_page():
            word = self._word()
            self.words[self.wiki.add_attachment(page, "note.txt", word.encode(), "text/plain")] = word

    def comment(self) -> None:
        if page := self._any_page():
            self.wiki.add_comment(page, f"<p>{self._word()}</p>")

    def write(self) -> None:
        if page := self._any_page():
            self.wiki.edit(page, "")
            self._write(page)

    def rename(self) -> None:
        if page := self._any_page():
            self.wiki.rename(page, self._word())

    def move(self) -> None:
        if page := self._any_page():
            below = {each.id for each in self.wiki._with_descendants(page)}
            parent = self.chance.choice([None, *(each for each in self._pages() if each not in below)])
            space = self.wiki.contents[parent].space if parent else self.chance.choice(["IT", "HR", "AWAY"])
            self.wiki.move(page, parent, space=space)

    def remove(self) -> None:
        if page := self._any_page():
            self.chance.choice([self.wiki.trash, self.wiki.archive])(page)

    def restore(self) -> None:
        gone = [each.id for each in self.wiki.contents.values() if each.type == "page" and each.status != "current"]
        if gone:
            self.wiki.restore(self.chance.choice(gone))

    def restrict(self) -> None:
        if page := self._any_page():
            readers = self.chance.sample([*PEOPLE, "group:red", "group:blue"], self.chance.randint(0, 3))
            self.wiki.restrict(page, [BOT, *readers])

    def open_up(self) -> None:
        if page := self._any_page():
            self.wiki.restrict(page, None)

    def label(self) -> None:
        if page := self._any_page():
            self.wiki.contents[page].labels = [self._word()]

    def regroup(self) -> None:
        members = self.chance.sample([*PEOPLE, "group:red", "group:blue"], self.chance.randint(0, 3))
        self.wiki.add_group(self.chance.choice(["red", "blue"]), members)

    def _write(self, page: str) -> None:
        self.words[page] = self._word()
        self.wiki.contents[page].body = f"<p>{self.words[page]}</p>"

    def _word(self) -> str:
        return "".join(self.chance.choices("abcdefghij", k=12))

    def _pages(self) -> list[str]:
        return [each.id for each in self.wiki.contents.values() if each.type == "page" and each.status == "current"]

    def _any_page(self) -> str | None:
        pages = self._pages()
        return self.chance.choice(pages) if pages else None


def check(editors: Editors, mirror: Mirror) -> int:
    """What the mirror knows is what stands in the wiki; how many answers were compared."""
    wiki = editors.wiki
    wanted = {
        key
        for key in editors.words
        if wiki.contents[key].status == "current"
        and wiki.contents[key].space != "AWAY"
        and wiki.contents[wiki.contents[key].parent or key].status == "current"
    }
    assert mirror.documents.keys() == wanted
    for key in wanted:
        content, listed = wiki.contents[key], mirror.listed[key]
        assert editors.words[key] in mirror.documents[key].markdown
        assert listed.title == content.title
        assert listed.labels == tuple(content.labels)
        assert listed.trail == (wiki.spaces[content.space].name, *(each.title for each in wiki.ancestors(key)))
    for comment in wiki.contents.values():
        if comment.type == "comment" and comment.status == "current" and comment.parent in wanted:
            assert comment.body[3:-4] in mirror.documents[comment.parent].markdown
    for person in (*PEOPLE, None):
        assert mirror.readable_by(person) == {key for key in wanted if wiki.may_open(person, key)}
    return len(wanted) * (len(PEOPLE) + 1)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SCHEDULES, 25))
async def test_no_edit_is_missed(reader: TextReader, first: int) -> None:
    """The first half in Cloud, the second in Data Center."""
    checked, is_cloud = 0, first < SCHEDULES / 2
    for number in range(first, first + 25):
        editors = Editors(random.Random(number))
        mirror = Mirror()
        scope = Scope(spaces=("IT", "HR"), comments=True, nested_groups=True)
        async with (
            running_confluence(editors.wiki, is_cloud=is_cloud, page_size=12) as server,
            confluence_source(server, reader, scope) as source,
        ):
            for _ in range(3):
                await mirror.sync(source)
                checked += check(editors, mirror)
                for _ in range(editors.chance.randint(1, 8)):
                    editors.edit()
    assert checked > 250
