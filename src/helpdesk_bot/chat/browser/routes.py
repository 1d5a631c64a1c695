"""What the page asks the server for."""

import asyncio
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpdesk_bot.chat.browser.endpoints import BrowserLimits, ChatEndpoints, GetPassage
from helpdesk_bot.chat.browser.records import BrowserRecords
from helpdesk_bot.chat.browser.refusals import Endpoint, with_plain_refusals
from helpdesk_bot.events import Person
from helpdesk_bot.pages.files import SiteFile, read_site
from helpdesk_bot.pages.headers import SecurityHeaders
from helpdesk_bot.ports import Desk

POLICY = {"script-src": "'self'", "connect-src": "'self'"}


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
    chat = ChatEndpoints(
        desk=desk,
        records=records,
        visitor=visitor,
        get_passage=get_passage,
        suggestions=tuple(suggestions),
        closing=closing,
        limits=limits,
    )
    return [
        Route(
            path,
            with_plain_refusals(endpoint),
            methods=[method],
            middleware=[Middleware(SecurityHeaders, policy=POLICY)],
            max_body_size=limits.max_body_bytes,
        )
        for method, path, endpoint in (*_pages(), *_answers(chat))
    ]


def _pages() -> Sequence[tuple[str, str, Endpoint]]:
    site = read_site("helpdesk_bot.chat.browser", "pages")
    assert site.page is not None  # noqa: S101 -- it is among our files
    return (("GET", "/", _show(site.page)), ("GET", "/static/{version}/{name}", site.show_file))


def _answers(chat: ChatEndpoints) -> Sequence[tuple[str, str, Endpoint]]:
    return (
        ("POST", "/api/chat/conversations", chat.open_conversation),
        ("POST", "/api/chat/conversations/list", chat.list_conversations),
        ("POST", "/api/chat/questions", chat.take_question),
        ("POST", "/api/chat/edits", chat.take_edit),
        ("POST", "/api/chat/deletions", chat.take_deletion),
        ("POST", "/api/chat/clicks", chat.take_click),
        ("POST", "/api/chat/forms", chat.take_form),
        ("GET", "/api/chat/events", chat.stream_events),
        ("POST", "/api/chat/votes", chat.take_vote),
        ("GET", "/api/chat/passages/{chunk_id:int}", chat.show_passage),
        ("GET", "/api/chat/suggestions", chat.list_suggestions),
    )


def _show(page: SiteFile) -> Endpoint:
    async def show(request: Request) -> Response:  # noqa: ARG001 - the same for everyone
        return page.as_response(cache="no-cache")

    return show
