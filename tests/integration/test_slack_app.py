"""From Slack's signed request to the desk, through Starlette and bolt."""

import asyncio
import copy
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from hmac import compare_digest
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from helpdesk_bot.chat.slack import SlackBot, build_slack_app, slack_routes
from helpdesk_bot.chat.slack.forms import FORM_CALLBACK
from helpdesk_bot.chat.slack.intake import Intake
from helpdesk_bot.chat.slack.routes import MAX_BODY_BYTES
from helpdesk_bot.events import AdminCommand, Deletion, Edit, Question, Vote
from tests.fakes.slack_blocks import check_blocks, find_live, said
from tests.fakes.slack_desk import RecordingDesk
from tests.fakes.slack_payloads import SignedRequest, SlackPayloads, encode, sign, signed_request

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
SLACK = SlackPayloads(team_id="T0HELP", app_id="A0HELP", bot_user_id="UBOT")
TS = "1767225600.000200"


@pytest.fixture
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture
def ignored() -> Counter[str]:
    return Counter()


@pytest.fixture
def app(desk: RecordingDesk, ignored: Counter[str]) -> AsyncApp:
    return build_slack_app(desk, bot=BOT, on_ignored=lambda reason: ignored.update([reason]), take_within_s=0.5)


@pytest.fixture
async def client(app: AsyncApp, ignored: Counter[str]) -> AsyncIterator[httpx.AsyncClient]:
    routes = slack_routes(app, signing_secret=SECRET, on_ignored=lambda reason: ignored.update([reason]))
    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        yield client


async def post(client: httpx.AsyncClient, request: SignedRequest) -> httpx.Response:
    return await client.post("/slack/events", content=request.body, headers=request.headers)


async def send(client: httpx.AsyncClient, payload: dict | bytes, **how: object) -> httpx.Response:
    return await post(client, signed_request(SECRET, payload, **how))


PAYLOADS: dict[str, dict] = {
    "app_mention": SLACK.app_mention("C1", "UADA", "<@UBOT> how do I set up VPN?", ts=TS),
    "message": SLACK.message("D1", "UADA", "how?", ts=TS),
    "reaction": SLACK.reaction("C1", "UADA", "1767225599.000100", "+1", at=TS),
    "button": SLACK.block_actions(
        "C1",
        "UADA",
        {"ts": "1767225599.000100", "thread_ts": TS},
        {"type": "feedback_buttons", "action_id": "helpdesk_vote", "value": "down k", "action_ts": TS},
    ),
    "command": SLACK.command("C1", "UADA", "status"),
    "overheard": SLACK.message("C1", "UADA", "lunch?", ts=TS),
    "edit": SLACK.message_changed(
        "C1",
        {"user": "UADA", "text": "new", "ts": TS, "edited": {"user": "UADA", "ts": "1767225601.000100"}},
        {"user": "UADA", "text": "old", "ts": TS},
        ts="1767225601.000200",
    ),
    "deletion": SLACK.message_deleted("C1", {"user": "UADA", "text": "old", "ts": TS}, ts="1767225601.000200"),
    "press": SLACK.block_actions(
        "C1",
        "UADA",
        {"ts": "1767225599.000100", "thread_ts": TS},
        {"type": "button", "action_id": "helpdesk.claim.1", "value": "k", "action_ts": TS},
    ),
    "form": SLACK.submission(
        "UADA",
        {
            "id": "V1",
            "type": "modal",
            "callback_id": FORM_CALLBACK,
            "private_metadata": json.dumps({"form": "answer", "value": "k", "channel": "C1", "thread": TS}),
            "blocks": [
                {"type": "input", "block_id": "words", "element": {"type": "plain_text_input", "action_id": "value"}}
            ],
        },
        {"words": "Use the portal."},
    ),
    "ask": SLACK.shortcut("helpdesk_ask", "C1", "UADA", {"user": "UBO", "text": "how?", "ts": TS}),
    "save": SLACK.shortcut("helpdesk_save", "C1", "UADA", {"user": "UBO", "text": "so.", "ts": TS}),
}
EVENTS = ("app_mention", "message", "overheard", "edit", "deletion", "reaction")
"""What Slack sends again when it is not acknowledged; the rest it sends once."""


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_what_is_signed_is_taken_in_before_the_answer(
    client: httpx.AsyncClient, desk: RecordingDesk, kind: str
) -> None:
    response = await send(client, PAYLOADS[kind])

    assert response.status_code == 200
    assert len(desk.events) == 1


