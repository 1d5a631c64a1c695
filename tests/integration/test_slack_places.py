"""Places, threads, files and groups: what Slack tells of them, and what is made of it."""

import pytest

from connectors.documents import group, user
from helpdesk_bot.chat.slack import SlackChat
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform, SharedFile
from helpdesk_bot.messages import Reply
from tests.fakes.slack import ErrorWord, HttpError, RateLimit, SlackServer


def place(channel: str, thread: str | None = None) -> Place:
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel=channel, thread=thread, kind=kind)


# Who reads along


async def test_the_bot_knows_its_app(slack: SlackServer, chat: SlackChat) -> None:
    assert chat.bot.app_id == slack.app_id


@pytest.mark.parametrize("kind", ["public", "private", "group"])
async def test_a_place_of_colleagues_is_not_shared(slack: SlackServer, chat: SlackChat, kind: str) -> None:
    slack.add_channel("CTEAM", members=["UADA", "UBO"], kind=kind)

    assert not await chat.is_shared(place("CTEAM"))


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
async def test_a_place_with_another_company_is_shared(slack: SlackServer, chat: SlackChat, flags: dict) -> None:
    slack.add_channel("CCONNECT", members=["UADA"], **flags)

    assert await chat.is_shared(place("CCONNECT"))


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_a_place_with_a_guest_is_shared_from_the_moment_the_guest_is_there(
    slack: SlackServer, chat: SlackChat, flag: str
) -> None:
    slack.add_user("UEVE", email="eve@elsewhere.example", **{flag: True})
    assert not await chat.is_shared(place("CIT"))

    slack.channel("CIT").members.append("UEVE")
    assert await chat.is_shared(place("CIT"))

    slack.channel("CIT").members.remove("UEVE")
    assert not await chat.is_shared(place("CIT"))


async def test_a_direct_chat_is_shared_with_a_guest_only(slack: SlackServer, chat: SlackChat) -> None:
    assert not await chat.is_shared(await chat.get_direct_place("UADA"))
    assert await chat.is_shared(await chat.get_direct_place("UGUEST"))


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
async def test_a_place_that_slack_does_not_tell_of_counts_as_shared(
    slack: SlackServer, chat: SlackChat, method: str
) -> None:
    slack.fail(method, ErrorWord("missing_scope"))

    assert await chat.is_shared(place("CIT"))


async def test_trouble_is_no_reason_to_guess_whether_a_place_is_shared(slack: SlackServer, chat: SlackChat) -> None:
    slack.fail("conversations.info", HttpError(503))

    with pytest.raises(ChatUnavailable):
        await chat.is_shared(place("CIT"))


async def test_nobody_has_a_direct_chat_with_a_bot_or_a_stranger_to_slack(slack: SlackServer, chat: SlackChat) -> None:
    for person_id in (slack.bot_user_id, "UNOBODY"):
        with pytest.raises(ChatRefused):
            await chat.get_direct_place(person_id)


# Threads


async def test_a_thread_is_read_with_who_said_what(slack: SlackServer, chat: SlackChat) -> None:
    thread = slack.say("CIT", "UADA", "<@UBOT> how do I <b>?")
    slack.say("CIT", "UBO", "I'd like to know too &amp; soon", thread=thread)
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="Use the <portal>.")
    posted = await chat.post(place("CIT", thread), reply, marker="m1")

    said = await chat.read_thread(place("CIT", thread), max_messages=10)

    assert [(each.name, each.is_ours, each.text) for each in said] == [
        ("Ada", False, "how do I b?"),
        ("Bo", False, "I'd like to know too & soon"),
        ("", True, "Use the <portal>."),
    ]
    assert said[2].message_id == posted
    assert said[0].at < said[1].at < said[2].at


async def test_a_thread_of_five_hundred_replies_gives_its_first_message_and_the_newest(
    slack: SlackServer, chat: SlackChat
) -> None:
    thread = slack.say("CIT", "UADA", "start")
    for number in range(500):
        slack.say("CIT", "UBO", f"reply {number}", thread=thread)

    said = await chat.read_thread(place("CIT", thread), max_messages=40)

    assert [each.text for each in said] == ["start", *(f"reply {number}" for number in range(461, 500))]
    assert len(slack.calls_of("conversations.replies")) == 3


async def test_what_somebody_forwarded_into_a_thread_is_read(slack: SlackServer, chat: SlackChat) -> None:
    thread = slack.say("CIT", "UADA", "")
    forwarded = [{"is_share": True, "text": "The VPN says 809."}]
    slack.channel("CIT").messages[-1]["attachments"] = forwarded
    slack.say("CIT", "UBO", "me too", thread=thread)

    said = await chat.read_thread(place("CIT", thread), max_messages=10)

    assert [each.text for each in said] == ["The VPN says 809.", "me too"]


@pytest.mark.parametrize("where", [place("CIT"), place("CIT", "1.1"), place("CNONE", "1.1")])
async def test_what_can_t_be_read_is_empty(chat: SlackChat, where: Place) -> None:
    assert await chat.read_thread(where, max_messages=10) == []


