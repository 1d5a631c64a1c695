"""What a client may say to Google: `fields` selectors and the two queries that we send. All else is refused."""

import re
from typing import Any

Json = dict[str, Any]
Spec = dict[str, Any]

PERMISSION: Spec = dict.fromkeys(
    "kind id type role emailAddress domain displayName allowFileDiscovery deleted expirationTime view "
    "permissionDetails pendingOwner".split()
)
FILE: Spec = {
    **dict.fromkeys(
        "kind id name mimeType description starred trashed parents driveId version webViewLink createdTime "
        "modifiedTime md5Checksum sha256Checksum headRevisionId size shared ownedByMe permissionIds "
        "hasAugmentedPermissions inheritedPermissionsDisabled copyRequiresWriterPermission resourceKey fileExtension "
        "originalFilename".split()
    ),
    "capabilities": dict.fromkeys("canDownload canEdit canShare canListChildren".split()),
    "shortcutDetails": dict.fromkeys("targetId targetMimeType targetResourceKey".split()),
    "permissions": PERMISSION,
}
FILE_LIST: Spec = {"kind": None, "nextPageToken": None, "incompleteSearch": None, "files": FILE}
PERMISSION_LIST: Spec = {"kind": None, "nextPageToken": None, "permissions": PERMISSION}
DRIVE: Spec = dict.fromkeys("kind id name hidden createdTime restrictions".split())
CHANGE: Spec = {
    **dict.fromkeys("kind changeType removed time fileId driveId".split()),
    "file": FILE,
    "drive": DRIVE,
}
CHANGE_LIST: Spec = {"kind": None, "nextPageToken": None, "newStartPageToken": None, "changes": CHANGE}
START_TOKEN: Spec = {"kind": None, "startPageToken": None}
MEMBER_LIST: Spec = {
    "kind": None,
    "etag": None,
    "nextPageToken": None,
    "members": dict.fromkeys("kind etag id email role type status delivery_settings".split()),
}

_TOKEN = re.compile(r"[A-Za-z0-9_]+|[(),/*]")
_PARENT = r"'(?:[^'\\]|\\.)*' in parents"
_IN_FOLDERS = re.compile(rf"\(({_PARENT}(?: or {_PARENT})*)\) and trashed = false")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


class BadRequest(Exception):
    """Refused with 400: `reason` is Google's word, `location` the parameter."""

    def __init__(self, location: str, reason: str = "invalidParameter") -> None:
        super().__init__(location)
        self.location = location
        self.reason = reason


def parse_query(query: str) -> list[str] | None:
    """The folders in whose children is searched; None for everywhere. Only what is not in the trash is found."""
    if query == "trashed = false":
        return None
    found = _IN_FOLDERS.fullmatch(query)
    if found is None:
        raise BadRequest("q", "invalid")
    return [re.sub(r"\\(.)", r"\1", quoted) for quoted in _QUOTED.findall(found[1])]


def select(found: Json, fields: str, spec: Spec) -> Json:
    """Only the selected fields. A name that the resource does not have is refused."""
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != fields or not fields:
        raise BadRequest("fields")
    tree, rest = _tree(tokens, spec)
    if rest:
        raise BadRequest("fields")
    return _pick(found, tree)


def _tree(tokens: list[str], spec: Spec) -> tuple[Spec, list[str]]:
    tree: Spec = {}
    while True:
        if not tokens or tokens[0] not in spec:
            raise BadRequest("fields")
        name, *tokens = tokens
        tree[name] = None
        if tokens[:1] == ["("]:
            if spec[name] is None:
                raise BadRequest("fields")
            tree[name], tokens = _tree(tokens[1:], spec[name])
            if tokens[:1] != [")"]:
                raise BadRequest("fields")
            tokens = tokens[1:]
        if tokens[:1] != [","]:
            return tree, tokens
        tokens = tokens[1:]


def _pick(found: Any, tree: Spec | None) -> Any:
    if tree is None:
        return found
    if isinstance(found, list):
        return [_pick(one, tree) for one in found]
    return {name: _pick(found[name], inner) for name, inner in tree.items() if name in found}
