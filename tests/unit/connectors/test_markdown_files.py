# ruff: noqa: E501  Markdown has the lines it has
import re

import pytest

from connectors.text.markdown.page import read
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


def test_boxes_and_tabs_of_mkdocs_are_text_under_their_titles_and_no_code() -> None:
    assert told(
        '!!! warning "Do not share tokens"\n    Tokens are personal.\n\n    - never mail them\n\nAfter\n\n'
        '=== "Windows"\n\n    1. Open Settings.\n\n        ```sh\n        setup\n        ```\n\n    2. Connect.\n\n'
        '??? question\n    ???+ tip "Try this?"\n        Restart.\n'
    ).markdown == (
        "**Do not share tokens**:\n\nTokens are personal.\n\n- never mail them\n\n\nAfter\n\n\n"
        "**Windows**:\n\n1. Open Settings.\n\n    ```sh\n    setup\n    ```\n\n2. Connect.\n\n\n"
        "**Question**:\n\n**Try this?**\n\nRestart."
    )


def test_a_box_in_a_step_stays_in_the_step() -> None:
    text = "1. Open.\n\n    !!! note\n        Only once.\n\n2. Close."
    assert told(text).markdown == "1. Open.\n\n\n    **Note**:\n\n    Only once.\n\n\n2. Close."


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (":::tip Pro tip\nBookmark it.\n:::", "**Pro tip**:\n\nBookmark it."),
        (":::warning[Take care]\nx\n:::", "**Take care**:\n\nx"),
        (":::note\nx\n:::", "**Note**:\n\nx"),
        ("::: details Why?\nx\n:::", "**Why?**\n\nx"),
        ("::: {.callout-note}\nx\n:::", "**Note**:\n\nx"),
        ("::: code-group\nx\n:::", "x"),
        ("```{warning} Hot\n:class: big\nDon't *touch*.\n```", "**Hot**:\n\nDon't *touch*."),
        ("> [!NOTE]\n> Ask us.", "> **Note**:\n> Ask us."),
        ("> [!WARNING] It is hot.\n> Wait.", "> **Warning**: It is hot.\n> Wait."),
        ("> [!faq]- Why?\n> So.", "> **Why?**\n> So."),
        ("{{< hint info >}}\nx\n{{< /hint >}}", "x"),
        ('{{% details title="Why?" %}}\nx\n{{% /details %}}', "**Why?**\n\nx"),
        ('{{< tab "Windows" >}}\nx\n{{< /tab >}}', "**Windows**:\n\nx"),
        ('{% hint style="info" %}\nx\n{% endhint %}', "x"),
        ('{% tab title="macOS" %}\nx\n{% endtab %}', "**macOS**:\n\nx"),
        ("{{< highlight sh >}}\n# run\n{{< /highlight >}}", "```sh\n# run\n```"),
        ('<Tabs>\n<TabItem value="m" label="macOS">\n\nx\n\n</TabItem>\n</Tabs>', "**macOS**:\n\n\nx"),
        ("<details>\n<summary>Why slow?</summary>\n\nx\n\n</details>", "**Why slow?**\n\nx"),
    ],
)
def test_what_other_generators_add_is_put_as_plain_markdown(written, read_as) -> None:
    assert told(written).markdown == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<aside>\n💡 Ask your buddy.\n\n</aside>", "💡 Ask your buddy."),  # a callout that Notion exports
        ('<Card title="Loans" href="/loans">\n  Borrow one.\n</Card>', "**Loans**:\n\nBorrow one."),
        ('<Card\n  title="Loans"\n  icon="book"\n>\n  Borrow one.\n</Card>', "**Loans**:\n\nBorrow one."),
        ('<Accordion title="Who pays?">\nWe do.\n</Accordion>', "**Who pays?**\n\nWe do."),
        ("<Warning>Never share it.</Warning>", "**Warning**:\n\nNever share it."),
        ('<Callout type="info">\n  - a\n  - b\n</Callout>', "**Info**:\n\n- a\n- b"),
        ("<CodeGroup>\n```sh npm\nnpm i\n```\n</CodeGroup>", "```sh npm\nnpm i\n```"),
        ("<Tabs items={['npm']}>\n  <Tabs.Tab>npm i</Tabs.Tab>\n</Tabs>", "npm i"),
        (
            '<Steps>\n  <Step title="Open it">\n    1. Read.\n\n    <Tip>Twice.</Tip>\n  </Step>\n</Steps>',
            "**Open it**:\n\n1. Read.\n\n\n**Tip**:\n\nTwice.",
        ),
        ("a\n\nexport const meta = {\n  a: 1,\n};\n\nb {/* not\nshown */}c", "a\n\n\nb c"),
        ("import {\n  Card,\n} from 'x'\n\nb", "b"),
        ("See <Placeholder> and <Unclosed>\n\nb", "See <Placeholder> and <Unclosed>\n\nb"),
        ("{% if beta %}Call 4711.{% endif %}", "Call 4711."),
        ('{{< button href="/x" >}}Order{{< /button >}} it.', "Order it."),
        (
            'See [leave]({% page "/leave/#sick" %}) and\n[the\ntrip]({% page "/trip" %}).',
            "See [leave](/leave/#sick) and\n[the\ntrip](/trip).",
        ),
        (
            "Start{% comment %}TODO{% endcomment %} it.\n{% comment %}\nTODO\n\nmore\n{% endcomment %}\nb",
            "Start it.\nb",
        ),
        ('A {% channel "vets" "Vets" %} channel.' + " And on." * 90, "A Vets channel." + " And on." * 90),
        ('Ask {% slack_channel "onboarding" %}, see [leave]({% link leave.md %}).', "Ask onboarding, see leave."),
        ("[posts]({{ site.baseurl }}{% post_url 2026-01-01-x %}) of {{ site.name }}", "posts of {{ site.name }}"),
        ('{% include alert.html title="No" content="Never share it." %}', "**No**:\n\nNever share it."),
        ("Write `{% if a %}` there.", "Write `{% if a %}` there."),
        ("::: mermaid\ngraph LR;\nA-->B;\n:::\n\nb", "```mermaid\ngraph LR;\nA-->B;\n```\n\nb"),  # Azure DevOps
    ],
)
def test_components_and_marks_in_a_line_leave_what_they_show(written, read_as) -> None:
    assert re.sub(r"\n{3,}", "\n\n\n", told(written).markdown) == read_as


