"""What commands print of texts that others wrote: a terminal obeys what stands behind an escape."""

import io
import json

import pytest
from rich.markdown import Markdown

from helpdesk_bot.cli.output import Terminal, out, print_json, print_table

CLIPBOARD = "\x1b]52;c;cm0gLXJm\x1b\\"
UP_AND_CLEAR = "\x1b[1A\x1b[2K"
BY_ONE_CHARACTER = "\x9b2J"
ORDERS = f"{CLIPBOARD}{UP_AND_CLEAR}{BY_ONE_CHARACTER}"


def test_a_table_holds_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("asked", "question"), [("now", f"Is the VPN {ORDERS}down?")])
    printed = capsys.readouterr().out

    assert "Is the VPN ]52;c;cm0gLXJm\\[1A[2K2Jdown?" in printed
    assert not {"\x1b", "\x9b"} & set(printed)


def test_a_sentence_keeps_its_lines_and_tabs_and_nothing_else_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    out.print(f"one\ttwo\n\u202e{ORDERS}three", markup=False, highlight=False)

    assert capsys.readouterr().out == "one     two\n]52;c;cm0gLXJm\\[1A[2K2Jthree\n"


def test_on_a_terminal_only_our_own_style_is_obeyed() -> None:
    shown = io.StringIO()
    terminal = Terminal(file=shown, force_terminal=True, color_system="standard", legacy_windows=False, width=80)
    terminal.print(f"{ORDERS}plain", style="red", markup=False, highlight=False)
    terminal.print(Markdown(f"**strong** {ORDERS}[page](https://a.example/{ORDERS})"))

    assert shown.getvalue().startswith("\x1b[31m]52;")
    assert "\x1b[1mstrong\x1b[0m" in shown.getvalue()
    assert not [order for order in (CLIPBOARD, "\x1b[1A", "\x1b[2K", "\x9b") if order in shown.getvalue()]


def test_json_for_programs_says_the_same_in_characters_that_no_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"question": f"Wie heißt {ORDERS}es?"})
    printed = capsys.readouterr().out

    assert json.loads(printed) == {"question": f"Wie heißt {ORDERS}es?"}
    assert "heißt" in printed
    assert not {"\x1b", "\x9b"} & set(printed)
