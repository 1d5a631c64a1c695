"""A case that had ended is opened again where its question needs people once more: nobody is promised a dead case."""

from tests.eventually import eventually, eventually_async
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office
from tests.scenarios.escalating import UNKNOWN, escalate, fill_in, packet, press, state, thread_says, whispered

KNOWN = "how long does a VPN session last?"


async def edit(office: Office, thread: str, text: str) -> None:
    await office.send(office.slack.change("CSTAFF", thread, f"<@{office.slack.bot_user_id}> {text}"))
    await office.settle()


async def test_a_question_that_is_changed_back_needs_people_again(office: Office) -> None:
    thread = await escalate(office)
    await edit(office, thread, KNOWN)
    await eventually(lambda: "Nothing left to do" in said(packet(office)))
    await edit(office, thread, f"sorry: {UNKNOWN}")
    assert thread_says(office, thread, "passed your question on")
    await eventually(lambda: "Claim" in said(packet(office)))
    assert await state(office) == ("open", "")
    await eventually(lambda: len(office.slack.replies(PEOPLE_CHANNEL, packet(office)["ts"])) == 1)
    [news] = office.slack.replies(PEOPLE_CHANNEL, packet(office)["ts"])
    assert "open again" in said(news)
    await press(office, "UADA", "claim")
    await eventually(lambda: thread_says(office, thread, "Ada has your question now"))
    assert len([message for message in office.slack.posted(PEOPLE_CHANNEL) if "Question" in said(message)]) <= 1


async def test_a_question_that_is_changed_into_another_one_says_what_is_missing_for_that(office: Office) -> None:
    thread = await escalate(office)
    await press(office, "UADA", "claim")
    await eventually(lambda: "Ada has it" in said(packet(office)))
    assert "“Friday”" in said(packet(office))
    await edit(office, thread, "what does the canteen serve on Monday?")
    await eventually(lambda: "“Monday”" in said(packet(office)))
    assert "Friday" not in said(packet(office))
    assert "Ada has it" in said(packet(office))
    assert await state(office) == ("claimed", "UADA")


async def test_an_answer_that_comes_after_that_ends_it_again(office: Office) -> None:
    thread = await escalate(office)
    for text in (KNOWN, UNKNOWN, KNOWN):
        await edit(office, thread, text)
    await eventually(lambda: "Nothing left to do" in said(packet(office)))
    assert (await state(office))[0] == "withdrawn"


async def test_who_asks_for_a_person_after_it_was_resolved_gets_one(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", KNOWN)
    await office.settle()
    await press(office, "UBO", "ask_person", message=reply, channel="CSTAFF")
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
    await press(office, "UADA", "claim")
    await fill_in(office, "UADA", "resolve", {"save": "no"})
    await eventually(lambda: "Resolved by Ada" in said(packet(office)))
    again = await press(office, "UBO", "ask_person", message=reply, channel="CSTAFF")
    await eventually(lambda: "Claim" in said(packet(office)))
    assert await state(office) == ("open", "")
    assert "know of your question already" not in whispered(office)
    await office.send(again)
    await eventually(lambda: "know of your question already" in whispered(office))

    async def is_said_once() -> bool:
        moves = await office.fetch("select count(*) from helpdesk.case_event where move = 'reopen'")
        return moves == [(1,)] and len(office.slack.replies(PEOPLE_CHANNEL, packet(office)["ts"])) == 1

    await eventually_async(is_said_once)
