"""What a person wrote: made safe to store and cut to a length; nobody is turned away."""

from dataclasses import dataclass

from helpdesk_bot.guard.characters import strip_hidden
from helpdesk_bot.guard.instructions import count_instructions
from helpdesk_bot.guard.verdicts import Action, Verdict

MAX_CHARACTERS = 8_000


@dataclass(frozen=True, kw_only=True)
class Incoming:
    text: str
    is_cut: bool
    verdicts: tuple[Verdict, ...]


def read_question(text: str) -> Incoming:
    """The question without hidden characters, at most `MAX_CHARACTERS` long.

    Words that try to steer the bot are counted and left: people ask about such words, and they gain nothing by them.
    Personal data is left: it is the asker's own message.
    """
    is_cut = len(text) > MAX_CHARACTERS
    visible, hidden = strip_hidden(text[:MAX_CHARACTERS])
    found = (
        Verdict(rule="question.hidden", action=Action.REDACT, spans=hidden),
        Verdict(rule="question.length", action=Action.REDACT, spans=int(is_cut)),
        Verdict(rule="question.instructions", action=Action.ALLOW, spans=count_instructions(visible)),
    )
    return Incoming(text=visible.strip(), is_cut=is_cut, verdicts=tuple(verdict for verdict in found if verdict.spans))
