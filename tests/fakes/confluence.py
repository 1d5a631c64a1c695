"""Confluence on loopback: the REST API that the connector uses, over a `Wiki`, as Cloud or as Data Center answers.

    async with running_confluence(wiki) as confluence:
        confluence.base_url                                   # ends in /wiki (Cloud) or /confluence (Data Center)
        confluence.plan("content/search", RateLimited(3))     # what the next matching requests meet
        confluence.asked                                      # every request: path and query

It is stricter than the real one: an unknown parameter, expansion, query or credential is refused, and what no client
should do is kept in `violations`: leaving the context with one there fails the test.
"""

import base64
import json
import re
import secrets
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes.confluence_answers import Answers
from tests.fakes.confluence_cql import WrongCql, parse_cql
from tests.fakes.confluence_wiki import BOT, Wiki, WikiContent
from tests.fakes.loopback import Loopback

EMAIL, API_TOKEN = "helpdesk-bot@example.com", "ATATT-fake-token"
PERSONAL_TOKEN = "fake-personal-access-token"
CLIENT_ID, CLIENT_SECRET = "fake-client", "fake-client-secret"

MAX_WITH_BODIES = 50
MAX_CONTENTS = 200
_MAX_MEMBERS = 200
_EXPANSIONS = {
    "version",
    "space",
    "ancestors",
    "container",
    "metadata.labels",
    "body.storage",
    "restrictions.read.restrictions.user",
    "restrictions.read.restrictions.group",
}
Json = dict[str, Any]
T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class RateLimited:
    """429; without a number, no word on how long to wait."""

    retry_after_s: int | None = None


@dataclass(frozen=True)
class Broken:
    """An error of the server's own."""

    status: int = 500


@dataclass(frozen=True)
class Truncated:
    """The right answer, cut off in its middle."""


@dataclass(frozen=True)
class SameCursor:
    """The next page is this one."""


@dataclass(frozen=True)
class Blank:
    """An empty page with the promise of another one, or of itself once more."""

    promises_itself: bool = False


@dataclass(frozen=True)
class Nothing:
    """An empty listing that looks complete."""


@dataclass(frozen=True)
class First:
    """Something happens to the wiki just before the answer is made."""

    happening: Callable[[], object]


@dataclass(frozen=True)
class AsStranger:
    """The credentials are not liked; the answer is that to somebody without an account."""

    says_so: bool = True


Fault = RateLimited | Broken | Truncated | SameCursor | Blank | Nothing | First | AsStranger | None


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, list[str]]


