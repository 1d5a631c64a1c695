"""Words of a command, split as a shell would."""

import pytest

from helpdesk_bot.commands.command import split_words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('schedule handbook "0 2 * * *"', ("schedule", "handbook", "0 2 * * *")),
        ("schedule handbook “0 2 * * *”", ("schedule", "handbook", "0 2 * * *")),
        ("channel tone don't be stiff", ("channel", "tone", "don't", "be", "stiff")),
        ('channel opening "Hello', ("channel", "opening", '"Hello')),
        (r"channel opening C:\files #1", ("channel", "opening", r"C:\files", "#1")),
        ("  ", ()),
    ],
)
def test_what_stands_in_quotes_is_one_word(typed: str, words: tuple[str, ...]) -> None:
    assert split_words(typed.split()) == words
