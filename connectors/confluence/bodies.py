"""The texts of pages, fetched many at a time while they are listed, and kept until they are read."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connectors.confluence import cql
from connectors.confluence.payloads import Content
from connectors.confluence.place import Place

PAGES_AT_ONCE = 50
"""Confluence gives no more than this with bodies."""
_MAX_KEPT = 3 * PAGES_AT_ONCE


@dataclass(frozen=True, kw_only=True, slots=True)
class PageBody:
    """A page's storage format, and that of its comments, oldest first."""

    storage: str | None
    """None where Confluence keeps it to itself."""
    comments: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """A digest of the text. The number that Confluence counts goes up with every new title, too."""
        said = repr((self.storage, self.comments)).encode("utf-8", "backslashreplace")
        return hashlib.blake2b(said, digest_size=16).hexdigest()


class Bodies:
    """What was fetched last and not read yet; more than a few batches are not kept."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kept: dict[str, PageBody] = {}

    async def load(self, page_ids: Sequence[str], *, commented: Collection[str]) -> Mapping[str, PageBody]:
        """By id, of those pages that are there; `commented` are those whose comments belong to the text."""
        if not page_ids:
            return {}
        comments = await self._load_comments([each for each in page_ids if each in commented])
        found: dict[str, PageBody] = {}
        query = cql.one_of("id", page_ids)
        async for page, _ in self._place.search(query, expand="body.storage", limit=PAGES_AT_ONCE):
            if page.status == "current":
                found[page.id] = PageBody(storage=_storage(page), comments=tuple(comments[page.id]))
        self._keep(found)
        return found

    async def get(self, page_id: str, *, with_comments: bool) -> PageBody | None:
        """The text of one page, as it was when it was listed or as it is now; None where it is not to be found."""
        if page_id not in self._kept:
            await self.load([page_id], commented=[page_id] if with_comments else [])
        return self._kept.pop(page_id, None)

    def _keep(self, found: Mapping[str, PageBody]) -> None:
        for page_id, body in found.items():
            self._kept.pop(page_id, None)
            self._kept[page_id] = body
        while len(self._kept) > _MAX_KEPT:
            self._kept.pop(next(iter(self._kept)))

    async def _load_comments(self, page_ids: Sequence[str]) -> Mapping[str, list[str]]:
        comments: defaultdict[str, list[str]] = defaultdict(list)
        if page_ids:
            query, expand = cql.comments_on(page_ids), "container,body.storage"
            async for comment, _ in self._place.search(query, expand=expand, limit=PAGES_AT_ONCE):
                if comment.container is not None and comment.status == "current":
                    comments[comment.container.id].append(_storage(comment) or "")
        return comments


def _storage(content: Content) -> str | None:
    return content.body.storage.value if content.body and content.body.storage else None