def test_components_in_components_without_end_are_read() -> None:
    deep = "\n".join([*(f"<A{n}>" for n in range(100)), "seen", *(f"</A{n}>" for n in reversed(range(100)))])
    assert "seen" in told(deep).markdown


def test_what_only_a_generator_reads_is_left_out() -> None:
    marks = "[[_TOC_]]\n\n[TOC]\n\n* TOC\n{:toc}\n\nimport Tabs from '@theme/Tabs';\n\n{: .no_toc }\n"
    text = f"{marks}\n## Steps {{#steps}}\n\n### One {{ id='a' }}\n\n- a {{: .b }}\n- [b](c){{ .button }}"
    assert told(text).markdown == "## Steps\n\n### One\n\n- a\n- [b](c)"


def test_marks_of_generators_in_code_and_in_prose_stay() -> None:
    text = "```\n!!! note\n    x\n[TOC]\n:::tip\n{% if x %}\n```\n\n!!! Attention please\n\nSet `{#id}` and {{ name }} here: a {% x %} b"
    assert told(text).markdown == text


def test_elements_in_lines_are_what_they_mean() -> None:
    text = told(
        "# VPN<br>guide\n\nPress <kbd>Ctrl</kbd>+<kbd>C</kbd>,<br>then <b>wait</b> at 10<sup>5</sup> `<br>`. "
        'Ask <a href="https://x.example" target="_blank">us</a>, <Badge text="new" />as <user>@<HOST>.\n\n'
        "| a | b |\n|---|---|\n| one<br/>two | <ul><li>x</li><li>y</li></ul> |"
    )
    assert text.markdown == (
        "# VPN guide\n\nPress `Ctrl`+`C`,  \nthen wait at 10⁵ `<br>`. Ask [us](https://x.example), as <user>@<HOST>.\n\n"
        "| a | b |\n|---|---|\n| one two | x; y   |"
    )


def test_entries_that_nobody_closed_stay_apart_and_bold_stays_bold() -> None:
    text = told("| ads |\n|---|\n| <li>image<li>video |\n\n- **<span style='x'>Month 1: </span>** start")
    assert text.markdown == "| ads |\n|---|\n| image; video |\n\n- **Month 1:** start"


def test_links_of_a_wiki_are_their_words() -> None:
    assert told("See [[VPN guide]] and [[vpn#x|the steps]]. ![[shot.png]]").markdown == "See VPN guide and the steps."


def test_names_of_picture_files_are_no_text() -> None:
    text = told("Click ![image.png](a.png)\n\n![Untitled](b.png)\n\n[![logo.svg](c.svg)](https://x.example)")
    assert text.markdown == "Click\n\n\n[logo.svg](https://x.example)"
