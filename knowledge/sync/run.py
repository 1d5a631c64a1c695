"""One run of one source, from its listing to its receipt."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from connectors.documents import Cursor, Listed
from connectors.errors import SourceUnavailable
from connectors.source import Source
from knowledge.chunks import ChunkOptions
from knowledge.embedding import Embedder
from knowledge.errors import EmbedderUnavailable, KnowledgeError
from knowledge.receipts import Receipt, RunState
from knowledge.spaces import check_space, learn_dimension
from knowledge.store import Quarantined, Store, SyncRun, Writer, naming_refusals, storable_key
from knowledge.sync.accounting import HELD_BACK, Accounting
from knowledge.sync.brake import BRAKE_SHARE, too_many
from knowledge.sync.pages import Pages
from knowledge.sync.progress import Ended, Phase, SyncProgress, Watch
from knowledge.sync.reading import Reader
from knowledge.sync.rights import take_presence

PAGE_DOCUMENTS = 50
"""Compared and read together; what happens to a run happens between pages."""

REMOVED_AT_ONCE = 500

RIGHTS_EVERY_S = 300.0
"""A long run looks at all rights as often between its pages, since nobody else may move them meanwhile."""

NOT_LISTED = "the place has it but did not list it"

CUT_SHORT = "the listing was cut short"
REPEATS = "the listing repeats itself without an end"
STOPPED = "its process was stopped; the next run goes on where it was"


async def sync(
    source: Source,
    *,
    store: Store,
    embedder: Embedder,
    options: ChunkOptions | None = None,
    full: bool = False,
    approve_removals: bool = False,
    brake_share: float = BRAKE_SHARE,
    progress: Callable[[SyncProgress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Receipt:
    """Bring the store to what the place has now.

    `full` lists everything and tries again what could not be read; unchanged text is still neither read nor embedded.
    `approve_removals` believes whatever this run finds missing; `Store.approve_removals` approves what was shown.
    `should_stop` is asked between pages and between batches of embeddings: a run that stops there is `interrupted` and
    has lost nothing.

    A place or an embedder that is not there makes a failed receipt, not an error. Raises `SyncInProgress` while another
    process syncs this source, `SpaceMismatch` when the stored vectors are of another embedder and `DatabaseRefuses`
    when the database takes no writes; what is raised after the run began ends it as failed.
    """
    async with store.writer(source.name) as writer:
        dimension = await learn_dimension(embedder)
        space = await writer.get_space(model=embedder.model, dimension=dimension)
        check_space(space, model=embedder.model, dimension=dimension)
        news_after = await writer.runs.get_synced_at()
        begun = await writer.runs.begin()
        watch = Watch(writer=writer, run_id=begun.id, progress=progress, should_stop=should_stop)
        quarantined = {failed.listed.key: failed for failed in await store.list_quarantined(source.name)}
        pages = Pages(
            writer=writer,
            space=space,
            reader=Reader(source=source, embedder=embedder, options=options or ChunkOptions()),
            watch=watch,
            full=full,
            quarantined=quarantined,
            suspects=await writer.quarantine.list_suspects(),
            news_after=news_after,
        )
        accounting = Accounting(
            source=source, writer=writer, pages=pages, watch=watch, begun=begun, spent_before=source.spent
        )
        run = _Run(
            source=source,
            writer=writer,
            pages=pages,
            watch=watch,
            accounting=accounting,
            begun=begun,
            approve_removals=approve_removals,
            brake_share=brake_share,
        )
        return await run.to_its_end()


@dataclass(kw_only=True)
class _Run:
    """The order of a run."""

    source: Source
    writer: Writer
    pages: Pages
    watch: Watch
    accounting: Accounting
    begun: SyncRun
    approve_removals: bool
    brake_share: float
    rights_at: float = field(default_factory=time.monotonic)
    listings: int = 0
    has_seen_rights: bool = False
    cut: str = CUT_SHORT
    """Why a listing that gave no cursor is not trusted."""

    async def to_its_end(self) -> Receipt:
        """The receipt, stored; one is stored as well where an error ends the run."""
        try:
            with naming_refusals():
                receipt, cursor = await self._settle()
                await self.writer.runs.finish(
                    self.begun.id, state=receipt.state, receipt=receipt.as_json(), cursor=cursor
                )
        except BaseException as error:
            was_stopped = isinstance(error, asyncio.CancelledError)
            reason = STOPPED if was_stopped else _reason_of(error)
            state = RunState.INTERRUPTED if was_stopped else RunState.FAILED
            await self.writer.runs.abandon(
                self.begun.id, self.accounting.without_totals(state, reason=reason).as_json(), state=state
            )
            raise
        return receipt

    async def _settle(self) -> tuple[Receipt, Cursor | None]:
        """The receipt, and where the next listing starts unless this one has to be repeated."""
        try:
            return await self._go_through()
        except SourceUnavailable as error:
            await self.writer.runs.note_rights(problem=error.reason)
            return await self.accounting.of_what_was_done(RunState.FAILED, error.reason), None
        except EmbedderUnavailable as error:
            return await self.accounting.of_what_was_done(RunState.FAILED, str(error)), None
        except Ended as ended:
            if ended.by is None:
                return await self.accounting.of_what_was_done(RunState.INTERRUPTED, STOPPED), None
            return await self.accounting.of_what_was_done(RunState.CANCELLED, f"{ended.by} asked it to end"), None

    async def _go_through(self) -> tuple[Receipt, Cursor | None]:
        await self.writer.presence.open()
        await self.writer.account.open()
        self.accounting.memberships_changed = await self.writer.replace_memberships(await self.source.memberships())
        cursor = await self._take_listings()
        if cursor is None:
            return await self.accounting.of_what_was_done(RunState.INCOMPLETE, self.cut), None
        await self._try_again()
        await self.watch.enter(Phase.FINISHING)
        await self._move_rights()
        await self._remove_missing()
        await self.writer.account.settle_unlisted(not_listed=NOT_LISTED)
        await self.writer.account.keep_skipped()
        await self._tidy()
        receipt = await self.accounting.of_complete_listing()
        return receipt, cursor if receipt.state is RunState.COMPLETE else None

    # Listing

    async def _take_listings(self) -> Cursor | None:
        """The newest cursor; None for a listing that is not trusted.

        What the place has but did not list is listed once more: from the cursor, for what came meanwhile, then
        everything, for what an earlier listing left out.
        """
        newest = await self._take_listing(await self._since())
        if newest is None:
            return None
        await self._take_presence()
        for since in (newest, None):
            if not await self.writer.account.count_overlooked():
                break
            await self.watch.enter(Phase.LISTING)
            newest = await self._take_listing(since)
            if newest is None:
                return None
            await self._take_presence()
        return newest

    async def _since(self) -> Cursor | None:
        """From the start where everything is asked for, or where documents are now cut in another way."""
        if self.pages.full or await self.writer.holds_other_recipe(self.pages.recipe):
            return None
        return await self.writer.runs.get_cursor()

    async def _take_listing(self, since: Cursor | None) -> Cursor | None:
        """Store what is new or changed, page by page; None when the listing ended without its cursor.

        What a place reports as removed is left to the end, when all that it has is known.
        """
        self.listings += 1
        told = new = 0
        cursor: Cursor | None = None
        page: dict[str, Listed] = {}
        async for change in self.source.changes(since):
            cursor = change if isinstance(change, Cursor) else None
            if isinstance(change, Listed):
                told += 1
                page[storable_key(change.key)] = change
            if len(page) == PAGE_DOCUMENTS:
                new += await self._take_page(page)
                page = {}
                if told > 2 * new + 1_000:
                    self.cut = REPEATS
                    return None
        await self._take_page(page)
        return cursor

    async def _take_page(self, page: Mapping[str, Listed]) -> int:
        """How many of them this listing had not told of before."""
        new = await self.writer.account.note_listed(page.keys(), listing=self.listings)
        await self.pages.take(await self._under_rights_seen(page))
        if time.monotonic() - self.rights_at > RIGHTS_EVERY_S:
            await self._take_presence()
            await self._move_rights()
            await self.watch.enter(Phase.LISTING)
        return new

    async def _under_rights_seen(self, page: Mapping[str, Listed]) -> Mapping[str, Listed]:
        """The page with what this run has seen of its rights, which may be hours newer than the listing, or older.

        Until the end, where all rights are as the place has them then, only those who pass both may read.
        """
        if not self.has_seen_rights:
            return page
        rules = await self.writer.presence.list_rules(page.keys())
        return {
            key: replace(listed, access=listed.access.and_also(rules.get(key, listed.access)))
            for key, listed in page.items()
        }

    async def _take_presence(self) -> None:
        await self.watch.enter(Phase.COMPARING)
        await take_presence(self.source, self.writer.presence)
        self.has_seen_rights = True

    async def _try_again(self) -> None:
        """What could not be read before and was not listed now, since it did not change."""
        left = [key for key, failed in self.pages.quarantined.items() if self.pages.may_be_read(failed)]
        for start in range(0, len(left), PAGE_DOCUMENTS):
            keys = left[start : start + PAGE_DOCUMENTS]
            rules = await self.writer.presence.list_rules(keys)
            unsettled = rules.keys() - await self.writer.account.list_settled(keys)
            failed: Mapping[str, Quarantined] = self.pages.quarantined
            await self.pages.take({key: replace(failed[key].listed, access=rules[key]) for key in sorted(unsettled)})

    # The end of a complete listing

    async def _move_rights(self) -> None:
        async for keys in self.writer.presence.move_rights():
            await self.writer.account.note_rights(keys)
            await self.watch.report()
        await self.writer.runs.note_rights(problem=None)
        self.rights_at = time.monotonic()

    async def _remove_missing(self) -> None:
        """Remove what the place no longer has, unless it is so much that a person has to say so."""
        gone = await self.writer.presence.count_missing()
        unapproved = gone.missing - gone.approved
        is_held = not self.approve_removals and too_many(
            unapproved, stored=gone.stored - gone.approved, live=gone.live, share=self.brake_share
        )
        while keys := await self.writer.presence.list_missing(only_approved=is_held, limit=REMOVED_AT_ONCE):
            await self.writer.remove(keys)
            await self.writer.account.settle_removed(keys)
            await self.watch.report()
        if is_held:
            await self.writer.account.settle_held(HELD_BACK)
        await self.writer.presence.hold_missing(run_id=self.begun.id)

    async def _tidy(self) -> None:
        await self.writer.tidy(self.pages.space)
        if self.watch.chunks_embedded or self.watch.chunks_reused:
            await self.writer.settle(self.pages.space)


def _reason_of(error: BaseException) -> str:
    """For a person; of an error that is not ours only its kind, since its words may be a document's."""
    return str(error) if isinstance(error, KnowledgeError) else f"it ended with an error ({type(error).__name__})"
