from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from connectors.text.cleaning import clean
from connectors.text.escaping import escape, escape_line
from connectors.text.fences import fence

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TRICKY = st.text(r"ab1 *_`~[]()<>#-+=.|\&;:!/" + '"', max_size=30).map(str.strip)


def shown(markdown: str) -> str:
    """What a reader sees of a single paragraph."""
    opened, inline, closed = MARKDOWN.parse(markdown)
    assert (opened.type, closed.type) == ("paragraph_open", "paragraph_close")
    assert inline.children is not None
    assert {child.type for child in inline.children} <= {"text", "softbreak"}, inline.children
    return "".join(child.content for child in inline.children)


@given(TRICKY.filter(bool))
@example("1. step")
@example("# no heading")
@example("- no list")
@example("`rm *.log` __init__ ~~x~~ [a](b) <b> &amp; C:\\_x")
@example("| a |")
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    assert shown(escape_line(text)) == text


@given(TRICKY, TRICKY)
def test_words_inside_a_line_are_shown_as_they_are(text: str, more: str) -> None:
    line = f"x {text} y {more} z"
    assert shown(f"x {escape(text)} y {escape(more)} z") == line


def test_what_needs_no_mark_gets_none() -> None:
    for text in ["max_tokens = 5 * 3 < 7 & more", "C:\\Users\\ada", "a - b", "https://x.example/a_b?c=d&e=f", "[1]"]:
        assert escape_line(text) == text


@given(st.text("`~a \n", max_size=40).map(clean).filter(str.strip))
def test_a_fence_holds_any_code(code: str) -> None:
    block, *others = MARKDOWN.parse(fence(code, "python"))
    assert (block.type, block.info, others) == ("fence", "python", [])
    assert block.content == code.strip("\n") + "\n"


def test_a_strange_language_is_left_out() -> None:
    assert fence("x", "python onload=1").startswith("```\n")
