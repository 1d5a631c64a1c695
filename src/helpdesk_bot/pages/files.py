"""The files of a page, read once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE = "index.html"


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    content: bytes
    media_type: str

    def as_response(self, *, cache: str) -> Response:
        return Response(self.content, media_type=self.media_type, headers={"Cache-Control": cache})


@dataclass(frozen=True, kw_only=True)
class Site:
    """`version` changes with any file, so a file at an address with the version in it never changes."""

    page: SiteFile | None
    """Where there is one, with `%VERSION%` filled in."""
    files: Mapping[str, SiteFile]
    version: str

    async def show_file(self, request: Request) -> Response:
        """A file under another version's address is today's, and is not kept: a deploy may be under way."""
        file = self.files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404, "There is no such file.")
        is_current = request.path_params["version"] == self.version
        return file.as_response(cache="public, max-age=31536000, immutable" if is_current else "no-cache")


def read_site(package: str, folder: str) -> Site:
    """A package's folder of files, and what all our pages look like."""
    ours = {path.name: _read(path) for path in (files("helpdesk_bot.pages") / "look").iterdir()}
    found = ours | {path.name: _read(path) for path in (files(package) / folder).iterdir()}
    content = b"".join(found[name].content for name in sorted(found))
    version = hashlib.sha256(content).hexdigest()[:16]
    page = found.pop(PAGE, None)
    if page is not None:
        page = replace(page, content=page.content.replace(b"%VERSION%", version.encode()))
    return Site(page=page, files=found, version=version)


def _read(path: Traversable) -> SiteFile:
    return SiteFile(content=path.read_bytes(), media_type=MEDIA_TYPES[PurePath(path.name).suffix])
