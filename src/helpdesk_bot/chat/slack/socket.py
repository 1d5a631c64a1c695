"""Slack over Socket Mode: the same events through a connection that we open, for where Slack can't reach us."""

import asyncio
from types import TracebackType
from typing import Self

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from connectors.http import DIRECT, WayOut
from helpdesk_bot.chat.slack.api import DEFAULT_URL, SlackApi, lead_out, quiet_logger
from helpdesk_bot.errors import ChatUnavailable

_CONNECT_WITHIN_S = 30.0


class SlackSocket:
    """Receives while it is open (`async with`), and connects again by itself.

    An event is acknowledged when the desk has it; one that the desk did not take is left alone, and Slack sends it
    again. Slack knows the app by its token, so there is no signature here.
    """

    def __init__(self, app: AsyncApp, *, app_token: str, base_url: str = DEFAULT_URL, way_out: WayOut = DIRECT) -> None:
        self._app = app
        self._app_token = app_token
        self._base_url = base_url
        self._way_out = way_out

    async def __aenter__(self) -> Self:
        """Raises `ChatRefused` for a wrong token and `ChatUnavailable`: the SDK by itself would try for ever."""
        url = await open_connection(self._app_token, base_url=self._base_url, way_out=self._way_out)
        web_client = AsyncWebClient(base_url=self._base_url, logger=quiet_logger())
        lead_out(web_client, self._way_out)
        self._handler = AsyncSocketModeHandler(self._app, self._app_token, web_client=web_client)
        self._handler.client.wss_uri, self._handler.client.proxy = url, self._way_out.proxy_for(url)
        try:
            async with asyncio.timeout(_CONNECT_WITHIN_S):
                await self._handler.connect_async()
        except TimeoutError as error:
            await self._handler.close_async()
            raise ChatUnavailable("no Socket Mode connection") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._handler.close_async()


async def open_connection(app_token: str, *, base_url: str = DEFAULT_URL, way_out: WayOut = DIRECT) -> str:
    """Where to connect to. Raises `ChatRefused` for a wrong token."""
    async with SlackApi(token=app_token, base_url=base_url, way_out=way_out) as api:
        opened = await api.call(api.methods.apps_connections_open, app_token=app_token)
    return opened["url"]
