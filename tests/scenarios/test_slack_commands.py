"""`/helpdesk`: for admins, and written down."""

from tests.eventually import eventually, eventually_async
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office


async def command(office: Office, user: str, text: str) -> str:
    response = await office.send(office.slack.payloads.command("CSTAFF", user, text))
    assert response.status_code == 200
    assert response.json()["response_type"] == "ephemeral"
    return str(response.json())


async def test_help_is_for_everyone(office: Office) -> None:
    for text in ("help", "", "whatever"):
        assert "resync" in await command(office, "UBO", text)


async def test_the_rest_is_for_admins_and_every_use_is_written_down(office: Office) -> None:
    assert "for admins" in await command(office, "UBO", "resync handbook")
    assert "for admins" in await command(office, "UGUEST", "status")
    assert "queued" in await command(office, "UADA", "resync handbook")
    audit = await office.fetch("select person_id, action, allowed from helpdesk.audit order by id")
    assert audit == [("UBO", "resync", False), ("UGUEST", "status", False), ("UADA", "resync", True)]


async def test_a_resync_reads_what_changed(office: Office) -> None:
    (office.app.settings.folders["handbook"] / "lifts.md").write_text("# Lifts\n\nThe lift phone is extension 900.\n")
    await command(office, "UADA", "resync handbook")

    async def is_known() -> bool:
        return bool(await office.fetch("select from knowledge.document where key = 'lifts.md'"))

    await eventually_async(is_known)


async def test_an_unknown_source_is_named(office: Office) -> None:
    assert "There is no source" in await command(office, "UADA", "resync nowhere")


async def test_sources_and_status_say_how_things_are(office: Office) -> None:
    assert "5 documents" in await command(office, "UADA", "sources")
    await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    status = await command(office, "UADA", "status")
    assert "1 answered" in status
    assert "alive" in status


async def test_in_a_thread_where_slack_takes_no_command_a_mention_with_its_words_does(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    thread = reply["thread_ts"]
    before = len(office.slack.posted("CSTAFF"))
    await office.send(office.slack.ask("CSTAFF", "UADA", "Status", thread=thread))
    await office.settle()
    [told] = office.slack.whispers
    assert (told["user"], told["thread_ts"]) == ("UADA", thread)
    assert "5 documents" in said(told)
    assert len(office.slack.posted("CSTAFF")) == before, "everybody would read it"
    assert office.slack.posted(PEOPLE_CHANNEL) == [], "it is no question for people"


async def test_in_a_direct_message_the_same_words_are_a_command(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    assert "forget-me" in said(await office.ask(direct, "UBO", "help"))
    assert "is for admins" in said(await office.ask(direct, "UBO", "status"))
    assert "can't be undone" in said(await office.ask(direct, "UBO", "forget-me"))
    assert "Erased: " in said(await office.ask(direct, "UBO", "forget-me yes"))
    assert await office.fetch("select 1 from helpdesk.question") == []


async def test_what_a_mac_makes_of_hyphens_and_quotes_is_understood(office: Office) -> None:
    assert "handbook: queued" in (await command(office, "UADA", "resync handbook —full")).replace("`", "")
    assert "0 2 * * *" in await command(office, "UADA", "schedule handbook «0 2 * * *»")


async def test_a_question_after_the_slash_is_answered_in_private(office: Office) -> None:
    assert "direct conversation" in await command(office, "UBO", "how long does a VPN session last?")
    direct = office.slack.open_direct("UBO")
    await eventually(lambda: len(office.slack.posted(direct)) == 2)
    asked, reply = office.slack.posted(direct)
    assert said(asked) == "You asked: how long does a VPN session last?"
    assert reply["thread_ts"] == asked["ts"]
    assert "12 hours" in said(reply)
    await office.settle()
    assert await office.fetch("select outcome from helpdesk.question") == [("answered",)]
    follow_up = await office.ask(direct, "UBO", "how do I connect to the VPN on a Mac?", thread=asked["ts"])
    assert "Self Service" in said(follow_up)
