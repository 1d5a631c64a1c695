"""SlackChat through the real SDK against a strict Slack."""

import asyncio
from datetime import UTC, datetime

import pytest

from helpdesk_bot.chat.slack import SlackChat
from helpdesk_bot.chat.slack.people import MAX_SINGLE_LOOKUPS
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Citation, Outcome, Person, Place, PlaceKind, Platform, Step
from helpdesk_bot.messages import Packet, Reply
from knowledge.passages import Passage, Scores
from tests.fakes.slack import Drop, ErrorWord, Hang, HttpError, RateLimit, SlackServer
from tests.fakes.slack_blocks import find_live, said, visible_text

PASSAGE = Passage(
    chunk_id=1,
    document_id=1,
    source="handbook",
    key="vpn.md",
    title="VPN",
    url="https://wiki.example.com/vpn?a=1&b=2",
    heading_path=("Set-up", "Linux"),
    text="Install the client.",
    page=3,
    modified_at=datetime(2026, 5, 1, tzinfo=UTC),
    scores=Scores(),
)


def place(channel: str, thread: str | None = None) -> Place:
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel=channel, thread=thread, kind=kind)


def answer(text: str = "Use the **client** [1].", outcome: Outcome = Outcome.ANSWERED) -> Reply:
    citations = (Citation(number=1, passage=PASSAGE),)
    return Reply(question_key="slack:T0HELP:CIT:1.1", outcome=outcome, text=text, citations=citations, reference="K7Q2")


async def test_it_knows_who_it_is(chat: SlackChat) -> None:
    assert (chat.bot.team_id, chat.bot.user_id, chat.bot.bot_id) == ("T0HELP", "UBOT", "BBOT")


async def test_a_wrong_token_is_refused_when_opening(slack: SlackServer) -> None:
    with pytest.raises(ChatRefused, match="invalid_auth"):
        async with SlackChat(token="xoxb-wrong", base_url=slack.base_url):
            pass


async def test_a_token_for_a_whole_organisation_is_refused_when_opening(slack: SlackServer) -> None:
    slack.organisation = {"enterprise_id": "E1", "is_enterprise_install": True}
    with pytest.raises(ChatRefused, match="installed_for_a_whole_organisation"):
        async with SlackChat(token=slack.bot_token, base_url=slack.base_url):
            pass


async def test_it_knows_the_organisation_of_its_workspace(slack: SlackServer) -> None:
    slack.organisation = {"enterprise_id": "E1", "is_enterprise_install": False}
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url) as chat:
        assert chat.bot.enterprise_id == "E1"


async def test_the_answer_goes_into_the_thread_with_sources_and_buttons(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "how do I set up VPN?")

    message_id = await chat.post(place("CIT", question), answer(), marker="m1")

    [message] = slack.replies("CIT", question)
    assert message["ts"] == message_id
    assert said(message).splitlines() == [
        "Use the client [1].",
        "Sources",
        "[1] VPN \u203a Set-up \u203a Linux (p. 3) · updated 2026-05-01",
        "Reference K7Q2",
        "(Helpful) (Not helpful)",
    ]
    assert find_live(message).links == [PASSAGE.url, PASSAGE.url]
    assert find_live(message).mentions == []


@pytest.mark.parametrize("outcome", [Outcome.ESCALATED, Outcome.DECLINED, Outcome.FAILED])
async def test_what_is_no_answer_names_no_sources(slack: SlackServer, chat: SlackChat, outcome: Outcome) -> None:
    question = slack.say("CIT", "UADA", "?")

    await chat.post(place("CIT", question), answer("I don't know. [1]", outcome), marker="m1")

    [message] = slack.replies("CIT", question)
    assert "Sources" not in said(message)
    assert find_live(message).links == []


