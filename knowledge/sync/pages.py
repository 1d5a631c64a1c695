"""A page of listed documents into the store: each gets what it needs, and what became of it is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.documents import Listed
from connectors.errors import Unreadable
from knowledge.chunks import Chunk
from knowledge.letters import storable
from knowledge.store import (
    DocumentWrite,
    Quarantined,
    Settled,
    Space,
    StoredDocument,
    Writer,
    rule_digest,
)
from knowledge.sync.needs import (
    KILLED_ITS_READER,
    MAX_ATTEMPTS,
    Need,
    find_need,
    has_same_label,
    is_same_try,
    title_after_moving,
)
from knowledge.sync.progress import Watch
from knowledge.sync.reading import Read, Reader, portions

EMBED_TEXTS = 32
"""Embedded between two saves: what a kill can cost."""

NO_TEXT = "it holds no text"

Suspects = Mapping[str, tuple[str, int]]
"""Version and attempts by key."""


@dataclass(kw_only=True)
class Pages:
    """Takes the pages of one run."""

    writer: Writer
    space: Space
    reader: Reader
    watch: Watch
    full: bool
    quarantined: Mapping[str, Quarantined]
    """As the run began, by key."""
    suspects: Suspects
    """Documents that were in hand when a run died."""
    news_after: datetime | None
    """End of the last complete run: what the place changed since is news."""
    oldest_news: datetime | None = None
    """When the place changed the oldest of the news stored so far."""

    @property
    def recipe(self) -> str:
        return repr(self.reader.options)

    def may_be_read(self, failed: Quarantined) -> bool:
        """Whether it is worth another try, though its place says nothing new of it."""
        return failed.attempts < MAX_ATTEMPTS or not is_same_try(failed, failed.listed, recipe=self.recipe)

    async def take(self, page: Mapping[str, Listed]) -> None:
        """Do for each document what it needs; the page is by key as stored."""
        stored = await self.writer.list_documents(page.keys())
        by_need: dict[Need, dict[str, Listed]] = {need: {} for need in Need}
        for key, listed in page.items():
            failed = self.quarantined.get(key)
            by_need[find_need(listed, stored.get(key), failed, recipe=self.recipe, full=self.full)][key] = listed
        settled = [Settled(key=key, fate="unchanged") for key in by_need[Need.NOTHING]]
        settled += await self._move(by_need[Need.MOVING], stored)
        for key, listed in by_need[Need.LEAVING].items():
            settled.append(await self._leave(key, listed, stored.get(key), reason=self.quarantined[key].reason))
        await self._settle(settled)
        for group in self._groups(by_need[Need.READING]):
            await self._read_and_store(group, stored)
        await self.watch.report()

    async def _settle(self, settled: Sequence[Settled]) -> None:
        if settled:
            self.watch.add(await self.writer.account.settle(settled))

    # Left as it is

    async def _move(self, page: Mapping[str, Listed], stored: Mapping[str, StoredDocument]) -> list[Settled]:
        await self._write(
            [
                replace(self._as_listed(key, listed), title=title_after_moving(stored[key], listed))
                for key, listed in page.items()
            ]
        )
        return [
            Settled(
                key=key,
                fate="unchanged",
                renamed=not has_same_label(stored[key], listed),
                rights_moved=stored[key].access_digest != rule_digest(listed.access),
            )
            for key, listed in page.items()
        ]

    async def _leave(self, key: str, listed: Listed, stored: StoredDocument | None, *, reason: str) -> Settled:
        """Skip a document. An older version that is stored goes on to be found, with its date, under the new rights."""
        moved = stored is not None and stored.access_digest != rule_digest(listed.access)
        if stored and moved:
            await self._write([_kept(stored, listed)])
        return Settled(key=key, fate="skipped", reason=storable(reason), rights_moved=moved)

    # Reading and storing

    def _groups(self, page: Mapping[str, Listed]) -> list[dict[str, Listed]]:
        """Read together; but one by one what may have killed a run, so that the culprit is found."""
        together = {key: listed for key, listed in page.items() if not self._is_suspect(key, listed)}
        alone = [{key: listed} for key, listed in page.items() if key not in together]
        return [*([together] if together else []), *alone]

    def _is_suspect(self, key: str, listed: Listed) -> bool:
        return key in self.suspects and self.suspects[key][0] == storable(listed.version)

    async def _read_and_store(self, page: Mapping[str, Listed], stored: Mapping[str, StoredDocument]) -> None:
        await self.watch.report(in_hand={key: storable(listed.version) for key, listed in page.items()})
        survived: list[Read] = []
        for key, result in zip(page, await self._read_all(page), strict=True):
            if isinstance(result, Unreadable):
                attempts = MAX_ATTEMPTS if result.reason == KILLED_ITS_READER else self._attempts(key, page[key]) + 1
                await self.writer.quarantine.put(page[key], result.reason, attempts=attempts, recipe=self.recipe)
                await self._settle([await self._leave(key, page[key], stored.get(key), reason=result.reason)])
            else:
                survived.append(result)
        for portion in portions(survived):
            await self._store(portion, stored)
        if suspected := self.suspects.keys() & page.keys():
            await self.writer.quarantine.clear(suspected)

    async def _read_all(self, page: Mapping[str, Listed]) -> Sequence[Read | Unreadable]:
        ((key, listed), *others) = page.items()
        if not others and self._is_suspect(key, listed) and self.suspects[key][1] >= MAX_ATTEMPTS and not self.full:
            return [Unreadable(key, KILLED_ITS_READER)]
        return await self.reader.read_all(page)

    def _attempts(self, key: str, listed: Listed) -> int:
        """How often this version could not be read before."""
        failed = self.quarantined.get(key)
        return failed.attempts if failed and is_same_try(failed, listed, recipe=self.recipe) else 0

    async def _store(self, portion: Sequence[Read], stored: Mapping[str, StoredDocument]) -> None:
        """Embed what is not known, outside of any transaction, then write it all in one."""
        await self._embed([chunk for read in portion for chunk in read.chunks])
        await self._write([self._as_read(read) for read in portion])
        known = await self.writer.account.list_known([read.key for read in portion])
        for read in portion:
            self._note_news(read.listed)
            if not read.chunks:
                await self.writer.quarantine.put(read.listed, NO_TEXT, attempts=MAX_ATTEMPTS, recipe=self.recipe)
        await self.writer.quarantine.release(
            [read.key for read in portion if read.chunks and read.key in self.quarantined]
        )
        await self._settle([_settled(read, stored.get(read.key), was_known=read.key in known) for read in portion])

    def _note_news(self, listed: Listed) -> None:
        if self.news_after and listed.modified_at > self.news_after:
            self.oldest_news = min(self.oldest_news or listed.modified_at, listed.modified_at)

    async def _embed(self, chunks: Sequence[Chunk]) -> None:
        texts = {chunk.digest: chunk.embedded_text for chunk in chunks}
        unknown = await self.writer.vectors.reserve(self.space, texts.keys())
        fresh = [digest for digest in texts if digest in unknown]
        self.watch.chunks_reused += len(chunks) - len(fresh)
        for start in range(0, len(fresh), EMBED_TEXTS):
            digests = fresh[start : start + EMBED_TEXTS]
            vectors = await self.reader.embedder.embed([texts[digest] for digest in digests])
            await self.writer.vectors.add(self.space, dict(zip(digests, vectors, strict=True)))
            await self.watch.report_embedded(len(digests))

    async def _write(self, documents: Sequence[DocumentWrite]) -> None:
        if documents:
            await self.writer.write(documents, self.space)

    def _as_read(self, read: Read) -> DocumentWrite:
        return replace(
            self._as_listed(read.key, read.listed),
            title=read.document.title,
            access=read.document.access,
            chunks=read.chunks,
        )

    def _as_listed(self, key: str, listed: Listed) -> DocumentWrite:
        return DocumentWrite(
            key=key,
            version=listed.version,
            recipe=self.recipe,
            title=listed.title,
            listed_title=listed.title,
            url=listed.url,
            access=listed.access,
            modified_at=min(listed.modified_at, datetime.now(UTC)),  # clocks that are ahead make nothing newer
            chunks=None,
            trail=listed.trail,
            labels=listed.labels,
        )


def _settled(read: Read, stored: StoredDocument | None, *, was_known: bool) -> Settled:
    """What became of a document that was read and stored."""
    moved = stored is not None and stored.access_digest != rule_digest(read.document.access)
    if not read.chunks:
        return Settled(key=read.key, fate="skipped", reason=NO_TEXT, rights_moved=moved)
    return Settled(key=read.key, fate="changed" if was_known else "added", rights_moved=moved)


def _kept(stored: StoredDocument, listed: Listed) -> DocumentWrite:
    """The document as it is stored, but for its rights."""
    return DocumentWrite(
        key=stored.key,
        version=stored.version,
        recipe=stored.recipe,
        title=stored.title,
        listed_title=stored.listed_title,
        url=stored.url,
        access=listed.access,
        modified_at=stored.modified_at,
        chunks=None,
        trail=stored.trail,
        labels=stored.labels,
    )
