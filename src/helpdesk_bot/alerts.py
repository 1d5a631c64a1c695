"""Telling admins what they did not ask for: an incomplete sync, a budget nearly spent, a model that keeps failing."""

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from psycopg import AsyncConnection

from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Platform
from helpdesk_bot.jobs import Jobs
from helpdesk_bot.messages import Notice
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records.model_health import Condition
from helpdesk_bot.records.spending import ALERT_FROM, Account
from helpdesk_bot.records.traces import Traces
from knowledge.receipts import Receipt, RunState

log = structlog.get_logger()

QUIET = frozenset({RunState.COMPLETE, RunState.CANCELLED, RunState.INTERRUPTED})
"""Ends that somebody wanted, or that the next run makes good by itself."""


class Alerts:
    """Goes to the direct chats of the admins who have used a command; to a platform where none has, nothing goes."""

    def __init__(self, *, chats: Mapping[Platform, Chat], people: People, traces: Traces) -> None:
        self._chats = chats
        self._people = people
        self._traces = traces

    async def tell_of(self, receipt: Receipt) -> int:
        """Tell the admins of a run that did not do what it should; how many were told. Raises nothing of a platform."""
        if receipt.state in QUIET:
            return 0
        return await self._tell_all(Notice(text=_in_words(receipt)), marker=f"sync:{receipt.source}:{receipt.run_id}")

    async def tell_of_stale(self, left: int) -> int:
        """Tell the admins that so much changed under answers that not all of them are marked yet."""
        text = f"Pages changed under many answers; {left} of these are not marked yet. `stale` shows the pages."
        return await self._tell_all(Notice(text=text), marker=f"stale:{datetime.now(UTC):%Y-%m-%dT%H}")

    async def tell_of_model(self, condition: Condition) -> int:
        """Tell the admins of a model that is not asked for a while."""
        marker = f"model:{condition.model}:{datetime.now(UTC):%Y-%m-%dT%H}"
        return await self._tell_all(Notice(text=_rests(condition)), marker=marker)

    async def tell_in_words(self, text: str, *, marker: str) -> int:
        """Tell the admins what a platform said about the bot, or of a budget; where none is known, the log does."""
        told = await self._tell_all(Notice(text=text), marker=marker)
        log.warning("admins are warned", about=marker, told=told)
        return told

    async def _tell_all(self, notice: Notice, *, marker: str) -> int:
        told = 0
        for platform in self._chats:
            for person_id in await self._traces.list_known_admins(platform):
                told += await self._tell(platform, person_id, notice, marker=marker)
        return told

    async def _tell(self, platform: Platform, person_id: str, notice: Notice, *, marker: str) -> bool:
        chat = self._chats[platform]
        try:
            if not await self._people.is_admin(platform, person_id):
                return False
            place = await chat.get_direct_place(person_id)
            await chat.post(place, notice, marker=f"{marker}:{person_id}")
        except ChatError as error:
            log.warning("admin can't be told", platform=platform, person_id=person_id, error=str(error))
            return False
        return True


def _in_words(receipt: Receipt) -> str:
    held = f" `sync approve {receipt.source}` removes them." if receipt.held_back else ""
    return (
        f"The sync of **{receipt.source}** is {receipt.state}: {receipt.reason or 'no reason is known'}.{held} "
        f"What is known of it goes on to be found. `receipt {receipt.source}` shows the whole account."
    )


def _rests(condition: Condition) -> str:
    return (
        f"The chat model `{condition.model}` failed {condition.failures} times in a row, the last time: "
        f"{condition.reason}. Until it is well again the next model answers, or answers quote the pages. "
        "`helpdesk-bot doctor` asks it one word."
    )


async def tell_of_budget(jobs: Jobs, connection: AsyncConnection, account: Account) -> None:
    """Have the admins told that a budget is nearly spent, in the caller's transaction: no answer waits for it."""
    await jobs.defer_warning(connection, text=_nearly_spent(account), marker=":".join(map(str, account.key)))


def _nearly_spent(account: Account) -> str:
    where = f" of the channel `{account.channel}`" if account.channel else ""
    return (
        f"{ALERT_FROM:.0%} of the budget for chat models{where} is spent: {account.limit_usd:.2f} USD for the "
        f"{account.period} that began on {account.starts_on}. When all of it is, answers quote the pages and say so. "
        "`helpdesk-bot costs` shows what it went on."
    )
