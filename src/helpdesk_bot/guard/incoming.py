"""What a person wrote: made safe to store and cut to a length. By default nobody is turned away."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk_bot.guard.abuse import count_abuse
from helpdesk_bot.guard.characters import strip_hidden
from helpdesk_bot.guard.instructions import count_instructions
from helpdesk_bot.guard.personal_data import redact
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Verdict, redactions

MAX_CHARACTERS = 8_000


@dataclass(frozen=True, kw_only=True)
class Incoming:
    text: str
    is_cut: bool
    verdicts: tuple[Verdict, ...]


def read_question(text: str, *, policy: Policy | None = None) -> Incoming:
    """The question without hidden characters and secret numbers, at most `MAX_CHARACTERS` long.

    Words that try to steer the bot are counted and left: people ask about such words, and they gain nothing by them.
    Card, account and social security numbers are taken out, since nobody needs them to answer; an e-mail address, a
    phone number or an IP address may be what the question is about and stays.
    """
    policy = policy or Policy()
    verdicts: list[Verdict] = []
    for check in (visible, personal_data, tone):
        text, found = check(text, policy)
        verdicts += found
    return as_incoming(text, verdicts)


def as_incoming(text: str, verdicts: Sequence[Verdict]) -> Incoming:
    is_cut = any(verdict.rule == "question.length" for verdict in verdicts)
    return Incoming(text=text.strip(), is_cut=is_cut, verdicts=tuple(verdicts))


def visible(text: str, _: Policy) -> tuple[str, list[Verdict]]:
    """Cut to its length, and without what people can't see."""
    is_cut = len(text) > MAX_CHARACTERS
    text, hidden = strip_hidden(text[:MAX_CHARACTERS])
    return text, redactions({"question.hidden": hidden, "question.length": int(is_cut)})


def personal_data(text: str, policy: Policy) -> tuple[str, list[Verdict]]:
    text, found = redact(text, policy.redacted_kinds("question"))
    return text, policy.verdicts({f"question.{kind}": count for kind, count in found.items()})


def tone(text: str, policy: Policy) -> tuple[str, list[Verdict]]:
    """Orders to the bot, and insults: counted."""
    counts = {"question.instructions": count_instructions(text), "question.abuse": count_abuse(text)}
    return text, policy.verdicts(counts)
