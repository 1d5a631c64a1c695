"""Every client leaves by the proxy that settings name, trusts the company's authority, and says what hinders it.

The proxy stands in a network of its own (`tests/fakes/company_network.py`): no name that is asked for here is known to
this machine, so what is answered came by the proxy.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import SecretStr

from connectors.documents import Listed
from connectors.errors import NotReached, OutOfBounds, SourceUnavailable
from connectors.http import Politeness, Visit, WayOut
from connectors.text.reader import TextReader
from helpdesk_bot.app.chats import slack_of, teams_of
from helpdesk_bot.app.knowledge import embedder_of
from helpdesk_bot.app.models import candidates_of
from helpdesk_bot.app.people import open_ticket_system
from helpdesk_bot.app.sources import open_sources
from helpdesk_bot.app.status import status_of
from helpdesk_bot.app.teams import gate_of
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.chat.slack import SlackBot, SlackSocket, build_slack_app, open_connection
from helpdesk_bot.chat.slack.api import quiet_logger
from helpdesk_bot.chat.teams import Gate
from helpdesk_bot.chat.teams.keys import KeysUnavailable
from helpdesk_bot.chat.teams.payloads import read_envelope
from helpdesk_bot.errors import ChatUnavailable
from helpdesk_bot.escalation import TicketUnavailable
from helpdesk_bot.events import SharedFile
from helpdesk_bot.models.direct import Direct
from helpdesk_bot.models.errors import ModelFailed
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.settings import Settings
from knowledge.errors import EmbedderUnavailable
from knowledge.postgres import Pool
from tests.eventually import eventually
from tests.fakes.anthropic_server import AnthropicServer
from tests.fakes.company_network import CompanyNetwork
from tests.fakes.confluence import API_TOKEN as ATLASSIAN_TOKEN
from tests.fakes.confluence import EMAIL, running_confluence
from tests.fakes.confluence_site import wiki_of_the_staff
from tests.fakes.embedding_server import API_KEY, MODEL, running_embedding_server
from tests.fakes.google_drive import GoogleServer
from tests.fakes.google_drive_files import person
from tests.fakes.google_drive_tokens import BOT
from tests.fakes.inner_services import HOSTS, listening_to_sockets
from tests.fakes.mcp_site import serving_mcp
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import SlackServer
from tests.fakes.slack_desk import RecordingDesk
from tests.fakes.status_site import STATUSPAGE, StatusSite, serving
from tests.fakes.teams import TeamsServer
from tests.fakes.tickets import TicketServer
from tests.fakes.tool_site import ToolSite, serving_tools
from tests.fakes.website import Website, html

RUNS = count(1)


def settings_of(network: CompanyNetwork, **chosen: Any) -> Settings:
    return Settings(_env_file=None, starter_knowledge=False, **{**network.settings, **chosen})  # pyright: ignore[reportCallIssue]


def visiting(way_out: WayOut, url: str = "https://wiki.example.com", **options: Any) -> Visit:
    async def rest(_: float) -> None:
        """Not in a test."""

    return Visit("wiki", base_url=url, way_out=way_out, politeness=Politeness(timeout_s=5), sleep=rest, **options)


@pytest.fixture
async def site() -> AsyncGenerator[ToolSite]:
    async with serving_tools() as site:
        yield site


# What a proxy does to a visit


async def test_a_place_is_asked_by_the_proxy_that_knows_its_name(site: ToolSite, tmp_path: Path) -> None:
    async with CompanyNetwork(tmp_path, {"wiki.example.com": site.base_url}) as network:
        with listening_to_sockets() as heard:
            async with visiting(network.way_out) as visit:
                assert await visit.get_json("/rest") == {}
        assert network.asked == ["wiki.example.com:443"]
    assert "wiki.example.com" not in [place for event, place in heard if event == "socket.getaddrinfo"]
    assert (site.calls[0].target, site.calls[0].headers["host"]) == ("/rest", "wiki.example.com")
    assert "proxy-authorization" not in site.calls[0].headers


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_the_user_and_password_go_to_the_proxy_alone(site: ToolSite, tmp_path: Path, is_encrypted: bool) -> None:
    hosts = {"wiki.example.com": site.base_url}
    async with CompanyNetwork(tmp_path, hosts, user="bot", password="can", is_encrypted=is_encrypted) as network:
        async with visiting(network.way_out) as visit:
            await visit.get_json("/")
        assert len(network.asked) == 1
    assert "proxy-authorization" not in site.calls[0].headers


@pytest.mark.parametrize("login", ["bot:canary", ""])
async def test_a_wrong_password_is_said_to_be_one_and_not_tried_again(tmp_path: Path, login: str) -> None:
    async with CompanyNetwork(tmp_path, {}, user="bot", password="other") as network:
        async with visiting(WayOut(https_proxy=network.url(login))) as visit:
            with pytest.raises(NotReached, match="refuses the user name or password it is given") as failed:
                await visit.get_json("/")
        assert len(network.asked) == 1
    assert "canary" not in str(failed.value)


async def test_a_host_that_the_proxy_does_not_let_through_is_said_to_be_one(tmp_path: Path) -> None:
    async with CompanyNetwork(tmp_path, {}, refuses="wiki.example.com") as network:
        async with visiting(network.way_out) as visit:
            with pytest.raises(NotReached, match=r"the proxy does not let it through \(HTTP 403\)"):
                await visit.get_json("/")
            with pytest.raises(NotReached, match="the proxy does not let it through"):
                await visit.send_once("POST", "/", json={})
        assert len(network.asked) == 2


async def test_a_host_that_the_proxy_does_not_reach_is_tried_again(tmp_path: Path) -> None:
    async with CompanyNetwork(tmp_path, {}) as network:
        async with visiting(network.way_out) as visit:
            with pytest.raises(SourceUnavailable, match=r"the proxy does not reach it \(HTTP 502\)"):
                await visit.get_json("/")
        assert len(network.asked) == 6


async def test_a_proxy_that_is_away_is_said_to_be(unused_tcp_port: int) -> None:
    async with visiting(WayOut(https_proxy=f"http://bot:canary@127.0.0.1:{unused_tcp_port}")) as visit:
        with pytest.raises(SourceUnavailable, match="the proxy can't be reached") as failed:
            await visit.get_json("/")
        with pytest.raises(NotReached, match="the proxy can't be reached"):
            await visit.send_once("POST", "/", json={})
    assert "canary" not in str(failed.value)


async def test_a_proxy_that_reads_along_is_trusted_only_with_its_authority(site: ToolSite, tmp_path: Path) -> None:
    async with (
        CompanyNetwork(tmp_path, {"wiki.example.com": site.base_url}) as network,
        visiting(WayOut(https_proxy=network.url())) as visit,
    ):
        with pytest.raises(SourceUnavailable, match="its certificate is refused"):
            await visit.get_json("/")
    assert site.calls == []


# What holds with a proxy as without


async def test_no_place_makes_the_proxy_ask_another(site: ToolSite, tmp_path: Path) -> None:
    async with CompanyNetwork(tmp_path, {"place.example.com": site.base_url}) as network:
        async with visiting(network.way_out, "https://place.example.com") as visit:
            for host in HOSTS:
                address = f"https://{host}/secret"
                site.location = address.encode().decode("latin-1")
                for asked in (address, "/"):
                    with pytest.raises(OutOfBounds):
                        await visit.get_bytes(asked, max_bytes=1_000)
        assert set(network.asked) == {"place.example.com:443"}
    assert {call.target for call in site.calls} == {"/"}


@pytest.mark.parametrize("host", ["127.1", "127.0.1", "0", "2130706433", "0x7f000001", "0x7f.0.0.1", "10.1", "127.1."])
async def test_a_number_that_stands_for_an_inner_address_is_no_name_to_the_proxy(tmp_path: Path, host: str) -> None:
    async with CompanyNetwork(tmp_path, {}) as network:
        async with visiting(network.way_out, f"https://{host}") as visit:
            with listening_to_sockets() as heard, pytest.raises(OutOfBounds, match="not a public address"):
                await visit.get_json("/")
        assert (network.asked, heard) == ([], [])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "a.localhost", "localhost."])
async def test_a_proxy_is_not_asked_for_this_machine(tmp_path: Path, host: str) -> None:
    async def nobody(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with CompanyNetwork(tmp_path, {}) as network:
        async with visiting(network.way_out, f"https://{host}:9", resolver=nobody) as visit:
            with pytest.raises((SourceUnavailable, OutOfBounds)):
                await visit.get_json("/")
        assert network.asked == []


@pytest.mark.parametrize(
    ("no_proxy", "is_private", "address"), [("wiki.example.com", False, "93.184.216.34"), ("", True, "10.0.0.1")]
)
async def test_what_is_asked_directly_is_looked_up_and_checked(
    tmp_path: Path, no_proxy: str, is_private: bool, address: str
) -> None:
    """NO_PROXY, and what an admin said is in the company's own network."""
    led_to = iter([["169.254.169.254"], ["127.0.0.1"]])

    async def resolver(host: str, port: int) -> list[str]:
        return next(led_to)

    async with CompanyNetwork(tmp_path, {}) as network:
        way_out = WayOut(https_proxy=network.url(), no_proxy=[no_proxy])
        async with visiting(way_out, resolver=resolver, is_in_private_network=is_private) as visit:
            for _ in range(2):
                with listening_to_sockets() as heard, pytest.raises(OutOfBounds, match="not a public address"):
                    await visit.get_json("/")
                assert heard == []
        assert network.asked == []


