"""People take over: claim, answer, reassign, resolve, save as knowledge, and the answer comes first the next time."""

import asyncio

import pytest

from helpdesk_bot.settings import Settings
from tests.eventually import eventually, eventually_async
from tests.fakes.slack import HttpError, RateLimit, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office, open_office
from tests.scenarios.escalating import (
    KEPT_UNTIL,
    UNKNOWN,
    escalate,
    fill_in,
    packet,
    press,
    state,
    thread_says,
    whispered,
)


@pytest.fixture
def slack_with_more_people(slack: SlackServer) -> SlackServer:
    slack.add_user("UCY", email="cy@example.com", name="Cy")
    slack.channel(PEOPLE_CHANNEL).members.append("UCY")
    return slack


async def test_from_unsure_to_an_answer_by_a_person(office: Office) -> None:
    thread = await escalate(office)
    first = said(packet(office))
    assert "canteen" in first
    assert "Claim" in first
    await press(office, "UADA", "claim")
    await eventually(lambda: "Ada has it" in said(packet(office)))
    assert len(office.slack.posted(PEOPLE_CHANNEL)) == 1, "the packet is changed in place"
    await eventually(lambda: thread_says(office, thread, "Ada has your question now"))
    await fill_in(office, "UADA", "answer", {"answer": "Fish, and a soup."})
    await eventually(lambda: thread_says(office, thread, "Fish, and a soup."))
    assert thread_says(office, thread, "Ada")
    assert await state(office) == ("answered", "UADA")


async def test_the_packet_leads_back_to_where_others_can_read_the_question(office: Office) -> None:
    office.slack.fail("chat.getPermalink", RateLimit(1))
    await escalate(office)
    assert "Open the question" not in said(packet(office))
    await press(office, "UADA", "claim")
    await eventually(lambda: "Open the question" in said(packet(office)))
    await escalate(office, channel=office.slack.open_direct("UBO"))
    assert "Open the question" not in said(office.slack.posted(PEOPLE_CHANNEL)[-1]), "nobody else could open it"


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_hears_who(
    slack_with_more_people: SlackServer, office: Office
) -> None:
    await escalate(office)
    await asyncio.gather(press(office, "UADA", "claim"), press(office, "UCY", "claim"))
    holder = (await state(office))[1]
    name, loser = {"UADA": ("Ada", "UCY"), "UCY": ("Cy", "UADA")}[holder]
    await eventually(lambda: bool(office.slack.whispers))
    assert f"{name} has it" in whispered(office)
    assert office.slack.whispers[-1]["user"] == loser
    assert await office.fetch("select count(*) from helpdesk.case_event where move = 'claim'") == [(1,)]


async def test_a_repeated_press_has_no_second_effect(office: Office) -> None:
    thread = await escalate(office)
    payload = await press(office, "UADA", "claim")
    for _ in range(3):
        await office.send(payload)
    await eventually(lambda: thread_says(office, thread, "has your question now"))
    assert await office.fetch("select count(*) from helpdesk.case_event where move = 'claim'") == [(1,)]
    form = await fill_in(office, "UADA", "answer", {"answer": "Fish."})
    await office.send(form)
    await eventually(lambda: thread_says(office, thread, "Fish."))
    answers = [message for message in office.slack.replies("CSTAFF", thread) if "Fish." in said(message)]
    assert len(answers) == 1


async def test_a_guest_in_that_channel_takes_no_part(office: Office) -> None:
    office.slack.channel(PEOPLE_CHANNEL).members.append("UGUEST")
    await escalate(office)
    await press(office, "UGUEST", "claim")
    await eventually(lambda: "for the people in the channel" in whispered(office))
    assert await state(office) == ("open", "")


async def test_a_case_is_given_to_somebody_else(slack_with_more_people: SlackServer, office: Office) -> None:
    thread = await escalate(office)
    await press(office, "UADA", "claim")
    await eventually(lambda: "Ada has it" in said(packet(office)))
    await fill_in(office, "UADA", "reassign", {"person": "UCY"})
    await eventually(lambda: "Cy has it" in said(packet(office)))
    await eventually(lambda: thread_says(office, thread, "Cy has your question now"))


async def test_a_guest_is_given_nothing(office: Office) -> None:
    await escalate(office)
    await fill_in(office, "UADA", "reassign", {"person": "UGUEST"})
    await eventually(lambda: "guest can't take a case" in whispered(office).casefold())
    assert await state(office) == ("open", "")


async def test_a_person_who_answers_in_the_thread_has_answered_the_case(office: Office) -> None:
    thread = await escalate(office)
    ts = office.slack.say("CSTAFF", "UADA", "It's fish this week.", thread=thread)
    await office.send(office.slack.payloads.message("CSTAFF", "UADA", "It's fish this week.", ts=ts, thread=thread))

    async def is_answered() -> bool:
        return await state(office) == ("answered", "UADA")

    await eventually_async(is_answered)
    await eventually(lambda: "Ada has it" in said(packet(office)))


