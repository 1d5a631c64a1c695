"""Which version of a prompt is in force, for whom; in every process the same within moments of a change."""

import asyncio
import difflib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from helpdesk_bot import telemetry
from helpdesk_bot.prompts.catalog import NAMES, Prompt, check_prompt, load_prompt, load_text
from helpdesk_bot.prompts.errors import PromptRefused
from helpdesk_bot.prompts.trials import is_tried_in
from helpdesk_bot.records.prompts import PRODUCTION, PromptRecords, PromptTrial, PromptVersion
from helpdesk_bot.running import running

log = structlog.get_logger()

CHANNEL = "helpdesk_prompts"
LOOK_EVERY_S = 15.0
"""A change is looked for this often where its announcement got lost."""
PACKAGED = "packaged"
"""What a version is called that comes with the package."""
MAX_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class _Choice:
    production: Prompt
    trial: PromptTrial | None = None
    tried: Prompt | None = None


class Registry:
    """The newest look at the records. What can't be read, or is broken, is replaced by the packaged prompt.

    A look that fails leaves what was known: no answer waits for it, and none fails with it.
    """

    def __init__(self, records: PromptRecords, *, url: str) -> None:
        self._records = records
        self._url = url
        self._packaged = {name: load_prompt(name) for name in NAMES}
        self._choices = {name: _Choice(production=prompt) for name, prompt in self._packaged.items()}

    def choose(self, name: str, conversation_id: str) -> Prompt:
        """The version for a conversation: while a trial runs it keeps the one that it got."""
        choice = self._choices[name]
        if choice.trial and choice.tried and is_tried_in(choice.trial, conversation_id):
            return choice.tried
        return choice.production

    def prompt(self, name: str) -> "LivePrompt":
        return LivePrompt(registry=self, name=name)

    async def look(self) -> None:
        """Bring what is known to what is recorded. Raises what the database raises."""
        found = await self._records.find_in_force()
        choices: dict[str, _Choice] = {}
        for name, packaged in self._packaged.items():
            version = found.production.get(name)
            production = (_usable(version) if version else None) or packaged
            trial, tried = found.trials.get(name, (None, None))
            choices[name] = _Choice(production=production, trial=trial, tried=_usable(tried) if tried else None)
        self._choices = choices

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Follow changes while inside."""
        with suppress(psycopg.Error, PoolTimeout):
            await self.look()
        async with running(self._keep_following()):
            yield

    async def _keep_following(self) -> None:
        while True:
            try:
                await self._follow()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("prompts stay as they were known", error=str(error))
            await asyncio.sleep(1.0)

    async def _follow(self) -> None:
        async with await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"listen {CHANNEL}")
            while True:
                await self.look()
                async for _ in connection.notifies(timeout=LOOK_EVERY_S, stop_after=1):
                    pass


@dataclass(frozen=True, kw_only=True)
class LivePrompt:
    """A prompt as the registry has it. Fits `ChosenPrompt`."""

    registry: Registry
    name: str

    def for_conversation(self, conversation_id: str) -> Prompt:
        return self.registry.choose(self.name, conversation_id)


@dataclass(frozen=True, kw_only=True)
class ShelvedVersion:
    """A version as people look it up; of the packaged one nobody is the author."""

    name: str
    version: str
    made_at: datetime | None
    author: str
    note: str
    marks: tuple[str, ...]
    """Its labels, and the trial that it is in."""


class PromptShelf:
    """What people do with versions: each change is checked first. Raises `PromptRefused`."""

    def __init__(self, records: PromptRecords) -> None:
        self._records = records

    async def add(self, name: str, text: str, *, author: str, note: str = "") -> tuple[Prompt, bool]:
        """The version, and whether it is new. It is in force only once a label or a trial says so."""
        prompt = check_prompt(name, text)
        if prompt.version == load_prompt(name).version:
            raise PromptRefused("it is the packaged prompt, word for word")
        is_new = await self._records.add_prompt(
            version=prompt.version, name=name, text=text, author=author, note=note[:MAX_NOTE]
        )
        if not is_new and (before := await self._records.find_prompt(prompt.version)) and before.text != text:
            raise PromptRefused(f"another text has its name, {prompt.version}: give it another number")
        return prompt, is_new

    async def label(self, name: str, label: str, version: str, *, by: str) -> None:
        await self._records.move_label(_known(name), label, await self._get(name, version), by=by)

    async def try_out(self, name: str, version: str, *, share: float, by: str) -> None:
        """Give `share` percent of the conversations this version."""
        if not 0 < share <= 100:
            raise PromptRefused("the share is more than 0 and at most 100 percent")
        chosen = await self._get(name, version)
        if chosen is None:
            raise PromptRefused("a trial tries an added version, not the packaged one")
        labels = {one.label: one.version for one in await self._records.list_labels() if one.name == name}
        if labels.get(PRODUCTION) == chosen:
            raise PromptRefused(f"{chosen} is in force already: a trial tries another one beside it")
        await self._records.start_trial(_known(name), chosen, share=share, by=by)

    async def end_trial(self, name: str, *, by: str) -> bool:
        return await self._records.end_trial(_known(name), by=by)

    async def roll_back(self, name: str, *, by: str) -> bool:
        """Undo the newest change of what is in force; False where there is none to undo."""
        return await self._records.roll_back(_known(name), by=by)

    async def describe(self) -> list[str]:
        """A line for each prompt: what is in force, since when and by whom, and the trial that runs."""
        labels = {(one.name, one.label): one for one in await self._records.list_labels()}
        trials = {trial.name: trial for trial in await self._records.list_trials()}
        lines: list[str] = []
        for name in NAMES:
            label = labels.get((name, PRODUCTION))
            line = f"**{name}**: {label.version if label and label.version else _packaged(name)}"
            if label is not None:
                line += f", since {label.moved_at:%Y-%m-%d %H:%M} UTC by {label.moved_by}"
            if trial := trials.get(name):
                line += f"; {trial.version} is tried in {trial.share:g} % of the conversations"
            lines.append(line)
        return lines

    async def list_versions(self) -> list[ShelvedVersion]:
        """The packaged ones, then what was added, by name and the newest first."""
        added, labels = await self._records.list_prompts(), await self._records.list_labels()
        marks: dict[tuple[str, str | None], list[str]] = {}
        for one in labels:
            marks.setdefault((one.name, one.version), []).append(one.label)
        for name in set(NAMES) - {one.name for one in labels if one.label == PRODUCTION}:
            marks.setdefault((name, None), []).append(PRODUCTION)
        for trial in await self._records.list_trials():
            marks.setdefault((trial.name, trial.version), []).append(f"tried in {trial.share:g} %")
        packaged = [
            ShelvedVersion(
                name=name,
                version=load_prompt(name).version,
                made_at=None,
                author=PACKAGED,
                note="",
                marks=tuple(marks.get((name, None), ())),
            )
            for name in NAMES
        ]
        return packaged + [
            ShelvedVersion(
                name=one.name,
                version=one.version,
                made_at=one.made_at,
                author=one.author,
                note=one.note,
                marks=tuple(marks.get((one.name, one.version), ())),
            )
            for one in added
        ]

    async def get_text(self, name: str, version: str) -> str:
        if await self._get(name, version) is None:
            return load_text(name)
        found = await self._records.find_prompt(version)
        assert found is not None  # noqa: S101 -- looked up above, and versions never go
        return found.text

    async def compare(self, name: str, before: str, after: str) -> list[str]:
        """The difference between two versions, as `diff -u` shows it; empty where they are the same."""
        one, other = await self.get_text(name, before), await self.get_text(name, after)
        return list(difflib.unified_diff(one.splitlines(), other.splitlines(), before, after, lineterm=""))

    async def _get(self, name: str, version: str) -> str | None:
        """The version, None for the packaged one."""
        if version in {PACKAGED, load_prompt(_known(name)).version}:
            return None
        found = await self._records.find_prompt(version)
        if found is None or found.name != name:
            raise PromptRefused(f"there is no version {version} of {name}")
        return version


def _known(name: str) -> str:
    if name not in NAMES:
        raise PromptRefused(f"there is no prompt {name!r}: it is one of {', '.join(NAMES)}")
    return name


def _packaged(name: str) -> str:
    return f"{load_prompt(name).version} ({PACKAGED})"


def _usable(version: PromptVersion) -> Prompt | None:
    """None where it can't be used, as when it was added by an older release whose places had other names."""
    try:
        return check_prompt(version.name, version.text)
    except PromptRefused as refused:
        telemetry.PROMPTS_UNUSABLE.inc()
        log.warning("prompt can't be used", version=version.version, reason=str(refused))
        return None
