"""What the command line changes is written down, as what admins do in chat is."""

import getpass
import os

from helpdesk_bot.events import Platform
from helpdesk_bot.records import Audit
from knowledge.postgres import Pool


def whoami() -> str:
    """The user's name; in a container that runs as a user without one, their number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


async def write_down(pool: Pool, action: str, words: str) -> None:
    """Before it is done: whoever may start this command may do it."""
    await Audit(pool).audit(
        platform=Platform.COMMAND_LINE, person_id=whoami(), action=action, allowed=True, words=words
    )
