"""What an asker adds to a question that people have already: told to them, and no second case."""

from tests.eventually import eventually
from tests.fakes.slack import ErrorWord, Json
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office

CANTEEN = "what does the canteen serve on Friday?"


async def tell(office: Office, channel: str, user: str, text: str, *, thread: str | None = None) -> str:
    """Said to nobody in particular, or in a direct chat."""
    ts = office.slack.say(channel, user, text, thread=thread)
    response = await office.send(office.slack.payloads.message(channel, user, text, ts=ts, thread=thread))
    assert response.status_code == 200, response.text
    await office.settle()
    return ts


async def claim(office: Office) -> None:
    payload = office.slack.payloads.press(PEOPLE_CHANNEL, "UADA", office.slack.posted(PEOPLE_CHANNEL)[0], "claim")
    assert (await office.send(payload)).status_code == 200
    await eventually(lambda: "Ada has it" in said(office.slack.posted(PEOPLE_CHANNEL)[0]))


def under_the_case(office: Office) -> list[Json]:
    packet = office.slack.posted(PEOPLE_CHANNEL)[0]
    return office.slack.replies(PEOPLE_CHANNEL, packet["ts"])


async def test_what_is_added_goes_under_the_case_and_the_asker_hears_so(office: Office) -> None:
    thread = (await office.ask("CSTAFF", "UBO", CANTEEN))["thread_ts"]
    await office.settle()
    await tell(office, "CSTAFF", "UBO", "I mean the one in Berlin", thread=thread)
    [packet] = [one for one in office.slack.posted(PEOPLE_CHANNEL) if one.get("thread_ts") in {None, one["ts"]}]
    assert "canteen" in said(packet)
    [added] = under_the_case(office)
    assert said(added).splitlines() == ["Bo adds:", "I mean the one in Berlin"]
    assert said(office.slack.replies("CSTAFF", thread)[-1]).startswith("I have added this to the question")
    assert await office.fetch("select count(*) from helpdesk.escalation") == [(1,)]


async def test_whoever_has_the_case_is_called_and_what_is_taken_back_goes(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    first = await tell(office, direct, "UBO", CANTEEN)
    await claim(office)
    ts = await tell(office, direct, "UBO", "it is for 20 guests", thread=first)
    [added] = under_the_case(office)
    assert said(added).splitlines() == ["@UADA", "Bo adds:", "it is for 20 guests"]
    assert "passed this on to Ada, who has your question" in said(office.slack.replies(direct, first)[-1])
    removed = {"type": "message", "user": "UBO", "text": "it is for 20 guests", "ts": ts, "thread_ts": first}
    await office.send(office.slack.payloads.message_deleted(direct, removed, ts=office.slack.next_ts()))
    await office.settle()
    await eventually(lambda: not under_the_case(office))


async def test_where_whoever_has_the_case_has_left_the_others_are_told(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    first = await tell(office, direct, "UBO", CANTEEN)
    await claim(office)
    office.slack.add_user("UADA", email="ada@example.com", name="Ada", deleted=True)
    await office.send(office.slack.payloads.event({"type": "user_change", "user": {"id": "UADA"}, "event_ts": "1.1"}))
    await tell(office, direct, "UBO", "it is for 20 guests", thread=first)
    assert "nobody has taken it yet" in str(office.slack.replies(direct, first))
    await eventually(lambda: "Claim" in said(office.slack.posted(PEOPLE_CHANNEL)[0]))
    await eventually(lambda: "open again" in str(under_the_case(office)))
    assert "UADA" not in str(under_the_case(office))


async def test_what_is_too_little_to_answer_goes_to_whoever_answered(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    first = await tell(office, direct, "UBO", CANTEEN)
    await claim(office)
    await tell(office, direct, "UBO", "still broken", thread=first)
    [added] = under_the_case(office)
    assert said(added).splitlines() == ["@UADA", "Bo adds:", "still broken"]
    last = office.slack.replies(direct, first)[-1]
    assert said(last).splitlines()[0] == "I have passed this on to Ada, who has your question."
    assert "Ask a person" not in said(last)


async def test_in_a_channel_too_whoever_has_the_case_hears_what_its_asker_writes_until_they_answer(
    office: Office,
) -> None:
    thread = (await office.ask("CSTAFF", "UBO", CANTEEN))["thread_ts"]
    await office.settle()
    await claim(office)
    await eventually(lambda: "has your question now" in said(office.slack.replies("CSTAFF", thread)[-1]))
    ts = await tell(office, "CSTAFF", "UBO", "any news?", thread=thread)
    again = office.slack.payloads.message("CSTAFF", "UBO", "any news?", ts=ts, thread=thread)
    assert (await office.send(again, retry=1)).status_code == 200
    await eventually(lambda: bool(under_the_case(office)))
    for text in ("thanks!", "ok"):
        await tell(office, "CSTAFF", "UBO", text, thread=thread)
    await tell(office, "CSTAFF", "UADA", "It serves fish.", thread=thread)
    await eventually(lambda: "It is answered" in said(office.slack.posted(PEOPLE_CHANNEL)[0]))
    await tell(office, "CSTAFF", "UBO", "and on Monday", thread=thread)
    [added] = under_the_case(office)
    assert said(added).splitlines() == ["@UADA", "Bo adds:", "any news?"]
    assert "has your question now" in said(office.slack.replies("CSTAFF", thread)[-1])


async def test_who_only_asks_for_a_person_means_the_question_before(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    first = await tell(office, direct, "UBO", "how long does a VPN session last?")
    for said_first, text in (("passed your question on", "please ask a person"), ("know of your question", "agent")):
        await tell(office, direct, "UBO", text, thread=first)
        await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
        [packet] = office.slack.posted(PEOPLE_CHANNEL)
        assert "how long does a VPN session last?" in said(packet)
        assert "They asked for a person" in said(packet)
        assert text not in said(packet)
        last = said(office.slack.replies(direct, first)[-1])
        assert last.startswith("Of course.")
        assert said_first in last


async def test_who_asks_for_a_person_first_of_all_is_passed_on_as_such(office: Office) -> None:
    await tell(office, office.slack.open_direct("UBO"), "UBO", "can I talk to a person?")
    [packet] = office.slack.posted(PEOPLE_CHANNEL)
    assert "can I talk to a person?" in said(packet)


async def test_another_question_is_a_case_of_its_own(office: Office) -> None:
    thread = (await office.ask("CSTAFF", "UBO", CANTEEN))["thread_ts"]
    await office.settle()
    await tell(office, "CSTAFF", "UBO", "and where do I get a parking permit?", thread=thread)
    assert await office.fetch("select count(*) from helpdesk.escalation") == [(2,)]


async def test_where_people_can_t_be_told_nobody_is_promised(office: Office) -> None:
    thread = (await office.ask("CSTAFF", "UBO", CANTEEN))["thread_ts"]
    await office.settle()
    office.slack.fail("chat.postMessage", ErrorWord("is_archived"))
    await tell(office, "CSTAFF", "UBO", "I mean the one in Berlin", thread=thread)
    assert said(office.slack.replies("CSTAFF", thread)[-1]).startswith("Please ask the front desk.")
