"""What is streamed: the same words, and nothing live in it at any moment."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.chat.slack.safe_markdown import Growth, to_safe_markdown

ATTACKS = [
    "[click](https://evil.example/?q=secret)",
    "![](https://evil.example/x.png)",
    "[a][b]\n\n[b]: https://evil.example",
    "<https://evil.example|wiki>",
    "<!channel> <@U1> <!subteam^S1>",
    "https://evil.example/secret",
    "www.evil.example",
    "evil.example",
    "mailto:ada@evil.example",
    "ada@evil.example",
    "` https://evil.example",
    "`` ` https://evil.example ` ``",
    "\\[x](https://evil.example)",
    "\\<https://evil.example>",
    "```\ncode\n``` https://evil.example",
    "```\n\u0060\u0060\u0060 https://evil.example\n",
    "| a | b |\n|---|---|\n| [x](https://evil.example) | <@U1> |",
    "&lt;!channel&gt; &#60;@U1&#62;",
    "x](https://evil.example)",
]


def live_in(markdown: str) -> list[str]:
    """What could be clicked, pinged or fetched: all of it outside of code, which nothing makes live."""
    outside = re.sub(r"^```$.*?(?:^```$|\Z)", "", markdown, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"`[^`]*`", "", outside)
    return re.findall(r"<|&lt;[^\u200b]|\]\(|!\[|\]:|https?:|www\.|mailto:|\w\.[a-z]{2,}", outside)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_is_streamed_is_live(attack: str) -> None:
    assert live_in(to_safe_markdown(f"Before {attack} after")) == []
    assert live_in(to_safe_markdown(attack)) == []


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.sampled_from([*ATTACKS, "\n\n", " ", "\n- ", "`", "**", "```\n"]), st.text(max_size=20))),
    st.lists(st.integers(min_value=1, max_value=30), min_size=1, max_size=40),
)
def test_nothing_is_live_wherever_the_text_is_cut(pieces: list[str], cuts: list[int]) -> None:
    text = " ".join(pieces)
    growth, shown = Growth(), ""
    for cut in cuts:
        growth.add(text[:cut])
        text = text[cut:]
        new = growth.find_new()
        growth.mark_shown(new)
        shown += new
        assert live_in(shown) == []


def test_plain_sentences_grow_word_by_word() -> None:
    growth, shown = Growth(), []
    for piece in ["Install the", " client fi", "rst. Then", " sign in.\n\n", "It asks for ", "a **code**. "]:
        growth.add(piece)
        new = growth.find_new()
        growth.mark_shown(new)
        shown.append(new)

    assert shown == ["Install", " the client", " first.", " Then sign in.", "\n\nIt asks for", " a **code**."]


def test_a_list_grows_entry_by_entry_and_a_listing_comes_whole() -> None:
    growth = Growth()
    growth.add("Do this:\n\n- one\n- two\n\n```\nx = 1\n")
    first = growth.find_new()
    growth.mark_shown(first)
    growth.add("y = 2\n```\n\nDone now. ")

    assert first == "Do this:\n\n- one\n- two"
    assert growth.find_new() == "\n\n```\nx = 1\ny = 2\n```\n\nDone now."


def test_what_was_shown_is_not_changed_by_what_comes() -> None:
    growth = Growth()
    growth.add("a __b c ")
    growth.mark_shown(growth.find_new())
    growth.add("d__ and e ")

    assert growth.find_new() == ""
