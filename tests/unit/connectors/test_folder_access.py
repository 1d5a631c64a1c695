from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents import PUBLIC, STAFF, Principal, group, user
from connectors.folder_access import FolderAccess, WrongAccessFile, parse_access

ADA, BO, CY = user("ada@example.com"), user("bo@example.com"), user("cy@example.com")

FILE = """
default: [staff]
groups:
  it-admins: [Ada@Example.com, grp:night-shift]
  night-shift: [bo@example.com]
rules:
  - match: "restricted/**"
    readers: [grp:it-admins, bo@example.com]
  - match: "restricted/people/*.md"
    readers: [cy@example.com, grp:it-admins]
  - match: "public"
    readers: [public]
  - match: "**/draft-?.md"
    readers: []
"""


def admits(access: FolderAccess, path: str, *principals: Principal) -> bool:
    return access.rule_for(path).admits(frozenset(principals))


def test_without_rules_staff_may_read() -> None:
    for access in (FolderAccess(), parse_access("rules: []", source="handbook")):
        assert admits(access, "a.md", STAFF)
        assert not admits(access, "a.md", PUBLIC)


def test_every_matching_rule_must_admit() -> None:
    access = parse_access(FILE, source="handbook")
    assert admits(access, "restricted/a/b.md", BO)
    assert not admits(access, "restricted/a/b.md", STAFF, CY)
    assert not admits(access, "restricted/people/b.md", CY), "admitted by one rule, not by the other"
    assert admits(access, "restricted/people/b.md", group("handbook", "it-admins"))
    assert admits(access, "restricted/people/deep/b.md", BO), "* stays within a folder"


def test_a_folder_named_without_wildcards_stands_for_all_in_it() -> None:
    access = parse_access(FILE, source="handbook")
    assert admits(access, "public/visitors/wifi.md", PUBLIC)
    assert not admits(access, "publicity.md", PUBLIC)


def test_an_empty_list_lets_nobody_read() -> None:
    access = parse_access(FILE, source="handbook")
    assert not admits(access, "draft-1.md", STAFF, PUBLIC, ADA)
    assert not admits(access, "x/y/draft-1.md", STAFF)
    assert admits(access, "x/draft-12.md", STAFF)


def test_members_of_groups_are_people_and_groups() -> None:
    assert parse_access(FILE, source="handbook").memberships == {
        group("handbook", "it-admins"): {ADA, group("handbook", "night-shift")},
        group("handbook", "night-shift"): {BO},
    }


def test_both_spellings_of_an_umlaut_match() -> None:
    access = parse_access("rules: [{match: 'b\u00fcro/**', readers: []}]", source="handbook")
    assert not admits(access, "bu\u0308ro/a.md", STAFF)


PARTS = st.sampled_from(["a", "b", "c.md", "*", "?", "**", "*.md"])
PATHS = st.lists(st.sampled_from(["a", "b", "c.md", "d"]), min_size=1, max_size=4).map("/".join)
READERS = st.sets(st.sampled_from([STAFF, PUBLIC, ADA, BO, CY]))
RULES = st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=3).map("/".join), READERS.map(frozenset)), max_size=4)


@given(RULES, PATHS, READERS.map(frozenset))
def test_a_further_rule_never_admits_more_than_the_rules_that_match(
    rules, path: str, reader: frozenset[Principal]
) -> None:
    alone = [FolderAccess(rules=(rule,)).rule_for(path) for rule in rules]
    matching = [rule for rule in alone if rule != FolderAccess().rule_for(path)]
    together = FolderAccess(rules=tuple(rules)).rule_for(path)
    if matching:
        assert together.admits(reader) <= all(rule.admits(reader) for rule in matching)


@given(RULES, PATHS, PATHS, READERS.map(frozenset))
def test_a_file_known_by_two_paths_obeys_the_rules_of_both(
    rules, one: str, other: str, reader: frozenset[Principal]
) -> None:
    access = FolderAccess(rules=tuple(rules))
    both = access.rule_for(one, other).admits(reader)
    assert both == (access.rule_for(one).admits(reader) and access.rule_for(other).admits(reader))


@given(st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4), PATHS)
def test_globs_match_as_pathlib_does_where_both_know_the_pattern(pattern: list[str], path: str) -> None:
    access = FolderAccess(rules=(("/".join(pattern), frozenset()),))
    matched = not admits(access, path, STAFF)
    if "**" not in pattern:
        assert matched == (len(pattern) == path.count("/") + 1 and Path(path).match("/".join(pattern)))
    elif pattern == ["**"]:
        assert matched


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it says nothing of who may read"),
        ("default: staff", "default: Input should be a valid list"),
        ("reader: [staff]", "reader: Extra inputs are not permitted"),
        ("default: [Staff]", "default: 'Staff' is none of staff, public, an e-mail address or grp:NAME"),
        ("default: [grp:none]", "default: there is no group 'none' under groups"),
        ("groups: {a: [staff]}", "group a: 'staff' is none of an e-mail address or grp:NAME"),
        ("rules: [{match: '/a', readers: []}]", "can't match"),
        ("rules: [{match: '../a', readers: []}]", "can't match"),
        ("rules: [{match: 'a\\b', readers: []}]", "can't match"),
        ("rules: [{match: 'a/**.md', readers: []}]", "stands alone between slashes"),
        ("rules: [{match: 'a'}]", "rules.0.readers: Field required"),
        ("rules: [a", "line 1: this is not YAML"),
        ("default: 2025-99-99", "this is not YAML"),
        pytest.param("[" * 5_000, "this is not YAML", id="nested"),
        pytest.param("#" * 1_100_000, "longer than", id="long"),
        ("rules:\n  - {match: a, readers: []}\nrules: []", "line 1: 'rules' stands there twice"),
        ("rules: !!python/object/apply:os.system [ls]", "this is not YAML"),
    ],
)
def test_a_wrong_file_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(WrongAccessFile) as caught:
        parse_access(text, source="handbook")
    assert message in str(caught.value)
