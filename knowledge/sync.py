"""A source into the store: only what changed, one run a source at a time, with a receipt.

A run that is killed costs one batch of embeddings: vectors are kept as they come, documents are stored page by page,
and the next run compares versions and goes on. Removing waits for the end of a complete listing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from connectors.documents import Cursor, Document, Listed
from connectors.errors import SourceUnavailable, Unreadable
from connectors.source import Source
from knowledge.chunks import Chunk, ChunkOptions, split
from knowledge.embedding import Embedder
from knowledge.errors import EmbedderUnavailable
from knowledge.receipts import Receipt, RunState
from knowledge.spaces import check_space, learn_dimension
from knowledge.store import (
    DocumentWrite,
    Quarantined,
    Space,
    Store,
    StoredDocument,
    Writer,
    rule_digest,
    storable,
    storable_key,
)

PAGE_DOCUMENTS = 50
"""Compared and read together."""

PAGE_CHUNKS = 500
"""Written in one transaction, unless one document has more."""

EMBED_TEXTS = 32
"""Embedded between two saves: what a kill can cost."""

PARALLEL_READS = 4

MAX_ATTEMPTS = 3
"""At reading one version of a document. A full run tries once more."""

BRAKE_DOCUMENTS = 20
BRAKE_SHARE = 0.3
"""More removals than both are taken for a fault of the place until a person approves them."""

MAX_REASONS = 50
"""Told apart in a receipt."""

NO_TEXT = "it holds no text"
NOT_LISTED = "the place has it but did not list it"
HELD_BACK = "the place no longer has it; its removal waits for approval"


@dataclass(frozen=True, kw_only=True)
class SyncProgress:
    """How far a run is; how much is to come is not known before the listing ends."""

    source: str
    settled: int
    """Documents of which it is known what became of them."""
    skipped: int
    chunks_embedded: int
    chunks_reused: int


class Fate(Enum):
    """What became of a document that was not skipped."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


class Need(Enum):
    """What a listed document needs."""

    READING = "reading"
    MOVING = "moving"
    """Its text stays; its title, link or rights go where the listing says."""
    NOTHING = "nothing"
    LEAVING = "leaving"
    """It could not be read, and this version won't be tried again."""


def find_need(
    listed: Listed, stored: StoredDocument | None, failed: Quarantined | None, *, recipe: str, full: bool
) -> Need:
    """Judge a document by its listing, without reading it."""
    if failed and failed.listed.version == storable(listed.version):
        return Need.LEAVING if failed.attempts >= MAX_ATTEMPTS and not full else Need.READING
    if stored is None or stored.version != storable(listed.version) or stored.recipe != recipe:
        return Need.READING
    if _same_label(stored, listed) and stored.access_digest == rule_digest(listed.access):
        return Need.NOTHING
    return Need.MOVING


def too_many(missing: int, *, stored: int, live: int) -> bool:
    """Whether so many removals at once are rather a fault of the place; any are when it seems to have nothing."""
    return missing > 0 and (live == 0 or (missing > BRAKE_DOCUMENTS and missing > BRAKE_SHARE * stored))


