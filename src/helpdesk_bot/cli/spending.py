"""`costs`: what chat models cost."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

from helpdesk_bot.cli.output import out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.records.calls import Cost, ModelCalls
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool

COLUMNS = ("day", "calls", "failed", "tokens in", "out", "USD", "unpriced", "estimated", "where", "model")


async def show_costs(settings: Settings, *, days: int, as_json: bool) -> None:
    since = settings.today() - timedelta(days=days - 1)
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        costs = await ModelCalls(pool).list_costs(since=since)
    total_usd = sum((cost.cost_usd for cost in costs), Decimal(0))
    if as_json:
        print_json({"since": since, "cost_usd": total_usd, "costs": [asdict(cost) for cost in costs]})
        return
    if not costs:
        out.print(f"No chat model was asked since {since}.")
        return
    print_table(COLUMNS, [_row(cost) for cost in costs])
    out.print(f"${total_usd:.4f} since {since}, without what has no price.", highlight=False)


def _row(cost: Cost) -> tuple[object, ...]:
    where = f"{cost.platform} {cost.channel or 'direct'}" if cost.platform else "command line"
    tokens = (cost.input_tokens, cost.output_tokens)
    usd = f"{cost.cost_usd:.4f}"
    return cost.day, cost.calls, cost.failed, *tokens, usd, cost.unpriced, cost.estimated, where, cost.model
