"""The port every place of knowledge fits."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from connectors.documents import Cursor, Document, Listed, Principal, Removed


class Source(Protocol):
    """A place documents come from.

    Listing and reading are two steps, so that a sync can leave unchanged documents unread and can move rights
    without reading at all.
    """

    @property
    def name(self) -> str:
        """Unique among the configured sources; stored with every document."""
        ...

    def changes(self, since: Cursor | None) -> AsyncIterator[Listed | Removed | Cursor]:
        """Everything new or changed since the cursor, or everything when there is none.

        A source may repeat documents that did not change: the sync compares versions. The last element is the
        cursor for the next call; a listing that ends without one was cut short and is not trusted.
        Raises `connectors.errors.SourceUnavailable` when the place can't be listed.
        """
        ...

    async def read(self, listed: Listed) -> Document:
        """The document's text. Raises `connectors.errors.Unreadable` with a reason that an admin can act on."""
        ...

    def live_keys(self) -> AsyncIterator[str]:
        """The key of every document that exists now, for pruning; raises rather than ending early."""
        ...

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """The direct members of every group that this source's access rules name: people and other groups."""
        ...
