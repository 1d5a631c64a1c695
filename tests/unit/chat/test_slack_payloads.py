"""What in a payload is a question, a vote or a command, and what is nothing to the help desk."""

from datetime import UTC, datetime

import pytest

from helpdesk_bot.chat.slack.payloads import (
    Asked,
    BotJoined,
    ChannelNews,
    HomeOpened,
    Ignored,
    PaneMoved,
    PaneOpened,
    PersonChanged,
    Pressed,
    Revoked,
    SlackBot,
    is_for,
    is_of_our_organisation,
    read,
)
from helpdesk_bot.events import (
    Action,
    Addressed,
    AdminCommand,
    ChannelMoved,
    Click,
    Deletion,
    Edit,
    PlaceKind,
    Question,
    SharedFile,
    Vote,
)
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
    event = vote.event if isinstance(vote, Pressed) else vote
    assert isinstance(event, Vote)
    return event


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


@pytest.mark.parametrize(
    ("channel", "text", "addressed"),
    [
        ("C1", "lunch?", Addressed.OVERHEARD),
        ("G1", "<@UBO> lunch?", Addressed.OVERHEARD),
        ("C1", "<@UBOT> lunch?", Addressed.MENTION),
        ("C1", "lunch, <@UBOT|helpdesk>?", Addressed.MENTION),
        ("D1", "<@UBOT> lunch?", Addressed.DIRECT),
    ],
)
def test_how_a_message_reached_the_bot_is_told(channel: str, text: str, addressed: Addressed) -> None:
    assert read_question(SLACK.message(channel, "UADA", text, ts=TS)).addressed is addressed


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("<@UBOT> how?", False),
        ("how?", False),
        ("<@UBO> how?", True),
        ("<@UBOT> or <@UBO>?", True),
        ("<!subteam^S1|@it> how?", True),
        ("<!here> how?", True),
        ("mail <mailto:a@example.com|a@example.com> in <#C2|it>", False),
    ],
)
def test_whether_somebody_else_is_called_is_told(text: str, tags: bool) -> None:
    assert read_question(SLACK.message("C1", "UADA", text, ts=TS)).tags_people is tags


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
        ({"subtype": "message_changed"}, Ignored.MALFORMED),
        ({"subtype": "message_deleted"}, Ignored.MALFORMED),
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


def test_a_command_names_people_and_channels_by_id() -> None:
    raw = "channel <#C2|it> call <@U2|bo> <https://a.example/x|a.example/x> &lt;b&gt;"
    command = read(SLACK.command("C1", "UADA", raw), BOT)

    assert isinstance(command, AdminCommand)
    assert command.words == ("channel", "C2", "call", "U2", "https://a.example/x", "<b>")


def test_a_command_that_comes_twice_has_one_key() -> None:
    payload = SLACK.command("C1", "UADA", "status")
    first, again, another = (read(body, BOT) for body in (payload, payload, SLACK.command("C1", "UADA", "status")))

    assert isinstance(first, AdminCommand)
    assert isinstance(again, AdminCommand)
    assert isinstance(another, AdminCommand)
    assert first.key == again.key != another.key


@pytest.mark.parametrize("payload", [{}, {"type": "shortcut"}, {"type": "view_closed"}, {"type": 7}, {"type": []}])
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


def test_a_form_that_somebody_of_the_other_side_sends_off_is_for_us() -> None:
    sent = SLACK.submission("UEVE", {"id": "V1", "callback_id": "x", "blocks": []}, {})
    theirs = sent | {"team": {"id": "TOTHER"}, "view": sent["view"] | {"app_installed_team_id": "T0HELP"}}

    assert is_for(theirs, BOT)
    assert not is_for(sent | {"view": sent["view"] | {"app_installed_team_id": "TOTHER"}}, BOT)


# Forwarded messages

FORWARDED = {
    "is_msg_unfurl": True,
    "is_share": True,
    "author_name": "Bo",
    "fallback": "[January 1st] Bo: How do I set up VPN &amp; mail?\nOn Linux.",
    "text": "How do I set up VPN &amp; mail?\nOn Linux.",
    "files": [{"id": "F7", "name": "screen.txt", "mimetype": "text/plain", "size": 3}, "F8"],
}


