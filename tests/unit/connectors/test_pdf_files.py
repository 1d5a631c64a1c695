# ruff: noqa: E501  golden Markdown has the lines it has
import io
from collections.abc import Mapping
from dataclasses import replace

import pytest
from fpdf import FPDF
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject, PdfObject

from connectors.text.limits import ReadLimits
from connectors.text.pdf.document import read
from connectors.text.pdf.layout import Bookmark, pages_as_markdown
from connectors.text.pdf.line import Cell, Line
from connectors.text.refusals import Refusal, TooMuch
from connectors.text.text import RawFile
from tests.fakes.documents import pdf_file, pdf_of_table, raw_pdf

FIRST_PAGE = """# VPN guide

Everyone who works from home needs the VPN. It is on every laptop, and it starts all by itself after you have signed in. No drive letters are needed, and nothing has to be set up by hand for the self-service portal, which is open at all hours.

A second paragraph, long enough to be wrapped over more than one line, as in any ordinary document of an office.

## Install

1. Open the portal.
2. Choose VPN client.
- Windows
- macOS"""
PAGES = [FIRST_PAGE, "## Trouble\n\nIf snake_case \\*stars\\* fail, call extension 4000.", "The end."]


def raw(content: bytes, **limits: int) -> RawFile:
    return RawFile(content=content, media_type="application/pdf", limits=ReadLimits(**limits))


def lines(*texts: str, size: float = 10, top: float = 700, leading: float = 12) -> list[Line]:
    return [Line(text=text, x=50, y=top - number * leading, size=size) for number, text in enumerate(texts)]


def told(*pages: list[Line], bookmarks: tuple[Bookmark, ...] = ()) -> list[str]:
    return pages_as_markdown(pages, bookmarks).pages


def test_pages_come_out_as_they_were_written() -> None:
    text = read(raw(pdf_file()))
    assert text.markdown == "\n\n".join(PAGES)
    assert [text.markdown[start:][: len(page)] for start, page in zip(text.page_starts, PAGES, strict=True)] == PAGES
    assert text.title == "VPN guide"


def test_a_locked_pdf_is_refused_in_plain_words() -> None:
    with pytest.raises(Refusal, match="encrypted"):
        read(raw(pdf_file(password="secret")))


def test_a_pdf_that_only_forbids_printing_can_be_read() -> None:
    assert read(raw(pdf_file(password=""))).title == "VPN guide"


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refusal, match="OCR"):
        read(raw(raw_pdf(b"0 0 m 10 10 l S")))


@pytest.mark.parametrize("content", [b"", b"garbage" * 50, b"%PDF-1.7\n%%EOF", pdf_file()[:900]])
def test_a_damaged_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal):
        read(raw(content))


def test_a_pdf_has_a_limit_of_pages() -> None:
    page = b"BT /F1 12 Tf 50 700 Td (Hello) Tj ET"
    assert len(read(raw(raw_pdf(page, pages=3), pages=3)).page_starts) == 3
    for declared in (4, 1):  # the count may lie
        with pytest.raises(TooMuch, match="more than 3 pages"):
            read(raw(raw_pdf(page, pages=4, declared_pages=declared), pages=3))


def test_words_that_a_line_break_parted_are_joined() -> None:
    assert told(
        lines("the use of authenti-", "cation in e-mail and in", "long-term contracts, long-", "term ones at least")
    ) == ["the use of authentication in e-mail and in long-term contracts, long-term ones at least"]


def test_words_that_a_typographic_hyphen_parted_are_joined() -> None:
    assert told(lines("Everybody gets a headset with noise cancel\u2010", "ling on request.")) == [
        "Everybody gets a headset with noise cancelling on request."
    ]


def test_short_lines_stay_lines() -> None:
    assert told(lines("Help desk", "Canal House", "Leeds, which is in the north of England, near York")) == [
        "Help desk\nCanal House\nLeeds, which is in the north of England, near York"
    ]


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        lines("Handbook", f"Text of page {name} which is here.", f"{number} / 4") for number, name in enumerate("abcd")
    ]
    assert told(*pages) == [f"Text of page {name} which is here." for name in "abcd"]


