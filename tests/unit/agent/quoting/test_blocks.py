import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.agent.quoting.blocks import Kind, blocks

TEXT = """# Wi-Fi

The staff network is called Quill. It uses a certificate.
Guests have their own.

## Connect

To connect:

1. Open **Settings**.
2. Choose Quill.

> Mind the phones.

| Site | Code |
| --- | --- |
| Leeds | 17 |

```
netsh wlan connect Quill
```
"""


def test_a_passage_falls_into_what_can_be_quoted_by_itself():
    assert [(block.kind, block.text.split("\n")[0], block.under) for block in blocks(TEXT)] == [
        (Kind.SENTENCE, "The staff network is called Quill.", "Wi-Fi"),
        (Kind.SENTENCE, "It uses a certificate.", "Wi-Fi"),
        (Kind.SENTENCE, "Guests have their own.", "Wi-Fi"),
        (Kind.LIST, "To connect:", "Connect"),
        (Kind.SENTENCE, "Mind the phones.", "Connect"),
        (Kind.TABLE, "| Site | Code |", "Connect"),
        (Kind.CODE, "```", "Connect"),
    ]


def test_lists_tables_and_code_are_whole():
    texts = [block.text for block in blocks(TEXT)]
    assert "To connect:\n\n1. Open **Settings**.\n2. Choose Quill." in texts
    assert "| Site | Code |\n| --- | --- |\n| Leeds | 17 |" in texts
    assert "```\nnetsh wlan connect Quill\n```" in texts


def test_what_opens_a_section_is_known():
    assert [block.text[:9] for block in blocks(TEXT) if block.is_first] == ["The staff", "To connec"]


def test_sentences_of_one_paragraph_belong_together():
    paragraphs = [block.paragraph for block in blocks(TEXT)]
    assert paragraphs[0] == paragraphs[1] == paragraphs[2] != paragraphs[3]


def test_a_list_that_begins_in_its_middle_keeps_its_numbers():
    assert blocks("3. Third.\n4. Fourth.")[0].text == "3. Third.\n4. Fourth."


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_falls_into_parts_of_itself(text: str):
    squeezed = "".join(text.split())
    for block in blocks(text):
        assert "".join(block.text.replace(">", "").split()) in squeezed.replace(">", "")


def test_lines_that_begin_with_a_number_are_a_list():
    (block,) = blocks("4000  IT help desk, Monday to Friday\n4001  Head of it\n+44 113 4  Outside line")
    assert block.kind is Kind.LIST
    assert block.text == "- 4000  IT help desk, Monday to Friday\n- 4001  Head of it\n- +44 113 4  Outside line"
    assert [one.kind for one in blocks("2026 was good.\n2025 was not.\n2024 neither.")] == [Kind.SENTENCE] * 3


@pytest.mark.parametrize(
    "text",
    [
        "This page outlines how to sign up for the benefit.",
        "This guide describes the recommended steps.",
        "In this article you'll learn how teams work.",
        "Here's everything you need to know about staying fit.",
        "On this page:\n\n- Book\n- Cancel",
    ],
)
def test_what_only_says_what_the_page_holds_is_known(text: str):
    assert [one.is_about_the_page for one in blocks(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "This page lists the desk's number, 4999.",
        "Contents of a mailbox are kept.",
        "This policy covers laptops.",
        "Here is the form.",
        "This section of the road is closed.",
    ],
)
def test_what_says_more_is_no_such_thing(text: str):
    assert [one.is_about_the_page for one in blocks(text)] == [False]
