"""An agent that proposes an order where somebody asks for one, and is itself otherwise."""

import re

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.events import Decision, Outcome, Proposal

_ORDER = re.compile(r"order a (small|large) laptop(?: note: (.*))?", re.DOTALL)


class PostingAgent(Agent):
    """Proposes to post what stands behind `post:`."""

    async def decide(self, asked: Asked) -> Decision:
        proposal = Proposal(tool="desk_post", title="Post", arguments={"text": asked.question.partition("post: ")[2]})
        return Decision(
            outcome=Outcome.ANSWERED, text="I can.", standalone=asked.question, reason="", proposal=proposal
        )


class ProposingAgent(Agent):
    async def decide(self, asked: Asked) -> Decision:
        wanted = _ORDER.search(asked.question)
        if wanted is None:
            return await super().decide(asked)
        arguments = {"model": wanted[1]} | ({"note": wanted[2]} if wanted[2] else {})
        proposal = Proposal(tool="order_laptop", title="What a model calls it", arguments=arguments)
        return Decision(
            outcome=Outcome.ANSWERED,
            text="I can order that.",
            standalone=asked.question,
            reason="a tool",
            proposal=proposal,
        )
