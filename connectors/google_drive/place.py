"""All that a listing found, held together by parents and shortcuts. No requests are made here."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from connectors.google_drive.payloads import Change, DriveFile
from connectors.google_drive.scope import Roots
from connectors.text.cleaning import clean_line

_MAX_NAME_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where something stands within reach of the roots."""

    file: DriveFile
    trail: tuple[str, ...]
    """Names from the root to the folder it is found in."""
    container: str | None
    """The folder, drive or shortcut that led to it; None for a root."""


class Place:
    """What is beneath the roots: in their folders, and where shortcuts in these lead.

    A shortcut brings what it leads to within reach and is no document itself. So nothing is listed twice, rights are
    those of the target, and shortcuts that go round in circles lead to what was there anyway. One that leads to another
    shortcut, or to nothing that the account may see, is dangling.
    """

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self._files: dict[str, DriveFile] = {}
        self._missing: set[str] = set()

    def put(self, files: Iterable[DriveFile]) -> None:
        """Take files as they are now."""
        for file in files:
            if file.trashed:
                self.drop(file.id)
            else:
                self._files[file.id] = file
                self._missing.discard(file.id)

    def drop(self, file_id: str) -> None:
        self._files.pop(file_id, None)
        self._missing.add(file_id)

    def apply(self, changes: Iterable[Change]) -> None:
        """Bring it up to date with what changed while it was listed."""
        for change in changes:
            if change.change_type != "file" or change.file_id is None:
                continue
            if change.removed or change.file is None:
                self.drop(change.file_id)
            else:
                self.put([change.file])

    def folders(self, drive_id: str) -> list[str]:
        """The folders of one shared drive."""
        return [file.id for file in self._files.values() if file.is_folder and file.drive_id == drive_id]

    def spots(self) -> dict[str, Spot]:
        """Everything within reach by its id: folders, files, shortcuts; what stands somewhere before what is led to."""
        children = self._children()
        spots: dict[str, Spot] = {}
        standing = deque(Spot(file=root, trail=(), container=None) for root in self.roots.files)
        led_to: deque[Spot] = deque()
        while standing or led_to:
            spot = standing.popleft() if standing else led_to.popleft()
            if spots.setdefault(spot.file.id, spot) is not spot:
                continue
            if spot.file.is_folder:
                trail = (*spot.trail, name_of(spot.file))
                standing += [Spot(file=file, trail=trail, container=spot.file.id) for file in children[spot.file.id]]
            elif target := self.target_of(spot.file):
                led_to.append(Spot(file=target, trail=spot.trail, container=spot.file.id))
        return spots

    def target_of(self, file: DriveFile) -> DriveFile | None:
        """Where a shortcut leads; None for a dangling one, and for all that is no shortcut."""
        target = self._files.get(file.target_id) if file.is_shortcut else None
        return None if target is None or target.is_shortcut else target

    def unknown_targets(self, spots: Mapping[str, Spot]) -> set[str]:
        """What shortcuts within reach lead to and nobody asked for yet."""
        targets = {spot.file.target_id for spot in spots.values() if spot.file.is_shortcut}
        return targets - self._files.keys() - self._missing - {""}

    def documents(self, spots: Mapping[str, Spot]) -> list[Spot]:
        """All that a reader could open: files, and dangling shortcuts."""
        return [
            spot
            for spot in spots.values()
            if not spot.file.is_folder and not (spot.file.is_shortcut and self.target_of(spot.file))
        ]

    def _children(self) -> Mapping[str, list[DriveFile]]:
        """By the folder's id. What stands in a folder that we may not see hangs under its drive."""
        known = self._files.keys() | {root.id for root in self.roots.files}
        children: defaultdict[str, list[DriveFile]] = defaultdict(list)
        for file in self._files.values():
            parents = [parent for parent in file.parents if parent in known]
            for parent in parents or [file.drive_id or ""]:
                children[parent].append(file)
        return children


def touched(spots: Mapping[str, Spot], changed: Collection[str]) -> set[str]:
    """The ids of what changed and of all that is beneath it: a folder passes on its name and its rights."""
    found: set[str] = set()
    for file_id, spot in spots.items():
        if file_id in changed or spot.container in found:
            found.add(file_id)
    return found


def name_of(file: DriveFile) -> str:
    return clean_line(file.name, max_chars=_MAX_NAME_CHARS) or file.id
