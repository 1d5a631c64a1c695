"""A status page of each kind on loopback, which answers what the real ones do and 404 for everything else."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.loopback import Loopback

STATUSPAGE: dict[str, Any] = {
    "page": {"id": "x", "name": "GitHub", "url": "https://evil.example.com", "time_zone": "Etc/UTC"},
    "status": {"indicator": "minor", "description": "Partial System Outage"},
    "components": [
        {"id": "g", "name": "Everything", "status": "partial_outage", "group": True},
        {"id": "a", "name": "Actions", "status": "partial_outage", "group": False},
        {"id": "i", "name": "Issues", "status": "operational", "group": False},
    ],
    "incidents": [
        {"name": "Jobs start late", "status": "investigating", "impact": "minor", "components": [{"name": "Actions"}]},
        {"name": "An old one", "status": "resolved"},
    ],
    "scheduled_maintenances": [{"name": "Next month", "status": "scheduled"}],
}
INSTATUS: dict[str, Any] = {
    "page": {"name": "Figma", "url": "https://status.figma.example.com", "status": "UP"},
    "activeIncidents": [{"name": "Files open slowly", "status": "INVESTIGATING", "impact": "PARTIALOUTAGE"}],
}
BETTER_STACK: dict[str, Any] = {
    "data": {"type": "status_page", "attributes": {"company_name": "Linear", "aggregate_state": "operational"}},
    "included": [
        {"type": "status_page_resource", "attributes": {"public_name": "Sync engine", "status": "operational"}},
        {"type": "status_report", "attributes": {"title": "Done", "ends_at": "2026-01-01", "aggregate_state": "x"}},
    ],
}


@dataclass(kw_only=True)
class StatusSite:
    path: str
    answer: Any
    asked: list[str] = field(default_factory=list[str])
    status: int = 200
    location: str = ""
    waits_s: float = 0.0
    base_url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        await asyncio.sleep(self.waits_s)
        if self.location:
            return web.Response(status=302, headers={"location": self.location})
        if request.method != "GET" or request.path != self.path:
            return web.Response(status=404)
        if isinstance(self.answer, bytes):
            return web.Response(body=self.answer, content_type="application/json")
        return web.json_response(self.answer, status=self.status)


@asynccontextmanager
async def serving(site: StatusSite) -> AsyncGenerator[StatusSite]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    async with Loopback(app) as site.base_url:
        yield site
