"""What the page asks the server for, and what is refused to everyone else."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import httpx
import psycopg
import pytest

from helpdesk_bot.chat.browser import BrowserLimits
from helpdesk_bot.chat.browser.port import browser_place
from helpdesk_bot.events import Outcome, PlaceKind, Platform
from helpdesk_bot.messages import Reply
from tests.fakes.browser_desk import SUGGESTIONS, VISITOR, BrowserParts, passage

ORIGIN = "http://desk.example"


def browser(parts: BrowserParts, *, scheme: str = "http") -> httpx.AsyncClient:
    """A browser of its own, on our page."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(parts.build_app(), raise_app_exceptions=True),
        base_url=f"{scheme}://desk.example",
        headers={"origin": f"{scheme}://desk.example", "sec-fetch-site": "same-origin"},
    )


@pytest.fixture
def parts() -> BrowserParts:
    return BrowserParts(passages={7: passage(7)})


@pytest.fixture
async def client(parts: BrowserParts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(parts) as client:
        yield client


@pytest.fixture
async def stranger(parts: BrowserParts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(parts) as client:
        await start(client)
        yield client


async def start(client: httpx.AsyncClient, conversation: str | None = None) -> str:
    response = await client.post("/api/chat/conversations", json={"conversation": conversation})
    assert response.status_code == 200
    return response.json()["conversation"]


async def ask(
    client: httpx.AsyncClient, conversation: str, text: str = "How?", *, client_id: str | None = None
) -> httpx.Response:
    body = {"conversation": conversation, "client_id": client_id or str(uuid4()), "text": text}
    return await client.post("/api/chat/questions", json=body)


async def answered(parts: BrowserParts, conversation: str) -> int:
    """The id of a reply in the conversation."""
    reply = Reply(question_key="k", outcome=Outcome.ANSWERED, text="So.")
    return int(await parts.chat.post(browser_place(conversation), reply, marker=f"reply {conversation}"))


async def test_while_the_database_is_away_or_full_a_question_is_refused_with_a_sentence(
    parts: BrowserParts, client: httpx.AsyncClient
) -> None:
    conversation = await start(client)
    parts.desk.failure = psycopg.errors.DiskFull("could not extend file")
    response = await ask(client, conversation)
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert response.json() == {"error": "I can't take anything in at the moment. Try again in a minute."}
    parts.desk.failure = None
    assert (await ask(client, conversation)).status_code == 202


# Conversations


async def test_a_conversation_goes_on_after_a_reload(client: httpx.AsyncClient) -> None:
    conversation = await start(client)
    assert await start(client, conversation) == conversation


async def test_a_new_conversation_is_another_one(client: httpx.AsyncClient) -> None:
    assert await start(client) != await start(client)


async def test_a_foreign_conversation_is_not_resumed(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    conversation = await start(client)
    assert await start(stranger, conversation) != conversation


async def test_a_visitor_stays_the_same_visitor(client: httpx.AsyncClient) -> None:
    await start(client)
    secret = client.cookies["helpdesk"]
    await start(client)
    assert client.cookies["helpdesk"] == secret


async def test_the_page_itself_sets_no_cookie(client: httpx.AsyncClient) -> None:
    """A link from another site opens the page without the strict cookie; a fresh one would replace it."""
    assert "set-cookie" not in (await client.get("/")).headers


async def test_a_planted_cookie_opens_no_conversation_of_its_victim(parts: BrowserParts) -> None:
    planted = "p" * 43
    async with browser(parts) as victim, browser(parts) as attacker:
        for one in (victim, attacker):
            one.cookies.set("helpdesk", planted)
        conversation = await start(victim)
        assert await start(attacker) != conversation
        guessed = conversation[:22] + "A" * 22
        assert (await ask(attacker, guessed)).status_code == 404


async def test_over_https_the_cookie_is_bound_to_the_host(parts: BrowserParts) -> None:
    async with browser(parts, scheme="https") as client:
        response = await client.post("/api/chat/conversations", json={})
        cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-helpdesk=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


# Questions


async def test_a_question_is_taken_in(client: httpx.AsyncClient, parts: BrowserParts) -> None:
    conversation, client_id = await start(client), str(uuid4())
    response = await ask(client, conversation, "  How do I reset my token?\n", client_id=client_id)
    assert response.status_code == 202
    [question] = parts.desk.questions.values()
    assert question.key == f"browser:{conversation}:{client_id}"
    assert question.text == "How do I reset my token?"
    assert question.person_id == VISITOR.id
    assert question.message_id == str(response.json()["message_id"])
    assert question.place.conversation_id == f"browser::{conversation}:"
    assert (question.place.platform, question.place.kind) == (Platform.BROWSER, PlaceKind.DIRECT)


async def test_a_double_click_is_one_question(client: httpx.AsyncClient, parts: BrowserParts) -> None:
    conversation, client_id = await start(client), str(uuid4())
    first = await ask(client, conversation, client_id=client_id)
    second = await ask(client, conversation, client_id=client_id.upper())
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == {"message_id": 1, "is_new": True}
    assert second.json() == {"message_id": 1, "is_new": False}
    assert len(parts.desk.questions) == len(parts.records.messages[conversation]) == 1


async def test_the_same_click_in_another_conversation_is_another_question(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    client_id = str(uuid4())
    for conversation in (await start(client), await start(client)):
        await ask(client, conversation, client_id=client_id)
    assert len(parts.desk.questions) == 2


async def test_a_question_that_was_not_accepted_is_accepted_when_it_is_sent_again(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    conversation, client_id = await start(client), str(uuid4())
    parts.desk.failure = ConnectionError()
    with pytest.raises(ConnectionError):
        await ask(client, conversation, client_id=client_id)
    parts.desk.failure = None
    assert (await ask(client, conversation, client_id=client_id)).json() == {"message_id": 1, "is_new": True}


@pytest.mark.parametrize("text", ["", "  \n\t ", "\0"])
async def test_an_empty_question_is_refused_with_what_to_do(client: httpx.AsyncClient, text: str) -> None:
    response = await ask(client, await start(client), text)
    assert response.status_code == 400
    assert response.json() == {"error": "Type a question first."}


async def test_a_long_question_is_taken_and_a_longer_one_is_refused(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    conversation = await start(client)
    assert (await ask(client, conversation, "\U0001f600" * 8_000)).status_code == 202
    response = await ask(client, conversation, "x" * 8_001)
    assert response.status_code == 400
    assert response.json() == {"error": "A question can have 8,000 characters; this has 8,001. Shorten it."}
    assert len(parts.desk.questions) == len(parts.records.messages[conversation]) == 1


async def test_what_postgres_can_not_store_is_taken_out(client: httpx.AsyncClient, parts: BrowserParts) -> None:
    body = {"conversation": await start(client), "client_id": str(uuid4()), "text": "a\0b\ud800c \U0001f600"}
    response = await client.post(
        "/api/chat/questions", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert response.status_code == 202
    assert [question.text for question in parts.desk.questions.values()] == ["ab\ufffdc \U0001f600"]


async def test_too_many_questions_from_one_address_have_to_wait() -> None:
    parts = BrowserParts(limits=BrowserLimits(questions_per_minute=2))
    async with browser(parts) as client:
        conversation = await start(client)
        responses = [await ask(client, conversation) for _ in range(3)]
    assert [response.status_code for response in responses] == [202, 202, 429]
    assert responses[2].headers["retry-after"] == "10"
    assert len(parts.desk.questions) == 2


# Nobody else's conversation


async def test_a_stranger_can_not_touch_a_conversation(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, parts: BrowserParts
) -> None:
    conversation = await start(client)
    message_id = await answered(parts, conversation)
    vote = {"conversation": conversation, "message_id": message_id, "value": 1}
    refusals = [
        await ask(stranger, conversation),
        await stranger.get("/api/chat/events", params={"conversation": conversation}),
        await stranger.post("/api/chat/votes", json=vote),
        await stranger.get("/api/chat/passages/7", params={"conversation": conversation}),
    ]
    assert [response.status_code for response in refusals] == [404] * 4
    assert {response.json()["error"] for response in refusals} == {
        "This conversation isn't open in this browser. Start a new one."
    }
    assert parts.desk.questions == {}
    assert parts.desk.votes == []


async def test_a_conversation_that_never_was_looks_like_a_foreign_one(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    foreign = await ask(stranger, await start(client))
    missing = await ask(stranger, "A" * 44)
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)


async def test_without_the_cookie_there_is_no_conversation(parts: BrowserParts, client: httpx.AsyncClient) -> None:
    conversation = await start(client)
    client.cookies.clear()
    assert (await ask(client, conversation)).status_code == 404
    assert (await client.get("/api/chat/passages/7", params={"conversation": conversation})).status_code == 404


# Nobody else's page

FOREIGN = [
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example", "sec-fetch-site": ""},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "http://other.desk.example", "sec-fetch-site": "same-site"},
    {"origin": "http://desk.example:81", "sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/api/chat/conversations", "/api/chat/questions", "/api/chat/votes"])
async def test_another_sites_page_can_not_send(
    client: httpx.AsyncClient, parts: BrowserParts, path: str, headers: dict[str, str]
) -> None:
    conversation = await start(client)
    message_id = await answered(parts, conversation)
    body = {"conversation": conversation, "client_id": str(uuid4()), "text": "x", "message_id": message_id, "value": 1}
    response = await client.post(path, json=body, headers=headers)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert parts.desk.questions == {}
    assert parts.desk.votes == []


async def test_a_request_that_does_not_say_where_it_is_from_is_refused(parts: BrowserParts) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(parts.build_app()), base_url=ORIGIN) as client:
        assert (await client.post("/api/chat/conversations", json={})).status_code == 403


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_what_a_foreign_form_could_send_is_refused(client: httpx.AsyncClient, media_type: str) -> None:
    response = await client.post("/api/chat/conversations", content=b"{}", headers={"content-type": media_type})
    assert response.status_code == 415


async def test_nothing_is_shared_with_other_origins(client: httpx.AsyncClient) -> None:
    response = await client.options("/api/chat/questions", headers={"access-control-request-method": "POST"})
    assert response.status_code == 405
    for path in ("/", "/api/chat/suggestions"):
        assert "access-control-allow-origin" not in (await client.get(path)).headers


# Bodies


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"conversation": 1, "client_id": 2, "text": 3}',
        b'{"conversation": "x", "client_id": "no uuid", "text": "x"}',
    ],
)
async def test_an_unreadable_body_is_refused_plainly(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post("/api/chat/questions", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json() == {"error": "The help desk couldn't read that. Reload the page and try again."}


async def test_a_huge_body_is_refused(client: httpx.AsyncClient, parts: BrowserParts) -> None:
    assert (await ask(client, await start(client), "x" * 70_000)).status_code == 413
    assert parts.desk.questions == {}


async def test_a_huge_body_that_does_not_announce_itself_is_refused(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    response = await client.post("/api/chat/questions", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413


# Votes


@pytest.mark.parametrize("value", [1, -1, 0])
async def test_a_vote_reaches_the_desk_and_the_page(client: httpx.AsyncClient, parts: BrowserParts, value: int) -> None:
    conversation = await start(client)
    message_id = await answered(parts, conversation)
    vote = {"conversation": conversation, "message_id": message_id, "value": value}
    assert (await client.post("/api/chat/votes", json=vote)).status_code == 200
    [recorded] = parts.desk.votes
    assert (recorded.message_id, recorded.value, recorded.via) == (str(message_id), value, "button")
    assert recorded.place == browser_place(conversation)
    assert parts.records.messages[conversation][-1].body == {"kind": "vote", "message_id": message_id, "value": value}


async def test_a_vote_counts_for_replies_of_the_same_conversation_only(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    conversation, other = await start(client), await start(client)
    elsewhere = await answered(parts, other)
    question = (await ask(client, conversation)).json()["message_id"]
    for message_id in (elsewhere, question, 0, -5, 10**6):
        vote = {"conversation": conversation, "message_id": message_id, "value": 1}
        assert (await client.post("/api/chat/votes", json=vote)).status_code == 404
    assert parts.desk.votes == []


@pytest.mark.parametrize("value", [2, -2, 0.5, "x", None, 10**30])
async def test_a_vote_of_another_value_is_refused(
    client: httpx.AsyncClient, parts: BrowserParts, value: object
) -> None:
    conversation = await start(client)
    vote = {"conversation": conversation, "message_id": await answered(parts, conversation), "value": value}
    assert (await client.post("/api/chat/votes", json=vote)).status_code == 400


# Passages


async def test_a_passage_is_opened(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/chat/passages/7", params={"conversation": await start(client)})
    assert response.status_code == 200
    assert response.json()["html"] == "<p>Open <strong>Self-service</strong> and choose <em>Reset token</em>.</p>\n"
    assert response.headers["cache-control"] == "no-store"


async def test_a_passage_that_may_not_be_read_looks_like_one_that_never_was(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    params = {"conversation": await start(client)}
    del parts.passages[7]
    forbidden = await client.get("/api/chat/passages/7", params=params)
    missing = await client.get("/api/chat/passages/99999999999", params=params)
    assert (forbidden.status_code, forbidden.content) == (404, missing.content)


async def test_a_passage_with_an_address_that_is_no_web_address_has_none(
    client: httpx.AsyncClient, parts: BrowserParts
) -> None:
    parts.passages[8] = passage(8, url="javascript:alert(1)", title="<script>", text="<script>alert(1)</script>")
    shown = (await client.get("/api/chat/passages/8", params={"conversation": await start(client)})).json()
    assert shown["url"] is None
    assert shown["html"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


async def test_ids_that_postgres_can_not_hold_never_reach_it(parts: BrowserParts, client: httpx.AsyncClient) -> None:
    conversation = await start(client)
    parts.passages[2**63] = passage(7)
    response = await client.get(f"/api/chat/passages/{2**63}", params={"conversation": conversation})
    assert response.status_code == 404
    vote = {"conversation": conversation, "message_id": 2**63, "value": 1}
    assert (await client.post("/api/chat/votes", json=vote)).status_code == 400


async def test_a_chunk_id_that_is_no_number_is_not_found(client: httpx.AsyncClient) -> None:
    conversation = await start(client)
    for chunk_id in ("x", "-1", "1;drop", "..%2f..%2fetc"):
        response = await client.get(f"/api/chat/passages/{chunk_id}", params={"conversation": conversation})
        assert response.status_code == 404


# The page


async def test_suggestions_are_those_handed_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/chat/suggestions")).json() == {"suggestions": list(SUGGESTIONS)}


async def test_the_page_names_its_files_by_version_and_they_may_be_kept_for_good(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(addresses) == 4
    for address in addresses:
        response = await client.get(address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_every_module_that_a_script_imports_is_there(client: httpx.AsyncClient) -> None:
    version = re.search(r"/static/([0-9a-f]+)/chat\.js", (await client.get("/")).text)
    assert version
    to_read, seen = ["chat.js"], set[str]()
    while to_read:
        name = to_read.pop()
        response = await client.get(f"/static/{version[1]}/{name}")
        assert (response.status_code, response.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        seen.add(name)
        to_read += set(re.findall(r'from "\./([a-z]+\.js)"', response.text)) - seen
    assert len(seen) > 1


async def test_a_file_under_another_version_is_not_kept(client: httpx.AsyncClient) -> None:
    response = await client.get("/static/0123456789abcdef/chat.css")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["index.html", "..%2f__init__.py", "%2e%2e/site.py", "nothing.js", "chat.css%00"])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/v/{name}")).status_code == 404


async def test_the_page_runs_no_inline_script_and_needs_no_other_host(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert re.findall(r"<script(?![^>]*\bsrc=\"/static/)[^>]*>", page) == []
    assert re.findall(r"\son[a-z]+=|\sstyle=|<style", page) == []
    assert re.findall(r"https?://", page) == []


@pytest.mark.parametrize(
    "path", ["/", "/static/v/chat.css", "/static/v/none", "/api/chat/suggestions", "/api/chat/events"]
)
async def test_every_response_is_fenced_in(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"


# Earlier conversations


async def test_earlier_conversations_are_listed_by_how_they_begin(client: httpx.AsyncClient) -> None:
    first, second, empty = await start(client), await start(client), await start(client)
    await ask(client, first, "How do I print?")
    await ask(client, first, "And in colour?")
    await ask(client, second, "Where is the IT Bar?")
    wanted = [second, empty, first, first]
    listed = (await client.post("/api/chat/conversations/list", json={"conversations": wanted})).json()
    assert [(one["conversation"], one["beginning"]) for one in listed["conversations"]] == [
        (second, "Where is the IT Bar?"),
        (first, "How do I print?"),
    ]
    assert all(datetime.fromisoformat(one["at"]).tzinfo for one in listed["conversations"])


async def test_a_conversation_begins_with_what_its_visitor_left_in_it(client: httpx.AsyncClient) -> None:
    conversation, only_deleted = await start(client), await start(client)
    deleted, edited = str(uuid4()), str(uuid4())
    await ask(client, conversation, "A secret", client_id=deleted)
    await ask(client, conversation, "How do I prnt?", client_id=edited)
    edit = {"conversation": conversation, "client_id": edited, "text": "How do I print?"}
    await client.post("/api/chat/edits", json=edit)
    await client.post("/api/chat/deletions", json={"conversation": conversation, "client_id": deleted})
    await ask(client, only_deleted, "Another secret", client_id=deleted)
    await client.post("/api/chat/deletions", json={"conversation": only_deleted, "client_id": deleted})
    wanted = {"conversations": [conversation, only_deleted]}
    listed = (await client.post("/api/chat/conversations/list", json=wanted)).json()["conversations"]
    assert [one["beginning"] for one in listed] == ["How do I print?"]


async def test_nobody_elses_conversation_is_listed(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    conversation = await start(client)
    await ask(client, conversation)
    await start(stranger)
    listed = await stranger.post("/api/chat/conversations/list", json={"conversations": [conversation, "A" * 44]})
    assert (listed.status_code, listed.json()) == (200, {"conversations": []})
    client.cookies.clear()
    listed = await client.post("/api/chat/conversations/list", json={"conversations": [conversation]})
    assert listed.json() == {"conversations": []}


async def test_more_conversations_than_the_page_remembers_are_refused(client: httpx.AsyncClient) -> None:
    listed = await client.post("/api/chat/conversations/list", json={"conversations": ["A" * 44] * 31})
    assert listed.status_code == 400
