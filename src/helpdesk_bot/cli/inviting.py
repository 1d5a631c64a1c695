"""`console`: a link to the web pages, for whoever runs the machine."""

import typer

from helpdesk_bot.admission import ACTION, LINK_LASTS, invite
from helpdesk_bot.cli.acts import whoami, write_down
from helpdesk_bot.cli.output import err, print_json
from helpdesk_bot.database import open_database
from helpdesk_bot.events import Platform
from helpdesk_bot.records.console import ConsoleRecords, Visitor
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool


async def print_link(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        visitor = Visitor(platform=Platform.COMMAND_LINE, tenant="", person_id=whoami())
        link = await invite(ConsoleRecords(pool), visitor, address=settings.public_url)
        await write_down(pool, ACTION, "")
    if as_json:
        print_json({"link": link})
        return
    typer.echo(link)
    err.print(f"It opens the console once, within {LINK_LASTS.total_seconds() / 60:.0f} minutes.", highlight=False)
