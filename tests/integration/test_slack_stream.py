"""A growing message, within Slack's limits: it ends as the answer, once, whatever breaks on the way."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from helpdesk_bot.chat.slack import SlackChat
from helpdesk_bot.chat.slack.stream import MAX_EDITS
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform
from helpdesk_bot.messages import Notice, Reply
from helpdesk_bot.ports import Stream
from tests.fakes.slack import Drop, ErrorWord, HttpError, RateLimit, SlackServer
from tests.fakes.slack_blocks import said, visible_text
from tests.fakes.slack_streams import expire

SENTENCE = "Install the client and sign in with your account. "


class Clock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=True) as server:
        server.add_user("UADA", email="ada@example.com")
        server.add_channel("CIT", members=["UADA"])
        yield server


@pytest.fixture
async def chat(slack: SlackServer, clock: Clock) -> AsyncIterator[SlackChat]:
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url, timeout_s=2, clock=clock) as chat:
        yield chat


@pytest.fixture
def where(slack: SlackServer) -> Place:
    thread = slack.say("CIT", "UADA", "?")
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel="CIT", thread=thread, kind=PlaceKind.CHANNEL)


def answer(text: str = SENTENCE * 3) -> Reply:
    return Reply(question_key="k", outcome=Outcome.ANSWERED, text=text, reference="R1")


async def open_stream(chat: SlackChat, where: Place, marker: str = "m1") -> Stream:
    stream = await chat.open_stream(where, "UADA", marker=marker)
    assert stream is not None
    return stream


async def write(stream: Stream, clock: Clock, *, pieces: int, every_s: float = 1.5) -> None:
    for _ in range(pieces):
        await stream.append(SENTENCE)
        clock.now += every_s


def shown(slack: SlackServer, where: Place) -> list[str]:
    assert where.thread
    return [said(message) for message in slack.replies("CIT", where.thread)]


async def test_words_appear_as_they_come_and_the_answer_stays(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)

    await write(stream, clock, pieces=3)
    message_id = await stream.finish(answer())

    steps = [text for ts, text in slack.shown if ts == message_id]
    assert steps[0] == SENTENCE.strip()
    assert steps[2] == (SENTENCE * 3).strip()
    [start] = slack.calls_of("chat.startStream")
    assert (start.arguments["recipient_user_id"], start.arguments["recipient_team_id"]) == ("UADA", "T0HELP")
    [text] = shown(slack, where)
    assert text.startswith((SENTENCE * 3).strip())
    assert text.endswith("(Helpful) (Not helpful)")
    assert await chat.find_posted(where, marker="m1") == message_id


async def test_what_else_is_said_meanwhile_stays_beside_the_answer(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    """A person's long answer to an earlier question arrives while the next one is being answered."""
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=2)
    notice = Notice(text="word " * 3_000)
    assert await chat.find_posted(where, marker="case") is None
    await chat.post(where, notice, marker="case")
    await stream.finish(answer())
    texts = shown(slack, where)
    assert sum(text.count("word") for text in texts) == 3_000
    assert sum(SENTENCE.strip() in text for text in texts) == 1


async def test_small_pieces_are_joined(slack: SlackServer, chat: SlackChat, where: Place, clock: Clock) -> None:
    stream = await open_stream(chat, where)

    for word in (SENTENCE * 20).split(" "):
        await stream.append(f"{word} ")
        clock.now += 0.05
    await stream.finish(answer())

    assert 5 <= len(slack.calls_of("chat.appendStream")) <= 10


async def test_a_long_answer_goes_on_in_further_messages(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=2)
    text = " ".join(f"word{number}" for number in range(4_000))

    first = await stream.finish(answer(text))

    assert [word for part in shown(slack, where) for word in part.split() if word.startswith("word")] == text.split()
    assert await chat.find_posted(where, marker="m1") == first


async def test_a_piece_beyond_what_one_append_takes_comes_in_several(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)

    await stream.append(f"{SENTENCE}\n\n" * 600)
    for _ in range(4):
        clock.now += 2
        await stream.append("More. ")

    lengths = [len(call.arguments["markdown_text"]) for call in slack.calls if "Stream" in call.method]
    assert max(lengths) <= 12_000 < sum(lengths)
    assert all(not call.error for call in slack.calls)


async def test_streams_stay_within_the_minute(slack: SlackServer, chat: SlackChat, clock: Clock) -> None:
    """More streams than Slack starts in a minute: the rest grows by edits, and nothing is refused."""
    for number in range(25):
        thread = slack.say("CIT", "UADA", f"question {number}")
        place = Place(platform=Platform.SLACK, tenant="T0HELP", channel="CIT", thread=thread, kind=PlaceKind.CHANNEL)
        await (await open_stream(chat, place, marker=f"m{number}")).append(SENTENCE)

    assert len(slack.calls_of("chat.startStream")) == 18
    assert len(slack.calls_of("chat.postMessage")) == 7
    clock.now += 61
    thread = slack.say("CIT", "UADA", "later")
    place = Place(platform=Platform.SLACK, tenant="T0HELP", channel="CIT", thread=thread, kind=PlaceKind.CHANNEL)
    await (await open_stream(chat, place, marker="later")).append(SENTENCE)
    assert len(slack.calls_of("chat.startStream")) == 19


