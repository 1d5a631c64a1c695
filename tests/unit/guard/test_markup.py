import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from helpdesk_bot.guard.markup import inert

ACTIVE = ["a", "img", "script", "style", "iframe", "object", "embed", "form", "input", "button", "svg", "video", "at"]


def acts(text: str) -> list[str]:
    """What in a text would do something, by a Markdown parser and by the platforms' own notations."""
    page = BeautifulSoup(MarkdownIt("commonmark", {"html": True}).enable("table").render(text), "lxml")
    found = [str(element) for element in page.find_all(ACTIVE)]
    found += [
        str(one) for one in page.find_all(lambda tag: any(name in tag.attrs for name in ("href", "src", "onclick")))
    ]
    found += re.findall(r"(?i)\b(?:https?|ftp|file|slack|msteams):/\S*", text)
    found += re.findall(r"(?i)\b(?:mailto|javascript|data|tel|msteams|skype):\S+", text)
    found += re.findall(r"<[!@#][^>\n]*>|(?<![\w.+-])@(?:channel|here|everyone)\b", text)
    return found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Go to [the portal](https://portal.example.com/x?token=1#top).", "Go to the portal."),
        ('See [it](<https://evil.example> "title") now', "See it now"),
        ("[a [nested] one](https://evil.example/(x))", "a [nested] one"),
        ("![chart](https://evil.example/p.png?d=secret)", "chart"),
        ("[text][ref]\n\n[ref]: https://evil.example 'x'\n", "text\n\n"),
        ("[1](https://evil.example)", "[1]"),
        ("Open https://portal.example.com/reset?user=1.", "Open `portal.example.com/reset`."),
        ("Open <https://portal.example.com>", "Open `portal.example.com`"),
        ("`curl https://api.example.com/v1`", "`curl api.example.com/v1`"),
        ("https://good.example.com@evil.example/x", "`evil.example/x`"),
        ("https://https://evil.example", "`evil.example`"),
        ("h\u200bttps://evil.example/x", "`evil.example/x`"),
        ("https&colon;//evil.example", "`evil.example`"),
        ("https:\\/\\/evil.example", "`evil.example`"),
        ("javascript:alert(1)", "`alert(1`)"),
        ("write to help@example.com", "write to `help@example.com`"),
        ("use www.evil.example/x or vpn.example.com", "use `www.evil.example/x` or `vpn.example.com`"),
        ("<https://evil.example|click here>", "click here"),
        ("<!channel> and <!subteam^S1|@it-team>", "channel and it-team"),
        ("<@U123|ada> <@U456> <#C1|general>", "ada  general"),
        ("@here look, @Channel too", "here look, Channel too"),
        ("a <b>bold</b> <script>alert(1)</script>move<!-- hidden -->", "a bold move"),
        ('<span style="display:none">secret orders</span>seen', "seen"),
        ("<at>Ada</at> hello", "Ada hello"),
        ('<a href="https://evil.example">x</a>', "x"),
        ("&lt;!channel&gt; &amp; more", "channel & more"),
        ("token xoxb-123456789012-abcdefABCDEF here", "token (removed) here"),
        ("sk-proj-abcdefghijklmnop1234 AKIAIOSFODNN7EXAMPLE", "(removed) (removed)"),
        ("<!chan<b>nel>", "channel"),
        ("@@@channel", "channel"),
        ("sk_live_abcdefghijklmnop1234 rk_test_abcdefghijklmnop1234", "(removed) (removed)"),
        (f"hf_{'a1' * 16} npm_{'a1' * 16} pypi-{'a1' * 16}", "(removed) (removed) (removed)"),
        (f"SG.{'a' * 22}.{'b' * 43}", "(removed)"),
        ("https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop", "(removed)"),
    ],
)
def test_nothing_that_acts_is_left_and_its_words_stay(written: str, said: str):
    assert inert(written)[0] == said


@pytest.mark.parametrize(
    "text",
    [
        "Use `vpn.example.com` and port 443.",
        "1. Open **Settings**\n2. Choose *Network*",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "```\nssh ada@host\nif a < b: print('<your-name>')\n```",
        "Press Ctrl+C, then type yes. E.g. node.js and README.md, version 2.1.3",
        "The ratio is 3:2; see section 4 (page 7) [2][3].",
        "Replace <your-name> by your name.",
        r"\\files01\projects and C:\Temp",
    ],
)
def test_plain_markdown_is_left_as_it_is(text: str):
    assert inert(text)[0] == text


def test_what_was_met_is_counted():
    found = inert("[a](https://x.example) [b](https://y.example) <!here> \u200b")[1]
    assert {rule: count for rule, count in found.items() if count} == {"link": 2, "mention": 1, "hidden": 1}


PIECES = [
    *("[", "](", ")", "![", "]", "[ref]", "][ref]", "\n[ref]: ", "[1]", "|", "<", ">", "<!", "<@U1", "<at>", "</a>"),
    *("https://", "http:", "//", "\\", "www.", "evil.example", "/x?d=secret", "javascript:", "mailto:", "data:"),
    *("channel", "here", "@", "a@b.example", "<a href=", "<img src=x onerror=", "<!--", "-->", "<script>", "</script>"),
    *("`", "``", "```\n", "~~~\n", "\n\n", " ", "1. ", "- ", "    ", "word", "1", "\u200b", "<b>", "display:none"),
    *("&lt;", "&gt;", "&colon;", "&#104;", "msteams:", "skype:", "evil\uff0ecom", "\uff1a", "\uff0f", "\uff1c"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_no_arrangement_of_parts_acts(written: str):
    said, _ = inert(written)
    assert acts(said) == []
    assert inert(said)[0] == said


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_becomes_inert_and_stays_so(written: str):
    said, _ = inert(written)
    assert acts(said) == []
    assert inert(said)[0] == said
