"""`status`: how the bot is, and how the last day went."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from helpdesk_bot.commands.command import Asked, ForAdmins, Usage
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.records import Records
from helpdesk_bot.records.calls import ModelCalls
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.records.pauses import Pauses
from knowledge.store import Store


@dataclass(frozen=True, kw_only=True)
class StatusCommand(ForAdmins):
    word = "status"
    usages = (Usage(words="status", meaning="how I am, and how the last day went"),)

    records: Records
    jobs: Jobs
    store: Store
    pauses: Pauses
    calls: ModelCalls
    health: ModelHealth
    today: Callable[[], date]

    def fits(self, words: tuple[str, ...]) -> bool:
        return not words

    async def run(self, asked: Asked) -> str:
        counts = await self.records.count_since(datetime.now(UTC) - timedelta(days=1), besides=asked.key)
        knowledge = await self.store.get_status()
        has_worker = await self.jobs.has_living_worker()
        pause = await self.pauses.find(asked.place)
        lines = [
            f"Knowledge: {knowledge.documents} documents, {knowledge.chunks} chunks",
            f"Workers: {'alive' if has_worker else 'none alive: start `helpdesk-bot worker` or `up`'}",
            f"Last 24 hours: {counts.answered} answered, {counts.clarified} asked back, {counts.escalated} passed on",
            f"Also: {counts.declined} declined, {counts.failed} failed, {counts.open} open",
            f"Votes: {counts.helpful} 👍, {counts.not_helpful} 👎",
        ]
        if knowledge.index_build is not None:
            lines.append(f"Building the index of vectors: {knowledge.index_build.share:.0%}")
        if counts.proposals:
            lines.append(f"Changes that wait for a person's word: {counts.proposals}")
        lines += await self._models()
        lines += [f"Not asked for now: `{one.model}`: {one.reason}" for one in await self.health.list_resting()]
        if pause is not None:
            lines.append(
                f"Paused {'here' if pause.channel else 'everywhere'} since {pause.paused_at:%Y-%m-%d %H:%M} UTC"
            )
        return "\n".join(f"- {line}" for line in lines)

    async def _models(self) -> list[str]:
        """What models cost today; nothing where none was asked."""
        costs = await self.calls.list_costs(since=self.today())
        if not costs:
            return []
        calls, unpriced = sum(one.calls for one in costs), sum(one.unpriced for one in costs)
        beside = f", {unpriced} of them without a price" if unpriced else ""
        return [f"Models today: {calls} calls{beside}, ${sum(one.cost_usd for one in costs):.4f}"]
