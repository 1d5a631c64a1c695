"""Every setting, and the only reader of the environment.

Each has a default that runs without a key and without a server of anyone else's. `.env.example` explains them all; a
test holds the two together.
"""

from helpdesk_bot.settings.settings import Settings

__all__ = ["Settings"]