async def sync(
    source: Source,
    *,
    store: Store,
    embedder: Embedder,
    options: ChunkOptions | None = None,
    full: bool = False,
    approve_removals: bool = False,
    progress: Callable[[SyncProgress], None] | None = None,
) -> Receipt:
    """Bring the store to what the place has now.

    `full` lists everything and tries again what could not be read; unchanged text is still neither read nor embedded.
    A place or an embedder that is not there makes a failed receipt, not an error. Raises `SyncInProgress` while another
    process syncs this source, and `SpaceMismatch` when the stored vectors are of another embedder.
    """
    started = time.monotonic()
    async with store.writer(source.name) as writer:
        dimension = await learn_dimension(embedder)
        space = await writer.get_space(model=embedder.model, dimension=dimension)
        check_space(space, model=embedder.model, dimension=dimension)
        run_id = await writer.begin_run()
        run = _Run(
            source=source,
            writer=writer,
            space=space,
            embedder=embedder,
            options=options or ChunkOptions(),
            full=full,
            progress=progress,
            quarantined={failed.listed.key: failed for failed in await store.list_quarantined(source.name)},
            known_before=frozenset(await writer.list_keys()),
        )
        receipt, cursor = await run.settle(approve_removals=approve_removals)
        receipt = replace(receipt, took_s=round(time.monotonic() - started, 3))
        await writer.finish_run(run_id, state=receipt.state, receipt=receipt.as_json(), cursor=cursor)
    return receipt


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A listed document as it was read."""

    key: str
    listed: Listed
    document: Document
    chunks: Sequence[Chunk]


@dataclass(kw_only=True)
class _Run:
    """One run of one source: its means, and what became of each document so far."""

    source: Source
    writer: Writer
    space: Space
    embedder: Embedder
    options: ChunkOptions
    full: bool
    progress: Callable[[SyncProgress], None] | None
    quarantined: Mapping[str, Quarantined]
    """As the run began, by key."""
    known_before: frozenset[str]
    fates: dict[str, Fate | str] = field(default_factory=dict[str, Fate | str])
    """By key; the reason where the document is skipped."""
    renamed: set[str] = field(default_factory=set[str])
    rights_changed: set[str] = field(default_factory=set[str])
    chunks_embedded: int = 0
    chunks_reused: int = 0
    memberships_changed: bool = False

    async def settle(self, *, approve_removals: bool) -> tuple[Receipt, Cursor | None]:
        """The receipt, and where the next listing starts unless this one has to be repeated."""
        try:
            self.memberships_changed = await self.writer.replace_memberships(await self.source.memberships())
            listed_to = await self._take_listing(await self._since())
            cursor, live = await self._take_overlooked(listed_to) if listed_to else (None, set[str]())
            if cursor is None:
                return self._receipt(RunState.INCOMPLETE, reason="the listing was cut short"), None
            await self._try_again(live)
            held_back = await self._remove_missing(live, approved=approve_removals)
            await self._account_for_unlisted(live)
            await self._tidy()
        except SourceUnavailable as error:
            return self._receipt(RunState.FAILED, reason=error.reason), None
        except EmbedderUnavailable as error:
            return self._receipt(RunState.FAILED, reason=str(error)), None
        return self._receipt_of_complete_listing(live, held_back), None if held_back else cursor

    # Listing

    async def _take_listing(self, since: Cursor | None) -> Cursor | None:
        """Store what is new or changed, page by page; None when the listing ended without its cursor.

        What a place reports as removed is left to the end, when all that it has is known.
        """
        cursor: Cursor | None = None
        page: dict[str, Listed] = {}
        async for change in self.source.changes(since):
            cursor = change if isinstance(change, Cursor) else None
            if isinstance(change, Listed):
                page[storable_key(change.key)] = change
            if len(page) == PAGE_DOCUMENTS:
                await self._take_page(page)
                page = {}
        await self._take_page(page)
        return cursor

    async def _since(self) -> Cursor | None:
        """From the start where everything is asked for, or where documents are now cut in another way."""
        if self.full or await self.writer.holds_other_recipe(self._recipe):
            return None
        return await self.writer.get_cursor()

    async def _take_overlooked(self, cursor: Cursor) -> tuple[Cursor | None, set[str]]:
        """The newest cursor, None for a listing cut short, and the keys of all that the place has.

        What it has but did not list is listed once more: from the cursor, for what came meanwhile, then everything, for
        what an earlier listing left out.
        """
        live = await self._list_present_keys()
        for since in (cursor, None):
            if not await self._find_overlooked(live):
                break
            newest = await self._take_listing(since)
            live = await self._list_present_keys()
            if newest is None:
                return None, live
            cursor = newest
        return cursor, live

    async def _list_present_keys(self) -> set[str]:
        return {storable_key(one.key) async for one in self.source.present()}

    async def _find_overlooked(self, live: Collection[str]) -> set[str]:
        return set(live) - self.fates.keys() - self.quarantined.keys() - await self.writer.list_keys()

    async def _take_page(self, page: Mapping[str, Listed]) -> None:
        """Do for each document what it needs; the page is by key as stored."""
        stored = await self.writer.list_documents(page.keys())
        by_need: dict[Need, dict[str, Listed]] = {need: {} for need in Need}
        for key, listed in page.items():
            failed = self.quarantined.get(key)
            by_need[find_need(listed, stored.get(key), failed, recipe=self._recipe, full=self.full)][key] = listed
        for key in by_need[Need.NOTHING]:
            self._settle(key, Fate.UNCHANGED)
        await self._move(by_need[Need.MOVING], stored)
        for key, listed in by_need[Need.LEAVING].items():
            await self._leave(key, listed, stored.get(key), reason=self.quarantined[key].reason)
        await self._read_and_store(by_need[Need.READING], stored)
        self._report()

    async def _move(self, page: Mapping[str, Listed], stored: Mapping[str, StoredDocument]) -> None:
        await self._write(
            [
                replace(self._as_listed(key, listed), title=_title_after_moving(stored[key], listed))
                for key, listed in page.items()
            ]
        )
        for key, listed in page.items():
            if not _same_label(stored[key], listed):
                self.renamed.add(key)
            if stored[key].access_digest != rule_digest(listed.access):
                self.rights_changed.add(key)
            self._settle(key, Fate.UNCHANGED)

    async def _leave(self, key: str, listed: Listed, stored: StoredDocument | None, *, reason: str) -> None:
        """Skip a document. An older version that is stored goes on to be found, with its date, under the new rights."""
        if stored and stored.access_digest != rule_digest(listed.access):
            await self._write([_kept(stored, listed)])
            self.rights_changed.add(key)
        self._settle(key, reason)

    async def _try_again(self, live: Collection[str]) -> None:
        """What could not be read before and was not listed now, since it did not change."""
        left = [
            (key, failed.listed)
            for key, failed in self.quarantined.items()
            if key in live and key not in self.fates and failed.attempts < MAX_ATTEMPTS
        ]
        for start in range(0, len(left), PAGE_DOCUMENTS):
            await self._take_page(dict(left[start : start + PAGE_DOCUMENTS]))

    # Reading and storing

    async def _read_and_store(self, page: Mapping[str, Listed], stored: Mapping[str, StoredDocument]) -> None:
        read: list[_Read] = []
        for key, result in zip(page, await self._read_all(page), strict=True):
            match result:
                case SourceUnavailable():
                    raise result
                case Unreadable():
                    await self._quarantine(key, page[key], reason=result.reason)
                    await self._leave(key, page[key], stored.get(key), reason=result.reason)
                case _Read():
                    read.append(result)
        for portion in _portions(read):
            await self._store(portion, stored)
            self._report()

    async def _read_all(self, page: Mapping[str, Listed]) -> list[_Read | Unreadable | SourceUnavailable]:
        """In the page's order, a few at a time."""
        gate = asyncio.Semaphore(PARALLEL_READS)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._read(key, listed, gate)) for key, listed in page.items()]
        return [task.result() for task in tasks]

    async def _read(self, key: str, listed: Listed, gate: asyncio.Semaphore) -> _Read | Unreadable | SourceUnavailable:
        async with gate:
            try:
                document = await self.source.read(listed)
            except (Unreadable, SourceUnavailable) as error:
                return error
            chunks = await asyncio.to_thread(
                split, document, count_tokens=self.embedder.count_tokens, options=self.options
            )
        return _Read(key=key, listed=listed, document=document, chunks=chunks)

    async def _store(self, portion: Sequence[_Read], stored: Mapping[str, StoredDocument]) -> None:
        """Embed what is not known, outside of any transaction, then write it all in one."""
        await self._embed([chunk for read in portion for chunk in read.chunks])
        await self._write(
            [
                replace(
                    self._as_listed(read.key, read.listed),
                    title=read.document.title,
                    access=read.document.access,
                    chunks=read.chunks,
                )
                for read in portion
            ]
        )
        for read in portion:
            before = stored.get(read.key)
            if before and before.access_digest != rule_digest(read.document.access):
                self.rights_changed.add(read.key)
            if read.chunks:
                self._settle(read.key, Fate.CHANGED if read.key in self.known_before else Fate.ADDED)
            else:
                await self.writer.quarantine(read.listed, NO_TEXT, attempts=MAX_ATTEMPTS)
                self._settle(read.key, NO_TEXT)
        await self.writer.release([read.key for read in portion if read.chunks and read.key in self.quarantined])

    async def _embed(self, chunks: Sequence[Chunk]) -> None:
        texts = {chunk.digest: chunk.embedded_text for chunk in chunks}
        unknown = await self.writer.reserve_vectors(self.space, texts.keys())
        fresh = [digest for digest in texts if digest in unknown]
        self.chunks_reused += len(chunks) - len(fresh)
        for start in range(0, len(fresh), EMBED_TEXTS):
            digests = fresh[start : start + EMBED_TEXTS]
            vectors = await self.embedder.embed([texts[digest] for digest in digests])
            await self.writer.add_vectors(self.space, dict(zip(digests, vectors, strict=True)))
            self.chunks_embedded += len(digests)
            self._report()

    async def _quarantine(self, key: str, listed: Listed, *, reason: str) -> None:
        failed = self.quarantined.get(key)
        tried_before = failed.attempts if failed and failed.listed.version == storable(listed.version) else 0
        await self.writer.quarantine(listed, reason, attempts=tried_before + 1)

    async def _write(self, documents: Sequence[DocumentWrite]) -> None:
        if documents:
            await self.writer.write(documents, self.space)

    def _as_listed(self, key: str, listed: Listed) -> DocumentWrite:
        return DocumentWrite(
            key=key,
            version=listed.version,
            recipe=self._recipe,
            title=listed.title,
            listed_title=listed.title,
            url=listed.url,
            access=listed.access,
            modified_at=listed.modified_at,
            chunks=None,
        )

    # The end of a complete listing

    async def _remove_missing(self, live: Collection[str], *, approved: bool) -> int:
        """Remove what the place no longer has; how many were held back because they are too many."""
        stored = await self.writer.list_keys()
        missing = stored.difference(live)
        await self.writer.release(self.quarantined.keys() - live)
        if too_many(len(missing), stored=len(stored), live=len(live)) and not approved:
            self.fates.update(dict.fromkeys(missing, HELD_BACK))
            return len(missing)
        if missing:
            await self.writer.remove(missing)
        self.fates.update(dict.fromkeys(missing, Fate.REMOVED))
        return 0

    async def _account_for_unlisted(self, live: Collection[str]) -> None:
        """What was not listed because it did not change, or although it should have been."""
        overlooked = await self._find_overlooked(live)
        for key in set(live) - self.fates.keys():
            if key in self.quarantined:
                self._settle(key, self.quarantined[key].reason)
            else:
                self._settle(key, NOT_LISTED if key in overlooked else Fate.UNCHANGED)

    async def _tidy(self) -> None:
        await self.writer.tidy(self.space)
        if self.chunks_embedded or self.chunks_reused:
            await self.writer.analyze(self.space)

    # The account

    @property
    def _recipe(self) -> str:
        return repr(self.options)

    def _settle(self, key: str, fate: Fate | str) -> None:
        """A document that is listed twice keeps the greater change."""
        settled = self.fates.get(key)
        if settled is Fate.ADDED or (settled is Fate.CHANGED and fate is Fate.UNCHANGED):
            return
        self.fates[key] = fate

    def _report(self) -> None:
        if self.progress is not None:
            self.progress(
                SyncProgress(
                    source=self.source.name,
                    settled=len(self.fates),
                    skipped=sum(isinstance(fate, str) for fate in self.fates.values()),
                    chunks_embedded=self.chunks_embedded,
                    chunks_reused=self.chunks_reused,
                )
            )

    def _receipt_of_complete_listing(self, live: Collection[str], held_back: int) -> Receipt:
        found = len(self.known_before.union(live, self.fates))
        if held_back:
            reason = f"{held_back} documents are no longer there; they are kept until their removal is approved"
            return self._receipt(RunState.INCOMPLETE, reason=reason, found=found)
        return self._receipt(RunState.COMPLETE, found=found)

    def _receipt(self, state: RunState, *, reason: str = "", found: int | None = None) -> Receipt:
        counts = Counter(fate for fate in self.fates.values() if isinstance(fate, Fate))
        return Receipt(
            source=self.source.name,
            state=state,
            reason=reason,
            found=len(self.fates) if found is None else found,
            added=counts[Fate.ADDED],
            changed=counts[Fate.CHANGED],
            unchanged=counts[Fate.UNCHANGED],
            removed=counts[Fate.REMOVED],
            skipped=_reasons(fate for fate in self.fates.values() if isinstance(fate, str)),
            renamed=len(self.renamed),
            rights_changed=len(self.rights_changed),
            chunks_embedded=self.chunks_embedded,
            chunks_reused=self.chunks_reused,
            memberships_changed=self.memberships_changed,
        )


def _same_label(stored: StoredDocument, listed: Listed) -> bool:
    return (stored.listed_title, stored.url) == (storable(listed.title), storable(listed.url))


def _title_after_moving(stored: StoredDocument, listed: Listed) -> str:
    """A title that was read in the text stays with the text; one that the place gave is as the place gives it now."""
    return listed.title if stored.title == stored.listed_title else stored.title


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
    )


def _portions(read: Sequence[_Read]) -> Iterator[list[_Read]]:
    """Documents in order, in portions of some PAGE_CHUNKS chunks."""
    portion: list[_Read] = []
    chunks = 0
    for one in read:
        if portion and chunks + len(one.chunks) > PAGE_CHUNKS:
            yield portion
            portion, chunks = [], 0
        portion.append(one)
        chunks += len(one.chunks)
    if portion:
        yield portion


def _reasons(skipped: Iterator[str]) -> dict[str, int]:
    """How often each reason was given, the most frequent first; beyond MAX_REASONS together."""
    counted = Counter(skipped).most_common()
    told = dict(counted[:MAX_REASONS])
    if others := sum(number for _, number in counted[MAX_REASONS:]):
        told["other reasons"] = others
    return told
