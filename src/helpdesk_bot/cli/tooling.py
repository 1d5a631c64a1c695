"""`tools`: what the bot may ask and tell other systems."""

from contextlib import AsyncExitStack
from dataclasses import asdict

from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.cli.output import out, print_json
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.toolbox import Standing


async def show_tools(settings: Settings, *, as_json: bool) -> None:
    async with AsyncExitStack() as stack:
        standings = await (await tools_of(settings, stack=stack)).survey()
    if as_json:
        print_json([asdict(one) for one in standings])
        return
    if not standings:
        out.print("No tools: TOOLS_FILE names none (docs/tools.md).")
    for one in standings:
        out.print(_described(one), markup=False, highlight=False)


def _described(one: Standing) -> str:
    does = "changes something" if one.spec.changes else "only reads"
    lines = [f"{one.spec.name}: {one.spec.title} ({does})", f"    {one.trouble or 'offered'}"]
    if one.says and one.trouble:
        lines.append("\n".join(f"    {line}" for line in one.says.splitlines()))
    return "\n".join(lines)
