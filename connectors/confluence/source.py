"""Confluence behind the `Source` port."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from connectors.confluence.bodies import PAGES_AT_ONCE, Bodies
from connectors.confluence.groups import list_memberships
from connectors.confluence.payloads import Content
from connectors.confluence.people import People
from connectors.confluence.place import Edition, Place
from connectors.confluence.storage_format import mentioned_people, to_html
from connectors.confluence.survey import PAGE_MEDIA_TYPE, Attachment, Entry, Scope, Survey, survey
from connectors.documents import Cursor, Document, Listed, Present, Principal, Spent
from connectors.errors import (
    HttpRefused,
    NeedsLogin,
    OutOfBounds,
    RequestFailed,
    SourceUnavailable,
    TooLarge,
    Unreadable,
)
from connectors.http import path_of
from connectors.source import Checkup
from connectors.text.reader import TextReader

_FRESH_S = 300
"""How old a survey may be to serve a listing; what changed since is found by the next."""
_HINTS = {
    403: ": the account, or its token's scopes, may not read what a listing needs",
    404: ": is the address right? Cloud's ends in /wiki, Data Center's in its context path, if it has one",
}
_NO_STORAGE = "the page is gone since it was listed, or Confluence keeps its text to itself"


class ConfluenceSource:
    """A site's pages, blog posts and attachments, by Confluence's own ids.

    A page's version is a digest of its text, which is therefore fetched while it is listed: fifty pages a request. The
    number that Confluence counts would go up with a new title.
    """

    def __init__(
        self,
        place: Place,
        *,
        name: str,
        reader: TextReader,
        scope: Scope | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._name = name
        self._reader = reader
        self._scope = scope or Scope()
        self._people = People(place)
        self._bodies = Bodies(place)
        self._attachments: dict[str, Attachment] = {}
        self._now = monotonic
        self._waiting: tuple[float, Survey] | None = None
        """Made for the memberships at this time, for what is asked next."""
        self.people = 0
        """How many people the rights named, in the latest listing."""
        self.hidden_people = 0
        """How many of those are nobody here, since Confluence does not tell their e-mail address."""
        self.missing_spaces: tuple[str, ...] = ()
        """Wanted, and not there: deleted, archived, misspelt, or closed to our account."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def spent(self) -> Spent:
        return self._place.spent

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """Of all groups that a rule names. The listing that this takes serves the next `changes` too."""
        listed = await self._survey()
        self._waiting = (self._now(), listed)
        with _needed_for_a_listing(self._name):
            return await list_memberships(self._place, self._people, listed.groups, nested=self._scope.nested_groups)

    async def examine(self) -> Checkup:
        """By a whole survey, which holds no texts: what is missing shows there only."""
        groups = await self.memberships()
        assert self._waiting is not None  # noqa: S101 -- made for the memberships
        _, listed = self._waiting
        hidden = f", {listed.hidden_people} of {listed.people} people in its rights hide their address"
        return Checkup(
            found=f"{listed.spaces} spaces with {len(listed.entries)} documents, {len(groups)} groups"
            f"{hidden if listed.hidden_people else ''}",
            gaps=tuple(_gaps_of(listed)),
        )

    async def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Cursor]:
        listed = self._take_waiting() or await self._survey()
        changed = list(listed.changed_since(since))
        gone: set[str] = set()
        for start in range(0, len(changed), PAGES_AT_ONCE):
            portion = changed[start : start + PAGES_AT_ONCE]
            with _needed_for_a_listing(self._name):
                versions = await self._find_versions(portion)
            gone.update(entry.key for entry in portion if entry.key not in versions)
            for entry in portion:
                if entry.key in versions:
                    yield listed.listed(entry, version=versions[entry.key])
        yield listed.cursor(without=gone)

    async def present(self) -> AsyncIterator[Present]:
        """After the memberships, by the same survey; after a listing by a fresh one, since reading takes its time."""
        listed = self._take_waiting() or await self._survey()
        for each in listed.present():
            yield each

    async def read(self, listed: Listed) -> Document:
        if listed.media_type == PAGE_MEDIA_TYPE:
            content = await self._load_page(listed)
        else:
            content = await self._load_attachment(listed)
        text = await self._reader.read(content, listed.media_type, key=listed.key)
        return Document.of(listed, markdown=text.markdown, page_starts=text.page_starts)

    async def _find_versions(self, entries: Sequence[Entry]) -> dict[str, str]:
        """By key, of those that are still there: what was deleted since the survey is left to the next."""
        attachments = {entry.key: entry.attachment for entry in entries if entry.attachment is not None}
        self._attachments.update(attachments)
        pages = [entry.key for entry in entries if entry.key not in attachments]
        commented = {entry.key for entry in entries if entry.is_commented}
        bodies = await self._bodies.load(pages, commented=commented)
        numbers = {entry.key: entry.number for entry in entries if entry.key in attachments}
        return {**numbers, **{key: body.version for key, body in bodies.items()}}

    def _take_waiting(self) -> Survey | None:
        waiting, self._waiting = self._waiting, None
        return waiting[1] if waiting and self._now() - waiting[0] < _FRESH_S else None

    async def _survey(self) -> Survey:
        with _needed_for_a_listing(self._name):
            await self._check_login()
            listed = await survey(self._place, self._scope, self._people)
        self.people, self.hidden_people = listed.people, listed.hidden_people
        self.missing_spaces = listed.missing_spaces
        return listed

    async def _check_login(self) -> None:
        """A site that is open to strangers answers bad credentials as it answers a stranger: with much less."""
        current = await self._place.get("/rest/api/user/current")
        if current.get("type") == "anonymous":
            raise NeedsLogin(self._name, "Confluence takes us for a stranger: the credentials are not valid any more")

    async def _load_page(self, listed: Listed) -> bytes:
        """The page as HTML."""
        body = await self._bodies.get(listed.key, with_comments=self._scope.comments)
        if body is None or body.storage is None:
            raise Unreadable(listed.key, _NO_STORAGE)
        self._reader.check(PAGE_MEDIA_TYPE, len(body.storage) + sum(map(len, body.comments)), key=listed.key)
        names = await self._people.names(mentioned_people(body.storage, *body.comments))
        html = await asyncio.to_thread(_as_html, body.storage, body.comments, names)
        return html.encode("utf-8", "replace")

    async def _load_attachment(self, listed: Listed) -> bytes:
        limit = self._reader.limits.input_bytes
        try:
            found = self._attachments.get(listed.key) or await self._find_attachment(listed.key)
            download = await self._place.visit.get_bytes(self._download_path(listed.key, found), max_bytes=limit)
        except TooLarge:
            self._reader.check(listed.media_type, limit + 1, key=listed.key)
            raise
        except (HttpRefused, OutOfBounds) as error:
            raise Unreadable(listed.key, f"Confluence does not hand it out: {error.reason}") from error
        return download.content

    async def _find_attachment(self, key: str) -> Attachment:
        """Of one that an earlier process listed."""
        answer = await self._place.get("/rest/api" + path_of("content", key), [("expand", "container")])
        found = self._place.read(Content, answer)
        if found.container is None:
            raise Unreadable(key, "Confluence does not say which page it is attached to")
        return Attachment(page_id=found.container.id, download=found.links.download)

    def _download_path(self, key: str, found: Attachment) -> str:
        """Cloud has an address for it in the API, which OAuth reaches too; Data Center has the link that people use."""
        if self._place.edition is Edition.CLOUD:
            return "/rest/api" + path_of("content", found.page_id, "child", "attachment", key, "download")
        if not found.download.startswith("/download/"):
            raise OutOfBounds("its link leads elsewhere")
        return found.download


@contextmanager
def _needed_for_a_listing(source: str) -> Generator[None]:
    """A refusal that nobody expected is one of the place: without what was asked for the listing is not whole."""
    try:
        yield
    except RequestFailed as error:
        status = error.status if isinstance(error, HttpRefused) else 0
        raise SourceUnavailable(source, f"{error.reason}{_HINTS.get(status, '')}") from error


def _gaps_of(listed: Survey) -> Iterator[str]:
    if listed.missing_spaces:
        yield f"there is no space {', '.join(listed.missing_spaces)}, or the account may not view it"
    if listed.closed_spaces:
        yield (
            f"nobody finds what is in {', '.join(listed.closed_spaces)}: who may view it is told to an admin of the "
            "space only, which the account must be"
        )
    if not listed.entries:
        yield "there is no page that the account may view"


def _as_html(storage: str, comments: Sequence[str], names: Mapping[str, str]) -> str:
    parts = [to_html(storage, names=names)]
    if comments:
        parts.append("<h2>Comments</h2>")
        parts += [f"<blockquote>{to_html(each, names=names)}</blockquote>" for each in comments]
    return "\n".join(parts)
