"""The checks as guardrails-ai runs them: same functions, same verdicts as `rules_guard`, one Guard a checkpoint."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, cast

from helpdesk_bot.guard.checkpoints import Checkpoint, Context
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.incoming import Incoming, as_incoming
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict

if TYPE_CHECKING:
    from guardrails import Guard as GuardrailsGuard

Runs = Callable[["GuardrailsGuard[str]", str, Context], tuple[str, list[Verdict]]]


class Engine:
    """Its methods work for milliseconds on their thread: call them by `asyncio.to_thread`."""

    def __init__(self, guards: "Mapping[Checkpoint, GuardrailsGuard[str]]", *, run: Runs, policy: Policy) -> None:
        self._guards = guards
        self._run_one = run
        self._policy = policy
        self._locks = {checkpoint: Lock() for checkpoint in guards}

    def read_question(self, text: str) -> Incoming:
        return as_incoming(*self._run(Checkpoint.QUESTION, text, Context(policy=self._policy)))

    def clean_passage(self, text: str) -> tuple[str, list[Verdict]]:
        return self._run(Checkpoint.PASSAGE, text, Context(policy=self._policy))

    def clean_answer(self, text: str, *, citations: int) -> tuple[str, list[Verdict]]:
        return self._run(Checkpoint.ANSWER, text, Context(policy=self._policy, citations=citations))

    def check_grounding(self, answer: str, passages: Mapping[int, str]) -> list[Verdict]:
        _, verdicts = self._run(Checkpoint.GROUNDING, answer, Context(policy=self._policy, cited=passages))
        return verdicts

    def _run(self, checkpoint: Checkpoint, text: str, context: Context) -> tuple[str, list[Verdict]]:
        with self._locks[checkpoint]:
            return self._run_one(self._guards[checkpoint], text, context)


async def open_guard(policy: Policy) -> Guard:
    """A Guard whose checks guardrails-ai runs. Imports it and tries each checkpoint once, in a thread: seconds."""
    engine = await asyncio.to_thread(_open_engine, policy)
    return Guard(
        read_question=engine.read_question,
        clean_passage=engine.clean_passage,
        clean_answer=engine.clean_answer,
        check_grounding=engine.check_grounding,
        policy=policy,
    )


def _open_engine(policy: Policy) -> Engine:
    # guardrails imports jsonschema, which builds a grammar for checking one format, IRIs, that nobody asks it to check:
    # half of what `python -X importtime` shows. A module that is None can't be imported; jsonschema does without.
    sys.modules.setdefault("rfc3987_syntax", cast("ModuleType", None))
    from helpdesk_bot.guard.validators import open_guards, validate

    guards = open_guards()
    for guard in guards.values():
        validate(guard, "Warm.", Context(policy=policy))
    return Engine(guards, run=validate, policy=policy)
