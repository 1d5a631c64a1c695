from helpdesk_bot.agent.tables import rows_for
from helpdesk_bot.guard.words import content_stems

HEAD = "Codes:\n\n| Code | Meaning |\n|---|:--|\n"
TABLE = (
    HEAD + "| E-211 | not compliant |\n| E-305 | blocked country |\n| E-420 | too many sessions |\n| E-421 | other |"
)


def rows(question: str, table: str = TABLE) -> str:
    return rows_for(set(content_stems(question)), table)


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


def test_what_is_no_table_stays_as_it_is():
    assert rows("E-420", "E-420 means too many sessions.") == "E-420 means too many sessions."