def test_running_heads_and_page_numbers_of_two_pages_are_left_out() -> None:
    pages = [
        [*lines("Acme handbook", size=12, top=800), *lines(*texts), *lines(f"Page {number} of 2", size=12, top=20)]
        for number, texts in enumerate([("Open the portal.", "Then shut it."), ("Go home.",)], start=1)
    ]
    assert told(*pages) == ["Open the portal. Then shut it.", "Go home."]
    alike = [lines("Agenda", "Of Monday.", "Talk."), lines("Agenda", "Of Tuesday.", "Talk.", "Eat.")]
    assert told(*alike)[1].startswith("Agenda")


def test_a_running_head_that_names_the_chapter_is_left_out_with_its_number() -> None:
    words = ["Ask first.", "Then wait.", "Go on 24", "Stop there.", "Call us."]
    heads = [f"{21 + number} Chapter {text[:3]}" for number, text in enumerate(words)]
    assert told(*[[*lines(head, top=760), *lines(text)] for head, text in zip(heads, words, strict=True)]) == words


def test_a_number_that_counts_no_pages_stays() -> None:
    pages = [lines(f"Room {number}") for number in (3, 5, 6, 2)]
    pages[0] += lines("Each is locked at night.", top=600)
    pages[1] += lines("Each is open.", top=600)
    assert [page.split("\n\n")[0] for page in told(*pages[:2])] == ["Room 3", "Room 5"]


def test_lines_in_letters_of_one_width_are_code() -> None:
    page = lines("Run these as an administrator, one after the other, and then wait for a minute:")
    page += code("for disk in sda sdb", "do", "  check $disk", "done", top=680)
    page += lines("Then restart.", top=620)
    page += code("reboot --now", top=600)
    page += lines("That is all there is to it, but for the path that the paragraph is about, which is", top=580)
    page += code("/var/log/helpdesk", top=568)
    page += lines("and nothing else.", top=556)
    (markdown,) = told(page)
    assert markdown == (
        "Run these as an administrator, one after the other, and then wait for a minute:\n\n"
        "```\nfor disk in sda sdb\ndo\n  check $disk\ndone\n```\n\nThen restart.\n\n```\nreboot --now\n```\n\n"
        "That is all there is to it, but for the path that the paragraph is about, which is /var/log/helpdesk\nand nothing else."
    )


def test_a_document_that_is_typed_in_letters_of_one_width_is_no_code() -> None:
    assert told(code("A letter to all.", "It is about the VPN.", top=700)) == ["A letter to all. It is about the VPN."]


def code(*texts: str, top: float) -> list[Line]:
    return [
        Line(text=text.strip(), x=50 + 6 * (len(text) - len(text.lstrip())), y=top - 12 * number, size=10, is_code=True)
        for number, text in enumerate(texts)
    ]


def test_a_font_of_one_width_is_known_by_its_name() -> None:
    pdf = FPDF()
    pdf.add_page()
    for family, text in (
        ("Times", "Type this at the prompt of the server:"),
        ("Courier", "vpn up"),
        ("Courier", "vpn status"),
    ):
        pdf.set_font(family, size=10)
        pdf.cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    assert "```\nvpn up\nvpn status\n```" in read(raw(bytes(pdf.output()))).markdown


def test_lines_without_spaces_are_joined_without_one() -> None:
    page = lines(
        "パスワードを再設定するには、ポータルを開いてくださ",
        "い。その後、しばらくお待ちください。電話は内線四千",
        "番です。",
    )
    page += lines("암호를 재설정하려면 셀프 서비스 포털을 여십시오. 도움이", "필요합니다.", top=650)
    page += lines("The portal is open at all hours, on every day of the year", "but one.", top=600)
    assert told(page) == [
        (
            "パスワードを再設定するには、ポータルを開いてください。その後、しばらくお待ちください。電話は内線四千番です。\n\n"
            "암호를 재설정하려면 셀프 서비스 포털을 여십시오. 도움이 필요합니다.\n\n"
            "The portal is open at all hours, on every day of the year but one."
        )
    ]