def forward(text: str, *attachments: object, channel: str = "D1") -> dict:
    return change(SLACK.message(channel, "UADA", text, ts=TS), attachments=list(attachments))


def test_a_forwarded_message_is_what_is_asked_with_its_files() -> None:
    question = read_question(forward("", FORWARDED))

    assert question.text == "How do I set up VPN & mail?\nOn Linux."
    assert [file.id for file in question.files] == ["F7"]


def test_a_word_beside_a_forwarded_message_comes_first_and_the_rest_is_quoted() -> None:
    question = read_question(forward("<@UBOT> can you answer this?", FORWARDED, channel="C1"))

    assert question.text == "can you answer this?\n\n> How do I set up VPN & mail?\n> On Linux."
    assert question.addressed is Addressed.MENTION


def test_the_preview_of_a_link_is_nobodys_words() -> None:
    preview = {"title": "Wiki", "text": "All about VPN", "from_url": "https://wiki.example.com"}

    assert read_question(forward("see <https://wiki.example.com>", preview)).text == "see https://wiki.example.com"


@pytest.mark.parametrize("attachment", ["x", None, {"is_share": True}, {"is_share": True, "text": 5, "files": "x"}])
def test_an_attachment_of_another_shape_says_nothing(attachment: object) -> None:
    question = read_question(forward("hi", attachment))

    assert (question.text, question.files) == ("hi", ())


# Edits, deletions, files


def said(**more: object) -> dict:
    return {"type": "message", "user": "UADA", "text": "how?", "ts": TS, **more}


def test_a_changed_message_is_an_edit_of_the_same_question() -> None:
    changed = said(text="how, on Linux?", edited={"user": "UADA", "ts": "1767225700.000000"})
    edit = read(SLACK.message_changed("D1", changed, said(), ts="1767225700.000100"), BOT)

    assert isinstance(edit, Edit)
    assert edit.question == read_question(SLACK.message("D1", "UADA", "how, on Linux?", ts=TS))
    assert edit.edited_at == datetime(2026, 1, 1, 0, 1, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, Ignored.UNCHANGED),
        ({"edited": {"user": "UADA", "ts": "1.1"}}, Ignored.UNCHANGED),
        ({"text": "how? (1 reply)"}, Ignored.UNCHANGED),
        ({"user": "UBOT", "bot_id": "BBOT", "text": "new", "edited": {"user": "UBOT", "ts": "1.1"}}, Ignored.OWN),
        ({"bot_id": "BOTHER", "text": "new", "edited": {"user": "UX", "ts": "1.1"}}, Ignored.BOT),
        ({"user": None, "text": "new", "edited": {"user": "UX", "ts": "1.1"}}, Ignored.NO_USER),
    ],
)
def test_what_its_author_did_not_change_is_no_edit(more: dict, reason: Ignored) -> None:
    assert read(SLACK.message_changed("C1", said(**more), said(), ts="2.1"), BOT) is reason


def test_a_deleted_message_takes_its_question_back() -> None:
    deletion = read(SLACK.message_deleted("C1", said(thread_ts="1767225000.000001"), ts="1767225700.000100"), BOT)

    assert isinstance(deletion, Deletion)
    assert deletion.question_key == f"slack:T0HELP:C1:{TS}"
    assert (deletion.place.thread, deletion.message_id) == ("1767225000.000001", TS)


def test_a_deleted_message_with_a_thread_becomes_a_tombstone() -> None:
    tombstone = said(subtype="tombstone", user="USLACKBOT", text="This message was deleted.")
    deletion = read(SLACK.message_changed("C1", tombstone, said(), ts="1767225700.000100"), BOT)

    assert isinstance(deletion, Deletion)
    assert deletion.question_key == f"slack:T0HELP:C1:{TS}"
    assert deletion.place.thread == TS


@pytest.mark.parametrize(
    ("author", "reason"),
    [({"user": "UBOT"}, Ignored.OWN), ({"bot_id": "BBOT"}, Ignored.OWN), ({"bot_id": "BX"}, Ignored.BOT)],
)
def test_a_deleted_message_of_a_bot_is_no_deletion(author: dict, reason: Ignored) -> None:
    assert read(SLACK.message_deleted("C1", said(**author), ts="2.1"), BOT) is reason


