"""Files of the fake Slack: what is told of them, and what is downloaded with a token."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.slack_method import Method, Refused, method

if TYPE_CHECKING:
    from tests.fakes.slack import SlackServer

Json = dict[str, Any]


@dataclass(kw_only=True)
class StoredFile:
    """`told_size` is what Slack says, which can differ from what comes."""

    id: str
    name: str
    media_type: str
    content: bytes
    told_size: int
    url: str = ""
    """Where it says it is, in place of the fake's own address."""


def get_info(slack: "SlackServer", arguments: Json) -> Json:
    file = slack.files.get(arguments["file"])
    if file is None:
        raise Refused("file_not_found")
    return {"file": slack.tell_file(file.id), "comments": [], "response_metadata": {"next_cursor": ""}}


async def download(slack: "SlackServer", request: web.Request) -> web.StreamResponse:
    """Without the right to read it, a page comes in place of the file, as from the real one."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    slack.downloads.append(token)
    if slack.download_waits:
        return web.Response(status=429, headers={"Retry-After": slack.download_waits.pop(0)})
    file = slack.files.get(request.match_info["file"])
    if file is None:
        raise web.HTTPNotFound
    if token != slack.bot_token or "files:read" not in slack.scopes or slack.hides_files:
        return web.Response(text="<!DOCTYPE html>sign in", content_type="text/html")
    return web.Response(body=file.content, content_type=file.media_type)


METHODS: tuple[Method, ...] = (method("files.info", get_info, "file", "cursor limit", scopes=("files:read",), tier=4),)
