"""What one person is shown for what they do, over HTTP and over Socket Mode: both must tell the desk the same."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from starlette.applications import Starlette

from helpdesk_bot.chat.slack import SlackChat, SlackSocket, build_slack_app, slack_routes
from helpdesk_bot.events import (
    Action,
    AdminCommand,
    Click,
    Deletion,
    Edit,
    FormName,
    Outcome,
    Place,
    PlaceKind,
    Platform,
    Question,
    Submission,
    Vote,
)
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Notice, Reply
from tests.fakes.slack import ErrorWord, Hang, HttpError, Json, RateLimit, SlackServer
from tests.fakes.slack_blocks import said, visible_text
from tests.fakes.slack_desk import RecordingDesk

Send = Callable[[Json], Awaitable[Json]]
"""A payload to the bot; what it answers with."""

OUTCOMES = (Choice(value="done", label="Done"), Choice(value="moot", label="Moot"))
FORM = Form(
    name=FormName.RESOLVE,
    value="case-1",
    title="Resolve this case, whatever its name is",
    fields=(
        Field(name="outcome", label="What became of it?", kind=FieldKind.CHOICE, choices=OUTCOMES, value="moot"),
        Field(name="words", label="In a few words", kind=FieldKind.TEXT, hint="The asker reads this."),
        Field(name="owner", label="Who keeps it up to date?", kind=FieldKind.PERSON, is_required=False),
        Field(name="expires", label="Until when?", kind=FieldKind.DATE, value="2027-01-01"),
        Field(name="title", label="Title", max_chars=80),
    ),
)


@pytest.fixture
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture(params=["http", "socket"])
async def send(
    request: pytest.FixtureRequest, slack: SlackServer, desk: RecordingDesk, chat: SlackChat
) -> AsyncIterator[Send]:
    app = build_slack_app(desk, bot=chat.bot, chat=chat, on_ignored=lambda _: None, take_within_s=0.5)
    async with AsyncExitStack() as stack:
        if request.param == "socket":
            await stack.enter_async_context(SlackSocket(app, app_token=slack.app_token, base_url=slack.base_url))
            await slack.wait_connected()
            yield lambda payload: _deliver(slack, payload)
            return
        routes = slack_routes(app, signing_secret=slack.signing_secret, on_ignored=lambda _: None)
        transport = httpx.ASGITransport(app=Starlette(routes=routes))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://bot.example"))
        yield lambda payload: _post(client, slack, payload)


async def _deliver(slack: SlackServer, payload: Json) -> Json:
    acknowledged = await slack.deliver(payload)
    assert acknowledged is not None
    return acknowledged.get("payload") or {}


async def _post(client: httpx.AsyncClient, slack: SlackServer, payload: Json) -> Json:
    request = slack.request(payload)
    response = await client.post("/slack/events", content=request.body, headers=request.headers)
    assert response.status_code == 200
    return response.json() if response.content else {}


def place(channel: str, thread: str | None = None) -> Place:
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return Place(platform=Platform.SLACK, tenant="T0HELP", channel=channel, thread=thread, kind=kind)


@pytest.fixture
async def posted(slack: SlackServer, chat: SlackChat) -> Json:
    """An answer of the bot with a button, in a thread."""
    buttons = (Button(action=Action.RESOLVE, value="case-1", label="Resolve"),)
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="Yes.", buttons=buttons)
    await chat.post(place("CIT", slack.say("CIT", "UADA", "?")), reply, marker="m1")
    return slack.posted("CIT")[0]


# Buttons and forms


async def test_a_press_opens_a_form_and_the_form_comes_back(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = FORM
    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))
    [(user, view)] = slack.modals
    assert user == "UADA"
    assert [block["block_id"] for block in view["blocks"]] == ["outcome", "words", "owner", "expires", "title"]

    desk.reaction = Notice(text="Thanks, the asker is told.")
    filled = {"words": "It works <now> & then", "owner": "UBO", "title": ""}
    answer = await send(slack.payloads.submission("UADA", view, filled))

    [submission] = desk.of(Submission)
    assert (submission.form, submission.value, submission.person_id) == (FormName.RESOLVE, "case-1", "UADA")
    assert submission.fields == {
        "outcome": "moot",
        "words": "It works <now> & then",
        "owner": "UBO",
        "expires": "2027-01-01",
        "title": "",
    }
    assert submission.place == place("CIT", posted["thread_ts"])
    assert answer == {}
    [whisper] = slack.whispers
    assert (whisper["user"], said(whisper)) == ("UADA", "Thanks, the asker is told.")


async def test_a_press_that_comes_again_has_the_same_key(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    press = slack.payloads.press("CIT", "UADA", posted, "resolve")

    await send(press)
    await send(press)
    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))

    first, again, another = desk.of(Click)
    assert first.key == again.key != another.key


async def test_a_form_that_is_sent_twice_has_one_key(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = FORM
    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))
    view = slack.modals[0][1]

    await send(slack.payloads.submission("UADA", view, {"words": "one"}))
    await send(slack.payloads.submission("UADA", view, {"words": "one"}))

    first, again = desk.of(Submission)
    assert first.key == again.key


async def test_a_form_that_the_desk_can_t_take_stays_open(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = FORM
    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))
    desk.trouble = ConnectionError("the database is down")

    answer = await send(slack.payloads.submission("UADA", slack.modals[0][1], {"words": "one"}))

    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["outcome"]
    assert "try again in a minute" in answer["errors"]["outcome"]


@pytest.mark.parametrize("fault", [HttpError(500), Hang()])
async def test_a_form_that_can_t_be_opened_in_time_is_no_reason_to_take_the_press_twice(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json, fault: Hang | HttpError
) -> None:
    desk.reaction = FORM
    slack.fail("views.open", fault)

    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))

    assert len(desk.of(Click)) == 1
    if isinstance(fault, HttpError):
        assert "press once more" in visible_text(slack.whispers[0]["blocks"])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RateLimit(30), "busy to open the form. Please press once more in 30 seconds"),
        (ErrorWord("expired_trigger_id"), "took too long"),
        (ErrorWord("invalid_arguments"), "did not open the form"),
    ],
)
async def test_who_gets_no_form_hears_why(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json, fault: RateLimit | ErrorWord, words: str
) -> None:
    desk.reaction = FORM
    slack.fail("views.open", fault)
    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))
    assert words in visible_text(slack.whispers[0]["blocks"])


async def test_a_vote_by_button_may_ask_for_a_reason(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = FORM
    await send(slack.payloads.button("CIT", "UADA", posted, at="9.1", is_positive=False))

    assert [(vote.value, vote.message_id) for vote in desk.of(Vote)] == [(-1, posted["ts"])]
    assert len(slack.modals) == 1


async def test_a_reaction_is_answered_with_a_whisper_only(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = FORM
    await send(slack.payloads.reaction("CIT", "UADA", posted["ts"], "-1", at="9.1"))
    desk.reaction = Notice(text="Thanks.")
    await send(slack.payloads.reaction("CIT", "UADA", posted["ts"], "+1", at="9.2"))

    assert slack.modals == []
    [whisper] = slack.whispers
    assert (said(whisper), whisper["thread_ts"]) == ("Thanks.", posted["thread_ts"])


async def test_a_vote_on_any_part_counts_for_the_answer(
    slack: SlackServer, desk: RecordingDesk, send: Send, chat: SlackChat
) -> None:
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="word " * 6_000)
    where = place("CIT", slack.say("CIT", "UADA", "?"))
    async with SlackChat(token=slack.bot_token, base_url=slack.base_url) as another_process:
        first = await another_process.post(where, reply, marker="m1")
    parts = slack.replies("CIT", where.thread or "")

    for number, part in enumerate(parts):
        await send(slack.payloads.reaction("CIT", "UADA", part["ts"], "+1", at=f"9.{number + 1}"))

    assert len(parts) > 2
    assert [vote.message_id for vote in desk.of(Vote)] == [first] * len(parts)


# Messages, edits, deletions, commands


async def test_what_is_said_changed_and_taken_back_is_told(slack: SlackServer, desk: RecordingDesk, send: Send) -> None:
    asked = slack.ask("CIT", "UADA", "how?")
    await send(asked)
    await send(slack.change("CIT", asked["event"]["ts"], "<@UBOT> how, on Linux?"))
    await send(slack.delete("CIT", asked["event"]["ts"]))

    question, edit, deletion = desk.events
    assert isinstance(question, Question)
    assert isinstance(edit, Edit)
    assert isinstance(deletion, Deletion)
    assert question.key == edit.question.key == deletion.question_key
    assert question.place == edit.question.place == deletion.place
    assert edit.question.text == "how, on Linux?"


async def test_a_command_is_answered_to_its_author(slack: SlackServer, desk: RecordingDesk, send: Send) -> None:
    desk.answer = "**handbook**: 12 documents"

    answer = await send(slack.payloads.command("CIT", "UADA", "sources"))

    assert desk.of(AdminCommand)[0].words == ("sources",)
    assert answer["response_type"] == "ephemeral"
    assert said(answer) == "handbook: 12 documents"


# Shortcuts


async def test_ask_helpdesk_asks_in_the_thread_of_the_message(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    ts = slack.say("CIT", "UBO", "does anybody know the VPN address?")

    await send(slack.payloads.shortcut("helpdesk_ask", "CIT", "UADA", slack.channel("CIT").find(ts) or {}))

    [question] = desk.of(Question)
    assert (question.person_id, question.text) == ("UADA", "does anybody know the VPN address?")
    assert question.place == place("CIT", ts)


async def test_ask_helpdesk_answers_in_private_where_the_bot_is_no_member(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    slack.add_channel("COUT", members=["UADA"], has_bot=False)
    slack.add_channel("CSECRET", members=["UADA"], kind="private", has_bot=False)

    for channel in ("COUT", "CSECRET"):
        message = {"type": "message", "user": "UBO", "text": "what is it?", "ts": "1767225600.000200"}
        await send(slack.payloads.shortcut("helpdesk_ask", channel, "UADA", message))

    assert [question.place for question in desk.of(Question)] == [place("DUADA")] * 2


async def test_each_who_asks_in_private_about_a_message_is_answered(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    slack.add_channel("COUT", members=["UADA", "UBO"], has_bot=False)
    message = {"type": "message", "user": "UBO", "text": "what is it?", "ts": "1767225600.000200"}

    for user in ("UADA", "UBO", "UADA"):
        await send(slack.payloads.shortcut("helpdesk_ask", "COUT", user, message))

    asked = {question.key: question.person_id for question in desk.of(Question)}
    assert sorted(asked.values()) == ["UADA", "UBO"]


async def test_save_as_answer_opens_a_form_with_the_words_of_the_message(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    desk.reaction = Form(
        name=FormName.SAVE,
        value="message:CIT:1.1",
        title="Save",
        fields=(Field(name="question", label="Question"), Field(name="answer", label="Answer", kind=FieldKind.TEXT)),
    )
    ts = slack.say("CIT", "UBO", "Use <https://vpn.example.com|the portal> &amp; wait.")

    await send(slack.payloads.shortcut("helpdesk_save", "CIT", "UADA", slack.channel("CIT").find(ts) or {}))

    [click] = desk.of(Click)
    assert (click.action, click.value, click.message_id) == (Action.SAVE, f"message:CIT:{ts}", ts)
    question, answer = slack.modals[0][1]["blocks"]
    assert "initial_value" not in question["element"]
    assert answer["element"]["initial_value"] == "Use the portal (https://vpn.example.com) & wait."


# The pane, the home tab, invitations


async def test_the_pane_greets_once_suggests_and_is_named_after_its_first_question(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    opened = slack.open_pane("UADA")
    thread = opened["event"]["assistant_thread"]["thread_ts"]

    await send(opened)
    await send(opened)
    await send(slack.ask("DUADA", "UADA", "How do I set up VPN?", thread=thread))
    await send(slack.ask("DUADA", "UADA", "And on Linux?", thread=thread))

    assert [said(message) for message in slack.replies("DUADA", thread)] == ["Hello, ask me."]
    assert slack.prompts["DUADA", thread] == ["How do I set up VPN?", "Who is on call?"]
    assert slack.titles["DUADA", thread] == "How do I set up VPN?"
    assert len(slack.calls_of("assistant.threads.setTitle")) == 1
    assert desk.greeted[0] == (place("DUADA", thread), "UADA")


async def test_the_pane_suggests_what_fits_the_channel_beside_it(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    thread = slack.open_pane("UADA")["event"]["assistant_thread"]["thread_ts"]

    moved = slack.payloads.pane("assistant_thread_context_changed", "DUADA", "UADA", ts=thread, context="CIT")
    await send(moved)

    assert desk.greeted == [(place("CIT"), "UADA")]
    assert slack.prompts["DUADA", thread] == ["How do I set up VPN?", "Who is on call?"]
    assert slack.replies("DUADA", thread) == []


async def test_the_home_tab_is_the_persons_own(slack: SlackServer, desk: RecordingDesk, send: Send) -> None:
    await send(slack.payloads.home_opened("UADA"))

    assert list(slack.homes) == ["UADA"]
    assert visible_text(slack.homes["UADA"]["blocks"]).splitlines()[0] == "Your questions"


async def test_the_bot_says_hello_once_where_it_was_invited(
    slack: SlackServer, desk: RecordingDesk, send: Send
) -> None:
    joined = slack.payloads.joined("CIT", "UBOT", inviter="UADA")

    await send(joined)
    await send(joined)
    await send(slack.payloads.joined("CIT", "UBO", inviter="UADA"))

    assert [said(message) for message in slack.posted("CIT")] == ["Hello, ask me."]
    assert {person_id for _, person_id in desk.greeted} == {"UADA"}


async def test_who_became_a_guest_is_one_from_now_on(slack: SlackServer, chat: SlackChat, send: Send) -> None:
    assert not (await chat.get_person("UADA")).is_guest
    slack.add_user("UADA", email="ada@example.com", is_guest=True)
    assert not (await chat.get_person("UADA")).is_guest

    await send(slack.payloads.event({"type": "user_change", "user": {"id": "UADA", "is_restricted": True}}))

    assert (await chat.get_person("UADA")).is_guest


@pytest.mark.parametrize("kind", ["channel_archive", "group_rename"])
async def test_what_nobody_can_act_on_is_acknowledged(
    slack: SlackServer, desk: RecordingDesk, send: Send, kind: str
) -> None:
    assert await send(slack.payloads.event({"type": kind})) == {}
    assert desk.events == []


async def test_a_word_back_that_comes_too_soon_for_slack_comes_a_moment_later(
    slack: SlackServer, desk: RecordingDesk, send: Send, posted: Json
) -> None:
    desk.reaction = Notice(text="Bo has it already.")
    slack.fail("chat.postEphemeral", RateLimit(1))

    await send(slack.payloads.press("CIT", "UADA", posted, "resolve"))

    assert [said(whisper) for whisper in slack.whispers] == ["Bo has it already."]


@pytest.mark.parametrize(
    ("method", "word"), [("views.publish", "not_enabled"), ("chat.postMessage", "restricted_action")]
)
async def test_what_slack_will_never_show_is_not_sent_again(
    slack: SlackServer, desk: RecordingDesk, send: Send, method: str, word: str
) -> None:
    """More than 95 % failures in an hour would disable the app everywhere."""
    slack.fail(method, ErrorWord(word))
    opened, joined = slack.payloads.home_opened("UADA"), slack.payloads.joined("CIT", "UBOT", inviter="UADA")

    assert await send(opened if method == "views.publish" else joined) == {}
