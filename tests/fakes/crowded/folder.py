"""A folder of files and its access file, for a crowd."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.text.reader import TextReader
from tests.fakes.crowded.crowd import OUTSIDER, STAFF, CrowdedSite, Twist, people_named
from tests.fakes.folder_site import FolderSite
from tests.fakes.site import Ability


class CrowdedFolder(FolderSite):
    """What is renamed or moved here, folders too, leaves its rule behind."""

    can = FolderSite.can | {Ability.MOVE, Ability.RENAME}
    people = (*STAFF, OUTSIDER)
    classes = ("staff", "public")
    _moves = 0

    def readers(self, key: str) -> frozenset[str]:
        parts = key.split("/")
        above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        stated = [people_named(self._restricted[path], self._groups) for path in above if path in self._restricted]
        return frozenset.intersection(*stated) if stated else frozenset(STAFF)

    async def move(self, key: str, parent: str | None) -> None:
        self._moves += 1
        path = self._root / key
        moved = self._free(parent, f"Moved {self._moves}", suffix=path.suffix)
        path.rename(moved)
        self._follow(key, self._key(moved))

    async def rename(self, key: str, title: str) -> None:
        above = Path(key).parent.as_posix()
        await self.move(key, None if above == "." else above)

    def pages(self) -> Sequence[str]:
        return list(self._word_of)

    def folders(self) -> Sequence[str]:
        return sorted(self._key(path) for path in self._root.rglob("*") if path.is_dir())

    def restrictable(self) -> Sequence[str]:
        return [*self.pages(), *self.folders()]

    def restricted(self) -> Sequence[str]:
        return list(self._restricted)

    def gone(self) -> Sequence[str]:
        return [key for key in self._trash if (self._root / key).parent.is_dir()]

    def removable(self) -> Sequence[str]:
        return self.pages()

    def movable(self) -> Iterator[tuple[str, str | None]]:
        for key in self.restrictable():
            for folder in (None, *self.folders()):
                if folder is None or not f"{folder}/".startswith(f"{key}/"):
                    yield key, folder

    def twists(self) -> Sequence[Twist]:
        return []

    def _follow(self, old: str, new: str) -> None:
        for key in [key for key in self._word_of if key == old or key.startswith(f"{old}/")]:
            self._word_of[new + key.removeprefix(old)] = self._word_of.pop(key)


@asynccontextmanager
async def open_folder(folder: Path, reader: TextReader) -> AsyncGenerator[CrowdedSite]:
    root = folder / "files"
    root.mkdir()
    yield CrowdedFolder(root, reader)
