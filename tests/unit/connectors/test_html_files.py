# ruff: noqa: E501  golden Markdown has the lines it has
import pytest

from connectors.text.html.page import read, text_of
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


def test_a_heading_without_words_is_none() -> None:
    html = "<h1>VPN</h1><h2><img src=x></h2><p>Open it.</p><h3> <br></h3><h2>Then <b>shut</b> it</h2>"
    assert text_of(html).markdown == "# VPN\n\nOpen it.\n\n## Then **shut** it"


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


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>1. Open it</p><p>2) Click <b>Go</b></p>", "1. Open it\n2. Click **Go**"),
        ("<p>1. Open</p><p>A window.</p><p>2. Click</p>", "1. Open\n\nA window.\n\n2. Click"),
        ("<p>Steps:<br>1. Open<br>2. Click<br>Done</p>", "Steps:\n\n1. Open\n2. Click\n\nDone"),
        ("<p><span>·<span>&nbsp; </span></span>Mouse</p><p>·&nbsp; Keyboard</p>", "- Mouse\n- Keyboard"),
        ("<p>- Mouse</p><p>Text.</p><p>- Keyboard</p>", "\\- Mouse\n\nText.\n\n\\- Keyboard"),
        ("<p>1. Purpose</p><p>Text.</p><p>7. Scope</p>", "1\\. Purpose\n\nText.\n\n7\\. Scope"),
        ("<p>Main street 1<br>2. floor</p>", "Main street 1  \n2\\. floor"),
        ("<ol><li>One</li><ol><li>inner</li></ol><li>Two</li></ol>", "1. One\n   1. inner\n2. Two"),
        ("<ul><li><ol><li value=2>Shelves</li></ol></li></ul>", "2. Shelves"),
    ],
)
def test_lists_that_were_typed_or_misplaced_are_lists(html, markdown) -> None:
    assert text_of(html).markdown == markdown


def test_lines_in_bold_are_the_headings_of_a_page_without_any() -> None:
    text = "Restart it and wait until it shows the window again. " * 2
    page = (
        f"<h1>FAQ</h1><p><b>Why is it slow?</b></p><p>{text}</p><p><strong>Who helps?</strong><br>We do.<br>Call.</p>"
    )
    assert text_of(page).markdown == (
        f"# FAQ\n\n## Why is it slow?\n\n{text}\n\n## Who helps?\n\nWe do.  \nCall.".replace(" \n\n## W", "\n\n## W")
    )


@pytest.mark.parametrize(
    "page",
    [
        "<h2>FAQ</h2><p><b>Why?</b></p><p>Because.</p><p><b>Who?</b></p><p>We do, every day of the week.</p>",
        "<p><b>Why?</b></p><p>Because it has to be so for all of us here.</p>",
        "<p><b>All of it</b></p><p><b>is in bold</b></p><p>but this.</p>",
        "<p><b>Warning:</b></p><p>Hot.</p><p><b>It is hot.</b></p><p>It is very hot and it stays hot for long.</p>",
        "<ul><li><p><b>Mouse</b></p></li><li><p><b>Keyboard</b></p></li></ul><p>and many other things that help you work</p>",
    ],
)
def test_bold_lines_that_are_no_headings_stay_in_bold(page) -> None:
    assert "**" in text_of(page).markdown
    assert text_of(page).markdown.count("#") == 2 * page.count("<h2>")


def test_heads_of_a_table_over_several_rows_and_columns_are_one_row() -> None:
    table = "<table><tr><td rowspan=2>Severity<td colspan=2>Response</tr><tr><td>day<td>night</tr><tr><td>P1<td>1 h<td>4 h</tr></table>"
    assert text_of(table).markdown == (
        "| Severity | Response day | Response night |\n| --- | --- | --- |\n| P1 | 1 h | 4 h |"
    )


def test_a_table_whose_first_column_alone_is_in_bold_has_its_heads_there() -> None:
    table = "<table><tr><td><b>Owner</b><td>HR</tr><tr><td><b>Hours</b><td>8-18</tr></table>"
    assert text_of(table).markdown == "|  |  |\n| --- | --- |\n| **Owner** | HR |\n| **Hours** | 8-18 |"


def test_contents_and_details_of_an_exported_wiki_page_are_left_out() -> None:
    page = (
        '<div class="page-metadata">Created by Jane, last modified on Apr 01</div>'
        '<div class="toc-macro rbtoc1"><ul><li><a href="#a">Why?</a></li></ul></div><p>Because.</p>'
    )
    assert text_of(page).markdown == "Because."


@pytest.mark.parametrize(
    ("alt", "told"),
    [
        ("The sign-in window", "The sign-in window"),
        ("Screenshot of the VPN window", "Screenshot of the VPN window"),
        ("Image of a port", "Image of a port"),
        ("image-20240101-101112.png", ""),
        ("Screenshot 2024-01-01 at 10.11.12", ""),
        ("Untitled", ""),
        ("Figure 3", ""),
        ("A screenshot of a computer\n\nDescription automatically generated", ""),
        ("A computer screen\n\nAI-generated content may be incorrect.", ""),
    ],
)
def test_pictures_tell_what_people_wrote_of_them(alt, told) -> None:
    assert text_of(f'<p>See: <img src="x.png" alt="{alt}"></p>').markdown == f"See: {told}".strip()
