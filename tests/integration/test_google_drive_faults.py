"""What goes wrong with Google: tokens, pages, quotas, lost connections; and a listing of 20,000 files."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.documents import Cursor
from connectors.errors import NeedsLogin, SourceUnavailable, Unreadable
from connectors.google_drive import Person, ServiceAccount
from connectors.http import Politeness
from connectors.text.reader import TextReader
from tests.fakes.google_drive import INCOMPLETE, CutShort, Drop, GoogleServer, Refuse, Repeat, Twist
from tests.fakes.google_drive_client import list_changes, list_rules, make_source, waiting_into
from tests.fakes.google_drive_files import domain, person
from tests.fakes.google_drive_tokens import BOT, CLIENT_ID, CLIENT_SECRET, DRIVE_SCOPE, REFRESH_TOKEN, key_pair


@pytest.fixture
async def google():
    async with GoogleServer() as server:
        yield server


@pytest.fixture
def handbook(google):
    folder = google.files.add_folder("Handbook")
    google.files.share(folder, person(BOT, "writer"), domain("example.com"))
    return folder


@pytest.fixture
def keys(google, handbook):
    return {google.files.add(f"{number}.txt", parent=handbook) for number in range(4)}


def consent(google):
    """Ada's."""
    return Person(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN, token_uri=google.token_uri
    )


# Signing in


async def test_a_token_is_fetched_once_and_a_refused_one_renewed_once(google, handbook, keys):
    async with make_source(google, folders=[handbook]) as source:
        await list_rules(source)
        assert google.calls["token"] == 1
        google.tokens.expire_all()
        assert (await list_rules(source)).keys() == keys
        assert google.calls["token"] == 2


async def test_a_token_is_renewed_before_it_ends(google):
    folder = google.files.add_folder("Ada's")
    google.files.share(folder, person("ada@example.com", "writer"))
    clock = [datetime.now(UTC)]
    async with make_source(google, login=consent(google), folders=[folder], now=lambda: clock[0]) as source:
        for seconds_later, tokens in ((0, 1), (3_500, 1), (50, 2), (3_000, 2)):  # a token lasts for 3,599 s
            clock[0] += timedelta(seconds=seconds_later)
            await list_rules(source)
            assert google.calls["token"] == tokens


async def test_many_requests_at_once_fetch_one_token(google, handbook):
    for number in range(120):
        google.files.add_folder(f"F{number}", parent=handbook)
    async with make_source(google, folders=[handbook]) as source:
        google.tokens.expire_all()
        await asyncio.gather(*(list_rules(source) for _ in range(4)))
    assert google.calls["token"] == 1


async def test_a_revoked_consent_needs_a_login_and_says_so_at_once(google):
    folder = google.files.add_folder("Ada's")
    google.files.share(folder, person("ada@example.com", "writer"))
    waits = []
    async with make_source(google, login=consent(google), folders=[folder], sleep=waiting_into(waits)) as source:
        _, _, cursor = await list_changes(source)
        google.tokens.revoke()
        for listing in (lambda: list_changes(source, cursor), lambda: list_rules(source)):
            with pytest.raises(NeedsLogin, match="invalid_grant"):
                await listing()
    assert waits == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_secret": "s3cret"}, "invalid_client"),
        ({"refresh_token": "s3cret"}, "invalid_grant"),
    ],
)
async def test_wrong_credentials_need_a_login(google, changes, said):
    async with make_source(google, login=replace(consent(google), **changes), folders=["a"]) as source:
        with pytest.raises(NeedsLogin, match=said) as caught:
            await list_rules(source)
    assert "s3cret" not in str(caught.value)


async def test_a_service_account_without_delegation_needs_a_login(google):
    login = ServiceAccount.from_json(google.key_json(), subject="ada@example.com")
    google.tokens.people.add("ada@example.com")
    google.tokens.delegated_scopes.discard(DRIVE_SCOPE)
    async with make_source(google, login=login, folders=["a"]) as source:
        with pytest.raises(NeedsLogin, match="delegation"):
            await list_rules(source)


