"""Teams' activities through the signed endpoint: taken in before they are acknowledged, answered as Teams expects."""

import json
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from helpdesk_bot.events import Action, Addressed, Click, Edit, FormName, Outcome, PlaceKind, Question, Submission, Vote
from helpdesk_bot.messages import Button, Choice, Field, FieldKind, Form, Notice, Reply
from knowledge.postgres import Pool
from tests.fakes.teams import Fail, Json, TeamsServer
from tests.fakes.teams_desk import TeamsOffice, open_teams_office
from tests.thorough import tried

RECORDED = Path(__file__).parents[1] / "fakes" / "teams_activities"
REASON = Form(
    name=FormName.REASON,
    value="message-1",
    title="What was wrong?",
    fields=(
        Field(name="kind", label="Kind", kind=FieldKind.CHOICE, choices=(Choice(value="old", label="Outdated"),)),
        Field(name="words", label="In your words", kind=FieldKind.TEXT, is_required=False),
    ),
)
CLAIM = Button(action=Action.CLAIM, value="case-1", label="Claim")
STAFF = "19:staff@thread.tacv2"


@pytest.fixture
async def teams() -> AsyncGenerator[TeamsServer]:
    async with TeamsServer() as teams:
        for user in ("ada", "bo"):
            teams.add_user(user, email=f"{user}@example.com")
        teams.add_personal("ada")
        teams.add_channel("staff", ["ada", "bo"])
        yield teams


@pytest.fixture
async def office(pool: Pool, teams: TeamsServer) -> AsyncGenerator[TeamsOffice]:
    async with open_teams_office(pool, teams) as office:
        yield office


async def posted(office: TeamsOffice, message: Reply | Notice, conversation: str = "a:ada") -> str:
    mention = conversation.startswith("19:")
    question = await office.hear(office.teams.message(conversation, "ada", "how?", mention=mention))
    return await office.chat.post(question.place, message, marker="m")


def answer(text: str = "So.") -> Reply:
    return Reply(question_key="q", outcome=Outcome.ANSWERED, text=text)


async def test_a_question_is_acknowledged_when_the_desk_has_it(office: TeamsOffice) -> None:
    response = await office.tell(office.teams.message("a:ada", "ada", "how?"))
    assert (response.status_code, response.content) == (200, b"")
    assert isinstance(office.desk.heard[0], Question)


async def test_without_a_desk_nothing_is_acknowledged(office: TeamsOffice) -> None:
    office.desk.error = psycopg.OperationalError("gone")
    assert (await office.tell(office.teams.message("a:ada", "ada", "how?"))).status_code == 503
    press = office.teams.press("a:ada", "ada", {"type": "Action.Execute", "verb": "helpdesk", "data": carry("claim")})
    response = await office.tell(press)
    assert response.status_code == 200
    assert "try again" in response.json()["value"]


async def test_unsigned_and_misdirected_requests_reach_nobody(office: TeamsOffice) -> None:
    activity = office.teams.message("a:ada", "ada", "how?")
    assert (await office.tell(activity, header=None)).status_code == 401
    assert (await office.tell({**activity, "channelId": "webchat"})).status_code == 403
    form = await office.client.post("/teams/messages", content=json.dumps(activity))
    assert form.status_code == 415
    assert (await office.client.get("/teams/messages")).status_code == 405
    large = {"content-type": "application/json", "Authorization": office.teams.sign(activity)}
    body = json.dumps({**activity, "text": "x" * 2_000_000})
    assert (await office.client.post("/teams/messages", content=body, headers=large)).status_code == 413
    deep = "[" * 100_000
    assert (await office.client.post("/teams/messages", content=deep, headers=large)).status_code in {400, 401, 403}
    assert office.desk.heard == []


