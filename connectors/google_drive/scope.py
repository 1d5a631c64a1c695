"""What is listed: folders and shared drives, by the ids in their addresses."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from connectors.errors import Forbidden, NotFound, SourceUnavailable
from connectors.google_drive.drive import USER_LOG, Drive
from connectors.google_drive.payloads import FOLDER, DriveFile

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Raises ValueError when there is nothing to list, and for an id that is none."""

    folders: Collection[str] = ()
    drives: Collection[str] = ()

    def __post_init__(self) -> None:
        if not self.folders and not self.drives:
            raise ValueError("name at least one folder or shared drive")
        for one in (*self.folders, *self.drives):
            if not _ID.fullmatch(one):
                raise ValueError(f"{one!r} is no id: take what follows /folders/ in the folder's address")

    @property
    def words(self) -> str:
        """The same for the same scope, whatever its order."""
        return f"folders {' '.join(sorted(self.folders))} drives {' '.join(sorted(self.drives))}"


@dataclass(frozen=True, kw_only=True)
class Roots:
    """The scope's folders and drives as they are now; a shared drive is the folder that holds all of it."""

    files: tuple[DriveFile, ...]
    member_of: frozenset[str]
    """The shared drives that these are in and that the account is a member of."""

    @property
    def logs(self) -> frozenset[str]:
        """The logs that tell of changes in them."""
        return frozenset(file.drive_id if file.drive_id in self.member_of else USER_LOG for file in self.files)


async def find_roots(scope: Scope, drive: Drive) -> Roots:
    """Raises SourceUnavailable for a root that is not there: it is never taken for an empty one."""
    drives = [await _get_drive(drive, drive_id) for drive_id in scope.drives]
    folders = [await _get_folder(drive, folder_id) for folder_id in scope.folders]
    member_of = {file.id for file in drives}
    for drive_id in {folder.drive_id for folder in folders if folder.drive_id} - member_of:
        if await is_member(drive, drive_id):
            member_of.add(drive_id)
    return Roots(files=(*drives, *folders), member_of=frozenset(member_of))


async def is_member(drive: Drive, drive_id: str) -> bool:
    """Whether the account is a member of a shared drive, rather than somebody whom things in it were shared with."""
    try:
        await drive.get_drive(drive_id)
    except (NotFound, Forbidden):
        return False
    return True


async def _get_drive(drive: Drive, drive_id: str) -> DriveFile:
    try:
        found = await drive.get_drive(drive_id)
    except (NotFound, Forbidden) as error:
        reason = f"the shared drive {drive_id} is not there for this account: make it a member"
        raise SourceUnavailable(drive.source, reason) from error
    return DriveFile.model_validate({"id": found.id, "name": found.name, "mimeType": FOLDER, "driveId": found.id})


async def _get_folder(drive: Drive, folder_id: str) -> DriveFile:
    try:
        found = await drive.get_file(folder_id)
    except (NotFound, Forbidden) as error:
        reason = f"the folder {folder_id} is not there for this account: share it with the account"
        raise SourceUnavailable(drive.source, reason) from error
    if found.trashed:
        raise SourceUnavailable(drive.source, f"the folder {folder_id} is in the trash")
    if not found.is_folder:
        raise SourceUnavailable(drive.source, f"{folder_id} is no folder")
    return found