def test_a_title_stays_though_every_page_repeats_it() -> None:
    cover = [*lines("Handbook", size=24, top=750), *lines("Words about everything.")]
    others = [lines("Handbook", f"Text of page {name}.", top=740) for name in "abc"]
    assert told(cover, *others)[0] == "# Handbook\n\nWords about everything."


def test_bookmarks_name_headings_of_any_size() -> None:
    pages = pages_as_markdown(
        [lines("Wi-Fi  for guests", "Ask at the desk.")], [Bookmark(title="Wi-Fi for Guests", page=0, level=2)]
    )
    assert pages.pages == ["## Wi-Fi for guests\n\nAsk at the desk."]
    assert pages.title == "Wi-Fi for guests"


def test_indented_entries_are_nested() -> None:
    entries = [
        Line(text=text, x=x, y=700 - 12 * number, size=10)
        for number, (text, x) in enumerate([("• a", 50), ("• b", 70), ("1) c", 90), ("• d", 50)])
    ]
    assert told(entries) == ["- a\n    - b\n        1. c\n- d"]


def test_a_table_of_contents_is_left_out() -> None:
    assert told(lines("1 Install . . . . . . . . . 3", "Real text.")) == ["Real text."]


def test_ligatures_are_letters() -> None:
    assert told(lines("con\ufb01gure the o\ufb03ce")) == ["configure the office"]


EQUIPMENT = [
    ["Equipment", "Who", "How often"],
    ["Monitor", "everyone at home", "one"],
    ["Headset", "everyone", "every 3 years"],
]


def cells(*rows: list[str], columns: tuple[int, ...] = (50, 150, 400), leading: float = 15) -> list[Line]:
    """Rows as a PDF draws them; an empty text draws nothing."""
    return [
        Line(
            text=" ".join(filter(None, row)),
            x=50,
            y=700 - number * leading,
            size=10,
            cells=tuple(Cell(text=text, x=x) for text, x in zip(row, columns, strict=False) if text),
        )
        for number, row in enumerate(rows)
    ]


def test_a_table_comes_out_as_a_table() -> None:
    assert (
        "| Equipment | Who | How often |\n"
        "| --- | --- | --- |\n"
        "| Monitor | everyone at home | one |\n"
        "| Headset | everyone | every 3 years |"
    ) in read(raw(pdf_of_table(EQUIPMENT))).markdown


def test_what_stands_before_and_after_a_table_is_no_part_of_it() -> None:
    after = [Line(text="Order in the portal.", x=50, y=640, size=10, cells=(Cell(text="Order in the portal.", x=50),))]
    assert told(cells(*EQUIPMENT) + after)[0].endswith("| every 3 years |\n\nOrder in the portal.")


def test_a_cell_may_be_empty_or_go_on_below() -> None:
    table = cells(["Place", "Public", "Secret"], ["P: drive", "yes", ""], ["Paper", "yes,", "safe"], ["", "locked", ""])
    assert told(table)[0].endswith("| P: drive | yes |  |\n| Paper | yes, locked | safe |")


def test_entries_with_their_signs_apart_and_words_drawn_one_by_one_are_no_table() -> None:
    entries = cells(["-", "one"], ["-", "two"], ["-", "three"], columns=(50, 60))
    assert told(entries) == ["- one\n- two\n- three"]
    words = cells(["Step 1:", "Open"], ["Step 2:", "Look"], ["Step 3:", "Shut"], columns=(50, 85))
    assert "|" not in told(words)[0]


def test_entries_with_their_signs_apart_that_go_on_below_are_no_table() -> None:
    """As LibreOffice draws them: the sign, words in bold, the rest of the line, then the next line."""
    entries = cells(
        ["•", "Leave:", "days off that are planned, which need"],
        ["", "approval", ""],
        ["•", "Travel:", "nights away from home, which need"],
        ["", "approval", ""],
        columns=(50, 64, 140),
    )
    assert told(entries) == [
        "- Leave: days off that are planned, which need approval\n- Travel: nights away from home, which need approval"
    ]
    numbered = cells(["1.", "Open the portal", ""], ["", "at work", ""], ["2.", "Shut it", ""], columns=(50, 64, 300))
    assert "|" not in told(numbered)[0]


