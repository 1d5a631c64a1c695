"""From Slack's signed request to the desk, through Starlette and bolt."""

import asyncio
import copy
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from helpdesk_bot.chat.slack import SlackBot, build_slack_app, slack_routes
from helpdesk_bot.chat.slack.routes import MAX_BODY_BYTES
from helpdesk_bot.events import AdminCommand, Question, Vote
from tests.fakes.slack_blocks import check_blocks, find_live, visible_text
from tests.fakes.slack_payloads import SignedRequest, SlackPayloads, encode, sign, signed_request

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
SLACK = SlackPayloads(team_id="T0HELP", app_id="A0HELP", bot_user_id="UBOT")
TS = "1767225600.000200"


class RecordingDesk:
    """Keeps what it is given; `trouble` is raised instead."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.votes: list[Vote] = []
        self.commands: list[AdminCommand] = []
        self.answer = "done"
        self.trouble: Exception | None = None
        self.delay_s = 0.0

    async def accept(self, question: Question) -> bool:
        await self._work()
        self.questions.append(question)
        return True

    async def record_vote(self, vote: Vote) -> None:
        await self._work()
        self.votes.append(vote)

    async def run_command(self, command: AdminCommand) -> str:
        await self._work()
        self.commands.append(command)
        return self.answer

    async def _work(self) -> None:
        await asyncio.sleep(self.delay_s)
        if self.trouble:
            raise self.trouble

    @property
    def everything(self) -> list[Question | Vote | AdminCommand]:
        return [*self.questions, *self.votes, *self.commands]


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
}


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_what_is_signed_is_taken_in_before_the_answer(
    client: httpx.AsyncClient, desk: RecordingDesk, kind: str
) -> None:
    response = await send(client, PAYLOADS[kind])

    assert response.status_code == 200
    assert len(desk.everything) == 1


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
    "other separator": lambda payload: with_headers(
        signed_request(SECRET, payload), signature=sign(SECRET, b":" + encode(payload)[1])["X-Slack-Signature"]
    ),
}


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forgery_is_not_taken_in(
    client: httpx.AsyncClient, desk: RecordingDesk, forgery: str, kind: str
) -> None:
    request = FORGERIES[forgery](PAYLOADS[kind])
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()]

    response = await client.post("/slack/events", content=request.body, headers=headers)

    assert response.status_code == 401
    assert desk.everything == []


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
    assert desk.everything == []


@pytest.mark.parametrize(
    "body",
    [b"ssl_check=1&command=/helpdesk&text=status", b'{"ssl_check":"1","command":"/helpdesk"}', b"{", b"\xff", b"[]"],
)
async def test_nothing_passes_unsigned(client: httpx.AsyncClient, desk: RecordingDesk, body: bytes) -> None:
    response = await client.post("/slack/events", content=body)

    assert response.status_code == 401
    assert desk.everything == []


@pytest.mark.parametrize("kind", PAYLOADS)
@pytest.mark.parametrize("wrong", ["app", "team"])
async def test_another_apps_or_workspaces_payload_is_not_taken_in(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], wrong: str, kind: str
) -> None:
    places = {"team_id": "TOTHER", "team": {"id": "TOTHER"}, "authorizations": [{"team_id": "TOTHER"}]}
    origin = {"api_app_id": "AOTHER"} if wrong == "app" else {k: v for k, v in places.items() if k in PAYLOADS[kind]}

    response = await send(client, PAYLOADS[kind] | origin)

    assert response.status_code == 403
    assert desk.everything == []
    assert ignored == {"other_app": 1}


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
    assert desk.everything == []


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
    assert {question.key for question in desk.questions} == {f"slack:T0HELP:C1:{TS}"}
    assert len(set(desk.questions)) == 1


@pytest.mark.parametrize("kind", ["app_mention", "message", "reaction", "button"])
async def test_what_the_desk_did_not_take_is_not_acknowledged(
    client: httpx.AsyncClient, desk: RecordingDesk, kind: str
) -> None:
    desk.trouble = ConnectionError("the database is down")
    assert (await send(client, PAYLOADS[kind])).status_code == 503

    desk.trouble = None
    assert (await send(client, PAYLOADS[kind], retry=1)).status_code == 200
    assert len(desk.everything) == 1


async def test_a_desk_that_takes_too_long_did_not_take_it(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    desk.delay_s = 5

    assert (await send(client, PAYLOADS["message"])).status_code == 503
    assert desk.everything == []


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

    assert desk.commands[0].words == ("status",)
    assert answer["response_type"] == "ephemeral"
    check_blocks(answer["blocks"])
    assert visible_text(answer["blocks"]) == "handbook: 12 documents <!channel> x"
    assert find_live(answer | {"parse": "none"}).mentions == find_live(answer | {"parse": "none"}).links == []


async def test_the_newest_vote_can_be_told_by_its_time(client: httpx.AsyncClient, desk: RecordingDesk) -> None:
    message = "1767225599.000100"
    for name, at, removed in [("+1", "10.000300", False), ("-1", "10.000200", False), ("+1", "11.000100", True)]:
        await send(client, SLACK.reaction("C1", "UADA", message, name, at=at, removed=removed))

    by_time = sorted(desk.votes, key=lambda vote: vote.at)
    assert [(vote.value, vote.takes_back) for vote in by_time] == [(-1, None), (1, None), (0, 1)]
    assert {vote.message_id for vote in desk.votes} == {message}


# What nobody knows


@pytest.mark.parametrize(
    "payload",
    [
        SLACK.event({"type": "member_joined_channel", "user": "UADA", "channel": "C1"}),
        SLACK.event({"type": "assistant_thread_started"}),
        SLACK.event({"type": "app_uninstalled"}),
        {"type": "view_submission", "view": {}, "user": {"id": "UADA"}, "team": {"id": "T0HELP"}},
        {"type": "shortcut", "callback_id": "x"},
        {"type": "app_rate_limited", "team_id": "T0HELP", "minute_rate_limited": 1518467820, "api_app_id": "A0HELP"},
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
    assert desk.everything == []


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


@pytest.mark.parametrize("kind", PAYLOADS)
async def test_no_mutation_of_a_payload_makes_an_error(
    client: httpx.AsyncClient, desk: RecordingDesk, ignored: Counter[str], kind: str
) -> None:
    statuses = Counter[int]()
    for mutant in mutations(PAYLOADS[kind], count=300, seed=len(kind)):
        response = await send(client, json.dumps(mutant).encode())
        statuses.update([response.status_code])

    assert set(statuses) <= {200, 403}
    assert statuses.total() == len(desk.everything) + ignored.total() == 300
    assert min(len(desk.everything), ignored.total()) > 10
