"""What in a payload is a question, a vote or a command, and what is nothing to the help desk."""

from datetime import UTC, datetime

import pytest

from helpdesk_bot.chat.slack.payloads import Ignored, SlackBot, is_for, read
from helpdesk_bot.events import AdminCommand, PlaceKind, Question, Vote
from tests.fakes.slack_payloads import SlackPayloads

BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
SLACK = SlackPayloads(team_id="T0HELP", app_id="A0HELP", bot_user_id="UBOT")
TS = "1767225600.000200"
POSTED = {"ts": "1767225599.000100", "thread_ts": TS, "text": ""}


def change(payload: dict, **event: object) -> dict:
    return payload | {"event": payload["event"] | event}


def read_question(payload: dict) -> Question:
    question = read(payload, BOT)
    assert isinstance(question, Question)
    return question


def read_vote(payload: dict) -> Vote:
    vote = read(payload, BOT)
    assert isinstance(vote, Vote)
    return vote


def test_a_mention_is_a_question_in_the_thread_it_starts() -> None:
    question = read_question(SLACK.app_mention("C1", "UADA", "<@UBOT> how do I set up VPN?", ts=TS))

    assert question.key == f"slack:T0HELP:C1:{TS}"
    assert question.text == "how do I set up VPN?"
    assert (question.place.channel, question.place.thread, question.place.kind) == ("C1", TS, PlaceKind.CHANNEL)
    assert (question.person_id, question.message_id) == ("UADA", TS)
    assert question.asked_at == datetime(2026, 1, 1, 0, 0, 0, 200, tzinfo=UTC)


def test_a_mention_in_a_thread_belongs_to_that_thread() -> None:
    question = read_question(
        SLACK.app_mention("C1", "UADA", "<@UBOT> and on Linux?", ts=TS, thread="1767225000.000001")
    )

    assert question.place.conversation_id == "slack:T0HELP:C1:1767225000.000001"


def test_app_mention_and_message_are_one_question() -> None:
    text = "<@UBOT> how?"
    mention, message = SLACK.app_mention("C1", "UADA", text, ts=TS), SLACK.message("C1", "UADA", text, ts=TS)

    assert read(mention, BOT) == read(message, BOT)


def test_a_retry_and_a_replay_are_one_question() -> None:
    payload = SLACK.app_mention("C1", "UADA", "<@UBOT> how?", ts=TS)

    assert read(payload, BOT) == read(payload | {"event_id": "EvOTHER", "event_time": 1}, BOT)


def test_a_direct_message_needs_no_mention() -> None:
    question = read_question(SLACK.message("D1", "UADA", "how?", ts=TS))

    assert (question.text, question.place.kind, question.place.thread) == ("how?", PlaceKind.DIRECT, TS)


def test_a_message_in_a_channel_that_does_not_mention_the_bot_is_none_of_its_business() -> None:
    assert read(SLACK.message("C1", "UADA", "<@UBO> lunch?", ts=TS), BOT) is Ignored.NOT_ADDRESSED


@pytest.mark.parametrize("text", ["<@UBOT>", " <@UBOT|helpdesk>  ", "", None])
def test_a_mention_alone_is_a_question_without_words(text: str | None) -> None:
    assert read_question(change(SLACK.app_mention("C1", "UADA", "", ts=TS), text=text)).text == ""


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_message_with_a_file_or_sent_to_the_channel_too_is_a_question(subtype: str) -> None:
    assert read_question(change(SLACK.message("D1", "UADA", "see this", ts=TS), subtype=subtype)).text == "see this"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"user": "UBOT"}, Ignored.OWN),
        ({"bot_id": "BBOT", "user": None}, Ignored.OWN),
        ({"bot_id": "BOTHER"}, Ignored.BOT),
        ({"bot_id": "BOTHER", "subtype": "bot_message", "user": None}, Ignored.BOT),
        ({"user": "USLACKBOT"}, Ignored.BOT),
        ({"subtype": "message_changed"}, Ignored.SUBTYPE),
        ({"subtype": "message_deleted"}, Ignored.SUBTYPE),
        ({"subtype": "channel_join"}, Ignored.SUBTYPE),
        ({"subtype": "something_new"}, Ignored.SUBTYPE),
        ({"user": None}, Ignored.NO_USER),
        ({"user": 5}, Ignored.MALFORMED),
        ({"user": "ada"}, Ignored.MALFORMED),
        ({"ts": "yesterday"}, Ignored.MALFORMED),
        ({"ts": None}, Ignored.MALFORMED),
        ({"channel": {"id": "D1"}}, Ignored.MALFORMED),
        ({"text": ["hi"]}, Ignored.MALFORMED),
        ({"type": "team_join"}, Ignored.UNKNOWN),
        ({"type": None}, Ignored.MALFORMED),
    ],
)
def test_other_messages_are_ignored_for_a_reason(more: dict, reason: Ignored) -> None:
    assert read(change(SLACK.message("D1", "UADA", "hi", ts=TS), **more), BOT) is reason


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("ask <@U2> or <@U3|bo>", "ask @U2 or @bo"),
        ("in <#C1|it> or <#C2> or <#C3|>", "in #it or #C2 or #C3"),
        ("<!here> <!subteam^S1|@it> <!subteam^S2>", "@here @it @subteam^S2"),
        ("<!date^1767225600^{date}|1 January>", "1 January"),
        ("<https://a.example/x?a=1&amp;b=2>", "https://a.example/x?a=1&b=2"),
        ("<https://a.example/x|the page>", "the page (https://a.example/x)"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("<mailto:ada@example.com|ada@example.com>", "ada@example.com"),
        ("hey <@UBOT>, twice <@UBOT|bot>", "hey , twice"),
        ("2 < 3 > 1", "2 < 3 > 1"),
        ("nul\0 and a lone \ud800 surrogate \udc00!", "nul and a lone \ufffd surrogate \ufffd!"),
        ("👩\u200d👩\u200d👧 \u202eabc \u0301\u0301", "👩\u200d👩\u200d👧 \u202eabc \u0301\u0301"),
    ],
)
def test_slacks_markup_is_read_as_the_person_meant_it(raw: str, words: str) -> None:
    assert read_question(SLACK.message("D1", "UADA", raw, ts=TS)).text == words


