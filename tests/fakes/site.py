"""What the contract test drives: one kind of place, in a world of a few people, that the test changes at will.

A site stands on the strict fake of its place (a folder: on a real one) and is its own oracle: `documents` and `readers`
are worked out from the site's raw structure, by plain loops over sets of e-mail addresses, and use neither the
connector nor AccessRule.

    site = ...
    key = await site.add("VPN", ["How to connect."])
    async with site.open() as source:
        await sync(source, store=store, embedder=embedder)
    site.documents()[key]      # a word that stands in this document alone
    site.readers(key)          # who may open the original now

Each `<place>_site.py` has a function `open_site(folder: Path, reader: TextReader)`, an asynchronous context manager
that gives a Site: an empty place of its own for one test. `folder` is empty too, for what needs files.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Protocol

from connectors.source import Source

ADA, BO, CY, DEE = PEOPLE = ("ada@example.com", "bo@example.com", "cy@example.com", "dee@example.com")
"""The staff of the test world."""
STRANGER = "stranger"
"""A guest: nobody's colleague, reads what is public."""
_GROUP = "group:"


class Ability(Enum):
    """What not every kind of place has; a test that needs one is skipped, by name, for sites that lack it."""

    RESTRICT = "readers can be named for a document"
    INHERIT = "a folder's restriction holds for what is in it"
    GROUPS = "readers can be groups, which hold groups"
    MOVE = "a document can be moved and stays the same document"
    RENAME = "a document's title can change while its text stays"
    ATTACH = "a document can have attachments, which are documents"
    LABEL = "documents have labels"
    TRAIL = "a document is found by the titles of the folders it is in"
    REFUSE = "a document can exist whose content the place does not hand out"
    TREE = "a folder can have a thousand children"


class Site(Protocol):
    name: str
    """Of the source."""
    can: frozenset[Ability]
    people: Sequence[str]
    """E-mail addresses of everybody but the stranger; all of them staff."""

    def open(self) -> AbstractAsyncContextManager[Source]:
        """A fresh source on this place, as a process that has just started has it."""
        ...

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        """Something to put documents in; what it returns is a `parent` and can be restricted. Where folders are
        documents themselves (Confluence), it is one more document."""
        ...

    async def add(self, title: str, paragraphs: Sequence[str], *, parent: str | None = None) -> str:
        """The key of the new document, which anyone on the staff may read unless its parents say otherwise. Its text is
        the paragraphs (Markdown) and, unless there are none, the document's own word."""
        ...

    async def add_huge(self, title: str) -> str:
        """A document that is larger than the reader takes."""
        ...

    async def add_refused(self, title: str) -> str:
        """A document that is listed, and can't be read."""
        ...

    async def change(self, key: str, paragraphs: Sequence[str]) -> None:
        """Another text with another word."""
        ...

    async def rename(self, key: str, title: str) -> None: ...
    async def move(self, key: str, parent: str | None) -> None: ...
    async def remove(self, key: str) -> None: ...

    async def restore(self, key: str) -> None:
        """What was removed last under this key is there again, as it was."""
        ...

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        """Only these, and only those of them who may read what it is in: e-mail addresses or `group:NAME`. None at all
        is nobody."""
        ...

    async def open_up(self, key: str) -> None:
        """Take back `restrict`."""
        ...

    async def put_group(self, name: str, members: Collection[str]) -> None:
        """Make or replace a group: e-mail addresses or `group:NAME`, also of a group that is put later."""
        ...

    async def attach(self, key: str, file_name: str, paragraphs: Sequence[str]) -> str:
        """The key of a text file attached to a document, with a word of its own; its readers are the document's."""
        ...

    async def label(self, key: str, labels: Collection[str]) -> None: ...

    def break_listing(self) -> None:
        """From now on every listing breaks off, in its middle where it can, as if the place went down."""
        ...

    def mend_listing(self) -> None: ...

    def documents(self) -> Mapping[str, str]:
        """Oracle: everything with a text that can be read, by key, with the word that it alone holds."""
        ...

    def readers(self, key: str) -> frozenset[str]:
        """Oracle: who may open the original now, of `people` and STRANGER."""
        ...


def words() -> Iterator[str]:
    """Made-up words, each unlike every other, that no tokenizer or stemmer takes for the same."""
    for number in itertools.count(1):
        yield "".join("bdfgklmnrt"[int(digit)] + "aeiou"[int(digit) % 5] for digit in f"{number:04}") + "zq"


def is_group(reader: str) -> bool:
    return reader.startswith(_GROUP)


def group_name(reader: str) -> str:
    return reader.removeprefix(_GROUP)


def people_in(readers: Collection[str], groups: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The people that e-mail addresses and groups stand for, by walking the groups; a group of no members is nobody."""
    people: set[str] = set()
    seen: set[str] = set()
    pending = list(readers)
    while pending:
        reader = pending.pop()
        if not is_group(reader):
            people.add(reader)
        elif reader not in seen:
            seen.add(reader)
            pending.extend(groups.get(group_name(reader), ()))
    return frozenset(people)
