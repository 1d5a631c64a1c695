from dataclasses import replace

from helpdesk_bot.agent.quoting.blocks import blocks
from helpdesk_bot.agent.quoting.tables import Table, rows_for, with_rows_asked
from helpdesk_bot.guard.words import content_stems
from tests.fakes.shelf import passage

HEAD = "Codes:\n\n| Code | Meaning |\n|---|:--|\n"
TABLE = (
    HEAD + "| E-211 | not compliant |\n| E-305 | blocked country |\n| E-420 | too many sessions |\n| E-421 | other |"
)


def rows(question: str, *parts: str) -> str:
    tables = [table for table in map(Table.of, parts or [TABLE]) if table]
    return "\n".join(table.text for table in rows_for(set(content_stems(question)), tables))


def test_a_row_that_alone_holds_what_is_asked_comes_with_its_header():
    assert rows("what does E-420 mean") == HEAD + "| E-420 | too many sessions |"


def test_two_of_four_rows_may_hold_it():
    table = TABLE.replace("other", "too few sessions")
    assert rows("sessions", table) == HEAD + "| E-420 | too many sessions |\n| E-421 | too few sessions |"


def test_where_the_rows_share_what_is_asked_the_table_stays_whole():
    assert rows("E-420 or blocked country?") == TABLE


def test_where_no_row_says_it_or_there_are_few_rows_the_table_stays_whole():
    assert rows("what does a code mean") == TABLE
    short = HEAD + "| E-211 | not compliant |\n| E-420 | sessions |"
    assert rows("E-420", short) == short


def test_of_three_rows_the_one_that_answers_is_enough():
    assert rows("E-305", "\n".join(TABLE.split("\n")[:-1])) == HEAD + "| E-305 | blocked country |"


def test_what_is_no_table_is_none():
    assert Table.of("E-420 means too many sessions.") is None


def test_the_rows_of_a_table_in_parts_are_compared_with_those_of_all_parts():
    more = HEAD + "| E-500 | device unknown |\n| E-501 | device lost |"
    assert rows("what does E-420 mean", TABLE, more) == HEAD + "| E-420 | too many sessions |\n" + HEAD.rstrip("\n")
    assert rows("device lost", TABLE, more).endswith("| E-501 | device lost |")


def texts(question: str, *parts: str, title: str) -> list[list[str]]:
    passages = [replace(passage(part, title=title), document_id=1) for part in parts]
    return [
        [block.text for block in found]
        for found in with_rows_asked(question, passages, [blocks(one.text) for one in passages])
    ]


def test_what_the_title_says_chooses_no_row():
    ways = "| Way | When |\n|---|---|\n| Chat | always |\n| Phone | 07:30 |\n| Mail | help desk hours |\n| Bar | 9 |"
    assert texts("opening hours of the help desk", ways, title="Help desk: hours, phone") == [[ways]]
    assert texts("help desk phone", ways, title="Help desk") == [
        ["\n".join([*ways.split("\n")[:2], "| Phone | 07:30 |"])]
    ]


def test_what_the_header_says_chooses_no_row():
    table = "| Rule | Value |\n|---|---|\n| Length | 14 characters |\n| Kinds | no rule |\n| Reuse | none |"
    assert texts("what are the rules?", table, title="Passwords") == [[table]]


def test_a_part_of_which_no_row_answers_is_left_out_and_other_tables_are_not():
    head = "| Printer | Site |\n|---|---|\n"
    first, second = head + "| PR-1 | Leeds |\n| PR-2 | Leeds |", head + "| PR-3 | Lyon |\n| PR-4 | Porto |"
    assert texts("printers in Lyon", first, second, title="Printers") == [[], [head + "| PR-3 | Lyon |"]]
    assert texts("printers in Lyon", first, "It is in Lyon.", title="Printers") == [[first], ["It is in Lyon."]]


def test_where_nothing_else_chooses_a_title_that_names_a_row_does():
    table = "| Place | Size |\n|---|---|\n| OneDrive | 1 TB |\n| SharePoint | 25 TB |\n| P: drive | 2 TB |"
    head, one = table.split("\n")[:2], "| OneDrive | 1 TB |"
    assert texts("how much space on OneDrive", table, title="Where to save: OneDrive, SharePoint") == [
        ["\n".join([*head, one])]
    ]
