"""What calls of chat models cost, and what they may: set aside before each call, settled after it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal, LiteralString, TypeAlias

from psycopg import AsyncConnection

from helpdesk_bot.records.rows import Table

ALERT_FROM = Decimal("0.8")
"""The share of a budget from which on admins are told, and a person of theirs."""

ERASED_FOR_DAYS: LiteralString = "1"
"""How long a forgotten person's budget of a day stays after its date: days end at another time elsewhere."""


def erased_name(salt: LiteralString) -> LiteralString:
    """The SQL of what stands for the forgotten `%(person)s` in a budget; `salt` is SQL too."""
    digest: LiteralString = "encode(sha256(convert_to(concat(" + salt + ", %(person)s::text), 'UTF8')), 'hex')"
    return "concat('erased:', " + salt + ", ':', " + digest + ")"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """0 is no limit."""

    request_tokens: int = 0
    person_day_tokens: int = 0
    day_usd: Decimal = Decimal(0)
    month_usd: Decimal = Decimal(0)
    channel_day_usd: Decimal = Decimal(0)
    channel_month_usd: Decimal = Decimal(0)

    @property
    def has_money(self) -> bool:
        return any((self.day_usd, self.month_usd, self.channel_day_usd, self.channel_month_usd))


@dataclass(frozen=True, kw_only=True)
class Payer:
    """For whom a call is made. What is empty has no budget of its own."""

    question_key: str = ""
    platform: str = ""
    tenant: str = ""
    channel: str = ""
    """Empty in a direct conversation."""
    person_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What one payer may spend in one period."""

    kind: Literal["installation", "channel", "person"]
    period: Literal["day", "month"]
    starts_on: date
    platform: str = ""
    tenant: str = ""
    channel: str = ""
    person_id: str = ""
    limit_tokens: int = 0
    limit_usd: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, str, str, str, str, str, date]:
        """In the order of the columns."""
        return self.kind, self.platform, self.tenant, self.channel, self.person_id, self.period, self.starts_on


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The most that a call may use. `cost_usd` is 0 where it has no price."""

    tokens: int
    cost_usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a call used, once it is over."""

    outcome: Literal["answered", "failed", "stopped", "lost"]
    input_tokens: int
    output_tokens: int
    is_estimated: bool
    """The provider did not say; counted from the texts."""
    cost_usd: Decimal
    is_unpriced: bool
    took_ms: int
    answered_as: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Which budget has no room for a call."""

    budget: str


Tell: TypeAlias = Callable[[AsyncConnection, Account], Awaitable[None]]
"""Is told of a budget that is nearly spent, once a period, in the transaction that finds it so."""


async def tell_nobody(_: AsyncConnection, __: Account) -> None:
    """For where nobody is to be told."""


def accounts_of(payer: Payer, limits: Limits, day: date) -> list[Account]:
    """Every account that a call on this day goes to, with or without a limit."""
    month = day.replace(day=1)
    accounts = [
        Account(kind="installation", period="day", starts_on=day, limit_usd=limits.day_usd),
        Account(kind="installation", period="month", starts_on=month, limit_usd=limits.month_usd),
    ]
    if payer.channel:
        channel = partial(Account, kind="channel", platform=payer.platform, tenant=payer.tenant, channel=payer.channel)
        accounts += [
            channel(period="day", starts_on=day, limit_usd=limits.channel_day_usd),
            channel(period="month", starts_on=month, limit_usd=limits.channel_month_usd),
        ]
    if payer.person_id:
        person = Account(
            kind="person",
            period="day",
            starts_on=day,
            platform=payer.platform,
            tenant=payer.tenant,
            person_id=payer.person_id,
            limit_tokens=limits.person_day_tokens,
        )
        accounts.append(person)
    return accounts


