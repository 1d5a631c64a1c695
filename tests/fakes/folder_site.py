"""A folder of Markdown files with an access file, as a Site; its raw structure is files and what that says."""

import json
import re
import shutil
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.folder import FolderSource
from connectors.source import Source
from connectors.text.reader import TextReader
from tests.fakes.site import PEOPLE, STRANGER, Ability, group_name, is_group, people_in, words

_CLASSES = {"staff": frozenset(PEOPLE), "public": frozenset({*PEOPLE, STRANGER})}


class FolderSite:
    """Keys are paths, so a title is a file name and what is renamed or moved is another document.

    The access file restricts whole paths; its rules say "all that match must admit", as `Site.restrict` does.
    """

    name = "folder"
    can = frozenset({Ability.RESTRICT, Ability.INHERIT, Ability.GROUPS, Ability.REFUSE, Ability.TREE})
    people: Sequence[str] = PEOPLE

    def __init__(self, root: Path, reader: TextReader) -> None:
        self._root = root
        self._reader = reader
        self._words = words()
        self._word_of: dict[str, str] = {}
        self._trash: dict[str, tuple[bytes, str]] = {}
        self._restricted: dict[str, list[str]] = {}
        self._groups: dict[str, list[str]] = {}
        self._write_rules()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Source]:
        yield FolderSource(self._root, name=self.name, reader=self._reader)

    async def add_folder(self, title: str, *, parent: str | None = None) -> str:
        path = self._free(parent, title, suffix="")
        path.mkdir()
        return self._key(path)

    async def add(self, title: str, paragraphs: Sequence[str], *, parent: str | None = None) -> str:
        key = self._key(self._free(parent, title, suffix=".md"))
        await self.change(key, paragraphs)
        return key

    async def add_huge(self, title: str) -> str:
        path = self._free(None, title, suffix=".md")
        path.write_bytes(b"word " * (self._reader.limits.input_bytes // 5 + 1))
        return self._key(path)

    async def add_refused(self, title: str) -> str:
        path = self._free(None, title, suffix=".pdf")
        path.write_bytes(b"this is no PDF")
        return self._key(path)

    async def change(self, key: str, paragraphs: Sequence[str]) -> None:
        self._word_of.pop(key, None)
        text = "\n\n".join(paragraphs)
        if paragraphs:
            self._word_of[key] = next(self._words)
            text = f"{text} {self._word_of[key]}"
        (self._root / key).write_text(text, encoding="utf-8")

    async def rename(self, key: str, title: str) -> None:
        raise NotImplementedError(Ability.RENAME)

    async def move(self, key: str, parent: str | None) -> None:
        raise NotImplementedError(Ability.MOVE)

    async def remove(self, key: str) -> None:
        path = self._root / key
        self._trash[key] = (path.read_bytes(), self._word_of.pop(key, ""))
        path.unlink()

    async def restore(self, key: str) -> None:
        content, word = self._trash.pop(key)
        (self._root / key).write_bytes(content)
        if word:
            self._word_of[key] = word

    async def restrict(self, key: str, readers: Collection[str]) -> None:
        self._restricted[key] = sorted(readers)
        self._write_rules()

    async def open_up(self, key: str) -> None:
        del self._restricted[key]
        self._write_rules()

    async def put_group(self, name: str, members: Collection[str]) -> None:
        self._groups[name] = sorted(members)
        for named in map(group_name, filter(is_group, members)):
            self._groups.setdefault(named, [])
        self._write_rules()

    async def attach(self, key: str, file_name: str, paragraphs: Sequence[str]) -> str:
        raise NotImplementedError(Ability.ATTACH)

    async def label(self, key: str, labels: Collection[str]) -> None:
        raise NotImplementedError(Ability.LABEL)

    def break_listing(self) -> None:
        """The drive is no longer mounted."""
        self._root.rename(self._elsewhere)

    def mend_listing(self) -> None:
        self._elsewhere.rename(self._root)

    def documents(self) -> Mapping[str, str]:
        return dict(self._word_of)

    def readers(self, key: str) -> frozenset[str]:
        """By the path's beginnings: the file's own and that of each folder above it."""
        parts = key.split("/")
        allowed = _CLASSES["staff"]
        for end in range(1, len(parts) + 1):
            stated = self._restricted.get("/".join(parts[:end]))
            if stated is not None:
                allowed &= people_in(stated, self._groups)
        return allowed

    @property
    def _elsewhere(self) -> Path:
        return self._root.with_name(f"{self._root.name}-unmounted")

    def _key(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _free(self, parent: str | None, title: str, *, suffix: str) -> Path:
        """A path that no file has."""
        folder = self._root / parent if parent else self._root
        stem = re.sub(r"[\s/.\0]+", "-", title)[:60].strip("-")
        number = len(list(folder.iterdir()))
        return folder / f"{stem}-{number}{suffix}"

    def _write_rules(self) -> None:
        """In JSON, which is YAML and quotes whatever a name may hold."""
        rules = [
            {"match": _literal(key), "readers": list(map(_word, readers))} for key, readers in self._restricted.items()
        ]
        groups = {name: list(map(_word, members)) for name, members in self._groups.items()}
        stated = json.dumps({"groups": groups, "rules": rules}, ensure_ascii=False)
        (self._root / ".access.yaml").write_text(stated, encoding="utf-8")


def _literal(path: str) -> str:
    """The path as a pattern without wildcards."""
    if set("*?[") & set(path):
        raise ValueError(f"{path!r} would be a pattern")
    return path


def _word(reader: str) -> str:
    return f"grp:{group_name(reader)}" if is_group(reader) else reader


@asynccontextmanager
async def open_site(folder: Path, reader: TextReader) -> AsyncGenerator[FolderSite]:
    root = folder / "files"
    root.mkdir()
    yield FolderSite(root, reader)
    shutil.rmtree(folder)