# Each client, as settings set it up


async def test_sources_are_read_by_the_proxy(tmp_path: Path, pool: Pool) -> None:
    """Confluence, Google Drive with its token, and a website."""
    wiki = wiki_of_the_staff()
    wiki.add_page("HELP", "VPN", "<p>Twelve hours.</p>")
    async with AsyncExitStack() as stack:
        confluence = await stack.enter_async_context(running_confluence(wiki))
        google = await stack.enter_async_context(GoogleServer())
        website = await stack.enter_async_context(Website())
        website.put("/", html("VPN", "<p>Twelve hours.</p>"))
        hosts = {
            "acme.atlassian.net": confluence.base_url,
            "oauth2.googleapis.com": google.token_uri,
            "www.googleapis.com": google.token_uri,
            "docs.example.com": website.base_url,
        }
        confluence.base_url = "https://acme.atlassian.net/wiki"
        website.base_url, google._base_url = "https://docs.example.com", "https://oauth2.googleapis.com"
        folder = google.files.add_folder("Handbook")
        google.files.share(folder, person(BOT, "writer"))
        google.files.add("VPN.md", content=b"Twelve hours.", parent=folder)
        key = tmp_path / "key.json"
        key.write_text(google.key_json())
        network = await stack.enter_async_context(CompanyNetwork(tmp_path, hosts))
        settings = settings_of(
            network,
            confluence_url=confluence.base_url,
            confluence_email=EMAIL,
            confluence_api_token=SecretStr(ATLASSIAN_TOKEN),
            google_drive_folders=(folder,),
            google_key_file=key,
            websites={"docs": website.base_url},
        )
        reader = await stack.enter_async_context(TextReader())
        sources = await stack.enter_async_context(open_sources(settings, reader=reader, pool=pool))
        for name in ("confluence", "drive", "docs"):
            listed = [one async for one in sources[name].changes(None) if isinstance(one, Listed)]
            assert len(listed) == 1, name
    assert {host.removesuffix(":443") for host in network.asked} == hosts.keys()


