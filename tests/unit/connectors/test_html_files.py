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


SPHINX_TABS = """<div class="sphinx-tabs docutils container"><div aria-label="Tabbed content" role="tablist">
<button aria-controls="panel-0-0-0" aria-selected="true" id="tab-0-0-0" role="tab">Windows</button><button
aria-controls="panel-0-0-1" aria-selected="false" id="tab-0-0-1" role="tab">macOS</button></div><div
aria-labelledby="tab-0-0-0" id="panel-0-0-0" role="tabpanel"><p>Press Win+L.</p></div><div aria-labelledby="tab-0-0-1"
class="sphinx-tabs-panel" hidden="true" id="panel-0-0-1" role="tabpanel"><p>Press Ctrl+Cmd+Q.</p></div></div>"""
DOCUSAURUS = """<div class="tabs-container"><ul role="tablist" class="tabs"><li role="tab" aria-selected="true">Windows</li>
<li role="tab" aria-selected="false">macOS</li></ul><div class="margin-top--md"><div role="tabpanel">Press Win+L.</div><div
role="tabpanel" hidden=""><p>Press Ctrl+Cmd+Q.</p></div></div></div>"""
STARLIGHT = """<starlight-tabs><ul role="tablist"><li role="presentation" class="tab"><a role="tab" href="#tab-panel-0"
id="tab-0">Windows</a></li><li role="presentation"><a role="tab" href="#tab-panel-1" id="tab-1">macOS</a></li></ul><div
id="tab-panel-0" role="tabpanel">Press Win+L.</div><div id="tab-panel-1" role="tabpanel" hidden> Press Ctrl+Cmd+Q.
</div></starlight-tabs>"""
MKDOCS = """<div class="tabbed-set"><input id="__t_1" name="__t" type="radio"><input id="__t_2" name="__t" type="radio">
<div class="tabbed-labels"><label for="__t_1">Windows</label><label for="__t_2">macOS</label></div><div
class="tabbed-content"><div><p>Press Win+L.</p></div> <div><p>Press Ctrl+Cmd+Q.</p></div></div></div>"""
SPHINX_DESIGN = """<div class="sd-tab-set"><input checked id="sd-0" name="sd" type="radio"><label class="sd-tab-label"
for="sd-0">Windows</label><div class="sd-tab-content"><p>Press Win+L.</p></div><input id="sd-1" name="sd"
type="radio"><label for="sd-1">macOS</label><div class="sd-tab-content"><p>Press Ctrl+Cmd+Q.</p></div></div>"""


@pytest.mark.parametrize("tabs", [SPHINX_TABS, DOCUSAURUS, STARLIGHT, MKDOCS, SPHINX_DESIGN])
def test_every_tab_is_text_under_its_name(tabs: str) -> None:
    """As the generators wrote them in November 2026: all but the first are hidden until somebody opens them."""
    expected = "Lock it:\n\n**Windows**:\n\nPress Win+L.\n\n**macOS**:\n\nPress Ctrl+Cmd+Q.\n\nDone."
    assert text_of(f"<p>Lock it:</p>{tabs}<p>Done.</p>").markdown.replace("\n\n\n", "\n\n") == expected


def test_tabs_in_a_tab_keep_their_places() -> None:
    inner = DOCUSAURUS.replace("Windows", "11").replace("macOS", "10")
    text = text_of(DOCUSAURUS.replace("Press Win+L.", inner)).markdown
    names = ["**Windows**:", "**11**:", "Win+L", "**10**:", "Cmd+Q", "**macOS**:"]
    assert sorted(names, key=text.index) == names


@pytest.mark.parametrize(
    "html",
    [
        '<p role="tabpanel" style="display:none">x</p>',
        '<ul role="tablist"></ul><div role="tabpanel" hidden>x</div>',
        '<div role="tab" id="t"></div><div role="tabpanel" aria-labelledby="t" hidden>x</div>',
    ],
)
def test_a_panel_that_no_tab_opens_stays_hidden(html: str) -> None:
    assert text_of(f"<p>seen</p>{html}").markdown == "seen"


def test_headings_that_open_panels_stay_headings_and_answers_of_a_form_what_they_are() -> None:
    accordion = (
        '<div role="tablist"><div role="tab" id="h1"><h3><a href="#c1">Lost?</a></h3></div>'
        '<div id="c1" role="tabpanel" aria-labelledby="h1"><p>Call 4711.</p></div></div>'
    )
    assert text_of(f"<h2>Badge</h2>{accordion}").markdown == "## Badge\n\n### Lost?\n\nCall 4711."
    form = "<form><input type=radio name=a id=y><label for=y>Yes</label><div>If you own one.</div></form>"
    assert text_of(form).markdown == "Yes\n\nIf you own one."


@pytest.mark.parametrize(
    "title",
    [
        '<p class="admonition-title">Warning</p>',
        '<p class="custom-block-title">Warning</p>',
        '<p class="markdown-alert-title"><svg></svg>Warning</p>',
        '<div class="admonitionHeading_Gvgb"><span class="admonitionIcon_Rf37"></span>warning</div>',
        '<p class="starlight-aside__title" aria-hidden="true">Warning</p>',
    ],
)
def test_the_title_of_a_box_stands_in_bold_above_it(title: str) -> None:
    markdown = text_of(f"<p>Open it.</p><div>{title}<p>Never share the PIN.</p></div>").markdown
    assert markdown == "Open it.\n\n**Warning**:\n\nNever share the PIN."


def test_what_only_the_page_is_operated_with_is_no_text() -> None:
    assert text_of('<span class="lang">sh</span><pre>vpn up</pre>').markdown == "```\nvpn up\n```"
    assert text_of('<p>In <span class="lang">Welsh</span>.</p>').markdown == "In Welsh."
    assert (
        text_of('<p>Fifteen pages. <a href="#fnref:1">↩</a><a href="#ref-2">↩\ufe0e</a></p>').markdown
        == "Fifteen pages."
    )
    assert text_of("<p hidden=until-found>Found by searching the page.</p>").markdown == "Found by searching the page."


@pytest.mark.parametrize("name", ["bd-header-article", "bd-sidebar-secondary bd-toc", "onlyprint"])
def test_what_themes_of_sphinx_put_into_the_main_content_is_no_text(name: str) -> None:
    html = (
        f'<main><div class="{name}"><a href="_sources/vpn.rst">.rst</a> On this page</div><h1>VPN</h1><p>x</p></main>'
    )
    assert text_of(html).markdown == "# VPN\n\nx"


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
