"""The proxy, if there is one: what is asked by it, and whether it lets the bot through."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from connectors.http import client_by, trouble_of
from connectors.http.way_out import without_credentials
from helpdesk_bot.doctor.finding import Finding, bad, good
from helpdesk_bot.models.open_model import HOMES
from helpdesk_bot.settings import Settings
from helpdesk_bot.settings.models import MAIN
from helpdesk_bot.tools.status_pages import read_page
from knowledge.embedding.openai_compatible import DEFAULT_BASE_URL

TIMEOUT_S = 10.0


async def examine_way_out(settings: Settings) -> list[Finding]:
    """Nothing where everything is asked directly. What tools ask, their own findings say."""
    way_out = settings.way_out
    proxies = [without_credentials(proxy) for proxy in (way_out.https_proxy, way_out.http_proxy) if proxy]
    if not proxies:
        return []
    asked: dict[str, bool] = {}
    for address in _addresses(settings):
        with suppress(ValueError):  # what is no address is a matter of another finding
            asked[_origin(address)] = way_out.proxy_for(address) is not None
    by_proxy = [origin for origin, is_by_proxy in asked.items() if is_by_proxy]
    directly = [origin for origin, is_by_proxy in asked.items() if not is_by_proxy]
    async with client_by(way_out, timeout_s=TIMEOUT_S) as client:
        troubles = [
            found for found in await asyncio.gather(*(_trouble(client, origin) for origin in by_proxy)) if found
        ]
    name = f"proxy {', '.join(dict.fromkeys(proxies))}"
    if troubles:
        advice = "check HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, and what the proxy lets through: docs/operations.md"
        return [bad(name, "; ".join(troubles), advice)]
    directly_said = f"; asked directly: {_hosts(directly)}" if directly else ""
    return [good(name, f"lets through: {_hosts(by_proxy) or 'nothing is asked by it'}{directly_said}")]


async def _trouble(client: httpx.AsyncClient, origin: str) -> str:
    """Whatever the host says is well: that it says something shows the way. Empty where all is well."""
    try:
        async with client.stream("GET", origin):
            return ""
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{_hosts([origin])}: {trouble_of(error)}"


def _addresses(settings: Settings) -> Iterator[str]:
    """Of what settings name and is not said to be in the company's own network."""
    if settings.has_slack:
        yield settings.slack_api_url
    if settings.has_teams and not settings.teams_dev_mode:
        yield from (settings.teams_login_url, settings.teams_openid_url, "https://smba.trafficmanager.net")
    if settings.has_confluence and not settings.confluence_private_network:
        yield settings.confluence_url
    if settings.has_google_drive:
        yield from ("https://oauth2.googleapis.com", "https://www.googleapis.com")
    yield from (
        url for name, url in settings.websites.items() if name.casefold() not in settings.website_private_networks
    )
    yield from (
        read_page(name, written).url
        for name, written in settings.status_pages.items()
        if name.casefold() not in settings.status_private_networks
    )
    yield from filter(None, (settings.ticket_webhook_url, settings.jira_url))
    if settings.embedder.startswith("openai:"):
        yield settings.embedder_base_url or DEFAULT_BASE_URL
    for name, spec in {**({MAIN: settings.model} if settings.model else {}), **settings.model_fallbacks}.items():
        base_url = settings.model_base_urls.get(name) or (settings.model_base_url if name == MAIN else "")
        if home := base_url or HOMES.get(spec.partition(":")[0]):
            yield home


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _hosts(origins: list[str]) -> str:
    return ", ".join(urlsplit(origin).netloc for origin in origins)
