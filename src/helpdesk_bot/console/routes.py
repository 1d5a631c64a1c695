"""The console's addresses, under `/console`."""

from collections.abc import Mapping

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from helpdesk_bot.console.audit import AuditPage
from helpdesk_bot.console.curated import Curated
from helpdesk_bot.console.door import Door, Endpoint
from helpdesk_bot.console.frame import Frame
from helpdesk_bot.console.overview import Overview
from helpdesk_bot.console.parts import ConsoleParts
from helpdesk_bot.console.prompts import Prompts
from helpdesk_bot.console.questions import Questions
from helpdesk_bot.console.review import Review
from helpdesk_bot.console.sign_in import SignIn
from helpdesk_bot.console.sources import Sources
from helpdesk_bot.pages.files import read_site
from helpdesk_bot.pages.headers import SecurityHeaders

MAX_BODY_BYTES = 16_384
POLICY = {"form-action": "'self'"}
HEADERS: Mapping[str, str] = {"Referrer-Policy": "same-origin"}
"""With `no-referrer` a browser calls the origin of our own forms `null` (Fetch, "append a request `Origin` header")."""


def console_routes(parts: ConsoleParts) -> list[BaseRoute]:
    """Relative to `/console`, where they are mounted."""
    site = read_site("helpdesk_bot.console", "files")
    frame = Frame(version=site.version)
    door = Door(parts, frame)
    sign_in = SignIn(parts.admission, door, frame)
    overview, questions, review = Overview(parts, frame), Questions(parts, frame), Review(parts, frame)
    curated, prompts = Curated(parts, frame), Prompts(parts, frame)
    sources, audit = Sources(parts, frame), AuditPage(parts, frame)

    def route(method: str, path: str, endpoint: Endpoint) -> Route:
        fence = Middleware(SecurityHeaders, policy=POLICY, more=HEADERS)
        return Route(path, endpoint, methods=[method], middleware=[fence], max_body_size=MAX_BODY_BYTES)

    return [
        route("GET", "/static/{version}/{name}", site.show_file),
        route("GET", "/sign-in", sign_in.ask),
        route("POST", "/sign-in", door.plainly(sign_in.enter)),
        route("POST", "/sign-out", door.plainly(sign_in.leave)),
        route("GET", "/", door.for_admins(overview.show)),
        route("GET", "/questions", door.for_admins(questions.show_page)),
        route("GET", "/questions/{reference}", door.for_admins(questions.show_one)),
        route("GET", "/review", door.for_admins(review.show)),
        route("POST", "/review", door.for_acts(review.decide)),
        route("GET", "/curated", door.for_admins(curated.show)),
        route("POST", "/curated", door.for_acts(curated.decide)),
        route("GET", "/prompts", door.for_admins(prompts.show)),
        route("POST", "/prompts", door.for_acts(prompts.roll_back)),
        route("GET", "/prompts/{name}/{version}", door.for_admins(prompts.show_one)),
        route("GET", "/sources", door.for_admins(sources.show)),
        route("POST", "/sources", door.for_acts(sources.act)),
        route("GET", "/sources/{name}", door.for_admins(sources.show_one)),
        route("GET", "/audit", door.for_admins(audit.show)),
    ]