async def test_an_edited_message_and_a_deleted_one_reach_the_desk(office: TeamsOffice) -> None:
    asked = office.teams.message("a:ada", "ada", "how?")
    await office.tell(asked)
    await office.tell({**asked, "type": "messageUpdate", "text": "how, then?"})
    await office.tell({**asked, "type": "messageDelete", "text": None})
    question, edit, deletion = office.desk.heard
    assert isinstance(edit, Edit)
    assert edit.question.key == deletion.question_key == question.key


async def test_what_is_asked_for_the_bot_alone_in_a_channel_is_answered_in_private(office: TeamsOffice) -> None:
    """learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages"""
    asked = office.teams.message(STAFF, "ada", "how?", mention=False)
    asked["recipient"] = {**asked["recipient"], "isTargeted": True}
    question = await office.hear(asked)
    assert (question.place.kind, question.place.channel) == (PlaceKind.DIRECT, "a:ada")
    assert question.addressed is Addressed.DIRECT

    edited = await office.hear({**asked, "type": "messageUpdate", "text": "how, please?"})
    assert edited.question.place == question.place


async def test_where_no_private_chat_can_be_opened_nothing_is_said_aloud(office: TeamsOffice) -> None:
    office.teams.add_user("cy", email="cy@example.com")
    office.teams.conversation(STAFF).members.append("cy")
    asked = office.teams.message(STAFF, "cy", "how?", mention=False)
    asked["recipient"] = {**asked["recipient"], "isTargeted": True}
    office.teams.fail("create", Fail(403, "BotNotInConversationRoster"))
    assert (await office.tell(asked)).status_code == 200
    assert office.desk.heard == []
    assert office.ignored == ["targeted"]


async def test_a_reaction_on_any_part_is_a_vote_on_the_first_and_one_elsewhere_is_none(office: TeamsOffice) -> None:
    first = await posted(office, answer("word " * 9_000))
    last = office.teams.shown("a:ada")[-1]["id"]
    assert last != first
    like = {"reactionsAdded": [{"type": "like"}], "replyToId": last}
    vote = await office.hear(office.teams.activity("a:ada", "ada", "messageReaction", **like))
    assert isinstance(vote, Vote)
    assert (vote.message_id, vote.value) == (first, 1)
    await office.tell(office.teams.activity("a:ada", "ada", "messageReaction", **{**like, "replyToId": "elsewhere"}))
    assert office.ignored == ["not_our_message"]


async def test_the_thumbs_are_a_vote_and_their_words_the_reason(office: TeamsOffice) -> None:
    message_id = await posted(office, answer())
    office.desk.on_vote = REASON
    given = {"reaction": "dislike", "feedback": json.dumps({"feedbackText": "it is old"})}
    value = {"actionName": "feedback", "actionValue": given}
    for on in (message_id, ""):  # the playground does not say which message
        response = await office.tell(office.teams.invoke("a:ada", "ada", "message/submitAction", value, on=on))
        assert (response.status_code, response.json()) == (200, {})
        vote, submission = office.desk.heard[-2:]
        assert (vote.value, vote.message_id) == (-1, message_id)
        assert isinstance(submission, Submission)
        assert (submission.form, submission.value, submission.fields) == (
            FormName.REASON,
            "message-1",
            {"kind": "old", "words": "it is old"},
        )


async def test_thumbs_without_words_give_no_reason_and_thanks_are_whispered(office: TeamsOffice) -> None:
    message_id = await posted(office, answer(), STAFF)
    office.desk.on_vote = Notice(text="Thank you: Bo will look at it.")
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}
    await office.tell(office.teams.invoke(STAFF, "ada", "message/submitAction", value, on=message_id))
    assert isinstance(office.desk.heard[-1], Vote)
    assert office.teams.shown("a:ada")[-1]["text"] == "Thank you: Bo will look at it."


