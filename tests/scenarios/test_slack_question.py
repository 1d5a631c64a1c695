"""A question asked in Slack becomes a cited answer, or goes to a person."""

import pytest

from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office


async def test_a_mention_is_answered_in_its_thread_with_the_source_named(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    assert "12 hours" in said(reply)
    assert "[1]" in said(reply)
    assert "Connect to the VPN" in said(reply)


async def test_a_direct_message_is_answered(office: Office) -> None:
    reply = await office.ask(office.slack.open_direct("UBO"), "UBO", "paper jam in the printer, what do I do")
    assert "tray 2" in said(reply)


async def test_links_are_never_previewed(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", "how do I reset a forgotten password?")
    await office.settle()
    for call in office.slack.calls_of("chat.postMessage"):
        assert str(call.arguments["unfurl_links"]).lower() in {"false", "0"}
        assert str(call.arguments["unfurl_media"]).lower() in {"false", "0"}


async def test_a_follow_up_is_understood_from_its_thread(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    first = await office.ask(channel, "UBO", "how do I connect to the VPN on Windows?")
    assert "Software Centre" in said(first)
    second = await office.ask(channel, "UBO", "and on a Mac?", thread=first["thread_ts"])
    assert "Self Service" in said(second)


async def test_what_nobody_wrote_down_goes_to_people_without_references(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "what does the canteen serve on Friday?")
    assert "[1]" not in said(reply)
    assert "passed your question on" in said(reply)
    (packet,) = office.slack.posted(PEOPLE_CHANNEL)
    assert "canteen" in said(packet)
    links = [call for call in office.slack.calls_of("chat.getPermalink") if not call.error]
    assert len(links) == 1
    await office.settle()
    assert await office.fetch("select outcome from helpdesk.question") == [("escalated",)]
    assert await office.fetch("select state from helpdesk.escalation") == [("open",)]


async def test_where_the_peoples_channel_is_gone_nobody_is_promised(office: Office) -> None:
    office.slack.channel(PEOPLE_CHANNEL).is_archived = True
    reply = await office.ask("CSTAFF", "UBO", "what does the canteen serve on Friday?")
    assert "passed your question on" not in said(reply)
    assert "the front desk" in said(reply)


@pytest.mark.parametrize("is_met", [True, False])
async def test_admins_hear_once_that_the_peoples_channel_is_gone(office: Office, *, is_met: bool) -> None:
    if is_met:
        await office.send(office.slack.payloads.command("CSTAFF", "UADA", "status"))  # so that an admin is known
    office.slack.channel(PEOPLE_CHANNEL).is_archived = True
    for asked in ("what does the canteen serve on Friday?", "who waters the plants on the roof?"):
        await office.ask("CSTAFF", "UBO", asked)
    await office.settle()
    told = [said(message) for message in office.slack.posted(office.slack.open_direct("UADA"))]
    assert len(told) == int(is_met)
    assert all("people's channel" in text and "is_archived" in text and "canteen" not in text for text in told)


async def test_a_greeting_has_no_reference_to_quote(office: Office) -> None:
    assert "Reference" not in said(await office.ask("CSTAFF", "UBO", "hello"))


async def test_a_greeting_is_returned(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "hello!")
    assert "Hello" in said(reply)
    await office.settle()
    assert await office.fetch("select outcome from helpdesk.question") == [("answered",)]


async def test_every_accepted_question_has_one_outcome_and_a_record(office: Office) -> None:
    for text in ("how long does a VPN session last?", "hi", "write me a poem", "what does the canteen serve?"):
        await office.ask("CSTAFF", "UBO", text)
    await office.settle()
    questions = await office.fetch("select outcome from helpdesk.question where ended_at is not null")
    decisions = await office.fetch("select question_key from helpdesk.decision")
    assert len(questions) == len(decisions) == 4


@pytest.mark.parametrize(("text", "times"), [("hello!", 1), ("how long does a VPN session last?", 2)])
async def test_who_reads_a_channel_is_asked_again_only_for_what_cites_a_document(
    office: Office, text: str, times: int
) -> None:
    await office.ask("CSTAFF", "UBO", text)
    await office.settle()
    assert len(office.slack.calls_of("conversations.info")) == times
