"""What Google's answers hold, as far as we ask for it. Field names: Drive API v3 and Admin SDK Directory API v1."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from connectors.times import EPOCH, as_utc

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
GOOGLE_TYPES = "application/vnd.google-apps."

PERMISSION_FIELDS = "id,type,emailAddress,domain,allowFileDiscovery,deleted,expirationTime,view"
FILE_FIELDS = (
    "id,name,mimeType,parents,driveId,trashed,modifiedTime,md5Checksum,headRevisionId,"
    "capabilities(canDownload),shortcutDetails(targetId),"
    f"permissionIds,permissions({PERMISSION_FIELDS}),hasAugmentedPermissions,inheritedPermissionsDisabled"
)
"""`permissions` stays empty for what is in a shared drive, and where the account may not share."""

CHANGE_FIELDS = f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,driveId,file({FILE_FIELDS}))"


Moment = Annotated[datetime, AfterValidator(as_utc)]


class _Payload(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class Permission(_Payload):
    """One grant. `id` names who is granted, so it is the same on every file; the rest belongs to the file."""

    id: str
    type: str
    email_address: str = ""
    domain: str = ""
    allow_file_discovery: bool = False
    deleted: bool = False
    """The account is deleted."""
    expiration_time: Moment | None = None
    view: str | None = None
    """`published` or `metadata`: it shows something else than the content."""


class Capabilities(_Payload):
    can_download: bool = True


class ShortcutDetails(_Payload):
    target_id: str = ""


class DriveFile(_Payload):
    """A file, a folder or a shortcut."""

    id: str
    name: str = ""
    mime_type: str = ""
    parents: tuple[str, ...] = ()
    drive_id: str | None = None
    """The shared drive that it is in; None in somebody's My Drive."""
    trashed: bool = False
    modified_time: Moment = EPOCH
    md5_checksum: str | None = None
    head_revision_id: str | None = None
    capabilities: Capabilities = Capabilities()
    shortcut_details: ShortcutDetails = ShortcutDetails()
    permission_ids: frozenset[str] | None = None
    permissions: tuple[Permission, ...] | None = None
    """None where Google does not say."""
    has_augmented_permissions: bool | None = None
    """In shared drives: whether it has permissions of its own besides the inherited ones."""
    inherited_permissions_disabled: bool = False
    """A folder with limited access: nothing is inherited, except by managers."""

    @property
    def is_folder(self) -> bool:
        return self.mime_type == FOLDER

    @property
    def is_shortcut(self) -> bool:
        return self.mime_type == SHORTCUT

    @property
    def target_id(self) -> str:
        return self.shortcut_details.target_id


class FilePage(_Payload):
    files: tuple[DriveFile, ...] = ()
    incomplete_search: bool = False


class PermissionPage(_Payload):
    permissions: tuple[Permission, ...] = ()


class Change(_Payload):
    change_type: str = "file"
    removed: bool = False
    file_id: str | None = None
    drive_id: str | None = None
    file: DriveFile | None = None

    @property
    def changed_id(self) -> str | None:
        """The file's id, or the shared drive's where it is the drive that changed."""
        return self.drive_id if self.change_type == "drive" else self.file_id


class ChangePage(_Payload):
    changes: tuple[Change, ...] = ()
    new_start_page_token: str | None = None


class StartToken(_Payload):
    start_page_token: str


class SharedDrive(_Payload):
    id: str
    name: str = ""


class Member(_Payload):
    """A member of a group."""

    type: str = ""
    """USER, GROUP, CUSTOMER (everybody of the organisation) or EXTERNAL."""
    email: str = ""
    status: str = "ACTIVE"


class MemberPage(_Payload):
    members: tuple[Member, ...] = ()
