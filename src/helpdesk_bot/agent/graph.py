"""The agent's graph on one screen.

read --> retrieve --> weigh (--> use) --> recall --> compose <--> check --> translate --> answer
  |                     |         |         |          |           |
  |                     |         |         '----------'---------->'---> escalate
  |                     |         '--> propose | compose | report
  |                     '--> clarify | escalate
  '--> greet | decline | escalate                        every ending --> remember

`Is X down?` goes from read to look, and from there to report if a status page knows X, else to retrieve. Where tools
may be used, use comes after weigh: it makes lookups and plans changes. What tools say is worded by a model in compose,
or reported as it stands; where no tool is asked for, the way goes on as if use were not there. What is too little to be
quoted, but may hold the answer, goes on to compose for a model to read, and from there, without one, to escalate.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langgraph.graph import END, START, StateGraph

from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.edges import (
    after_check,
    after_compose,
    after_look,
    after_read,
    after_recall,
    after_use,
    after_weigh,
)
from helpdesk_bot.agent.node import watched
from helpdesk_bot.agent.nodes.endings import Endings
from helpdesk_bot.agent.nodes.finding import Finding
from helpdesk_bot.agent.nodes.looking import Looking
from helpdesk_bot.agent.nodes.reading import Reading
from helpdesk_bot.agent.nodes.using import Using
from helpdesk_bot.agent.nodes.weighing import Weighing
from helpdesk_bot.agent.nodes.writing import Writing
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.state import State
from helpdesk_bot.events import Step

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

RECURSION_LIMIT = 18
"""Steps of one run: sixteen nodes at most, with a look at status pages, tools, a cached answer that does not hold, and
two composers of which one is asked twice. LangGraph's own default is 10,007."""


@dataclass(frozen=True, kw_only=True)
class Nodes:
    reading: Reading
    looking: Looking
    finding: Finding
    weighing: Weighing
    using: Using
    writing: Writing
    endings: Endings


def nodes_of(parts: Parts) -> Nodes:
    looking, using = Looking(parts), Using(parts)
    finding = Finding(parts, looking=looking)
    return Nodes(
        reading=Reading(parts, looking=looking, using=using),
        looking=looking,
        finding=finding,
        weighing=Weighing(parts, finding=finding),
        using=using,
        writing=Writing(parts, looking=looking),
        endings=Endings(next_step=parts.options.next_step),
    )


def build_graph(
    nodes: Nodes, checkpointer: "BaseCheckpointSaver[str] | None"
) -> "CompiledStateGraph[State, Asked, State, State]":
    graph = StateGraph(State, context_schema=Asked)
    graph.add_node("read", watched(nodes.reading.read, Step.READING))
    graph.add_node("look", watched(nodes.looking.look, Step.SEARCHING))
    graph.add_node("retrieve", watched(nodes.finding.retrieve, Step.SEARCHING))
    graph.add_node("weigh", watched(nodes.weighing.weigh, Step.WEIGHING))
    graph.add_node("use", watched(nodes.using.use, Step.SEARCHING))
    graph.add_node("recall", watched(nodes.writing.recall))
    graph.add_node("compose", watched(nodes.writing.compose, Step.COMPOSING))
    graph.add_node("check", watched(nodes.writing.check, Step.CHECKING))
    graph.add_node("translate", watched(nodes.writing.translate))
    graph.add_node("remember", watched(nodes.endings.remember))
    graph.add_edge(START, "read")
    graph.add_conditional_edges("read", after_read, ["look", "retrieve", "greet", "decline", "escalate"])
    graph.add_conditional_edges("look", after_look, ["retrieve", "report"])
    graph.add_edge("retrieve", "weigh")
    graph.add_conditional_edges("weigh", after_weigh, ["use", "recall", "clarify", "escalate"])
    graph.add_conditional_edges("use", after_use, ["propose", "compose", "report", "recall", "clarify", "escalate"])
    graph.add_conditional_edges("recall", after_recall, ["check", "compose"])
    graph.add_conditional_edges("compose", after_compose, ["check", "compose", "report", "escalate"])
    graph.add_conditional_edges("check", after_check, ["translate", "compose", "report", "escalate"])
    graph.add_edge("translate", "answer")
    endings = nodes.endings
    for ending in (
        nodes.writing.answer,
        nodes.looking.report,
        nodes.using.propose,
        endings.clarify,
        endings.escalate,
        endings.decline,
        endings.greet,
    ):
        graph.add_node(ending.__name__, watched(ending))
        graph.add_edge(ending.__name__, "remember")
    graph.add_edge("remember", END)
    return graph.compile(checkpointer=checkpointer)
