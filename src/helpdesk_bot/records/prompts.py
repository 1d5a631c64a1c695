"""Versions of prompts, where their labels point, and trials."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection

from helpdesk_bot.events import Outcome, Place
from helpdesk_bot.records.rows import Table, find_row, with_place

PRODUCTION = "production"
"""The label of what is in force."""


@dataclass(frozen=True, kw_only=True)
class PromptVersion:
    """Named for its text: it never changes."""

    version: str
    name: str
    text: str
    author: str
    note: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class PromptLabel:
    name: str
    label: str
    version: str | None
    """None for the packaged prompt."""
    moved_by: str
    moved_at: datetime


@dataclass(frozen=True, kw_only=True)
class PromptTrial:
    """While it runs, `share` percent of the conversations get `version`."""

    id: int
    name: str
    version: str
    share: float
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PromptsInForce:
    """One look at everything that decides which prompt a conversation gets."""

    production: dict[str, PromptVersion]
    """By the prompt's name; where one is missing the packaged prompt is in force."""
    trials: dict[str, tuple[PromptTrial, PromptVersion]]
    """By the prompt's name."""


@dataclass(frozen=True, kw_only=True)
class TrialAnswer:
    """One decision while a trial ran."""

    conversation_id: str
    outcome: Outcome
    tokens: int
    cost_usd: Decimal
    """Of its calls that have a price."""
    unpriced: int
    """Of its calls."""
    up: int
    down: int


@dataclass(frozen=True, kw_only=True)
class _Move:
    id: int
    version: str | None
    behind: int | None


def _trial_answer(*, place: Place, outcome: str, **columns: Any) -> TrialAnswer:
    return TrialAnswer(conversation_id=place.conversation_id, outcome=Outcome(outcome), **columns)