# Signatures


def altered(request: SignedRequest) -> SignedRequest:
    body = bytearray(request.body)
    body[len(body) // 2] ^= 1
    return SignedRequest(headers=request.headers, body=bytes(body))


def with_headers(request: SignedRequest, **headers: str | None) -> SignedRequest:
    names = {"timestamp": "X-Slack-Request-Timestamp", "signature": "X-Slack-Signature"}
    changed = request.headers | {names[key]: value for key, value in headers.items() if value is not None}
    removed = {names[key] for key, value in headers.items() if value is None}
    return SignedRequest(
        headers={key: value for key, value in changed.items() if key not in removed}, body=request.body
    )


FORGERIES: dict[str, Callable[[dict], SignedRequest]] = {
    "no headers": lambda payload: with_headers(signed_request(SECRET, payload), timestamp=None, signature=None),
    "no signature": lambda payload: with_headers(signed_request(SECRET, payload), signature=None),
    "no timestamp": lambda payload: with_headers(signed_request(SECRET, payload), timestamp=None),
    "empty signature": lambda payload: with_headers(signed_request(SECRET, payload), signature=""),
    "empty timestamp": lambda payload: with_headers(signed_request(SECRET, payload), timestamp=""),
    "wrong signature": lambda payload: with_headers(signed_request(SECRET, payload), signature="v0=" + "0" * 64),
    "truncated": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=signed_request(SECRET, payload).headers["X-Slack-Signature"][:-1]
    ),
    "prefix only": lambda payload: with_headers(signed_request(SECRET, payload), signature="v0="),
    "other version": lambda payload: with_headers(
        signed_request(SECRET, payload),
        signature="v1=" + signed_request(SECRET, payload).headers["X-Slack-Signature"][3:],
    ),
    "upper case": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=signed_request(SECRET, payload).headers["X-Slack-Signature"].upper()
    ),
    "not ascii": lambda payload: with_headers(signed_request(SECRET, payload), signature="v0=\u00fc" + "0" * 63),
    "timestamp is no number": lambda payload: with_headers(signed_request(SECRET, payload), timestamp="soon"),
    "timestamp in other digits": lambda payload: with_headers(
        signed_request(SECRET, payload), timestamp="\u00b2\u00b3"
    ),
    "timestamp with a sign": lambda payload: with_headers(
        signed_request(SECRET, payload),
        timestamp="+" + signed_request(SECRET, payload).headers["X-Slack-Request-Timestamp"],
    ),
    "timestamp changed": lambda payload: with_headers(
        signed_request(SECRET, payload), timestamp=str(int(time.time()) - 1)
    ),
    "stale": lambda payload: signed_request(SECRET, payload, at=time.time() - 302),
    "from the future": lambda payload: signed_request(SECRET, payload, at=time.time() + 302),
    "from 1970": lambda payload: signed_request(SECRET, payload, at=0),
    "body altered by one bit": lambda payload: altered(signed_request(SECRET, payload)),
    "body longer": lambda payload: SignedRequest(
        headers=signed_request(SECRET, payload).headers, body=signed_request(SECRET, payload).body + b" "
    ),
    "body empty": lambda payload: SignedRequest(headers=signed_request(SECRET, payload).headers, body=b""),
    "another body's signature": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=sign(SECRET, b"{}")["X-Slack-Signature"]
    ),
    "another secret": lambda payload: signed_request("another secret", payload),
    "empty secret": lambda payload: signed_request("", payload),
    "signature longer": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=signed_request(SECRET, payload).headers["X-Slack-Signature"] + "0"
    ),
    "signature with spaces": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=" " + signed_request(SECRET, payload).headers["X-Slack-Signature"]
    ),
    "two signatures in one": lambda payload: with_headers(
        signed_request(SECRET, payload),
        signature="v0=" + "0" * 64 + "," + signed_request(SECRET, payload).headers["X-Slack-Signature"],
    ),
    "signature without its version": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=signed_request(SECRET, payload).headers["X-Slack-Signature"][3:]
    ),
    "version twice": lambda payload: with_headers(
        signed_request(SECRET, payload),
        signature="v0=" + signed_request(SECRET, payload).headers["X-Slack-Signature"],
    ),
    "last digit wrong": lambda payload: with_headers(
        signed_request(SECRET, payload),
        signature=signed_request(SECRET, payload).headers["X-Slack-Signature"][:-1] + "x",
    ),
    "timestamp in milliseconds": lambda payload: signed_request(SECRET, payload, at=time.time() * 1_000),
    "timestamp with a fraction": lambda payload: with_headers(
        signed_request(SECRET, payload),
        timestamp=signed_request(SECRET, payload).headers["X-Slack-Request-Timestamp"] + ".0",
    ),
    "timestamp negative": lambda payload: signed_request(SECRET, payload, at=-time.time()),
    "timestamp with spaces": lambda payload: with_headers(
        signed_request(SECRET, payload),
        timestamp=signed_request(SECRET, payload).headers["X-Slack-Request-Timestamp"] + " 0",
    ),
    "timestamp in hexadecimal": lambda payload: with_headers(
        signed_request(SECRET, payload), timestamp=hex(int(time.time()))
    ),
    "secret with a space": lambda payload: signed_request(SECRET + " ", payload),
    "secret in capitals": lambda payload: signed_request(SECRET.upper(), payload),
    "body cut": lambda payload: SignedRequest(
        headers=signed_request(SECRET, payload).headers, body=signed_request(SECRET, payload).body[:-1]
    ),
    "other separator": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=sign(SECRET, b":" + encode(payload)[1])["X-Slack-Signature"]
    ),
}


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forgery_is_not_taken_in_and_counted(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], forgery: str, kind: str
) -> None:
    request = FORGERIES[forgery](PAYLOADS[kind])
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()]

    response = await client.post("/slack/events", content=request.body, headers=headers)

    assert response.status_code == 401
    assert desk.events == []
    assert ignored == {"refused_unsigned": 1}


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
@pytest.mark.parametrize("second", ["same", "other", "before"])
async def test_a_doubled_header_is_not_taken_in(
    client: httpx.AsyncClient, desk: RecordingDesk, name: str, second: str, kind: str
) -> None:
    request = signed_request(SECRET, PAYLOADS[kind])
    double = (name, request.headers[name] if second == "same" else "0")
    headers = [double, *request.headers.items()] if second == "before" else [*request.headers.items(), double]

    response = await client.post("/slack/events", content=request.body, headers=headers)

    assert response.status_code == 401
    assert desk.events == []