async def test_our_own_form_under_the_thumbs(office: TeamsOffice) -> None:
    message_id = await posted(office, answer())
    office.desk.on_vote = REASON
    value = {"actionName": "feedback", "actionValue": {"reaction": "dislike"}}
    shown = (await office.tell(office.teams.invoke("a:ada", "ada", "message/fetchTask", value, on=message_id))).json()
    card = shown["task"]["value"]["card"]["content"]
    assert [element["id"] for element in card["body"]] == ["field_kind", "field_words"]
    filled = {**card["actions"][0]["data"], "field_kind": "old"}
    given = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": json.dumps(filled)}}
    await office.tell(office.teams.invoke("a:ada", "ada", "message/submitAction", given, on=message_id))
    assert office.desk.heard[-1].fields == {"kind": "old"}


def carry(name: str, kind: str = "click") -> Json:
    return {"helpdesk": {"kind": kind, "name": name, "value": "case-1"}}


async def test_a_button_is_a_click_with_a_word_back_and_a_second_delivery_has_the_same_key(office: TeamsOffice) -> None:
    await posted(office, Notice(text="A case.", buttons=(CLAIM,)), STAFF)
    shown = office.teams.shown(STAFF)[-1]
    action = shown["attachments"][0]["content"]["actions"][0]
    office.desk.on_click = Notice(text="It is **yours**.")
    press = office.teams.press(STAFF, "bo", action, on=shown["id"])
    for _ in range(2):
        response = await office.tell(press)
        assert response.json() == {
            "statusCode": 200,
            "type": "application/vnd.microsoft.activity.message",
            "value": "It is yours.",
        }
    first, second = office.desk.heard[-2:]
    assert isinstance(first, Click)
    assert (first.key, first.action, first.person_id, first.message_id) == (
        second.key,
        Action.CLAIM,
        "aad-bo",
        shown["id"],
    )


async def test_a_button_that_needs_a_form_opens_a_dialog_and_what_is_sent_off_closes_it(office: TeamsOffice) -> None:
    await posted(
        office, Notice(text="A case.", buttons=(Button(action=Action.RESOLVE, value="case-1", label="R"),)), STAFF
    )
    action = office.teams.shown(STAFF)[-1]["attachments"][0]["content"]["actions"][0]
    office.desk.on_click = Form(name=FormName.RESOLVE, value="case-1", title="Resolve", fields=REASON.fields)
    shown = (await office.tell(office.teams.press(STAFF, "bo", action))).json()
    assert shown["task"]["type"] == "continue"
    send = shown["task"]["value"]["card"]["content"]["actions"][0]
    value = {"data": {**send["data"], "field_words": "done"}}
    office.desk.on_submit = Notice(text="Closed.")
    closed = await office.tell(office.teams.invoke(STAFF, "bo", "task/submit", value))
    assert closed.json() == {"task": {"type": "message", "value": "Closed."}}
    assert office.desk.heard[-1].fields == {"words": "done"}


async def test_where_there_are_no_dialogs_the_form_takes_the_cards_place(pool: Pool, teams: TeamsServer) -> None:
    from helpdesk_bot.chat.teams import Look

    async with open_teams_office(pool, teams, look=Look(with_dialogs=False)) as office:
        resolve = Button(action=Action.RESOLVE, value="case-1", label="R")
        await posted(office, Notice(text="A case.", buttons=(resolve,)), STAFF)
        action = office.teams.shown(STAFF)[-1]["attachments"][0]["content"]["actions"][0]
        office.desk.on_click = Form(name=FormName.RESOLVE, value="case-1", title="Resolve", fields=REASON.fields)
        shown = (await office.tell(office.teams.press(STAFF, "bo", action))).json()
        assert shown["type"] == "application/vnd.microsoft.card.adaptive"
        send, cancel = shown["value"]["actions"]
        await office.tell(office.teams.press(STAFF, "bo", send, inputs={"field_words": "done"}))
        assert office.desk.heard[-1].fields == {"words": "done"}
        heard = len(office.desk.heard)
        await office.tell(office.teams.press(STAFF, "bo", cancel))
        assert len(office.desk.heard) == heard