async def test_a_key_that_is_none_needs_a_login(google):
    login = ServiceAccount.from_json(google.key_json(private_key="-----BEGIN nonsense"))
    async with make_source(google, login=login, folders=["a"]) as source:
        with pytest.raises(NeedsLogin, match="private key"):
            await list_rules(source)


async def test_a_consent_without_the_scope_needs_a_login(google):
    google.tokens.consented_scopes = {"https://www.googleapis.com/auth/userinfo.email"}
    async with make_source(google, login=consent(google), folders=["a"]) as source:
        with pytest.raises(NeedsLogin, match="scopes"):
            await list_rules(source)


async def test_a_token_endpoint_that_is_down_is_no_reason_to_log_in(google, handbook):
    google.fail("token", *[Refuse(503)] * 20)
    async with make_source(google, folders=[handbook]) as source:
        with pytest.raises(SourceUnavailable) as caught:
            await list_rules(source)
    assert not isinstance(caught.value, NeedsLogin)


def test_a_token_endpoint_is_asked_by_https_alone(google):
    for token_uri in ("http://oauth2.example.com/token", "file:///etc/passwd"):
        with pytest.raises(ValueError, match="asked"):
            make_source(google, login=ServiceAccount(email="a", private_key="b", token_uri=token_uri), folders=["a"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "authorized_user", "client_email": "a"}'])
def test_a_key_file_of_another_kind_is_refused_without_showing_it(text):
    with pytest.raises(ValueError, match="service account"):
        ServiceAccount.from_json(text)


def test_secrets_are_not_shown():
    shown = [
        repr(ServiceAccount(email="a", private_key=key_pair()[0])),
        repr(Person(client_id="a", client_secret="s3cret", refresh_token="s3cret")),
    ]
    assert not any(secret in one for one in shown for secret in ("s3cret", "BEGIN"))


# Page tokens


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_cursor_that_google_no_longer_takes_leads_to_a_whole_listing(google, handbook, keys, status):
    async with make_source(google, folders=[handbook]) as source:
        before, _, cursor = await list_changes(source)
        google.fail("changes.list", Refuse(status, "invalid"))
        after, removed, new_cursor = await list_changes(source, cursor)

        assert (after, removed) == (before, set())
        assert after.keys() == keys
        assert (await list_changes(source, new_cursor))[0] == {}


@pytest.mark.parametrize("value", ["", "{}", "[1]", "\x00", '{"scope": 1}', "99999999999"])
async def test_a_cursor_that_is_none_leads_to_a_whole_listing(google, handbook, keys, value):
    async with make_source(google, folders=[handbook]) as source:
        assert (await list_changes(source, Cursor(value=value)))[0].keys() == keys


async def test_a_token_from_the_future_leads_to_a_whole_listing(google, handbook, keys):
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)
        google.files.logs.clear()
        assert (await list_changes(source, cursor))[0].keys() == keys


async def test_a_page_token_that_runs_out_in_the_middle_begins_the_listing_anew_once(google, handbook, keys):
    google.page_size = 2
    async with make_source(google, folders=[handbook]) as source:
        google.fail("files.list", None, Refuse(400, "invalid"))
        assert (await list_rules(source)).keys() == keys
        google.fail("files.list", None, Refuse(410), None, Refuse(410))
        with pytest.raises(SourceUnavailable):
            await list_rules(source)


async def test_pages_that_go_round_in_circles_are_not_a_listing(google, handbook, keys):
    google.page_size = 1
    async with make_source(google, folders=[handbook]) as source:
        google.fail("files.list", None, Repeat())
        with pytest.raises(SourceUnavailable, match="circles"):
            await list_rules(source)


async def test_a_listing_that_google_calls_incomplete_is_not_trusted(google, handbook, keys):
    async with make_source(google, folders=[handbook]) as source:
        for listing in (list_changes, list_rules):
            google.fail("files.list", INCOMPLETE)
            with pytest.raises(SourceUnavailable, match="not complete"):
                await listing(source)


