"""What the command line changes is written down, as what admins do in chat is."""

import getpass

from helpdesk_bot.records import Audit
from knowledge.postgres import Pool

COMMAND_LINE = "cli"


async def write_down(pool: Pool, action: str, words: str) -> None:
    """Before it is done: whoever may start this command may do it."""
    await Audit(pool).audit(
        platform=COMMAND_LINE, person_id=getpass.getuser(), action=action, allowed=True, words=words
    )
