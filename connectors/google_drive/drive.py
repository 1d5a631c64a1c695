"""The Drive API, as far as we ask it: Google's words in, payloads out."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx
from pydantic import BaseModel, ValidationError

from connectors.errors import Forbidden, HttpRefused, NeedsLogin, SourceUnavailable
from connectors.google_drive.payloads import (
    CHANGE_FIELDS,
    FILE_FIELDS,
    PERMISSION_FIELDS,
    Change,
    ChangePage,
    DriveFile,
    FilePage,
    Permission,
    PermissionPage,
    SharedDrive,
    StartToken,
)
from connectors.http import Download, JsonObject, Verdict, Visit, judge, path_of

SCOPE = "https://www.googleapis.com/auth/drive.readonly"
PAGE_FILES = 1_000
"""The most that Google gives at once."""
PAGE_PERMISSIONS = 100
USER_LOG = ""
"""Names the account's own log of changes; every other log is named by its shared drive's id."""

_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "backendError"})
_OF_THE_ACCOUNT = {
    "dailyLimitExceeded": "today's quota of requests to Google is used up",
    "accessNotConfigured": "the API is not enabled in the Google Cloud project",
    "SERVICE_DISABLED": "the API is not enabled in the Google Cloud project",
    "domainPolicy": "the organisation's policy does not allow apps to read Drive",
}
_OF_THE_LOGIN = frozenset({"insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_FORBIDDEN = 403
_STALE = frozenset({400, 404, 410})
"""The statuses that a page token which Google no longer takes was seen to be refused with."""

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where Google is asked."""

    drive: str = "https://www.googleapis.com/drive/v3"
    directory: str = "https://admin.googleapis.com/admin/directory/v1"


class StalePageToken(SourceUnavailable):
    """Google no longer takes a page token: what it continues has to begin anew."""


class Google:
    """Asks one of Google's APIs; what is said about the account rather than about one thing makes it unavailable."""

    def __init__(self, source: str, visit: Visit) -> None:
        self.source = source
        self._visit = visit

    async def get(self, path: str, kind: type[P], **params: str | int | bool) -> P:
        return self._parse(await self._get(path, params), kind)

    async def iter_pages(self, path: str, kind: type[P], **params: str | int | bool) -> AsyncGenerator[P]:
        """All pages, from the one that `pageToken` among the params names, if any. Raises StalePageToken."""
        seen: set[str] = set()
        while True:
            try:
                answer = await self._get(path, params)
            except HttpRefused as error:
                if "pageToken" in params and error.status in _STALE:
                    raise StalePageToken(self.source, "Google no longer takes the page token") from error
                raise
            yield self._parse(answer, kind)
            following: Any = answer.get("nextPageToken")
            if not following:
                return
            if following in seen:
                raise SourceUnavailable(self.source, "Google's pages go round in circles")
            seen.add(following)
            params = {**params, "pageToken": str(following)}

    async def get_bytes(self, path: str, *, max_bytes: int, **params: str) -> Download:
        try:
            return await self._visit.get_bytes(path, params=params, max_bytes=max_bytes)
        except Forbidden as error:
            raise self._of_the_account(error) or error from error

    async def _get(self, path: str, params: Mapping[str, str | int | bool]) -> JsonObject:
        said = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        try:
            return await self._visit.get_json(path, params=said)
        except Forbidden as error:
            raise self._of_the_account(error) or error from error

    def _of_the_account(self, error: HttpRefused) -> SourceUnavailable | None:
        reasons = refusal_reasons(error)
        if not _OF_THE_LOGIN.isdisjoint(reasons):
            return NeedsLogin(self.source, "the sign-in does not cover the scopes that are needed")
        known = next((_OF_THE_ACCOUNT[reason] for reason in reasons if reason in _OF_THE_ACCOUNT), None)
        return SourceUnavailable(self.source, known) if known else None

    def _parse(self, answer: JsonObject, kind: type[P]) -> P:
        try:
            return kind.model_validate(answer)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(map(str, wrong["loc"]))
            raise SourceUnavailable(
                self.source, f"Google's answer is not understood: {place}: {wrong['msg']}"
            ) from None


