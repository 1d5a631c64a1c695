"""Our checks as registered validators of guardrails-ai, and one of its Guards for each checkpoint.

Importing this imports guardrails-ai, which takes seconds and about 150 MB: `engine` alone does, in a thread. What
guardrails-ai would do besides is switched off here: fetching prices (litellm), telemetry, tracing, its server, and
keeping the texts of its last calls.
"""

import os
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # read when litellm is imported, which guardrails does
os.environ["GUARDRAILS_RUN_SYNC"] = "true"  # read at every call: we run it in threads, which have no event loop

from guardrails import Guard as GuardrailsGuard
from guardrails import OnFailAction, register_validator
from guardrails.settings import settings
from guardrails.validators import FailResult, PassResult, ValidationResult, Validator

from helpdesk_bot.guard.checkpoints import CHECKS, Check, Checkpoint, Context
from helpdesk_bot.guard.verdicts import Verdict


def open_guards() -> "dict[Checkpoint, GuardrailsGuard[str]]":
    """A Guard for each checkpoint, which runs its checks in their order and keeps nothing."""
    settings.disable_tracing = True
    return {checkpoint: _guard(checkpoint) for checkpoint in Checkpoint}


def validate(guard: "GuardrailsGuard[str]", text: str, context: Context) -> tuple[str, list[Verdict]]:
    """The text as it may go on, and what was found; nothing is found in no text. One call at a time for one Guard."""
    if not text:
        return text, []
    verdicts: list[Verdict] = []
    try:
        outcome = guard.validate(text, metadata={"context": context, "verdicts": verdicts})
    finally:
        guard.history.clear()
    if not isinstance(outcome.validated_output, str):
        raise TypeError(f"guardrails-ai returned {type(outcome.validated_output).__name__} for a text")
    return outcome.validated_output, verdicts


def _guard(checkpoint: Checkpoint) -> "GuardrailsGuard[str]":
    guard: GuardrailsGuard[str] = GuardrailsGuard(name=checkpoint.value, history_max_length=1, use_server=False)
    guard.configure(allow_metrics_collection=False)
    validators = [_VALIDATORS[checkpoint, name](on_fail=OnFailAction.FIX) for name in CHECKS[checkpoint]]
    for validator in validators:
        validator._disable_telemetry = True  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return guard.use(*validators)


def _registered(checkpoint: Checkpoint, name: str, check: Check) -> type[Validator]:
    @register_validator(name=f"helpdesk-bot/{checkpoint}-{name}", data_type="string")
    class Checked(Validator):
        """Fails where the check changed the text; the changed text is the fix. The verdicts go out by the metadata."""

        def _validate(self, value: str, metadata: dict[str, Any]) -> ValidationResult:
            text, verdicts = check(value, metadata["context"])
            metadata["verdicts"].extend(verdicts)
            if text == value:
                return PassResult()
            return FailResult(error_message=", ".join(verdict.rule for verdict in verdicts), fix_value=text)

    return Checked


_VALIDATORS = {
    (checkpoint, name): _registered(checkpoint, name, check)
    for checkpoint, checks in CHECKS.items()
    for name, check in checks.items()
}
