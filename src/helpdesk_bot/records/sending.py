"""How far a message is on its way: claimed by one process, sent, refused, withdrawn, or to be said otherwise."""

# ruff: noqa: S608 - every statement is made of literals, which pyright checks

from typing import LiteralString

from psycopg.types.json import Jsonb

from helpdesk_bot.messages import Message
from helpdesk_bot.records.bodies import body_of
from helpdesk_bot.records.rows import Table

_AS_KEPT: LiteralString = """
case when body ->> 'is_kept' = 'false' then body || '{"text": "", "link": null}' else body end
"""


class Sending(Table):
    async def claim_sending(self, outgoing_id: int, *, patience_s: float) -> bool:
        """Whether this process may post it now: it is planned, or another's attempt is older than `patience_s`.

        Looking whether an older attempt got through claims it too, and leaves what that attempt said as it is.
        """
        return await self._changes(
            """
            update helpdesk.outgoing
            set state = 'sending', attempts = attempts + 1, claimed_at = clock_timestamp(),
                posted_version = case state when 'planned' then version else posted_version end
            where id = %s
              and (state = 'planned'
                   or state = 'sending'
                      and (claimed_at is null or claimed_at < clock_timestamp() - make_interval(secs => %s)))
            """,
            [outgoing_id, patience_s],
        )

    async def let_go(self, outgoing_id: int) -> None:
        """Our attempt ended, and whether the platform took it is not known: the next one looks first."""
        await self._execute(
            "update helpdesk.outgoing set claimed_at = null where id = %s and state = 'sending'", [outgoing_id]
        )

    async def put_back(self, outgoing_id: int, *, message_id: str | None = None) -> None:
        """The platform is known not to have taken it, or took an older version as `message_id`: try without a look."""
        await self._execute(
            """
            update helpdesk.outgoing
            set state = 'planned', claimed_at = null, message_id = coalesce(%s, message_id)
            where id = %s and state = 'sending'
            """,
            [message_id, outgoing_id],
        )

    async def forget_message(self, outgoing_id: int) -> None:
        """What was to be replaced is gone: it is being said in a message of its own."""
        await self._execute(
            "update helpdesk.outgoing set message_id = null where id = %s and state = 'sending'", [outgoing_id]
        )

    async def mark_sent(self, outgoing_id: int, message_id: str, *, version: int) -> None:
        """The platform shows it in this version. What was replaced meanwhile is planned: it takes that one's place."""
        await self._execute(
            f"""
            update helpdesk.outgoing
            set state = case when version = %(version)s then 'sent' else 'planned' end, message_id = %(message_id)s,
                body = case when version = %(version)s then {_AS_KEPT} else body end
            where id = %(id)s
            """,
            {"version": version, "message_id": message_id, "id": outgoing_id},
        )

    async def mark_refused(self, outgoing_id: int, reason: str) -> None:
        """The platform will never take it; `reason` is the platform's word."""
        await self._execute(
            f"update helpdesk.outgoing set state = 'refused', refusal = %s, body = {_AS_KEPT} where id = %s",
            [reason, outgoing_id],
        )

    async def mark_withdrawn(self, outgoing_id: int) -> None:
        """It is gone from the platform, or never got there. What a reply said is forgotten."""
        await self._execute(
            """
            update helpdesk.outgoing
            set state = 'withdrawn', message_id = null,
                body = case kind when 'reply' then body || '{"text": "", "note": "", "citations": []}' else body end
            where id = %s
            """,
            [outgoing_id],
        )

    async def replace_message(self, outgoing_id: int, message: Message) -> None:
        """Say something else instead, as long as nothing was posted."""
        await self._execute(
            "update helpdesk.outgoing set body = %s where id = %s and state = 'planned'",
            [Jsonb(body_of(message)), outgoing_id],
        )

    async def replan(self, outgoing_id: int, message: Message) -> None:
        """Say something else where this was said, or is being said. What was refused or withdrawn stays as it is."""
        await self._execute(
            """
            update helpdesk.outgoing
            set body = %s, version = version + 1, state = case state when 'sent' then 'planned' else state end
            where id = %s and state in ('planned', 'sending', 'sent')
            """,
            [Jsonb(body_of(message)), outgoing_id],
        )
