"""A folder of files as a source of knowledge, with an optional `.access.yaml` that says who may read what."""

import asyncio
import errno
import hashlib
import os
import re
import stat
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from urllib.parse import quote

from connectors.documents import Cursor, Document, Listed, Present, Principal, Spent
from connectors.errors import SourceUnavailable, Unreadable
from connectors.folder_access import FILE_NAME, MAX_BYTES, FolderAccess, WrongAccessFile, parse_access
from connectors.text.cleaning import clean_line
from connectors.text.media_types import guess_media_type
from connectors.text.reader import TextReader

_MAX_TITLE_CHARS = 300
_WORD_MARKS = re.compile(r"[-_]+")
_LATEST_MTIME_S = 253_402_300_799
"""The last second of the year 9999; datetime ends there, file systems don't."""
_BAD_NAME = "the name is not UTF-8"
"""The version of a file that can't be named, hence not be read."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A regular file in the folder, or a link to one."""

    path: Path
    key: str
    rule_paths: tuple[str, ...]
    """The paths whose rules hold for it: its own and, for a link, that of what it links to."""

    @property
    def is_named(self) -> bool:
        """Whether the name is UTF-8, so that the key leads back to the file."""
        return self.key == self.rule_paths[0]


class FolderSource:
    """All files under a folder, by their path in it.

    Files and folders whose name begins with a dot are left out, as are office programs' lock files (`~$...`), links to
    folders, and links to files outside. The version is the SHA-256 of the content. Every listing is a whole one; the
    cursor only says when it began.
    """

    def __init__(self, root: Path, *, name: str, reader: TextReader, base_url: str = "") -> None:
        """With base_url, a document's link is that address with its quoted key behind; without, it has none."""
        if base_url and not base_url.startswith(("https://", "http://")):
            raise ValueError(f"base_url is {base_url!r}; it begins with https:// or is empty")
        self._root = root
        self._name = name
        self._reader = reader
        self._base_url = base_url.rstrip("/")

    @property
    def name(self) -> str:
        return self._name

    @property
    def spent(self) -> Spent:
        return Spent()

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:  # noqa: ARG002  always lists all
        began_at = datetime.now(UTC)
        access = await asyncio.to_thread(self._load_access)
        for found in await asyncio.to_thread(self._walk):
            listed = await asyncio.to_thread(self._list, found, access)
            if listed is not None:
                yield listed
        yield Cursor(value=began_at.isoformat())

    async def present(self) -> AsyncIterator[Present]:
        access = await asyncio.to_thread(self._load_access)
        for found in await asyncio.to_thread(self._walk):
            yield Present(key=found.key, access=access.rule_for(*found.rule_paths))

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        access = await asyncio.to_thread(self._load_access)
        return access.memberships

    async def read(self, listed: Listed) -> Document:
        """The file as it is now: its version is that of what was read, even if it changed since it was listed."""
        if listed.version == _BAD_NAME:
            raise Unreadable(listed.key, "its file name is not UTF-8; rename it")
        content = await asyncio.to_thread(self._load, listed)
        text = await self._reader.read(content, listed.media_type, key=listed.key)
        return Document.of(
            listed,
            version=hashlib.sha256(content).hexdigest(),
            title=text.title,
            markdown=text.markdown,
            page_starts=text.page_starts,
        )

    def _load_access(self) -> FolderAccess:
        """The access file's rules. A link to nowhere is a wrong file, not a missing one: nobody is guessed in."""
        file = self._root / FILE_NAME
        if not self._root.is_dir():
            raise self._unavailable(f"the folder {self._root} does not exist, or is none")
        if not os.path.lexists(file):
            return FolderAccess()
        try:
            with _open_regular(file) as opened:
                return parse_access(opened.read(MAX_BYTES + 1).decode(), source=self._name)
        except (OSError, UnicodeDecodeError, WrongAccessFile) as error:
            raise self._unavailable(f"{FILE_NAME}: {_in_words(error)}") from error

    def _walk(self) -> list[_Found]:
        """Every file, sorted by key. Raises SourceUnavailable rather than leaving out what can't be listed."""
        try:
            root = self._root.resolve(strict=True)
            entries = list(_entries(root))
            found = [_find(root, entry) for entry in entries]
        except OSError as error:
            raise self._unavailable(f"{error.filename or self._root}: {_in_words(error)}") from error
        if not entries:
            raise self._unavailable("the folder is empty; is its drive mounted? An access file in it says that it is")
        self._refuse_misplaced_access_files(root, entries)
        return sorted(filter(None, found), key=lambda file: file.key)

    def _refuse_misplaced_access_files(self, root: Path, entries: list[os.DirEntry[str]]) -> None:
        for entry in entries:
            is_meant = entry.name.casefold() in {FILE_NAME, ".access.yml"}
            if is_meant and Path(entry.path) != root / FILE_NAME:
                place = Path(entry.path).relative_to(root).as_posix()
                raise self._unavailable(f"{_printable(place)}: rules are read from {FILE_NAME} at the top only")

    def _list(self, found: _Found, access: FolderAccess) -> Listed | None:
        """The file as a listing shows it; None when it is gone by now."""
        try:
            status = found.path.stat()
            version = self._version(found, status)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unavailable(f"{found.key}: {_in_words(error)}") from error
        return Listed(
            key=found.key,
            version=version,
            title=_title(Path(found.key).stem) or found.key,
            url=f"{self._base_url}/{quote(found.key)}" if self._base_url else "",
            access=access.rule_for(*found.rule_paths),
            media_type=guess_media_type(found.key),
            modified_at=datetime.fromtimestamp(min(max(status.st_mtime, 0), _LATEST_MTIME_S), UTC),
        )

    def _version(self, found: _Found, status: os.stat_result) -> str:
        """The content's hash; of a file that will not be read anyway, its size and time."""
        if not found.is_named:
            return _BAD_NAME
        if status.st_size <= self._reader.limits.input_bytes:
            try:
                with _open_regular(found.path) as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                raise
            except OSError:  # reading it will say why
                pass
        return f"unread {status.st_size} {status.st_mtime_ns}"

    def _load(self, listed: Listed) -> bytes:
        """The content. Raises Unreadable before reading what is too large, of no known type, or no longer there."""
        limit = self._reader.limits.input_bytes
        try:
            path = Path(os.path.realpath(self._root / listed.key, strict=True))
            self._check_place(path, listed)
            with _open_regular(path) as file:
                self._reader.check(listed.media_type, os.fstat(file.fileno()).st_size, key=listed.key)
                content = file.read(limit + 1)
        except FileNotFoundError as error:
            raise Unreadable(listed.key, "the file is gone since it was listed") from error
        except OSError as error:
            raise Unreadable(listed.key, f"the file can't be opened: {_in_words(error)}") from error
        self._reader.check(listed.media_type, len(content), key=listed.key)
        return content

    def _check_place(self, path: Path, listed: Listed) -> None:
        """Refuse a file that became a link since it was listed, if it opens more than the listing's rule does."""
        root = self._root.resolve()
        if path == root / listed.key:
            return
        if not path.is_relative_to(root):
            raise Unreadable(listed.key, "it is a link to a file outside of the folder")
        if self._load_access().rule_for(listed.key, *_aliases(root, path)) != listed.access:
            raise Unreadable(listed.key, "it is a link whose access rules changed since it was listed")

    def _unavailable(self, reason: str) -> SourceUnavailable:
        return SourceUnavailable(self._name, reason)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Everything in a folder and its folders; of what is hidden, only the entry itself. Links are not followed."""
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry
                if not _is_hidden(entry.name) and entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))


def _find(root: Path, entry: os.DirEntry[str]) -> _Found | None:
    """The file that an entry stands for; None for folders, devices, hidden files and links that lead outside."""
    path = Path(entry.path)
    relative = path.relative_to(root).as_posix()
    if _is_hidden(entry.name):
        return None
    if not entry.is_symlink():
        is_file = entry.is_file(follow_symlinks=False)
        return _Found(path=path, key=_printable(relative), rule_paths=(relative,)) if is_file else None
    target = Path(os.path.realpath(path))
    if not target.is_file() or not target.is_relative_to(root):
        return None
    return _Found(path=path, key=_printable(relative), rule_paths=(relative, *_aliases(root, target)))


def _aliases(root: Path, target: Path) -> tuple[str, ...]:
    """The path of what a link leads to; none for a hidden file, which no rule is written for."""
    parts = target.relative_to(root).parts
    return () if any(map(_is_hidden, parts)) else ("/".join(parts),)


def _title(stem: str) -> str:
    """A file name as words: `reset-your-password` is said `Reset your password`."""
    words = clean_line(stem if " " in stem else _WORD_MARKS.sub(" ", stem), max_chars=_MAX_TITLE_CHARS)
    return words[:1].upper() + words[1:]


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


@contextmanager
def _open_regular(path: Path) -> Generator[BufferedReader]:
    """The file at a path; without waiting at a pipe that someone put in its place."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileNotFoundError(errno.ENOENT, "it is no file any more", str(path))
        yield file


def _printable(path: str) -> str:
    r"""The path with bytes that are not UTF-8 as \xff; unchanged when there are none."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _in_words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
