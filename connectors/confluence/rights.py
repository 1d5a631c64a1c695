"""Who may read a page: those who pass its own restriction AND every ancestor's AND its space's.

Whatever can't be read lets nobody pass. The rule is worked out from what the whole site says, never from one answer: an
ancestor's own ancestors count too, so that a page that is being moved is behind the doors of both places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.confluence.payloads import Group, Restrictions, User
from connectors.documents import AccessRule, Principal, group

NOBODY: frozenset[Principal] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Those whom a restriction or a permission names."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    classes: frozenset[Principal] = NOBODY


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """What one page asks of its readers and of its descendants' readers."""

    is_open: bool = False
    """It has no restriction of its own."""
    named: Named | None = None
    """Whom its restriction names; None for an open door, and for a restriction that can't be read."""


OPEN = Door(is_open=True)
SHUT = Door()
"""A restriction that can't be read."""


def door_of(restrictions: Restrictions | None) -> tuple[Door, bool]:
    """The door that an answer describes, and whether the answer leaves people or groups out."""
    subjects = restrictions and restrictions.read and restrictions.read.restrictions
    if not subjects or subjects.user is None or subjects.group is None:
        return SHUT, False
    named = Named(users=tuple(subjects.user.results), groups=tuple(subjects.group.results))
    if not named.users and not named.groups:
        is_empty = not subjects.user.size and not subjects.group.size
        return (OPEN if is_empty else SHUT), False
    return Door(named=named), subjects.user.goes_on or subjects.group.goes_on


class Rules:
    """The rules of everything on a site."""

    def __init__(
        self,
        *,
        source: str,
        people: Mapping[str, Principal],
        spaces: Mapping[str, Named | None],
        doors: Mapping[str, Door],
        parents: Mapping[str, tuple[str, ...]],
    ) -> None:
        """`doors` and `parents` (all ancestors) are by the id of a content; an id without a door is a shut one."""
        self._source = source
        self._people = people
        self._parents = parents
        self._interned: dict[frozenset[Principal], frozenset[Principal]] = {}
        self._spaces = {key: self._principals(named) for key, named in spaces.items()}
        self._shut = {key: self._principals(door.named) for key, door in doors.items() if not door.is_open}
        self._open = {key for key, door in doors.items() if door.is_open}

    def rule_for(self, content_id: str, space: str) -> AccessRule:
        on_the_way = self._line(content_id) - self._open
        doors = {self._shut.get(each, NOBODY) for each in on_the_way}
        return AccessRule(all_of=frozenset({self._spaces.get(space, NOBODY), *doors}))

    def _line(self, content_id: str) -> set[str]:
        """The content, its ancestors, and theirs."""
        line = {content_id}
        pending = [content_id]
        while pending:
            for ancestor in self._parents.get(pending.pop(), ()):
                if ancestor not in line:
                    line.add(ancestor)
                    pending.append(ancestor)
        return line

    def _principals(self, named: Named | None) -> frozenset[Principal]:
        if named is None:
            return NOBODY
        users = (self._people.get(one.id) for one in named.users)
        groups = (group(self._source, one.key) for one in named.groups if one.key)
        principals = frozenset([*filter(None, users), *groups, *named.classes])
        return self._interned.setdefault(principals, principals)


def users_in(named: Iterable[Named | None]) -> list[User]:
    return [one for each in named if each is not None for one in each.users]


def groups_in(named: Iterable[Named | None]) -> dict[str, Group]:
    """By the key that principals have."""
    return {one.key: one for each in named if each is not None for one in each.groups if one.key}