class PromptRecords(Table):
    async def add_prompt(self, *, version: str, name: str, text: str, author: str, note: str) -> bool:
        """False where this very text was added before; then nothing changes."""
        return await self._changes(
            """
            insert into helpdesk.prompt (version, name, text, author, note) values (%s, %s, %s, %s, %s)
            on conflict do nothing
            """,
            [version, name, text, author, note],
        )

    async def find_prompt(self, version: str) -> PromptVersion | None:
        return await self._find_row(
            PromptVersion,
            "select version, name, text, author, note, made_at from helpdesk.prompt where version = %s",
            [version],
        )

    async def list_prompts(self) -> list[PromptVersion]:
        """By name, the newest first."""
        return await self._list_rows(
            PromptVersion,
            """
            select version, name, text, author, note, made_at
            from helpdesk.prompt
            order by name, made_at desc, version
            """,
        )

    async def list_labels(self) -> list[PromptLabel]:
        return await self._list_rows(
            PromptLabel,
            """
            select distinct on (name, label) name, label, version, moved_by, moved_at
            from helpdesk.prompt_move
            order by name, label, id desc
            """,
        )

    async def list_trials(self, name: str | None = None) -> list[PromptTrial]:
        """The newest first; with a name, also those of it that ended."""
        return await self._list_rows(
            PromptTrial,
            """
            select id, name, version, share, began_at, ended_at
            from helpdesk.prompt_trial
            where name = %(name)s or %(name)s::text is null and ended_at is null
            order by id desc
            """,
            {"name": name},
        )

    async def find_in_force(self) -> PromptsInForce:
        trials = {trial.name: trial for trial in await self.list_trials()}
        labels = {one.name: one.version for one in await self.list_labels() if one.label == PRODUCTION and one.version}
        wanted = [*labels.values(), *(trial.version for trial in trials.values())]
        versions = await self._list_rows(
            PromptVersion,
            """
            select version, name, text, author, note, made_at
            from helpdesk.prompt
            where version = any(%s)
            """,
            [wanted],
        )
        by_version = {one.version: one for one in versions}
        return PromptsInForce(
            production={name: by_version[version] for name, version in labels.items()},
            trials={name: (trial, by_version[trial.version]) for name, trial in trials.items()},
        )

    async def move_label(self, name: str, label: str, version: str | None, *, by: str) -> None:
        """Point a label at a version, None for the packaged prompt. Moving `production` ends a trial."""
        async with self._pool.connection() as connection:
            await _take_turn(connection, name)
            if label == PRODUCTION:
                await _end_trial(connection, name, by=by)
            last = await _find_move(connection, name, label)
            if (last.version if last else None) == version and (last is not None or label == PRODUCTION):
                return
            await _insert_move(connection, name, label, version, behind=last.id if last else None, by=by)

    async def start_trial(self, name: str, version: str, *, share: float, by: str) -> None:
        """A trial that runs is ended first."""
        async with self._pool.connection() as connection:
            await _take_turn(connection, name)
            await _end_trial(connection, name, by=by)
            await connection.execute(
                "insert into helpdesk.prompt_trial (name, version, share, started_by) values (%s, %s, %s, %s)",
                [name, version, share, by],
            )

    async def end_trial(self, name: str, *, by: str) -> bool:
        """False where none runs."""
        async with self._pool.connection() as connection:
            await _take_turn(connection, name)
            return await _end_trial(connection, name, by=by)

    async def roll_back(self, name: str, *, by: str) -> bool:
        """Undo the newest change: a running trial ends, or `production` goes back by one. False where nothing changed.

        Going back again goes further back, as far as the packaged prompt.
        """
        async with self._pool.connection() as connection:
            await _take_turn(connection, name)
            if await _end_trial(connection, name, by=by):
                return True
            last = await _find_move(connection, name, PRODUCTION)
            if last is None or (last.version is None and last.behind is None):
                return False
            before = await _get_move(connection, last.behind) if last.behind is not None else None
            version, behind = (before.version, before.behind) if before else (None, None)
            await _insert_move(connection, name, PRODUCTION, version, behind=behind, by=by)
            return True

    async def list_trial_answers(self, trial: PromptTrial) -> list[TrialAnswer]:
        """What was decided about questions while it ran, greetings and the like left out, with the votes on it."""
        return await self._list_rows(
            with_place(_trial_answer),
            """
            select question.platform, question.tenant, question.channel,
              coalesce(question.continues, question.thread) as thread, question.kind,
              decision.outcome, decision.input_tokens + decision.output_tokens as tokens,
              calls.cost_usd, calls.unpriced, coalesce(votes.up, 0) as up, coalesce(votes.down, 0) as down
            from helpdesk.decision
            join helpdesk.question on question.key = decision.question_key
            left join lateral (
              select count(*) filter (where feedback.value = 1) as up,
                count(*) filter (where feedback.value = -1) as down
              from helpdesk.outgoing
              join helpdesk.feedback using (platform, tenant, channel, message_id)
              where outgoing.question_key = question.key
            ) as votes on true
            cross join lateral (
              select coalesce(sum(cost_usd), 0) as cost_usd, count(*) filter (where is_unpriced) as unpriced
              from helpdesk.model_call
              where model_call.question_key = question.key and model_call.outcome <> 'running'
            ) as calls
            where decision.decided_at >= %s and decision.decided_at < coalesce(%s, 'infinity'::timestamptz)
              and decision.reason like 'question%%'
            """,
            [trial.began_at, trial.ended_at],
        )


async def _take_turn(connection: AsyncConnection, name: str) -> None:
    """One change of a prompt after the other, until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('prompt:' || %s, 0))", [name])


async def _end_trial(connection: AsyncConnection, name: str, *, by: str) -> bool:
    cursor = await connection.execute(
        "update helpdesk.prompt_trial set ended_by = %s, ended_at = now() where name = %s and ended_at is null",
        [by, name],
    )
    return bool(cursor.rowcount)


async def _find_move(connection: AsyncConnection, name: str, label: str) -> _Move | None:
    return await find_row(
        connection,
        _Move,
        """
        select id, version, behind
        from helpdesk.prompt_move
        where name = %s and label = %s
        order by id desc
        limit 1
        """,
        [name, label],
    )


async def _get_move(connection: AsyncConnection, move_id: int) -> _Move:
    move = await find_row(
        connection, _Move, "select id, version, behind from helpdesk.prompt_move where id = %s", [move_id]
    )
    assert move is not None  # noqa: S101 -- a foreign key points at it
    return move


async def _insert_move(
    connection: AsyncConnection, name: str, label: str, version: str | None, *, behind: int | None, by: str
) -> None:
    await connection.execute(
        "insert into helpdesk.prompt_move (name, label, version, behind, moved_by) values (%s, %s, %s, %s, %s)",
        [name, label, version, behind, by],
    )
