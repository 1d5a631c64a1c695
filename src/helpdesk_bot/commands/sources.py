"""`sources` and `receipt`: what is known, how old it is, and what the last runs made of it."""

from collections.abc import Sequence

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage, WrongUse, age_of
from helpdesk_bot.records.schedules import Schedules
from knowledge.receipts import Receipt
from knowledge.store import SourceStatus, Store, SyncRun

RECEIPTS = 3
HELD_SHOWN = 10


class AboutSources(ForAdmins):
    """What the commands about sources have in common."""

    def __init__(self, *, source_names: Sequence[str]) -> None:
        self._source_names = tuple(source_names)

    def fits(self, words: tuple[str, ...]) -> bool:
        """Nothing, or the name of a source first."""
        return not words or words[0] in self._source_names

    def _check(self, names: Sequence[str]) -> None:
        """Raises `WrongUse` for what is no source."""
        unknown = [name for name in names if name not in self._source_names]
        if unknown:
            known = ", ".join(self._source_names) or "none"
            raise WrongUse(f"There is no source `{unknown[0]}`. There are: {known}.")


class SourcesCommand(AboutSources):
    word = "sources"
    usages = (Usage(words="sources", meaning="what I know, how old it is, and what is being read"),)

    def __init__(self, *, store: Store, source_names: Sequence[str], schedules: Schedules) -> None:
        super().__init__(source_names=source_names)
        self._store = store
        self._schedules = schedules

    async def run(self, asked: Asked) -> str:  # noqa: ARG002 - the port's signature
        by_name = {one.source: one for one in (await self._store.get_status()).sources}
        crons = {name: schedule.cron or "off" for name, schedule in (await self._schedules.list_set()).items()}
        lines = [_source_line(name, by_name.get(name), crons.get(name)) for name in self._source_names]
        return "\n".join(lines) or "No sources are set."


class ReceiptCommand(AboutSources):
    word = "receipt"
    usages = (Usage(words="receipt [source]", meaning="what the last runs of a source found, stored and left out"),)

    def __init__(self, *, store: Store, source_names: Sequence[str]) -> None:
        super().__init__(source_names=source_names)
        self._store = store

    async def run(self, asked: Asked) -> str:
        names = list(asked.words[:1]) or list(self._source_names)
        self._check(names)
        limit = RECEIPTS if asked.words else 1
        parts = [_receipts(name, await self._store.list_receipts(name, limit=limit)) for name in names]
        if asked.words:
            parts.append(await self._held(names[0]))
        return "\n\n".join(filter(None, parts)) or "No sources are set."

    async def _held(self, name: str) -> str:
        """Keys only, no titles: an admin may not read every document."""
        held = await self._store.list_held(name, limit=HELD_SHOWN + 1)
        if not held:
            return ""
        keys = "\n".join(f"- `{one.key}`" for one in held[:HELD_SHOWN])
        more = "\n- and more" if len(held) > HELD_SHOWN else ""
        return f"Removals that wait for `sync approve {name}`:\n{keys}{more}"


def _source_line(name: str, status: SourceStatus | None, cron: str | None) -> str:
    if status is None:
        return "; ".join(filter(None, (f"- **{name}**: never read", _schedule(cron))))
    age = f"read to the end {age_of(status.synced_at)}" if status.synced_at else "never read to the end"
    parts = (
        f"- **{name}**: {status.documents} documents, {age}",
        f"{status.quarantined} unreadable" if status.quarantined else "",
        f"{status.held} removals wait for `sync approve {name}`" if status.held else "",
        f"rights are not up to date: {status.rights_problem}" if status.rights_problem else "",
        _progress(status.running) if status.running else "",
        f"last run {status.last_run.state}" if status.last_run else "",
        _schedule(cron),
    )
    return "; ".join(filter(None, parts))


def _progress(run: SyncRun) -> str:
    """`being read, began 5 minutes ago: listing, 120 settled, 900 chunks embedded`."""
    return ": ".join(filter(None, [f"being read, began {age_of(run.started_at)}", run.how_far]))


def _schedule(cron: str | None) -> str:
    return f"schedule {cron}" if cron else ""


def _receipts(name: str, receipts: Sequence[Receipt]) -> str:
    return "\n".join([f"**{name}**", *map(_receipt_line, receipts)] if receipts else [f"**{name}**: never read"])


def _receipt_line(receipt: Receipt) -> str:
    began = f"{receipt.started_at:%Y-%m-%d %H:%M} UTC" if receipt.started_at else "some time ago"
    reason = f" ({receipt.reason})" if receipt.reason else ""
    skipped = ", ".join(f"{count} {why}" for why, count in receipt.skipped.items())
    counts = (
        f"{receipt.found} found = {receipt.added} added + {receipt.changed} changed + {receipt.unchanged} unchanged"
        f" + {receipt.removed} removed + {sum(receipt.skipped.values())} left out"
    )
    parts = (
        f"- {began}: {receipt.state}{reason}",
        counts,
        "" if receipt.balances else "**does not balance**",
        f"left out: {skipped}" if skipped else "",
        f"rights moved: {receipt.rights_changed}" if receipt.rights_changed else "",
        f"took {receipt.took_s:.0f} s",
    )
    return "; ".join(filter(None, parts))
