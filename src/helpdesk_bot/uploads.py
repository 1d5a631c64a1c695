"""Uploaded files as a source of knowledge: their place is our own table."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

from connectors.documents import (
    PUBLIC,
    STAFF,
    AccessRule,
    Cursor,
    Document,
    Listed,
    Present,
    Principal,
    Spent,
    user,
)
from connectors.errors import Unreadable
from connectors.text.media_types import guess_media_type
from connectors.text.reader import TextReader
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.records.uploads import Upload, Uploads

SOURCE_NAME = "uploads"
MAX_NAME_CHARS = 200


def read_readers(words: Iterable[str]) -> frozenset[Principal]:
    """`staff`, `public` and e-mail addresses as principals. Raises NotConfigured for anything else."""
    return frozenset(_reader(word.strip()) for word in words if word.strip()) or frozenset({STAFF})


def _reader(word: str) -> Principal:
    known = {"staff": STAFF, "public": PUBLIC}
    if word.casefold() in known:
        return known[word.casefold()]
    if "@" not in word or " " in word:
        raise NotConfigured(f"{word!r} is no reader: say staff, public, or an e-mail address")
    return user(word)


class UploadSource:
    """Fits `connectors.source.Source`. Every listing is a whole one: it is a query of our own."""

    name = SOURCE_NAME
    spent = Spent()

    def __init__(self, uploads: Uploads, *, reader: TextReader) -> None:
        self._uploads = uploads
        self._reader = reader

    async def add(self, name: str, content: bytes, *, readers: frozenset[Principal], uploaded_by: str) -> None:
        """Keep a file, unless its kind or size can't be read: then `Unreadable` says why, and nothing is kept."""
        if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable():
            raise Unreadable(name[:MAX_NAME_CHARS], f"its name must have 1 to {MAX_NAME_CHARS} printable characters")
        media_type = guess_media_type(name)
        self._reader.check(media_type, len(content), key=name)
        await self._uploads.put(name, content, media_type=media_type, readers=readers, uploaded_by=uploaded_by)

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:  # noqa: ARG002  always lists all
        began_at = datetime.now(UTC)
        for upload in await self._uploads.list_all():
            yield _listed(upload)
        yield Cursor(value=began_at.isoformat())

    async def present(self) -> AsyncIterator[Present]:
        for upload in await self._uploads.list_all():
            yield Present(key=upload.name, access=_rule(upload))

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        return {}

    async def read(self, listed: Listed) -> Document:
        content = await self._uploads.find_content(listed.key)
        if content is None:
            raise Unreadable(listed.key, "it was removed since it was listed")
        text = await self._reader.read(content, listed.media_type, key=listed.key)
        return Document.of(
            listed,
            version=hashlib.sha256(content).hexdigest(),
            title=text.title,
            markdown=text.markdown,
            page_starts=text.page_starts,
        )


def _listed(upload: Upload) -> Listed:
    return Listed(
        key=upload.name,
        version=upload.sha256.hex(),
        title=PurePosixPath(upload.name).stem.replace("-", " ").replace("_", " "),
        url="",
        access=_rule(upload),
        media_type=upload.media_type,
        modified_at=upload.uploaded_at,
    )


def _rule(upload: Upload) -> AccessRule:
    return AccessRule.any_of(map(Principal, upload.readers))
