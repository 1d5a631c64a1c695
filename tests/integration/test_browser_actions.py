"""Buttons, forms, edits and deletions of the page, and what is refused to everyone else."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.events import Action, Addressed, FormName, Outcome
from helpdesk_bot.messages import Button, Field, Form, Notice, Reply
from tests.fakes.browser_desk import BrowserParts

SHARE = Button(action=Action.SHARE, value="k", label="Share here")
REASON = Form(name=FormName.REASON, value="1", title="What was wrong?", fields=(Field(name="words", label="In words"),))


def browser(parts: BrowserParts) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(parts.build_app(), raise_app_exceptions=True),
        base_url="http://desk.example",
        headers={"origin": "http://desk.example", "sec-fetch-site": "same-origin"},
    )


@pytest.fixture
def parts() -> BrowserParts:
    return BrowserParts()


@pytest.fixture
async def client(parts: BrowserParts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(parts) as client:
        yield client


@pytest.fixture
async def conversation(client: httpx.AsyncClient) -> str:
    return (await client.post("/api/chat/conversations", json={})).json()["conversation"]


async def ask(client: httpx.AsyncClient, conversation: str, text: str = "How?") -> str:
    client_id = str(uuid4())
    body = {"conversation": conversation, "client_id": client_id, "text": text}
    assert (await client.post("/api/chat/questions", json=body)).status_code == 202
    return client_id


async def answer(parts: BrowserParts, conversation: str, *buttons: Button) -> int:
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="So.", buttons=buttons)
    return int(await parts.chat.post(browser_place(conversation), reply, marker=f"reply {conversation}"))


def press(conversation: str, message_id: int) -> dict[str, object]:
    pressed = {"press_id": str(uuid4()), "message_id": message_id, "action": "share", "value": "k"}
    return {"conversation": conversation, **pressed}


async def test_a_press_reaches_the_desk_and_its_word_reaches_the_visitor_alone(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str
) -> None:
    parts.desk.reaction = Notice(text="**Shared.**")
    message_id = await answer(parts, conversation, SHARE)
    kept = len(parts.records.messages[conversation])
    response = await client.post("/api/chat/clicks", json=press(conversation, message_id))
    assert response.json() == {"form": None, "notice": "<p><strong>Shared.</strong></p>\n"}
    [click] = parts.desk.clicks
    assert (click.action, click.value, click.message_id) == (Action.SHARE, "k", str(message_id))
    assert len(parts.records.messages[conversation]) == kept


@pytest.mark.parametrize("changes", [{"value": "another"}, {"action": "approve"}, {"message_id": 999}])
async def test_only_a_button_that_is_there_can_be_pressed(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str, changes: dict[str, object]
) -> None:
    message_id = await answer(parts, conversation, SHARE)
    response = await client.post("/api/chat/clicks", json=press(conversation, message_id) | changes)
    assert response.status_code == 404
    assert parts.desk.clicks == []


async def test_a_button_that_an_edit_took_away_can_not_be_pressed(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str
) -> None:
    message_id = await answer(parts, conversation, SHARE)
    await parts.chat.edit(browser_place(conversation), str(message_id), Notice(text="Done."), marker="m")
    assert (await client.post("/api/chat/clicks", json=press(conversation, message_id))).status_code == 404


async def test_a_vote_can_lead_to_a_form_that_is_sent_off(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str
) -> None:
    parts.desk.reaction = REASON
    vote = {"conversation": conversation, "message_id": await answer(parts, conversation), "value": -1}
    form = (await client.post("/api/chat/votes", json=vote)).json()["form"]
    assert form["title"] == "What was wrong?"

    parts.desk.reaction = Notice(text="Thanks.")
    filled = {"press_id": str(uuid4()), "form": form["name"], "value": form["value"], "fields": {"words": " old\0 "}}
    response = await client.post("/api/chat/forms", json={"conversation": conversation, **filled})
    assert "Thanks." in response.json()["notice"]
    [submission] = parts.desk.submissions
    assert (submission.form, submission.value, submission.fields) == (FormName.REASON, "1", {"words": "old"})


async def test_an_edited_question_is_handed_over_with_its_own_key(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str
) -> None:
    client_id = await ask(client, conversation)
    [key] = parts.desk.questions
    body = {"conversation": conversation, "client_id": client_id, "text": "How, on a Mac?"}
    assert (await client.post("/api/chat/edits", json=body)).status_code == 202
    [edit] = parts.desk.edits
    assert (edit.question.key, edit.question.text) == (key, "How, on a Mac?")
    assert edit.question.addressed is Addressed.DIRECT
    assert parts.records.messages[conversation][-1].body["text"] == "How, on a Mac?"


async def test_a_question_that_is_taken_back_can_not_be_edited_any_more(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str
) -> None:
    client_id = await ask(client, conversation)
    [key] = parts.desk.questions
    body = {"conversation": conversation, "client_id": client_id}
    assert (await client.post("/api/chat/deletions", json=body)).status_code == 202
    assert [deletion.question_key for deletion in parts.desk.deletions] == [key]
    assert (await client.post("/api/chat/edits", json={**body, "text": "x"})).status_code == 404


@pytest.mark.parametrize("path", ["edits", "deletions", "clicks", "forms"])
async def test_a_foreign_conversation_is_not_found(
    client: httpx.AsyncClient, parts: BrowserParts, conversation: str, path: str
) -> None:
    client_id = await ask(client, conversation)
    message_id = await answer(parts, conversation, SHARE)
    body = press(conversation, message_id) | {"client_id": client_id, "text": "x", "form": "reason", "fields": {}}
    async with browser(parts) as stranger:
        await stranger.post("/api/chat/conversations", json={})
        assert (await stranger.post(f"/api/chat/{path}", json=body)).status_code == 404
    assert not (parts.desk.edits)
    assert not (parts.desk.deletions)
    assert not (parts.desk.clicks)
    assert not (parts.desk.submissions)


@pytest.mark.parametrize("path", ["edits", "deletions", "clicks", "forms"])
async def test_another_sites_page_can_not_act(client: httpx.AsyncClient, conversation: str, path: str) -> None:
    response = await client.post(
        f"/api/chat/{path}", json={"conversation": conversation}, headers={"origin": "https://evil.example"}
    )
    assert response.status_code == 403


async def test_the_same_edit_of_a_message_is_kept_once(parts: BrowserParts, conversation: str) -> None:
    place = browser_place(conversation)
    message_id = str(await answer(parts, conversation))
    for text in ("One.", "One.", "Two."):
        await parts.chat.edit(place, message_id, Notice(text=text), marker="m")
    edits = [message.body for message in parts.records.messages[conversation] if message.body["kind"] == "edit"]
    assert len(edits) == 2
    await parts.chat.edit(place, message_id, Notice(text="One."), marker="m")
    assert "One." in str(parts.records.messages[conversation][-1].body), "back to what it was before"
    for _ in range(2):
        await parts.chat.withdraw(place, message_id, marker="m")
    assert [message.body["kind"] for message in parts.records.messages[conversation]].count("withdrawal") == 1
