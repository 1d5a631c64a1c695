"""`eval guard`, `eval pii` and `eval grounding`: how well the checks find what they should, on labelled cases."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TextIO

from helpdesk_bot.cli.output import Exit, fail, print_json, print_table, reading
from helpdesk_bot.evals.grounding import evaluate_grounding
from helpdesk_bot.evals.guarding import evaluate_guard
from helpdesk_bot.evals.personal_data import evaluate_personal_data


class Report(Protocol):
    def __len__(self) -> int:
        """Of how many cases."""
        ...

    def as_json(self) -> Mapping[str, object]: ...

    def rows(self) -> Sequence[tuple[object, ...]]: ...

    def write_cases(self, file: TextIO) -> None: ...


def measure_guard(file: Path, *, channel: Literal["user", "document"], out_file: Path | None, as_json: bool) -> None:
    columns = ("group", "holds", "flagged", "taken out", "cases")
    _measure(file, partial(evaluate_guard, channel=channel), columns, out_file=out_file, as_json=as_json)


def measure_personal_data(file: Path, *, out_file: Path | None, as_json: bool) -> None:
    columns = ("kind", "recall", "precision", "labelled", "flagged")
    _measure(file, evaluate_personal_data, columns, out_file=out_file, as_json=as_json)


def measure_grounding(file: Path, *, out_file: Path | None, as_json: bool) -> None:
    columns = ("what", "refused", "of", "share")
    _measure(file, evaluate_grounding, columns, out_file=out_file, as_json=as_json)


def _measure(
    file: Path, evaluate: Callable[[Path], Report], columns: tuple[str, ...], *, out_file: Path | None, as_json: bool
) -> None:
    """Ends the command where the file holds no cases."""
    with reading(file):
        report = evaluate(file)
    if not report:
        fail(f"{file} holds no cases: it is empty.", Exit.MISUSED)
    if out_file is not None:
        with out_file.open("w", encoding="utf-8") as lines:
            report.write_cases(lines)
    if as_json:
        print_json(report.as_json())
    else:
        print_table(columns, report.rows())
