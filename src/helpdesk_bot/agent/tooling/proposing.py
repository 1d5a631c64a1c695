"""A change by a tool, as a person is asked about it; or the question for what it needs."""

from collections.abc import Mapping
from typing import Any

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.state import Planned
from helpdesk_bot.agent.tooling.asked_back import question_for
from helpdesk_bot.agent.tooling.choosing import called, fit, fits, needed, properties
from helpdesk_bot.agent.tooling.tool_work import ToolWork
from helpdesk_bot.events import Outcome, Proposal
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.tools.arguments import Plain, fitted
from helpdesk_bot.tools.errors import BadArguments
from helpdesk_bot.tools.tool import ToolSpec

ABOUT_IT = 0.15
"""The least likeness of the asker's own words to a change that is proposed after a tool's words were read."""


def plan_change(
    spec: ToolSpec, arguments: Mapping[str, Any], work: ToolWork, *, guard: Guard, is_first: bool
) -> Planned | None:
    """A change that a model wants. After it read a tool's words, the asker's own must be about it too."""
    if not is_first and fit(work.request, spec) < ABOUT_IT:
        work.notes.append(f"tool {spec.name} not proposed: nobody asked for it")
        work.shown.append(f"{spec.name}: not called, nobody asked for it")
        return None
    known = {name: value for name, value in arguments.items() if name in properties(spec) and value != ""}
    missing = [name for name in needed(spec) if name not in known or not fits(spec, name, known[name])]
    if missing:
        return ask_back(spec, missing[0], work)
    return propose_change(spec, arguments, work, guard=guard)


def propose_change(spec: ToolSpec, arguments: Mapping[str, Any], work: ToolWork, *, guard: Guard) -> Planned | None:
    """Checked as it would be before it is sent; a proposal holds exactly what would be."""
    try:
        sent = fitted(spec.name, spec.parameters, arguments)
    except BadArguments as error:
        work.notes.append(f"tool {spec.name} not proposed: {error.reason}")
        work.shown.append(f"{spec.name}: {error.reason}")
        return None
    work.notes.append(f"tool {spec.name}({', '.join(sorted(sent))}): proposed")
    proposal = Proposal(tool=spec.name, title=spec.title, arguments=sent, approvers=spec.approvers)
    said = phrases.would_do(
        spec.title, {called(spec, name): _shown(value) for name, value in (sent | dict(spec.fixed)).items()}
    )
    text, redacted = guard.clean_answer(said, citations=0)
    if redacted:
        text = f"{text}\n\n{phrases.NOT_ALL_SHOWN}"
    return Planned(text=text, outcome=Outcome.ANSWERED, request=work.request, proposal=proposal)


def ask_back(spec: ToolSpec, name: str, work: ToolWork) -> Planned:
    work.notes.append(f"tool {spec.name}: asked for {name}")
    return Planned(text=question_for(spec, name), outcome=Outcome.CLARIFIED, request=work.request)


def _shown(value: Plain) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