async def test_a_status_page_is_looked_at_by_the_proxy(tmp_path: Path) -> None:
    page = StatusSite(path="/api/v2/summary.json", answer=STATUSPAGE)
    async with serving(page), CompanyNetwork(tmp_path, {"status.example.com": page.base_url}) as network:
        async with AsyncExitStack() as stack:
            settings = settings_of(network, status_pages={"GitHub": "statuspage:https://status.example.com"})
            [looked] = await (await status_of(settings, stack=stack)).look()
        assert looked.status is not None
        assert network.asked == ["status.example.com:443"]


async def test_tools_are_called_by_the_proxy(site: ToolSite, tmp_path: Path) -> None:
    look = {"name": "look", "title": "Look", "description": "Looks.", "url": "https://tool.example.com", "path": "/x"}
    server = {"name": "desk", "url": "https://mcp.example.com/mcp", "tools": {"post": {"title": "Post"}}}
    (tmp_path / "tools.yaml").write_text(yaml.safe_dump({"tools": [look], "mcp": [server]}))
    async with serving_mcp() as mcp:
        hosts = {"tool.example.com": site.base_url, "mcp.example.com": mcp.base_url}
        async with CompanyNetwork(tmp_path, hosts) as network:
            async with AsyncExitStack() as stack:
                tools = await tools_of(settings_of(network, tools_file=tmp_path / "tools.yaml"), stack=stack)
                await tools["look"].call({}, timeout_s=5)
                standings = await tools.reach()
            assert {"tool.example.com:443", "mcp.example.com:443"} == set(network.asked)
    assert len(site.calls) >= 1
    troubles = {one.spec.name: one.trouble for one in standings}
    assert troubles["look"] == ""
    assert "nobody has agreed" in troubles["desk_post"]  # it was listed


