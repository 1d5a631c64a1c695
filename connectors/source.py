"""The port every place of knowledge fits."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from connectors.documents import Cursor, Document, Listed, Present, Principal, Removed, Spent


class Source(Protocol):
    """A place documents come from.

    Listing and reading are two steps, so that a sync can leave unchanged documents unread and can move rights
    without reading at all.
    """

    @property
    def name(self) -> str:
        """Unique among the configured sources; stored with every document."""
        ...

    @property
    def spent(self) -> Spent:
        """What was asked of the place so far; a sync writes the difference into its receipt."""
        ...

    def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Removed | Cursor]:
        """Everything new or changed since the cursor, or everything when there is none.

        A source may repeat documents that did not change: the sync compares versions. The last element is the
        cursor for the next call; a listing that ends without one was cut short and is not trusted. A cursor that the
        place no longer takes leads to a listing of everything.
        Raises `connectors.errors.SourceUnavailable` when the place can't be listed.
        """
        ...

    async def read(self, listed: Listed) -> Document:
        """The document's text. Raises `connectors.errors.Unreadable` with a reason that an admin can act on."""
        ...

    def present(self) -> AsyncIterator[Present]:
        """Every document that exists now with who may read it now; raises rather than ending early.

        For pruning, and for rights: it is asked for in every sync, and between syncs for the rights alone.
        """
        ...

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """The direct members of every group that this source's access rules name: people and other groups."""
        ...


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """What a place that answers shows to whoever set it up."""

    found: str
    """In a few words, what is there."""
    gaps: tuple[str, ...] = ()
    """What hinders a sync or a reader all the same, and what to do."""


@runtime_checkable
class Distant(Protocol):
    """A source that is asked over a network."""

    async def examine(self) -> Checkup:
        """Sign in and look at what every listing begins with, without listing all. Raises as a listing does."""
        ...