class Spending(Table):
    async def reserve(
        self, payer: Payer, limits: Limits, *, role: str, model: str, day: date, estimate: Estimate
    ) -> int | Refused:
        """Set aside what a call may use at most: its id, or which budget has no room for it. One at a time."""
        async with self.transaction() as connection:
            await _take_turn(connection)
            accounts = accounts_of(payer, limits, day)
            for account in accounts:
                if account.kind == "person" and account.limit_tokens:
                    await _take_up_again(connection, account)
            refused = await _find_refusal(connection, payer, limits, accounts, estimate)
            if refused is not None:
                return refused
            await _set_aside(connection, accounts, estimate)
            return await _begin(connection, payer, role=role, model=model, day=day, estimate=estimate)

    async def settle(self, call_id: int, payer: Payer, limits: Limits, used: Used, *, tell: Tell = tell_nobody) -> None:
        """Put what was used in place of what was set aside, and tell of the accounts that admins are to hear of now."""
        async with self.transaction() as connection:
            await _take_turn(connection)
            ended = await _end(connection, call_id, used)
            if ended is None:
                return
            day, reserved = ended
            accounts = accounts_of(payer, limits, day)
            await _charge(connection, accounts, reserved, used)
            for account in accounts:
                if await _crosses(connection, account):
                    await tell(connection, account)

    async def take_word(self, account: Account, question_key: str) -> bool:
        """Whether the answer to this question tells its asker that their budget of tokens is nearly used.

        True for one question a period, and for that one again, so that it says so after a crash too.
        """
        return await self._changes(
            """
            update helpdesk.budget
            set alerted_at = coalesce(alerted_at, now()), told_in = %s
            where (kind, platform, tenant, channel, person_id, period, starts_on) = (%s, %s, %s, %s, %s, %s, %s)
              and tokens >= %s and (alerted_at is null or told_in = %s)
            """,
            [question_key, *account.key, account.limit_tokens * ALERT_FROM, question_key],
        )

    async def find_spent(self, account: Account) -> tuple[int, Decimal]:
        """Tokens and dollars of an account so far, with what is set aside for running calls."""
        async with self._pool.connection() as connection:
            return await _taken(connection, account)

    async def settle_lost(self, *, older_than: timedelta) -> int:
        """Charge what dead processes left running at what was set aside for it; how many calls."""
        async with self.transaction() as connection:
            cursor = await connection.execute(
                """
                select call.id, call.reserved_tokens, call.reserved_usd, coalesce(call.question_key, ''),
                  call.platform, call.tenant, call.channel, coalesce(question.person_id, '')
                from helpdesk.model_call as call
                left join helpdesk.question on question.key = call.question_key
                where call.outcome = 'running' and call.started_at < now() - %s
                """,
                [older_than],
            )
            lost = await cursor.fetchall()
        for call_id, tokens, cost_usd, key, platform, tenant, channel, person_id in lost:
            used = Used(
                outcome="lost",
                input_tokens=tokens,
                output_tokens=0,
                is_estimated=True,
                cost_usd=cost_usd,
                is_unpriced=not cost_usd,
                took_ms=0,
                reason="its process died",
            )
            payer = Payer(question_key=key, platform=platform, tenant=tenant, channel=channel, person_id=person_id)
            await self.settle(call_id, payer, Limits(), used)
        return len(lost)


async def _take_turn(connection: AsyncConnection) -> None:
    """Reserving and settling go one after the other: each takes a few milliseconds."""
    await connection.execute("select pg_advisory_xact_lock(hashtext('helpdesk.budget'))")


async def _take_up_again(connection: AsyncConnection, account: Account) -> None:
    """Whoever was forgotten and asks again on the same day goes on with that day's budget."""
    await connection.execute(
        """
        update helpdesk.budget
        set person_id = %(person)s
        where kind = 'person' and platform = %(platform)s and tenant = %(tenant)s and starts_on = %(day)s
          and starts_with(person_id, 'erased:') and person_id = """  # noqa: S608 - literals
        + erased_name("split_part(person_id, ':', 2)")
        + """
          and not exists (
            select from helpdesk.budget
            where kind = 'person' and platform = %(platform)s and tenant = %(tenant)s and channel = ''
              and person_id = %(person)s and period = 'day' and starts_on = %(day)s
          )
        """,
        {
            "person": account.person_id,
            "platform": account.platform,
            "tenant": account.tenant,
            "day": account.starts_on,
        },
    )


async def _find_refusal(
    connection: AsyncConnection, payer: Payer, limits: Limits, accounts: Sequence[Account], estimate: Estimate
) -> Refused | None:
    if limits.request_tokens and payer.question_key:
        used = await _tokens_of_question(connection, payer.question_key)
        if used + estimate.tokens > limits.request_tokens:
            return Refused(budget="request")
    for account in accounts:
        tokens, cost_usd = await _taken(connection, account)
        is_full = account.limit_tokens and tokens + estimate.tokens > account.limit_tokens
        if is_full or (account.limit_usd and cost_usd + estimate.cost_usd > account.limit_usd):
            return Refused(budget=f"{account.kind} {account.period}")
    return None


