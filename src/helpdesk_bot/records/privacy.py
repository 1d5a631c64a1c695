"""Forgetting a person: everything they wrote, what was made of it, and who they are, in one transaction.

What an organisation must keep stays without them: the audit says that something was done, not by whom, and curated
answers, schedules and pauses lose the name of who made them. What was spent of a day's budget is kept until that day is
over, under a salted hash.
"""

# ruff: noqa: S608 - every statement is made of literals, which pyright checks

from dataclasses import dataclass
from typing import LiteralString

from helpdesk_bot.events import Platform
from helpdesk_bot.records.rows import Table
from helpdesk_bot.records.spending import ERASED_FOR_DAYS, erased_name

_MINE: LiteralString = (
    "platform = %(platform)s and tenant = %(tenant)s and person_id = %(person)s"
    " and (%(channel)s::text is null or channel = %(channel)s)"
)
_QUESTIONS: LiteralString = "select key from helpdesk.question where " + _MINE
_CONVERSATIONS: LiteralString = (
    "select concat_ws(':', platform, tenant, channel, coalesce(thread, '')) from helpdesk.question where "
    + _MINE
    + " union all select concat_ws(':', platform, tenant, channel, continues) from helpdesk.question where "
    "continues is not null and " + _MINE + " union all select 'private:' || key from helpdesk.question where " + _MINE
)
_CHANNELS: LiteralString = (
    "select channel from helpdesk.question where platform = 'browser' and %(platform)s = 'browser' and " + _MINE
)
_MARKERS: LiteralString = "select marker from helpdesk.outgoing where question_key in (" + _QUESTIONS + ")"

_CONTACTS: LiteralString = """
with met as (
  delete from helpdesk.teams_person
  where %(platform)s = 'teams' and tenant = %(tenant)s and person_id = %(person)s
  returning tenant, direct
)
delete from helpdesk.teams_conversation
using met
where teams_conversation.tenant = met.tenant and conversation = met.direct and kind = 'personal'
"""
_CONTACT_NAME: LiteralString = """
update helpdesk.teams_person
set name = ''
where %(platform)s = 'teams' and tenant = %(tenant)s and person_id = %(person)s and name <> ''
"""
_THREADS: LiteralString = """
update helpdesk.thread
set asker_ids = array_remove(asker_ids, %(person)s)
where %(person)s = any (asker_ids)
  and starts_with(conversation_id, concat(%(platform)s::text, ':', %(tenant)s::text, ':'))
"""
_OWN_BUDGETS: LiteralString = (
    "kind = 'person' and platform = %(platform)s and tenant = %(tenant)s and person_id = %(person)s"
)
_BUDGETS: LiteralString = (
    "delete from helpdesk.budget where " + _OWN_BUDGETS + " and starts_on < current_date - " + ERASED_FOR_DAYS
)
# Nobody has a new budget by being forgotten; another time zone's day may be the one before or after this.
_BUDGETS_OF_TODAY: LiteralString = (
    "update helpdesk.budget set told_in = null, person_id = "
    + erased_name("salt")
    + " from (select gen_random_uuid()::text as salt) as drawn where "
    + _OWN_BUDGETS
)
_SIGNED_IN: LiteralString = "platform = %(platform)s and tenant = %(tenant)s and person_id = %(person)s"
_AUDITED: LiteralString = """
update helpdesk.audit
set person_id = 'erased', salt = null
where platform = %(platform)s and person_id = %(person)s
"""


def _erase_in_case(table: LiteralString, column: LiteralString) -> tuple[str, LiteralString]:
    """A name beside a question that may be another's."""
    return "names in cases", (
        "update helpdesk." + table + " set " + column + " = '' from helpdesk.question "
        "where question.key = " + table + ".question_key and question.platform = %(platform)s "
        "and question.tenant = %(tenant)s and " + table + "." + column + " = %(person)s"
    )


def _erase_in(table: LiteralString, column: LiteralString) -> tuple[str, LiteralString]:
    return "names elsewhere", (
        "update helpdesk." + table + " set " + column + " = '' "
        "where platform = %(platform)s and tenant = %(tenant)s and " + column + " = %(person)s"
    )


