"""Nobody reads through the bot what they could not open themselves."""

from pathlib import Path

import psycopg

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.fakes.slack import ErrorWord, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office
from tests.scenarios.secret_page import QUESTION, reveals


async def test_who_may_read_it_is_answered_in_private(office: Office) -> None:
    reply = await office.ask(office.slack.open_direct("UADA"), "UADA", QUESTION)
    assert "safe 9" in said(reply)


async def test_who_may_not_read_it_is_told_nothing_of_it(office: Office) -> None:
    reply = await office.ask(office.slack.open_direct("UBO"), "UBO", QUESTION)
    assert not reveals(said(reply))


async def test_whom_slack_does_not_tell_of_reads_what_is_public(office: Office) -> None:
    office.slack.fail("users.info", *[ErrorWord("user_not_found")] * 20)
    direct = office.slack.open_direct("UADA")
    assert not reveals(said(await office.ask(direct, "UADA", QUESTION)))
    assert "one day" in said(await office.ask(direct, "UADA", "how long is a voucher for the guest Wi-Fi good for?"))


async def test_who_asks_alone_hears_in_which_documents_nothing_was_found(office: Office) -> None:
    office.slack.add_user("UNO", name="No")
    for user, documents in (("UBO", "you may read"), ("UGUEST", "everybody may read"), ("UNO", "everybody may read")):
        reply = said(await office.ask(office.slack.open_direct(user), user, "what does the canteen serve on Friday?"))
        assert f"in the documents that {documents}" in reply
        assert ("as a guest" in reply) == (user != "UBO")


async def test_in_a_channel_only_what_all_its_members_may_read_is_said(office: Office) -> None:
    assert not reveals(said(await office.ask("CSTAFF", "UADA", QUESTION)))
    assert reveals(said(await office.ask("CADMINS", "UADA", QUESTION)))


async def test_where_a_guest_reads_along_only_what_is_public_is_said(office: Office) -> None:
    reply = await office.ask("CMIXED", "UADA", "how long does a VPN session last?")
    assert "12 hours" not in said(reply)
    reply = await office.ask("CMIXED", "UADA", "how long is a voucher for the guest Wi-Fi good for?")
    assert "one day" in said(reply)


async def test_the_peoples_channel_is_shown_only_what_it_may_read(office: Office) -> None:
    channel = office.slack.open_direct("UADA")
    await office.ask(channel, "UADA", "I want to talk to a person about the break-glass administrator account")
    await office.settle()
    for packet in office.slack.posted(PEOPLE_CHANNEL):
        assert "safe 9" not in said(packet)
        assert "restricted/" not in str(packet)


async def test_a_right_that_is_revoked_while_the_answer_is_made_counts(settings: Settings, slack: SlackServer) -> None:
    def revoke(_: str, reached: Milestone | Step) -> None:
        if reached is Milestone.PLANNED:
            with psycopg.connect(settings.database_url, autocommit=True) as connection:
                connection.execute("delete from knowledge.membership")
                connection.execute("update knowledge.state set rights_version = rights_version + 1")

    async with open_office(settings, slack, observe=revoke) as office:
        reply = await office.ask(slack.open_direct("UADA"), "UADA", QUESTION)
        assert not reveals(said(reply))


async def test_a_page_that_is_removed_while_the_answer_is_made_is_not_quoted(
    settings: Settings, slack: SlackServer
) -> None:
    def remove(_: str, reached: Milestone | Step) -> None:
        if reached is Milestone.PLANNED:
            with psycopg.connect(settings.database_url, autocommit=True) as connection:
                connection.execute("delete from knowledge.document where key = 'vpn.md'")

    async with open_office(settings, slack, observe=remove) as office:
        reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
        assert "12 hours" not in said(reply)


async def test_records_hold_no_text_of_a_passage(office: Office, handbook: Path) -> None:
    await office.ask("CSTAFF", "UBO", "what should I do about wrong attempts, is the account locked?")
    await office.settle()
    traces = await office.fetch("select tried::text from helpdesk.decision")
    bodies = await office.fetch("select body -> 'citations' from helpdesk.outgoing")
    sentence = "After five wrong attempts"
    assert sentence in (handbook / "passwords.md").read_text()
    assert sentence not in str(traces)
    assert sentence not in str(bodies)
