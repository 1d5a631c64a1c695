"""Rights by pure arithmetic. The three nested cases are those in which the best-known open product grants too much."""

import random

import pytest

from connectors.confluence.payloads import Group, Restrictions, User
from connectors.confluence.rights import OPEN, SHUT, Door, Named, Rules, door_of
from connectors.documents import PUBLIC, STAFF, Principal, group, user

PEOPLE = {name: user(f"{name}@example.com") for name in ("ada", "bo", "cy", "dee")}
EVERYONE = Named(classes=frozenset({STAFF}))


def named(*readers: str) -> Named:
    users = tuple(User(accountId=each) for each in readers if not each.startswith("group:"))
    groups = tuple(Group(name=each.removeprefix("group:")) for each in readers if each.startswith("group:"))
    return Named(users=users, groups=groups)


def door(*readers: str) -> Door:
    return Door(named=named(*readers))


def readers_of(rules: Rules, page: str) -> set[str]:
    rule = rules.rule_for(page, "IT")
    return {name for name, principal in PEOPLE.items() if rule.admits(frozenset({principal, STAFF, PUBLIC}))}


def rules(doors: dict[str, Door], parents: dict[str, tuple[str, ...]], space: Named | None = EVERYONE) -> Rules:
    return Rules(source="wiki", people=PEOPLE, spaces={"IT": space}, doors=doors, parents=parents)


def test_a_page_and_its_ancestor_both_have_a_say() -> None:
    tree = rules({"top": door("ada", "bo"), "page": door("bo", "cy")}, {"page": ("top",)})
    assert readers_of(tree, "page") == {"bo"}


def test_all_ancestors_have_a_say_not_only_the_nearest_that_is_restricted() -> None:
    doors = {"top": door("ada"), "middle": door("ada", "bo"), "page": OPEN}
    assert readers_of(rules(doors, {"page": ("top", "middle")}), "page") == {"ada"}


def test_an_ancestor_that_can_not_be_read_is_a_shut_door() -> None:
    assert readers_of(rules({"top": SHUT, "page": OPEN}, {"page": ("top",)}), "page") == set()
    assert readers_of(rules({"page": door("ada")}, {"page": ("never seen",)}), "page") == set()


def test_the_space_has_a_say_too() -> None:
    tree = rules({"page": door("ada", "bo")}, {}, space=named("bo", "cy"))
    assert readers_of(tree, "page") == {"bo"}
    assert readers_of(rules({"page": OPEN}, {}, space=None), "page") == set()
    assert not rules({"page": OPEN}, {}).rule_for("page", "another").admits(frozenset({STAFF, PUBLIC}))


def test_the_ancestors_of_an_ancestor_count_where_two_answers_differ() -> None:
    doors = {"top": door("ada"), "middle": OPEN, "page": OPEN}
    assert readers_of(rules(doors, {"page": ("middle",), "middle": ("top",)}), "page") == {"ada"}


def test_pages_that_stand_in_each_other_end() -> None:
    assert readers_of(rules({"a": OPEN, "b": door("cy")}, {"a": ("b",), "b": ("a",)}), "a") == {"cy"}


def test_who_is_not_known_by_an_address_is_nobody() -> None:
    assert readers_of(rules({"page": door("somebody hidden")}, {}), "page") == set()
    assert readers_of(rules({"page": door("somebody hidden", "dee")}, {}), "page") == {"dee"}


def test_a_group_is_one_of_this_source() -> None:
    rule = rules({"page": Door(named=Named(groups=(Group(id="g-1", name="Admins"),)))}, {}).rule_for("page", "IT")
    assert rule.all_of == {frozenset({STAFF}), frozenset({group("wiki", "g-1")})}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (None, SHUT),
        ({}, SHUT),
        ({"read": {}}, SHUT),
        ({"read": {"restrictions": {"user": {"results": []}}}}, SHUT),
        ({"read": {"restrictions": {"user": {"results": []}, "group": {"results": [], "size": 1}}}}, SHUT),
        ({"read": {"restrictions": {"user": {"results": [], "size": 0}, "group": {"results": []}}}}, OPEN),
    ],
)
def test_only_two_empty_lists_are_an_open_door(answer: dict[str, object] | None, found: Door) -> None:
    assert door_of(Restrictions.model_validate(answer) if answer is not None else None) == (found, False)


def test_a_list_that_goes_on_says_so() -> None:
    users = {"results": [{"accountId": "a"}, {"accountId": "b"}], "limit": 2, "size": 2}
    _, is_cut = door_of(
        Restrictions.model_validate({"read": {"restrictions": {"user": users, "group": {"results": []}}}})
    )
    assert is_cut


def test_random_trees_admit_exactly_those_who_pass_every_door() -> None:
    """Against plain sets of people, 20,000 answers."""
    chance = random.Random(7)
    checked = 0
    for _ in range(500):
        parents: dict[str, tuple[str, ...]] = {}
        admitted: dict[str, set[str]] = {}
        doors: dict[str, Door] = {}
        viewers = set(chance.sample(list(PEOPLE), chance.randint(0, 4)))
        for number in range(10):
            above = chance.choice([None, *doors])
            page = f"p{number}"
            parents[page] = (*parents[above], above) if above else ()
            kind = chance.choice(["open", "open", "named", "shut"])
            inside = set(chance.sample(list(PEOPLE), chance.randint(1, 3)))
            doors[page] = {"open": OPEN, "shut": SHUT, "named": door(*inside)}[kind]
            own = {"open": set(PEOPLE), "shut": set[str](), "named": inside}[kind]
            admitted[page] = own & (admitted[above] if above else viewers)
        tree = rules(doors, parents, space=named(*viewers))
        for page, people in admitted.items():
            assert readers_of(tree, page) == people
            checked += len(PEOPLE)
    assert checked == 20_000


def test_a_principal_is_an_address_without_its_case() -> None:
    assert PEOPLE["ada"] == Principal("user:ada@example.com")
