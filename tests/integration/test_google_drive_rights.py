"""Who may read what in Google Drive: every way in which others grant too much, and an independent oracle at random."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from connectors.documents import PUBLIC, STAFF, Principal, group, user
from connectors.errors import NeedsLogin, SourceUnavailable
from connectors.google_drive.rights import group_of
from tests.fakes.google_drive import GoogleServer, Refuse
from tests.fakes.google_drive_client import list_changes, list_rules, make_source
from tests.fakes.google_drive_files import Grant, anyone, domain, people_of, person
from tests.fakes.google_drive_tokens import BOT

ADA, BO, CY = user("ada@example.com"), user("bo@example.com"), user("cy@example.com")
LATER, BEFORE = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
async def google():
    async with GoogleServer() as server:
        yield server


@pytest.fixture
def files(google):
    return google.files


@pytest.fixture
def handbook(files):
    folder = files.add_folder("Handbook")
    files.share(folder, person(BOT, "writer"))
    return folder


@pytest.fixture
def team(files):
    return files.add_drive("Team", [person(BOT, "organizer"), person("ada@example.com", "writer")])


async def readers_of(google, *keys, **options):
    """Who may read each, without the bot and the owner of My Drive."""
    always = {user(BOT), user(google.files.owner)}
    async with make_source(google, **options) as source:
        rules = await list_rules(source)
        listed, _, _ = await list_changes(source)
    assert {key: one.access.all_of for key, one in listed.items()} == {key: {rule} for key, rule in rules.items()}
    return [set(rules[key]) - always for key in keys]


@pytest.mark.parametrize(
    ("grant", "readers"),
    [
        (person("Ada@Example.com"), {ADA}),
        (person("guest@elsewhere.org", "commenter"), {user("guest@elsewhere.org")}),
        (people_of("IT@groups.example.com"), {group("drive", "it@groups.example.com")}),
        (domain("example.com"), {STAFF}),
        (domain("Example.COM"), {STAFF}),
        (domain("example.com", is_discoverable=False), set()),
        (domain("elsewhere.org"), set()),
        (anyone(is_discoverable=True), {PUBLIC}),
        (anyone(is_discoverable=False), set()),
        (person("ada@example.com", expires_at=BEFORE), set()),
        (person("ada@example.com", expires_at=LATER), {ADA}),
        (person("ada@example.com", is_deleted=True), set()),
        (people_of("it@groups.example.com", expires_at=BEFORE), set()),
        (person("ada@example.com", view="published"), set()),
        (person("ada@example.com", view="metadata"), set()),
        (Grant(type="alien", who="ada@example.com"), set()),
    ],
    ids=lambda value: value.type if isinstance(value, Grant) else "",
)
@pytest.mark.parametrize("is_shared_drive", [False, True], ids=["my drive", "shared drive"])
async def test_a_permission_grants_what_it_says_and_no_more(google, files, handbook, grant, readers, is_shared_drive):
    drive = files.add_drive("Empty", [person(BOT, "organizer")])
    key = files.add("a.txt", parent=drive if is_shared_drive else handbook)
    files.share(key, grant)

    assert await readers_of(google, key, folders=[handbook], drives=[drive]) == [readers]


async def test_a_link_for_the_domain_is_staff_only_where_the_admin_says_so(google, files, handbook):
    key = files.add("a.txt", parent=handbook)
    files.share(key, domain("example.com", is_discoverable=False), anyone(is_discoverable=False))

    assert await readers_of(google, key, folders=[handbook]) == [set()]
    assert await readers_of(google, key, folders=[handbook], is_open_by_link=True) == [{STAFF}]
    assert await readers_of(google, key, folders=[handbook], is_open_by_link=True, domains=[]) == [set()]


async def test_where_the_bot_may_not_know_the_rights_nobody_reads(google, files):
    """A viewer is not told who else may read."""
    folder = files.add_folder("Handbook")
    files.share(folder, person(BOT, "reader"), domain("example.com"))
    drive = files.add_drive("Team", [person("ada@example.com", "organizer")])
    inside = files.add_folder("Inside", parent=drive, grants=(person(BOT, "reader"),))
    keys = [files.add("a.txt", parent=folder), files.add("b.txt", parent=inside)]

    assert await readers_of(google, *keys, folders=[folder, inside]) == [set(), set()]
    assert google.calls["permissions.list"] == 4  # the folder's and its one file's, twice: none of My Drive


async def test_a_limited_folder_in_a_shared_drive_is_closed_to_the_drives_members(google, files, team):
    """As in omni issue 421, where members could find what is in it."""
    limited = files.add_folder("Limited", parent=team)
    files.limit(limited, person("bo@example.com"))
    plain = files.add("plain.txt", parent=team)
    deep = files.add("deep.txt", parent=files.add_folder("Deeper", parent=limited))
    shared = files.add("shared.txt", parent=limited, grants=(person("cy@example.com"),))

    assert await readers_of(google, plain, deep, shared, drives=[team]) == [{ADA}, {BO}, {BO, CY}]


async def test_a_limited_folder_is_a_boundary_even_where_nothing_else_tells_it_from_its_parent(google, files, team):
    limited = files.add_folder("Limited", parent=team)
    files.limit(limited)
    key = files.add("a.txt", parent=limited)
    resource = files.resource
    files.resource = lambda *of: resource(*of) | {"permissionIds": None, "hasAugmentedPermissions": False}

    assert await readers_of(google, key, drives=[team]) == [set()]


async def test_a_limited_folder_in_my_drive_is_closed_to_those_who_read_its_parent(google, files, handbook):
    files.share(handbook, domain("example.com"))
    limited = files.add_folder("Limited", parent=handbook)
    files.limit(limited, person(BOT, "writer"), person("bo@example.com"))
    key = files.add("a.txt", parent=limited)

    assert await readers_of(google, key, folders=[handbook]) == [{BO}]


async def test_a_limited_folder_within_a_limited_folder(google, files, team):
    outer, inner = files.add_folder("Outer", parent=team), None
    files.limit(outer, person("bo@example.com"))
    inner = files.add_folder("Inner", parent=outer)
    files.limit(inner, person("cy@example.com"))
    key = files.add("a.txt", parent=inner)

    assert await readers_of(google, key, drives=[team]) == [{CY}]


async def test_a_file_or_folder_shared_further_is_open_to_those_too(google, files, team):
    folder = files.add_folder("Folder", parent=team, grants=(person("bo@example.com"),))
    keys = [
        files.add("a.txt", parent=folder),
        files.add("b.txt", parent=folder, grants=(person("cy@example.com"),)),
        files.add("c.txt", parent=team),
    ]
    assert await readers_of(google, *keys, drives=[team]) == [{ADA, BO}, {ADA, BO, CY}, {ADA}]


async def test_a_shortcut_has_the_rights_of_its_target(google, files, handbook):
    files.share(handbook, domain("example.com"))
    secret = files.add_doc("Salaries", "Text.")
    files.share(secret, person(BOT, "writer"), person("bo@example.com"))
    other_drive = files.add_drive("Other", [person(BOT, "organizer"), person("cy@example.com")])
    elsewhere = files.add("a.txt", parent=files.add_folder("Deep", parent=other_drive))
    for target in (secret, elsewhere):
        files.add_shortcut("Look here", target, parent=handbook)

    assert await readers_of(google, secret, elsewhere, folders=[handbook]) == [{BO}, {CY}]


async def test_a_folder_in_a_drive_that_is_not_listed_whole_inherits_from_above(google, files, team):
    limited = files.add_folder("Limited", parent=team)
    files.limit(limited, person("bo@example.com"))
    keys = [
        files.add("a.txt", parent=files.add_folder("In limited", parent=limited)),
        files.add("b.txt", parent=files.add_folder("In drive", parent=team)),
    ]
    folders = [files.nodes[key].parent for key in keys]

    assert await readers_of(google, *keys, folders=folders) == [{BO}, {ADA}]


async def test_a_file_among_strangers_does_not_pass_for_one_of_them(google, files, team):
    """Its flags say that it has no permission of its own, its permission ids say otherwise: the ids are believed."""
    key = files.add("a.txt", parent=team)
    for twisted in (
        {"permissionIds": ["other"]},
        {"hasAugmentedPermissions": True},
        {"hasAugmentedPermissions": None},
    ):
        google.calls.clear()
        resource = files.resource

        def twist(file_id, account, memo, twisted=twisted, resource=resource):
            return resource(file_id, account, memo) | twisted

        files.resource = twist
        assert await readers_of(google, key, drives=[team]) == [{ADA}]
        files.resource = resource
        assert google.calls["permissions.list"] == 2 * 2  # the drive's and the file's, in both listings


async def test_files_are_alike_only_within_a_folder(google, files, team):
    """The same ids elsewhere may belong to a permission that has expired there."""
    folders = [
        files.add_folder("Valid", parent=team, grants=(person("bo@example.com", expires_at=LATER),)),
        files.add_folder("Expired", parent=team, grants=(person("bo@example.com", expires_at=BEFORE),)),
    ]
    keys = [files.add(f"{number}.txt", parent=folders[number % 2]) for number in range(6)]
    resource = files.resource

    def twist(file_id, *more):
        shown = resource(file_id, *more)
        return shown | ({"permissionIds": ["one more", *shown["permissionIds"]]} if file_id in keys else {})

    files.resource = twist

    assert await readers_of(google, *keys, drives=[team]) == [{ADA, BO}, {ADA}] * 3
    assert google.calls["permissions.list"] == 2 * (
        1 + 2 + 2
    )  # the drive, the folders, and once for each folder's files


async def test_more_permissions_than_a_page_holds_are_all_read(google, files, team):
    google.page_size = 3
    people = [person(f"p{number}@example.com") for number in range(10)]
    key = files.add("a.txt", parent=team, grants=tuple(people))
    expected = {user(one.who) for one in people} | {ADA}

    assert await readers_of(google, key, drives=[team]) == [expected]


async def test_a_right_that_is_taken_away_is_gone_from_the_next_scan(google, files, team, handbook):
    files.share(handbook, person("bo@example.com"))
    keys = [files.add("a.txt", parent=handbook), files.add("b.txt", parent=team)]
    assert await readers_of(google, *keys, folders=[handbook], drives=[team]) == [{BO}, {ADA}]

    files.set_grants(handbook, person(BOT, "writer"))
    files.set_grants(team, person(BOT, "organizer"))
    assert await readers_of(google, *keys, folders=[handbook], drives=[team]) == [set(), set()]


async def test_when_the_quota_ends_while_rights_are_read_the_scan_ends_too(google, files, team):
    """Not knowing is not the same as nobody, where the account rather than the file is refused."""
    files.add("a.txt", parent=team, grants=(person("bo@example.com"),))
    async with make_source(google, drives=[team]) as source:
        google.fail("permissions.list", Refuse(403, "dailyLimitExceeded"))
        with pytest.raises(SourceUnavailable, match="quota"):
            await list_rules(source)
        google.fail("permissions.list", *[Refuse(500)] * 12)
        with pytest.raises(SourceUnavailable):
            await list_rules(source)


# Groups


async def test_members_of_named_groups_are_known_with_the_groups_in_them(google, files, handbook):
    files.add("a.txt", parent=handbook)
    files.share(handbook, people_of("it@groups.example.com"))
    files.put_group("it@groups.example.com", "ada@example.com", "night@groups.example.com")
    files.put_group("night@groups.example.com", "Bo@example.com", "it@groups.example.com")
    files.put_group("unnamed@groups.example.com", "cy@example.com")

    async with make_source(google, folders=[handbook], has_directory=True) as source:
        memberships = await source.memberships()

    it, night = (group_of("drive", f"{name}@groups.example.com") for name in ("it", "night"))
    assert memberships == {it: {ADA, night}, night: {BO, it}}


async def test_everybody_of_the_organisation_is_staff_and_who_is_suspended_is_nobody(google, files, handbook):
    google.page_size = 1
    files.add("a.txt", parent=handbook)
    files.share(handbook, people_of("all@groups.example.com"))
    suspended = {"type": "USER", "email": "cy@example.com", "status": "SUSPENDED"}
    files.put_group("all@groups.example.com", {"type": "CUSTOMER", "id": "C01"}, suspended, "ada@example.com")

    async with make_source(google, folders=[handbook], has_directory=True) as source:
        assert await source.memberships() == {group_of("drive", "all@groups.example.com"): {STAFF, ADA}}


async def test_without_a_directory_no_group_has_members(google, files, handbook):
    files.share(handbook, people_of("it@groups.example.com"))
    async with make_source(google, folders=[handbook]) as source:
        assert await source.memberships() == {}
    assert not google.calls


async def test_a_group_of_another_organisation_or_none_has_no_members(google, files, handbook):
    files.add("a.txt", parent=handbook)
    files.share(handbook, people_of("them@groups.elsewhere.org"), people_of("gone@groups.example.com"))

    async with make_source(google, folders=[handbook], has_directory=True) as source:
        assert set((await source.memberships()).values()) == {frozenset()}


async def test_refused_members_of_our_own_groups_are_said_rather_than_forgotten(google, files, handbook):
    files.add("a.txt", parent=handbook)
    files.share(handbook, people_of("it@example.com"))
    async with make_source(google, folders=[handbook], has_directory=True) as source:
        google.fail("members.list", Refuse(403, "forbidden"))
        with pytest.raises(SourceUnavailable, match="groups"):
            await source.memberships()
    google.tokens.delegated_scopes.clear()
    async with make_source(google, folders=[handbook], has_directory=True) as source:
        with pytest.raises(NeedsLogin, match="Admin console"):
            await source.memberships()


# At random


class Oracle:
    """Who may open each file of a shared drive, by plain loops over what was made: no permission is looked at."""

    def __init__(self):
        self.parent, self.own, self.is_limited, self.groups = {}, {}, set(), {}

    def readers(self, key, managers):
        found, at = set(managers), key
        while at is not None:
            for who in self.own[at]:
                found |= self.people(who, set())
            if at in self.is_limited:
                break
            at = self.parent[at]
        return found

    def people(self, who, seen):
        if who not in self.groups:
            return {who}
        return set().union(*(self.people(one, seen | {who}) for one in self.groups[who] if one not in seen), set())


PEOPLE = [f"{name}@example.com" for name in ("ada", "bo", "cy", "dee", "eli")]
GROUPS = [f"{name}@groups.example.com" for name in ("red", "blue")]


def build_world(files, chance):
    """A shared drive of random folders, files, limits and grants."""
    oracle = Oracle()
    oracle.groups = {one: chance.sample(PEOPLE + GROUPS, chance.randint(0, 3)) for one in GROUPS}
    for name, members in oracle.groups.items():
        files.put_group(name, *members)
    members = chance.sample(PEOPLE + GROUPS, 2)
    drive = files.add_drive("Team", [person(BOT, "organizer"), *map(granted, members)])
    oracle.parent[drive], oracle.own[drive] = None, members
    folders, keys = [drive], []
    for number in range(chance.randint(5, 15)):
        parent = chance.choice(folders)
        own = chance.sample(PEOPLE + GROUPS, chance.choice([0, 0, 1, 2]))
        is_folder = chance.random() < 0.5
        make = files.add_folder if is_folder else files.add
        key = make(f"n{number}", parent=parent, grants=tuple(map(granted, own)))
        oracle.parent[key], oracle.own[key] = parent, own
        (folders if is_folder else keys).append(key)
        if is_folder and chance.random() < 0.4:
            files.edit(key, inherits=False)
            oracle.is_limited.add(key)
    return drive, keys, oracle


def granted(who):
    return people_of(who) if who in GROUPS else person(who)


def principals_of(email, memberships):
    """The person, with every group that holds them: grown until it grows no more."""
    held: set[Principal] = {user(email)}
    while more := {name for name, members in memberships.items() if held & members} - held:
        held |= more
    return frozenset(held)


@pytest.mark.parametrize("seed", range(25))
async def test_each_person_may_read_what_the_oracle_says(google, files, seed):
    drive, keys, oracle = build_world(files, random.Random(seed))

    async with make_source(google, drives=[drive], has_directory=True) as source:
        memberships = await source.memberships()
        rules = {present.key: present.access async for present in source.present()}

    assert rules.keys() == set(keys)
    for key in keys:
        may = {email for email in PEOPLE if rules[key].admits(principals_of(email, memberships))}
        assert may == oracle.readers(key, managers=[]) & set(PEOPLE), key