def slack_settings(slack: SlackServer) -> dict[str, Any]:
    return {"slack_bot_token": SecretStr(slack.bot_token), "slack_app_token": SecretStr(slack.app_token)}


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_slack_is_spoken_to_by_the_proxy(tmp_path: Path, pool: Pool, is_encrypted: bool) -> None:
    """Its Web API, and the files that people share, which are elsewhere."""
    async with SlackServer() as slack:
        slack.add_channel("CHELP")
        slack.add_file("F1", b"Twelve hours.", url="https://files.slack.com/files/F1")
        hosts = {"slack.com": slack.base_url, "files.slack.com": slack.base_url}
        way = CompanyNetwork(tmp_path, hosts, user="bot", password="p@ss:word/", is_encrypted=is_encrypted)
        async with way as network:
            async with slack_of(settings_of(network, **slack_settings(slack)), pool) as chat:
                assert await chat.places.find_obstacle("CHELP") == ""
                file = SharedFile(id="F1", name="notes.txt", media_type="text/plain", size_bytes=13)
                assert await chat.load_file(file, max_bytes=1_000) == b"Twelve hours."
            assert set(network.asked) == {"slack.com:443", "files.slack.com:443"}


async def test_socket_mode_goes_by_the_proxy(tmp_path: Path) -> None:
    async with SlackServer() as slack:
        slack.add_user("UADA", email="ada@example.com")
        slack.add_channel("CIT", members=["UADA"])
        slack.socket_url = "wss://wss-primary.slack.com"
        hosts = {"slack.com": slack.base_url, "wss-primary.slack.com": slack.base_url}
        desk = RecordingDesk()
        async with CompanyNetwork(tmp_path, hosts, user="bot", password="secret") as network:
            bot = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
            app = build_slack_app(desk, bot=bot, on_ignored=lambda reason: None)
            async with SlackSocket(app, app_token=slack.app_token, way_out=network.way_out):
                await slack.wait_connected()
                assert await slack.deliver(slack.ask("CIT", "UADA", "how?")) is not None
            assert set(network.asked) == {"slack.com:443", "wss-primary.slack.com:443"}
    assert len(desk.events) == 1


async def test_the_password_stays_out_of_what_the_sdk_logs_when_the_proxy_refuses_it_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """aiohttp's error holds the proxy's address, and the SDK logs it each time that it tries to connect again."""
    async with SlackServer() as slack:
        hosts = {"slack.com": slack.base_url, "wss-primary.slack.com": slack.base_url}
        slack.socket_url = "wss://wss-primary.slack.com"
        async with CompanyNetwork(tmp_path, hosts, user="bot", password="canary") as network:
            bot = SlackBot(team_id="T0HELP", user_id="UBOT", bot_id="BBOT", app_id="A0HELP")
            app = build_slack_app(RecordingDesk(), bot=bot, on_ignored=print)
            async with SlackSocket(app, app_token=slack.app_token, way_out=network.way_out):
                await slack.wait_connected()
                network.login = "bot:changed"
                await slack.ask_to_reconnect()
                await eventually(lambda: "407" in caplog.text)
                quiet_logger().error("http://bot:%s@proxy:1", "canary")
    assert "canary" not in caplog.text
    assert "http://127.0.0.1" in caplog.text
    assert "http://proxy:1" in caplog.text


