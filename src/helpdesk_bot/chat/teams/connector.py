"""The Bot Connector: the SDK's client for each service, behind our own transport, token and pace."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import httpx
from botbuilder.schema import ChannelAccount, ConversationParameters
from botframework.connector import AsyncBfPipeline, BotFrameworkConnectorConfiguration
from botframework.connector.aio import ConnectorClient
from msrest.exceptions import ClientException
from msrest.pipeline import SansIOHTTPPolicy

from connectors.http import DIRECT, WayOut, client_by, trouble_of
from helpdesk_bot.chat.teams.activities import to_activity
from helpdesk_bot.chat.teams.pace import Pace
from helpdesk_bot.chat.teams.service_urls import is_service_url
from helpdesk_bot.chat.teams.token import LOGIN_URL, BotToken
from helpdesk_bot.chat.teams.transport import ConnectorTransport
from helpdesk_bot.errors import ChatRefused, ChatUnavailable
from helpdesk_bot.json_object import JsonObject

_PAGE_SIZE = 200
_MAX_PAGES = 200


class Connector:
    """Speaks for one app while it is open (`async with`). Methods raise `ChatError` in one of its kinds."""

    def __init__(
        self,
        *,
        app_id: str,
        password: str = "",
        tenant_id: str = "",
        login_url: str = LOGIN_URL,
        timeout_s: float = 10.0,
        way_out: WayOut = DIRECT,
        with_loopback: bool = False,
    ) -> None:
        self._http = client_by(way_out, timeout_s=timeout_s)
        self.token = BotToken(self._http, app_id=app_id, password=password, tenant_id=tenant_id, login_url=login_url)
        self.app_id = app_id
        self.with_loopback = with_loopback
        self._pace = Pace()
        self._clients: dict[str, ConnectorClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, service_url: str, conversation: str, activity: JsonObject) -> str:
        """The id of the message; empty where the service gives none, as for all but the first piece of a stream."""
        await self._pace.take(conversation)
        sent = await self._call(service_url, "send_to_conversation", conversation, to_activity(activity))
        return getattr(sent, "id", None) or ""

    async def update(self, service_url: str, conversation: str, message_id: str, activity: JsonObject) -> None:
        await self._pace.take(conversation)
        content = to_activity({**activity, "id": message_id})
        await self._call(service_url, "update_activity", conversation, message_id, content)

    async def delete(self, service_url: str, conversation: str, message_id: str) -> None:
        await self._call(service_url, "delete_activity", conversation, message_id)

    async def start_thread(self, service_url: str, channel: str, activity: JsonObject) -> tuple[str, str]:
        """Begin a thread in a channel: its conversation id, and the id of the message."""
        await self._pace.take(channel)
        parameters = ConversationParameters(
            is_group=True, channel_data={"channel": {"id": channel}}, activity=to_activity(activity)
        )
        started = await self._call(service_url, "create_conversation", parameters)
        return started.id, started.activity_id or started.id.rpartition("messageid=")[2]

    async def open_direct(self, service_url: str, *, bot_id: str, account_id: str, tenant_id: str) -> str:
        """The id of the personal conversation of this person and the bot."""
        parameters = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=bot_id),
            members=[ChannelAccount(id=account_id)],
            tenant_id=tenant_id,
            channel_data={"tenant": {"id": tenant_id}},
        )
        return (await self._call(service_url, "create_conversation", parameters)).id

    async def get_member(self, service_url: str, conversation: str, account_id: str) -> JsonObject:
        member = await self._call(service_url, "get_conversation_member", conversation, account_id)
        return _to_json(member)

    async def iter_members(self, service_url: str, conversation: str) -> AsyncIterator[JsonObject]:
        """Everybody in a conversation, page by page."""
        token: str | None = None
        for _ in range(_MAX_PAGES):
            page = await self._call(
                service_url, "get_teams_conversation_paged_members", conversation, _PAGE_SIZE, token
            )
            for member in page.members or []:
                yield _to_json(member)
            if not page.continuation_token:
                return
            if page.continuation_token == token:
                raise ChatUnavailable("a page came twice")
            token = page.continuation_token
        raise ChatUnavailable("too many members")

    async def download(self, url: str, *, with_token: bool, max_bytes: int) -> bytes:
        """What is behind an address that the caller looked at. Raises `ChatRefused` where it is too large or gone."""
        headers = await self.token.headers() if with_token else {}
        content = bytearray()
        try:
            async with self._http.stream("GET", url, headers=headers) as response:
                if not response.is_success:
                    raise ChatRefused(f"HTTP {response.status_code}")
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > max_bytes:
                        raise ChatRefused("the file is too large")
        except httpx.HTTPError as error:
            raise ChatUnavailable(trouble_of(error)) from error
        return bytes(content)

    async def _call(self, service_url: str, name: str, *arguments: object) -> Any:  # noqa: ANN401 - the SDK's models
        method = getattr(self._client(service_url).conversations, name)
        try:
            return await method(*arguments)
        except ChatUnavailable as error:
            if error.reason != "HTTP 401":
                raise
            self.token.forget()  # a token that was withdrawn before its time: once more with a new one
            try:
                return await method(*arguments)
            except ChatUnavailable as again:
                raise (ChatRefused("unauthorized") if again.reason == "HTTP 401" else again) from again
        except ClientException as error:
            raise ChatUnavailable(type(error).__name__) from error

    def _client(self, service_url: str) -> ConnectorClient:
        if not is_service_url(service_url, with_loopback=self.with_loopback):
            raise ChatRefused("not a service of Teams")
        if service_url not in self._clients:
            # A policy that does nothing stands for credentials: the SDK would put one that signs into two pipelines at
            # once, of which only the wrong one would work. The transport signs.
            configuration = BotFrameworkConnectorConfiguration(
                SansIOHTTPPolicy(),
                service_url,
                pipeline_type=AsyncBfPipeline,
                sender=ConnectorTransport(self._http, self.token),  # pyright: ignore[reportArgumentType]
            )
            self._clients[service_url] = ConnectorClient(None, custom_configuration=configuration)
        return self._clients[service_url]


def _to_json(member: Any) -> JsonObject:  # noqa: ANN401 - the SDK's models
    """With the fields that Teams adds to the SDK's account, as the SDK's own `TeamsInfo` reads them."""
    return {**(member.additional_properties or {}), **member.serialize()}
