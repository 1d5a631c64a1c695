"""What can go wrong with prompts.

PromptError
`-- PromptRefused   this text can't stand in for the packaged prompt, or there is no such version
"""

from helpdesk_bot.errors import HelpdeskError


class PromptError(HelpdeskError):
    """Something about a prompt did not work."""


class PromptRefused(PromptError):
    """Nothing was changed; the message says why."""
