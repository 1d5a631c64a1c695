"""What `doctor` says of models, status pages, platforms and ticket systems, each really asked."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from helpdesk_bot.database import migrate_all
from helpdesk_bot.doctor import Finding, Health, examine_all
from helpdesk_bot.records.model_health import OPENS_AFTER
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool
from knowledge.store import Store
from tests.databases import copied_database
from tests.fakes.company_network import CompanyNetwork
from tests.fakes.confluence import API_TOKEN, EMAIL, PERSONAL_TOKEN, running_confluence
from tests.fakes.confluence_site import wiki_of_the_staff
from tests.fakes.google_drive import GoogleServer
from tests.fakes.google_drive_files import domain, people_of, person
from tests.fakes.google_drive_tokens import BOT
from tests.fakes.model_server import Failure, ModelServer, Refused
from tests.fakes.slack import SCOPES, HttpError, SlackServer
from tests.fakes.status_site import BETTER_STACK, INSTATUS, STATUSPAGE, StatusSite, serving
from tests.fakes.teams import Fail, TeamsServer
from tests.fakes.tickets import TicketServer
from tests.fakes.website import Website, html

pytestmark = pytest.mark.slow


async def examine(database_url: str, folder: Path, **settings: Any) -> dict[str, Finding]:
    chosen = Settings(
        _env_file=None, database_url=database_url, helpdesk_data_dir=folder, starter_knowledge=False, **settings
    )
    return {finding.name: finding async for finding in examine_all(chosen)}


@pytest.fixture
async def model() -> AsyncGenerator[ModelServer]:
    async with ModelServer() as model:
        yield model


async def test_each_model_is_asked_a_word_and_priced(database_url: str, tmp_path: Path, model: ModelServer):
    model.fail(Failure.UNAUTHORIZED, when=lambda asked: asked.model == "wrong-key")
    model.reply("Yes.")
    findings = await examine(
        database_url,
        tmp_path,
        model="openai:priced",
        model_api_key=SecretStr("k"),
        model_base_url=model.base_url,
        model_fallbacks={"free": "openai:nobody-knows", "locked": "openai:wrong-key"},
        model_base_urls={"free": model.base_url, "locked": model.base_url},
        model_prices={"openai:priced": (Decimal(1), Decimal(2))},
    )
    assert (findings["model"].health, findings["model"].detail) == (Health.GOOD, "openai:priced answers")
    assert findings["model free"].health is Health.OFF
    assert "no price known" in findings["model free"].detail
    assert "MODEL_PRICES" in findings["model free"].advice
    assert findings["model locked"].health is Health.BAD
    assert "401" in findings["model locked"].detail
    assert "docs/models.md" in findings["model locked"].advice


async def test_a_wrong_name_is_said_to_be_one_while_the_model_rests_too(
    database_url: str, tmp_path: Path, model: ModelServer
):
    model.reply(Refused(status=404, error={"message": "The model `no-such` does not exist", "code": "model_not_found"}))
    chosen = {"model": "openai:no-such", "model_api_key": SecretStr("k"), "model_base_url": model.base_url}
    for _ in range(OPENS_AFTER + 1):
        findings = await examine(database_url, tmp_path, **chosen)
        assert findings["model"].detail == "openai:no-such: there is no such model, or no such address (HTTP 404)"
    assert "name" in findings["model"].advice


async def test_a_model_that_can_not_be_opened_is_said_to_be(database_url: str, tmp_path: Path):
    findings = await examine(database_url, tmp_path, model="gpt-without-a-provider", model_api_key=SecretStr("k"))
    assert findings["model"].health is Health.BAD
    assert "provider:model" in findings["model"].detail


async def test_each_status_page_is_looked_at_and_up_only_without_incidents(database_url: str, tmp_path: Path):
    calm = deepcopy(INSTATUS) | {"activeIncidents": []}
    async with AsyncExitStack() as stack:

        async def site(path: str, answer: Any, *, status: int = 200) -> str:
            page = StatusSite(path=path, answer=answer, status=status)
            return (await stack.enter_async_context(serving(page))).base_url

        pages = {
            "GitHub": await site("/api/v2/summary.json", STATUSPAGE),
            "Figma": await site("/summary.json", INSTATUS),
            "Calm": await site("/summary.json", calm),
            "Linear": await site("/index.json", BETTER_STACK),
            "Gone": await site("/index.json", BETTER_STACK, status=500),
        }
        findings = await examine(database_url, tmp_path, status_pages=pages)

    def detail(name: str) -> str:
        return findings[f"status page {name}"].detail

    assert detail("GitHub") == "it answers: not up, 1 open incidents, 1 of 2 components in trouble"
    assert detail("Figma").startswith("it answers: not up, 1 open incidents")
    assert detail("Calm").startswith("it answers: up, 0 open incidents")
    assert detail("Linear").startswith("it answers: up, 0 open incidents, 0 of 1 components")
    assert findings["status page Gone"].health is Health.BAD
    assert "STATUS_PAGES" in findings["status page Gone"].advice


async def test_settings_that_name_what_is_not_there_are_found(database_url: str, tmp_path: Path):
    findings = await examine(
        database_url,
        tmp_path,
        folders={"handbook": tmp_path},
        folder_urls={"handbok": "https://wiki.example.com/"},
        sync_crons={"handbook": "", "nightly": ""},
        sensitive_sources=("handbook", "hr"),
        helpdesk_admins=frozenset({"ada@example.com", "U0123"}),
    )
    assert findings["SENSITIVE_SOURCES"].detail == "it names hr, which is no source"
    assert "handbook" in findings["SENSITIVE_SOURCES"].advice
    assert findings["SYNC_CRONS"].detail == "it names nightly, which is no source"
    assert (findings["FOLDER_URLS"].health, findings["FOLDER_URLS"].advice) == (Health.BAD, "there are: handbook")
    assert (findings["admins"].health, "u0123" in findings["admins"].detail) == (Health.BAD, True)


async def test_an_index_that_is_being_filled_is_said_to_be(server_url: str, worker_id: str, tmp_path: Path):
    with copied_database(server_url, f"filled_{worker_id}", template="template0") as url:
        await migrate_all(url)
        assert (await examine(url, tmp_path))["index"].detail == "empty"
        async with open_pool(url, max_size=2) as pool, Store(pool).writer("handbook") as writer:
            run = await writer.runs.begin()
            numbers = {"settled": 12, "skipped": 0, "chunks_embedded": 90}
            await writer.runs.report(run.id, phase="listing", progress=numbers, in_hand={})
            index = (await examine(url, tmp_path))["index"]
        assert index.health is Health.GOOD
        assert index.detail == "empty as yet; handbook is being read: listing, 12 settled, 90 chunks embedded"
        assert (await examine(url, tmp_path))["index"].detail == "empty"  # its process is gone


async def test_without_models_and_pages_it_says_how_to_have_them(database_url: str, tmp_path: Path):
    findings = await examine(database_url, tmp_path)
    assert (findings["model"].health, findings["status pages"].health) == (Health.OFF, Health.OFF)
    assert "MODEL_API_KEY" in findings["model"].advice
    assert "docs/tools.md" in findings["status pages"].advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channels_file", Path("gone.toml")),
        ("escalation_file", Path("gone.yaml")),
        ("evidence_file", Path("gone.json")),
        ("guard_policy", "secrets=explode"),
    ],
)
async def test_what_the_bot_would_not_start_with_is_found(database_url: str, tmp_path: Path, name: str, value: object):
    findings = await examine(database_url, tmp_path, **{name: value})
    assert findings["settings"].health is Health.BAD
    assert name.upper() in findings["settings"].detail


@pytest.mark.parametrize(("name", "value"), [("embedder", "word2vec"), ("search_language", "klingon")])
async def test_what_the_knowledge_does_not_open_with_is_found(
    database_url: str, tmp_path: Path, name: str, value: object
):
    findings = await examine(database_url, tmp_path, **{name: value})
    assert findings["database"].health is Health.GOOD
    assert findings["knowledge"].health is Health.BAD
    assert name.upper() in findings["knowledge"].detail


async def test_what_goes_by_the_proxy_is_tried_by_it_and_said(database_url: str, tmp_path: Path, slack: SlackServer):
    hosts = {"slack.com": slack.base_url, "gone.example.com": slack.base_url}
    async with CompanyNetwork(tmp_path, hosts, user="ada", password="canary", refuses="gone.example.com") as network:
        chosen = slack_settings(slack, slack_api_url="https://slack.com/api/", **network.settings)
        name = f"proxy {network.url('')}"
        near = {"websites": {"near": "https://near.corp.example.com"}, "no_proxy": frozenset({"corp.example.com"})}
        findings = await examine(database_url, tmp_path, **chosen, **near)
        assert findings[name].detail == "lets through: slack.com; asked directly: near.corp.example.com"
        assert bad_ones(findings, "slack", "proxy") == {}

        jira = JIRA | {"jira_url": "https://gone.example.com", "jira_api_token": SecretStr("t")}
        findings = await examine(database_url, tmp_path, **chosen, **jira)
        assert findings[name].detail == "gone.example.com: the proxy does not let it through (HTTP 403)"
        assert findings["tickets"].detail == "the proxy does not let it through (HTTP 403)"

        wrong = SecretStr(network.url("ada:other"))
        findings = await examine(database_url, tmp_path, **chosen | {"https_proxy": wrong, "ssl_cert_file": None})
        said = "the proxy refuses the user name or password it is given (HTTP 407)"
        assert findings[name].detail == f"slack.com: {said}"
        assert findings["slack"].detail == f"the platform can't be reached: {said}"
        assert "NO_PROXY" in findings[name].advice

        findings = await examine(database_url, tmp_path, **chosen | {"ssl_cert_file": None})
        assert "its certificate is refused" in findings[name].detail
        assert "SSL_CERT_FILE" in findings[name].advice
    findings = await examine(database_url, tmp_path, **chosen)
    assert findings[name].detail == "slack.com: the proxy can't be reached"
    assert "canary" not in str(findings)


async def test_a_file_without_certificates_is_found(database_url: str, tmp_path: Path):
    (tmp_path / "empty.pem").write_text("nothing\n")
    findings = await examine(database_url, tmp_path, ssl_cert_file=tmp_path / "empty.pem")
    assert "holds no certificates that can be read" in findings["knowledge"].detail


async def test_a_database_without_the_rights_it_takes_is_found(database_url: str, tmp_path: Path):
    role = f"poor_{os.getpid()}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        try:
            findings = await examine(make_conninfo(database_url, user=role), tmp_path)
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))
    assert findings["database"].health is Health.BAD
    assert "permission denied" in findings["database"].detail
    assert "docs/operations.md" in findings["database"].detail


@pytest.fixture
async def slack() -> AsyncGenerator[SlackServer]:
    async with SlackServer() as slack:
        slack.add_channel("CHELP")
        yield slack


def slack_settings(slack: SlackServer, **more: Any) -> dict[str, Any]:
    return {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.base_url,
        "slack_escalation_channel": "CHELP",
        **more,
    }


def bad_ones(findings: dict[str, Finding], *names: str) -> dict[str, Finding]:
    """Of what has to do with these; each says what to do."""
    found = {name: one for name, one in findings.items() if name.startswith(names) and one.health is Health.BAD}
    assert all(one.advice for one in found.values())
    return found


async def test_a_slack_that_is_well_is_said_to_be(database_url: str, tmp_path: Path, slack: SlackServer):
    findings = await examine(database_url, tmp_path, **slack_settings(slack))
    assert bad_ones(findings, "slack") == {}
    assert {name for name in findings if name.startswith("slack")} == {
        "slack",
        "slack scopes",
        "slack app token",
        "slack channel CHELP",
    }
    assert findings["escalation"].detail == "channel CHELP"


async def test_a_scope_that_is_missing_is_named(database_url: str, tmp_path: Path):
    async with SlackServer(scopes=SCOPES - {"files:read", "reactions:read"}) as slack:
        slack.add_channel("CHELP")
        findings = await examine(database_url, tmp_path, **slack_settings(slack))
    [(name, scopes)] = bad_ones(findings, "slack").items()
    assert (name, scopes.detail) == ("slack scopes", "the bot token lacks files:read, reactions:read")
    assert "reinstall" in scopes.advice


async def test_a_scope_without_which_it_does_not_get_in_is_no_wrong_token(database_url: str, tmp_path: Path):
    async with SlackServer(scopes=SCOPES - {"users:read"}) as slack:
        findings = await examine(database_url, tmp_path, **slack_settings(slack))
    assert "missing_scope" in findings["slack"].detail
    assert "reinstall" in findings["slack"].advice


async def test_a_wrong_app_token_is_found_though_the_bot_token_is_right(
    database_url: str, tmp_path: Path, slack: SlackServer
):
    wrong = slack_settings(slack, slack_app_token=SecretStr("xapp-of-another"))
    findings = await examine(database_url, tmp_path, **wrong)
    [(name, token)] = bad_ones(findings, "slack").items()
    assert (name, "invalid_auth" in token.detail) == ("slack app token", True)
    assert "xapp-of-another" not in token.detail
    assert "connections:write" in token.advice


@pytest.mark.parametrize(
    ("channel", "word", "advice"),
    [
        ("CGONE", "channel_not_found", "channel's id"),
        ("CFREMD", "not_in_channel", "/invite"),
        ("COLD", "is_archived", "unarchive"),
    ],
)
async def test_a_channel_where_nobody_would_be_asked_is_found(
    database_url: str, tmp_path: Path, slack: SlackServer, channel: str, word: str, advice: str
):
    slack.add_channel("CFREMD", has_bot=False)
    slack.add_channel("COLD", is_archived=True)
    file = tmp_path / "escalation.yaml"
    file.write_text(f"channel: {{slack: {channel}}}\n")
    chosen = slack_settings(slack, slack_escalation_channel="", slack_approvers_channel="CHELP", escalation_file=file)
    findings = await examine(database_url, tmp_path, **chosen)
    assert findings["settings"].health is Health.GOOD, findings["settings"]
    [(name, finding)] = bad_ones(findings, "slack").items()
    assert (name, word in finding.detail, advice in finding.advice) == (f"slack channel {channel}", True, True)
    assert "SLACK_APPROVERS_CHANNEL" in findings["slack channel CHELP"].detail
    assert findings["escalation"].detail == f"channel {channel}"


async def test_a_slack_that_is_down_is_no_wrong_token(database_url: str, tmp_path: Path, slack: SlackServer):
    slack.fail("auth.test", HttpError(503))
    slack.fail("apps.connections.open", HttpError(503))
    findings = bad_ones(await examine(database_url, tmp_path, **slack_settings(slack)), "slack")
    assert set(findings) == {"slack", "slack app token"}
    assert all("network" in one.advice for one in findings.values())


async def test_the_password_of_teams_is_tried_and_its_channel_must_be_known(database_url: str, tmp_path: Path):
    async with TeamsServer() as teams:
        chosen = {
            "teams_app_id": teams.app_id,
            "teams_app_password": SecretStr(teams.password),
            "teams_tenant_id": teams.tenant_id,
            "teams_login_url": teams.login_url,
            "teams_escalation_channel": "19:it@thread.tacv2",
        }
        findings = await examine(database_url, tmp_path, **chosen)
        assert findings["teams"].detail == f"app {teams.app_id} signs in"
        channel = findings["teams channel 19:it@thread.tacv2"]
        assert (channel.health, "mention the bot" in channel.advice) == (Health.BAD, True)

        findings = await examine(database_url, tmp_path, **chosen | {"teams_app_password": SecretStr("old-secret")})
        assert (findings["teams"].health, "invalid_client" in findings["teams"].detail) == (Health.BAD, True)
        assert "old-secret" not in str(findings)
        assert "TEAMS_APP_PASSWORD" in findings["teams"].advice

        teams.fail("token", Fail(503))
        findings = await examine(database_url, tmp_path, **chosen)
        assert (findings["teams"].health, "network" in findings["teams"].advice) == (Health.BAD, True)


JIRA = {"jira_email": "bot@example.com", "jira_service_desk_id": "4", "jira_request_type_id": "25"}


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({}, "Jira knows service desk 4 and its request type 25"),
        ({"jira_api_token": SecretStr("of-somebody-else")}, "Jira refuses: HTTP 401"),
        ({"jira_request_type_id": "26"}, "Jira refuses: HTTP 404"),
        ({"jira_url": "http://127.0.0.1:1"}, "nothing listens at its address"),
        ({"jira_url": "http://jira.example.com"}, "JIRA_URL must be an https:// address without a user name"),
    ],
)
async def test_the_account_and_the_ids_of_jira_are_tried_and_no_ticket_is_made(
    database_url: str, tmp_path: Path, wrong: dict[str, Any], detail: str
):
    async with TicketServer() as tickets:
        chosen = JIRA | {"jira_url": tickets.base_url, "jira_api_token": SecretStr(tickets.token)} | wrong
        finding = (await examine(database_url, tmp_path, **chosen))["tickets"]
    assert (finding.detail, finding.health is Health.GOOD) == (detail, not wrong)
    assert bool(finding.advice) is bool(wrong)
    assert tickets.made == []


async def test_a_webhook_is_reached_and_no_ticket_is_made(database_url: str, tmp_path: Path):
    async with TicketServer() as tickets:
        chosen = {"ticket_webhook_url": tickets.webhook_url, "ticket_webhook_secret": SecretStr("any")}
        assert (await examine(database_url, tmp_path, **chosen))["tickets"].health is Health.GOOD
        assert tickets.made == []
    assert (await examine(database_url, tmp_path, **chosen))["tickets"].health is Health.BAD


CLOUD = {"confluence_email": EMAIL, "confluence_api_token": SecretStr(API_TOKEN)}


async def test_a_confluence_that_is_well_is_counted_and_what_is_missing_of_it_is_named(
    database_url: str, tmp_path: Path
):
    wiki = wiki_of_the_staff()
    wiki.add_page("HELP", "VPN", "<p>Open it.</p>")
    async with running_confluence(wiki) as server:
        chosen = CLOUD | {"confluence_url": f"{server.base_url}/"}
        finding = (await examine(database_url, tmp_path, **chosen))["confluence"]
        assert (finding.health, finding.detail) == (
            Health.GOOD,
            "it answers: 1 spaces with 1 documents, 1 groups",
        )
        finding = (await examine(database_url, tmp_path, **chosen, confluence_spaces=("HELP", "NOPE")))["confluence"]
        assert (finding.health, "but there is no space NOPE" in finding.detail) == (Health.BAD, True)
        finding = (await examine(database_url, tmp_path, **chosen, confluence_spaces=("NOPE",)))["confluence"]
        assert finding.detail == "there is no space NOPE, or the account may not view it"
        assert "network" not in finding.advice


async def test_a_space_of_which_nobody_is_told_is_named(database_url: str, tmp_path: Path):
    wiki = wiki_of_the_staff()
    wiki.add_page("HELP", "VPN", "<p>Open it.</p>")
    async with running_confluence(wiki, is_cloud=False) as server:
        server.has_permission_rights = False
        chosen = {"confluence_url": server.base_url, "confluence_token": SecretStr(PERSONAL_TOKEN)}
        finding = (await examine(database_url, tmp_path, **chosen))["confluence"]
    assert finding.health is Health.BAD
    assert "nobody finds what is in HELP" in finding.detail


async def test_a_page_in_the_place_of_confluence_is_said_to_be_one(database_url: str, tmp_path: Path):
    async with Website() as site:
        site.put("/wiki/rest/api/user/current", html("Sign in", "Who are you?"))
        chosen = CLOUD | {"confluence_url": site.url("/wiki")}
        finding = (await examine(database_url, tmp_path, **chosen))["confluence"]
        site.violations.clear()  # it is asked as Confluence is, not as a site is by a crawler
    assert "it answers with a web page" in finding.detail


@pytest.fixture
async def google() -> AsyncGenerator[GoogleServer]:
    async with GoogleServer() as google:
        yield google


async def test_of_google_drive_it_is_found_before_the_first_sync_what_hinders_it(
    database_url: str, tmp_path: Path, google: GoogleServer
):
    files = google.files
    root = files.add_folder("Handbook")
    files.share(root, person(BOT, "writer"), domain("example.com"))
    file = files.add("vpn.md", parent=root, content=b"Open it.")
    closed = files.add_folder("Closed")
    viewed = files.add_folder("Viewed")
    files.share(viewed, person(BOT, "reader"))
    shared = files.add_folder("Shared")
    files.share(shared, person(BOT, "writer"), people_of("it@example.com"))
    key = tmp_path / "key.json"
    key.write_text(google.key_json())
    hosts = {"www.googleapis.com": google.drive_url, "admin.googleapis.com": google.directory_url}

    async with CompanyNetwork(tmp_path, hosts) as network:

        async def look(**chosen: Any) -> Finding:
            whole = {"google_key_file": key, "google_drive_folders": (root,), "no_proxy": frozenset({"oauth2"})}
            return (await examine(database_url, tmp_path, **network.settings, **whole | chosen))["drive"]

        assert (await look()).detail == "it answers: Handbook"
        assert (await look(google_drive_folders=(file,))).detail == f"{file} is no folder"
        assert "share it with the account" in (await look(google_drive_folders=(closed,))).detail
        assert "make it a member" in (await look(google_drive_folders=(), google_drive_drives=("0AbC",))).detail
        assert "does not tell who may read Viewed" in (await look(google_drive_folders=(viewed,))).detail
        groups = await look(google_drive_folders=(shared,))
        assert (groups.health, "GOOGLE_DIRECTORY_SUBJECT" in groups.detail) == (Health.GOOD, True)
        assert "invalid_grant" in (await look(google_directory_subject="nobody@example.com")).detail
        google.tokens.people.add("admin@example.com")
        assert (await look(google_directory_subject="admin@example.com")).health is Health.GOOD
        google.tokens.revoke()
        revoked = await look()
        assert (revoked.health, "invalid_grant" in revoked.detail) == (Health.BAD, True)
        assert "renew its credentials" in revoked.advice
    google.violations.clear()  # the proxy itself is tried by asking each host for /


async def test_of_a_website_its_first_page_is_looked_at(database_url: str, tmp_path: Path):
    async with Website() as site:
        site.put("/", html("Welcome", "<p>Read this.</p>"))
        site.put("/admin", html("Admin", "<p>No.</p>"), status=401)
        chosen = {
            "websites": {"docs": site.url("/"), "closed": site.url("/"), "gone": "http://127.0.0.1:1"},
            "website_start_pages": {"docs": "/", "closed": "/admin"},
        }
        findings = await examine(database_url, tmp_path, **chosen)
    assert (findings["docs"].health, findings["docs"].detail) == (Health.GOOD, "it answers: its links are followed")
    assert (findings["closed"].health, findings["gone"].health) == (Health.BAD, Health.BAD)
    assert "nothing listens at its address" in findings["gone"].detail


async def test_a_full_disk_of_the_embedded_database_is_said(monkeypatch: pytest.MonkeyPatch):
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:  # pytest's own is closed to the server's system user
        assert (await examine("", Path(name)))["database"].health is Health.GOOD
        monkeypatch.setattr("knowledge.embedded_postgres.ROOM_BYTES", 2**62)
        database = (await examine("", Path(name)))["database"]
    assert (database.health, "its disk is full (" in database.detail) == (Health.BAD, True)
    assert database.advice == f"make room where {name} is: no question can be taken without"
