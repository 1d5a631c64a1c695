"""The members of groups."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from connectors.confluence.payloads import Group, User
from connectors.confluence.people import People
from connectors.confluence.place import Edition, Place
from connectors.documents import Principal, group
from connectors.errors import HttpRefused, OutOfBounds
from connectors.http import path_of


async def list_memberships(
    place: Place, people: People, wanted: Mapping[str, Group], *, nested: bool
) -> dict[Principal, frozenset[Principal]]:
    """The direct members of the groups by their key, and of the groups inside them."""
    inside = await _list_inside(place) if nested and place.edition is Edition.DATA_CENTER else {}
    groups = _with_inner_groups(wanted, inside)
    members = dict(zip(groups, await _gather(place, groups), strict=True))
    known = await people.principals(one for found in members.values() for one in found)
    return {
        group(place.source, key): frozenset(
            [
                *(known[one.id] for one in found if one.id in known),
                *(group(place.source, inner) for inner in inside.get(key, ())),
            ]
        )
        for key, found in members.items()
    }


async def _gather(place: Place, groups: Mapping[str, Group]) -> list[list[User]]:
    """As many at once as the place is asked at all. Raises the first error of any."""
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(_list_members(place, each)) for each in groups.values()]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in started]


async def _list_members(place: Place, one: Group) -> list[User]:
    """Nobody where the group is gone, or where its name is one that Data Center's paths can't hold (a slash)."""
    try:
        if place.edition is Edition.CLOUD:
            path = "/rest/api" + path_of("group", one.id, "membersByGroupId")
        else:
            path = "/rest/api" + path_of("group", one.name, "member")
        entries = await place.entries(path)
    except (HttpRefused, OutOfBounds):
        return []
    return [place.read(User, entry) for entry in entries]


async def _list_inside(place: Place) -> dict[str, set[str]]:
    """The groups inside each group, direct and indirect alike: Data Center says of a group only what it is in."""
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for entry in await place.entries("/rest/api/group"):
        inner = place.read(Group, entry).name
        try:
            entries = await place.entries("/rest/api" + path_of("group", inner, "groupancestor"))
        except (HttpRefused, OutOfBounds):
            continue
        for outer in entries:
            inside[place.read(Group, outer).name].add(inner)
    return dict(inside)


def _with_inner_groups(wanted: Mapping[str, Group], inside: Mapping[str, set[str]]) -> dict[str, Group]:
    groups = dict(wanted)
    pending = list(wanted)
    while pending:
        for inner in sorted(inside.get(pending.pop(), ())):
            if inner not in groups:
                groups[inner] = Group(name=inner)
                pending.append(inner)
    return groups
