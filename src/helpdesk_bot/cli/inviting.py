"""`console`: a link to the web pages, for whoever runs the machine; and everybody's way out of them."""

from dataclasses import asdict

import typer

from helpdesk_bot.admission import ACTION, END, LINK_LASTS, invite, tell_ended
from helpdesk_bot.cli.acts import whoami, write_down
from helpdesk_bot.cli.output import err, out, print_json
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


async def end_console(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        await write_down(pool, ACTION, END)
        ended = await ConsoleRecords(pool).end_all()
    if as_json:
        print_json([asdict(one) for one in ended])
    else:
        out.print(tell_ended(ended), markup=False, highlight=False)
