"""What is in Google: files, shared drives, permissions, groups, and the logs of changes."""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
DOCUMENT = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
SLIDES = "application/vnd.google-apps.presentation"
USER_LOG = ""
_SHARERS = frozenset({"owner", "organizer", "fileOrganizer", "writer"})
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One permission. `who` is an e-mail address, a domain, or nothing for anyone."""

    type: str
    who: str = ""
    role: str = "reader"
    is_discoverable: bool = False
    expires_at: datetime | None = None
    is_deleted: bool = False
    view: str | None = None

    @property
    def id(self) -> str:
        """The same for the same grantee on every file, as Google's are."""
        if self.type == "anyone":
            return "anyone" if self.is_discoverable else "anyoneWithLink"
        return str(int(hashlib.sha256(self.who.casefold().encode()).hexdigest()[:15], 16))

    def as_json(self) -> Json:
        shown: Json = {"kind": "drive#permission", "id": self.id, "type": self.type, "role": self.role}
        if self.type in {"user", "group"}:
            shown |= {"emailAddress": self.who, "deleted": self.is_deleted}
        if self.type == "domain":
            shown["domain"] = self.who
        if self.type in {"domain", "anyone"}:
            shown["allowFileDiscovery"] = self.is_discoverable
        if self.expires_at:
            shown["expirationTime"] = _rfc3339(self.expires_at)
        if self.view:
            shown["view"] = self.view
        return shown


def person(email: str, role: str = "reader", **more: Any) -> Grant:
    return Grant(type="user", who=email, role=role, **more)


def people_of(group: str, role: str = "reader", **more: Any) -> Grant:
    return Grant(type="group", who=group, role=role, **more)


def domain(name: str, *, is_discoverable: bool = True) -> Grant:
    return Grant(type="domain", who=name, is_discoverable=is_discoverable)


def anyone(*, is_discoverable: bool) -> Grant:
    return Grant(type="anyone", is_discoverable=is_discoverable)


@dataclass(frozen=True, kw_only=True)
class Node:
    """A file, a folder, a shortcut, or a shared drive as the folder that holds all of it."""

    id: str
    name: str
    mime_type: str
    parent: str | None
    drive: str | None = None
    content: bytes = b""
    exports: Json = field(default_factory=dict)
    """Of a Google document: bytes by media type."""
    target: str | None = None
    grants: tuple[Grant, ...] = ()
    """Its own; of a shared drive, its members."""
    inherits: bool = True
    """False: a folder with limited access, or a file in My Drive that inherited permissions were taken from."""
    can_download: bool = True
    is_trashed: bool = False
    modified_at: datetime = _FIRST_DAY
    version: int = 1

    @property
    def is_google(self) -> bool:
        return self.mime_type.startswith("application/vnd.google-apps.")


