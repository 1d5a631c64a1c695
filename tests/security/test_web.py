"""Our own pages: by which name, from where, and with what around them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpdesk_bot.web import build_web


async def page(_: object) -> PlainTextResponse:
    return PlainTextResponse("ours")


async def holds() -> bool:
    await asyncio.sleep(0)
    return True


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    web = build_web(
        checks={"database": holds},
        signed=[Route("/slack/events", page)],
        own=[Route("/", page), Route("/api/chat/events", page)],
        trusted_hosts=frozenset({"help.example.com"}),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
        yield client


FOREIGN = (
    "evil.example",
    "evil.example:8080",
    "help.example.com.evil.example",
    "help.example.com@evil.example",
    "xhelp.example.com",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "",
    "*",
)


@pytest.mark.parametrize("path", ["/", "/api/chat/events", "/metrics", "/readyz"])
@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_name_gets_none_of_our_pages(client: httpx.AsyncClient, path: str, host: str) -> None:
    response = await client.get(path, headers={"host": host}, follow_redirects=False)
    assert response.status_code == 400
    assert "ours" not in response.text
    assert "database" not in response.text
    assert "helpdesk_" not in response.text
    assert "location" not in response.headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "help.example.com", "HELP.example.com"])
async def test_the_names_it_is_known_by_do(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"host": host})).text == "ours"


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/healthz"])
@pytest.mark.parametrize("host", ["localhost:8080", "help.example.com", "10.0.3.7:8080", "[fd00::7]:8080"])
async def test_probes_and_scrapers_use_an_address_or_a_known_name(
    client: httpx.AsyncClient, path: str, host: str
) -> None:
    assert (await client.get(path, headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["10.0.3.7:8080", "[fd00::7]:8080"])
async def test_an_address_that_is_not_ours_gets_no_page(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"host": host})).status_code == 400


async def test_platforms_may_call_it_by_any_name(client: httpx.AsyncClient) -> None:
    assert (await client.get("/slack/events", headers={"host": "proxy.internal"})).text == "ours"


@pytest.mark.parametrize("path", ["//evil.example/", "/%2f%2fevil.example", "/\\evil.example", "/..//evil.example"])
async def test_no_path_leads_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(f"http://localhost{path}", follow_redirects=False)
    assert response.status_code in {400, 404}
    assert "location" not in response.headers