# In this order: what hangs on the person's questions goes before them. A conversation's memory goes as a whole where
# the person asked, and the turns of others in it with it.
_STEPS: tuple[tuple[str, LiteralString], ...] = (
    ("conversation memory", "delete from checkpoint_writes where thread_id in (" + _CONVERSATIONS + ")"),
    ("conversation memory", "delete from checkpoint_blobs where thread_id in (" + _CONVERSATIONS + ")"),
    ("conversation memory", "delete from checkpoints where thread_id in (" + _CONVERSATIONS + ")"),
    ("browser messages", "delete from helpdesk.browser_message where conversation in (" + _CHANNELS + ")"),
    (
        "queued work",
        "delete from procrastinate_jobs where status <> 'doing' and (args ->> 'question_key' in (" + _QUESTIONS + ")"
        " or args ->> 'value' in (" + _QUESTIONS + ")"
        " or (args ->> 'person_id' = %(person)s and %(channel)s::text is null))",
    ),
    (
        "posted marks",
        "delete from helpdesk.teams_sent where marker in (" + _MARKERS + ")"
        # a private answer's, each time that it was asked for: `private:KEY:NUMBER`
        " or substring(marker from '^private:(.*):[0-9]+$') in (" + _QUESTIONS + ")",
    ),
    ("answers kept", "delete from helpdesk.cached_answer where question_key in (" + _QUESTIONS + ")"),
    ("questions", "delete from helpdesk.question where " + _MINE),
    ("messages heard", "delete from helpdesk.hearing where " + _MINE),
    ("votes", "delete from helpdesk.feedback where " + _MINE),
    ("reasons given", "delete from helpdesk.feedback_reason where " + _MINE),
)

_NAMES: tuple[tuple[str, LiteralString], ...] = (
    ("what their questions cost", _BUDGETS),
    ("what their questions cost", _BUDGETS_OF_TODAY),
    ("ways into the console", "delete from helpdesk.console_link where " + _SIGNED_IN),
    ("ways into the console", "delete from helpdesk.console_session where " + _SIGNED_IN),
    ("names in threads", _THREADS),
    _erase_in_case("case_event", "person_id"),
    _erase_in_case("case_event", "to_person_id"),
    _erase_in_case("escalation", "claimed_by"),
    _erase_in_case("escalation", "answered_by"),
    _erase_in_case("escalation", "closed_by"),
    _erase_in_case("draft", "decided_by"),
    _erase_in_case("proposal", "decided_by"),
    _erase_in("curated", "drafted_by"),
    _erase_in("curated", "decided_by"),
    _erase_in("curated", "owner"),
    _erase_in("pause", "paused_by"),
    _erase_in("channel", "changed_by"),
    ("names elsewhere", "update helpdesk.prompt set author = '' where author = %(person)s"),
    ("names elsewhere", "update helpdesk.prompt_move set moved_by = '' where moved_by = %(person)s"),
    ("names elsewhere", "update helpdesk.prompt_trial set started_by = '' where started_by = %(person)s"),
    ("names elsewhere", "update helpdesk.prompt_trial set ended_by = '' where ended_by = %(person)s"),
    ("names elsewhere", "update helpdesk.source_schedule set set_by = '' where set_by = %(person)s"),
    ("names in the audit", _AUDITED),
)


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """How many rows went, or lost a name, by what they were."""

    counts: dict[str, int]


class Privacy(Table):
    async def forget(
        self, platform: Platform, tenant: str, person_id: str, *, channel: str | None = None, stays: bool = False
    ) -> Forgotten:
        """Erase a person. What is being answered for them at this moment is erased by asking again a minute later.

        With a `channel`, what they said there and no more: where an id stands for more than one person. Who `stays`
        can still be written to: on Teams the way to their chat is kept, without their name.
        """
        if not person_id:
            raise ValueError("an empty id would match whatever has no person")
        counts: dict[str, int] = {}
        async with self._pool.connection() as connection:
            for what, statement in _steps(stays=stays, is_whole=channel is None):
                person = {"platform": platform.value, "tenant": tenant, "person": person_id, "channel": channel}
                rows = (await connection.execute(statement, person)).rowcount
                counts[what] = counts.get(what, 0) + rows
        return Forgotten(counts={what: rows for what, rows in counts.items() if rows})


def _steps(*, stays: bool, is_whole: bool) -> tuple[tuple[str, LiteralString], ...]:
    if not is_whole:
        return _STEPS
    return (*_STEPS, ("Teams contacts", _CONTACT_NAME if stays else _CONTACTS), *_NAMES)