def test_a_question_carries_its_files() -> None:
    files = [
        {"id": "F1", "name": "log.txt", "mimetype": "text/plain", "size": 12, "mode": "hosted"},
        {"id": "F2", "file_access": "check_file_info"},
        {"id": "F3", "name": "old.txt", "mode": "tombstone"},
        {"id": "F4", "mode": "hidden_by_limit"},
        {"id": 5},
        "F6",
        None,
    ]
    payload = change(SLACK.message("D1", "UADA", "see this", ts=TS), subtype="file_share", files=files)

    assert read_question(payload).files == (
        SharedFile(id="F1", name="log.txt", media_type="text/plain", size_bytes=12),
        SharedFile(id="F2", name="", media_type="", size_bytes=0),
    )


# Buttons, forms, shortcuts


def test_a_press_is_a_click_with_a_key_of_its_own() -> None:
    action = {"type": "button", "action_id": "helpdesk.claim.1", "action_ts": TS, "value": "slack:T:C:1"}
    payload = SLACK.block_actions("C1", "UADA", POSTED, action)

    first, again = read(payload, BOT), read(payload, BOT)
    another = read(SLACK.block_actions("C1", "UADA", POSTED, action), BOT)

    assert isinstance(first, Pressed)
    assert isinstance(first.event, Click)
    assert (first.event.action, first.event.value, first.event.person_id) == (Action.CLAIM, "slack:T:C:1", "UADA")
    assert (first.event.message_id, first.event.place.thread) == (POSTED["ts"], TS)
    assert first == again
    assert isinstance(another, Pressed)
    assert isinstance(another.event, Click)
    assert another.event.key != first.event.key


@pytest.mark.parametrize("action_id", ["helpdesk.explode.1", "claim", "helpdesk.", "other.claim.1"])
def test_a_button_that_is_none_of_ours_is_no_click(action_id: str) -> None:
    payload = SLACK.block_actions("C1", "UADA", POSTED, {"action_ts": TS, "action_id": action_id, "value": "x"})

    assert read(payload, BOT) is Ignored.OTHER_ACTION


def test_the_shortcut_to_ask_asks_about_the_message_in_its_thread() -> None:
    message = {"type": "message", "user": "UBO", "text": "how do I <@UBOT> ...?", "ts": TS}
    asked = read(SLACK.shortcut("helpdesk_ask", "C1", "UADA", message), BOT)

    assert isinstance(asked, Asked)
    assert asked.question.person_id == "UADA"
    assert asked.question.key == f"slack:T0HELP:C1:{TS}:ask"
    assert (asked.question.place.thread, asked.question.message_id) == (TS, TS)
    assert asked.question.addressed is Addressed.MENTION


def test_the_shortcut_to_ask_reads_an_alert_that_has_no_text_and_the_files_of_a_message() -> None:
    alert = {"bot_id": "BOTHER", "text": "", "ts": TS, "attachments": [{"fallback": "VPN gateway is down"}]}
    report = {"user": "UBO", "text": "what is this?", "ts": TS, "files": [{"id": "F1", "name": "log.txt"}]}

    asked, about_file = (read(SLACK.shortcut("helpdesk_ask", "C1", "UADA", one), BOT) for one in (alert, report))
    assert isinstance(asked, Asked)
    assert isinstance(about_file, Asked)
    assert asked.question.text == "VPN gateway is down"
    assert [file.id for file in about_file.question.files] == ["F1"]


def test_the_shortcut_to_save_is_a_click_that_names_the_message() -> None:
    message = {
        "type": "message",
        "user": "UBO",
        "text": "Use &lt;this&gt;.",
        "ts": TS,
        "thread_ts": "1767225000.000001",
    }
    pressed = read(SLACK.shortcut("helpdesk_save", "C1", "UADA", message), BOT)

    assert isinstance(pressed, Pressed)
    assert isinstance(pressed.event, Click)
    assert (pressed.event.action, pressed.event.value) == (Action.SAVE, f"message:C1:{TS}")
    assert pressed.event.place.thread == "1767225000.000001"
    assert pressed.prefill == "Use <this>."


def test_another_apps_shortcut_is_ignored() -> None:
    payload = SLACK.shortcut("other", "C1", "UADA", {"ts": TS, "text": ""})

    assert read(payload, BOT) is Ignored.OTHER_ACTION


