"""Our messages in Slack: edited, withdrawn, whispered, found by any of their parts."""

import pytest

from helpdesk_bot.chat.slack import SlackChat
from helpdesk_bot.chat.slack.posts import FirstPart
from helpdesk_bot.errors import ChatRefused, RateLimited
from helpdesk_bot.events import Action, Outcome, Place, PlaceKind, Platform
from helpdesk_bot.messages import Button, Notice, Packet, Reply
from tests.fakes.slack import ErrorWord, HttpError, Json, RateLimit, SlackServer
from tests.fakes.slack_blocks import find_live, said

LONG = " ".join(f"long{number}" for number in range(3_000))
LONGER = " ".join(f"longer{number}" for number in range(6_000))


def place(channel: str, thread: str | None = None) -> Place:
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel=channel, thread=thread, kind=kind)


def answer(text: str) -> Reply:
    return Reply(question_key="k", outcome=Outcome.ANSWERED, text=text, reference="R1")


def words(messages: list[Json]) -> list[str]:
    """The words of an answer, over all of its messages."""
    shown = "\n".join(said(message) for message in messages)
    return [word for word in shown.split() if word.startswith(("long", "short"))]


@pytest.mark.parametrize("before", ["short", LONG, LONGER])
@pytest.mark.parametrize("after", ["short1", LONG, LONGER])
async def test_an_edited_answer_reads_as_the_new_one_whatever_its_length(
    slack: SlackServer, chat: SlackChat, before: str, after: str
) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer(before), marker="m1")

    await chat.edit(where, posted, answer(after), marker="m1")

    messages = slack.replies("CIT", where.thread or "")
    assert words(messages) == after.split()
    assert messages[0]["ts"] == posted
    assert await chat.find_posted(where, marker="m1") == posted


@pytest.mark.parametrize(
    ("before", "after", "good_calls"), [(LONGER, LONG, 0), (LONGER, LONG, 1), (LONG, LONGER, 1), (LONG, "short1", 0)]
)
async def test_an_edit_that_broke_off_is_completed_by_the_same_edit(
    slack: SlackServer, chat: SlackChat, before: str, after: str, good_calls: int
) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer(before), marker="m1")
    slack.fail("chat.update", *([None] * good_calls), RateLimit(3))
    with pytest.raises(RateLimited):
        await chat.edit(where, posted, answer(after), marker="m2")

    await chat.edit(where, posted, answer(after), marker="m2")
    await chat.edit(where, posted, answer(after), marker="m2")

    assert words(slack.replies("CIT", where.thread or "")) == after.split()
    assert await chat.find_posted(where, marker="m2") == posted


async def test_a_card_in_a_channel_shows_its_new_state_in_place(slack: SlackServer, chat: SlackChat) -> None:
    packet = Packet(question_key="k", question="?", asked_by="UADA", link=None, buttons=_claim())
    posted = await chat.post(place("CIT"), packet, marker="m1")

    claimed = Packet(question_key="k", question="?", asked_by="UADA", link=None, state="Bo has it")
    await chat.edit(place("CIT"), posted, claimed, marker="m1")

    [message] = slack.posted("CIT")
    assert said(message).startswith("Bo has it")
    assert "[Claim]" not in said(message)


async def test_an_edit_whose_blocks_are_refused_says_it_all_without_form(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer("short1"), marker="m1")
    text = "Ask <!here> now. " + " ".join(f"long{number}" for number in range(700))
    slack.fail("chat.update", ErrorWord("invalid_blocks"))

    await chat.edit(where, posted, answer(text), marker="m1")

    [message] = slack.replies("CIT", where.thread or "")
    assert {block["type"] for block in message["blocks"]} == {"section"}
    assert find_live({"blocks": message["blocks"]}).mentions == []
    assert "".join(block["text"]["text"] for block in message["blocks"]).split()[: len(text.split())] == text.split()


async def test_an_edit_of_a_message_that_is_gone_is_refused(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))

    with pytest.raises(ChatRefused, match="message_not_found"):
        await chat.edit(where, "1.1", answer("short1"), marker="m1")


async def test_a_withdrawn_answer_is_gone_with_all_of_its_parts(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer(LONGER), marker="m1")
    other = await chat.post(where, answer("short1"), marker="m2")

    await chat.withdraw(where, posted, marker="m1")
    await chat.withdraw(where, posted, marker="m1")

    assert [message["ts"] for message in slack.replies("CIT", where.thread or "")] == [other]


@pytest.mark.parametrize("fault", ["thread_not_found", "missing_scope", "not_in_channel"])
async def test_an_answer_whose_thread_can_t_be_read_is_withdrawn_as_far_as_it_is_known(
    slack: SlackServer, chat: SlackChat, fault: str
) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer("short1"), marker="m1")
    slack.fail("conversations.replies", ErrorWord(fault))

    await chat.withdraw(where, posted, marker="m1")

    assert slack.replies("CIT", where.thread or "") == []


