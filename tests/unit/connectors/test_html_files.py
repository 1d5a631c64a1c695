# ruff: noqa: E501  golden Markdown has the lines it has
import pytest

from connectors.text.html import read, text_of
from connectors.text.text import RawFile
from tests.fakes.documents import HTML_PAGE

GOLDEN = """# VPN guide

Everyone who works from home needs the **VPN** - it comes with [the portal](<https://portal.example.com/vpn_(new)>). Run `vpn_client` & wait <1 minute>.

## 1. Install

3. Open the portal
   - Windows
     1. 11 only
   - macOS
4. Choose VPN client

   ````bash
   echo "```"
     vpn up
   ````

- [x] done
- [ ] to do

Versions

| System | Version \\| build |
| --- | --- |
| Windows | 11 23H2 |
| Windows | 10; `a\\|b` |

**Split tunnel**

Only the company's addresses.

The sign-in window

> Restart first."""


def test_a_page_becomes_its_main_content() -> None:
    text = text_of(HTML_PAGE)
    assert text.markdown == GOLDEN
    assert text.title == "VPN guide"


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>", "<style>x</style>", "<template>x</template>", "<noscript>x</noscript>", "<nav>x</nav>",
        "<footer>x</footer>", "<!-- x -->", "<p hidden>x</p>", "<p aria-hidden=true>x</p>", "<button>x</button>",
        "<p style='color:red; visibility : hidden'>x</p>", "<p style='font-size:0px'>x</p>", "<p style='opacity: 0'>x</p>",
        "<p style='position:absolute; left:-9999px'>x</p>", "<span class='sr-only'>x</span>", "<dialog>x</dialog>",
        "<div role=navigation>x</div>", "<header>x</header>", "<aside>x</aside>", "<svg><text>x</text></svg>",
        "<?php x ?>", "<![CDATA[x]]>", "<textarea>x</textarea>", "<iframe>x</iframe>",
    ],
)  # fmt: skip
def test_what_a_reader_does_not_see_is_no_text(html: str) -> None:
    assert text_of(f"<body><p>seen</p>{html}</body>").markdown == "seen"


@pytest.mark.parametrize("style", ["opacity:0.5", "font-size:0.9em", "text-indent:-10px", "display:block"])
def test_what_a_reader_sees_is_text(style: str) -> None:
    assert text_of(f"<p style='{style}'>seen</p>").markdown == "seen"


@pytest.mark.parametrize(
    "html",
    [
        '<ul class="docnav"><li><a href="a.html">Previous</a></li><li>A long title of the book</li></ul>',
        '<div class="menu mainmenu"><ul><li><a href="a.html">Home</a></li><li><a href="b.html">About</a></li></ul></div>',
        '<div class="header"><p>Next: <a href="a.html">Mouse buttons</a>, Up: <a href="b.html">Set</a></p></div>',
        '<p id="breadcrumbs"><a href="a.html">Handbook</a> &gt; <a href="b.html">IT</a></p>',
        '<div id="footer">Last changed by Ada</div>',
    ],
)
def test_navigation_is_no_text_where_only_its_name_tells(html: str) -> None:
    assert text_of(f"<body>{html}<h1>VPN</h1><p>Dial in.</p>{html}</body>").markdown == "# VPN\n\nDial in."


@pytest.mark.parametrize(
    "html",
    [
        '<div class="menu"><p>Monday: soup. <a href="a.html">Tuesday</a></p></div>',
        '<div class="header"><h2><a href="a.html">Tuesday</a></h2></div>',
        '<table><tr class="header"><th><a href="a.html">Tuesday</a></th></tr><tr><td>Soup</td></tr></table>',
    ],
)
def test_what_is_called_navigation_and_holds_text_is_text(html: str) -> None:
    assert "Tuesday" in text_of(f"<body>{html}</body>").markdown


def test_the_sign_that_links_a_heading_to_itself_is_no_text() -> None:
    assert text_of('<h2><a href="#safety">§</a>Safety <a href="#safety">#</a></h2>').markdown == "## Safety"


def test_a_power_and_a_footnote_are_no_digits_of_what_is_before() -> None:
    html = (
        'Below 2<sup>32</sup> bytes<sup><a href="#fn2">2</a></sup>, 10<sup>-3</sup> m<sup>2</sup>, the 1<sup>st</sup>'
    )
    assert text_of(html).markdown == "Below 2³² bytes², 10⁻³ m², the 1st"


def test_the_only_article_is_the_main_content() -> None:
    assert text_of("<div>menu</div><article><header><h1>T</h1></header><p>text</p></article>").markdown == "# T\n\ntext"
    assert text_of("<article>one</article><article>two</article>").markdown == "one\n\ntwo"


