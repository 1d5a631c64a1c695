"""What can go wrong inside a decision.

AgentError
|-- CannotCompose   this composer has no answer this time; the next one is asked
`-- NodeFailed      a node met trouble it can't decide on; never leaves the agent
"""


class AgentError(Exception):
    """The agent could not do a part of its work."""


class CannotCompose(AgentError):
    """No draft. `reason` is a few plain words for admins; the tokens are spent all the same."""

    def __init__(
        self, reason: str, *, input_tokens: int = 0, output_tokens: int = 0, is_over_budget: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_over_budget = is_over_budget
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens


class NodeFailed(AgentError):
    """A node was stopped by `cause`.

    LangGraph writes a failed run's error into the checkpoint as text. This one's text is the node's name; the cause's,
    which may hold anything, stays in memory.
    """

    def __init__(self, node: str, cause: Exception) -> None:
        super().__init__(node)
        self.cause = cause
