"""What a button under a draft carries."""

from hypothesis import given
from hypothesis import strategies as st

from helpdesk_bot.desk.seen import Seen, value_of


@given(st.text(min_size=1, max_size=40), st.integers(0, 10**6))
def test_it_names_the_question_and_what_was_seen_of_it(key: str, revision: int) -> None:
    assert Seen.read(value_of(key, revision)) == Seen(question_key=key, revision=revision)


def test_a_button_of_an_older_release_names_no_revision_and_so_approves_nothing() -> None:
    assert Seen.read("slack:T0:C0:1.2") == Seen(question_key="slack:T0:C0:1.2", revision=None)
