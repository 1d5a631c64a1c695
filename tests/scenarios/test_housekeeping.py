"""What is past its time is forgotten, whatever else fails."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from psycopg import sql

from helpdesk_bot.agent.history import open_history
from helpdesk_bot.app.housekeeping import Housekeeping
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.records import Records
from helpdesk_bot.records.spending import Estimate, Limits, Payer, Spending
from helpdesk_bot.settings import Settings


@pytest.mark.parametrize("table", ["checkpoints", "helpdesk.hearing", "helpdesk.cached_answer"])
async def test_a_part_of_it_that_fails_holds_up_no_other(settings: Settings, table: str) -> None:
    """What came after it was kept for ever, such as the money that is set aside for a call whose process died."""
    url = settings.database_url
    async with open_knowledge(settings, url) as knowledge, open_history(url) as history:
        day, estimate = date(2026, 3, 31), Estimate(tokens=1, cost_usd=Decimal(1))
        await Spending(knowledge.pool).reserve(Payer(), Limits(), role="answer", model="m", day=day, estimate=estimate)
        async with knowledge.pool.connection() as connection:
            await connection.execute(
                "update helpdesk.model_call set started_at = %s", [datetime(2026, 3, 31, tzinfo=UTC)]
            )
            name = sql.Identifier(*table.split("."))
            await connection.execute(sql.SQL("alter table {} rename to gone").format(name))
        await Housekeeping(knowledge=knowledge, records=Records(knowledge.pool), history=history).keep_house()
        async with knowledge.pool.connection() as connection:
            cursor = await connection.execute("select outcome from helpdesk.model_call")
            assert await cursor.fetchall() == [("lost",)]