# News


@pytest.mark.parametrize(
    ("event", "news"),
    [
        ({"type": "channel_archive", "channel": "C1", "user": "UADA"}, ChannelNews(kind="channel_archive")),
        ({"type": "channel_rename", "channel": {"id": "C1"}}, ChannelNews(kind="channel_rename")),
        ({"type": "app_uninstalled"}, Revoked(kind="app_uninstalled")),
        ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, Revoked(kind="tokens_revoked")),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["UADA"], "bot": []}}, Ignored.NOT_US),
        ({"type": "channel_id_changed", "old_channel_id": "G1"}, Ignored.MALFORMED),
        ({"type": "user_change", "user": {"id": "UADA", "is_restricted": True}}, PersonChanged(person_id="UADA")),
        ({"type": "user_change", "user": "UADA"}, Ignored.MALFORMED),
        ({"type": "app_home_opened", "user": "UADA", "tab": "home"}, HomeOpened(person_id="UADA")),
        ({"type": "app_home_opened", "user": "UADA", "tab": "messages"}, Ignored.UNKNOWN),
        ({"type": "member_joined_channel", "user": "UADA", "channel": "C1", "event_ts": "1.1"}, Ignored.NOT_US),
        ({"type": "assistant_thread_started"}, Ignored.MALFORMED),
    ],
)
def test_news_are_told_apart(event: dict, news: object) -> None:
    assert read(SLACK.event(event), BOT) == news


def test_the_bot_that_was_invited_knows_by_whom() -> None:
    joined = read(SLACK.joined("C1", "UBOT", inviter="UADA"), BOT)

    assert isinstance(joined, BotJoined)
    assert (joined.place.channel, joined.place.thread, joined.person_id) == ("C1", None, "UADA")


def test_a_pane_is_a_thread_and_looks_at_a_channel() -> None:
    opened = read(SLACK.pane("assistant_thread_started", "D1", "UADA", ts=TS), BOT)
    moved = read(SLACK.pane("assistant_thread_context_changed", "D1", "UADA", ts=TS, context="C1"), BOT)

    assert isinstance(opened, PaneOpened)
    assert (opened.place.channel, opened.place.thread, opened.person_id) == ("D1", TS, "UADA")
    assert isinstance(moved, PaneMoved)
    assert moved.context.channel == "C1"
    assert read(SLACK.pane("assistant_thread_context_changed", "D1", "UADA", ts=TS), BOT) is Ignored.UNCHANGED


def test_a_channel_with_another_id_is_told_with_both() -> None:
    event = {"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": "C9", "event_ts": "1.1"}
    moved = read(SLACK.event(event), BOT)

    assert isinstance(moved, ChannelMoved)
    assert (moved.place.channel, moved.to) == ("G1", "C9")


def test_what_somebody_does_in_words_is_said_by_a_person() -> None:
    said = change(SLACK.message("D1", "UADA", "needs a new laptop", ts=TS), subtype="me_message")

    assert read_question(said).text == "needs a new laptop"


# An organisation of several workspaces (Enterprise Grid)

IN_GRID = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id=BOT.app_id, enterprise_id="E1")


@pytest.mark.parametrize(
    "origin",
    [
        {"authorizations": [{"enterprise_id": "E1", "team_id": "T2", "is_enterprise_install": False}]},
        {"authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]},
        {"authorizations": [], "enterprise_id": "E1"},
    ],
)
def test_another_workspace_of_the_organisation_is_told_from_strangers(origin: dict) -> None:
    payload = SLACK.message("D1", "UADA", "hi", ts=TS) | {"team_id": "T2", "context_team_id": "T2"} | origin

    assert not is_for(payload, IN_GRID)
    assert is_of_our_organisation(payload, IN_GRID)
    assert not is_of_our_organisation(payload, BOT)
    assert not is_of_our_organisation(payload | {"api_app_id": "AOTHER"}, IN_GRID)


def test_a_payload_without_authorizations_counts_where_it_is_received() -> None:
    payload = SLACK.message("C1", "UADA", "hi", ts=TS) | {"team_id": "TOTHER"}
    del payload["authorizations"]

    assert is_for(payload, BOT)
