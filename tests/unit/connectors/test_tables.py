import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from connectors.text.csv import read, rows
from connectors.text.sheets import MAX_COLUMNS, MAX_ROWS, sheet_blocks
from connectors.text.tables import table
from connectors.text.text import RawFile

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CELL = st.text(r"ab1 |\*_`<[](~&;", min_size=1, max_size=8).map(lambda cell: " ".join(f"x{cell}x".split()))


def parsed(markdown: str) -> list[list[list[str]]]:
    """The tables of a Markdown text, each as rows of what a reader sees in the cells."""
    found: list[list[list[str]]] = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found:
            found[-1][-1].append("".join(child.content for child in token.children or []))
    return found


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=2, max_size=6)
    )
)
def test_a_table_survives_csv_and_markdown(grid: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(grid)
    text = read(RawFile(content=file.getvalue().encode(), media_type="text/csv"))
    assert parsed(text.markdown) == [grid]


@given(st.lists(st.lists(st.sampled_from(["", " ", "a", "b c"]), max_size=6), max_size=12))
def test_no_cell_of_a_sheet_gets_lost(grid: list[list[str]]) -> None:
    told = "\n\n".join(sheet_blocks(grid))
    for letter in "abc":
        assert told.count(letter) == sum(cell.count(letter) for row in grid for cell in row)


def test_short_rows_and_heads_are_filled_up() -> None:
    assert table(["a"], [["1", "2"], []]) == "| a |  |\n| --- | --- |\n| 1 | 2 |\n|  |  |"


def test_a_long_table_is_parted_with_its_head_repeated() -> None:
    grid = [["name", "port"], *[[f"host{number}", str(number)] for number in range(2 * MAX_ROWS + 1)]]
    parts = parsed("\n\n".join(sheet_blocks(grid)))
    assert [part[0] for part in parts] == [["name", "port"]] * 3
    assert [row for part in parts for row in part[1:]] == grid[1:]


def test_a_wide_table_is_parted_with_its_first_column_repeated() -> None:
    head = [f"column {number}" for number in range(2 * MAX_COLUMNS)]
    parts = parsed("\n\n".join(sheet_blocks([head, [f"cell {number}" for number in range(2 * MAX_COLUMNS)]])))
    assert len(parts) == 3
    assert all(part[0][0] == "column 0" and part[1][0] == "cell 0" for part in parts)
    assert [name for part in parts for name in part[0][1:]] == head[1:]


def test_empty_rows_and_columns_are_left_out() -> None:
    assert parsed(
        "\n\n".join(sheet_blocks([[], ["", "a", "", "b", ""], ["", "1", "", "2", ""], ["", "", ""], []]))
    ) == [[["a", "b"], ["1", "2"]]]


def test_a_note_above_a_table_is_no_head() -> None:
    blocks = list(sheet_blocks([["Rooms in Leeds"], [], ["room", "seats"], ["Anchor", "12"], [], ["Lock", "40"]]))
    assert blocks == ["Rooms in Leeds", "| room | seats |\n| --- | --- |\n| Anchor | 12 |\n| Lock | 40 |"]


def test_the_delimiter_is_found() -> None:
    expected = [["name", "price"], ["Mouse, grey", "9,50"]]
    for text in [
        'name,price\n"Mouse, grey","9,50"\n',
        "name;price\nMouse, grey;9,50\n",
        "name\tprice\nMouse, grey\t9,50\n",
        "name|price\nMouse, grey|9,50\n",
        "sep=;\nname;price\nMouse, grey;9,50\n",
    ]:
        assert list(rows(text, max_cell_chars=100)) == expected


def test_a_quoted_cell_may_hold_lines() -> None:
    text = read(RawFile(content=b'step,how\n1,"open\nthe portal"\n', media_type="text/csv"))
    assert parsed(text.markdown) == [[["step", "how"], ["1", "open the portal"]]]


@pytest.mark.parametrize("line_break", ["\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_line_break_of_another_kind_ends_no_row(line_break: str) -> None:
    """FileMaker writes a vertical tab for a new line within a cell, and browsers hand on U+2028."""
    text = read(RawFile(content=f"step,how\n1,open{line_break}the portal\n".encode(), media_type="text/csv"))
    assert text.markdown == "| step | how |\n| --- | --- |\n| 1 | open the portal |"


def test_a_title_above_the_head_of_a_table_is_none_of_its_rows() -> None:
    content = b"Escalation contacts,,\nas of May,,\nname,phone,mail\nAda,1,a@example.com\n"
    assert read(RawFile(content=content, media_type="text/csv")).markdown == (
        "Escalation contacts\n\nas of May\n\n| name | phone | mail |\n| --- | --- | --- |\n| Ada | 1 | a@example.com |"
    )


def test_articles_that_a_desk_exports_as_html_are_read_as_such() -> None:
    body = "<div><p>Take <b>care</b>.</p><ol><li>Open it &amp; wait</li><li>Click <i>Go</i></li></ol></div>"
    text = read(
        RawFile(
            content=f"Title,Body,Team\nVPN,{body}{'<p>Long.</p>' * 200},Net <ops>\n".encode(), media_type="text/csv"
        )
    )
    assert text.markdown.startswith(
        "### VPN\n\n**Body**:\n\nTake **care**.\n\n1. Open it & wait\n2. Click *Go*\n\nLong.\n\n"
    )
    assert text.markdown.endswith("**Team**: Net <ops>".replace("<", "\\<"))
