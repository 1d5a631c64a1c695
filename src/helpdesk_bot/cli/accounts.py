"""`receipt`, `approve`, `cancel` and `schedule`: how syncs went, and the words that steer them."""

from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.cli.acts import whoami, write_down
from helpdesk_bot.cli.output import Exit, fail, out, print_json, print_table
from helpdesk_bot.cli.syncing import chosen, print_receipt, sync_with_bar
from helpdesk_bot.cron import check_cron
from helpdesk_bot.database import open_database
from helpdesk_bot.records.schedules import Schedules
from helpdesk_bot.settings import Settings

SHOWN = 200


async def show_receipts(settings: Settings, source: str | None, *, limit: int, as_json: bool) -> None:
    """The last receipts, and what each document that is not stored lacks."""
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        store = knowledge.store
        names = chosen(knowledge, source)
        receipts = [one for name in names for one in await store.list_receipts(name, limit=limit)]
        skipped = [(name, one) for name in names for one in await store.list_skipped(name, limit=SHOWN)]
        held = [(name, one) for name in names for one in await store.list_held(name, limit=SHOWN)]
    if as_json:
        print_json(
            {
                "receipts": [one.as_json() for one in receipts],
                "skipped": [{"source": name, **vars(one)} for name, one in skipped],
                "held": [{"source": name, **vars(one)} for name, one in held],
            }
        )
        return
    for receipt in receipts:
        print_receipt(receipt)
    if skipped:
        print_table(("left out", "why"), [(f"{name}/{one.key}", one.reason) for name, one in skipped])
    if held:
        print_table(("removal held back",), [(f"{name}/{one.key}",) for name, one in held])


async def approve_removals(settings: Settings, source: str, *, as_json: bool) -> None:
    """Approve what the last run held back, and remove it."""
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        (name,) = chosen(knowledge, source)
        receipt = await knowledge.store.get_receipt(name)
        by = whoami()
        await write_down(knowledge.pool, "sync", f"approve {name}")
        approved = await knowledge.store.approve_removals(name, by=by, run_id=receipt.run_id) if receipt else 0
        if not approved:
            fail(f"No run of {name} held anything back.")
        receipt = await sync_with_bar(knowledge, name)
    if as_json:
        print_json({"approved": approved, "receipt": receipt.as_json()})
    else:
        out.print(f"{approved} removals approved.", markup=False)
        print_receipt(receipt)


async def cancel_run(settings: Settings, source: str, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        (name,) = chosen(knowledge, source)
        await write_down(knowledge.pool, "sync", f"cancel {name}")
        if not await knowledge.store.request_cancel(name, by=whoami()):
            fail(f"No run of {name} is under way.")
    if as_json:
        print_json({"cancelled": name})
    else:
        out.print(f"The run of {source} ends after the page it is on. What it stored stays stored.", markup=False)


async def set_schedule(settings: Settings, source: str | None, cron: str | None, *, as_json: bool) -> None:
    """Show the schedules, or set one: a cron expression, `off`, or `default` for what is configured."""
    wanted = None if cron is None or cron == "default" else _read_cron(cron)
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        names, schedules = chosen(knowledge, source), Schedules(knowledge.pool)
        if cron is not None:
            await write_down(knowledge.pool, "schedule", f"{names[0]} {cron}")
        if cron == "default":
            await schedules.unset(names[0])
        elif wanted is not None:
            await schedules.set_cron(names[0], wanted, by=whoami())
        found = await schedules.list_set()
    rows = [
        {
            "source": name,
            "cron": found[name].cron if name in found else settings.sync_crons.get(name, settings.sync_cron),
            "time_zone": settings.time_zone,
            "set_by": found[name].set_by if name in found else "",
        }
        for name in names
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(tuple(rows[0]), [(row["source"], row["cron"] or "off", *list(row.values())[2:]) for row in rows])


def _read_cron(cron: str) -> str:
    if cron == "off":
        return ""
    try:
        check_cron(cron)
    except ValueError as error:
        fail(f"{cron!r} is no cron expression: {error}. It has five fields, such as '0 2 * * *'.", Exit.MISUSED)
    return cron
