"""What can go wrong inside a decision.

AgentError
`-- CannotCompose   this composer has no answer this time; the next one is asked
"""


class AgentError(Exception):
    """The agent could not do a part of its work."""


class CannotCompose(AgentError):
    """No draft. `reason` is a few plain words for admins; the tokens are spent all the same."""

    def __init__(self, reason: str, *, input_tokens: int = 0, output_tokens: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