@pytest.mark.parametrize(
    "body",
    [b"ssl_check=1&command=/helpdesk&text=status", b'{"ssl_check":"1","command":"/helpdesk"}', b"{", b"\xff", b"[]"],
)
async def test_nothing_passes_unsigned(client: httpx.AsyncClient, desk: RecordingDesk, body: bytes) -> None:
    response = await client.post("/slack/events", content=body)

    assert response.status_code == 401
    assert desk.events == []


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("wrong", ["app", "team"])
async def test_another_apps_or_workspaces_payload_is_not_taken_in(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], wrong: str, kind: str
) -> None:
    places = {"team_id": "TOTHER", "team": {"id": "TOTHER"}, "authorizations": [{"team_id": "TOTHER"}]}
    origin = {"api_app_id": "AOTHER"} if wrong == "app" else {k: v for k, v in places.items() if k in PAYLOADS[kind]}

    response = await send(client, PAYLOADS[kind] | origin)

    assert response.status_code == 403
    assert desk.events == []
    assert ignored == {"other_app": 1}


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_what_is_for_another_workspace_of_the_organisation_fails_nothing_and_does_nothing(
    desk: RecordingDesk, ignored: Counter[str], kind: str
) -> None:
    """Slack would count a refusal as a failure, and switch the app off in every workspace."""
    count = ignored.update
    bot = replace(BOT, enterprise_id="E1")
    app = build_slack_app(desk, bot=bot, on_ignored=lambda reason: count([reason]))
    routes = slack_routes(app, signing_secret=SECRET, on_ignored=lambda reason: count([reason]))
    there = {
        "team_id": "T2",
        "team": {"id": "T2"},
        "authorizations": [{"team_id": "T2", "enterprise_id": "E1"}],
        "context_team_id": "T2",
    }
    origin = {name: value for name, value in there.items() if name in PAYLOADS[kind]}
    organisation = {"enterprise_id": "E1"} if kind == "command" else {"enterprise": {"id": "E1"}}

    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as client:
        response = await send(client, PAYLOADS[kind] | organisation | origin)

    assert response.status_code == 200
    assert desk.events == []
    assert ignored == {"other_workspace": 1}
    assert ("another workspace" in response.text) is (kind == "command")


