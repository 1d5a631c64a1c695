"""The files that come with messages."""

from urllib.parse import urlsplit

import aiohttp

from helpdesk_bot.chat.slack.api import JsonObject, SlackApi, in_our_words, read_wait
from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import SharedFile

_HOSTS = frozenset({"files.slack.com", "slack-files.com"})
"""Where Slack keeps files. The token goes to no other host, whatever a file says about where it is."""

_CHUNK_BYTES = 64 * 1024


class Files:
    """Reads files with the bot's rights. `base_url` is the Web API's; its host counts as Slack's own (for tests)."""

    def __init__(self, api: SlackApi, *, base_url: str) -> None:
        self._api = api
        self._own = urlsplit(base_url)

    async def load(self, file: SharedFile, *, max_bytes: int) -> bytes:
        """Raises `ChatRefused`: `file_too_large`, `file_not_readable`, `foreign_host`, or Slack's own word."""
        if file.size_bytes > max_bytes:
            raise ChatRefused("file_too_large")
        info = (await self._api.call(self._api.methods.files_info, file=file.id))["file"]
        if int(info.get("size") or 0) > max_bytes:
            raise ChatRefused("file_too_large")
        return await self._download(self._address(info), max_bytes=max_bytes, media_type=str(info.get("mimetype", "")))

    def _address(self, info: JsonObject) -> str:
        url = str(info.get("url_private_download") or info.get("url_private") or "")
        parts = urlsplit(url)
        is_slack = parts.scheme == "https" and parts.hostname in _HOSTS and parts.port in {None, 443}
        is_base = (parts.scheme, parts.netloc) == (self._own.scheme, self._own.netloc)
        if not (is_slack or is_base) or "@" in parts.netloc:
            raise ChatRefused("foreign_host")
        return url

    async def _download(self, url: str, *, max_bytes: int, media_type: str) -> bytes:
        headers = {"Authorization": f"Bearer {await self._api.get_token()}"}
        with in_our_words():
            async with self._api.get(url, headers) as response:
                _check(response, media_type)
                return await _read(response, max_bytes=max_bytes)


def _check(response: aiohttp.ClientResponse, media_type: str) -> None:
    """A page in place of a file is how Slack says that the token may not read it."""
    if response.status == 429:
        raise RateLimited(retry_after_s=read_wait(response.headers.get("Retry-After")))
    if response.status >= 500:
        raise ChatUnavailable(f"HTTP {response.status}")
    is_page = response.content_type == "text/html" and media_type != "text/html"
    if response.status != 200 or is_page:
        raise ChatRefused("file_not_readable")


async def _read(response: aiohttp.ClientResponse, *, max_bytes: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > max_bytes:
            raise ChatRefused("file_too_large")
    return bytes(content)
