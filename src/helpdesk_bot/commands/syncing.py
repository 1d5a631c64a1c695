"""`resync` and `sync`: a source is read again, and what a run asks people about."""

from collections.abc import Sequence

from helpdesk_bot.commands.command import Asked, Usage, WrongUse
from helpdesk_bot.commands.sources import AboutSources
from helpdesk_bot.jobs import Jobs
from knowledge.store import Store

FULL = "--full"


class ResyncCommand(AboutSources):
    word = "resync"
    usages = (
        Usage(words="resync [source] [--full]", meaning="read a source again, or all; --full: every document anew"),
    )

    def __init__(self, *, jobs: Jobs, source_names: Sequence[str]) -> None:
        super().__init__(source_names=source_names)
        self._jobs = jobs

    def fits(self, words: tuple[str, ...]) -> bool:
        return all(word == FULL or word in self._source_names for word in words)

    async def run(self, asked: Asked) -> str:
        names = [word for word in asked.words if word != FULL] or list(self._source_names)
        self._check(names)
        is_full = FULL in asked.words
        lines = [
            f"- {name}: {'queued' if await self._jobs.defer_sync(name, full=is_full) else 'waits in the queue already'}"
            for name in names
        ]
        return "\n".join((*lines, "`sources` shows how it went, `receipt` what came of it."))


class SyncCommand(AboutSources):
    word = "sync"
    usages = (
        Usage(words="sync approve SOURCE", meaning="remove what the last run held back as too much"),
        Usage(words="sync cancel SOURCE", meaning="stop the run that reads a source now"),
    )

    def __init__(self, *, jobs: Jobs, store: Store, source_names: Sequence[str]) -> None:
        super().__init__(source_names=source_names)
        self._jobs = jobs
        self._store = store

    def fits(self, words: tuple[str, ...]) -> bool:
        return len(words) == 2 and words[0] in {"approve", "cancel"} and words[1] in self._source_names

    async def run(self, asked: Asked) -> str:
        if len(asked.words) != 2 or asked.words[0] not in {"approve", "cancel"}:
            raise WrongUse("It is `sync approve SOURCE` or `sync cancel SOURCE`.")
        verb, name = asked.words
        self._check([name])
        return await (self._approve if verb == "approve" else self._cancel)(name, asked.person_id)

    async def _approve(self, name: str, by: str) -> str:
        """What was held back up to the last run that ended: what goes missing after it is judged by itself."""
        receipt = await self._store.get_receipt(name)
        approved = await self._store.approve_removals(name, by=by, run_id=receipt.run_id) if receipt else 0
        if not approved:
            return f"No run of {name} held anything back."
        await self._jobs.defer_sync(name)
        return f"Approved: {approved} removals. {name} is read again now; what came back meanwhile stays."

    async def _cancel(self, name: str, by: str) -> str:
        if await self._store.request_cancel(name, by=by):
            return f"The run of {name} ends after the page it is on. What it stored stays stored."
        return f"No run of {name} is under way."