@pytest.mark.parametrize("word", ["missing_scope", "channel_type_not_supported", "unknown_method"])
async def test_where_slack_does_not_stream_the_message_grows_by_a_few_edits(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock, word: str
) -> None:
    slack.fail("chat.startStream", ErrorWord(word))
    stream = await open_stream(chat, where)

    await write(stream, clock, pieces=40)
    message_id = await stream.finish(answer())

    updates = slack.calls_of("chat.update")
    assert len(slack.calls_of("chat.postMessage")) == 1
    assert len(updates) == MAX_EDITS
    assert visible_text(updates[0].arguments["blocks"]).endswith("…")
    [text] = shown(slack, where)
    assert text.endswith("(Helpful) (Not helpful)")
    assert await chat.find_posted(where, marker="m1") == message_id


@pytest.mark.parametrize(
    "fault",
    [
        lambda: RateLimit(30),
        lambda: ErrorWord("message_not_in_streaming_state"),
        lambda: HttpError(503),
        lambda: Drop(after_taking=True),
    ],
)
async def test_an_append_that_fails_costs_nothing_but_time(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock, fault: Callable[[], Drop]
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=1)
    slack.fail("chat.appendStream", fault())

    await write(stream, clock, pieces=10)
    await stream.finish(answer())

    assert len(shown(slack, where)) == 1
    assert shown(slack, where)[0].startswith((SENTENCE * 3).strip())


async def test_slacks_wish_to_wait_is_honoured_by_all_streams(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=1)
    slack.fail("chat.appendStream", RateLimit(30))
    await write(stream, clock, pieces=1)

    await write(stream, clock, pieces=19)
    assert len(slack.calls_of("chat.appendStream")) == 1
    await write(stream, clock, pieces=2)
    assert len(slack.calls_of("chat.appendStream")) > 1
    assert len(slack.calls_of("chat.appendStream")[1].arguments["markdown_text"]) > 19 * len(SENTENCE)


async def test_a_stream_that_slack_ended_goes_on_by_edits(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=2)
    [start] = slack.posted("CIT")
    expire(slack, "CIT", start["ts"])

    await write(stream, clock, pieces=6)
    assert await stream.finish(answer()) == start["ts"]

    assert 1 <= len(slack.calls_of("chat.update")) <= MAX_EDITS + 1
    assert len(shown(slack, where)) == 1


async def test_a_reader_who_presses_stop_is_heard(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=1)
    slack.fail("chat.appendStream", ErrorWord("stopped_by_user"))

    with pytest.raises(ChatRefused, match="stopped_by_user"):
        await write(stream, clock, pieces=1)


CALLS = ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"]


@pytest.mark.parametrize(("method", "is_taken"), list(itertools.product(CALLS, [False, True])))
async def test_a_crash_at_any_call_leaves_one_answer(
    slack: SlackServer, where: Place, clock: Clock, method: str, is_taken: bool
) -> None:
    """The process ends at the call; the next one looks for the marker, and posts what it does not find."""
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url, clock=clock) as chat:
        stream = await open_stream(chat, where)
        slack.fail(method, Drop(after_taking=is_taken))
        try:
            await write(stream, clock, pieces=3)
            await stream.finish(answer())
        except ChatUnavailable:
            pass
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url) as restarted:
        if await restarted.find_posted(where, marker="m1") is None:
            await restarted.post(where, answer(), marker="m1")
        assert await restarted.find_posted(where, marker="m1") is not None

    assert len(shown(slack, where)) == 1
    assert shown(slack, where)[0].endswith("(Helpful) (Not helpful)")


async def test_a_half_streamed_message_does_not_count_as_posted(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=2)

    assert await chat.find_posted(where, marker="m1") is None


async def test_the_pane_s_own_first_message_is_no_unfinished_answer(slack: SlackServer, chat: SlackChat) -> None:
    thread = slack.open_pane("UADA")["event"]["assistant_thread"]["thread_ts"]
    pane = Place(platform=Platform.SLACK, tenant="T0HELP", channel="DUADA", thread=thread, kind=PlaceKind.DIRECT)

    assert await chat.find_posted(pane, marker="m1") is None
    await chat.post(pane, answer(), marker="m1")

    assert len(slack.replies("DUADA", thread)) == 1


async def test_an_end_that_slack_asks_to_wait_with_says_how_long(
    slack: SlackServer, chat: SlackChat, where: Place, clock: Clock
) -> None:
    stream = await open_stream(chat, where)
    await write(stream, clock, pieces=1)
    slack.fail("chat.update", RateLimit(7))

    with pytest.raises(RateLimited) as limited:
        await stream.finish(answer())
    assert limited.value.retry_after_s == 7
    await chat.post(where, answer(), marker="m1")

    assert len(shown(slack, where)) == 1


async def test_nothing_in_a_stream_is_live(slack: SlackServer, chat: SlackChat, where: Place, clock: Clock) -> None:
    stream = await open_stream(chat, where)
    for piece in [
        "Ask <!cha",
        "nnel> or [he",
        "re](https://evil",
        ".example/?q=secret) or ht",
        "tps://evil.example . ",
    ]:
        await stream.append(piece)
        clock.now += 2

    texts = [text for _, text in slack.shown]
    assert texts
    assert not any("](" in text or "<" in text for text in texts)
    assert all("evil" not in text.replace("`https://evil.example`", "") for text in texts)


async def test_a_place_without_a_thread_is_not_streamed_to(chat: SlackChat) -> None:
    channel = Place(platform=Platform.SLACK, tenant="T0HELP", channel="CIT", thread=None, kind=PlaceKind.CHANNEL)

    assert await chat.open_stream(channel, "UADA", marker="m1") is None
