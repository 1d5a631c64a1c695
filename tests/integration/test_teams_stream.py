"""An answer that grows in a personal chat, inside Teams' rules, through the real SDK."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.chat.teams.stream import MAX_STREAM_S, GrowingMessage, find_longer
from helpdesk_bot.errors import ChatError, ChatRefused
from helpdesk_bot.events import Outcome, Place, Step
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Notice, Reply
from knowledge.postgres import Pool
from tests.fakes.teams import Fail, TeamsServer
from tests.fakes.teams_desk import TeamsOffice, open_teams_office

CODE = "Run this:\n\n```\nping vpn2\n```\n\nThen **sign in** again [1]. And *wait* a moment."


def reply(text: str = "Open the client.") -> Reply:
    return Reply(question_key="q", outcome=Outcome.ANSWERED, text=text, reference="K7Q2")


@pytest.fixture
async def teams() -> AsyncGenerator[TeamsServer]:
    async with TeamsServer() as teams:
        teams.add_user("ada", email="ada@example.com")
        teams.add_personal("ada")
        teams.add_channel("staff", ["ada"])
        yield teams


@pytest.fixture
async def office(pool: Pool, teams: TeamsServer) -> AsyncGenerator[TeamsOffice]:
    async with open_teams_office(pool, teams) as office:
        yield office


async def place_of(office: TeamsOffice, conversation: str = "a:ada") -> Place:
    mention = conversation.startswith("19:")
    return (await office.hear(office.teams.message(conversation, "ada", "how?", mention=mention))).place


async def test_text_is_seen_before_its_end_and_the_end_is_the_reply(office: TeamsOffice) -> None:
    place = await place_of(office)
    stream = await office.chat.open_stream(place, "aad-ada", marker="m")
    assert stream is not None
    for piece in ("Open the ", "client ", "and ", "sign in "):
        await stream.append(piece)
        await asyncio.sleep(0.55)
    message_id = await stream.finish(reply(text="Open the client and sign in [1]."))
    [growing] = office.teams.conversation("a:ada").streams.values()
    assert growing.pieces[0] == "Open the"
    assert growing.pieces[1].startswith("Open the client")
    assert growing.is_final
    [shown] = office.teams.shown("a:ada")
    assert shown["id"] == message_id
    assert "Reference K7Q2" in shown["text"]
    assert {entity["type"] for entity in shown["entities"]} == {"https://schema.org/Message", "streaminfo"}
    assert await office.chat.find_posted(place, marker="m") == message_id
    await office.chat.edit(place, message_id, reply(text="Better."), marker="m")
    assert office.teams.shown("a:ada")[0]["text"].startswith("Better.")


async def test_what_it_does_is_shown_and_becomes_the_answer(office: TeamsOffice) -> None:
    place = await place_of(office)
    await office.chat.show_progress(place, Step.READING)
    await asyncio.sleep(1.05)
    await office.chat.show_progress(place, Step.SEARCHING)
    assert office.teams.shown("a:ada")[0]["text"] == "Searching the knowledge base…"
    message_id = await office.chat.post(place, reply(), marker="m")
    [shown] = office.teams.shown("a:ada")
    assert (shown["id"], shown["type"]) == (message_id, "message")
    assert await office.chat.post(place, reply(), marker="m") == message_id


async def test_what_else_is_said_meanwhile_stays_beside_the_answer(office: TeamsOffice) -> None:
    """A person answers an earlier question while the next one is being answered."""
    place = await place_of(office)
    stream = await office.chat.open_stream(place, "aad-ada", marker="m")
    assert stream is not None
    await stream.append("Open the client ")
    await office.chat.post(place, Notice(text="Bo answers: fish."), marker="case")
    await stream.finish(reply(text="Open the client."))
    texts = [str(shown["text"]) for shown in office.teams.shown("a:ada")]
    assert sorted(text.partition("\n")[0] for text in texts) == ["Bo answers: fish.", "Open the client."]


async def test_channels_have_no_streams(office: TeamsOffice) -> None:
    place = await place_of(office, "19:staff@thread.tacv2")
    assert await office.chat.open_stream(place, "aad-ada", marker="m") is None


async def test_where_teams_does_not_stream_the_answer_is_a_message(office: TeamsOffice) -> None:
    place = await place_of(office)
    stream = await office.chat.open_stream(place, "aad-ada", marker="m")
    assert stream is not None
    office.teams.fail("send", Fail(403, "ContentStreamNotAllowed", "Content stream is not allowed"))
    await stream.append("Open the client ")
    await stream.finish(reply())
    [shown] = office.teams.shown("a:ada")
    assert "Reference K7Q2" in shown["text"]


async def test_a_closed_stream_is_changed_into_the_answer_and_the_chat_has_one_message(office: TeamsOffice) -> None:
    place = await place_of(office)
    stream = await office.chat.open_stream(place, "aad-ada", marker="m")
    assert stream is not None
    await stream.append("Open the client ")
    office.teams.fail(
        "send", Fail(403, "ContentStreamNotAllowed", "Content stream finished due to exceeded streaming time.")
    )
    await asyncio.sleep(1.05)
    await stream.append("and sign in ")
    message_id = await stream.finish(reply())
    [shown] = office.teams.shown("a:ada")
    assert (shown["id"], shown["edited"]) == (message_id, True)
    assert await office.chat.find_posted(place, marker="m") == message_id


@pytest.mark.parametrize("fault", [Fail(412), Fail(429), Fail(502), Fail(504, after_taking=True)])
@pytest.mark.parametrize("is_written", [True, False])
async def test_where_teams_is_busy_at_the_end_the_next_try_ends_the_same_message(
    office: TeamsOffice, fault: Fail, *, is_written: bool
) -> None:
    place = await place_of(office)
    if is_written:
        stream = await office.chat.open_stream(place, "aad-ada", marker="m")
        assert stream is not None
        await stream.append("Open the client ")
        office.teams.fail("send", fault)
        with pytest.raises(ChatError):
            await stream.finish(reply())
    else:
        await office.chat.show_progress(place, Step.SEARCHING)
        office.teams.fail("send", fault)
        with pytest.raises(ChatError):
            await office.chat.post(place, reply(), marker="m")
    assert await office.chat.find_posted(place, marker="m") is None
    message_id = await office.chat.post(place, reply(), marker="m")
    [shown] = office.teams.shown("a:ada")
    assert shown["id"] == message_id
    assert "Reference K7Q2" in shown["text"]


async def test_after_stop_nothing_more_is_sent(office: TeamsOffice) -> None:
    place = await place_of(office)
    stream = await office.chat.open_stream(place, "aad-ada", marker="m")
    assert stream is not None
    await stream.append("Open the client ")
    office.teams.fail("send", Fail(403, "ContentStreamNotAllowed", "Content stream was canceled by user"))
    await asyncio.sleep(1.05)
    with pytest.raises(ChatRefused, match="stopped_by_user"):
        await stream.append("and sign in ")
    calls = len(office.teams.calls_of("send"))
    with pytest.raises(ChatRefused, match="stopped_by_user"):
        await stream.append("again ")
    assert len(office.teams.calls_of("send")) == calls


class Wire:
    """Keeps what is sent; time passes only when somebody waits."""

    def __init__(self) -> None:
        self.sent: list[JsonObject] = []
        self.now = 1_000.0
        self.growing = GrowingMessage(self.send, clock=lambda: self.now, sleep=self.sleep)

    async def send(self, activity: JsonObject) -> str:
        self.sent.append(activity)
        return "17" if len(self.sent) == 1 else ""

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_it_says_at_most_one_thing_a_second_and_numbers_them() -> None:
    wire = Wire()
    for words in ("one ", "one two ", "one two three ", "one two three four "):
        await wire.growing.show(words)
        wire.now += 0.6
    assert [activity["text"] for activity in wire.sent] == ["one", "one two three"]
    infos = [activity["entities"][0] for activity in wire.sent]  # pyright: ignore[reportIndexIssue]
    assert [info["streamSequence"] for info in infos] == [1, 2]
    assert ["streamId" in info for info in infos] == [False, True]
    await wire.growing.end({"type": "message", "text": "end"})
    assert wire.now >= 1_000.0 + 1.2 + 1.0
    assert "streamSequence" not in str(wire.sent[-1])


async def test_after_its_time_it_is_quiet_and_leaves_the_end_to_others() -> None:
    wire = Wire()
    await wire.growing.show("one ")
    wire.now += MAX_STREAM_S + 1
    await wire.growing.show("one two ")
    assert len(wire.sent) == 1
    assert not await wire.growing.end({"type": "message", "text": "end"})
    assert len(wire.sent) == 1


async def test_a_line_about_what_happens_is_never_too_long_and_never_after_text() -> None:
    wire = Wire()
    await wire.growing.inform("x" * 3_000)
    assert len(str(wire.sent[0]["text"])) == 1_000
    wire.now += 1
    await wire.growing.show("text ")
    wire.now += 1
    await wire.growing.inform("Searching")
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        (CODE, ("ping vpn2", "**sign in**")),
        ("Before it is\n============\n\nafter that it is told. ", ()),
        ("| a | b |\n|--|--|\n| one | two |\n| three | four |\n\nEnd of it. ", ("three  four", "End of")),
        ("1. one\n2. *two*\n\n   more\n3. three `code` and ~~not~~ this ", ("3. three", "~~not~~")),
    ],
)
def test_every_piece_begins_with_the_one_before(markdown: str, seen: tuple[str, ...]) -> None:
    shown = ""
    for end in range(1, len(markdown) + 1):
        longer = find_longer(shown, markdown[:end])
        assert not longer or longer.startswith(shown)
        shown = longer or shown
    assert all(words in shown for words in seen)
