"""Google Drive as a source of knowledge."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from hashlib import md5
from types import TracebackType
from typing import Self
from urllib.parse import quote

from connectors.documents import AccessRule, Cursor, Document, Listed, Present, Principal, Removed, Spent
from connectors.errors import RequestFailed, SourceUnavailable, Unreadable
from connectors.google_drive import directory, drive
from connectors.google_drive.credentials import Login, TokenAuth, utc_now
from connectors.google_drive.cursor import DriveCursor
from connectors.google_drive.directory import Directory
from connectors.google_drive.drive import USER_LOG, Addresses, Drive, StalePageToken, judge_google
from connectors.google_drive.exports import read_text
from connectors.google_drive.listing import list_place
from connectors.google_drive.payloads import GOOGLE_TYPES, DriveFile
from connectors.google_drive.place import Place, Spot, name_of, touched
from connectors.google_drive.rights import Organisation, Rights
from connectors.google_drive.scope import Roots, Scope, find_roots
from connectors.http import DIRECT, Politeness, Visit, WayOut
from connectors.source import Checkup
from connectors.text.media_types import UNKNOWN, find_media_type, guess_media_type
from connectors.text.reader import TextReader

_SHARE_MORE = "share a folder with the account as Editor, a shared drive as Manager"
_CHECKSUM = re.compile("[0-9a-f]{32}")
_DANGLING = "dangling shortcut"
_NO_DOWNLOAD = "no download"
"""How the versions of what can't be read begin; they change when that changes."""


