import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.letters import storable

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("nul\0 goes", "nul goes"),
        ("both halves \ud83d\ude00 are one", "both halves \U0001f600 are one"),
        ("half \ud83d of one, \ude00 and \ud83d", "half \ufffd of one, \ufffd and \ufffd"),
    ],
)
def test_text_is_kept_as_postgres_takes_it(text: str, stored: str) -> None:
    assert storable(text) == stored


@given(ANY_TEXT)
def test_any_text_can_be_stored_and_stays_so(text: str) -> None:
    stored = storable(text)
    stored.encode()
    assert "\0" not in stored
    assert storable(stored) == stored
