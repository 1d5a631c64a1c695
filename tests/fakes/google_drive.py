"""Google Drive on loopback: Drive API v3, the Directory API's group members and the token endpoint, strict.

    async with GoogleServer() as google:
        folder = google.files.add_folder("Handbook")
        google.files.share(folder, person(BOT, "writer"), domain("example.com"))
        google.files.add_doc("VPN", "# VPN", parent=folder)
        login = ServiceAccount.from_json(google.key_json())

What is in it: `google_drive_files`; who may sign in: `google_drive_tokens`; what may be said: `google_drive_words`. An
account sees what was shared with it, and permissions only where it may share. A request that the real one would refuse
is refused with Google's word; a malformed one is kept in `violations` too: leaving the context with one fails the test.
"""

import base64
import itertools
import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.fakes.google_drive_files import USER_LOG, Files, Grant
from tests.fakes.google_drive_tokens import DIRECTORY_SCOPE, DRIVE_SCOPE, AccessToken, TokenOffice
from tests.fakes.google_drive_words import (
    CHANGE_LIST,
    DRIVE,
    FILE,
    FILE_LIST,
    MEMBER_LIST,
    PERMISSION_LIST,
    START_TOKEN,
    BadRequest,
    Json,
    Spec,
    parse_query,
    select,
)
from tests.fakes.loopback import Loopback

_FLAGS = frozenset({"supportsAllDrives", "includeItemsFromAllDrives", "includeRemoved"})


@dataclass(frozen=True)
class Refuse:
    """An error of Google's, with its word."""

    status: int
    reason: str = "backendError"
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Drop:
    """The connection breaks."""


@dataclass(frozen=True)
class CutShort:
    """Half of the answer's JSON, as if it were the whole."""


@dataclass(frozen=True)
class Twist:
    """A good answer, changed on its way, or something that happens right after it was worked out."""

    twist: Callable[[Json], None]


INCOMPLETE = Twist(lambda answer: answer.update(incompleteSearch=True))


@dataclass(frozen=True)
class Repeat:
    """The page token that was sent comes back as that of the next page."""


Fault = Refuse | Drop | CutShort | Twist | Repeat | None
"""None: this request goes well."""


class _Refused(Exception):
    def __init__(self, status: int, reason: str, message: str = "No.") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message


@dataclass(frozen=True, kw_only=True)
class _Method:
    name: str
    path: re.Pattern[str]
    answer: Callable[..., Json | bytes]
    scope: str = DRIVE_SCOPE
    parameters: frozenset[str] = frozenset()
    spec: Spec | None = None
    """Of the answer; None where `fields` can't select."""