def line(y: float, *pieces: tuple[float, str]) -> Line:
    """Pieces that are level, each as wide as letters usually are."""
    cells = tuple(Cell(text=text, x=x, width=5 * len(text)) for x, text in pieces)
    return Line(text=" ".join(text for _, text in pieces), x=pieces[0][0], y=y, size=10, cells=cells)


FEES = """| Service | Fee in euros | Remarks |
| --- | --- | --- |
| Passport | 60.00 | Needs two pictures and the self-made form |
| Certificate of good conduct | 13.00 | Online |
| Total | 1,073.00 |  |"""


def test_a_row_is_read_cell_by_cell_as_offices_draw_it() -> None:
    """The second line of a cell comes before the next cell, which begins further up again; numbers stand right."""
    drawn = [
        line(700, (50, "Service")),
        line(706, (160, "Fee in")),
        line(694, (165, "euros"), (250, "Remarks")),
        line(670, (50, "Passport"), (185, "60.00"), (250, "Needs two pictures and the")),
        line(658, (250, "self-")),
        line(646, (250, "made form")),
        line(630, (50, "Certificate of")),
        line(618, (50, "good conduct")),
        line(630, (185, "13.00"), (250, "Online")),
        line(600, (50, "Total"), (170, "1,073.00")),
    ]
    above = line(720, (50, "What it costs, in cash or by card, at the desk"))
    below = line(580, (50, "Prices change."))
    assert told([above, *drawn, below]) == [
        f"What it costs, in cash or by card, at the desk\n\n{FEES}\n\nPrices change."
    ]


def test_a_line_right_above_a_table_is_no_part_of_its_first_cell() -> None:
    rows = [line(688 - 12 * at, (50, row[0]), (150, row[1]), (300, row[2])) for at, row in enumerate(EQUIPMENT)]
    head = [line(688, (50, "Equipment")), line(688, (150, "Who"), (300, "How often"))]
    assert told([line(700, (50, "By post")), *head, *rows[1:]])[0].startswith("By post\n\n| Equipment | Who |")


def test_a_row_of_a_single_cell_parts_a_table_and_ends_none() -> None:
    rows = cells(*EQUIPMENT, ["On request", "", ""], ["Lamp", "everyone", "one"], ["Chair", "everyone", "one"])
    assert "| Headset | everyone | every 3 years |\n| On request |  |  |\n| Lamp |" in told(rows)[0]


def test_a_cell_over_several_rows_is_in_each_of_them() -> None:
    drawn = cells(
        ["Team", "Day", "Open"], ["Desk", "Monday", "8"], ["", "Friday", "9"], ["Night", "Sunday", "10"], leading=18
    )
    assert told(drawn)[0].endswith("| Desk | Monday | 8 |\n| Desk | Friday | 9 |\n| Night | Sunday | 10 |")


def test_a_page_that_is_drawn_as_one_text_has_tables_too() -> None:
    """As WeasyPrint draws."""
    drawn = "".join(
        f"1 0 0 1 {x} {700 - 20 * row} Tm ({text}) Tj "
        for row, texts in enumerate(EQUIPMENT)
        for x, text in zip((50, 150, 300), texts, strict=True)
    )
    text = read(raw(raw_pdf(f"BT /F1 10 Tf {drawn} ET".encode()))).markdown
    assert text.startswith(
        "| Equipment | Who | How often |\n| --- | --- | --- |\n| Monitor | everyone at home | one |\n"
    )


def test_what_stands_between_two_tables_is_in_neither() -> None:
    rows = cells(*EQUIPMENT)
    for y, size in ((640, 12), (635, 10)):
        between = Line(text="On request", x=50, y=y, size=size, cells=(Cell(text="On request", x=50),))
        further = [replace(one, y=one.y - 90) for one in rows]
        assert [told([*rows, between, *further])[0].count(text) for text in ("| --- | --- | --- |", "|\n\n")] == [2, 1]


