"""What the page asks the server for."""

import asyncio
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpdesk_bot.chat.browser.endpoints import BrowserLimits, ChatEndpoints, GetPassage
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.refusals import Endpoint, Refused, with_plain_refusals
from helpdesk_bot.chat.browser.site import SecurityHeaders, Site, SiteFile, read_site
from helpdesk_bot.events import Person
from helpdesk_bot.ports import Desk


def browser_routes(
    *,
    desk: Desk,
    records: BrowserRecords,
    visitor: Person,
    get_passage: GetPassage,
    suggestions: Sequence[str],
    closing: asyncio.Event,
    limits: BrowserLimits | None = None,
) -> list[BaseRoute]:
    """The page at `/`, its files, and `/api/chat/*`.

    `get_passage` gives a passage if the visitor may read it now. Open event streams end when `closing` is set; set it
    before the server waits for its connections to close.
    """
    limits = limits or BrowserLimits()
    site = _SiteEndpoints(read_site())
    chat = ChatEndpoints(
        desk=desk,
        records=records,
        visitor=visitor,
        get_passage=get_passage,
        suggestions=tuple(suggestions),
        closing=closing,
        limits=limits,
    )

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        return Route(
            path,
            with_plain_refusals(endpoint),
            methods=[method],
            middleware=[Middleware(SecurityHeaders)],
            max_body_size=limits.max_body_bytes,
        )

    return [
        route("GET", "/", site.show_page),
        route("GET", "/static/{version}/{name}", site.show_file),
        route("POST", "/api/chat/conversations", chat.open_conversation),
        route("POST", "/api/chat/conversations/list", chat.list_conversations),
        route("POST", "/api/chat/questions", chat.take_question),
        route("POST", "/api/chat/edits", chat.take_edit),
        route("POST", "/api/chat/deletions", chat.take_deletion),
        route("POST", "/api/chat/clicks", chat.take_click),
        route("POST", "/api/chat/forms", chat.take_form),
        route("GET", "/api/chat/events", chat.stream_events),
        route("POST", "/api/chat/votes", chat.take_vote),
        route("GET", "/api/chat/passages/{chunk_id:int}", chat.show_passage),
        route("GET", "/api/chat/suggestions", chat.list_suggestions),
    ]


class _SiteEndpoints:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def show_page(self, request: Request) -> Response:  # noqa: ARG002 - the same for everyone
        return _file_response(self._site.page, cache="no-cache")

    async def show_file(self, request: Request) -> Response:
        """A file under another version's address is today's, and is not kept: a deploy may be under way."""
        file = self._site.files.get(request.path_params["name"])
        if file is None:
            raise Refused(404, "There is no such file.")
        is_current = request.path_params["version"] == self._site.version
        return _file_response(file, cache="public, max-age=31536000, immutable" if is_current else "no-cache")


def _file_response(file: SiteFile, *, cache: str) -> Response:
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": cache})
