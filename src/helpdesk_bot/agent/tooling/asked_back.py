"""What a tool needs and the words don't give: the question for it, and what the reply to that means."""

from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.tooling.choosing import Choice, called, choice_of, find_arguments, fits, properties
from helpdesk_bot.events import Outcome, Turn
from helpdesk_bot.tools.arguments import Plain
from helpdesk_bot.tools.tool import ToolSpec


def question_for(spec: ToolSpec, name: str) -> str:
    return phrases.which_argument(spec.title, called(spec, name), properties(spec)[name].get("enum", ()))


def find_reply(reply: str, specs: Sequence[ToolSpec], last: Turn | None, *, is_answered: bool) -> Choice | None:
    """The tool that the last turn asked back for, with the reply as the argument; None where it is none.

    A text of any form is taken as it stands, unless it looks like a new question, which the documents answer.
    """
    if last is None or last.outcome is not Outcome.CLARIFIED:
        return None
    for spec in specs:
        for name in properties(spec):
            if last.answer == question_for(spec, name):
                value = _value(reply, spec, name, is_answered=is_answered)
                return None if value is None else _filled(choice_of(spec, last.question), name, value)
    return None


def _value(reply: str, spec: ToolSpec, name: str, *, is_answered: bool) -> Plain | None:
    found = find_arguments(reply, spec).get(name)
    if found is not None:
        return found
    is_new = is_answered or reply.rstrip().endswith("?")
    return reply.strip() if not is_new and fits(spec, name, reply.strip()) else None


def _filled(choice: Choice, name: str, value: Plain) -> Choice:
    missing = tuple(one for one in choice.missing if one != name)
    return replace(choice, arguments={**choice.arguments, name: value}, missing=missing)
