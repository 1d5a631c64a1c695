"""A person who asks to be forgotten is: no word of theirs and no id stays in the database."""

from datetime import UTC, datetime

from helpdesk_bot.chat.browser import browser_place
from helpdesk_bot.events import Addressed, AdminCommand, Platform, Question
from helpdesk_bot.records.privacy import Privacy
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office

SECRET_WORD = "zanzibarian"


async def where_found(office: Office, word: str) -> list[str]:
    """Every table of ours, the queue's and the checkpoints' in which a row holds the word."""
    tables = await office.fetch(
        """
        select format('%I.%I', schemaname, tablename)
        from pg_tables
        where schemaname in ('helpdesk', 'public')
        """
    )
    found: list[str] = []
    for (table,) in tables:
        ((rows,),) = await office.fetch(
            f"select count(*) from {table} as t where t::text like '%%' || %s || '%%'", [word]
        )
        found += [table] if rows else []
    return sorted(found)


async def test_nothing_of_a_forgotten_person_is_left_and_everything_of_others_is(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", f"how long does a {SECRET_WORD} VPN session last?")
    reply = await office.ask("CSTAFF", "UBO", f"what does the {SECRET_WORD} canteen serve?")
    await office.ask("CSTAFF", "UADA", "how do I reset a forgotten password?")
    await office.send(office.slack.payloads.reaction("CSTAFF", "UBO", reply["ts"], "-1", at="1800000001.0"))
    await office.settle()
    assert "helpdesk.question" in await where_found(office, SECRET_WORD)
    forgotten = await Privacy(office.app.knowledge.pool).forget(Platform.SLACK, office.slack.team_id, "UBO")
    assert forgotten.counts["questions"] == 2
    assert await where_found(office, SECRET_WORD) == []
    assert await where_found(office, "UBO") == []
    assert await office.fetch("select person_id from helpdesk.question") == [("UADA",)]
    again = await Privacy(office.app.knowledge.pool).forget(Platform.SLACK, office.slack.team_id, "UBO")
    assert again.counts == {}


async def test_what_admins_were_shown_of_a_forgotten_person_is_not_left_with_the_admins_own_messages(
    office: Office,
) -> None:
    direct = office.slack.open_direct("UADA")
    reply = await office.ask("CSTAFF", "UBO", f"how long does a {SECRET_WORD} VPN session last?")
    await office.send(office.slack.payloads.reaction("CSTAFF", "UBO", reply["ts"], "-1", at="1800000001.0"))
    await office.settle()
    assert SECRET_WORD in said(await office.ask(direct, "UADA", "review"))
    await office.settle()
    await Privacy(office.app.knowledge.pool).forget(Platform.SLACK, office.slack.team_id, "UBO")
    assert await where_found(office, SECRET_WORD) == []


async def test_one_visitor_of_the_page_erases_their_own_conversation_alone(office: Office) -> None:
    """Everybody at the page counts as the same person."""
    for conversation in ("mine", "yours"):
        await office.app.desk.accept(
            Question(
                key=f"browser:{conversation}:1",
                place=browser_place(conversation),
                person_id="visitor",
                message_id="1",
                text=f"how long does a {conversation} VPN session last?",
                asked_at=datetime.now(UTC),
                addressed=Addressed.DIRECT,
            )
        )
    await office.settle()
    erased = AdminCommand(
        place=browser_place("mine"), person_id="visitor", words=("forget-me", "yes"), at=datetime.now(UTC)
    )
    assert "1 questions" in (await office.app.desk.run_command(erased)).text
    assert await office.fetch("select channel from helpdesk.question") == [("yours",)]
    assert await office.fetch("select distinct conversation from helpdesk.browser_message") == [("yours",)]
