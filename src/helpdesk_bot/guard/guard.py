"""All checks as one value that is handed to the agent, so that a stricter one can take the place of any of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from helpdesk_bot.guard.grounding import check_grounding
from helpdesk_bot.guard.incoming import Incoming, read_question
from helpdesk_bot.guard.outgoing import clean_answer
from helpdesk_bot.guard.passages import clean_passage, clean_title
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict
from knowledge.passages import Passage


class CleansAnswers(Protocol):
    def __call__(self, text: str, *, citations: int) -> tuple[str, list[Verdict]]: ...


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Pure functions, each described where it is defined, or `engine.open_guard`'s, which work longer: use threads."""

    read_question: Callable[[str], Incoming] = read_question
    clean_title: Callable[[str], str] = clean_title
    clean_passage: Callable[[str], tuple[str, list[Verdict]]] = clean_passage
    clean_answer: CleansAnswers = clean_answer
    check_grounding: Callable[[str, Mapping[int, str]], list[Verdict]] = check_grounding
    policy: Policy = field(default_factory=Policy)
    """What the functions were made with."""

    def clean(self, passage: Passage) -> tuple[Passage, list[Verdict]]:
        """A passage as it may be quoted, shown to a model and cited; only its texts change."""
        text, verdicts = self.clean_passage(passage.text)
        headings = tuple(self.clean_title(heading) for heading in passage.heading_path)
        cleaned = replace(passage, text=text, title=self.clean_title(passage.title), heading_path=headings)
        return cleaned, verdicts


def rules_guard(policy: Policy) -> Guard:
    """The checks without guardrails-ai: for measurements and where nothing more is imported."""
    return Guard(
        read_question=partial(read_question, policy=policy),
        clean_passage=partial(clean_passage, policy=policy),
        clean_answer=partial(clean_answer, policy=policy),
        check_grounding=partial(check_grounding, policy=policy),
        policy=policy,
    )
