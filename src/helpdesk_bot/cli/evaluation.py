"""`eval guard` and `eval pii`: how well the checks find what they should, on a file of labelled cases."""

from pathlib import Path
from typing import Literal

from helpdesk_bot.cli.output import Exit, complaint_about, fail, print_json, print_table
from helpdesk_bot.evals.guarding import evaluate_guard
from helpdesk_bot.evals.personal_data import evaluate_personal_data


def measure_guard(file: Path, *, channel: Literal["user", "document"], out_file: Path | None, as_json: bool) -> None:
    try:
        report = evaluate_guard(file, channel=channel)
    except (OSError, ValueError) as error:
        fail(f"{file} holds no cases that can be read: {complaint_about(error)}", Exit.MISUSED)
    if not report.cases:
        fail(f"{file} holds no cases: it is empty.", Exit.MISUSED)
    if out_file is not None:
        with out_file.open("w", encoding="utf-8") as lines:
            report.write_cases(lines)
    if as_json:
        print_json(report.as_json())
    else:
        print_table(("group", "holds", "flagged", "taken out", "cases"), report.rows())


def measure_personal_data(file: Path, *, out_file: Path | None, as_json: bool) -> None:
    try:
        report = evaluate_personal_data(file)
    except (OSError, ValueError) as error:
        fail(f"{file} holds no cases that can be read: {complaint_about(error)}", Exit.MISUSED)
    if not report.samples:
        fail(f"{file} holds no cases: it is empty.", Exit.MISUSED)
    if out_file is not None:
        with out_file.open("w", encoding="utf-8") as lines:
            report.write_cases(lines)
    if as_json:
        print_json(report.as_json())
    else:
        print_table(("kind", "recall", "precision", "labelled", "flagged"), report.rows())
