"""What crosses the boundary from a place to the knowledge base: frozen values, no behaviour of a store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

Principal = NewType("Principal", str)
"""A person, a group or a class of people as one string: `user:ada@example.com`, `group:folder/hr`, `staff`."""

PUBLIC = Principal("public")
"""Everyone, guests and unmatched people included."""

STAFF = Principal("staff")
"""Every full member of the organisation; never a guest."""


def user(email: str) -> Principal:
    """The principal of the person with this verified e-mail address; addresses compare without case."""
    return Principal(f"user:{email.strip().casefold()}")


def group(source: str, name: str) -> Principal:
    """The principal of a group as one source knows it; equal names in two sources are two groups."""
    return Principal(f"group:{source}/{name}")


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """Who may read a document: a conjunction of any-of sets.

    A person passes when every set in `all_of` holds at least one of the person's principals. A Confluence page has
    one set for itself, one for each restricted ancestor and one for its space. An empty set lets nobody pass.
    An empty conjunction would let everybody pass, so it can't be made: unknown rights mean no.
    """

    all_of: frozenset[frozenset[Principal]]

    def __post_init__(self) -> None:
        if not self.all_of:
            raise ValueError(
                "an access rule needs at least one set: use AccessRule.nobody() or AccessRule.any_of([PUBLIC])"
            )

    @classmethod
    def any_of(cls, principals: Iterable[Principal]) -> "AccessRule":
        return cls(all_of=frozenset({frozenset(principals)}))

    @classmethod
    def nobody(cls) -> "AccessRule":
        return cls.any_of(())

    def and_also(self, other: "AccessRule") -> "AccessRule":
        """The rule of those who pass both."""
        return AccessRule(all_of=self.all_of | other.all_of)

    def admits(self, principals: frozenset[Principal]) -> bool:
        """Whether one person, given by all of their principals, may read."""
        return all(not one_of.isdisjoint(principals) for one_of in self.all_of)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A document as a listing shows it: enough to see whether it changed, without reading it.

    `key` is stable and unique within its source. `version` changes whenever the text may have changed (a content
    hash, a revision number); title, url and access may change while it stays.
    """

    key: str
    version: str
    title: str
    url: str
    access: AccessRule
    media_type: str
    modified_at: datetime
    trail: tuple[str, ...] = ()
    """Where the document stands, as titles from the outermost place (space, drive) to its parent. Searched by word and
    shown, never embedded: a move embeds nothing."""
    labels: tuple[str, ...] = ()
    """What the place tags it with; searched like the trail."""


@dataclass(frozen=True, kw_only=True)
class Present:
    """A document that exists now, and who may read it now; whether its text changed is not said.

    Rights change in most places without a new version, above all those that are inherited.
    """

    key: str
    access: AccessRule


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a place was asked for since its source was made."""

    requests: int = 0
    points: int = 0
    """Of the place's own quota (Confluence counts points), as far as it is known."""


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A document that the place itself reports as gone."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where the next incremental listing starts; opaque to everyone but its source."""

    value: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document read whole, as Markdown.

    `page_starts` holds the character offset in `markdown` at which each page begins, ascending from 0, for media
    with pages (PDF, slides); it is empty for the rest.
    """

    key: str
    version: str
    title: str
    url: str
    access: AccessRule
    modified_at: datetime
    markdown: str
    page_starts: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        listed: Listed,
        *,
        markdown: str,
        page_starts: tuple[int, ...] = (),
        version: str | None = None,
        title: str | None = None,
    ) -> "Document":
        """What was listed, read: with the version and the title of what was read, where that says its own."""
        return cls(
            key=listed.key,
            version=version or listed.version,
            title=title or listed.title,
            url=listed.url,
            access=listed.access,
            modified_at=listed.modified_at,
            markdown=markdown,
            page_starts=page_starts,
        )