async def test_an_answer_under_a_deleted_question_is_withdrawn(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    posted = await chat.post(where, answer(LONG), marker="m1")
    slack.delete("CIT", where.thread or "")

    await chat.withdraw(where, posted, marker="m1")

    assert slack.replies("CIT", where.thread or "") == []


async def test_a_whisper_is_seen_by_one_person_beside_the_place(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))

    await chat.whisper(where, "UADA", Notice(text="Only **you** see <!here>.", buttons=_claim()), marker="w1")

    [whisper] = slack.whispers
    assert (whisper["user"], whisper["channel"], whisper["thread_ts"]) == ("UADA", "CIT", where.thread)
    assert said(whisper) == "Only you see <!here>.\n[Claim]"
    assert slack.posted("CIT") == []


async def test_a_long_whisper_comes_whole(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))

    await chat.whisper(where, "UADA", answer(LONG), marker="w1")

    assert words(slack.whispers) == LONG.split()


async def test_a_long_whisper_that_slack_interrupts_goes_on_where_it_was(slack: SlackServer, chat: SlackChat) -> None:
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    slack.fail("chat.postEphemeral", None, RateLimit(1))

    with pytest.raises(RateLimited):
        await chat.whisper(where, "UADA", answer(LONG), marker="w1")
    await chat.whisper(where, "UADA", answer(LONG), marker="w1")
    assert words(slack.whispers) == LONG.split()

    slack.fail("chat.postEphemeral", None, RateLimit(1))
    with pytest.raises(RateLimited):
        await chat.whisper(where, "UADA", answer(LONG), marker="w2")
    await chat.whisper(where, "UADA", answer(f"Anew. {LONG}"), marker="w2")
    assert len(words(slack.whispers)) > 2 * len(LONG.split())


@pytest.mark.parametrize("channel", ["COUT", "COLD", "CNONE", "CIT"])
async def test_who_cannot_be_whispered_to_there_is_told_in_private(
    slack: SlackServer, chat: SlackChat, channel: str
) -> None:
    slack.add_user("UCY", email="cy@example.com")
    slack.add_channel("COUT", members=["UCY"], has_bot=False)
    slack.add_channel("COLD", members=["UCY"], is_archived=True)

    await chat.whisper(place(channel), "UCY", Notice(text="Only you."), marker="w1")

    assert slack.whispers == []
    [message] = slack.posted("DUCY")
    assert said(message) == "Only you."


async def test_in_a_direct_chat_a_whisper_is_a_message(slack: SlackServer, chat: SlackChat) -> None:
    direct = await chat.get_direct_place("UADA")
    thread = slack.say(direct.channel, "UADA", "?")

    await chat.whisper(place(direct.channel, thread), "UADA", Notice(text="Only you."), marker="w1")

    assert [message["thread_ts"] for message in slack.posted("DUADA")] == [thread]


async def test_every_part_of_an_answer_leads_to_its_first(slack: SlackServer) -> None:
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url) as chat:
        where = place("CIT", slack.say("CIT", "UADA", "?"))
        posted = await chat.post(where, answer(LONGER), marker="m1")
        packet = await chat.post(place("CIT"), answer(LONG), marker="m2")
        parts = [message["ts"] for message in slack.replies("CIT", where.thread or "")]
        in_channel = [message["ts"] for message in slack.posted("CIT") if "thread_ts" not in message]
        in_thread, alone = FirstPart(message_id=posted, thread=where.thread), FirstPart(message_id=packet, thread=None)
        assert len(parts) > 2
        assert {await chat.posts.find_first_part(place("CIT"), part) for part in parts} == {in_thread}
        assert slack.calls_of("conversations.replies")[2:] == []
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url) as restarted:
        assert {await restarted.posts.find_first_part(place("CIT"), part) for part in parts} == {in_thread}
        assert {await restarted.posts.find_first_part(place("CIT"), part) for part in in_channel} == {alone}
        asked = len(slack.calls_of("conversations.replies"))
        assert await restarted.posts.find_first_part(place("CIT"), parts[1]) == in_thread
        assert len(slack.calls_of("conversations.replies")) == asked


async def test_a_part_that_cannot_be_looked_up_stands_for_itself(slack: SlackServer, chat: SlackChat) -> None:
    slack.fail("conversations.replies", HttpError(503))

    assert await chat.posts.find_first_part(place("CIT"), "1.1") == FirstPart(message_id="1.1", thread=None)


async def test_somebody_elses_message_stands_for_itself(slack: SlackServer, chat: SlackChat) -> None:
    forged = {"event_type": "helpdesk_message", "event_payload": {"marker": "m", "part": 2, "parts": 2, "first": "9.9"}}
    message = {"type": "message", "bot_id": "BOTHER", "ts": "5.5", "text": "", "metadata": forged}
    slack.channel("CIT").messages.append(message)

    assert await chat.posts.find_first_part(place("CIT"), "5.5") == FirstPart(message_id="5.5", thread=None)


def _claim() -> tuple[Button, ...]:
    return (Button(action=Action.CLAIM, value="k", label="Claim"),)