async def test_a_failure_asks_for_no_feedback(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")

    await chat.post(place("CIT", question), answer("Something went wrong.", Outcome.FAILED), marker="m1")

    assert "(Helpful)" not in visible_text(slack.replies("CIT", question)[0]["blocks"])


async def test_a_packet_goes_to_the_channel_with_the_question_the_passages_and_a_way_back(
    slack: SlackServer, chat: SlackChat
) -> None:
    slack.add_channel("CPEOPLE", members=["UBO"])
    packet = Packet(
        question_key="slack:T0HELP:CIT:1.1",
        question="where is *the* <!channel> key?",
        asked_by="UADA",
        link="https://example.slack.com/archives/CIT/p1",
        tried=(PASSAGE,),
        reference="K7Q2",
    )

    await chat.post(place("CPEOPLE"), packet, marker="m2")

    [message] = slack.posted("CPEOPLE")
    assert "thread_ts" not in message
    assert said(message).splitlines() == [
        "A question from @UADA:",
        "where is *the* <!channel> key?",
        "Passages I tried",
        "[1] VPN \u203a Set-up \u203a Linux (p. 3) · updated 2026-05-01",
        "Open the question",
        "Reference K7Q2",
    ]
    live = find_live(message)
    assert live.links == [PASSAGE.url, packet.link]
    assert live.mentions == ["{'type': 'user', 'user_id': 'UADA'}"]


async def test_a_long_answer_comes_whole_in_messages_of_one_thread(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "everything, please")
    words = " ".join(f"word{number}" for number in range(4_000))

    message_id = await chat.post(place("CIT", question), answer(words), marker="m1")

    messages = slack.replies("CIT", question)
    assert len(messages) > 1
    assert messages[0]["ts"] == message_id
    shown = [said(message) for message in messages]
    assert [word for text in shown for word in text.split() if word.startswith("word")] == words.split()
    assert ["(Helpful)" in text for text in shown] == [True] + [False] * (len(shown) - 1)
    assert all(f"Part {number} of {len(shown)}" in text for number, text in enumerate(shown[:-1], start=1))


async def test_an_answer_whose_second_message_was_not_taken_is_completed_not_repeated(
    slack: SlackServer, chat: SlackChat
) -> None:
    question = slack.say("CIT", "UADA", "everything, please")
    reply = answer(" ".join(f"word{number}" for number in range(3_000)))
    slack.fail("chat.postMessage", None, RateLimit(1))
    with pytest.raises(RateLimited):
        await chat.post(place("CIT", question), reply, marker="m1")
    [first] = slack.replies("CIT", question)
    assert await chat.find_posted(place("CIT", question), marker="m1") is None

    assert await chat.post(place("CIT", question), reply, marker="m1") == first["ts"]

    parts = [message["metadata"]["event_payload"]["part"] for message in slack.replies("CIT", question)]
    assert parts == list(range(1, first["metadata"]["event_payload"]["parts"] + 1))
    assert await chat.find_posted(place("CIT", question), marker="m1") == first["ts"]


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_blocks_too_long"])
async def test_where_the_blocks_are_refused_the_text_says_it_all(
    slack: SlackServer, chat: SlackChat, word: str
) -> None:
    question = slack.say("CIT", "UADA", "?")
    slack.fail("chat.postMessage", ErrorWord(word))

    await chat.post(place("CIT", question), answer("Ask <!here> & <@UBO>. [1]"), marker="m1")

    [message] = slack.replies("CIT", question)
    assert "blocks" not in message
    assert message["text"].startswith("Ask &lt;!here&gt; &amp; &lt;@UBO&gt;. [1]")
    assert "VPN \u203a Set-up \u203a Linux (p. 3)" in message["text"]
    arguments = slack.calls_of("chat.postMessage")[-1].arguments
    assert find_live(arguments).links == find_live(arguments).mentions == []


async def test_every_post_asks_for_no_preview_no_names_and_no_markup(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")

    await chat.post(place("CIT", question), answer(), marker="m1")

    arguments = slack.calls_of("chat.postMessage")[0].arguments
    off = {"unfurl_links": False, "unfurl_media": False, "link_names": False, "mrkdwn": False, "parse": "none"}
    assert {key: arguments[key] for key in off} == off
    assert arguments["metadata"] == {
        "event_type": "helpdesk_message",
        "event_payload": {"marker": "m1", "part": 1, "parts": 1},
    }


async def test_a_message_whose_answer_was_lost_is_found_by_its_marker(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")
    slack.fail("chat.postMessage", Drop(after_taking=True))

    with pytest.raises(ChatUnavailable):
        await chat.post(place("CIT", question), answer(), marker="m1")

    [message] = slack.replies("CIT", question)  # the SDK did not send it again by itself
    assert await chat.find_posted(place("CIT", question), marker="m1") == message["ts"]
    assert await chat.find_posted(place("CIT", question), marker="m2") is None


async def test_a_marker_is_found_behind_many_pages_of_a_thread(slack: SlackServer, chat: SlackChat) -> None:
    slack.page_size = 7
    question = slack.say("CIT", "UADA", "?")
    for number in range(30):
        slack.say("CIT", "UBO", f"me too {number}", thread=question)
    posted = await chat.post(place("CIT", question), answer(), marker="m1")

    assert await chat.find_posted(place("CIT", question), marker="m1") == posted
    assert len(slack.calls_of("conversations.replies")) == 5


async def test_a_packet_is_found_among_the_messages_of_its_channel(slack: SlackServer, chat: SlackChat) -> None:
    slack.page_size = 2
    packet = Packet(question_key="k", question="?", asked_by="UADA", link=None)
    posted = await chat.post(place("CIT"), packet, marker="m1")
    for _ in range(5):
        slack.say("CIT", "UBO", "later news")

    assert await chat.find_posted(place("CIT"), marker="m1") == posted


async def test_somebody_elses_message_with_our_marker_is_not_ours(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")
    forged = {"event_type": "helpdesk_message", "event_payload": {"marker": "m1", "part": 1, "parts": 1}}
    reply = {"type": "message", "bot_id": "BOTHER", "ts": slack.next_ts(), "text": "", "metadata": forged}
    slack.channel("CIT").messages.append(reply | {"thread_ts": question})

    assert await chat.find_posted(place("CIT", question), marker="m1") is None


@pytest.mark.parametrize(
    ("fault", "wait_s"), [(RateLimit(37), 37), (RateLimit(5, is_json=False), 5), (ErrorWord("ratelimited"), 1)]
)
async def test_slacks_wish_to_wait_is_passed_on_exactly(
    slack: SlackServer, chat: SlackChat, fault: ErrorWord | RateLimit, wait_s: int
) -> None:
    question = slack.say("CIT", "UADA", "?")
    slack.fail("chat.postMessage", fault)

    with pytest.raises(RateLimited) as limited:
        await chat.post(place("CIT", question), answer(), marker="m1")

    assert limited.value.retry_after_s == wait_s
    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", [HttpError(500), HttpError(503), Drop(), ErrorWord("internal_error"), Hang()])
async def test_slack_in_trouble_is_told_from_a_refusal(slack: SlackServer, fault: Drop | ErrorWord | HttpError) -> None:
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url, timeout_s=0.3) as chat:
        question = slack.say("CIT", "UADA", "?")
        slack.fail("chat.postMessage", fault)

        with pytest.raises(ChatUnavailable):
            await chat.post(place("CIT", question), answer(), marker="m1")

    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize(
    ("channel", "reason"), [("CNONE", "channel_not_found"), ("COLD", "is_archived"), ("COUT", "not_in_channel")]
)
async def test_what_slack_will_never_take_is_refused_in_its_words(
    slack: SlackServer, chat: SlackChat, channel: str, reason: str
) -> None:
    slack.add_channel("COLD", is_archived=True)
    slack.add_channel("COUT", has_bot=False)

    with pytest.raises(ChatRefused) as refused:
        await chat.post(place(channel), answer(), marker="m1")

    assert refused.value.reason == reason


async def test_the_readers_of_a_channel_are_its_people(slack: SlackServer, chat: SlackChat) -> None:
    slack.page_size = 2
    slack.add_user("UOTHERBOT", is_bot=True)
    slack.add_channel("CALL", members=["UADA", "UOTHERBOT", "UBO", "UGUEST"])

    readers = await chat.list_readers(place("CALL", "1.1"))

    assert readers == [
        Person(
            platform=Platform.SLACK, tenant="T0HELP", id="UADA", name="Ada", email="ada@example.com", is_guest=False
        ),
        Person(platform=Platform.SLACK, tenant="T0HELP", id="UBO", name="Bo", email="bo@example.com", is_guest=False),
        Person(platform=Platform.SLACK, tenant="T0HELP", id="UGUEST", name="uguest", email="guest@elsewhere.example"),
    ]


@pytest.mark.parametrize(
    "flags",
    [
        {"is_ext_shared": True},
        {"is_shared": True},
        {"is_org_shared": True},
        {"is_pending_ext_shared": True},
        {"pending_shared": ["T0OTHER"]},
        {"pending_connected_team_ids": ["T0OTHER"]},
    ],
)
async def test_who_reads_a_shared_channel_is_not_known(slack: SlackServer, chat: SlackChat, flags: dict) -> None:
    slack.add_channel("CSHARED", members=["UADA"], **flags)

    assert await chat.list_readers(place("CSHARED")) is None
    assert slack.calls_of("conversations.members") == []


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_readers_that_slack_does_not_tell_are_not_known(slack: SlackServer, chat: SlackChat, method: str) -> None:
    slack.fail(method, ErrorWord("missing_scope"))

    assert await chat.list_readers(place("CIT")) is None


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_trouble_with_slack_is_no_reason_to_guess_readers(
    slack: SlackServer, chat: SlackChat, method: str
) -> None:
    slack.fail(method, HttpError(503), HttpError(503), HttpError(503))

    with pytest.raises(ChatUnavailable):
        await chat.list_readers(place("CIT"))


async def test_a_channel_of_bots_has_no_known_readers(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_channel("CBOTS")

    assert await chat.list_readers(place("CBOTS")) is None


async def test_people_are_remembered_and_membership_is_not(slack: SlackServer, chat: SlackChat) -> None:
    assert len(await chat.list_readers(place("CIT")) or []) == 2
    slack.channel("CIT").members.remove("UBO")

    assert [reader.id for reader in await chat.list_readers(place("CIT")) or []] == ["UADA"]
    assert len(slack.calls_of("users.info")) == 3  # Ada, Bo and the bot, once


async def test_a_new_role_shows_once_the_memory_of_a_person_is_old(slack: SlackServer) -> None:
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url, people_ttl_s=0) as chat:
        assert not (await chat.get_person("UADA")).is_guest
        slack.add_user("UADA", email="ada@example.com", is_guest=True)

        assert (await chat.get_person("UADA")).is_guest


async def test_a_big_channel_is_looked_up_by_listing_the_workspace(slack: SlackServer, chat: SlackChat) -> None:
    slack.page_size = 20
    many = [f"U{number:04d}" for number in range(MAX_SINGLE_LOOKUPS + 20)]
    for user in many:
        slack.add_user(user, email=f"{user}@example.com")
    slack.add_user("USTRANGER", email="eve@other.example", team_id="T0OTHER", is_stranger=True)
    slack.add_channel("CBIG", members=[*many, "USTRANGER"])

    readers = await chat.list_readers(place("CBIG"))

    assert readers is not None
    assert [reader.id for reader in readers if reader.is_guest] == ["USTRANGER"]
    assert len(readers) == len(many) + 1
    assert [call.arguments["user"] for call in slack.calls_of("users.info")] == ["USTRANGER"]


async def test_the_list_of_a_big_workspace_goes_on_where_slack_asked_to_wait(
    slack: SlackServer, chat: SlackChat
) -> None:
    slack.page_size = 20
    many = [f"U{number:04d}" for number in range(100)]
    for user in many:
        slack.add_user(user, email=f"{user}@example.com")
    slack.add_channel("CBIG", members=many)
    slack.fail("users.list", None, None, RateLimit(30), None, None, RateLimit(30))

    for _ in range(2):
        with pytest.raises(RateLimited):
            await chat.list_readers(place("CBIG"))

    assert len(await chat.list_readers(place("CBIG")) or []) == len(many)
    cursors = [call.arguments.get("cursor") for call in slack.calls_of("users.list") if not call.error]
    assert len(cursors) == len(set(cursors))


async def test_questions_in_a_big_channel_at_once_list_the_workspace_once(slack: SlackServer, chat: SlackChat) -> None:
    many = [f"U{number:04d}" for number in range(MAX_SINGLE_LOOKUPS + 20)]
    for user in many:
        slack.add_user(user, email=f"{user}@example.com")
    slack.add_channel("CBIG", members=many)

    await asyncio.gather(*(chat.list_readers(place("CBIG")) for _ in range(4)))

    assert len(slack.calls_of("users.list")) == 1


async def test_a_list_whose_place_slack_forgot_begins_anew(slack: SlackServer, chat: SlackChat) -> None:
    slack.page_size = 20
    many = [f"U{number:04d}" for number in range(100)]
    for user in many:
        slack.add_user(user, email=f"{user}@example.com")
    slack.add_channel("CBIG", members=many)
    slack.fail("users.list", None, RateLimit(30), ErrorWord("invalid_cursor"))

    with pytest.raises(RateLimited):
        await chat.list_readers(place("CBIG"))

    assert len(await chat.list_readers(place("CBIG")) or []) == len(many)


async def test_whoever_was_deactivated_reads_nothing(slack: SlackServer, chat: SlackChat) -> None:
    """Slack lists deactivated accounts as members now and then (github.com/adsr/irslackd/issues/67)."""
    slack.add_user("UGONE", email="gone@example.com", deleted=True)
    slack.add_channel("COLD", members=["UADA", "UBO", "UGONE"])

    assert [reader.id for reader in await chat.list_readers(place("COLD")) or []] == ["UADA", "UBO"]
    assert not await chat.is_shared(place("COLD"))


@pytest.mark.parametrize(
    "flags",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"deleted": True},
        {"team_id": "T0OTHER"},
    ],
)
async def test_who_is_not_a_full_member_is_a_guest(slack: SlackServer, chat: SlackChat, flags: dict) -> None:
    slack.add_user("UEVE", email="eve@example.com", **flags)

    assert (await chat.get_person("UEVE")).is_guest


async def test_a_colleague_from_another_workspace_of_the_grid_that_is_also_in_ours_is_no_guest(
    slack: SlackServer, chat: SlackChat
) -> None:
    slack.add_user("UEVE", email="eve@example.com", team_id="T0OTHER", enterprise_user={"teams": ["T0HELP", "T0OTHER"]})

    assert not (await chat.get_person("UEVE")).is_guest


async def test_an_address_that_nobody_confirmed_is_no_address(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_user("UEVE", email="ada@example.com", is_email_confirmed=False)

    assert (await chat.get_person("UEVE")).email is None


async def test_without_the_scope_for_addresses_nobody_has_one(slack: SlackServer, chat: SlackChat) -> None:
    slack.scopes.discard("users:read.email")

    assert (await chat.get_person("UADA")).email is None


async def test_an_unknown_person_is_refused(chat: SlackChat) -> None:
    with pytest.raises(ChatRefused, match="user_not_found"):
        await chat.get_person("UNOBODY")


async def test_a_link_leads_back_to_a_message(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")

    link = await chat.find_link(place("CIT"), question)

    assert link == f"https://example.slack.com/archives/CIT/p{question.replace('.', '')}"
    assert await chat.find_link(place("CIT"), "1.1") is None


async def test_progress_shows_as_a_status_of_the_thread(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")

    await chat.show_progress(place("CIT", question), Step.SEARCHING)

    [call] = slack.calls_of("assistant.threads.setStatus")
    assert call.arguments["thread_ts"] == question
    assert call.arguments["status"] == "is searching the knowledge base…"


@pytest.mark.parametrize("fault", [HttpError(500), Drop(), RateLimit(1), ErrorWord("channel_not_found")])
async def test_progress_never_raises(slack: SlackServer, chat: SlackChat, fault: Drop) -> None:
    question = slack.say("CIT", "UADA", "?")
    slack.fail("assistant.threads.setStatus", fault)

    await chat.show_progress(place("CIT", question), Step.READING)
    await chat.show_progress(place("CIT", question), Step.COMPOSING)

    assert [call.error for call in slack.calls_of("assistant.threads.setStatus")][1:] == [""]


async def test_a_workspace_that_does_not_allow_a_status_is_not_asked_again(slack: SlackServer, chat: SlackChat) -> None:
    question = slack.say("CIT", "UADA", "?")
    slack.fail("assistant.threads.setStatus", ErrorWord("missing_scope"))

    await chat.show_progress(place("CIT", question), Step.READING)
    await chat.show_progress(place("CIT", question), Step.COMPOSING)

    assert len(slack.calls_of("assistant.threads.setStatus")) == 1