async def test_a_kind_word_after_the_answer_does_not_take_its_place(office: Office) -> None:
    """What was answered is what is offered to be saved as knowledge."""
    thread = await escalate(office)
    await press(office, "UADA", "claim")
    await eventually(lambda: thread_says(office, thread, "Ada has your question now"))
    for words in ("It's fish this week.", "No worries!", ":+1:"):
        ts = office.slack.say("CSTAFF", "UADA", words, thread=thread)
        await office.send(office.slack.payloads.message("CSTAFF", "UADA", words, ts=ts, thread=thread))
    assert await office.fetch("select state, answer from helpdesk.escalation") == [("answered", "It's fish this week.")]


async def test_the_asker_says_that_it_is_solved(office: Office) -> None:
    thread = await escalate(office)
    await fill_in(office, "UADA", "answer", {"answer": "Fish."})
    await eventually(lambda: thread_says(office, thread, "Fish."))
    answer = next(message for message in office.slack.replies("CSTAFF", thread) if "Fish." in said(message))
    await press(office, "UBO", "resolve", message=answer, channel="CSTAFF")
    await eventually(lambda: "Resolved by Bo" in said(packet(office)))


async def test_a_platform_in_trouble_between_claim_and_edit_loses_nothing(office: Office) -> None:
    await escalate(office)
    office.slack.fail("chat.update", HttpError(), HttpError())
    await press(office, "UADA", "claim")
    await eventually(lambda: "Ada has it" in said(packet(office)))


async def test_a_worker_that_dies_between_claim_and_edit_loses_nothing(settings: Settings, slack: SlackServer) -> None:
    async with open_office(settings, slack) as office:
        thread = await escalate(office)
    async with open_office(settings, slack, working=False) as office:
        await press(office, "UADA", "claim")
        assert await state(office) == ("claimed", "UADA")
        assert "Ada has it" not in said(packet(office))
    async with open_office(settings, slack) as office:
        await eventually(lambda: "Ada has it" in said(packet(office)))
        await eventually(lambda: thread_says(office, thread, "Ada has your question now"))


async def test_who_asked_in_private_is_told_what_people_see(office: Office) -> None:
    reply = await office.ask(office.slack.open_direct("UBO"), "UBO", UNKNOWN)
    assert "They see your question and your name" in said(reply)


async def test_a_person_is_brought_in_by_the_button_under_an_answer(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    assert office.slack.posted(PEOPLE_CHANNEL) == []
    await press(office, "UBO", "ask_person", message=reply, channel="CSTAFF")
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
    assert "They asked for a person" in said(packet(office))
    assert "Connect to the VPN" in said(packet(office))
    await eventually(lambda: "passed your question on" in whispered(office))
    await press(office, "UBO", "ask_person", message=reply, channel="CSTAFF")
    await eventually(lambda: "know of your question already" in whispered(office))
    assert len(office.slack.posted(PEOPLE_CHANNEL)) == 1


async def test_who_deletes_the_question_needs_nobody(office: Office) -> None:
    thread = await escalate(office)
    await office.send(office.slack.delete("CSTAFF", thread))
    await eventually(lambda: "Nothing left to do" in said(packet(office)))
    assert "canteen" not in said(packet(office)), "what was taken back is gone here too"
    assert (await state(office))[0] == "withdrawn"


async def test_what_was_answered_once_is_saved_and_comes_first_the_next_time(office: Office) -> None:
    thread = await escalate(office)
    await press(office, "UADA", "claim")
    await fill_in(office, "UADA", "answer", {"answer": "The canteen serves fish on Friday."})
    await eventually(lambda: thread_says(office, thread, "fish on Friday"))
    await fill_in(office, "UADA", "resolve", {"save": "yes"})
    await eventually(lambda: "Resolved by Ada" in said(packet(office)))
    await fill_in(
        office,
        "UADA",
        "save",
        {
            "question": "What does the canteen serve on Friday?",
            "answer": "The canteen serves fish on Friday.",
            "owner": "Ada",
            "readers": "staff",
            "expires_on": KEPT_UNTIL.isoformat(),
        },
    )
    await eventually(lambda: "Shall I answer with it" in whispered(office))
    await press(office, "UADA", "approve", message=office.slack.whispers[-1], channel=PEOPLE_CHANNEL)

    async def is_known() -> bool:
        return bool(await office.fetch("select from knowledge.document where source = 'curated'"))

    await eventually_async(is_known)
    reply = await office.ask("CSTAFF", "UBO", "What does the canteen serve on Friday?")
    assert "fish" in said(reply)
    assert "passed your question on" not in said(reply)


async def test_of_a_long_question_people_read_the_beginning_and_the_end(office: Office) -> None:
    log = " ".join(f"line{number}" for number in range(5_000))
    await escalate(office, text=f"What does the canteen serve on Friday? {log} That is all.")
    [shown] = office.slack.posted(PEOPLE_CHANNEL)
    words = said(shown)
    assert "What does the canteen serve" in words
    assert words.index("characters left out") < words.index("That is all.")
    assert len(words) < 8_000
