"""What is done about what a rule finds: `GUARD_POLICY` changes it rule by rule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from helpdesk_bot.guard.personal_data import Kind
from helpdesk_bot.guard.verdicts import Action, Verdict

_SECRET_KINDS = (Kind.CARD, Kind.IBAN, Kind.SSN)
"""Nobody needs these of an asker to answer him."""
_CONTACTS = (Kind.EMAIL, Kind.PHONE, Kind.IP)
"""What questions and answers of a help desk are about."""

_GROUNDING = ("uncited", "words", "number", "address", "quotation", "name", "denial")

DEFAULTS: Mapping[str, Action] = {
    "question.instructions": Action.ALLOW,
    "question.abuse": Action.ALLOW,
    **{f"question.{kind}": Action.REDACT for kind in _SECRET_KINDS},
    **{f"question.{kind}": Action.ALLOW for kind in _CONTACTS},
    "passage.instructions": Action.REDACT,
    "passage.suspect": Action.ALLOW,
    **{f"{place}.{kind}": Action.REDACT for place in ("passage", "answer") for kind in (Kind.CARD, Kind.SSN)},
    **{f"{place}.{kind}": Action.ALLOW for place in ("passage", "answer") for kind in (Kind.IBAN, *_CONTACTS)},
    **{f"grounding.{rule}": Action.BLOCK for rule in _GROUNDING},
}
"""By rule. Rules that aren't here, on hidden characters, links, mentions, HTML and secrets, always redact."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    actions: Mapping[str, Action] = field(default_factory=lambda: DEFAULTS)

    def verdicts(self, counts: Mapping[str, int]) -> list[Verdict]:
        """One verdict for each of these rules that met something."""
        return [Verdict(rule=rule, action=self.actions[rule], spans=spans) for rule, spans in counts.items() if spans]

    def redacted_kinds(self, place: str) -> Collection[Kind]:
        """Of personal data, in a question, a passage or an answer."""
        return [kind for kind in Kind if self.actions[f"{place}.{kind}"] is Action.REDACT]

    @property
    def may_hold_answers(self) -> bool:
        """Whether a composed answer may turn out to need a person: then nothing of it is said before its end."""
        held = {Action.DRAFT, Action.ESCALATE}
        return any(
            rule.startswith(("answer.", "grounding.")) and action in held for rule, action in self.actions.items()
        )


def parse_policy(pairs: str) -> Policy:
    """`rule=action` pairs, separated by commas or spaces, over the defaults.

    Raises ValueError naming the pair: an unknown rule or action, or one that makes no sense for the rule.
    """
    changed: dict[str, Action] = {}
    for pair in pairs.replace(",", " ").split():
        rule, _, action = (part.strip() for part in pair.partition("="))
        if rule not in DEFAULTS:
            raise ValueError(f"{pair!r}: no such rule; there are {', '.join(DEFAULTS)}")
        if action not in set(Action):
            raise ValueError(f"{pair!r}: the action is one of {', '.join(Action)}")
        if Action(action) is Action.REDACT and not _can_redact(rule):
            raise ValueError(f"{pair!r}: there is nothing to take out")
        changed[rule] = Action(action)
    return Policy(actions={**DEFAULTS, **changed})


def _can_redact(rule: str) -> bool:
    return rule.rpartition(".")[2] in set(Kind) or rule.startswith("passage.")
