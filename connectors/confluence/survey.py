"""Everything that a site has, and who may read it, in one listing without a text.

A listing is what it takes anyway for the rights and for what is gone, since a restriction, a move, a label, the new
title of a page above, and a deleted comment leave no trace in `lastmodified`. It shows every version number too, so
changes are found by comparing it with the one before, and no clock is asked.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.confluence.listing import Listing, Seen, list_contents
from connectors.confluence.payloads import Group
from connectors.confluence.people import People
from connectors.confluence.place import Place
from connectors.confluence.rights import Rules, groups_in, users_in
from connectors.confluence.spaces import list_spaces
from connectors.documents import Cursor, Listed, Present
from connectors.errors import SourceUnavailable
from connectors.text.media_types import find_media_type, guess_media_type

PAGE_MEDIA_TYPE = "text/html; charset=utf-8"
"""What a page's storage format is turned into before it is read."""
_BUCKETS = 2048
"""Of the fingerprints in a cursor: with 1 % of 10,000 documents changed, a listing repeats some 400 of the others."""
_FINGERPRINT_CHARS = 8


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What of a site is wanted."""

    spaces: tuple[str, ...] = ()
    """By key; none means all but personal ones."""
    blog_posts: bool = True
    comments: bool = False
    """As a part of the page that they stand under."""
    attachments: bool = True
    nested_groups: bool = False
    """Data Center 9.4 or later: also ask which groups hold groups, one request a group."""

    @property
    def kinds(self) -> list[str]:
        wanted = {"blogpost": self.blog_posts, "comment": self.comments, "attachment": self.attachments}
        return ["page", *(kind for kind, is_wanted in wanted.items() if is_wanted)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """Where the content of an attachment is."""

    page_id: str
    download: str
    """A path under Data Center's base URL."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A document as the survey found it."""

    key: str
    space: str
    ruled_by: str
    """The id of the page whose rule holds for it."""
    number: str
    """Of Confluence's version, and of those of its comments."""
    title: str
    url: str
    media_type: str
    modified_at: datetime
    trail: tuple[str, ...]
    labels: tuple[str, ...]
    is_commented: bool = False
    attachment: Attachment | None = None

    @property
    def fingerprint(self) -> bytes:
        """Of all that a listing says, rights apart: those are asked for at every sync."""
        said = (self.key, self.number, self.title, self.url, self.media_type, self.trail, self.labels)
        return hashlib.blake2b(repr(said).encode("utf-8", "backslashreplace"), digest_size=16).digest()


@dataclass(kw_only=True)
class Survey:
    """One whole listing."""

    entries: Sequence[Entry]
    rules: Rules
    groups: Mapping[str, Group]
    """All that a restriction or permission names, by key."""
    people: int
    """How many people these name."""
    hidden_people: int
    """How many of them are nobody here, since Confluence does not tell their e-mail address."""
    spaces: int
    closed_spaces: tuple[str, ...]
    """Of which it is not told who may view them: nobody may, then."""
    missing_spaces: tuple[str, ...]
    """Wanted, and not there: deleted, archived, misspelt, or closed to our account."""

    def present(self) -> Iterator[Present]:
        for entry in self.entries:
            yield Present(key=entry.key, access=self.rules.rule_for(entry.ruled_by, entry.space))

    def changed_since(self, cursor: Cursor | None) -> Iterator[Entry]:
        """At least what is other than it was at the cursor; everything where there is none, or one of another kind."""
        before, now = _fingerprints_in(cursor), self._fingerprints()
        for entry in self.entries:
            bucket = _bucket(entry.key)
            if not before or before[bucket] != now[bucket]:
                yield entry

    def cursor(self, *, without: Collection[str] = ()) -> Cursor:
        """From here on; what is left out is listed the next time."""
        return Cursor(value=".".join(["1", *self._fingerprints(without)]))

    def _fingerprints(self, without: Collection[str] = ()) -> list[str]:
        buckets: defaultdict[int, list[bytes]] = defaultdict(list)
        for entry in self.entries:
            if entry.key in without:
                continue
            buckets[_bucket(entry.key)].append(entry.fingerprint)
        digests = (hashlib.blake2b(b"".join(sorted(buckets[number]))) for number in range(_BUCKETS))
        return [digest.hexdigest()[:_FINGERPRINT_CHARS] for digest in digests]

    def listed(self, entry: Entry, *, version: str) -> Listed:
        return Listed(
            key=entry.key,
            version=version,
            title=entry.title,
            url=entry.url,
            access=self.rules.rule_for(entry.ruled_by, entry.space),
            media_type=entry.media_type,
            modified_at=entry.modified_at,
            trail=entry.trail,
            labels=entry.labels,
        )