class GoogleServer:
    """Google for one organisation, example.com."""

    def __init__(self, *, page_size: int = 1_000, export_limit_bytes: int = 10 * 2**20) -> None:
        self.files = Files()
        self.tokens = TokenOffice()
        self.page_size = page_size
        """No page is longer, whatever is asked for."""
        self.export_limit_bytes = export_limit_bytes
        self.calls: Counter[str] = Counter()
        """By method, such as `files.list`; refused ones too."""
        self.violations: list[str] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.are_foreign_groups_refused = True
        self._pages: dict[str, tuple[str, list[Any], int]] = {}
        self._numbers = itertools.count(1)

    def fail(self, method: str, *faults: Fault) -> None:
        """What happens to the next requests of a method, one after another; after them all is well."""
        self.faults[method].extend(faults)

    def key_json(self, **changes: Any) -> str:
        return self.tokens.service_account_json(self.token_uri, **changes)

    @property
    def token_uri(self) -> str:
        return f"{self._base_url}/token"

    @property
    def drive_url(self) -> str:
        return f"{self._base_url}/drive/v3"

    @property
    def directory_url(self) -> str:
        return f"{self._base_url}/admin/directory/v1"

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_post("/token", self._serve_token)
        application.router.add_get("/{path:.*}", self._serve)
        self._server = Loopback(application)
        self._base_url = await self._server.open()
        return self

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        await self._server.close()
        assert error is not None or not self.violations, self.violations

    # Serving

    async def _serve_token(self, request: web.Request) -> web.StreamResponse:
        self.calls["token"] += 1
        fault = self._next_fault("token")
        if isinstance(fault, Refuse):
            return web.json_response({"error": fault.reason}, status=fault.status)
        if request.content_type != "application/x-www-form-urlencoded":
            self.violations.append(f"token: {request.content_type}")
        form = {name: str(value) for name, value in (await request.post()).items()}
        status, body = self.tokens.answer(form, token_uri=self.token_uri)
        return web.json_response(body, status=status)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            method, parts = self._find_method(request)
            self.calls[method.name] += 1
            fault = self._next_fault(method.name)
            if isinstance(fault, Refuse):
                return _refusal(fault.status, fault.reason, retry_after_s=fault.retry_after_s)
            if isinstance(fault, Drop):
                assert request.transport is not None
                request.transport.abort()
            return self._answer(request, method, parts, fault)
        except _Refused as refused:
            return _refusal(refused.status, refused.reason, message=refused.message)
        except BadRequest as bad:
            if bad.location != "pageToken":
                self.violations.append(f"{request.path_qs}: {bad.location}")
            return _refusal(400, bad.reason, location=bad.location)

    def _answer(self, request: web.Request, method: _Method, parts: Json, fault: Fault) -> web.Response:
        token = self._check_token(request, method)
        parameters = self._check_parameters(request, method)
        answer = method.answer(self, token.account, parameters, **parts)
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type=parameters.get("mimeType", "application/octet-stream"))
        if isinstance(fault, Twist):
            fault.twist(answer)
        if isinstance(fault, Repeat):
            answer["nextPageToken"] = parameters["pageToken"]
        if method.spec is not None and "fields" in parameters:
            answer = select(answer, parameters["fields"], method.spec)
        text = json.dumps(answer)
        return web.Response(
            text=text[: len(text) // 2] if isinstance(fault, CutShort) else text, content_type="application/json"
        )

    def _next_fault(self, name: str) -> Fault:
        return self.faults[name].popleft() if self.faults[name] else None

    def _find_method(self, request: web.Request) -> tuple[_Method, Json]:
        path = request.path
        for method in _METHODS:
            if found := method.path.fullmatch(path):
                if method.name == "files.get" and request.query.get("alt") == "media":
                    return _DOWNLOAD, found.groupdict()
                return method, found.groupdict()
        self.violations.append(f"unknown path {path}")
        raise _Refused(404, "notFound")

    def _check_token(self, request: web.Request, method: _Method) -> AccessToken:
        token = self.tokens.find(request.headers.get("Authorization", ""))
        if token is None:
            raise _Refused(401, "authError", "Invalid Credentials")
        if method.scope not in token.scopes:
            raise _Refused(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        return token

    def _check_parameters(self, request: web.Request, method: _Method) -> dict[str, str]:
        parameters = dict(request.query)
        if len(parameters) != len(request.query):
            raise BadRequest("twice")
        for name, value in parameters.items():
            if name not in method.parameters:
                raise BadRequest(name)
            if name in _FLAGS and value not in {"true", "false"}:
                raise BadRequest(name)
        return parameters

    # Drive

    def _list_files(self, account: str, parameters: dict[str, str]) -> Json:
        memo: dict[str, tuple[Grant, ...]] = {}
        folders, drive = parse_query(parameters.get("q", "")), parameters.get("driveId")
        self._check_corpora(account, parameters)

        def search() -> list[str]:
            return [
                node.id
                for node in self.files.nodes.values()
                if node.id != node.drive
                and (folders is None or node.parent in folders)
                and (node.drive == drive if drive else (node.drive is None or folders is not None))
                and self.files.is_live(node.id)
                and self.files.sees_metadata(account, node.id, memo)
            ]

        page = self._page("files", search, parameters, at_most=1_000)
        found = [
            self.files.resource(file_id, account, memo) for file_id in page.pop("files") if file_id in self.files.nodes
        ]
        return {"kind": "drive#fileList", "incompleteSearch": False, "files": found, **page}

    def _check_corpora(self, account: str, parameters: dict[str, str]) -> None:
        corpora, drive = parameters.get("corpora", "user"), parameters.get("driveId")
        if (corpora == "drive") != (drive is not None) or corpora not in {"user", "drive"}:
            raise BadRequest("corpora")
        if drive is not None:
            if parameters.get("supportsAllDrives") != "true" or parameters.get("includeItemsFromAllDrives") != "true":
                raise BadRequest("includeItemsFromAllDrives")
            self._check_member(account, drive)

    def _check_member(self, account: str, drive: str) -> None:
        node = self.files.nodes.get(drive)
        if node is None or node.drive != drive or self.files.role_of(account, drive) is None:
            raise _Refused(404, "notFound", f"Shared drive not found: {drive}")

    def _get_file(self, account: str, parameters: dict[str, str], file_id: str) -> Json:
        memo: dict[str, tuple[Grant, ...]] = {}
        self._find_seen(account, file_id, parameters)
        return self.files.resource(file_id, account, memo)

    def _find_seen(self, account: str, file_id: str, parameters: dict[str, str]) -> None:
        node = self.files.nodes.get(file_id)
        if node is None or not self.files.sees_metadata(account, file_id, {}):
            raise _Refused(404, "notFound", f"File not found: {file_id}.")
        if node.drive and parameters.get("supportsAllDrives") != "true":
            raise _Refused(404, "notFound", f"File not found: {file_id}.")

    def _download(self, account: str, parameters: dict[str, str], file_id: str) -> bytes:
        self._find_seen(account, file_id, parameters)
        node = self.files.nodes[file_id]
        if node.is_google:
            raise _Refused(403, "fileNotDownloadable", "Only files with binary content can be downloaded.")
        if not node.can_download:
            raise _Refused(403, "cannotDownloadFile")
        return node.content

    def _export(self, account: str, parameters: dict[str, str], file_id: str) -> bytes:
        self._find_seen(account, file_id, {"supportsAllDrives": "true"})
        node = self.files.nodes[file_id]
        if not node.is_google or not node.exports:
            raise _Refused(403, "fileNotExportable", "Export only supports Docs Editors files.")
        if not node.can_download:
            raise _Refused(403, "cannotExportFile")
        if parameters["mimeType"] not in node.exports:
            raise _Refused(400, "badRequest", "The requested conversion is not supported.")
        content = node.exports[parameters["mimeType"]]
        if len(content) > self.export_limit_bytes:
            raise _Refused(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
        return content

    def _list_permissions(self, account: str, parameters: dict[str, str], file_id: str) -> Json:
        self._find_seen(account, file_id, parameters)
        role, is_drive = self.files.role_of(account, file_id), self.files.nodes[file_id].drive == file_id
        if role is None or (not is_drive and role in {"reader", "commenter"}):
            raise _Refused(403, "insufficientFilePermissions", "Insufficient permissions for this file.")
        grants = self.files.effective(file_id)
        page = self._page("permissions", lambda: [grant.as_json() for grant in grants], parameters, at_most=100)
        return {"kind": "drive#permissionList", **page}

    def _get_drive(self, account: str, parameters: dict[str, str], drive_id: str) -> Json:
        self._check_member(account, drive_id)
        return {"kind": "drive#drive", "id": drive_id, "name": self.files.nodes[drive_id].name}

    def _get_start_token(self, account: str, parameters: dict[str, str]) -> Json:
        log = self._check_log(account, parameters)
        return {"kind": "drive#startPageToken", "startPageToken": str(len(self.files.logs[log]) + 100)}

    def _list_changes(self, account: str, parameters: dict[str, str]) -> Json:
        """The newest state of what changed, each thing once a page, as Google does."""
        log = self._check_log(account, parameters)
        entries = self.files.logs[log]
        token = parameters.get("pageToken", "")
        start = int(token) - 100 if token.isdigit() else -1
        if not 0 <= start <= len(entries):
            raise BadRequest("pageToken", "invalid")
        stop = min(len(entries), start + min(self.page_size, int(parameters.get("pageSize", 100))))
        ended = {"newStartPageToken": str(stop + 100)} if stop == len(entries) else {"nextPageToken": str(stop + 100)}
        changes = [self._change(account, log, *entry) for entry in dict.fromkeys(entries[start:stop])]
        return {"kind": "drive#changeList", "changes": changes, **ended}

    def _check_log(self, account: str, parameters: dict[str, str]) -> str:
        if drive := parameters.get("driveId"):
            if parameters.get("supportsAllDrives") != "true":
                raise BadRequest("supportsAllDrives")
            self._check_member(account, drive)
        return drive or USER_LOG

    def _change(self, account: str, log: str, kind: str, changed_id: str) -> Json:
        shown: Json = {"kind": "drive#change", "changeType": kind, "time": "2026-11-22T00:00:00.000Z"}
        node = self.files.nodes.get(changed_id)
        memo: dict[str, tuple[Grant, ...]] = {}
        is_there = node is not None and self.files.sees_metadata(account, changed_id, memo)
        is_there = is_there and (node.drive or USER_LOG) == log
        shown["removed"] = not is_there
        if kind == "drive":
            shown["driveId"] = changed_id
            return shown | ({"drive": {"id": changed_id, "name": node.name}} if is_there and node else {})
        shown["fileId"] = changed_id
        return shown | ({"file": self.files.resource(changed_id, account, memo)} if is_there else {})

    # Directory

    def _list_members(self, account: str, parameters: dict[str, str], group: str) -> Json:
        if not group.endswith("example.com") and self.are_foreign_groups_refused:
            raise _Refused(403, "forbidden", "Not Authorized to access this resource/api")
        if group not in self.files.groups:
            raise _Refused(404, "notFound", "Resource Not Found: groupKey")
        page = self._page("members", lambda: self.files.groups[group], parameters, at_most=200, size="maxResults")
        return {"kind": "admin#directory#members", **page}

    # Pages

    def _page(
        self,
        name: str,
        search: Callable[[], list[Any]],
        parameters: dict[str, str],
        *,
        at_most: int,
        size: str = "pageSize",
    ) -> Json:
        """What a search found when it began; a token continues the very request that it came with."""
        asked = json.dumps({key: value for key, value in sorted(parameters.items()) if key != "pageToken"})
        token = parameters.get("pageToken")
        if token is not None and (token not in self._pages or self._pages[token][0] != asked):
            raise BadRequest("pageToken", "invalid")
        _, found, start = self._pages[token] if token else (asked, search(), 0)
        length = int(parameters.get(size, "100"))
        if not 1 <= length <= at_most:
            raise BadRequest(size)
        stop = start + min(length, self.page_size)
        if stop >= len(found):
            return {name: found[start:]}
        following = base64.urlsafe_b64encode(f"{name}:{next(self._numbers)}".encode()).decode()
        self._pages[following] = (asked, found, stop)
        return {name: found[start:stop], "nextPageToken": following}


def _refusal(
    status: int, reason: str, *, message: str = "No.", location: str = "", retry_after_s: int | None = None
) -> web.Response:
    cause = {"domain": "global", "reason": reason, "message": message}
    where = {"locationType": "parameter", "location": location} if location else {}
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    body = {"error": {"code": status, "message": message, "errors": [cause | where]}}
    return web.json_response(body, status=status, headers=headers)


def _method(name: str, path: str, answer: Callable[..., Json | bytes], parameters: str = "", **more: Any) -> _Method:
    return _Method(
        name=name, path=re.compile(path), answer=answer, parameters=frozenset(["fields", *parameters.split()]), **more
    )


_FILES = r"/drive/v3/files"
_ALL_DRIVES = "supportsAllDrives includeItemsFromAllDrives"
_METHODS = (
    _method(
        "files.list",
        _FILES,
        GoogleServer._list_files,
        f"q pageSize pageToken corpora driveId {_ALL_DRIVES}",
        spec=FILE_LIST,
    ),
    _method("files.export", rf"{_FILES}/(?P<file_id>[^/]+)/export", GoogleServer._export, "mimeType"),
    _method(
        "permissions.list",
        rf"{_FILES}/(?P<file_id>[^/]+)/permissions",
        GoogleServer._list_permissions,
        "pageSize pageToken supportsAllDrives",
        spec=PERMISSION_LIST,
    ),
    _method("files.get", rf"{_FILES}/(?P<file_id>[^/]+)", GoogleServer._get_file, "supportsAllDrives", spec=FILE),
    _method("drives.get", r"/drive/v3/drives/(?P<drive_id>[^/]+)", GoogleServer._get_drive, spec=DRIVE),
    _method(
        "changes.getStartPageToken",
        r"/drive/v3/changes/startPageToken",
        GoogleServer._get_start_token,
        "driveId supportsAllDrives",
        spec=START_TOKEN,
    ),
    _method(
        "changes.list",
        r"/drive/v3/changes",
        GoogleServer._list_changes,
        f"pageToken pageSize driveId includeRemoved {_ALL_DRIVES}",
        spec=CHANGE_LIST,
    ),
    _method(
        "members.list",
        r"/admin/directory/v1/groups/(?P<group>[^/]+)/members",
        GoogleServer._list_members,
        "maxResults pageToken",
        scope=DIRECTORY_SCOPE,
        spec=MEMBER_LIST,
    ),
)
_DOWNLOAD = _method("files.download", "", GoogleServer._download, "alt supportsAllDrives")