async def test_a_place_is_greeted_once(office: TeamsOffice) -> None:
    arrival = office.teams.activity("a:ada", "ada", "installationUpdate", action="add")
    for _ in range(2):
        assert (await office.tell(arrival)).status_code == 200
    shown, card = office.teams.shown("a:ada")
    assert shown["text"] == "Hello, ask me anything."
    [action] = card["attachments"][0]["content"]["actions"]
    assert action["data"] == {"msteams": {"type": "imBack", "value": "How do I print?"}}


async def test_a_place_that_the_bot_left_is_forgotten(office: TeamsOffice) -> None:
    question = await office.hear(office.teams.message("a:ada", "ada", "how?"))
    await office.tell(office.teams.activity("a:ada", "ada", "installationUpdate", action="remove"))
    assert await office.chat.records.find_conversation("tenant-1", question.place.channel) is None
    await office.hear(office.teams.message("a:ada", "ada", "again?"))
    assert await office.chat.records.find_conversation("tenant-1", question.place.channel) is not None


JUNK: list[Any] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [None],
    {"id": None},
    {"a": {"b": []}},
    "\ud800",
    "\0",
    2**70,
]


def mutate(value: Any, dice: random.Random) -> Any:
    """One thing in it is gone, doubled, or another."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        name = dice.choice(list(value))
        rest = {key: one for key, one in value.items() if key != name}
        if dice.random() < 0.25:
            return rest
        return {**rest, name: mutate(value[name], dice)}
    if isinstance(value, list) and value and dice.random() < 0.7:
        return [*value, mutate(value[0], dice)]
    return dice.choice(JUNK)


ACTIVITIES = tried(1_000, thoroughly=5_000)


async def test_thousands_of_misshapen_activities_are_counted_and_none_is_an_error(office: TeamsOffice) -> None:
    """The endpoint's work behind the gate, which is tried by itself: no token can be had for another body."""
    from helpdesk_bot.chat.teams import Intake
    from helpdesk_bot.chat.teams.payloads import read_envelope

    recorded = [json.loads(path.read_text())["activity"] for path in sorted(RECORDED.glob("*.json"))]
    assert len(recorded) >= 8
    ignored: list[str] = []
    intake = Intake(office.desk, chat=office.chat, on_ignored=ignored.append)
    dice = random.Random(20261122)
    for number in range(ACTIVITIES):
        body = mutate(recorded[number % len(recorded)], dice)
        read_envelope(body)
        answer = await intake.take(body)
        assert answer.status == 200, body
        json.dumps(answer.body)
    assert len(ignored) + len(office.desk.heard) >= ACTIVITIES / 2
    assert {"malformed", "unknown", "no_sender", "no_place"} <= set(ignored)


async def test_misshapen_activities_over_http_are_never_our_fault(office: TeamsOffice) -> None:
    dice = random.Random(7)
    good = office.teams.message("a:ada", "ada", "how?")
    header = office.teams.sign(good)
    for _ in range(300):
        body = mutate(good, dice)
        content = json.dumps(body)
        headers = {"content-type": "application/json", "Authorization": header}
        response = await office.client.post("/teams/messages", content=content, headers=headers)
        assert response.status_code in {200, 401, 403}, body


async def test_who_can_not_be_written_to_reads_it_where_they_pressed(office: TeamsOffice) -> None:
    """Who never added the bot has no personal chat with it, and Teams opens none."""
    await office.hear(office.teams.message(STAFF, "bo", "how?", mention=True))
    office.desk.on_click = Notice(text="Case 7 is **yours**.", buttons=(CLAIM,))
    press = office.teams.press(STAFF, "bo", {"type": "Action.Execute", "verb": "helpdesk", "data": carry("claim")})
    office.teams.fail("create", Fail(403, "ForbiddenOperationException"))
    assert (await office.tell(press)).json()["value"] == "Case 7 is yours."