class ConfluenceServer:
    """One site. `page_size` is how many contents it gives at most, however many are asked for."""

    def __init__(self, wiki: Wiki, *, is_cloud: bool = True, page_size: int = MAX_CONTENTS) -> None:
        self.wiki = wiki
        self.is_cloud = is_cloud
        self.page_size = page_size
        self.base_url = ""
        self.has_permission_rights = True
        """Whether our account administers the spaces (Data Center shows permissions to nobody else)."""
        self.tells_emails = True
        """Whether answers that name people give their address at once (Cloud); `user/bulk` always does."""
        self.filters_late = False
        """Whether pages of a search are cut before what the account may not see is taken out of them (Cloud)."""
        self.asked: list[Asked] = []
        self.points = 0
        self.violations: list[str] = []
        self.access_token = ""
        self.refresh_token = "refresh-0"
        self.token_requests = 0
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: dict[str, Fault] = {}
        self._cursors: dict[str, tuple[str, int]] = {}
        """Query and the creation number of the last content given, by cursor."""

    @property
    def context(self) -> str:
        return "/wiki" if self.is_cloud else "/confluence"

    @property
    def token_url(self) -> str:
        return self.base_url.removesuffix(self.context) + "/oauth/token"

    def plan(self, path_part: str, *faults: Fault) -> None:
        """What the next requests to paths with this in them meet, one each; None goes well."""
        self._faults[path_part].extend(faults)

    def always(self, path_part: str, fault: Fault) -> None:
        """What all of them meet; None mends it."""
        self._lasting[path_part] = fault

    def count(self, path_part: str) -> int:
        return sum(path_part in asked.path for asked in self.asked)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/oauth/token", self._renew_tokens)
        for path, handler, parameters in self._routes():
            app.router.add_get(f"{self.context}{path}", self._guarded(handler, parameters))
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        return app

    def _routes(self) -> list[tuple[str, Handler, set[str]]]:
        paged = {"limit", "start"}
        restriction = "/rest/api/content/{id}/restriction/byOperation/read"
        routes: list[tuple[str, Handler, set[str]]] = [
            ("/rest/api/user/current", self._current_user, set()),
            ("/rest/api/space", self._list_spaces, {"spaceKey", "status", "expand", *paged}),
            ("/rest/api/content/search", self._search, {"cql", "expand", "cursor", *paged}),
            (restriction, self._restriction, {"expand", *paged}),
            ("/rest/api/content/{id}", self._one_content, {"expand"}),
        ]
        if self.is_cloud:
            return [
                *routes,
                ("/rest/api/user/bulk", self._users, {"accountId"}),
                ("/rest/api/group/{id}/membersByGroupId", self._members, paged),
                ("/rest/api/content/{page}/child/attachment/{id}/download", self._download, set()),
                ("/api/v2/spaces/{number}/role-assignments", self._roles, {"principal-type", *paged}),
            ]
        return [
            *routes,
            ("/rest/api/user", self._user, {"key"}),
            ("/rest/mobile/1.0/profile/{name}", self._profile, set()),
            ("/rest/api/group", self._groups, paged),
            ("/rest/api/group/{id}/member", self._members, paged),
            ("/rest/api/group/{id}/groupancestor", self._outer_groups, paged),
            ("/rest/api/space/{key}/permissions", self._permissions, set()),
            ("/download/attachments/{page}/{id}", self._download, {"version"}),
        ]

    # At the door

    def _guarded(self, handler: Handler, parameters: set[str]) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(self.context)
            self.asked.append(Asked(path, {name: request.query.getall(name) for name in request.query}))
            fault = self._next_fault(path)
            match fault:
                case RateLimited(retry_after_s):
                    headers = {} if retry_after_s is None else {"retry-after": str(retry_after_s)}
                    return web.json_response({"message": "Rate limited"}, status=429, headers=headers)
                case Broken(status):
                    return web.Response(status=status, text="<html>Oops</html>", content_type="text/html")
                case AsStranger():
                    return self._to_a_stranger(fault, path)
                case First(happening):
                    happening()
                case _:
                    pass
            if refusal := self._refuse(request, parameters):
                return refusal
            return self._spoil(await handler(request), fault)

        return guarded

    def _next_fault(self, path: str) -> Fault:
        for part, faults in self._faults.items():
            if part in path and faults:
                return faults.popleft()
        return next((fault for part, fault in self._lasting.items() if part in path and fault), None)

    def _refuse(self, request: web.Request, parameters: set[str]) -> web.Response | None:
        if unknown := set(request.query) - parameters:
            self.violations.append(f"{request.path}: unknown parameters {sorted(unknown)}")
            return _error(400, "unknown parameters")
        authorization = request.headers.get("authorization")
        if authorization is None and self.wiki.is_open_to_anonymous and request.path.endswith("/rest/api/space"):
            return None
        if authorization not in self._credentials():
            return _error(401, "Basic authentication with passwords is deprecated")
        return None

    def _credentials(self) -> set[str]:
        basic = base64.b64encode(f"{EMAIL}:{API_TOKEN}".encode()).decode()
        if self.is_cloud:
            return {f"Basic {basic}", *([f"Bearer {self.access_token}"] if self.access_token else [])}
        return {f"Bearer {PERSONAL_TOKEN}"}

    def _to_a_stranger(self, fault: AsStranger, path: str) -> web.Response:
        headers = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"} if fault.says_so else {}
        if path.endswith("user/current"):
            return web.json_response({"type": "anonymous", "displayName": "Anonymous"}, headers=headers)
        return web.json_response({"results": [], "_links": {}}, headers=headers)

    def _spoil(self, answer: web.StreamResponse, fault: Fault) -> web.StreamResponse:
        if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
            return answer
        if isinstance(fault, Truncated):
            return web.Response(body=answer.body[: len(answer.body) // 2], content_type="application/json")
        if isinstance(fault, Nothing):
            return web.json_response({"results": [], "size": 0, "_links": {"base": self.base_url}})
        return answer

    async def _unknown(self, request: web.Request) -> web.Response:
        self.violations.append(f"no such address: {request.method} {request.path}")
        return _error(404, "no such address")

    async def _renew_tokens(self, request: web.Request) -> web.Response:
        """A refresh token works once. What was given before is worth nothing afterwards."""
        self.token_requests += 1
        fault = self._next_fault("oauth/token")
        if isinstance(fault, Broken):
            return web.Response(status=fault.status)
        asked = await request.json()
        wanted = {
            "grant_type": "refresh_token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": self.refresh_token,
        }
        if asked != wanted:
            return web.json_response({"error": "invalid_grant"}, status=403)
        self.access_token = f"access-{secrets.token_hex(4)}"
        self.refresh_token = f"refresh-{secrets.token_hex(4)}"
        granted = {"access_token": self.access_token, "refresh_token": self.refresh_token, "expires_in": 3600}
        return web.json_response({**granted, "scope": "read", "token_type": "Bearer"})

    # What is there

    @property
    def _answers(self) -> Answers:
        return Answers(self.wiki, self.base_url, is_cloud=self.is_cloud, tells_emails=self.tells_emails)

    def _is_shown(self, content: WikiContent) -> bool:
        """To our account, in a search: archived and trashed contents are left out, and those of archived spaces."""
        is_current = content.status == "current" and self.wiki.spaces[content.space].status == "current"
        return is_current and self.wiki.may_open(BOT, content.id)

    def _give(self, answer: Json, *, objects: int = 1) -> web.Response:
        self.points += 1 + objects
        return web.Response(body=json.dumps(answer).encode(), content_type="application/json")

    def _give_page(
        self,
        request: web.Request,
        entries: Sequence[T],
        *,
        at_most: int,
        say: Callable[[T], Json],
    ) -> web.Response:
        """A page by offset."""
        start, limit = int(request.query.get("start", 0)), min(int(request.query.get("limit", 25)), at_most)
        page = [say(entry) for entry in entries[start : start + limit]]
        links: Json = {"base": self.base_url, "context": self.context}
        if start + limit < len(entries):
            links["next"] = f"{request.path.removeprefix(self.context)}?limit={limit}&start={start + limit}"
        answer = {"results": page, "start": start, "limit": limit, "size": len(page), "_links": links}
        return self._give(answer, objects=len(page))

    async def _current_user(self, request: web.Request) -> web.Response:
        return self._give(self._answers.user(BOT))

    async def _list_spaces(self, request: web.Request) -> web.Response:
        viewer = BOT if "authorization" in request.headers else None
        keys = request.query.getall("spaceKey", [])
        shown = [
            space
            for space in self.wiki.spaces.values()
            if (not keys or space.key in keys)
            and space.status == request.query.get("status", space.status)
            and self.wiki.may_view(viewer, space.key)
        ]
        expands = request.query.get("expand", "") == "permissions"
        answers = self._answers
        return self._give_page(request, shown, at_most=100, say=lambda each: answers.space(each, permissions=expands))

    async def _search(self, request: web.Request) -> web.Response:
        expansions = set(filter(None, request.query.get("expand", "").split(",")))
        if expansions - _EXPANSIONS:
            self.violations.append(f"unknown expansions {sorted(expansions - _EXPANSIONS)}")
            return _error(400, "unknown expansions")
        try:
            condition = parse_cql(request.query["cql"])
        except (WrongCql, KeyError) as error:
            self.violations.append(f"wrong query: {error}")
            return _error(400, "Could not parse cql")
        found = (
            each
            for each in self.wiki.contents.values()
            if condition(each) and (self.filters_late or self._is_shown(each))
        )
        at_most = min(self.page_size, MAX_WITH_BODIES if "body.storage" in expansions else MAX_CONTENTS)
        if self.is_cloud:
            return self._give_page_by_cursor(request, found, expansions, at_most)
        start, answers = int(request.query.get("start", 0)), self._answers
        shown = list(islice(found, start + at_most + 1))
        return self._give_page(request, shown, at_most=at_most, say=lambda each: answers.content(each, expansions))

    def _give_page_by_cursor(
        self, request: web.Request, found: Iterable[WikiContent], expansions: set[str], at_most: int
    ) -> web.Response:
        """In the order of creation, which is that of the wiki."""
        query = f"{request.query['cql']} {sorted(expansions)}"
        after = -1
        if "cursor" in request.query:
            asked, after = self._cursors.get(request.query["cursor"], ("", -1))
            if asked != query:
                self.violations.append("a cursor of another query")
                return _error(400, "invalid cursor")
        limit = min(int(request.query.get("limit", 25)), at_most)
        left = list(islice((each for each in found if each.created > after), limit + 1))
        page = left[:limit]
        links: Json = {"base": self.base_url, "context": self.context}
        if len(left) > limit:
            cursor = self._next_cursor(request, query, page[-1].created)
            links["next"] = f"/rest/api/content/search?next=true&cursor={cursor}&limit={limit}"
        if "cursor" in request.query and isinstance(blank := self._lasting.get("cursor"), Blank):
            page = []
            cursor = request.query["cursor"] if blank.promises_itself else self._next_cursor(request, query, after)
            links["next"] = f"/rest/api/content/search?next=true&cursor={cursor}&limit={limit}"
        results = [self._answers.content(each, expansions) for each in page if self._is_shown(each)]
        return self._give(
            {"results": results, "limit": limit, "size": len(results), "_links": links}, objects=len(results)
        )

    def _next_cursor(self, request: web.Request, query: str, last: int) -> str:
        if isinstance(self._lasting.get("cursor"), SameCursor) and "cursor" in request.query:
            return request.query["cursor"]
        cursor = f"_sa_{secrets.token_urlsafe(12)}"
        self._cursors[cursor] = (query, last)
        return cursor

    async def _one_content(self, request: web.Request) -> web.Response:
        content = self.wiki.contents.get(request.match_info["id"])
        if content is None or not self._is_shown(content):
            return _error(404, "No content found")
        return self._give(self._answers.content(content, set(request.query.get("expand", "").split(","))))

    async def _restriction(self, request: web.Request) -> web.Response:
        """Of anything that our account may open, folders and archived pages included."""
        content = self.wiki.contents.get(request.match_info["id"])
        if content is None or not self.wiki.may_open(BOT, content.id):
            return _error(404, "No content found")
        start, limit = int(request.query.get("start", 0)), min(int(request.query.get("limit", 100)), _MAX_MEMBERS)
        return self._give(self._answers.restriction(content, start=start, limit=limit))

    async def _users(self, request: web.Request) -> web.Response:
        ids = request.query.getall("accountId", [])
        if len(ids) > 100:
            self.violations.append("more than 100 people at once")
        known = [each for each in ids[:100] if each in self.wiki.users]
        results = [self._answers.user(each, with_email=True) for each in known]
        return self._give({"results": results, "_links": {}}, objects=len(results))

    async def _user(self, request: web.Request) -> web.Response:
        user_id = request.query["key"].removeprefix("key-")
        return self._give(self._answers.user(user_id)) if user_id in self.wiki.users else _error(404, "No user found")

    async def _profile(self, request: web.Request) -> web.Response:
        user = self.wiki.users.get(request.match_info["name"])
        if user is None:
            return _error(404, "No user found")
        return self._give(
            {"userName": user.id, "fullName": user.name, **({"email": user.email} if user.shows_email else {})}
        )

    async def _members(self, request: web.Request) -> web.Response:
        """Cloud's groups are flat: whoever provisions them puts in the members of inner groups too."""
        name = request.match_info["id"].removeprefix("gid-")
        if name not in self.wiki.groups:
            return _error(404, "No group found")
        members = sorted(self.wiki.members_of(name)) if self.is_cloud else self.wiki.groups[name]
        known = [each for each in members if each in self.wiki.users]
        return self._give_page(request, known, at_most=_MAX_MEMBERS, say=self._answers.user)

    async def _groups(self, request: web.Request) -> web.Response:
        return self._give_page(request, sorted(self.wiki.groups), at_most=_MAX_MEMBERS, say=self._answers.group)

    async def _outer_groups(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        outer = sorted(_outer_groups(self.wiki.groups, name))
        return self._give_page(request, outer, at_most=_MAX_MEMBERS, say=self._answers.group)

    async def _permissions(self, request: web.Request) -> web.Response:
        if not self.has_permission_rights:
            return _error(403, "not an admin of the space")
        space = self.wiki.spaces.get(request.match_info["key"])
        if space is None:
            return _error(404, "No space found")
        self.points += 1
        return web.json_response(self._answers.granted(space))

    async def _roles(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        space = next((each for each in self.wiki.spaces.values() if str(each.number) == number), None)
        if space is None:
            return _error(404, "No space found")
        assignments = [
            {"principal": {"principalType": "ACCESS_CLASS", "principalId": "all-licensed-users"}, "roleId": "r"}
        ]
        results = assignments if space.is_for_licensed else []
        return self._give({"results": results, "_links": {"base": self.base_url}})

    async def _download(self, request: web.Request) -> web.Response:
        content = self.wiki.contents.get(request.match_info["id"])
        is_there = content is not None and self._is_shown(content) and content.parent == request.match_info["page"]
        if content is None or not is_there or content.content is None:
            return _error(404, "the file is lost")
        return web.Response(body=content.content, content_type="application/octet-stream")


def _outer_groups(groups: dict[str, list[str]], name: str) -> set[str]:
    outer: set[str] = set()
    pending = [name]
    while pending:
        inner = pending.pop()
        for each, members in groups.items():
            if f"group:{inner}" in members and each not in outer:
                outer.add(each)
                pending.append(each)
    return outer


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)


@asynccontextmanager
async def running_confluence(
    wiki: Wiki, *, is_cloud: bool = True, page_size: int = MAX_CONTENTS, allowed: Iterable[str] = ()
) -> AsyncGenerator[ConfluenceServer]:
    """`allowed` are patterns of violations that the test provokes."""
    server = ConfluenceServer(wiki, is_cloud=is_cloud, page_size=page_size)
    async with Loopback(server.app()) as address:
        server.base_url = f"{address}{server.context}"
        yield server
    assert not [each for each in server.violations if not any(re.search(one, each) for one in allowed)], (
        server.violations
    )
