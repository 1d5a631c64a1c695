from connectors.text.markdown import read
from connectors.text.text import RawFile, Text


def told(text: str) -> Text:
    return read(RawFile(content=text.encode(), media_type="text/markdown"))


def test_front_matter_is_taken_off_and_may_name_the_title() -> None:
    assert told("---\ntitle: 'VPN: a guide'\ntags: [x]\n---\n# Set up\n") == Text(
        markdown="# Set up", title="VPN: a guide"
    )
    assert told("+++\ntitle = 'VPN'\n+++\ntext") == Text(markdown="text", title="VPN")
    assert told("---\r\ntags: [x]\r\n...\r\nNext\r\n").markdown == "Next"


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    text = "---\n\nA paragraph: with a colon.\nAnother.\n\n---\n\nMore"
    assert told(text).markdown == text


def test_the_title_is_the_first_of_the_highest_headings() -> None:
    assert told("## Before\n\n# The `vpn` *guide* for [Ada](x)\n\n# Later").title == "The vpn guide for Ada"
    assert told("Set up\n------\n\ntext").title == "Set up"
    assert told("```\n# a comment\n```\n\ntext").title is None


def test_comments_are_gone_except_in_code() -> None:
    assert told("a <!-- one -->b\n\n<!-- two\n\nthree -->\nc").markdown == "a b\n\n\nc"
    assert told("`<!-- x -->` and\n\n```html\n<!-- y -->\n```\n\n    <!-- z -->").markdown.count("<!--") == 3


def test_pictures_are_their_alternative_text() -> None:
    assert told('![The window](a_(b).png "t"), ![ref][1], [![badge](b.svg)](https://x.example)\n').markdown == (
        "The window, ref, [badge](https://x.example)"
    )
    assert told("```\n![x](y)\n```").markdown == "```\n![x](y)\n```"


def test_raw_html_is_converted() -> None:
    text = told("Before\n\n<table><tr><th>a<th>b</tr><tr><td>1<td>2</tr></table>\nand\n\n<div hidden>no</div>\n\nAfter")
    assert text.markdown == "Before\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nand\n\n\nAfter"


def test_everything_else_stays_to_the_letter() -> None:
    text = "# T\n\n1. a\n   - b\n\n   para\n2. c\n\n| x |\n|---|\n| `a|b` |\n\n> q\n\n~~~py\nx  =  1\n~~~\n\n[l]: https://x.example"
    assert told(text).markdown == text
