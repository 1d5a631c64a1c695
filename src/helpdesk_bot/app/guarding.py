"""The guard: the rules at once, and guardrails-ai as soon as it is there."""

from collections.abc import Mapping

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.guard.engine import open_guard
from helpdesk_bot.guard.guard import Guard, rules_guard
from helpdesk_bot.guard.incoming import Incoming
from helpdesk_bot.guard.policy import Policy, parse_policy
from helpdesk_bot.guard.remembering import remembering
from helpdesk_bot.guard.verdicts import Verdict
from helpdesk_bot.settings import Settings


def policy_of(settings: Settings) -> Policy:
    """Raises `NotConfigured`, naming the pair."""
    try:
        return parse_policy(settings.guard_policy)
    except ValueError as error:
        raise NotConfigured(f"GUARD_POLICY: {error}") from error


class GuardInWaiting:
    """Nobody waits for an import of seconds: until it is done the same rules run without the engine around them."""

    def __init__(self, settings: Settings) -> None:
        self._policy = policy_of(settings)
        self._has_engine = settings.guard_engine == "guardrails"
        self._current = rules_guard(self._policy)
        self._clean_passage = remembering(self._clean_anew)

    @property
    def guard(self) -> Guard:
        """Always the best there is, for as long as it is held."""
        return Guard(
            read_question=self._read_question,
            clean_passage=self._clean_passage,
            clean_answer=self._clean_answer,
            check_grounding=self._check_grounding,
            policy=self._policy,
        )

    async def warm(self) -> None:
        """Import the engine, in a thread, and let it take over."""
        if self._has_engine:
            self._current = await open_guard(self._policy)

    def _read_question(self, text: str) -> Incoming:
        return self._current.read_question(text)

    def _clean_anew(self, text: str) -> tuple[str, list[Verdict]]:
        return self._current.clean_passage(text)

    def _clean_answer(self, text: str, *, citations: int) -> tuple[str, list[Verdict]]:
        return self._current.clean_answer(text, citations=citations)

    def _check_grounding(self, text: str, cited: Mapping[int, str]) -> list[Verdict]:
        return self._current.check_grounding(text, cited)