async def test_that_slack_holds_events_back_is_told_to_admins_once_an_hour(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str]
) -> None:
    held = {"token": "x", "type": "app_rate_limited", "team_id": "T0HELP", "api_app_id": "A0HELP"}
    for minute in (1_767_225_600, 1_767_225_660, 1_767_229_200):
        assert (await send(client, held | {"minute_rate_limited": minute})).status_code == 200

    assert ignored == {"app_rate_limited": 3}
    assert ["Slack sends me no more events" in text for text, _ in desk.events] == [True] * 3
    assert len({marker for _, marker in desk.events}) == 2


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}]
)
async def test_that_the_app_was_removed_is_told_to_the_admins_of_other_platforms(
    client: httpx.AsyncClient, desk: RecordingDesk, event: dict
) -> None:
    assert (await send(client, SLACK.event(event))).status_code == 200

    [(text, marker)] = desk.events
    assert "installed again" in text
    assert event["type"] in marker


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_a_replay_names_the_same_thing(client: httpx.AsyncClient, desk: RecordingDesk, kind: str) -> None:
    """The very same signed request, three times within the five minutes: the desk takes each key once."""
    request = signed_request(SECRET, PAYLOADS[kind])

    responses = [await post(client, request) for _ in range(3)]

    assert [response.status_code for response in responses] == [200] * 3
    assert len({identity_of(event) for event in desk.events}) == 1


def identity_of(event: Any) -> object:
    """By what the desk knows an event again: its key, and for a vote all of it."""
    match event:
        case Edit():
            return event.question.key, event.edited_at
        case Deletion():
            return event.question_key
        case Vote():
            return event
        case _:
            assert event.key
            return event.key


