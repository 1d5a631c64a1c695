"""Spaces, and who may view them."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from connectors.confluence.payloads import Answer, GrantedPermission, Group, RoleAssignment, Space, User
from connectors.confluence.place import Edition, Place
from connectors.confluence.rights import Named
from connectors.documents import PUBLIC, STAFF, Principal
from connectors.errors import HttpRefused, RequestFailed, SourceUnavailable
from connectors.http import path_of

_KEYS_AT_ONCE = 50
_MAX_PERMISSION_BYTES = 8 * 2**20
_LICENSED = frozenset({"all-licensed-users", "authenticated-users"})
"""Classes of people that are the staff: Confluence's guests, customers and strangers are not among them."""


@dataclass(frozen=True, kw_only=True)
class KnownSpace:
    key: str
    name: str
    viewers: Named | None
    """None where its permissions can't be read."""


async def list_spaces(place: Place, keys: Collection[str]) -> list[KnownSpace]:
    """The spaces of these keys that are there and not archived; all but personal ones where no keys are given."""
    found = await _find_spaces(place, sorted(set(keys)))
    open_keys = await _find_open_keys(place, found)
    return [
        KnownSpace(
            key=space.key,
            name=space.name or space.key,
            viewers=await _find_viewers(place, space, space.key in open_keys),
        )
        for space in found
    ]


async def _find_spaces(place: Place, keys: Sequence[str]) -> list[Space]:
    expand = [("expand", "permissions")] if place.edition is Edition.CLOUD else []
    portions = [keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE)] or [[]]
    spaces: dict[str, Space] = {}
    for portion in portions:
        query = [*(("spaceKey", key) for key in portion), ("status", "current"), *expand]
        for entry in await place.entries("/rest/api/space", query, limit=100):
            space = place.read(Space, entry)
            if space.status == "current" and (keys or space.type != "personal"):
                spaces[space.key] = space
    return list(spaces.values())


async def _find_open_keys(place: Place, spaces: Sequence[Space]) -> frozenset[str]:
    """The spaces that the site itself shows to somebody without an account.

    A space's own flag does not say it: the site can be closed to strangers as a whole.
    """
    flagged = [space.key for space in spaces if place.edition is Edition.DATA_CENTER or _is_flagged_open(space)]
    if place.anonymous is None or not flagged:
        return frozenset()
    shown: set[str] = set()
    for start in range(0, len(flagged), _KEYS_AT_ONCE):
        query = "&".join(f"spaceKey={path_of(key)[1:]}" for key in flagged[start : start + _KEYS_AT_ONCE])
        try:
            answer = await place.anonymous.get_json(f"/rest/api/space?{query}&limit={_KEYS_AT_ONCE}")
        except (RequestFailed, SourceUnavailable):
            return frozenset()  # closed to strangers: they are refused, or led away to sign in
        shown.update(place.read(Space, entry).key for entry in place.read(Answer, answer).results)
    return frozenset(shown.intersection(flagged))


def _is_flagged_open(space: Space) -> bool:
    return any(each.anonymous and each.operation.is_reading_the_space for each in space.permissions or ())


async def _find_viewers(place: Place, space: Space, is_open: bool) -> Named | None:
    if place.edition is Edition.DATA_CENTER:
        return await _viewers_in_data_center(place, space, is_open)
    return await _viewers_in_cloud(place, space, is_open)


async def _viewers_in_cloud(place: Place, space: Space, is_open: bool) -> Named | None:
    """From `expand=permissions`; a permission for a class of people is looked up among the space's roles."""
    if space.permissions is None:
        return None
    users: list[User] = []
    groups: list[Group] = []
    classes: set[Principal] = {PUBLIC} if is_open else set()
    for permission in space.permissions:
        if not permission.operation.is_reading_the_space:
            continue
        if permission.subjects is not None:
            users += permission.subjects.user.results if permission.subjects.user else []
            groups += permission.subjects.group.results if permission.subjects.group else []
        elif not (permission.anonymous or permission.unlicensed) and await _admits_all_licensed(place, space):
            classes.add(STAFF)
    return Named(users=tuple(users), groups=tuple(groups), classes=frozenset(classes))


async def _admits_all_licensed(place: Place, space: Space) -> bool:
    """Whether a role is given to everyone with a licence. Not to be read means no."""
    path = "/api/v2" + path_of("spaces", space.id or "0", "role-assignments")
    try:
        entries = await place.entries(path, [("principal-type", "ACCESS_CLASS")], limit=100)
    except HttpRefused:
        return False
    principals = [place.read(RoleAssignment, entry).principal for entry in entries]
    return any(each.principal_type == "ACCESS_CLASS" and each.principal_id in _LICENSED for each in principals)


async def _viewers_in_data_center(place: Place, space: Space, is_open: bool) -> Named | None:
    """From `space/KEY/permissions` (9.1 and later), which only the space's and the site's admins may read."""
    try:
        answer = await place.visit.get_bytes(
            "/rest/api" + path_of("space", space.key, "permissions"), max_bytes=_MAX_PERMISSION_BYTES
        )
    except HttpRefused:
        return None
    users: list[User] = []
    groups: list[Group] = []
    for granted in _read_granted(place, answer.content):
        if granted.subject is None or not granted.operation.is_reading_the_space:
            continue
        subject = granted.subject
        if subject.type == "group":
            groups.append(Group(name=subject.name))
        elif subject.type == "known":
            users.append(User(userKey=subject.user_key, username=subject.username, displayName=subject.display_name))
    return Named(users=tuple(users), groups=tuple(groups), classes=frozenset({PUBLIC} if is_open else ()))


def _read_granted(place: Place, content: bytes) -> Iterator[GrantedPermission]:
    """The entries of an answer that is a list."""
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise SourceUnavailable(place.source, "the permissions of a space are not as documented")
    for entry in entries:
        yield place.read(GrantedPermission, entry)