async def survey(place: Place, scope: Scope, people: People) -> Survey:
    """List the site. Raises SourceUnavailable rather than leaving anything out."""
    spaces = {space.key: space for space in await list_spaces(place, scope.spaces)}
    missing = sorted(set(scope.spaces) - spaces.keys())
    if missing and not spaces:
        raise SourceUnavailable(place.source, f"there is no space {', '.join(missing)}, or the account may not view it")
    listing = await list_contents(place, spaces, scope.kinds)
    named = [*(door.named for door in listing.doors.values()), *(space.viewers for space in spaces.values())]
    users = users_in(named)
    known = await people.principals(users)
    ids = {one.id for one in users}
    return Survey(
        entries=list(_entries(listing)),
        rules=Rules(
            source=place.source,
            people=known,
            spaces={key: space.viewers for key, space in spaces.items()},
            doors=listing.doors,
            parents={key: page.above for key, page in listing.pages.items()},
        ),
        groups=groups_in(named),
        people=len(ids),
        hidden_people=len(ids - known.keys()),
        spaces=len(spaces),
        closed_spaces=tuple(sorted(key for key, space in spaces.items() if space.viewers is None)),
        missing_spaces=tuple(missing),
    )


def _entries(listing: Listing) -> Iterator[Entry]:
    for page in listing.pages.values():
        yield _page_entry(listing, page)
    for attachment in listing.attachments.values():
        page = listing.pages.get(attachment.page)
        if page is not None and (media_type := _readable_type(attachment)):
            yield _attachment_entry(listing, page, attachment, media_type)


def _page_entry(listing: Listing, page: Seen) -> Entry:
    comments = listing.comments.get(page.id, [])
    return Entry(
        key=page.id,
        space=page.space,
        ruled_by=page.id,
        number=_number(page, comments),
        title=page.title,
        url=listing.url(page),
        media_type=PAGE_MEDIA_TYPE,
        modified_at=max(each.modified_at for each in [page, *comments]),
        trail=listing.trail(page),
        labels=page.labels,
        is_commented=bool(comments),
    )


def _attachment_entry(listing: Listing, page: Seen, attachment: Seen, media_type: str) -> Entry:
    return Entry(
        key=attachment.id,
        space=page.space,
        ruled_by=page.id,
        number=_number(attachment, ()),
        title=attachment.title,
        url=listing.url(attachment),
        media_type=media_type,
        modified_at=attachment.modified_at,
        trail=(*listing.trail(page), page.title),
        labels=attachment.labels,
        attachment=Attachment(page_id=page.id, download=attachment.download),
    )


def _number(seen: Seen, comments: Iterable[Seen]) -> str:
    """The version's; with comments, also a digest of theirs, since they change the text and not the number."""
    said = sorted((each.id, each.number) for each in comments)
    return (
        f"{seen.number}.{hashlib.blake2b(repr(said).encode(), digest_size=6).hexdigest()}" if said else str(seen.number)
    )


def _readable_type(attachment: Seen) -> str:
    """The media type to read an attachment as: by its name, else as Confluence says; empty where nothing reads it."""
    for name in (guess_media_type(attachment.title), attachment.media_type):
        kind, _ = find_media_type(name)
        if kind is not None and kind.format:
            return kind.name
    return ""


def _bucket(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "backslashreplace")) % _BUCKETS


def _fingerprints_in(cursor: Cursor | None) -> list[str]:
    kind, *fingerprints = (cursor.value if cursor else "").split(".")
    return fingerprints if kind == "1" and len(fingerprints) == _BUCKETS else []
