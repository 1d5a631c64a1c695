import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.pages.safe_html import render_answer, render_passage

TITLES = {1: "VPN access", 2: 'Lost "and" <stolen>', 12: "Onboarding"}

PLAIN = {
    *("p", "em", "strong", "s", "code", "pre", "ul", "li", "blockquote", "h3", "h4", "h5", "h6", "hr", "br"),
    *("table", "thead", "tbody", "tr"),
}
ATTRIBUTES = {
    "ol": {"start": r"\d+"},
    "th": {"class": "number"},
    "td": {"class": "number|code"},
    "div": {"class": "table", "role": "region", "aria-label": "Table", "tabindex": "0"},
    "button": {"type": "button", "class": "citation", "data-number": r"\d+", "aria-label": r"(?s)Source \d+: .*"},
}

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](https://evil.example/?q=secret 'onclick=alert(1)')",
    "![x](https://evil.example/pixel.png?secret)",
    "![x][img]\n\n[img]: https://evil.example/pixel.png",
    "[x][1]\n\n[1]: https://evil.example/",
    "<https://evil.example/secret>",
    "<javascript:alert(1)>",
    "https://evil.example/autolink",
    '```"><script>alert(1)</script>\ncode\n```',
    "```x onmouseover=alert(1)\ncode\n```",
    "| a |\n|--:|\n| <script>alert(1)</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>]]>",
    "<?php echo 1 ?>",
    "\\<script>alert(1)\\</script>",
    "[1](https://evil.example)",
    "[1]: https://evil.example",
    '<button class="citation" data-number="1" onclick="alert(1)">1</button>',
    "\x00<scr\x00ipt>",
    "\u202e<script>",
]


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_decl(self, decl: str) -> None:
        self.other.append(decl)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


def assert_harmless(html: str) -> None:
    elements = Elements(html)
    assert elements.other == []
    for tag, attributes in elements.found:
        assert tag in PLAIN | ATTRIBUTES.keys(), html
        for name, value in attributes.items():
            assert re.fullmatch(ATTRIBUTES.get(tag, {})[name], value or ""), html


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_but_harmless_elements_is_left_of_an_attack(attack: str) -> None:
    for markdown in (attack, f"Before {attack} after", f"> - {attack}", f"**{attack}**"):
        assert_harmless(render_passage(markdown))
        assert_harmless(render_answer(markdown, titles=TITLES))
        assert_harmless(render_answer("See [1].", titles={1: markdown}))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(st.sampled_from(ATTACKS), st.text(alphabet="<>[]()!`*_|#&;:\"'=/\\\n 1a-", max_size=8)), max_size=8
    )
)
def test_nothing_but_harmless_elements_is_left_of_any_mixture(parts: list[str]) -> None:
    markdown = "".join(parts)
    assert_harmless(render_passage(markdown))
    assert_harmless(render_answer(markdown, titles=TITLES))


@pytest.mark.parametrize(
    ("cell", "is_code"),
    [
        ("N-0031", True),
        ("C/2557-a", True),
        ("fuser too hot", False),
        ("a-very-long-word-with-hyphens", False),
        ("-", False),
    ],
)
def test_a_code_in_a_table_is_not_broken_at_its_hyphen(cell: str, is_code: bool) -> None:
    html = render_answer(f"| Code | Meaning |\n|---|---|\n| {cell} | x |\n", titles={})
    assert (f'<td class="code">{cell}</td>' in html) is is_code


def test_a_known_number_becomes_a_button_with_the_title_of_its_document() -> None:
    html = render_answer("Reset it in Self-service [1]. Or call [12].", titles=TITLES)
    assert '<button type="button" class="citation" data-number="1" aria-label="Source 1: VPN access">1</button>' in html
    assert 'data-number="12"' in html


def test_a_title_can_not_leave_its_label() -> None:
    html = render_answer("So it is [2].", titles=TITLES)
    assert 'aria-label="Source 2: Lost &quot;and&quot; &lt;stolen&gt;"' in html


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("one [1] two", ["1"]),
        ("both [1][2]", ["1", "2"]),
        ("both [1, 2]", ["1", "2"]),
        ("unknown [3]", []),
        ("one unknown [1, 3]", []),
        ("code `[1]`", []),
        ("```\n[1]\n```", []),
        ("a link [1](https://evil.example)", ["1"]),
        ("[1]: Self-service", ["1"]),
        ("**bold [1]**", ["1"]),
        ("| a |\n|---|\n| b [2] |", ["2"]),
        ("huge [99999999999]", []),
    ],
)
def test_citations_are_found_where_they_are_meant(text: str, numbers: list[str]) -> None:
    found = Elements(render_answer(text, titles=TITLES)).found
    assert [attributes["data-number"] for tag, attributes in found if tag == "button"] == numbers


def test_a_citation_never_starts_a_line() -> None:
    assert "once\u202f<button" in render_answer("It stops at once [1].", titles=TITLES)


def test_in_a_passage_a_number_in_brackets_is_text() -> None:
    assert "[1]" in render_passage("As said in [1].")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[the guide](https://wiki.example/guide)", "the guide"),
        ("[**the** guide](javascript:alert(1))", "the guide"),
        ("![a diagram](diagram.png)", "a diagram"),
        ("[the guide][g]\n\n[g]: https://wiki.example", "the guide"),
        ("<https://wiki.example>", "https://wiki.example"),
    ],
)
def test_links_and_images_become_their_text(markdown: str, text: str) -> None:
    assert Elements(render_passage(markdown)).text.strip() == text


def test_headings_step_below_those_of_the_page() -> None:
    html = render_passage("# One\n\n## Two\n\n###### Six")
    assert [tag for tag, _ in Elements(html).found] == ["h3", "h4", "h6"]


def test_a_table_keeps_its_alignment_without_a_style() -> None:
    html = render_passage("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<td class="number">2</td>' in html
    assert "style" not in html
