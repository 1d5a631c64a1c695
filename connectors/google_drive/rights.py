"""Who may open each file: Drive's permissions as access rules. What is not known lets nobody in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal, group, user
from connectors.errors import Forbidden, NotFound
from connectors.google_drive.drive import Drive
from connectors.google_drive.parallel import run_all
from connectors.google_drive.payloads import DriveFile, Permission
from connectors.google_drive.place import Spot


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """Which domains are ours, and what sharing with them by link means."""

    domains: frozenset[str] = frozenset()
    """In lower case; all of one Google Workspace, since a grant to one of them is taken for a grant to all staff."""
    is_open_by_link: bool = False
    """Whether "everybody at our domain who has the link" is all staff. A link for anyone never grants anything."""

    @classmethod
    def of(cls, domains: Iterable[str], *, is_open_by_link: bool = False) -> Self:
        """`domains` as people write them."""
        own = frozenset(domain.strip().casefold() for domain in domains)
        return cls(domains=own, is_open_by_link=is_open_by_link)


@dataclass(frozen=True, kw_only=True)
class Grants:
    """The permissions that hold for one thing."""

    ids: frozenset[str]
    """Of all permissions that let somebody see content, expired ones included; for comparing."""
    principals: frozenset[Principal]


_NOBODY = Grants(ids=frozenset(), principals=frozenset())


class Rights:
    """The rules of one listing, and the groups that they name.

    In My Drive the listing itself says who may read each file. In shared drives it does not: a file has the permissions
    of its folder, up to the drive's members, unless it has some of its own (`hasAugmentedPermissions`) or its folder
    limits access (`inheritedPermissionsDisabled`). Then it is asked for, and also where the ids of its permissions
    (`permissionIds`) are not those that it should have inherited: once for all such files of a folder that have the
    same ids.
    """

    def __init__(self, drive: Drive, spots: Mapping[str, Spot], *, organisation: Organisation, now: datetime) -> None:
        self._drive = drive
        self._spots = spots
        self._organisation = organisation
        self._now = now
        self._known: dict[str, Grants] = {}
        self._alike: dict[tuple[str, frozenset[str]], Grants] = {}
        self._rules: dict[frozenset[Principal], AccessRule] = {}
        self.groups: set[str] = set()
        """E-mail addresses of the groups that were granted something."""

    async def prepare(self) -> None:
        """Ask for all permissions that are certain to be needed, side by side."""
        asked = [spot.file for spot in self._spots.values() if self._has_own(spot.file)]
        found = await run_all(self._ask(file.id) for file in asked)
        self._known.update((file.id, grants) for file, grants in zip(asked, found, strict=True))

    async def rule_of(self, file: DriveFile) -> AccessRule:
        if file.is_shortcut:  # a dangling one: there is nothing to open
            return AccessRule.nobody()
        readers = (await self._grants_of(file)).principals
        return self._rules.setdefault(readers, AccessRule.any_of(readers))

    async def _grants_of(self, file: DriveFile) -> Grants:
        if file.id not in self._known:
            self._known[file.id] = _NOBODY  # for folders that would be each other's parents
            self._known[file.id] = await (self._in_shared_drive(file) if file.drive_id else self._in_my_drive(file))
        return self._known[file.id]

    async def _in_my_drive(self, file: DriveFile) -> Grants:
        """What the listing says, unless it says that there is more. It says nothing where the account may not share."""
        if file.permissions is None:
            return _NOBODY
        said = self._grants(file.permissions)
        listed_ids = frozenset(permission.id for permission in file.permissions)
        if file.permission_ids is None or file.permission_ids == listed_ids:
            return said
        return await self._ask(file.id)

    async def _in_shared_drive(self, file: DriveFile) -> Grants:
        parent = self._parent_of(file)
        if parent is None or self._has_own(file):
            return await self._ask(file.id)
        inherited = await self._grants_of(parent)
        if file.permission_ids is None or file.permission_ids == inherited.ids:
            return inherited
        likeness = parent.id, file.permission_ids
        if likeness not in self._alike:
            self._alike[likeness] = await self._ask(file.id)
        return self._alike[likeness]

    def _has_own(self, file: DriveFile) -> bool:
        """Whether a thing in a shared drive, or the drive itself, has to be asked for its permissions."""
        if file.drive_id is None or file.is_shortcut:
            return False
        is_plain = file.has_augmented_permissions is False and not file.inherited_permissions_disabled
        return not is_plain or self._parent_of(file) is None

    def _parent_of(self, file: DriveFile) -> DriveFile | None:
        """The folder it stands in, if that was listed."""
        spots = [self._spots[parent] for parent in file.parents if parent in self._spots]
        return spots[0].file if len(spots) == 1 else None

    async def _ask(self, file_id: str) -> Grants:
        try:
            return self._grants(await self._drive.list_permissions(file_id))
        except (NotFound, Forbidden):  # it is gone by now, or the account may not know who may read it
            return _NOBODY

    def _grants(self, permissions: Collection[Permission]) -> Grants:
        in_force = [one for one in permissions if one.view is None]
        self.groups.update(
            one.email_address.casefold() for one in in_force if one.type == "group" and one.email_address
        )
        return Grants(
            ids=frozenset(one.id for one in in_force),
            principals=frozenset(self._principals(in_force)),
        )

    def _principals(self, permissions: Iterable[Permission]) -> Iterable[Principal]:
        """Every role may read, so roles are not looked at."""
        for permission in permissions:
            if permission.deleted or (permission.expiration_time and permission.expiration_time <= self._now):
                continue
            match permission:
                case Permission(type="user", email_address=str(email)) if email:
                    yield user(email)
                case Permission(type="group", email_address=str(email)) if email:
                    yield group_of(self._drive.source, email)
                case Permission(type="domain") if self._is_staff(permission):
                    yield STAFF
                case Permission(type="anyone", allow_file_discovery=True):
                    yield PUBLIC
                case _:
                    pass

    def _is_staff(self, permission: Permission) -> bool:
        is_ours = permission.domain.casefold() in self._organisation.domains
        return is_ours and (permission.allow_file_discovery or self._organisation.is_open_by_link)


def group_of(source: str, email: str) -> Principal:
    """The principal of a group of Google's, whose addresses compare without case."""
    return group(source, email.strip().casefold())