class GoogleDriveSource:
    """Everything beneath some folders and shared drives, by Google's file ids.

    The version is the content's MD5 checksum; of Google's own documents, which have none, the time of the last change.
    An async context manager: it holds connections and tokens.
    """

    def __init__(
        self,
        *,
        name: str,
        login: Login,
        reader: TextReader,
        scope: Scope,
        organisation: Organisation | None = None,
        directory_login: Login | None = None,
        addresses: Addresses | None = None,
        politeness: Politeness | None = None,
        way_out: WayOut = DIRECT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`directory_login` is who asks for the members of groups; without it no group has known members.

        Raises ValueError for an address that can't be asked.
        """
        self._name = name
        self._reader = reader
        self._scope = scope
        self._organisation = organisation or Organisation()
        self._now = now
        self._visits: list[Visit] = []
        self._opened = AsyncExitStack()

        def visit(base_url: str, login: Login, granted: str) -> Visit:
            auth = TokenAuth(login, source=name, scopes=[granted], way_out=way_out, sleep=sleep, now=now)
            visit = Visit(
                name,
                base_url=base_url,
                auth=auth,
                politeness=politeness,
                classify=judge_google,
                way_out=way_out,
                sleep=sleep,
            )
            self._visits += [auth.visit, visit]
            return visit

        where = addresses or Addresses()
        self._drive = Drive(name, visit(where.drive, login, drive.SCOPE))
        self._directory = (
            Directory(name, visit(where.directory, directory_login, directory.SCOPE)) if directory_login else None
        )
        self._directory_probe = getattr(directory_login, "subject", None) or "nobody"
        """Asked for as a group where there is none to ask for: that there is none of that name shows the way in."""

    async def __aenter__(self) -> Self:
        for visit in self._visits:
            await self._opened.enter_async_context(visit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    @property
    def name(self) -> str:
        return self._name

    @property
    def spent(self) -> Spent:
        return Spent(requests=sum(visit.spent.requests for visit in self._visits))

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Removed | Cursor]:
        with _found_nowhere(self._name):
            roots = await find_roots(self._scope, self._drive)
            changed, ends = await self._list_changed(DriveCursor.unpack(since), roots)
            if changed is not None and not changed:
                yield self._cursor(ends, unlogged=frozenset())
                return
            tokens = ends or await self._drive.get_start_tokens(roots.logs)
            place = await list_place(roots, self._drive)
            spots = place.spots()
            documents = place.documents(spots)
            affected = spots.keys() if changed is None else touched(spots, changed)
            rights = await self._rights(spots)
            for spot in documents:
                if spot.file.id in affected:
                    yield _listed(spot, await rights.rule_of(spot.file))
            for file_id in sorted((changed or frozenset()) - _still_there(spots, documents)):
                yield Removed(key=file_id)
            yield self._cursor(tokens, unlogged=_find_unlogged(place, spots))

    async def present(self) -> AsyncIterator[Present]:
        with _found_nowhere(self._name):
            place, spots = await self._list()
            rights = await self._rights(spots)
            for spot in place.documents(spots):
                yield Present(key=spot.file.id, access=await rights.rule_of(spot.file))

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """Asks for the groups that permissions name now, which takes a listing."""
        if self._directory is None:
            return {}
        with _found_nowhere(self._name):
            place, spots = await self._list()
            rights = await self._rights(spots)
            for spot in place.documents(spots):
                await rights.rule_of(spot.file)
            return await self._directory.list_memberships(rights.groups, domains=self._organisation.domains)

    async def examine(self) -> Checkup:
        """Of the folders and drives that were named, not of what is in them."""
        with _found_nowhere(self._name):
            roots = (await find_roots(self._scope, self._drive)).files
            rights = await self._rights({root.id: Spot(file=root, trail=(), container=None) for root in roots})
            rules = [await rights.rule_of(root) for root in roots]
            unknown = [name_of(root) for root, rule in zip(roots, rules, strict=True) if rule == AccessRule.nobody()]
            if self._directory is not None:
                await self._directory.list_memberships(
                    rights.groups or {self._directory_probe}, domains=self._organisation.domains
                )
        found = ", ".join(map(name_of, roots))
        if rights.groups and self._directory is None:
            found = f"{found}; who is in its groups is not known without GOOGLE_DIRECTORY_SUBJECT"
        gaps = (f"Google does not tell who may read {', '.join(unknown)}, so nobody may: {_SHARE_MORE}",)
        return Checkup(found=found, gaps=gaps if unknown else ())

    async def read(self, listed: Listed) -> Document:
        """The document as it is now; of a file, the version is that of what was read."""
        if listed.version.startswith(_DANGLING):
            raise Unreadable(listed.key, "a shortcut to something that is gone, not shared with the bot, or a shortcut")
        if listed.version.startswith(_NO_DOWNLOAD):
            raise Unreadable(listed.key, "its owner does not allow downloading it")
        text, content = await read_text(listed, drive=self._drive, reader=self._reader)
        is_checksum = _CHECKSUM.fullmatch(listed.version)
        return Document.of(
            listed,
            version=md5(content, usedforsecurity=False).hexdigest() if is_checksum else listed.version,
            markdown=text.markdown,
            page_starts=text.page_starts,
        )

    async def _list_changed(
        self, cursor: DriveCursor | None, roots: Roots
    ) -> tuple[frozenset[str] | None, dict[str, str]]:
        """The ids of what changed since the cursor, and where the logs end.

        None, and no ends, where only a whole listing can tell: without a cursor, with one of another scope, or with one
        that Google no longer takes.
        """
        if cursor is None or cursor.scope != self._scope.words or frozenset(cursor.tokens) != roots.logs:
            return None, {}
        try:
            changes, ends = await self._drive.list_changes(cursor.tokens)
        except StalePageToken:
            return None, {}
        return cursor.unlogged.union(change.changed_id for change in changes if change.changed_id), ends

    async def _list(self) -> tuple[Place, Mapping[str, Spot]]:
        place = await list_place(await find_roots(self._scope, self._drive), self._drive)
        return place, place.spots()

    async def _rights(self, spots: Mapping[str, Spot]) -> Rights:
        rights = Rights(self._drive, spots, organisation=self._organisation, now=self._now())
        await rights.prepare()
        return rights

    def _cursor(self, tokens: Mapping[str, str], *, unlogged: frozenset[str]) -> Cursor:
        return DriveCursor(scope=self._scope.words, tokens=tokens, unlogged=unlogged).pack()


@contextmanager
def _found_nowhere(source: str) -> Generator[None]:
    """A refusal that nobody expected is one of the place: what was asked for is needed for a whole listing."""
    try:
        yield
    except RequestFailed as error:
        raise SourceUnavailable(source, error.reason) from error


def _still_there(spots: Mapping[str, Spot], documents: Collection[Spot]) -> set[str]:
    """The ids of documents and folders. A shortcut that leads somewhere by now is a document no more."""
    folders = {file_id for file_id, spot in spots.items() if spot.file.is_folder}
    return folders | {spot.file.id for spot in documents}


def _find_unlogged(place: Place, spots: Mapping[str, Spot]) -> frozenset[str]:
    """Dangling shortcuts, and what shortcuts lead to outside of the places whose changes we hear of."""
    led_to = [spot for spot in spots.values() if spot.container and spots[spot.container].file.is_shortcut]
    outside = {spot.file.id for spot in led_to if (spot.file.drive_id or USER_LOG) not in place.roots.logs}
    return frozenset(outside | {spot.file.id for spot in place.documents(spots) if spot.file.is_shortcut})


def _listed(spot: Spot, access: AccessRule) -> Listed:
    file = spot.file
    return Listed(
        key=file.id,
        version=_version(file),
        title=name_of(file),
        url=f"https://drive.google.com/open?id={quote(file.id, safe='')}",
        access=access,
        media_type=_media_type(file),
        modified_at=file.modified_time,
        trail=spot.trail,
    )


def _version(file: DriveFile) -> str:
    """What changes with the text. Not Drive's `version`, which moves with permissions, names and stars too.

    A rename may move the time of a Google document's last change: then it is read again, and nothing is embedded.
    """
    if file.is_shortcut:
        return f"{_DANGLING} to {file.target_id}"
    content = file.md5_checksum or file.head_revision_id or file.modified_time.isoformat()
    return content if file.capabilities.can_download else f"{_NO_DOWNLOAD} of {content}"


def _media_type(file: DriveFile) -> str:
    """What Google says, unless the name says more: uploads are often plain text or octets to Google."""
    said = file.mime_type.partition(";")[0].strip()
    kind, _ = find_media_type(said)
    if said.startswith(GOOGLE_TYPES) or (kind is not None and kind.name != "text/plain"):
        return said
    guessed = guess_media_type(file.name)
    return guessed if guessed != UNKNOWN else said or UNKNOWN
