"""What can go wrong with a tool.

ToolError
|-- BadArguments   they do not fit the tool's schema; nothing was sent
|-- ToolFailed     it is known that nothing was done: refused, not reached, or only read
`-- ToolUnclear    a change was sent and its answer was lost: it may have been made
"""


class ToolError(Exception):
    """A tool did not do what it was asked. `reason` is for admins: no secret, no body of a reply."""

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(f"{tool}: {reason}")
        self.tool = tool
        self.reason = reason


class BadArguments(ToolError):
    """The arguments do not fit the tool's schema; nothing was sent."""


class ToolFailed(ToolError):
    """It is known that nothing was done."""


class ToolUnclear(ToolError):
    """A change was sent and its answer was lost: a person has to look."""