async def test_signatures_are_compared_in_constant_time(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr("hmac.compare_digest", compare)
    request = FORGERIES["wrong signature"](PAYLOADS["message"])

    assert (await post(client, request)).status_code == 401
    assert [other for _, other in compared] == ["v0=" + "0" * 64]


async def test_a_body_that_is_no_text_is_not_taken_in_though_it_is_signed(client: httpx.AsyncClient) -> None:
    assert (await send(client, b"payload=\xff")).status_code == 401


async def test_a_body_beyond_the_limit_is_not_read(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b"x" * (MAX_BODY_BYTES // 8)

    response = await client.post("/slack/events", content=chunks())

    assert response.status_code == 413
    assert read < 64
    assert desk.events == []


async def test_slacks_question_for_the_address_is_answered(client: httpx.AsyncClient) -> None:
    response = await send(client, SLACK.url_verification("3eZbrw1aBm2rZgRNFdxV"))

    assert response.status_code == 200
    assert response.json() == {"challenge": "3eZbrw1aBm2rZgRNFdxV"}


# Duplicates, trouble


async def test_retries_replays_and_both_events_of_a_mention_have_one_key(
    client: httpx.AsyncClient, desk: RecordingDesk
) -> None:
    text = "<@UBOT> how?"
    mention, message = SLACK.app_mention("C1", "UADA", text, ts=TS), SLACK.message("C1", "UADA", text, ts=TS)

    responses = await asyncio.gather(*(send(client, mention, retry=retry) for retry in range(4)), send(client, message))

    assert [response.status_code for response in responses] == [200] * 5
    assert {question.key for question in desk.of(Question)} == {f"slack:T0HELP:C1:{TS}"}
    assert len(set(desk.of(Question))) == 1


@pytest.mark.parametrize("kind", [*EVENTS, "button", "press", "ask", "save"])
async def test_what_the_desk_did_not_take_is_not_acknowledged(
    client: httpx.AsyncClient, desk: RecordingDesk, kind: str
) -> None:
    desk.trouble = ConnectionError("the database is down")
    assert (await send(client, PAYLOADS[kind])).status_code == 503

    desk.trouble = None
    assert (await send(client, PAYLOADS[kind], retry=1)).status_code == 200
    assert len(desk.events) == 1


async def test_a_desk_that_takes_too_long_did_not_take_it(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    desk.delay_s = 5

    assert (await send(client, PAYLOADS["message"])).status_code == 503
    assert desk.events == []


async def test_a_command_that_fails_tells_its_person(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    desk.trouble = ConnectionError("the database is down")

    response = await send(client, PAYLOADS["command"])

    assert response.status_code == 200
    assert response.json()["response_type"] == "ephemeral"
    assert "try again in a minute" in response.json()["text"]
    assert "database" not in response.text


async def test_the_answer_to_a_command_is_for_its_person_only(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    desk.answer = "**handbook**: 12 documents <!channel> [x](https://evil.example)"

    answer = (await send(client, PAYLOADS["command"])).json()

    assert desk.of(AdminCommand)[0].words == ("status",)
    assert answer["response_type"] == "ephemeral"
    check_blocks(answer["blocks"])
    assert said(answer) == "handbook: 12 documents <!channel> x"
    assert find_live(answer | {"parse": "none"}).mentions == find_live(answer | {"parse": "none"}).links == []


async def test_the_newest_vote_can_be_told_by_its_time(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    message = "1767225599.000100"
    for name, at, removed in [("+1", "10.000300", False), ("-1", "10.000200", False), ("+1", "11.000100", True)]:
        await send(client, SLACK.reaction("C1", "UADA", message, name, at=at, removed=removed))

    by_time = sorted(desk.of(Vote), key=lambda vote: vote.at)
    assert [(vote.value, vote.takes_back) for vote in by_time] == [(-1, None), (1, None), (0, 1)]
    assert {vote.message_id for vote in desk.of(Vote)} == {message}


# What nobody knows


@pytest.mark.parametrize(
    "payload",
    [
        SLACK.event({"type": "member_joined_channel", "user": "UADA", "channel": "C1"}),
        SLACK.event({"type": "member_joined_channel", "user": "UADA", "channel": "C1", "event_ts": "1.1"}),
        SLACK.event({"type": "assistant_thread_started"}),
        SLACK.event({"type": "team_rename"}),
        SLACK.event({"type": "channel_archive", "channel": "C1"}),
        SLACK.event({"type": "team_join", "user": {"id": "UADA"}}),
        SLACK.event({"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1.1", "message": None}),
        {"type": "view_submission", "view": {}, "user": {"id": "UADA"}, "team": {"id": "T0HELP"}},
        {"type": "shortcut", "callback_id": "x"},
        {"type": "app_rate_limited", "team_id": "T0HELP", "api_app_id": "A0HELP"},
        {"type": "event_callback"},
        {"type": "event_callback", "event": None},
        {"type": "event_callback", "event": "text", "authorizations": [None]},
        {},
    ],
)
async def test_an_unknown_payload_is_acknowledged_and_counted(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], payload: dict
) -> None:
    response = await send(client, json.dumps(payload).encode())

    assert response.status_code == 200
    assert ignored.total() == 1
    assert desk.events == []


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"x"', b"{", b"payload=%7B", b"payload=null", b"a=1&a=2", b"\0"]
)
async def test_a_body_that_is_no_payload_is_acknowledged_and_counted(
    client: httpx.AsyncClient, ignored: Counter[str], body: bytes
) -> None:
    response = await send(client, body)

    assert response.status_code == 200
    assert ignored.total() == 1


ODD_VALUES = [
    None,
    "",
    "\0",
    "\ud800",
    0,
    -1,
    1e300,
    True,
    [],
    {},
    [None],
    {"id": None},
    "x" * 10_000,
    "<@UBOT>",
    "1767225600.0",
    "D1",
]


def mutations(payload: dict, *, count: int, seed: int) -> Iterator[dict]:
    """The payload with one to three of its places removed, or holding something odd."""
    chance = random.Random(seed)
    for _ in range(count):
        mutant = copy.deepcopy(payload)
        for _ in range(chance.randint(1, 3)):
            mutate(mutant, chance)
        yield mutant


def mutate(value: dict | list, chance: random.Random) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = chance.choice(keys)
    inner = value[key]
    if isinstance(inner, dict | list) and inner and chance.random() < 0.75:
        mutate(inner, chance)
    elif chance.random() < 0.3:
        del value[key]
    else:
        value[key] = copy.deepcopy(chance.choice(ODD_VALUES))


MUTATED = PAYLOADS | {
    "pane": SLACK.pane("assistant_thread_context_changed", "D1", "UADA", ts=TS, context="C1"),
    "home": SLACK.home_opened("UADA"),
    "joined": SLACK.joined("C1", "UBOT", inviter="UADA"),
    "person": SLACK.event({"type": "user_change", "user": {"id": "UADA"}}),
}


@pytest.mark.parametrize("kind", MUTATED)
async def test_no_mutation_of_a_payload_makes_an_error(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], kind: str
) -> None:
    """5,100 payloads in all; none is answered as if it were our trouble."""
    statuses = Counter[int]()
    for mutant in mutations(MUTATED[kind], count=320, seed=len(kind)):
        response = await send(client, json.dumps(mutant).encode())
        statuses.update([response.status_code])

    assert set(statuses) <= {200, 403}
    assert statuses.total() == 320
    assert statuses[403] <= ignored.total()
    if kind in PAYLOADS:
        assert len(desk.events) + ignored.total() == 320
        assert min(len(desk.events), ignored.total()) > 10


STRANGE = st.text(
    alphabet=st.one_of(
        st.characters(), st.characters(categories=["Cs"]), st.sampled_from("\0\u200b\u200d\u202e\ufeff\u0301👩🏽‍🚀")
    )
)


@settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STRANGE)
async def test_any_text_at_all_is_taken_in_as_text_that_can_be_stored(
    client: httpx.AsyncClient, desk: RecordingDesk, text: str
) -> None:
    desk.events.clear()
    response = await send(client, json.dumps(SLACK.message("D1", "UADA", text, ts=TS)).encode())

    assert response.status_code == 200
    [question] = desk.of(Question)
    assert "\0" not in question.text
    question.text.encode()


async def test_a_message_of_forty_thousand_characters_is_taken_whole(
    client: httpx.AsyncClient, desk: RecordingDesk
) -> None:
    text = "wörd " * 8_000
    await send(client, SLACK.message("D1", "UADA", text, ts=TS))

    assert desk.of(Question)[0].text == text.strip()


async def test_ten_thousand_deliveries_of_a_thousand_messages_name_a_thousand_questions(
    desk: RecordingDesk,
) -> None:
    """Retries, replays, and `app_mention` beside `message`, in any order (RELIABILITY 1)."""
    chance = random.Random(1)
    text = "<@UBOT> how?"
    payloads = [
        make("C1", "UADA", text, ts=f"17672{number:05d}.000100")
        for number in range(1_000)
        for make in (SLACK.app_mention, SLACK.message)
    ]
    intake = Intake(desk, bot=BOT, chat=None, on_ignored=lambda _: None, take_within_s=30)

    for _ in range(10):
        batch = [chance.choice(payloads) for _ in range(800)] + chance.sample(payloads, 200)
        await asyncio.gather(*(intake.take(payload) for payload in batch))
    await asyncio.gather(*(intake.take(payload) for payload in payloads))

    keys = Counter(question.key for question in desk.of(Question))
    assert len(keys) == 1_000
    assert keys.total() == 12_000
    assert len({(question.key, question.text, question.addressed) for question in desk.of(Question)}) == 1_000
