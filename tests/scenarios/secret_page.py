"""The page that not everybody may read, and the steps of an answer at which its rights may end."""

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step

QUESTION = "where is the envelope of the break-glass administrator account?"
SECRETS = ("safe 9", "B17", "emergency-admin", "Break-glass administrator account")
STEPS = (Milestone.TAKEN, *Step, Milestone.DECIDED, Milestone.PLANNED)
"""Every one before the message is on its way to the platform."""


def reveals(text: str) -> bool:
    return any(secret in text for secret in SECRETS)