class Drive(Google):
    """Files, shared drives, permissions and changes."""

    async def get_file(self, file_id: str) -> DriveFile:
        return await self.get(path_of("files", file_id), DriveFile, fields=FILE_FIELDS, supportsAllDrives=True)

    async def get_drive(self, drive_id: str) -> SharedDrive:
        return await self.get(path_of("drives", drive_id), SharedDrive, fields="id,name")

    async def list_files(self, query: str, *, drive_id: str | None) -> list[DriveFile]:
        """What a query finds in one shared drive, or among all that the account sees by itself."""
        where: dict[str, str] = {"corpora": "drive", "driveId": drive_id} if drive_id else {"corpora": "user"}
        found: dict[str, DriveFile] = {}
        pages = self.iter_pages(
            path_of("files"),
            FilePage,
            q=query,
            pageSize=PAGE_FILES,
            fields=f"nextPageToken,incompleteSearch,files({FILE_FIELDS})",
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
            **where,
        )
        async for page in pages:
            if page.incomplete_search:
                raise SourceUnavailable(self.source, "Google says that its listing is not complete")
            found.update((file.id, file) for file in page.files)
        return list(found.values())

    async def list_permissions(self, file_id: str) -> list[Permission]:
        """Of a file, a folder or a shared drive; in shared drives with the inherited ones."""
        pages = self.iter_pages(
            path_of("files", file_id, "permissions"),
            PermissionPage,
            pageSize=PAGE_PERMISSIONS,
            fields=f"nextPageToken,permissions({PERMISSION_FIELDS})",
            supportsAllDrives=True,
        )
        return [permission async for page in pages for permission in page.permissions]

    async def get_start_tokens(self, logs: Iterable[str]) -> dict[str, str]:
        """Where each log of changes ends now."""
        return {log: await self._get_start_token(log) for log in logs}

    async def list_changes(self, tokens: Mapping[str, str]) -> tuple[list[Change], dict[str, str]]:
        """What changed in each log since its token, and where each ends now. Raises StalePageToken."""
        changes: list[Change] = []
        ends: dict[str, str] = {}
        for log, token in tokens.items():
            found, ends[log] = await self._list_log(log, token)
            changes += found
        return changes, ends

    async def download(self, file_id: str, *, max_bytes: int) -> Download:
        path = path_of("files", file_id)
        return await self.get_bytes(path, max_bytes=max_bytes, alt="media", supportsAllDrives="true")

    async def export(self, file_id: str, media_type: str, *, max_bytes: int) -> Download:
        return await self.get_bytes(path_of("files", file_id, "export"), max_bytes=max_bytes, mimeType=media_type)

    async def _get_start_token(self, log: str) -> str:
        where: dict[str, str] = {"driveId": log} if log else {}
        path = path_of("changes", "startPageToken")
        found = await self.get(path, StartToken, fields="startPageToken", supportsAllDrives=True, **where)
        return found.start_page_token

    async def _list_log(self, log: str, token: str) -> tuple[list[Change], str]:
        where: dict[str, str] = {"driveId": log} if log else {}
        pages = self.iter_pages(
            path_of("changes"),
            ChangePage,
            pageToken=token,
            pageSize=PAGE_FILES,
            fields=CHANGE_FIELDS,
            includeRemoved=True,
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
            **where,
        )
        changes: list[Change] = []
        end: str | None = None
        async for page in pages:
            changes += page.changes
            end = page.new_start_page_token
        if end is None:
            raise SourceUnavailable(self.source, "Google's list of changes ended without a token for the next one")
        return changes, end


def judge_google(response: httpx.Response) -> Verdict:
    """Google says 403 too where it means 429 ("Resolve errors", Drive API guide); its reason tells them apart."""
    refused = HttpRefused(response.status_code, "", content=response.content)
    is_too_fast = refused.status == _FORBIDDEN and not _TOO_FAST.isdisjoint(refusal_reasons(refused))
    return Verdict.TRY_AGAIN if is_too_fast else judge(response)


def refusal_reasons(refused: HttpRefused) -> list[str]:
    """Why Google refused: `error.errors[].reason`, and `error.details[].reason` of its newer APIs."""
    error = _dict(refused.details.get("error"))
    causes = [_dict(cause) for name in ("errors", "details") for cause in _list(error.get(name))]
    return [str(cause["reason"]) for cause in causes if "reason" in cause]


def _dict(found: object) -> dict[str, Any]:
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _list(found: object) -> list[object]:
    return cast("list[object]", found) if isinstance(found, list) else []
