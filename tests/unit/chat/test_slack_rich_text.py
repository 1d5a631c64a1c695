"""Markdown as rich_text: everything is shown, nothing is live, and every block is one that Slack takes."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.chat.slack.rich_text import (
    MAX_PIECE_BYTES,
    Kind,
    Piece,
    Run,
    block_size,
    group,
    read_markdown,
    split,
    to_block,
)
from tests.fakes.slack_blocks import check_blocks, find_live, iter_objects, visible_text

BOUND_S = 3.0
"""Of processor time."""


def blocks_of(markdown: str, links: dict[int, str] | None = None) -> list[dict]:
    return [to_block(pieces) for pieces in group(read_markdown(markdown, links=links))]


def shown(markdown: str) -> str:
    return visible_text(blocks_of(markdown))


def styled(markdown: str) -> dict[str, list[str]]:
    """Texts by their style."""
    texts: dict[str, list[str]] = {}
    for item in iter_objects(blocks_of(markdown)):
        if item.get("type") == "text":
            texts.setdefault("+".join(item.get("style", {})), []).append(item["text"])
    return texts


def test_emphasis_becomes_style() -> None:
    assert styled("a **b** *c* ~~d~~ `e` ***f***") == {
        "": ["a ", " ", " ", " ", " "],
        "bold": ["b"],
        "italic": ["c"],
        "strike": ["d"],
        "code": ["e"],
        "bold+italic": ["f"],
    }


def test_each_part_of_the_text_is_a_block() -> None:
    blocks = blocks_of("# Title\n\nOne\ntwo\n\n> quoted\n\n```py\nx = 1\n```\n\n---\n")

    assert [block["elements"][0]["type"] for block in blocks] == [
        "rich_text_section",
        "rich_text_section",
        "rich_text_quote",
        "rich_text_preformatted",
    ]
    assert visible_text(blocks) == "Title\nOne\ntwo\nquoted\nx = 1"


def test_lists_keep_their_levels_and_numbers() -> None:
    [block] = blocks_of("3. three\n   - inner\n4. four\n\n   ```\n   code\n   ```\n5. five")

    lists = [
        (
            element.get("style"),
            element.get("indent"),
            element.get("offset"),
            visible_text([{"type": "rich_text", "elements": [element]}]),
        )
        for element in block["elements"]
    ]
    assert lists == [
        ("ordered", 0, 2, "three"),
        ("bullet", 1, None, "inner"),
        ("ordered", 0, 3, "four"),
        (None, None, None, "code"),
        ("ordered", 0, 4, "five"),
    ]


def test_neighbouring_entries_make_one_list() -> None:
    [block] = blocks_of("- a\n- b\n- c")

    assert [len(element["elements"]) for element in block["elements"]] == [3]


def test_a_table_is_text_in_columns() -> None:
    assert shown("| key | value |\n|---|---|\n| a | **long** one |\n| longer | b |") == (
        "key     value\n------  --------\na       long one\nlonger  b"
    )


def test_a_marker_with_an_address_is_a_link_and_one_without_is_text() -> None:
    blocks = blocks_of("See [1] and [2].", {1: "https://wiki.example.com/a"})

    assert find_live({"blocks": blocks}).links == ["https://wiki.example.com/a"]
    assert visible_text(blocks) == "See [1] and [2]."


def test_a_marker_in_code_stays_code() -> None:
    assert find_live({"blocks": blocks_of("`x[1]`\n\n    y[1]", {1: "https://wiki.example.com/a"})}).links == []


def test_a_reference_definition_makes_no_link_of_a_marker() -> None:
    blocks = blocks_of("See [1].\n\n[1]: https://evil.example/?q=secret")

    assert find_live({"blocks": blocks}).links == []
    assert visible_text(blocks) == "See [1].\n[1]: https://evil.example/?q=secret"


HOSTILE = [
    "<!channel> <!here> <!everyone> @channel @here",
    "<@U123> <@W123|boss> @U123",
    "<#C123|general> <!subteam^S1>",
    "[click](https://evil.example/?d=secret)",
    "[click][r]\n\n[r]: https://evil.example",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example>",
    "<https://evil.example|Sign in>",
    "https://evil.example/x www.evil.example mailto:eve@evil.example",
    "evil.example/path?d=secret",
    "[https://bank.example](https://evil.example)",
    "https://bank.example@evil.example https://xn--bnk-sna.example http://b\u0430nk.example",
    '<a href="https://evil.example">x</a><img src=https://evil.example/p.png>',
    "&lt;!channel&gt; &#60;!channel&#62;",
    "javascript:alert(1) data:text/html,x slack://open",
    '{"type":"user","user_id":"U1"}',
    ":rotating_light: *bold* _it_ ~s~",
    "`<!channel>`\n\n```\n<!channel> https://evil.example\n```",
    "> <!here>\n> [x](https://evil.example)",
    "| [x](https://evil.example) | <@U1> |\n|---|---|\n| ![i](https://evil.example) | <!here> |",
    "- [x](https://evil.example)\n  - <!channel>",
    "# <@U1> [x](https://evil.example)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_model_or_a_document_writes_is_live(text: str) -> None:
    blocks = blocks_of(text, {1: "https://wiki.example.com"})

    live = find_live({"blocks": blocks})
    assert live.mentions == live.links == live.images == []
    assert {item["type"] for item in iter_objects(blocks) if "type" in item} <= {
        "rich_text", "rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list", "text"
    }  # fmt: skip
    check_blocks(blocks)


@pytest.mark.parametrize("text", ["see https://evil.example/x, then", "www.evil.example", "x evil.example/y z"])
def test_a_bare_address_is_shown_as_code(text: str) -> None:
    assert any("evil.example" in code for code in styled(text)["code"])
    assert not any("evil.example" in plain for plain in styled(text).get("", []))


WORDS = st.text(alphabet=st.characters(categories=["L", "N"], exclude_characters="\u0130"), min_size=1, max_size=12)
MARKUP = st.sampled_from(
    [
        "**",
        "*",
        "_",
        "~~",
        "`",
        "```\n",
        "\n",
        "\n\n",
        " ",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| ",
        "|---|",
        "[",
        "](",
        ")",
        "<",
        ">",
        "\\",
        "    ",
    ]
)


@settings(deadline=None)
@given(st.lists(WORDS | MARKUP, max_size=60).map("".join))
def test_any_markdown_makes_blocks_that_slack_takes(markdown: str) -> None:
    for block in blocks_of(markdown):
        check_blocks([block])


@settings(deadline=None)
@given(
    st.lists(WORDS, min_size=1, max_size=30),
    st.sampled_from(["{}", "- {}", "1. {}", "> {}", "# {}", "**{}**", "```\n{}\n```"]),
)
def test_every_word_is_shown_in_order(words: list[str], form: str) -> None:
    markdown = "\n\n".join(form.format(word) for word in words)

    assert re.findall(r"\w+", shown(markdown)) == re.findall(r"\w+", " ".join(words))


ANY_TEXT = st.text(alphabet=st.sampled_from('ab \n"\\\t\x01é漢😀\u200d'), max_size=4_000)
RUNS = st.lists(
    st.builds(
        Run, text=ANY_TEXT.filter(bool), styles=st.sampled_from([frozenset(), frozenset({"bold"}), frozenset({"code"})])
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(st.sampled_from(Kind), RUNS.map(tuple))
def test_a_long_piece_is_split_into_parts_that_fit_and_nothing_is_lost(kind: Kind, runs: tuple[Run, ...]) -> None:
    piece = Piece(kind=kind, runs=runs)

    parts = list(split(piece))

    assert "".join(part.text for part in parts) == piece.text
    assert all(block_size([part]) <= MAX_PIECE_BYTES for part in parts)
    for part in parts:
        check_blocks([to_block([part])])


def test_a_long_listing_is_cut_at_line_ends_and_stays_a_listing() -> None:
    lines = [f"line {number} of the configuration" for number in range(400)]

    parts = list(split(Piece(kind=Kind.CODE, runs=(Run(text="\n".join(lines)),))))

    assert len(parts) > 3
    assert all(part.kind is Kind.CODE for part in parts)
    assert all(part.text.endswith("\n") for part in parts[:-1])


def test_a_long_entry_goes_on_as_a_paragraph_not_as_a_second_entry() -> None:
    parts = list(split(Piece(kind=Kind.ENTRY, runs=(Run(text="word " * 1_000),))))

    assert [part.kind for part in parts[:2]] == [Kind.ENTRY, Kind.PARAGRAPH]


@pytest.mark.parametrize("character", ["x", '"', "\x01", "漢", "😀"])
def test_a_text_without_a_space_is_cut_where_it_is_full(character: str) -> None:
    piece = Piece(kind=Kind.PARAGRAPH, runs=(Run(text=character * 40_000),))

    sizes = [block_size([part]) for part in split(piece)]

    assert all(MAX_PIECE_BYTES - 20 < size <= MAX_PIECE_BYTES for size in sizes[:-1])
    assert "".join(part.text for part in split(piece)) == piece.text


def test_many_small_styles_still_fit() -> None:
    blocks = blocks_of("".join(f"**b**`{number}`" for number in range(3_000)))

    assert len(blocks) > 10
    assert all(block_size([]) < len(str(block)) for block in blocks)
    for block in blocks:
        check_blocks([block])


def test_text_that_cannot_be_stored_is_made_so() -> None:
    assert shown("a\ud800b\0c") == "a\ufffdbc"


@pytest.mark.parametrize(
    "text", ["*" * 20_000, "[" * 5_000, ">" * 5_000, "`" * 20_000, "a.b/" * 10_000, "." * 40_000, "![](" * 5_000]
)
def test_odd_texts_end_in_time(text: str) -> None:
    began = time.thread_time()
    blocks_of(text)
    assert time.thread_time() - began < BOUND_S