async def _tokens_of_question(connection: AsyncConnection, question_key: str) -> int:
    cursor = await connection.execute(
        """
        select coalesce(sum(case outcome when 'running' then reserved_tokens else input_tokens + output_tokens end), 0)
        from helpdesk.model_call
        where question_key = %s
        """,
        [question_key],
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _taken(connection: AsyncConnection, account: Account) -> tuple[int, Decimal]:
    """Spent, and set aside."""
    cursor = await connection.execute(
        """
        select tokens + reserved_tokens, cost_usd + reserved_usd
        from helpdesk.budget
        where (kind, platform, tenant, channel, person_id, period, starts_on) = (%s, %s, %s, %s, %s, %s, %s)
        """,
        account.key,
    )
    row = await cursor.fetchone()
    return (int(row[0]), row[1]) if row else (0, Decimal(0))


async def _set_aside(connection: AsyncConnection, accounts: Sequence[Account], estimate: Estimate) -> None:
    for account in accounts:
        await connection.execute(
            """
            insert into helpdesk.budget as known
              (kind, platform, tenant, channel, person_id, period, starts_on, reserved_tokens, reserved_usd)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (kind, platform, tenant, channel, person_id, period, starts_on) do update
            set reserved_tokens = known.reserved_tokens + excluded.reserved_tokens,
              reserved_usd = known.reserved_usd + excluded.reserved_usd
            """,
            [*account.key, estimate.tokens, estimate.cost_usd],
        )


async def _begin(
    connection: AsyncConnection, payer: Payer, *, role: str, model: str, day: date, estimate: Estimate
) -> int:
    """The call's row. A question that is not on record, such as one on the command line, is nobody's."""
    cursor = await connection.execute(
        """
        insert into helpdesk.model_call
          (question_key, role, model, platform, tenant, channel, day, reserved_tokens, reserved_usd)
        values ((select key from helpdesk.question where key = %s), %s, %s, %s, %s, %s, %s, %s, %s)
        returning id
        """,
        [
            payer.question_key,
            role,
            model,
            payer.platform,
            payer.tenant,
            payer.channel,
            day,
            estimate.tokens,
            estimate.cost_usd,
        ],
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 -- an insert returns its row
    return int(row[0])


async def _end(connection: AsyncConnection, call_id: int, used: Used) -> tuple[date, Estimate] | None:
    """Its day and what was set aside for it; None where it was settled before."""
    cursor = await connection.execute(
        """
        update helpdesk.model_call
        set outcome = %s, answered_as = %s, reason = %s, input_tokens = %s, output_tokens = %s, is_estimated = %s,
          cost_usd = %s, is_unpriced = %s, took_ms = %s
        where id = %s and outcome = 'running'
        returning day, reserved_tokens, reserved_usd
        """,
        [
            used.outcome,
            used.answered_as,
            used.reason,
            used.input_tokens,
            used.output_tokens,
            used.is_estimated,
            used.cost_usd,
            used.is_unpriced,
            used.took_ms,
            call_id,
        ],
    )
    row = await cursor.fetchone()
    return (row[0], Estimate(tokens=int(row[1]), cost_usd=row[2])) if row else None


async def _charge(connection: AsyncConnection, accounts: Sequence[Account], reserved: Estimate, used: Used) -> None:
    for account in accounts:
        await connection.execute(
            """
            update helpdesk.budget
            set tokens = tokens + %s, cost_usd = cost_usd + %s,
              reserved_tokens = reserved_tokens - %s, reserved_usd = reserved_usd - %s
            where (kind, platform, tenant, channel, person_id, period, starts_on) = (%s, %s, %s, %s, %s, %s, %s)
            """,
            [
                used.input_tokens + used.output_tokens,
                used.cost_usd,
                reserved.tokens,
                reserved.cost_usd,
                *account.key,
            ],
        )


async def _crosses(connection: AsyncConnection, account: Account) -> bool:
    """Whether a money budget has just come so far that admins are told: true once a period."""
    if not account.limit_usd:
        return False
    cursor = await connection.execute(
        """
        update helpdesk.budget
        set alerted_at = now()
        where (kind, platform, tenant, channel, person_id, period, starts_on) = (%s, %s, %s, %s, %s, %s, %s)
          and alerted_at is null and cost_usd >= %s
        """,
        [*account.key, account.limit_usd * ALERT_FROM],
    )
    return bool(cursor.rowcount)
