from helpdesk_bot.chat.browser import BrowserChat
from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.events import Outcome, PlaceKind, Platform, Step
from helpdesk_bot.messages import Packet, Reply
from helpdesk_bot.ports import Chat
from tests.fakes.browser_desk import VISITOR
from tests.fakes.browser_records import InMemoryBrowserRecords

PLACE = browser_place("conversation")
REPLY = Reply(question_key="k", outcome=Outcome.ANSWERED, text="Yes.")


async def test_a_reply_posted_twice_with_one_marker_is_one_message() -> None:
    records = InMemoryBrowserRecords()
    chat: Chat = BrowserChat(records=records, visitor=VISITOR)
    first = await chat.post(PLACE, REPLY, marker="m")
    assert await chat.post(PLACE, REPLY, marker="m") == first
    assert len(records.messages["conversation"]) == 1


async def test_a_posted_message_is_found_by_its_marker_and_in_its_place_only() -> None:
    chat = BrowserChat(records=InMemoryBrowserRecords(), visitor=VISITOR)
    message_id = await chat.post(PLACE, REPLY, marker="m")
    assert await chat.find_posted(PLACE, marker="m") == message_id
    assert await chat.find_posted(PLACE, marker="other") is None
    assert await chat.find_posted(browser_place("elsewhere"), marker="m") is None


async def test_a_packet_can_be_posted() -> None:
    chat = BrowserChat(records=InMemoryBrowserRecords(), visitor=VISITOR)
    packet = Packet(question_key="k", question="q", asked_by="visitor", link=None)
    assert await chat.post(PLACE, packet, marker="p")


async def test_progress_wakes_the_page_and_is_kept_nowhere() -> None:
    records = InMemoryBrowserRecords()
    chat = BrowserChat(records=records, visitor=VISITOR)
    async with records.listen("conversation") as wakeups:
        await chat.show_progress(PLACE, Step.SEARCHING)
        assert wakeups.get_nowait() == {"kind": "progress", "step": "searching"}
    assert records.messages["conversation"] == []


async def test_the_visitor_is_the_only_reader_and_anyone_else_is_a_guest() -> None:
    chat = BrowserChat(records=InMemoryBrowserRecords(), visitor=VISITOR)
    assert await chat.list_readers(PLACE) == [VISITOR]
    assert await chat.get_person(VISITOR.id) == VISITOR
    stranger = await chat.get_person("U123")
    assert stranger.is_guest
    assert stranger.email is None


async def test_a_conversation_is_direct_and_has_no_link_that_opens_for_others() -> None:
    chat = BrowserChat(records=InMemoryBrowserRecords(), visitor=VISITOR)
    assert chat.platform is Platform.BROWSER
    assert PLACE.kind is PlaceKind.DIRECT
    assert await chat.find_link(PLACE, "1") is None
