"""What admins can ask the bot to do, the same words on every platform."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from helpdesk_bot.events import AdminCommand
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.people import People
from helpdesk_bot.records import Records
from knowledge.store import SourceStatus, Store

HELP = """**What I can do**
- Ask me anything about IT: mention me in a channel, or write to me directly.
- 👍 or 👎 under an answer tells us whether it helped.

**For admins**
- `sources`: what I know, and how old it is
- `resync [source]`: read a source again, or all of them
- `status`: how I am, and how the last day went"""

Run = Callable[[tuple[str, ...]], Awaitable[str]]


class Commands:
    """`help` is for everyone; the rest is for admins. Every use of the rest is written down."""

    def __init__(
        self, *, records: Records, jobs: Jobs, people: People, store: Store, source_names: tuple[str, ...]
    ) -> None:
        self._records = records
        self._jobs = jobs
        self._people = people
        self._store = store
        self._source_names = source_names
        self._by_word: Mapping[str, Run] = {
            "sources": self._sources,
            "resync": self._resync,
            "status": self._status,
        }

    async def run(self, command: AdminCommand) -> str:
        """The answer as Markdown, whatever was typed."""
        word, *rest = command.words or ("help",)
        run = self._by_word.get(word.casefold())
        if run is None:
            return HELP
        allowed = await self._people.is_admin(command.place.platform, command.person_id)
        await self._records.audit(
            platform=command.place.platform, person_id=command.person_id, action=word.casefold(), allowed=allowed
        )
        if not allowed:
            return f"`{word.casefold()}` is for admins; HELPDESK_ADMINS says who is one."
        return await run(tuple(rest))

    async def _resync(self, rest: tuple[str, ...]) -> str:
        chosen = rest[:1] or self._source_names
        if unknown := [name for name in chosen if name not in self._source_names]:
            return f"There is no source `{unknown[0]}`. There are: {', '.join(self._source_names) or 'none'}."
        lines = [
            f"- {name}: {'queued' if await self._jobs.defer_sync(name) else 'already waiting in the queue'}"
            for name in chosen
        ]
        return "\n".join((*lines, "`sources` shows how it went."))

    async def _sources(self, _: tuple[str, ...]) -> str:
        status = await self._store.get_status()
        by_name = {one.source: one for one in status.sources}
        return "\n".join(_source_line(name, by_name.get(name)) for name in self._source_names) or "No sources are set."

    async def _status(self, _: tuple[str, ...]) -> str:
        since = datetime.now(UTC) - timedelta(days=1)
        counts = await self._records.count_since(since)
        knowledge = await self._store.get_status()
        has_worker = await self._jobs.has_living_worker()
        lines = [
            f"Knowledge: {knowledge.documents} documents, {knowledge.chunks} chunks",
            f"Workers: {'alive' if has_worker else 'none alive: start `helpdesk-bot worker` or `up`'}",
            f"Last 24 hours: {counts.answered} answered, {counts.clarified} asked back, {counts.escalated} passed on",
            f"Also: {counts.declined} declined, {counts.failed} failed, {counts.open} open",
            f"Votes: {counts.helpful} 👍, {counts.not_helpful} 👎",
        ]
        return "\n".join(f"- {line}" for line in lines)


def _source_line(name: str, status: SourceStatus | None) -> str:
    if status is None:
        return f"- **{name}**: never read"
    age = f"read to the end {_age(status.synced_at)}" if status.synced_at else "never read to the end"
    quarantined = f", {status.quarantined} unreadable" if status.quarantined else ""
    last = f"; last run {status.last_run.state}" if status.last_run else ""
    return f"- **{name}**: {status.documents} documents{quarantined}, {age}{last}"


def _age(moment: datetime) -> str:
    minutes = int((datetime.now(UTC) - moment).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2880 else f"{minutes // 1440} days ago"