async def test_the_environment_is_read_by_settings_alone(
    monkeypatch: pytest.MonkeyPatch, pool: Pool, unused_tcp_port: int
) -> None:
    """Slack's SDK takes a proxy from there, for every host."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    async with SlackServer() as slack:
        settings = Settings(_env_file=None, slack_api_url=slack.base_url, **slack_settings(slack))  # pyright: ignore[reportCallIssue]
        async with slack_of(settings, pool):
            pass
        app = build_slack_app(
            RecordingDesk(), bot=SlackBot(team_id="T", user_id="U", bot_id="B", app_id="A"), on_ignored=print
        )
        async with SlackSocket(app, app_token=slack.app_token, base_url=slack.base_url, way_out=settings.way_out):
            await slack.wait_connected()


@pytest.mark.parametrize(
    ("login", "refuses", "said"),
    [
        ("bot:canary", "", "the proxy refuses the user name or password"),
        (None, "slack.com", "the proxy does not let it through"),
    ],
)
async def test_slack_behind_a_proxy_that_refuses_says_so(
    tmp_path: Path, pool: Pool, caplog: pytest.LogCaptureFixture, login: str | None, refuses: str, said: str
) -> None:
    caplog.set_level("DEBUG")
    async with SlackServer() as slack, CompanyNetwork(tmp_path, {}, user="b", password="p", refuses=refuses) as network:
        settings = settings_of(network, **slack_settings(slack), https_proxy=SecretStr(network.url(login)))
        with pytest.raises(ChatUnavailable, match=said) as failed:
            await slack_of(settings, pool).__aenter__()
        with pytest.raises(ChatUnavailable, match=said):
            await open_connection(slack.app_token, way_out=settings.way_out)
    assert "canary" not in str(failed.value) + caplog.text


async def test_slack_says_that_a_proxy_is_away_or_a_certificate_is_refused(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    away = WayOut(https_proxy=f"http://bot:canary@127.0.0.1:{unused_tcp_port}")
    with pytest.raises(ChatUnavailable, match="the proxy can't be reached"):
        await open_connection("xapp-1", way_out=away)
    async with SlackServer() as slack, CompanyNetwork(tmp_path, {"slack.com": slack.base_url}) as network:
        with pytest.raises(ChatUnavailable, match="its certificate is refused"):
            await open_connection("xapp-1", way_out=WayOut(https_proxy=network.url()))


async def test_teams_is_spoken_to_by_the_proxy(tmp_path: Path, pool: Pool) -> None:
    """The connector, the token, and the keys that its messages are signed with."""
    async with TeamsServer() as teams:
        teams.add_user("ada")
        conversation = teams.add_personal("ada")
        names = ("login.microsoftonline.com", "login.botframework.com", "smba.trafficmanager.net")
        hosts = dict.fromkeys(names, teams.base_url)
        openid = f"https://login.botframework.com{teams.metadata_url.removeprefix(teams.base_url)}"
        teams.base_url = "https://login.botframework.com"
        teams.service_url = "https://smba.trafficmanager.net/connector/"
        async with CompanyNetwork(tmp_path, hosts, user="bot", password="secret") as network:
            settings = settings_of(
                network,
                teams_app_id=teams.app_id,
                teams_app_password=SecretStr(teams.password),
                teams_tenant_id=teams.tenant_id,
                teams_openid_url=openid,
            )
            async with teams_of(settings, pool) as chat:
                await chat.check()
                assert await chat._connector.send(teams.service_url, conversation, {"type": "message", "text": "hello"})
            gate = gate_of(settings)
            activity = teams.message(conversation, "ada", "hello")
            await gate.admit(teams.sign(activity), read_envelope(activity))
            assert {host.removesuffix(":443") for host in network.asked} == set(names)


async def test_teams_lets_nobody_in_where_the_proxy_does_not_reach_its_keys(tmp_path: Path) -> None:
    async with TeamsServer() as teams, CompanyNetwork(tmp_path, {}, refuses="login.botframework.com") as network:
        openid = f"https://login.botframework.com/refused/{next(RUNS)}"
        gate = Gate(app_id="app-1", tenant_id="tenant-1", metadata_url=openid, way_out=network.way_out)
        teams.service_url = "https://smba.trafficmanager.net/connector/"
        teams.add_user("ada")
        activity = teams.message(teams.add_personal("ada"), "ada", "hello")
        with pytest.raises(KeysUnavailable, match="the proxy does not let it through"):
            await gate.admit(teams.sign(activity), read_envelope(activity))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_a_model_is_asked_by_the_proxy(tmp_path: Path, provider: str) -> None:
    async with ModelServer() as openai, AnthropicServer() as anthropic:
        openai.reply("Yes.")
        host = f"api.{provider}.com"
        counterpart = openai.base_url if provider == "openai" else anthropic.base_url
        base_url = f"https://{host}{urlsplit(counterpart).path}"
        async with CompanyNetwork(tmp_path, {host: counterpart}, user="bot", password="secret") as network:
            settings = settings_of(
                network, model=f"{provider}:test-model", model_api_key=SecretStr("k"), model_base_url=base_url
            )
            [candidate] = candidates_of(settings)
            reply = await Direct(candidate.open()).ask(ModelRequest(system="s", user="u"), timeout_s=30)
            assert reply.text == "Yes."
            assert set(network.asked) == {f"{host}:443"}
            wrong = settings_of(
                network,
                model=f"{provider}:test-model",
                model_api_key=SecretStr("k"),
                model_base_url=base_url,
                https_proxy=SecretStr(network.url("bot:canary")),
            )
            [candidate] = candidates_of(wrong)
            with pytest.raises(ModelFailed, match="the proxy refuses the user name or password") as failed:
                await Direct(candidate.open()).ask(ModelRequest(system="s", user="u"), timeout_s=30)
            assert not failed.value.is_passing


async def test_an_embedding_endpoint_is_asked_by_the_proxy(tmp_path: Path) -> None:
    async with (
        running_embedding_server() as server,
        CompanyNetwork(tmp_path, {"api.openai.com": server.base_url}) as network,
    ):
        settings = settings_of(network, embedder=f"openai:{MODEL}", embedder_api_key=SecretStr(API_KEY))
        embedder = embedder_of(settings, at_once=True)
        assert (await embedder.embed(["hello"])).shape == (1, server.dimension)
        await embedder.aclose()
        wrong = settings.model_copy(update={"https_proxy": SecretStr(network.url("bot:canary"))})
        embedder = embedder_of(wrong, at_once=True)
        with pytest.raises(EmbedderUnavailable, match="the proxy refuses the user name or password"):
            await embedder.embed(["hello"])
        await embedder.aclose()
        assert network.asked == ["api.openai.com:443"] * 2


async def test_an_endpoint_without_tls_is_asked_by_the_proxy_for_such(tmp_path: Path) -> None:
    async with (
        running_embedding_server() as server,
        CompanyNetwork(tmp_path, {"models.example.com": server.base_url}, user="bot", password="secret") as network,
    ):
        for login in (None, "bot:canary"):
            settings = Settings(
                _env_file=None,  # pyright: ignore[reportCallIssue]
                http_proxy=SecretStr(network.url(login)),
                embedder=f"openai:{MODEL}",
                embedder_api_key=SecretStr(API_KEY),
                embedder_base_url="http://models.example.com/v1",
            )
            embedder = embedder_of(settings, at_once=True)
            if login is None:
                assert (await embedder.embed(["hello"])).shape == (1, server.dimension)
            else:
                with pytest.raises(EmbedderUnavailable, match="the proxy refuses the user name or password"):
                    await embedder.embed(["hello"])
            await embedder.aclose()
        assert network.asked == ["models.example.com:80"] * 2
        assert len(server.requests) == 1


async def test_tickets_are_made_by_the_proxy(tmp_path: Path) -> None:
    async with TicketServer() as tickets:
        hosts = {"acme.atlassian.net": tickets.base_url, "hooks.example.com": tickets.base_url}
        async with CompanyNetwork(tmp_path, hosts, refuses="closed.example.com") as network:
            jira = {"jira_url": "https://acme.atlassian.net", "jira_email": tickets.email}
            jira |= {"jira_service_desk_id": "4", "jira_request_type_id": "25"}
            webhook = {"ticket_webhook_secret": SecretStr(tickets.secret)}
            for settings in (
                settings_of(network, **jira, jira_api_token=SecretStr(tickets.token)),
                settings_of(network, **webhook, ticket_webhook_url="https://hooks.example.com/hooks/helpdesk"),
            ):
                async with AsyncExitStack() as stack:
                    system = await open_ticket_system(settings, stack=stack)
                    assert system is not None
                    assert await system.check()
            assert {host.removesuffix(":443") for host in network.asked} == hosts.keys()
            closed = settings_of(network, **webhook, ticket_webhook_url="https://closed.example.com/")
            async with AsyncExitStack() as stack:
                system = await open_ticket_system(closed, stack=stack)
                assert system is not None
                with pytest.raises(TicketUnavailable, match="the proxy does not let it through"):
                    await system.check()