async def test_changes_that_end_without_a_token_are_not_trusted(google, handbook, keys):
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)
        google.fail("changes.list", Twist(lambda answer: answer.pop("newStartPageToken")))
        with pytest.raises(SourceUnavailable, match="without a token"):
            await list_changes(source, cursor)


# Quotas and lost connections


@pytest.mark.parametrize(
    "fault",
    [
        Refuse(403, "rateLimitExceeded"),
        Refuse(403, "userRateLimitExceeded"),
        Refuse(429, "rateLimitExceeded", retry_after_s=7),
        Refuse(500),
        Refuse(503),
        Drop(),
        CutShort(),
    ],
    ids=str,
)
async def test_what_may_pass_is_waited_for(google, handbook, keys, fault):
    waits = []
    google.fail("files.list", fault, fault)
    async with make_source(google, folders=[handbook], sleep=waiting_into(waits)) as source:
        assert (await list_rules(source)).keys() == keys
    assert len(waits) >= 2
    if isinstance(fault, Refuse) and fault.retry_after_s:
        assert all(6 < wait <= 7 for wait in waits)


@pytest.mark.parametrize(
    ("reason", "said"),
    [("dailyLimitExceeded", "quota"), ("accessNotConfigured", "not enabled"), ("domainPolicy", "policy")],
)
async def test_what_will_not_pass_is_said_at_once(google, handbook, reason, said):
    waits = []
    async with make_source(google, folders=[handbook], sleep=waiting_into(waits)) as source:
        google.fail("files.list", Refuse(403, reason))
        with pytest.raises(SourceUnavailable, match=said):
            await list_rules(source)
    assert waits == []


async def test_google_that_stays_down_is_given_up(google, handbook):
    google.fail("files.list", *[Refuse(503)] * 10)
    async with make_source(google, folders=[handbook], politeness=Politeness(max_attempts=3)) as source:
        with pytest.raises(SourceUnavailable, match="503"):
            await list_rules(source)
    assert google.calls["files.list"] == 3


async def test_when_the_quota_ends_a_document_is_not_called_unreadable(google, handbook, keys):
    async with TextReader() as reader, make_source(google, reader, folders=[handbook]) as source:
        listed, _, _ = await list_changes(source)
        google.fail("files.download", Refuse(403, "dailyLimitExceeded"))
        with pytest.raises(SourceUnavailable, match="quota"):
            await source.read(listed[min(keys)])
        google.fail("files.download", Refuse(403, "cannotDownloadAbusiveFile"))
        with pytest.raises(Unreadable, match="malware"):
            await source.read(listed[min(keys)])


async def test_an_answer_that_makes_no_sense_is_not_taken_for_an_empty_one(google, handbook, keys):
    async with make_source(google, folders=[handbook]) as source:
        google.fail("files.list", Twist(lambda answer: answer["files"][0].pop("id")))
        with pytest.raises(SourceUnavailable, match="not understood"):
            await list_rules(source)


# Size


async def test_twenty_thousand_files_take_requests_by_the_thousand(google):
    drive = google.files.add_drive("Team", [person(BOT, "organizer"), person("ada@example.com")])
    folders = [google.files.add_folder(f"F{number}", parent=drive) for number in range(200)]
    google.files.limit(folders[0], person("bo@example.com"))
    keys = {google.files.add(f"{number}.txt", parent=folders[number % 200]) for number in range(20_000)}

    async with make_source(google, drives=[drive]) as source:
        assert (await list_rules(source)).keys() == keys

    assert sum(google.calls.values()) <= 20_200 / 1_000 + 10


async def test_a_folder_of_ten_thousand_files_takes_requests_by_the_thousand_and_by_forty_folders(google, handbook):
    folders = [google.files.add_folder(f"F{number}", parent=handbook) for number in range(200)]
    keys = {google.files.add(f"{number}.txt", parent=folders[number % 200]) for number in range(10_000)}

    async with make_source(google, folders=[handbook]) as source:
        assert (await list_rules(source)).keys() == keys

    assert sum(google.calls.values()) <= 10_200 / 1_000 + 200 / 40 * 2 + 6
    assert google.calls["permissions.list"] == 0
