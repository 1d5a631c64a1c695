"""What is shown of a change that waits for a person's word, and of what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from helpdesk_bot.desk.wording import reference_of
from helpdesk_bot.events import Action, Citation, Outcome
from helpdesk_bot.messages import Button, Reply, Style
from helpdesk_bot.records import ProposalState, StoredProposal
from helpdesk_bot.records.proposals import Argument
from helpdesk_bot.tools.told import SOURCE
from knowledge.passages import Passage, Scores

MAX_SHOWN_CHARACTERS = 2_500
"""With more than this nobody reads what they agree to, and it stands in one message on every platform."""
MAX_RESULT_CHARACTERS = 1_500

GONE = "That is not waiting for anybody's word any more."
NOT_HERE = "That was asked in another place: press it there."
NOT_YOURS = "You can't agree to this: whoever can is named beside it."
RULES_CHANGED = "Who can agree to this was changed since. Nothing was done; please ask me again."
TOO_LATE = "That is too late: nothing was done. Please ask me again."
ON_IT = "Agreed. I'm doing it now, and say here what came of it."
LEFT = "Then I leave it."
ASKED_AGAIN = "I ask once more."

NO_SUCH_TOOL = "I know of no way to do that from here."
TOO_LONG = "That is too much to be shown in one message, so I can't ask anybody to agree to it."
FOR_COLLEAGUES = "Guests can't have anything changed."
FOR_COLLEAGUES_ONLY = "What the system answered is for colleagues, and others read along here."
NO_APPROVER = "Nobody who can agree to that reads this conversation."

_SAYS = {
    ProposalState.AGREED: "It is being done.",
    ProposalState.RUNNING: "It is being done.",
    ProposalState.DONE: "It is done.",
    ProposalState.FAILED: "It did not work, and nothing was done.",
    ProposalState.UNCLEAR: "It may have been done, or not: its answer was lost. Look before you ask for it again.",
    ProposalState.DECLINED: "It was declined, and nothing was done.",
    ProposalState.EXPIRED: "Nobody agreed in time, so nothing was done. Ask me again if it is still wanted.",
    ProposalState.VOID: "The question was changed or taken back, so nothing was done.",
}


def shown(title: str, arguments: Mapping[str, Argument]) -> str:
    """The whole change as a block of code: each argument on a line, every sign to be seen, nothing in it live."""
    lines = [f"Do: {_plain(title)}", *(f"{_plain(name)}: {_value(value)}" for name, value in arguments.items())]
    return "\n".join(("```", *lines, "```"))


def waiting_reply(proposal: StoredProposal, *, who: str, wait_s: float) -> Reply:
    text = f"{who} can agree to this, within {_minutes(wait_s)}. Nothing is done before."
    buttons = (
        Button(action=Action.AGREE, value=proposal.id, label="Do it", style=Style.PRIMARY),
        Button(action=Action.REFUSE, value=proposal.id, label="Don't"),
    )
    return _reply(proposal, shown(proposal.title, proposal.arguments), text, buttons=buttons)


def ended_reply(proposal: StoredProposal, *, by: str, promise: str = "") -> Reply:
    """`by` is the name of whoever decided; `promise` what can be counted on where a person has to look."""
    text = " ".join(filter(None, (_SAYS[proposal.state], _decided(proposal, by), promise)))
    again = Button(action=Action.AGAIN, value=proposal.id, label="Try again")
    return _reply(
        proposal,
        shown(proposal.title, proposal.arguments),
        text,
        _told(proposal),
        outcome=_OUTCOMES.get(proposal.state, Outcome.ANSWERED),
        citations=_citations(proposal),
        buttons=(again,) if proposal.state is ProposalState.FAILED else (),
    )


def untold_reply(proposal: StoredProposal, *, by: str) -> Reply:
    """The end of a change without the system's own words, where others than colleagues read along."""
    ended = ended_reply(replace(proposal, result=""), by=by)
    return replace(ended, text=f"{ended.text}\n\n{FOR_COLLEAGUES_ONLY}")


def describe(proposal: StoredProposal) -> str:
    """What became of it, for somebody who presses too late."""
    return GONE if proposal.state is ProposalState.WAITING else _SAYS[proposal.state]


def turn_text(proposal: StoredProposal) -> str:
    """What the conversation remembers of it."""
    values = ", ".join(f"{_plain(name)}: {_value(value)}" for name, value in proposal.arguments.items())
    told = f" {proposal.result}" if proposal.state is ProposalState.DONE else ""
    return f"{_plain(proposal.title)} ({values}). {_SAYS[proposal.state]}{told}"


def shorten(text: str, max_characters: int = MAX_RESULT_CHARACTERS) -> str:
    return text if len(text) <= max_characters else f"{text[: max_characters - 1].rstrip()}…"


def names_in(names: Sequence[str]) -> str:
    """`Ada`, `Ada or Bo`, `Ada, Bo or Cy`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


_OUTCOMES = {ProposalState.FAILED: Outcome.FAILED, ProposalState.UNCLEAR: Outcome.ESCALATED}


def _reply(
    proposal: StoredProposal,
    *parts: str,
    outcome: Outcome = Outcome.ANSWERED,
    citations: tuple[Citation, ...] = (),
    buttons: tuple[Button, ...] = (),
) -> Reply:
    return Reply(
        question_key=proposal.question_key,
        outcome=outcome,
        text="\n\n".join(filter(None, parts)),
        citations=citations,
        reference=reference_of(proposal.question_key),
        buttons=buttons,
        asks_feedback=False,
    )


def _decided(proposal: StoredProposal, by: str) -> str:
    if not proposal.decided_by:
        return ""
    return f"{by} declined." if proposal.state is ProposalState.DECLINED else f"{by} agreed."


def _told(proposal: StoredProposal) -> str:
    """The system's own words, as a quotation: none of ours."""
    if not proposal.result:
        return ""
    quoted = "\n".join(f"> {line}" for line in proposal.result.splitlines())
    return f"{quoted} [1]" if proposal.state is ProposalState.DONE else quoted


def _citations(proposal: StoredProposal) -> tuple[Citation, ...]:
    if proposal.state is not ProposalState.DONE or not proposal.result or proposal.ended_at is None:
        return ()
    passage = Passage(
        chunk_id=-1,
        document_id=-1,
        source=SOURCE,
        key=proposal.tool,
        title=_plain(proposal.title),
        url=proposal.link,
        heading_path=(),
        text=proposal.result,
        page=None,
        modified_at=proposal.ended_at,
        scores=Scores(),
    )
    return (Citation(number=1, passage=passage),)


def _plain(text: str) -> str:
    """On one line, with every sign to be seen."""
    return _seen(" ".join(text.split()))


def _value(value: Argument) -> str:
    """As JSON: a text has its quotes, so that nothing in it passes for another argument."""
    return _seen(json.dumps(value, ensure_ascii=False))


def _seen(text: str) -> str:
    """What would hide, or turn text around, is written as its number."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _minutes(wait_s: float) -> str:
    minutes = wait_s / 60
    return "a minute" if minutes == 1 else f"{minutes:g} minutes"