class Files:
    """The content of everybody's Drive. What changes here is written into the logs, as Google does."""

    def __init__(self, *, owner: str = "owner@example.com") -> None:
        self.owner = owner
        """Of everything in My Drive."""
        self.nodes: dict[str, Node] = {}
        self.groups: dict[str, list[Json]] = {}
        """By e-mail address: members as the Directory API shows them."""
        self.logs: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        """Kind and id of what changed, oldest first."""
        self._numbers = itertools.count(1)

    # Making and changing

    def add(
        self,
        name: str,
        *,
        parent: str | None = None,
        mime_type: str = "text/plain",
        file_id: str | None = None,
        **more: Any,
    ) -> str:
        """The id of a new file; `more` are fields of Node."""
        file_id = file_id or f"1File{next(self._numbers):028}"
        above = self.nodes.get(parent) if parent else None
        node = Node(id=file_id, name=name, mime_type=mime_type, parent=parent, drive=above and above.drive, **more)
        self.nodes[file_id] = replace(node, modified_at=self._later())
        self._log(file_id)
        return file_id

    def add_folder(self, name: str, *, parent: str | None = None, **more: Any) -> str:
        return self.add(name, parent=parent, mime_type=FOLDER, **more)

    def add_doc(self, name: str, markdown: str, *, parent: str | None = None, **more: Any) -> str:
        exports = {"text/markdown": markdown.encode(), "text/plain": markdown.encode()}
        return self.add(name, parent=parent, mime_type=DOCUMENT, exports=exports, **more)

    def add_shortcut(self, name: str, target: str, *, parent: str | None = None, **more: Any) -> str:
        return self.add(name, parent=parent, mime_type=SHORTCUT, target=target, **more)

    def add_drive(self, name: str, members: Iterable[Grant], *, drive_id: str | None = None) -> str:
        drive_id = drive_id or f"0Drive{next(self._numbers):013}"
        self.nodes[drive_id] = Node(
            id=drive_id, name=name, mime_type=FOLDER, parent=None, drive=drive_id, grants=tuple(members)
        )
        self.logs[drive_id].append(("drive", drive_id))
        return drive_id

    def change(self, file_id: str, **fields: Any) -> None:
        """Another text: `content` or `exports`."""
        self._replace(file_id, modified_at=self._later(), **fields)

    def rename(self, file_id: str, name: str) -> None:
        self._replace(file_id, name=name)

    def move(self, file_id: str, parent: str | None) -> None:
        above = self.nodes[parent] if parent else None
        before = self.nodes[file_id]
        self.nodes[file_id] = replace(before, parent=parent, version=before.version + 1)
        self._set_drive(file_id, above and above.drive)
        self._log(file_id, log=before.drive or USER_LOG)
        if self.nodes[file_id].drive != before.drive:
            self._log(file_id)

    def trash(self, file_id: str) -> None:
        self._replace(file_id, is_trashed=True)

    def untrash(self, file_id: str) -> None:
        self._replace(file_id, is_trashed=False)

    def delete(self, file_id: str) -> None:
        drive = self.nodes.pop(file_id).drive
        self._log(file_id, log=drive or USER_LOG)

    def share(self, file_id: str, *grants: Grant) -> None:
        self._replace(file_id, grants=(*self.nodes[file_id].grants, *grants))

    def limit(self, file_id: str, *grants: Grant) -> None:
        """Only these from now on, and who always may: the owner in My Drive, managers in a shared drive."""
        self._replace(file_id, grants=grants, inherits=False)

    def set_grants(self, file_id: str, *grants: Grant, inherits: bool = True) -> None:
        self._replace(file_id, grants=grants, inherits=inherits)

    def edit(self, file_id: str, **fields: Any) -> None:
        self._replace(file_id, **fields)

    def put_group(self, email: str, *members: str | Json) -> None:
        """Members are e-mail addresses, those of groups included, or what the Directory API would show."""
        self.groups[email] = [one if isinstance(one, dict) else self._member(one) for one in members]

    # Looking

    def is_live(self, file_id: str) -> bool:
        """Whether it exists and is not in the trash, by itself or with a folder above it."""
        node = self.nodes.get(file_id)
        while node is not None and not node.is_trashed:
            if node.parent is None:
                return True
            node = self.nodes.get(node.parent)
        return False

    def effective(self, file_id: str, memo: dict[str, tuple[Grant, ...]] | None = None) -> tuple[Grant, ...]:
        """The permissions that hold for it, as permissions.list shows them; one for each grantee."""
        memo = {} if memo is None else memo
        if file_id not in memo:
            memo[file_id] = self._effective(self.nodes[file_id], memo)
        return memo[file_id]

    def role_of(self, account: str, file_id: str, memo: dict[str, tuple[Grant, ...]] | None = None) -> str | None:
        """The best role of an account; None where it can't see the content."""
        roles = [
            grant.role for grant in self.effective(file_id, memo) if grant.view is None and self._is_for(grant, account)
        ]
        return next((role for role in (*_SHARERS, *roles) if role in roles), None)

    def sees_metadata(self, account: str, file_id: str, memo: dict[str, tuple[Grant, ...]]) -> bool:
        return any(self._is_for(grant, account) for grant in self.effective(file_id, memo))

    def resource(self, file_id: str, account: str, memo: dict[str, tuple[Grant, ...]]) -> Json:
        """A file as this account is shown it."""
        node, role = self.nodes[file_id], self.role_of(account, file_id, memo)
        grants = self.effective(file_id, memo)
        shown: Json = {
            "kind": "drive#file",
            "id": node.id,
            "name": node.name,
            "mimeType": node.mime_type,
            "trashed": not self.is_live(file_id),
            "version": str(node.version),
            "createdTime": _rfc3339(_FIRST_DAY),
            "modifiedTime": _rfc3339(node.modified_at),
            "permissionIds": [grant.id for grant in grants],
            "capabilities": {"canDownload": node.can_download, "canShare": role in _SHARERS},
            "webViewLink": f"https://drive.google.com/file/d/{node.id}/view?usp=drivesdk",
        }
        if node.parent and (node.parent == node.drive or self.sees_metadata(account, node.parent, memo)):
            shown["parents"] = [node.parent]
        if not node.is_google:
            shown |= {"size": str(len(node.content)), "headRevisionId": f"rev{node.modified_at.timestamp():.0f}"}
            shown["md5Checksum"] = hashlib.md5(node.content, usedforsecurity=False).hexdigest()
        if node.target:
            shown["shortcutDetails"] = {"targetId": node.target}
        if node.mime_type == FOLDER and not node.inherits:
            shown["inheritedPermissionsDisabled"] = True
        if node.drive:
            return shown | {"driveId": node.drive, "hasAugmentedPermissions": bool(node.grants)}
        if role in _SHARERS:
            shown["permissions"] = [grant.as_json() for grant in grants]
        return shown

    def _effective(self, node: Node, memo: dict[str, tuple[Grant, ...]]) -> tuple[Grant, ...]:
        above = self.effective(node.parent, memo) if node.parent in self.nodes else self._of_nobody(node)
        inherited = [grant for grant in above if grant.view is None]
        if not node.inherits:
            always = [grant for grant in inherited if grant.role in {"owner", "organizer"}]
            blind = [replace(grant, view="metadata") for grant in inherited if grant not in always]
            inherited = [*always, *(blind if node.mime_type == FOLDER else ())]
        own = {grant.id for grant in node.grants}
        return (*node.grants, *(grant for grant in inherited if grant.id not in own))

    def _of_nobody(self, node: Node) -> tuple[Grant, ...]:
        return () if node.drive else (person(self.owner, "owner"),)

    def _is_for(self, grant: Grant, account: str) -> bool:
        if grant.is_deleted or (grant.expires_at and grant.expires_at <= datetime.now(UTC)):
            return False
        match grant.type:
            case "user":
                return grant.who.casefold() == account.casefold()
            case "group":
                return account in self._people_in(grant.who, set())
            case "domain":
                return account.endswith(f"@{grant.who}")
        return grant.is_discoverable

    def _people_in(self, email: str, seen: set[str]) -> set[str]:
        people: set[str] = set()
        for member in self.groups.get(email, ()) if email not in seen else ():
            found = member.get("email", "")
            people |= self._people_in(found, seen | {email}) if member["type"] == "GROUP" else {found}
        return people

    def _member(self, email: str) -> Json:
        kind = "GROUP" if is_group(email) else "USER"
        return {"kind": "admin#directory#member", "email": email, "type": kind, "role": "MEMBER", "status": "ACTIVE"}

    def _replace(self, file_id: str, **fields: Any) -> None:
        node = self.nodes[file_id]
        self.nodes[file_id] = replace(node, version=node.version + 1, **fields)
        self._log(file_id)

    def _set_drive(self, file_id: str, drive: str | None) -> None:
        """With everything beneath."""
        self.nodes[file_id] = replace(self.nodes[file_id], drive=drive)
        for child in [node.id for node in self.nodes.values() if node.parent == file_id]:
            self._set_drive(child, drive)

    def _log(self, file_id: str, *, log: str | None = None) -> None:
        if log is None:
            log = self.nodes[file_id].drive or USER_LOG
        self.logs[log].append(("drive" if log == file_id else "file", file_id))

    def _later(self) -> datetime:
        return _FIRST_DAY + timedelta(seconds=next(self._numbers), milliseconds=123)


def is_group(email: str) -> bool:
    """Groups have addresses such as `it@groups.example.com` here."""
    return "@groups." in email


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
