"""All contents of the wanted spaces, page by page of a search, each kept as little as will do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from connectors.confluence import cql
from connectors.confluence.payloads import Ancestor, Container, Content, Restriction, Restrictions, User
from connectors.confluence.place import Place
from connectors.confluence.rights import OPEN, SHUT, Door, Named, door_of
from connectors.confluence.spaces import KnownSpace
from connectors.errors import HttpRefused
from connectors.http import path_of
from connectors.text.cleaning import clean_line
from connectors.times import EPOCH, as_utc

_EXPAND = (
    "version,space,ancestors,container,metadata.labels,"
    "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
)
_SPACES_AT_ONCE = 50
_RESTRICTED_AT_ONCE = 200
_MAX_RESTRICTED = 20_000
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A page, a blog post, an attachment or a comment as the search shows it."""

    id: str
    space: str
    """Its key; empty where it is none of the wanted ones."""
    title: str
    number: int
    """Of its version."""
    modified_at: datetime
    webui: str
    above: tuple[str, ...]
    """The ids of what it stands in, from the top."""
    labels: tuple[str, ...]
    page: str
    """Of a comment or an attachment."""
    media_type: str
    download: str


@dataclass(kw_only=True)
class Listing:
    """What was seen, by id."""

    spaces: Mapping[str, KnownSpace]
    site: str = ""
    """The site's own address, as it gives it."""
    pages: dict[str, Seen] = field(default_factory=dict[str, Seen])
    """Blog posts are among them."""
    attachments: dict[str, Seen] = field(default_factory=dict[str, Seen])
    comments: defaultdict[str, list[Seen]] = field(default_factory=lambda: defaultdict[str, list[Seen]](list))
    """By the page that they stand under."""
    doors: dict[str, Door] = field(default_factory=dict[str, Door])
    cut_doors: list[str] = field(default_factory=list[str])
    """Of those that the search did not show whole."""
    titles: dict[str, str] = field(default_factory=dict[str, str])
    """Of what pages stand in."""
    _lines: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict[tuple[str, ...], tuple[str, ...]])
    _people: dict[str, User] = field(default_factory=dict[str, User])

    def add(self, content: Content, site: str) -> None:
        self.site = self.site or site
        if content.status != "current":
            return
        seen = self._seen(content)
        if content.type == "comment":
            self.comments[seen.page].append(seen)
        elif content.type == "attachment":
            self.attachments[seen.id] = seen
        elif seen.space:
            self.pages[seen.id] = seen
            self._add_door(content)

    def _seen(self, content: Content) -> Seen:
        space = self.spaces.get(content.space.key) if content.space else None
        version, extensions = content.version, content.extensions
        return Seen(
            id=content.id,
            space=space.key if space else "",
            title=clean_line(content.title, max_chars=_MAX_TITLE_CHARS) or content.id,
            number=version.number if version else 0,
            modified_at=as_utc(version.when) if version and version.when else EPOCH,
            webui=content.links.webui,
            above=self._line(content.ancestors or ()),
            labels=_labels(content),
            page=(content.container or Container()).id,
            media_type=extensions.media_type if extensions else "",
            download=content.links.download,
        )

    def _line(self, ancestors: Iterable[Ancestor]) -> tuple[str, ...]:
        """One tuple for all that stand in the same place."""
        for each in ancestors:
            self.titles.setdefault(each.id, clean_line(each.title, max_chars=_MAX_TITLE_CHARS))
        line = tuple(each.id for each in ancestors)
        return self._lines.setdefault(line, line)

    def _add_door(self, content: Content) -> None:
        door, is_cut = door_of(content.restrictions)
        if content.ancestors is None and content.type == "page":
            door, is_cut = SHUT, False
        self.doors[content.id] = self._slim(door)
        if is_cut:
            self.cut_doors.append(content.id)

    def _slim(self, door: Door) -> Door:
        """The same door, with one object for each person however often they are named."""
        if door.named is None:
            return door
        users = tuple(self._people.setdefault(one.id, one) for one in door.named.users)
        return replace(door, named=replace(door.named, users=users))

    def trail(self, page: Seen) -> tuple[str, ...]:
        """The space's name and the titles above. A title is taken from the page itself where it is listed."""
        above = (self.pages[each].title if each in self.pages else self.titles[each] for each in page.above)
        return tuple(filter(None, (clean_line(self.spaces[page.space].name, max_chars=_MAX_TITLE_CHARS), *above)))

    def url(self, seen: Seen) -> str:
        """A link for people; empty where the site's address or the path is not what links are made of."""
        parts = urlsplit(self.site)
        is_web = parts.scheme in {"https", "http"} and parts.netloc and "@" not in parts.netloc
        is_path = seen.webui.startswith("/") and not seen.webui.startswith("//")
        if not is_web or not is_path or any(character.isspace() for character in self.site + seen.webui):
            return ""
        return self.site.rstrip("/") + seen.webui


async def list_contents(place: Place, spaces: Mapping[str, KnownSpace], kinds: Iterable[str]) -> Listing:
    """Everything of these kinds, with the doors of all pages and of whatever else they stand in.

    That are folders, archived pages, and pages that are not to be seen.
    """
    listing = Listing(spaces=spaces)
    keys, wanted = sorted(spaces), list(kinds)
    for start in range(0, len(keys), _SPACES_AT_ONCE):
        query = cql.contents_of(keys[start : start + _SPACES_AT_ONCE], wanted)
        async for content, site in place.search(query, expand=_EXPAND):
            listing.add(content, site)
    outside = {each for page in listing.pages.values() for each in page.above} - listing.doors.keys()
    for content_id in [*listing.cut_doors, *sorted(outside)]:
        listing.doors[content_id] = await _find_door(place, content_id)
    return listing


async def _find_door(place: Place, content_id: str) -> Door:
    """The restriction of one content, with all whom it names; shut where it may not be read."""
    path = "/rest/api" + path_of("content", content_id, "restriction", "byOperation", "read")
    expand = ("expand", "restrictions.user,restrictions.group")
    named = Named()
    for start in range(0, _MAX_RESTRICTED, _RESTRICTED_AT_ONCE):
        try:
            answer = await place.get(
                path, [expand, ("start", start), ("limit", _RESTRICTED_AT_ONCE)], objects=_RESTRICTED_AT_ONCE
            )
        except HttpRefused:
            return SHUT
        door, goes_on = door_of(Restrictions(read=place.read(Restriction, answer)))
        if door.named is None:
            return Door(named=named) if start and door is OPEN else door
        named = Named(users=named.users + door.named.users, groups=named.groups + door.named.groups)
        if not goes_on:
            return Door(named=named)
    return SHUT


def _labels(content: Content) -> tuple[str, ...]:
    labels = content.metadata.labels.results if content.metadata and content.metadata.labels else []
    return tuple(sorted({label.name for label in labels if label.prefix in {"global", "team"}}))
