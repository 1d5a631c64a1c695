import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.text.cleaning import clean, clean_line
from connectors.text.text import Text

ANY_TEXT = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\r\n\t \x00\u200b\u200d\u00a0\u0301\ufe0f\U000e0041\ud800\u2028e🙂"),
    ),
    max_size=60,
)


@given(ANY_TEXT)
@example("\u00e9\u200d\u037e")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
@example("e\u200b\u0301")
@example("\u037e\u200d\u00e9")
def test_clean_text_can_be_stored_and_compared(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()  # no lone surrogates
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {"\0", "\r", "\u200b", "\ufeff", "\u202e"} & set(cleaned)
    assert not any(0xE0000 <= ord(character) <= 0xE0FFF for character in cleaned)
    assert "\n\n\n\n" not in cleaned
    assert cleaned == cleaned.lstrip("\n").rstrip()


@given(st.text("abc é漢🙂.,-#*\n", max_size=60))
def test_ordinary_words_stay(text: str) -> None:
    assert clean(text).split() == text.split()


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("a\n \t\n  \n\u00a0\nb", "a\n\n\nb"),
        ("hard  \nbreak \nend   ", "hard  \nbreak\nend"),
        ("    indented code stays", "    indented code stays"),
        ("e\u0301", "é"),
        ("pay\u200bload \ufeffx\u2060y", "payload xy"),
        ("read me\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065", "read me"),
        ("a\ud83d\udc00b\udfff", "a\ufffd\ufffdb\ufffd"),
        ("nul\0l", "null"),
        ("10\u00a0%", "10 %"),
        ("ab\u202ecd", "abcd"),
    ],
)
def test_what_an_eye_cannot_see_is_gone(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@pytest.mark.parametrize("written", ["👩\u200d💻", "❤\ufe0f", "\u0645\u06cc\u200c\u062e\u0648", "क\u094d\u200dष"])
def test_joiners_stay_where_writing_needs_them(written: str) -> None:
    assert clean(written) == unicodedata.normalize("NFC", written)


def test_joiners_in_plain_latin_text_are_hidden_data() -> None:
    assert clean("a\u200db\u200c c\u200d\u200dd") == "ab cd"


def test_a_title_is_one_line_and_cut_at_a_word() -> None:
    assert clean_line(" Wi-Fi\n\tat\u200b work ", max_chars=40) == "Wi-Fi at work"
    assert clean_line("one two three", max_chars=10) == "one two…"


@given(st.lists(st.text("ab\n \u200b\u0301", max_size=8), max_size=6))
def test_every_page_starts_where_its_first_letter_is(pages: list[str]) -> None:
    text = Text.paged(pages)
    assert clean(text.markdown) == text.markdown, "cleaning again must not move an offset"
    assert len(text.page_starts) == len(pages)
    assert list(text.page_starts) == sorted(text.page_starts)
    for start, page in zip(text.page_starts, pages, strict=True):
        assert text.markdown[start:].startswith(clean(page))


def test_an_empty_page_starts_with_the_next_one() -> None:
    text = Text.paged(["", "one", "", "two", ""], title=" A\ntitle ")
    assert (text.markdown, text.page_starts, text.title) == ("one\n\ntwo", (0, 0, 5, 5, 8), "A title")
