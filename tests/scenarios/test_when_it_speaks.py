"""The bot speaks when it is addressed, otherwise as its channel is set and as the thread goes; why is written down."""

import pytest

from helpdesk_bot.channels import Channels
from helpdesk_bot.events import Place, PlaceKind, Platform
from tests.eventually import eventually
from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office

QUESTION = "how long does a VPN session last?"


async def overhear(office: Office, channel: str, user: str, text: str, *, thread: str | None = None) -> str:
    """Somebody writes without a mention, and Slack tells the bot; the message's id."""
    ts = office.slack.say(channel, user, text, thread=thread)
    response = await office.send(office.slack.payloads.message(channel, user, text, ts=ts, thread=thread))
    assert response.status_code == 200
    return ts


async def rule_of(office: Office, ts: str) -> str:
    await office.settle()
    ((rule, speaks),) = await office.fetch("select rule, speaks from helpdesk.hearing where message_id = %s", [ts])
    return f"{rule}: {'speaks' if speaks else 'silent'}"


async def set_channel(office: Office, name: str, value: str, channel: str = "CSTAFF") -> None:
    place = Place(
        platform=Platform.SLACK, tenant=office.slack.team_id, channel=channel, thread=None, kind=PlaceKind.CHANNEL
    )
    await Channels(office.app.records).change(place, name, value, by="UADA")


async def answered(office: Office, ts: str, *, thread: str | None = None, channel: str = "CSTAFF") -> Json:
    await eventually(lambda: bool(office.slack.replies(channel, thread or ts)))
    await office.settle()
    return office.slack.replies(channel, thread or ts)[-1]


async def test_what_is_said_to_nobody_is_left_alone_and_its_text_is_not_kept(office: Office) -> None:
    ts = await overhear(office, "CSTAFF", "UBO", QUESTION)
    assert await rule_of(office, ts) == "not addressed: silent"
    assert office.slack.posted("CSTAFF") == []
    assert await office.fetch("select 1 from helpdesk.question") == []


async def test_where_it_listens_for_questions_a_question_is_answered_and_a_statement_is_not(office: Office) -> None:
    await set_channel(office, "listen", "questions")
    statement = await overhear(office, "CSTAFF", "UBO", "The VPN session lasts 12 hours, I wrote it down.")
    assert await rule_of(office, statement) == "no question: silent"
    question = await overhear(office, "CSTAFF", "UBO", QUESTION)
    assert "12 hours" in said(await answered(office, question))
    assert await rule_of(office, question) == "question: speaks"
    ((reason,),) = await office.fetch("select reason from helpdesk.hearing where message_id = %s", [question])
    assert "question mark" in reason


async def test_where_it_listens_to_everything_it_answers_what_is_no_question_either(office: Office) -> None:
    await set_channel(office, "listen", "everything")
    ts = await overhear(office, "CSTAFF", "UBO", "forgotten password")
    assert await rule_of(office, ts) == "everything: speaks"
    thanks = await overhear(office, "CSTAFF", "UBO", "thanks!")
    assert await rule_of(office, thanks) == "small talk: silent"


async def test_where_guests_read_along_it_never_speaks_unasked_unless_it_is_allowed_to(office: Office) -> None:
    question = "how long is a voucher for the guest Wi-Fi good for?"
    await set_channel(office, "listen", "everything", "CMIXED")
    ts = await overhear(office, "CMIXED", "UBO", question)
    assert await rule_of(office, ts) == "shared channel: silent"
    assert office.slack.posted("CMIXED") == []
    await set_channel(office, "unasked_in_shared", "on", "CMIXED")
    ts = await overhear(office, "CMIXED", "UBO", question)
    assert "one day" in said(await answered(office, ts, channel="CMIXED"))


async def test_a_follow_up_of_the_asker_needs_no_mention(office: Office) -> None:
    first = await office.ask("CSTAFF", "UBO", "how do I connect to the VPN on Windows?")
    ts = await overhear(office, "CSTAFF", "UBO", "and on a Mac?", thread=first["thread_ts"])
    assert await rule_of(office, ts) == "follow-up: speaks"
    assert "Self Service" in said(office.slack.replies("CSTAFF", first["thread_ts"])[-1])


@pytest.mark.parametrize(
    ("user", "text", "rule"),
    [
        ("UADA", "I would restart it first.", "taken over"),
        ("UBO", "<@UADA> can you have a look?", "tagged"),
        ("UBO", "stop", "stopped"),
        ("UBO", "thanks, got it", "small talk"),
    ],
)
async def test_it_falls_silent_in_a_thread_until_it_is_mentioned_again(
    office: Office, user: str, text: str, rule: str
) -> None:
    first = await office.ask("CSTAFF", "UBO", QUESTION)
    thread = first["thread_ts"]
    hushing = await overhear(office, "CSTAFF", user, text, thread=thread)
    assert await rule_of(office, hushing) == f"{rule}: silent"
    follow_up = await overhear(office, "CSTAFF", "UBO", "and how do I reset a forgotten password?", thread=thread)
    assert await rule_of(office, follow_up) == "hushed: silent"
    assert len(office.slack.replies("CSTAFF", thread)) == 1
    await office.ask("CSTAFF", "UBO", "how do I reset a forgotten password?", thread=thread)
    await office.settle()
    again = await overhear(office, "CSTAFF", "UBO", QUESTION, thread=thread)
    assert await rule_of(office, again) == "follow-up: speaks"


async def test_told_to_stop_in_a_direct_message_it_looks_for_nothing(office: Office) -> None:
    reply = await office.ask(office.slack.open_direct("UBO"), "UBO", "please stop")
    assert said(reply).startswith("OK. Here I say something only when you write to me.")


async def test_told_to_stop_it_says_so_once_and_stays_out(office: Office) -> None:
    first = await office.ask("CSTAFF", "UBO", QUESTION)
    reply = await office.ask("CSTAFF", "UBO", "stop", thread=first["thread_ts"])
    assert "stay out" in said(reply)
    ts = await overhear(office, "CSTAFF", "UBO", "and on a Mac?", thread=first["thread_ts"])
    assert await rule_of(office, ts) == "hushed: silent"


async def test_a_claimed_case_hushes_its_thread(office: Office) -> None:
    first = await office.ask("CSTAFF", "UBO", QUESTION)
    place = Place(
        platform=Platform.SLACK,
        tenant=office.slack.team_id,
        channel="CSTAFF",
        thread=first["thread_ts"],
        kind=PlaceKind.CHANNEL,
    )
    await office.app.records.hush(place, rule="claimed")
    ts = await overhear(office, "CSTAFF", "UBO", "and on a Mac?", thread=first["thread_ts"])
    assert await rule_of(office, ts) == "hushed: silent"


async def test_a_change_of_the_channel_counts_from_the_next_message_on(office: Office) -> None:
    for value, rule in (("questions", "question: speaks"), ("default", "not addressed: silent")):
        await set_channel(office, "listen", value)
        ts = await overhear(office, "CSTAFF", "UBO", QUESTION)
        assert await rule_of(office, ts) == rule