def test_columns_of_a_page_are_no_table() -> None:
    drawn = [
        line(top - 12 * number, (x, f"a line of words {number}"))
        for top in (700, 600, 500)
        for x in (50, 200)
        for number in range(8 if top == 500 else 9)
    ]
    assert "|" not in told(drawn)[0]


def test_words_in_bold_within_lines_are_no_columns() -> None:
    lead_ins = [line(700 - 12 * at, (50, "Leave: "), (85, "days off that are planned")) for at in range(4)]
    assert "|" not in told(lead_ins)[0]


def test_a_cell_may_be_filled_up_to_the_next_column() -> None:
    filled = [line(700 - 15 * at, (50, "filled up"), (98, "to the end")) for at in range(3)]
    assert told(filled)[0].count("| filled up | to the end |") == 3


def test_a_cell_that_stands_between_two_lines_of_another_is_a_line_of_its_own() -> None:
    """pypdf has both in one line."""
    drawn = "".join(
        f"BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET "
        for top, team in ((710, "Desk"), (680, "Night"), (650, "Field"))
        for x, y, text in [(50, top - 6, team), (150, top, "from 8"), (150, top - 12, "to 6"), (300, top - 6, "open")]
    )
    assert read(raw(raw_pdf(drawn.encode()))).markdown == (
        "| Desk | from 8 to 6 | open |\n| --- | --- | --- |\n| Night | from 8 to 6 | open |\n| Field | from 8 to 6 | open |"
    )


def test_a_table_that_goes_on_overleaf_has_its_head_there() -> None:
    head = ["Room", "Floor", "Seats"]
    first, second, third, fourth = (
        [[f"{name} {at}", "top", "ten"] for at in "abc"] for name in ("Ada", "Bo", "Cy", "Di")
    )
    pages = told(cells(head, *first), cells(*second), [*cells(*third), *lines("That is all.", top=400)], cells(*fourth))
    assert [page.split("\n")[0] for page in pages] == ["| Room | Floor | Seats |"] * 3 + ["| Di a | top | ten |"]
    assert pages[1].endswith("| --- | --- | --- |\n| Bo a | top | ten |\n| Bo b | top | ten |\n| Bo c | top | ten |")
    repeated = told(cells(head, *first), cells(head, *second))
    assert [page.count("Room") for page in repeated] == [1, 1]
    elsewhere = cells(*second, columns=(90, 190, 300))
    assert told(cells(head, *first), [replace(one, x=90) for one in elsewhere])[1].startswith("| Bo a |")


@pytest.mark.parametrize("matrix", ["0 1 -1 0 {y} {x}", "0 -1 1 0 {up} {across}", "-1 0 0 -1 {across} {down}"])
def test_a_page_that_is_turned_is_read_as_any_other(matrix: str) -> None:
    rows = [(100 + 20 * at, texts) for at, texts in enumerate(EQUIPMENT)]
    drawn = "".join(
        f"BT /F1 10 Tf {matrix.format(x=x, y=y, across=600 - x, down=y, up=600 - y)} Tm ({text}) Tj ET "
        for y, texts in rows
        for x, text in zip((50, 150, 300), texts, strict=True)
    )
    assert read(raw(raw_pdf(drawn.encode()))).markdown.startswith("| Equipment | Who | How often |\n| --- |")


def test_links_keep_their_addresses() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=10)
    pdf.write(5, "There, order in the ")
    pdf.write(5, "the_portal", "https://portal.example.com/a b")
    pdf.write(5, ", or write to ")
    pdf.write(5, "the desk", "mailto:it@example.com")
    pdf.write(5, ". Pages have ")
    pdf.write(5, "others", pdf.add_link(page=1))
    pdf.write(5, ".")
    assert read(raw(bytes(pdf.output()))).markdown == (
        "There, order in the [the_portal](<https://portal.example.com/a b>), or write to "
        "[the desk](mailto:it@example.com). Pages have others."
    )


def test_a_link_is_where_it_stands_and_not_where_the_same_words_stand_before() -> None:
    address = "https://video.example.com/1"
    rows = [[f"Course {name}", "an hour", f"Course {name}"] for name in ("A", "B", "C")]
    linked = [replace(one, cells=(*one.cells[:2], replace(one.cells[2], address=address))) for one in cells(*rows)]
    assert told(linked)[0].endswith(f"| Course C | an hour | [Course C]({address}) |")


