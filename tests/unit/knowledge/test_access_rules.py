from hypothesis import given
from hypothesis import strategies as st

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal, user
from knowledge.audience import Audience
from knowledge.store import rule_digest, storable_key

principals = st.sampled_from([PUBLIC, STAFF, user("a@x.example"), user("b@x.example"), Principal("group:s/g")])
rules = st.builds(
    lambda sets: AccessRule(all_of=frozenset(map(frozenset, sets))),
    st.lists(st.frozensets(principals, max_size=3), min_size=1, max_size=3),
)
people = st.frozensets(principals, max_size=3)


@given(rules, st.lists(people, min_size=1, max_size=4))
def test_an_audience_may_read_what_each_of_its_readers_may(rule, readers):
    assert Audience.everyone(readers).may_read(rule) is all(
        all(one_of & (reader | {PUBLIC}) for one_of in rule.all_of) for reader in readers
    )


@given(rules, st.lists(people, min_size=1, max_size=4), people)
def test_one_more_reader_never_opens_anything(rule, readers, newcomer):
    assert Audience.everyone(readers).may_read(rule) or not Audience.everyone([*readers, newcomer]).may_read(rule)


@given(rules, rules)
def test_rules_have_one_digest_exactly_when_they_are_equal(one, other):
    assert (rule_digest(one) == rule_digest(other)) is (one == other)


@given(st.text(st.characters()), st.text(st.characters()))
def test_different_keys_stay_different_when_stored(one, other):
    if "\\" not in one + other:
        assert (storable_key(one) == storable_key(other)) is (one == other)


@given(st.text(st.characters(codec=None)))
def test_any_key_can_be_stored(text):
    assert "\0" not in storable_key(text).encode("utf-8").decode("utf-8")
