"""`sync`, `sources` and `migrate`."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.cli.output import Bar, Exit, fail, out, print_json, print_table, progress_bar
from helpdesk_bot.database import migrate_all, open_database
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.settings import Settings
from knowledge.receipts import Receipt, RunState
from knowledge.spaces import reembed as build_vectors
from knowledge.store import SourceStatus

CODES = {
    RunState.COMPLETE: Exit.DONE,
    RunState.INCOMPLETE: Exit.IN_PART,
    RunState.CANCELLED: Exit.IN_PART,
    RunState.INTERRUPTED: Exit.IN_PART,
    RunState.FAILED: Exit.FAILED,
}

NO_LONGER_SET = "no longer set"
INDEX_LOOK_EVERY_S = 1.0


async def sync_sources(
    settings: Settings, source: str | None, *, full: bool, approve_removals: bool, reembed: bool, as_json: bool
) -> None:
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        names = chosen(knowledge, source)
        if reembed:
            await _reembed(knowledge)
        receipts = [
            await sync_with_bar(knowledge, name, full=full, approve_removals=approve_removals) for name in names
        ]
        if any(receipt.has_news for receipt in receipts):
            await _have_stale_looked_for(knowledge)
    if as_json:
        print_json([receipt.as_json() for receipt in receipts])
    else:
        for receipt in receipts:
            print_receipt(receipt)
    if worst := max((CODES[receipt.state] for receipt in receipts), default=Exit.DONE, key=_badness):
        raise SystemExit(worst)


async def _have_stale_looked_for(knowledge: Knowledge) -> None:
    """By a worker, if one runs now or later: this process has no chat to mark answers in."""
    jobs = Jobs(knowledge.pool)
    await jobs.open()
    await jobs.defer_stale_look()


def _badness(code: Exit) -> int:
    return (Exit.DONE, Exit.IN_PART, Exit.FAILED).index(code)


def chosen(knowledge: Knowledge, source: str | None) -> Sequence[str]:
    if source is not None and source not in knowledge.sources:
        there_are = ", ".join(knowledge.sources) or "none; FOLDERS names folders to read"
        fail(f"There is no source {source!r}. There are: {there_are}.", Exit.MISUSED)
    return [source] if source else list(knowledge.sources)


async def sync_with_bar(
    knowledge: Knowledge, name: str, *, full: bool = False, approve_removals: bool = False
) -> Receipt:
    with progress_bar(f"Indexing {name}") as bar:
        async with _watching_index(knowledge, bar):
            return await knowledge.sync(
                name, full=full, approve_removals=approve_removals, progress=lambda at: bar.move(at.settled, None)
            )


@asynccontextmanager
async def _watching_index(knowledge: Knowledge, bar: Bar) -> AsyncGenerator[None]:
    """Let the bar show how far the index of vectors is, while one is built: at the end of a first sync of much."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(INDEX_LOOK_EVERY_S)
            if build := await knowledge.store.find_index_build():
                bar.name("Building the index of vectors")
                bar.move(build.blocks_done, build.blocks_total or None)

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()


async def _reembed(knowledge: Knowledge) -> None:
    with progress_bar(f"Building vectors of {knowledge.embedder.model}") as bar:
        await build_vectors(knowledge.store, knowledge.embedder, progress=bar.move)


def print_receipt(receipt: Receipt) -> None:
    skipped = sum(receipt.skipped.values())
    out.print(
        f"{receipt.source}: {receipt.state} in {receipt.took_s:.1f} s. Found {receipt.found} = {receipt.added} added"
        f" + {receipt.changed} changed + {receipt.unchanged} unchanged + {skipped} skipped + {receipt.removed} removed;"
        f" {receipt.renamed} moved, {receipt.rights_changed} with other rights;"
        f" {receipt.chunks_embedded} chunks embedded, {receipt.chunks_reused} reused; {receipt.requests} requests.",
        markup=False,
        highlight=False,
    )
    if receipt.reason:
        out.print(f"  {receipt.reason}", markup=False)
    for reason, count in receipt.skipped.items():
        out.print(f"  skipped {count}: {reason}", markup=False)


async def show_sources(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        status = await knowledge.store.get_status()
        by_name = {one.source: one for one in status.sources}
        names = [*knowledge.sources, *(name for name in by_name if name not in knowledge.sources)]
    rows = [
        {
            "source": name,
            "configured": name in knowledge.sources,
            "documents": one.documents if (one := by_name.get(name)) else 0,
            "chunks": one.chunks if one else 0,
            "quarantined": one.quarantined if one else 0,
            "synced_at": one.synced_at if one else None,
            "last_run": one.last_run.state if one and one.last_run else None,
            "running": one.running.phase if one and one.running else None,
            "held": one.held if one else 0,
            "rights_problem": one.rights_problem if one else None,
        }
        for name in names
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(
            ("source", "documents", "chunks", "read to the end", "besides"),
            [_source_row(name, by_name.get(name), is_set=name in knowledge.sources) for name in names],
        )
        if status.index_build is not None:
            out.print(f"Building the index of vectors: {status.index_build.share:.0%}", markup=False)


def _source_row(name: str, status: SourceStatus | None, *, is_set: bool) -> tuple[object, ...]:
    if status is None:
        return name, 0, 0, "never", "" if is_set else NO_LONGER_SET
    read_at = f"{status.synced_at:%Y-%m-%d %H:%M} UTC" if status.synced_at else "never"
    besides = (
        "" if is_set else NO_LONGER_SET,
        f"being read: {status.running.how_far}" if status.running else "",
        f"last run {status.last_run.state}" if status.last_run and status.last_run.state != RunState.COMPLETE else "",
        f"{status.quarantined} unreadable" if status.quarantined else "",
        f"{status.held} removals wait for `helpdesk-bot approve {name}`" if status.held else "",
        f"rights are not up to date: {status.rights_problem}" if status.rights_problem else "",
    )
    return name, status.documents, status.chunks, read_at, "; ".join(filter(None, besides))


async def migrate_database(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url:
        applied = await migrate_all(url)
    if as_json:
        print_json({"applied": applied})
    else:
        out.print("The database is at this version.", markup=False)
