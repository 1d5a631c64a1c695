"""In a direct message people type their follow-ups below an answer: it is one conversation, for a while."""

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office

QUESTION = "how do I connect to the VPN on Windows?"
FOLLOW_UP = "and on a Mac?"
A_WHILE_S = 16 * 60


async def conversations(office: Office) -> list[str]:
    rows = await office.fetch("select coalesce(continues, thread) from helpdesk.question order by asked_at")
    return [thread for (thread,) in rows]


async def send(office: Office, user: str, text: str, *, thread: str | None = None) -> Json:
    """Only taken in; the event."""
    payload = office.slack.ask(office.slack.open_direct(user), user, text, thread=thread)
    assert (await office.send(payload)).status_code == 200
    return payload["event"]


async def test_a_follow_up_below_the_answer_goes_on_with_it_and_is_answered_in_its_own_place(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    first = await office.ask(channel, "UBO", QUESTION)
    second = await office.ask(channel, "UBO", FOLLOW_UP)
    assert "Self Service" in said(second)
    assert second["thread_ts"] != first["thread_ts"]
    third = await office.ask(channel, "UBO", "and on Windows?", thread=second["thread_ts"])
    assert "Software Centre" in said(third)
    assert len(set(await conversations(office))) == 1


async def test_what_says_enough_is_answered_by_itself(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    await office.ask(channel, "UBO", QUESTION)
    other = await office.ask(channel, "UBO", "paper jam in the printer, what do I do")
    assert "tray 2" in said(other)
    assert "VPN" not in said(other)


async def test_both_typed_at_once_are_answered_in_their_order(office: Office) -> None:
    first = await send(office, "UBO", QUESTION)
    second = await send(office, "UBO", FOLLOW_UP)
    await office.settle()
    assert "Software Centre" in said(office.slack.replies(first["channel"], first["ts"])[0])
    assert "Self Service" in said(office.slack.replies(second["channel"], second["ts"])[0])


async def test_all_work_on_one_conversation_waits_for_one_another(settings: Settings, slack: SlackServer) -> None:
    async with open_office(settings, slack, working=False) as office:
        first, second = await send(office, "UBO", QUESTION), await send(office, "UBO", FOLLOW_UP)
        await office.send(slack.change(second["channel"], second["ts"], "and on a Mac, please?"))
        await office.send(slack.delete(second["channel"], second["ts"]))
        locks = await office.fetch("select lock from procrastinate_jobs where task_name = 'answer'")
    assert len(locks) == 4
    assert set(locks) == {(f"conversation:slack:T0HELP:DUBO:{first['ts']}",)}


async def test_after_a_while_a_message_begins_anew(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    await office.ask(channel, "UBO", QUESTION)
    office.slack.pass_time(A_WHILE_S)
    assert "Self Service" not in said(await office.ask(channel, "UBO", FOLLOW_UP))
    assert len(set(await conversations(office))) == 2


async def test_the_assistant_pane_and_the_messages_below_one_another_stay_apart(office: Office) -> None:
    pane = office.slack.open_pane("UBO")["event"]["assistant_thread"]
    await office.ask(pane["channel_id"], "UBO", QUESTION, thread=pane["thread_ts"])
    below = await office.ask(pane["channel_id"], "UBO", FOLLOW_UP)
    assert "Self Service" not in said(below)
    in_pane = await office.ask(pane["channel_id"], "UBO", FOLLOW_UP, thread=pane["thread_ts"])
    assert "Self Service" in said(in_pane)


async def test_another_persons_and_a_channels_messages_are_no_conversation_of_mine(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.ask(office.slack.open_direct("UADA"), "UADA", QUESTION)
    assert "Self Service" not in said(await office.ask(office.slack.open_direct("UBO"), "UBO", FOLLOW_UP))
    assert "Self Service" not in said(await office.ask("CSTAFF", "UBO", FOLLOW_UP))


async def test_each_is_edited_and_taken_back_by_itself(office: Office) -> None:
    first, second = await send(office, "UBO", QUESTION), await send(office, "UBO", FOLLOW_UP)
    channel = first["channel"]
    await office.settle()
    await office.send(office.slack.change(channel, second["ts"], "how long does a VPN session last?"))
    await eventually(lambda: "12 hours" in said(office.slack.replies(channel, second["ts"])[0]))
    await office.settle()
    await office.send(office.slack.change(channel, second["ts"], FOLLOW_UP))
    await eventually(lambda: "Self Service" in said(office.slack.replies(channel, second["ts"])[0]))
    await office.settle()
    await office.send(office.slack.delete(channel, first["ts"]))
    await eventually(lambda: office.slack.replies(channel, first["ts"]) == [])
    await office.settle()
    assert "Self Service" in said(office.slack.replies(channel, second["ts"])[0])
    assert await office.fetch("select outcome from helpdesk.question order by asked_at") == [
        ("withdrawn",),
        ("answered",),
    ]


async def test_what_was_taken_back_is_not_gone_on_with(office: Office) -> None:
    first = await send(office, "UBO", QUESTION)
    await office.settle()
    await office.send(office.slack.delete(first["channel"], first["ts"]))
    await office.settle()
    assert "Self Service" not in said(await office.ask(first["channel"], "UBO", FOLLOW_UP))


async def test_a_case_of_a_follow_up_is_its_own(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    await office.ask(channel, "UBO", QUESTION)
    reply = await office.ask(channel, "UBO", FOLLOW_UP)
    await office.send(office.slack.payloads.press(channel, "UBO", reply, "ask_person"))
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
    assert FOLLOW_UP in said(office.slack.posted(PEOPLE_CHANNEL)[0])
    asked = await office.fetch("select text from helpdesk.escalation join helpdesk.question on key = question_key")
    assert asked == [(FOLLOW_UP,)]


async def test_who_is_forgotten_leaves_no_memory_of_it(office: Office) -> None:
    channel = office.slack.open_direct("UBO")
    await office.ask(channel, "UBO", QUESTION)
    await office.ask(channel, "UBO", FOLLOW_UP)
    await office.settle()
    assert await office.fetch("select count(distinct thread_id) from checkpoints") == [(1,)]
    office.slack.pass_time(A_WHILE_S)
    await office.send(office.slack.payloads.command(channel, "UBO", "forget-me yes"))
    assert await office.fetch("select 1 from checkpoints") == []
