"""Where a run goes from each node."""

from helpdesk_bot.agent.message.route import Route
from helpdesk_bot.agent.state import State
from helpdesk_bot.guard.verdicts import Action, calls_for


def after_read(state: State) -> str:
    match state["route"]:
        case Route.QUESTION:
            return "look" if state["asks_for_status"] else "retrieve"
        case Route.GREETING | Route.THANKS:
            return "greet"
        case Route.PERSON | Route.UNHELPED:
            return "escalate"
        case Route.OUT_OF_SCOPE:
            return "decline"


def after_look(state: State) -> str:
    return "report" if state["told"] else "retrieve"


def after_weigh(state: State) -> str:
    return "use" if state["may_use_tools"] else after_evidence(state)


def after_use(state: State) -> str:
    if state["planned"]:
        return "propose"
    if state["told"]:
        return "compose" if state["is_worded"] else "report"
    return after_evidence(state)


def after_evidence(state: State) -> str:
    if state["is_unclear"]:
        return "clarify"
    return "recall" if state["is_enough"] or state["may_be_enough"] else "escalate"


def after_recall(state: State) -> str:
    return "check" if state["draft"] is not None else "compose"


def after_compose(state: State) -> str:
    draft = state["draft"]
    if state["told"] and not (draft and draft.text):
        return "report"
    if draft is None:
        return "escalate" if state["is_last_attempt"] else "compose"
    return "check" if draft.text else "escalate"


def after_check(state: State) -> str:
    if calls_for(Action.ESCALATE, state["verdicts"]):
        return "escalate"
    if state["draft"] is not None:
        return "translate"
    if state["told"] and state["objection"] is None:
        return "report"
    return "escalate" if state["is_last_attempt"] else "compose"
