"""Who gets in: only what Microsoft signed for this app, this service and this tenant. The SDK validates for real."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from helpdesk_bot.chat.teams.gate import Gate, Refused
from helpdesk_bot.chat.teams.keys import KeysUnavailable
from helpdesk_bot.chat.teams.payloads import read_envelope
from helpdesk_bot.chat.teams.service_urls import is_service_url
from helpdesk_bot.errors import NotConfigured
from tests.fakes.teams import Json, TeamsServer

EMULATOR_ISSUER = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"


@pytest.fixture
async def teams() -> AsyncGenerator[TeamsServer]:
    async with TeamsServer() as teams:
        teams.add_user("ada")
        teams.add_personal("ada")
        teams.keys.endorsements |= {"webchat-only": ["webchat"], "bare": [], "none": None}
        yield teams


def gate_of(teams: TeamsServer, **changes: Any) -> Gate:
    facts = {"app_id": teams.app_id, "tenant_id": teams.tenant_id, "metadata_url": teams.metadata_url}
    return Gate(**{**facts, "with_loopback": True, **changes})


def encode(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(teams: TeamsServer, algorithm: str) -> str:
    claims = {"iss": "https://api.botframework.com", "aud": teams.app_id, "exp": in_s(900)}
    claims["serviceurl"] = teams.service_url
    return f"Bearer {encode({'alg': algorithm, 'kid': 'key-1', 'typ': 'JWT'})}.{encode(claims)}."


def in_s(seconds: int) -> int:
    """So many seconds from now, by the clock of the moment: a long run of tests must not make tokens older."""
    return int(time.time()) + seconds


def with_claims(**claims: Any) -> Callable[[TeamsServer], str]:
    return lambda teams: teams.keys.header(service_url=teams.service_url, claims=claims)


def with_time(**offsets_s: int) -> Callable[[TeamsServer], str]:
    """Claims that are moments, as seconds from the moment the token is made."""

    def make(teams: TeamsServer) -> str:
        claims = {name: in_s(offset_s) for name, offset_s in offsets_s.items()}
        return teams.keys.header(service_url=teams.service_url, claims=claims)

    return make


def with_headers(**headers: Any) -> Callable[[TeamsServer], str]:
    return lambda teams: teams.keys.header(service_url=teams.service_url, headers=headers)


def tampered(teams: TeamsServer, part: int) -> str:
    pieces = teams.keys.token(service_url=teams.service_url).split(".")
    pieces[part] = ("A" if pieces[part][0] != "A" else "B") + pieces[part][1:]
    return f"Bearer {'.'.join(pieces)}"


def hmac(teams: TeamsServer, algorithm: str) -> str:
    return teams.keys.header(service_url=teams.service_url, algorithm=algorithm, key="public-key-as-a-secret" * 4)


BAD_TOKENS: dict[str, Callable[[TeamsServer], str | None]] = {
    "no header": lambda _: None,
    "empty": lambda _: "",
    "scheme only": lambda _: "Bearer",
    "scheme and space": lambda _: "Bearer ",
    "basic": lambda _: "Basic YWRtaW46YWRtaW4=",
    "lower case scheme": lambda teams: teams.keys.header(service_url=teams.service_url).replace("Bearer", "bearer"),
    "no scheme": lambda teams: teams.keys.token(service_url=teams.service_url),
    "three words": lambda teams: teams.keys.header(service_url=teams.service_url) + " more",
    "two tokens": lambda teams: ",".join([teams.keys.header(service_url=teams.service_url)] * 2),
    "not a token": lambda _: "Bearer abc",
    "two parts": lambda _: "Bearer a.b",
    "empty parts": lambda _: "Bearer ..",
    "junk parts": lambda _: "Bearer !.!.!",
    "huge": lambda _: "Bearer " + "a" * 100_000,
    "non-ascii": lambda _: "Bearer \u00e9.\u00e9.\u00e9",
    "alg none": lambda teams: unsigned(teams, "none"),
    "alg None": lambda teams: unsigned(teams, "None"),
    "alg empty": lambda teams: unsigned(teams, ""),
    "alg RS256 without signature": lambda teams: unsigned(teams, "RS256"),
    "HS256": lambda teams: hmac(teams, "HS256"),
    "HS384": lambda teams: hmac(teams, "HS384"),
    "HS512": lambda teams: hmac(teams, "HS512"),
    "RS384": lambda teams: teams.keys.header(service_url=teams.service_url, algorithm="RS384"),
    "PS256": lambda teams: teams.keys.header(service_url=teams.service_url, algorithm="PS256"),
    "other key": lambda teams: teams.keys.header(service_url=teams.service_url, key=teams.keys.other_key),
    "header changed": lambda teams: tampered(teams, 0),
    "claims changed": lambda teams: tampered(teams, 1),
    "signature changed": lambda teams: tampered(teams, 2),
    "signature cut": lambda teams: teams.keys.header(service_url=teams.service_url)[:-20],
    "unknown key id": with_headers(kid="another"),
    "no key id": with_headers(kid=None),
    "empty key id": with_headers(kid=""),
    "path as key id": with_headers(kid="../../key-1"),
    "number as key id": lambda teams: f"Bearer {encode({'alg': 'RS256', 'kid': 1})}.{encode({'iss': 'x'})}.AAAA",
    "key of webchat": with_headers(kid="webchat-only"),
    "key endorsed for nothing": with_headers(kid="bare"),
    "key without endorsements": with_headers(kid="none"),
    "no issuer": with_claims(iss=None),
    "empty issuer": with_claims(iss=""),
    "other issuer": with_claims(iss="https://evil.example"),
    "issuer with a slash": with_claims(iss="https://api.botframework.com/"),
    "issuer in a list": with_claims(iss=["https://api.botframework.com"]),
    "government issuer": with_claims(iss="https://api.botframework.us"),
    "the bot's own token": with_claims(iss=EMULATOR_ISSUER, appid="app-1", ver="1.0"),
    "the bot's own token, v2": with_claims(iss=EMULATOR_ISSUER, azp="app-1", ver="2.0"),
    "a skill's token": with_claims(iss=EMULATOR_ISSUER, aud="app-1", appid="other", ver="1.0"),
    "a skill's token by the channel": with_claims(appid="other", ver="1.0", azp="other"),
    "no audience": with_claims(aud=None),
    "other audience": with_claims(aud="app-2"),
    "empty audience": with_claims(aud=""),
    "audiences": with_claims(aud=["app-1", "app-2"]),
    "no expiry": with_claims(exp=None),
    "expired 6 minutes ago": with_time(exp=-360),
    "expired a day ago": with_time(exp=-86_400),
    "expiry is no number": with_claims(exp="never"),
    "valid in 6 minutes": with_time(nbf=400),
    "no service": with_claims(serviceurl=None),
    "empty service": with_claims(serviceurl=""),
    "other service": with_claims(serviceurl="https://smba.trafficmanager.net/amer/"),
    "service with other case": lambda teams: teams.keys.header(service_url=teams.service_url.upper()),
    "service without a slash": lambda teams: teams.keys.header(service_url=teams.service_url.rstrip("/")),
}

BAD_ACTIVITIES: dict[str, Json] = {
    "no channel": {"channelId": None},
    "empty channel": {"channelId": ""},
    "other channel": {"channelId": "webchat"},
    "emulator": {"channelId": "emulator"},
    "no service": {"serviceUrl": None},
    "foreign service": {"serviceUrl": "https://evil.example/"},
    "other tenant": {"conversation": {"id": "a:ada", "tenantId": "tenant-2"}},
    "no tenant": {"conversation": {"id": "a:ada"}, "channelData": {}},
    "tenant of a wrong shape": {"conversation": {"id": "a:ada", "tenantId": ["tenant-1"]}, "channelData": None},
}


def test_there_are_at_least_sixty_cases() -> None:
    assert len(BAD_TOKENS) + len(BAD_ACTIVITIES) >= 60


async def test_a_good_token_gets_in(teams: TeamsServer) -> None:
    gate, activity = gate_of(teams), teams.message("a:ada", "ada", "hello")
    admitted = await gate.admit(teams.sign(activity), read_envelope(activity))
    assert admitted.identity.claims_identity.is_authenticated
    for claims in ({"exp": in_s(-240)}, {"nbf": in_s(240)}):
        header = teams.keys.header(service_url=teams.service_url, claims=claims)
        await gate.admit(header, read_envelope(activity))


async def test_no_bad_token_gets_in(teams: TeamsServer) -> None:
    gate, activity = gate_of(teams), teams.message("a:ada", "ada", "hello")
    admitted: list[str] = []
    for name, make in BAD_TOKENS.items():
        try:
            await gate.admit(make(teams), read_envelope(activity))
        except Refused:
            continue
        admitted.append(name)
    assert admitted == []


async def test_no_foreign_activity_gets_in_with_a_good_token(teams: TeamsServer) -> None:
    gate = gate_of(teams)
    admitted: list[str] = []
    for name, change in BAD_ACTIVITIES.items():
        activity = {**teams.message("a:ada", "ada", "hello"), **change}
        try:
            await gate.admit(teams.keys.header(service_url=teams.service_url), read_envelope(activity))
        except Refused:
            continue
        admitted.append(name)
    assert admitted == []


async def test_a_new_key_is_learnt_and_unknown_ones_do_not_make_us_ask_again_and_again(teams: TeamsServer) -> None:
    gate, activity = gate_of(teams), teams.message("a:ada", "ada", "hello")
    await gate.admit(teams.sign(activity), read_envelope(activity))
    assert teams.keys.loads == 1
    teams.keys.endorsements["key-2"] = ["msteams"]
    header = teams.keys.header(service_url=teams.service_url, headers={"kid": "key-2"})
    await gate.admit(header, read_envelope(activity))
    assert teams.keys.loads == 2
    for _ in range(3):
        with pytest.raises(Refused):
            await gate.admit(
                teams.keys.header(service_url=teams.service_url, headers={"kid": "key-3"}), read_envelope(activity)
            )
    assert teams.keys.loads == 2


async def test_without_keys_nobody_gets_in_and_it_is_said_that_it_is_not_their_fault(teams: TeamsServer) -> None:
    activity = teams.message("a:ada", "ada", "hello")
    gate = gate_of(teams, metadata_url="http://127.0.0.1:9/openid")
    with pytest.raises(KeysUnavailable):
        await gate.admit(teams.sign(activity), read_envelope(activity))


async def test_many_at_once_are_told_apart(teams: TeamsServer) -> None:
    gate, activity = gate_of(teams), teams.message("a:ada", "ada", "hello")
    good, bad = teams.sign(activity), unsigned(teams, "none")
    outcomes = await asyncio.gather(
        *(gate.admit(good if number % 2 else bad, read_envelope(activity)) for number in range(20)),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Refused) for outcome in outcomes] == [not number % 2 for number in range(20)]


def test_without_an_app_id_it_does_not_start() -> None:
    with pytest.raises(NotConfigured, match="TEAMS_APP_ID"):
        Gate(app_id="", tenant_id="tenant-1")
    with pytest.raises(NotConfigured, match="TEAMS_TENANT_ID"):
        Gate(app_id="app-1", tenant_id="")
    with pytest.raises(NotConfigured, match="TEAMS_DEV_MODE"):
        Gate(app_id="app-1", tenant_id="tenant-1", is_development=True)


async def test_development_takes_no_tokens_and_knows_only_connectors_on_this_machine_besides_teams() -> None:
    gate = Gate(app_id="", tenant_id="", is_development=True)
    local: Json = {"type": "message", "channelId": "msteams", "serviceUrl": "http://localhost:56150/_connector"}
    await gate.admit(None, read_envelope(local))
    with pytest.raises(Refused):
        await gate.admit("Bearer x", read_envelope(local))
    with pytest.raises(Refused):
        await gate.admit(None, read_envelope({**local, "serviceUrl": "http://10.0.0.1/"}))


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://smba.trafficmanager.net/amer/", True),
        ("https://smba.trafficmanager.net:443/amer/", True),
        ("https://SMBA.trafficmanager.net/amer/", True),
        ("https://europe.botframework.com/", True),
        ("https://smba.infra.gov.teams.microsoft.us/amer", True),
        ("http://smba.trafficmanager.net/amer/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evil.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://evil.example#smba.trafficmanager.net", False),
        ("https://evil.example\\.botframework.com/", False),
        ("https://notbotframework.com/", False),
        ("https://127.0.0.1/", False),
        ("https://localhost/", False),
        ("https://169.254.169.254/", False),
        ("https://[::1]/", False),
        ("https://smba.trafficmanager.net\r\nX: y/", False),
        ("file:///etc/passwd", False),
        ("https://:443/", False),
        ("https://smba.trafficmanager.net:port/", False),
        ("", False),
    ],
)
def test_the_bot_speaks_to_microsofts_services_only(url: str, is_ours: bool) -> None:
    assert is_service_url(url) is is_ours
