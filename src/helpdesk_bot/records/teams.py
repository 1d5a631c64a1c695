"""What Teams tells a bot once and never again: how to reach a conversation and a person, and what was posted."""

from dataclasses import dataclass

from helpdesk_bot.records.rows import Table


@dataclass(frozen=True, kw_only=True)
class TeamsConversation:
    """A conversation as it was last heard from. `conversation` names a channel, never a thread in it."""

    tenant: str
    conversation: str
    kind: str
    """`personal`, `group` or `channel`."""
    service_url: str
    bot_id: str
    bot_name: str
    team: str = ""
    """The team's own id, for a channel."""
    is_shared: bool | None = None
    """A channel that several teams, maybe of several organisations, have in common. None: nothing is said of that."""


@dataclass(frozen=True, kw_only=True)
class TeamsPerson:
    tenant: str
    person_id: str
    """The object id in Entra; the account id where there is none."""
    account_id: str
    """What Teams calls this person before this bot: `29:...`."""
    name: str
    met_in: str
    """A conversation in which this person was heard."""
    direct: str | None = None
    """The personal conversation with the bot."""


@dataclass(frozen=True, kw_only=True)
class TeamsPart:
    """A part of something that was posted, or tried to be: then `message_id` is None."""

    marker: str
    part: int
    parts: int
    conversation: str
    message_id: str | None
    thread: str | None


class TeamsRecords(Table):
    async def keep_conversation(self, met: TeamsConversation) -> None:
        await self._execute(
            """
            insert into helpdesk.teams_conversation as old
              (tenant, conversation, kind, service_url, bot_id, bot_name, team, is_shared)
            values (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, false))
            on conflict (tenant, conversation) do update set
              kind = excluded.kind,
              service_url = excluded.service_url,
              bot_id = excluded.bot_id,
              bot_name = excluded.bot_name,
              team = coalesce(nullif(excluded.team, ''), old.team),
              is_shared = coalesce(%s, old.is_shared),
              seen_at = now()
            """,
            [
                met.tenant,
                met.conversation,
                met.kind,
                met.service_url,
                met.bot_id,
                met.bot_name,
                met.team,
                met.is_shared,
                met.is_shared,
            ],
        )

    async def find_conversation(self, tenant: str, conversation: str) -> TeamsConversation | None:
        return await self._find_row(
            TeamsConversation,
            """
            select tenant, conversation, kind, service_url, bot_id, bot_name, team, is_shared
            from helpdesk.teams_conversation
            where tenant = %s and conversation = %s
            """,
            [tenant, conversation],
        )

    async def find_any_conversation(self) -> TeamsConversation | None:
        """The one heard from last: where a service that was never asked about a person can be found."""
        return await self._find_row(
            TeamsConversation,
            """
            select tenant, conversation, kind, service_url, bot_id, bot_name, team, is_shared
            from helpdesk.teams_conversation
            order by seen_at desc
            limit 1
            """,
        )

    async def forget_conversation(self, tenant: str, conversation: str) -> None:
        """The bot was removed from it."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "delete from helpdesk.teams_conversation where tenant = %s and conversation = %s",
                [tenant, conversation],
            )
            await connection.execute(
                "update helpdesk.teams_person set direct = null where tenant = %s and direct = %s",
                [tenant, conversation],
            )

    async def keep_person(self, met: TeamsPerson) -> None:
        """What is not known now (a name, the personal conversation) stays as it was known before."""
        await self._execute(
            """
            insert into helpdesk.teams_person as old (tenant, person_id, account_id, name, met_in, direct)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (tenant, person_id) do update set
              account_id = excluded.account_id,
              name = coalesce(nullif(excluded.name, ''), old.name),
              met_in = excluded.met_in,
              direct = coalesce(excluded.direct, old.direct),
              seen_at = now()
            """,
            [met.tenant, met.person_id, met.account_id, met.name, met.met_in, met.direct],
        )

    async def find_person(self, person_id: str) -> TeamsPerson | None:
        return await self._find_row(
            TeamsPerson,
            """
            select tenant, person_id, account_id, name, met_in, direct
            from helpdesk.teams_person
            where person_id = %s
            order by seen_at desc
            limit 1
            """,
            [person_id],
        )

    async def try_part(self, part: TeamsPart) -> bool:
        """Note, before posting, that it is tried; False where an earlier attempt was never heard of again."""
        return await self._find_value(
            """
            insert into helpdesk.teams_sent (marker, part, parts, conversation, thread)
            values (%s, %s, %s, %s, %s)
            on conflict (marker, part) do update set tried_at = now(), parts = excluded.parts
            returning xmax = 0
            """,
            [part.marker, part.part, part.parts, part.conversation, part.thread],
        )

    async def keep_part(self, part: TeamsPart) -> None:
        """It is there, under this id."""
        await self._execute(
            """
            insert into helpdesk.teams_sent (marker, part, parts, conversation, message_id, thread)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (marker, part) do update set
              message_id = excluded.message_id, parts = excluded.parts, thread = excluded.thread
            """,
            [part.marker, part.part, part.parts, part.conversation, part.message_id, part.thread],
        )

    async def forget_part(self, marker: str, part: int) -> None:
        await self._execute("delete from helpdesk.teams_sent where marker = %s and part = %s", [marker, part])

    async def list_parts(self, marker: str) -> list[TeamsPart]:
        """In order; those that were only tried among them."""
        return await self._list_rows(
            TeamsPart,
            """
            select marker, part, parts, conversation, message_id, thread
            from helpdesk.teams_sent
            where marker = %s
            order by part
            """,
            [marker],
        )

    async def find_first_part(self, conversation: str, message_id: str) -> str | None:
        """The id of the first message of what this message is a part of; None for a message that isn't ours."""
        return await self._find_value(
            """
            select first.message_id
            from helpdesk.teams_sent as sent
            join helpdesk.teams_sent as first on first.marker = sent.marker and first.part = 1
            where sent.conversation = %s and sent.message_id = %s
            limit 1
            """,
            [conversation, message_id],
        )

    async def find_newest_part(self, conversation: str) -> str | None:
        """The id of the first message of what was posted there last."""
        return await self._find_value(
            """
            select first.message_id
            from helpdesk.teams_sent as sent
            join helpdesk.teams_sent as first on first.marker = sent.marker and first.part = 1
            where sent.conversation = %s and sent.message_id is not null
            order by sent.tried_at desc
            limit 1
            """,
            [conversation],
        )
