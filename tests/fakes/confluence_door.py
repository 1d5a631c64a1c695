"""The connector at the fake's door, signed in, and in no hurry."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from connectors.confluence import ApiToken, ConfluenceSource, Edition, PersonalAccessToken, Scope, open_place
from connectors.http import Politeness
from connectors.text.reader import TextReader
from tests.fakes.confluence import API_TOKEN, EMAIL, PERSONAL_TOKEN, ConfluenceServer


@dataclass
class Naps:
    """How long the connector would have slept."""

    seconds: list[float] = field(default_factory=list[float])

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def confluence_source(
    server: ConfluenceServer,
    reader: TextReader,
    scope: Scope | None = None,
    *,
    auth: httpx.Auth | None = None,
    naps: Naps | None = None,
    politeness: Politeness | None = None,
    site_url: str = "",
) -> AsyncGenerator[ConfluenceSource]:
    token = ApiToken(EMAIL, API_TOKEN) if server.is_cloud else PersonalAccessToken(PERSONAL_TOKEN)
    async with open_place(
        "wiki",
        base_url=server.base_url,
        auth=auth or token,
        edition=Edition.CLOUD if server.is_cloud else Edition.DATA_CENTER,
        site_url=site_url,
        politeness=politeness,
        sleep=naps or Naps(),
    ) as place:
        yield ConfluenceSource(place, name="wiki", reader=reader, scope=scope)
