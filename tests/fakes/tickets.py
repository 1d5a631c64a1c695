"""Ticket systems on loopback: a webhook that checks signatures as its documentation says, and Jira Service Management.

async with TicketServer() as tickets:
    Webhook(tickets.webhook_url, secret=tickets.secret, ...)
    tickets.made                                            # what was created, once a key
    tickets.fail(503, 429)                                  # the next answers
"""

import base64
import hashlib
import hmac
import json
import time
from collections import deque
from typing import Any, Self

from aiohttp import web

from tests.fakes.loopback import Loopback

TOLERANCE_S = 300


class TicketServer:
    def __init__(
        self, *, secret: str = "shared-secret", email: str = "bot@example.com", token: str = "jira-token"
    ) -> None:
        self.secret, self.email, self.token = secret, email, token
        self.made: list[dict[str, Any]] = []
        self.requests = 0
        self.redirected_to = 0
        self._faults: deque[int] = deque()
        self._by_key: dict[str, dict[str, Any]] = {}

    def fail(self, *statuses: int) -> None:
        self._faults.extend(statuses)

    @property
    def webhook_url(self) -> str:
        return f"{self.base_url}/hooks/helpdesk"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hooks/helpdesk", self._webhook)
        app.router.add_post("/elsewhere", self._elsewhere)
        app.router.add_post("/rest/servicedeskapi/request", self._jira)
        app.router.add_get("/rest/servicedeskapi/servicedesk/{desk}/requesttype/{type}", self._request_type)
        self._server = Loopback(app)
        self.base_url = await self._server.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    async def _webhook(self, request: web.Request) -> web.Response:
        self.requests += 1
        body = await request.read()
        timestamp = request.headers.get("X-Helpdesk-Timestamp", "")
        signed = hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Helpdesk-Signature", ""), f"v1={signed}"):
            return web.Response(status=401)
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
            return web.Response(status=401)
        if fault := self._fault():
            return fault
        key = request.headers["Idempotency-Key"]
        assert request.content_type == "application/json"
        return web.json_response(self._create(key, json.loads(body)))

    async def _jira(self, request: web.Request) -> web.Response:
        """developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/#api-rest-servicedeskapi-request-post"""
        self.requests += 1
        wanted = "Basic " + base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != wanted:
            return web.json_response({"errorMessage": "Client must be authenticated"}, status=401)
        if fault := self._fault():
            return fault
        body = await request.json()
        unknown = body.keys() - {"serviceDeskId", "requestTypeId", "requestFieldValues", "raiseOnBehalfOf"}
        fields = body.get("requestFieldValues", {})
        if unknown or fields.keys() != {"summary", "description"} or "\n" in fields["summary"] or not fields["summary"]:
            return web.json_response({"errorMessage": "Your request could not be created"}, status=400)
        if not (body["serviceDeskId"].isdecimal() and body["requestTypeId"].isdecimal()):
            return web.json_response({"errorMessage": "The Service Desk you are trying to access does not exist"}, 404)
        made = self._create(str(len(self.made)), body)
        key = made["name"]
        links = {"web": f"https://example.atlassian.net/servicedesk/customer/portal/1/{key}"}
        return web.json_response({"issueId": "1", "issueKey": key, "_links": links}, status=201)

    async def _request_type(self, request: web.Request) -> web.Response:
        """developer.atlassian.com/cloud/jira/service-desk/rest/api-group-servicedesk/"""
        wanted = "Basic " + base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != wanted:
            return web.json_response({"errorMessage": "Client must be authenticated"}, status=401)
        if fault := self._fault():
            return fault
        if (request.match_info["desk"], request.match_info["type"]) != ("4", "25"):
            return web.json_response({"errorMessage": "does not exist"}, status=404)
        return web.json_response({"id": "25", "name": "Get IT help", "serviceDeskId": "4"})

    async def _elsewhere(self, _: web.Request) -> web.Response:
        self.redirected_to += 1
        return web.json_response({"name": "STOLEN-1"})

    def _fault(self) -> web.Response | None:
        status = self._faults.popleft() if self._faults else 0
        headers = {307: {"Location": "/elsewhere"}, 429: {"Retry-After": "120"}}.get(status, {})
        return web.Response(status=status, headers=headers) if status else None

    def _create(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """The same key is the same ticket."""
        if key not in self._by_key:
            self.made.append(body)
            name = f"IT-{len(self.made)}"
            self._by_key[key] = {"name": name, "url": f"https://tickets.example.com/{name}"}
        return self._by_key[key]
