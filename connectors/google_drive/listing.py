"""Makes a `Place`: shared drives page by page, folders level by level, shortcuts once."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from connectors.errors import Forbidden, NotFound
from connectors.google_drive.drive import Drive, StalePageToken
from connectors.google_drive.parallel import run_all
from connectors.google_drive.payloads import DriveFile
from connectors.google_drive.place import Place, Spot
from connectors.google_drive.scope import Roots, is_member

_FOLDERS_PER_QUERY = 40
"""Some 60 characters each, in an address that should stay below 4,000."""


async def list_place(roots: Roots, drive: Drive) -> Place:
    """What is there now. What changes while it is listed is looked up in the logs, so that nothing falls in between.

    Raises SourceUnavailable rather than leaving something out.
    """
    try:
        return await _Listing(roots, drive).run()
    except StalePageToken:
        return await _Listing(roots, drive).run()


class _Listing:
    def __init__(self, roots: Roots, drive: Drive) -> None:
        self._place = Place(roots)
        self._drive = drive
        self._listed: set[str] = set()
        self._is_member = dict.fromkeys(roots.member_of, True)

    async def run(self) -> Place:
        logs = self._place.roots.logs
        began_at = await self._drive.get_start_tokens(logs)
        for root in self._place.roots.files:
            if root.id == root.drive_id:
                await self._list_drive(root.id)
        await self._list_reachable()
        if await self._drive.get_start_tokens(logs) != began_at:
            changes, _ = await self._drive.list_changes(began_at)
            self._place.apply(changes)
            await self._list_reachable()
        return self._place

    async def _list_drive(self, drive_id: str) -> None:
        self._place.put(await self._drive.list_files("trashed = false", drive_id=drive_id))
        self._listed.update([drive_id, *self._place.folders(drive_id)])

    async def _list_reachable(self) -> None:
        """List folders and look shortcuts up until there is nothing new."""
        while True:
            spots = self._place.spots()
            folders = [spot for file_id, spot in spots.items() if spot.file.is_folder and file_id not in self._listed]
            targets = self._place.unknown_targets(spots)
            if not folders and not targets:
                return
            await self._list_folders(folders)
            await run_all(self._look_up(target) for target in sorted(targets))

    async def _list_folders(self, folders: Collection[Spot]) -> None:
        by_corpus: defaultdict[str | None, list[str]] = defaultdict(list)
        for spot in folders:
            by_corpus[await self._corpus_of(spot.file)].append(spot.file.id)
        await run_all(
            self._list_children(batch, corpus) for corpus, ids in by_corpus.items() for batch in _batches(ids)
        )
        self._listed.update(spot.file.id for spot in folders)

    async def _list_children(self, folders: Collection[str], corpus: str | None) -> None:
        within = " or ".join(f"{quoted(folder)} in parents" for folder in folders)
        self._place.put(await self._drive.list_files(f"({within}) and trashed = false", drive_id=corpus))

    async def _corpus_of(self, file: DriveFile) -> str | None:
        """The shared drive to search in; None for all that was shared with the account itself."""
        if file.drive_id is None:
            return None
        if file.drive_id not in self._is_member:
            self._is_member[file.drive_id] = await is_member(self._drive, file.drive_id)
        return file.drive_id if self._is_member[file.drive_id] else None

    async def _look_up(self, file_id: str) -> None:
        try:
            self._place.put([await self._drive.get_file(file_id)])
        except (NotFound, Forbidden):
            self._place.drop(file_id)


def quoted(text: str) -> str:
    """A string in Drive's query language ("Search query terms and operators")."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _FOLDERS_PER_QUERY):
        yield ids[start : start + _FOLDERS_PER_QUERY]