@pytest.mark.parametrize("name", ["+1", "thumbsup", "+1::skin-tone-5"])
def test_a_thumb_up_is_a_vote(name: str) -> None:
    vote = read_vote(SLACK.reaction("C1", "UADA", "1767225599.000100", name, at=TS))

    assert (vote.value, vote.takes_back, vote.via) == (1, None, "reaction")
    assert (vote.person_id, vote.message_id, vote.place.channel) == ("UADA", "1767225599.000100", "C1")
    assert vote.at == datetime(2026, 1, 1, 0, 0, 0, 200, tzinfo=UTC)


@pytest.mark.parametrize("name", ["-1", "thumbsdown", "-1::skin-tone-2"])
def test_a_thumb_down_taken_away_takes_back_that_vote_only(name: str) -> None:
    vote = read_vote(SLACK.reaction("C1", "UADA", "1.1", name, at=TS, removed=True))

    assert (vote.value, vote.takes_back) == (0, -1)


def test_a_reaction_to_somebody_elses_message_is_no_vote() -> None:
    assert read(SLACK.reaction("C1", "UADA", "1.1", "+1", at=TS, author="UBO"), BOT) is Ignored.NOT_OUR_MESSAGE


def test_our_own_reaction_is_no_vote() -> None:
    assert read(SLACK.reaction("C1", "UBOT", "1.1", "+1", at=TS), BOT) is Ignored.OWN


def test_another_reaction_is_no_vote() -> None:
    assert read(SLACK.reaction("C1", "UADA", "1.1", "tada", at=TS), BOT) is Ignored.OTHER_REACTION


def test_a_reaction_to_a_file_is_no_vote() -> None:
    payload = SLACK.reaction("C1", "UADA", "1.1", "+1", at=TS)
    payload["event"]["item"] = {"type": "file", "file": "F1"}

    assert read(payload, BOT) is Ignored.UNKNOWN


@pytest.mark.parametrize(("value", "vote"), [("up slack:T:C:1", 1), ("down slack:T:C:1", -1)])
def test_a_button_is_a_vote(value: str, vote: int) -> None:
    action = {"type": "feedback_buttons", "action_id": "helpdesk_vote", "action_ts": TS, "value": value}

    read_back = read_vote(SLACK.block_actions("C1", "UADA", POSTED, action))

    assert (read_back.value, read_back.takes_back, read_back.via) == (vote, None, "button")
    assert (read_back.message_id, read_back.place.thread) == (POSTED["ts"], TS)


@pytest.mark.parametrize(
    "action", [{"action_id": "other", "value": "up k"}, {"action_id": "helpdesk_vote", "value": "sideways k"}]
)
def test_another_button_is_no_vote(action: dict) -> None:
    payload = SLACK.block_actions("C1", "UADA", POSTED, {"action_ts": TS, **action})

    assert read(payload, BOT) is Ignored.OTHER_ACTION


def test_a_command_comes_in_words() -> None:
    command = read(SLACK.command("C1", "UADA", "  resync   handbook "), BOT)

    assert isinstance(command, AdminCommand)
    assert command.words == ("resync", "handbook")
    assert (command.person_id, command.place.channel, command.place.thread) == ("UADA", "C1", None)
    assert command.at.tzinfo is UTC


@pytest.mark.parametrize("payload", [{}, {"type": "view_submission"}, {"type": "shortcut"}, {"type": 7}, {"type": []}])
def test_what_nobody_knows_is_unknown(payload: dict) -> None:
    assert read(payload, BOT) is Ignored.UNKNOWN


@pytest.mark.parametrize("origin", [{"api_app_id": "AOTHER"}, {"authorizations": [{"team_id": "TOTHER"}]}])
def test_a_payload_for_another_app_or_workspace_is_not_for_us(origin: dict) -> None:
    assert not is_for(SLACK.message("D1", "UADA", "hi", ts=TS) | origin, BOT)


def test_in_a_shared_channel_it_counts_where_the_app_is_installed() -> None:
    payload = SLACK.app_mention("C1", "UADA", "<@UBOT> hi", ts=TS) | {
        "team_id": "TOTHER",
        "is_ext_shared_channel": True,
    }

    assert is_for(payload, BOT)
    assert read_question(payload).place.tenant == "T0HELP"