async def test_what_somebody_unknown_said_is_read_without_a_name(slack: SlackServer, chat: SlackChat) -> None:
    thread = slack.say("CIT", "UNKNOWN", "hello")
    bot = {"type": "message", "bot_id": "BOTHER", "username": "alerts", "ts": slack.next_ts(), "text": "on fire"}
    slack.channel("CIT").messages.append(bot | {"thread_ts": thread})

    said = await chat.read_thread(place("CIT", thread), max_messages=10)

    assert [(each.name, each.person_id, each.is_ours) for each in said] == [
        ("", "UNKNOWN", False),
        ("alerts", "BOTHER", False),
    ]


# Files


def shared(file: str, size: int = 0) -> SharedFile:
    return SharedFile(id=file, name="notes.txt", media_type="text/plain", size_bytes=size)


async def test_a_file_is_read_with_the_bots_rights(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_file("F1", b"the log" * 40_000)

    assert await chat.load_file(shared("F1"), max_bytes=1_000_000) == b"the log" * 40_000
    assert slack.downloads == [slack.bot_token]


async def test_a_file_that_is_too_large_is_not_read(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_file("F1", b"x" * 101)

    for told in (0, 101):
        with pytest.raises(ChatRefused, match="file_too_large"):
            await chat.load_file(shared("F1", told), max_bytes=100)
    assert slack.downloads == []


async def test_a_file_that_is_larger_than_it_says_is_not_read_to_its_end(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_file("F1", b"x" * 1_000_000, told_size=10)

    with pytest.raises(ChatRefused, match="file_too_large"):
        await chat.load_file(shared("F1"), max_bytes=100_000)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/files/F1",
        "http://files.slack.com/F1",
        "https://files.slack.com.evil.example/F1",
        "https://files.slack.com@evil.example/F1",
        "https://files.slack.com:8443/F1",
        "http://127.0.0.1:1/files/F1",
        "file:///etc/passwd",
        "//files.slack.com/F1",
    ],
)
async def test_the_token_goes_to_slack_only(slack: SlackServer, chat: SlackChat, url: str) -> None:
    slack.add_file("F1", b"x", url=url)

    with pytest.raises(ChatRefused, match="foreign_host"):
        await chat.load_file(shared("F1"), max_bytes=100)


async def test_a_file_that_the_bot_may_not_read_is_no_page(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_file("F1", b"x")
    slack.hides_files = True

    with pytest.raises(ChatRefused, match="file_not_readable"):
        await chat.load_file(shared("F1"), max_bytes=100)


@pytest.mark.parametrize(("wait", "wait_s"), [("7", 7), ("Mon, 30 Nov 2026 15:00:00 GMT", 1), ("", 1)])
async def test_where_files_have_to_wait_is_passed_on_in_whatever_words(
    slack: SlackServer, chat: SlackChat, wait: str, wait_s: int
) -> None:
    slack.add_file("F1", b"hello")
    slack.download_waits.append(wait)

    with pytest.raises(RateLimited) as limited:
        await chat.load_file(shared("F1"), max_bytes=100)
    assert limited.value.retry_after_s == wait_s


@pytest.mark.parametrize("word", ["file_not_found", "file_deleted", "missing_scope"])
async def test_slacks_refusal_of_a_file_is_passed_on(slack: SlackServer, chat: SlackChat, word: str) -> None:
    slack.fail("files.info", ErrorWord(word))

    with pytest.raises(ChatRefused, match=word):
        await chat.load_file(shared("F1"), max_bytes=100)


# User groups


async def test_groups_are_their_members_by_verified_address(slack: SlackServer, chat: SlackChat) -> None:
    slack.add_user("UCY", email="cy@example.com", is_email_confirmed=False)
    slack.add_user("UGONE", email="gone@example.com", deleted=True)
    slack.add_group("S1", "hr", ["UADA", "UGUEST", "UCY", "UGONE"])
    slack.add_group("S2", "it", ["UADA", "UBO"])
    slack.add_group("S3", "nobody", [])

    assert chat.groups.name == "slack"
    assert await chat.groups.memberships() == {
        group("slack", "hr"): {user("ada@example.com")},
        group("slack", "it"): {user("ada@example.com"), user("bo@example.com")},
        group("slack", "nobody"): frozenset(),
    }


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (HttpError(503), ChatUnavailable),
        (RateLimit(9), RateLimited),
        (ErrorWord("missing_scope"), ChatRefused),
    ],
)
@pytest.mark.parametrize("method", ["usergroups.list", "users.info"])
async def test_groups_are_told_whole_or_not_at_all(
    slack: SlackServer, chat: SlackChat, method: str, fault: HttpError, error: type[Exception]
) -> None:
    slack.add_group("S1", "hr", ["UADA", "UBO"])
    slack.fail(method, fault)

    with pytest.raises(error):
        await chat.groups.memberships()