def test_the_title_falls_back_to_that_of_the_page() -> None:
    assert text_of("<title>Page</title><p>text</p>").title == "Page"
    assert text_of("<p>text</p>").title is None


def test_links_lead_to_pages_only() -> None:
    assert text_of('<a href="https://x.example/a b">x</a>').markdown == "[x](<https://x.example/a b>)"
    assert (
        text_of('<a href="javascript:alert(1)">x</a> <a href="#top">y</a> <a href="data:z">z</a>').markdown == "x y z"
    )
    assert text_of('<a href="../up.html">up</a>').markdown == "[up](../up.html)"
    assert text_of('<a href="https://x.example">https://x.example</a>').markdown == "<https://x.example>"


def test_a_link_around_blocks_keeps_the_blocks() -> None:
    assert text_of('<a href="/x"><h2>Card</h2><p>text</p></a>').markdown == "## Card\n\ntext"


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<pre><code class="language-python">x</code></pre>', "python"),
        ('<pre class="lang-js prettyprint">x</pre>', "js"),
        ('<div class="highlight-yaml notranslate"><div class="highlight"><pre>x</pre></div></div>', "yaml"),
        ('<div class="highlight highlight-source-shell"><pre>x</pre></div>', "shell"),
        ('<pre class="sourceCode bash"><code>x</code></pre>', "bash"),
        ('<pre class="brush: sql">x</pre>', "sql"),
        ('<pre data-lang="go">x</pre>', "go"),
        ("<pre>x</pre>", ""),
    ],
)
def test_the_language_of_code_is_kept(html: str, language: str) -> None:
    assert text_of(html).markdown == f"```{language}\nx\n```"


def test_lines_of_code_in_elements_of_their_own_stay_lines() -> None:
    assert text_of("<pre><code><div>a</div><div>  b</div></code></pre>").markdown == "```\na\n  b\n```"
    assert text_of("<pre>a<br>  b</pre>").markdown == "```\na\n  b\n```"


def test_a_table_that_only_arranges_becomes_its_blocks() -> None:
    assert text_of(
        "<table><tr><td><h2>A</h2></td><td><table><tr><th>k</th><th>v</th></tr></table></td></tr></table>"
    ).markdown == ("## A\n\n| k | v |\n| --- | --- |")
    assert text_of("<table><tr><td>Note: restart first.</td></tr></table>").markdown == "Note: restart first."


def test_heads_may_be_the_first_column() -> None:
    html = "<table><tr><th>Name</th><td>Ada</td></tr><tr><th>Room</th><td>1.12</td></tr></table>"
    assert text_of(html).markdown == "|  |  |\n| --- | --- |\n| Name | Ada |\n| Room | 1.12 |"


def test_cells_over_rows_and_columns_find_their_place() -> None:
    html = "<table><tr><th colspan=2>A</th><th>B</th></tr><tr><td rowspan=2>1</td><td>2</td><td>3</td></tr><tr><td>4</td><td>5</td></tr></table>"
    assert text_of(html).markdown == "| A |  | B |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 1 | 4 | 5 |"


def test_a_long_list_is_numbered_in_linear_time() -> None:
    text = text_of("<ol>" + "<li>x</li>" * 3_000 + "</ol>")
    assert text.markdown.endswith("\n3000. x")


def test_the_declared_encoding_is_used() -> None:
    page = '<meta charset="koi8-r"><p>Привет</p>'.encode("koi8-r")
    assert read(RawFile(content=page, media_type="text/html")).markdown == "Привет"
    assert (
        read(RawFile(content="<p>Ærø</p>".encode("latin-1"), media_type="text/html", charset="latin-1")).markdown
        == "Ærø"
    )


def test_a_page_that_calls_itself_utf_16_in_ascii_is_utf_8() -> None:
    page = '<meta charset="utf-16"><p>Zürich \u2014 10 €</p>'
    assert read(RawFile(content=page.encode(), media_type="text/html")).markdown == "Zürich \u2014 10 €"


def test_questions_that_open_their_answers_by_a_button_are_headings() -> None:
    text = text_of(
        """<main><h3><button aria-expanded="false" aria-controls="a1">Who <b>approves</b> travel?</button></h3>
        <div id="a1" hidden>Your supervisor. <span hidden>Not shown.</span></div>
        <h3>By train <button class="copy">Copy link</button></h3><p>Book it.</p>
        <button aria-expanded="false" aria-controls="menu">Menu</button><div id="menu" hidden>Home</div></main>"""
    )
    assert text.markdown == ("### Who **approves** travel?\n\nYour supervisor.\n\n### By train\n\nBook it.")