def test_a_link_over_the_end_of_a_line_is_one() -> None:
    address = "https://forms.example.com/overtime"
    drawn = [
        [("Whoever stays longer fills in the ", ""), ("overtime form", address)],
        [("of the desk", address), (" on the same day.", "")],
    ]
    page = [
        Line(
            text="".join(text for text, _ in pieces),
            x=50,
            y=y,
            size=10,
            cells=tuple(Cell(text=text, x=50, address=led_to) for text, led_to in pieces),
        )
        for y, pieces in zip((700, 688), drawn, strict=True)
    ]
    assert told(page) == [f"Whoever stays longer fills in the [overtime form of the desk]({address}) on the same day."]


def test_two_lines_alike_are_no_table_yet() -> None:
    assert "|" not in told(cells(*EQUIPMENT[:2]))[0]


GAPS = b"BT /F1 10 Tf 72 700 Td [(Open) -230 (the) -230 (p) -20 (ortal)] TJ ET"
IN_CODES_OF_TWO_BYTES = (
    b"BT /F1 10 Tf 72 700 Td [<004f00700065006e> -230 <007400680065> -230 <0070> -20 <006f007200740061006c>] TJ ET"
)


def test_gaps_of_a_font_without_a_space_part_words() -> None:
    """As XeTeX writes them: what stands under the code 32 is a wide letter."""
    font = {"/Subtype": "/Type0", "/BaseFont": "/FreeSerif", "/Encoding": "/Identity-H"}
    letters = "\n".join(f"<{ord(letter):04x}> <{ord(letter):04x}>" for letter in "Opentheral")
    assert (
        _text_drawn(IN_CODES_OF_TWO_BYTES, font, meanings=f"10 beginbfchar\n{letters}\nendbfchar\n")
        == "Open the portal"
    )


def test_gaps_part_words_where_the_font_has_a_wide_sign_for_a_space() -> None:
    font = {"/Subtype": "/Type1", "/BaseFont": "/TeXGyreTermes", "/FirstChar": 32, "/Widths": [600] + [500] * 90}
    assert _text_drawn(GAPS, font) == "Open the portal"


def test_a_font_of_equal_widths_keeps_its_space() -> None:
    font = {"/Subtype": "/Type1", "/BaseFont": "/Courier", "/FirstChar": 32, "/Widths": [600] * 91}
    assert _text_drawn(GAPS.replace(b"-230", b"( )"), font, flags=1) == "Open the portal"


def _text_drawn(contents: bytes, said: Mapping[str, object], *, meanings: str = "", flags: int = 4) -> str:
    """Of a page with one font, of which this is said."""
    writer = PdfWriter(io.BytesIO(raw_pdf(contents)))
    font = writer.pages[0]["/Resources"]["/Font"]["/F1"]
    for name, value in said.items():
        font[NameObject(name)] = _as_pdf(value)
    descriptor = DictionaryObject({NameObject("/Flags"): NumberObject(flags)})
    if meanings:
        stream = DecodedStreamObject()
        stream.set_data(meanings.encode())
        font[NameObject("/ToUnicode")] = writer._add_object(stream)
        widths = ArrayObject([NumberObject(32), ArrayObject([NumberObject(564)])])
        inner = {"/Subtype": "/CIDFontType0", "/DW": 500, "/W": widths, "/FontDescriptor": descriptor}
        part = DictionaryObject({NameObject(name): _as_pdf(value) for name, value in inner.items()})
        font[NameObject("/DescendantFonts")] = ArrayObject([part])
    else:
        font[NameObject("/FontDescriptor")] = descriptor
    file = io.BytesIO()
    writer.write(file)
    return read(raw(file.getvalue())).markdown


def _as_pdf(value: object) -> PdfObject:
    match value:
        case PdfObject():
            return value
        case str():
            return NameObject(value)
        case int():
            return NumberObject(value)
        case list():
            return ArrayObject(map(NumberObject, value))
        case _:
            raise AssertionError(value)
