"""What commands print: for people, or one JSON object for programs."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    MISUSED = 2
    NOT_ANSWERED = 3
    IN_PART = 4


out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    out.print(table)


def fail(message: str, code: Exit = Exit.FAILED) -> NoReturn:
    """Say on standard error what is wrong and what to do, and end."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(code)


class Bar:
    """Progress of one long task; a line now and then where there is no terminal."""

    def __init__(self, progress: Progress | None, label: str) -> None:
        self._progress = progress
        self._label = label
        self._task = progress.add_task(label, total=None) if progress else None
        self._said_at = 0

    def move(self, done: int, total: int | None) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total)
        elif done and done - self._said_at >= 100:
            self._said_at = done
            err.print(f"{self._label}: {done}{f' of {total}' if total else ''}", markup=False)


@contextmanager
def progress_bar(label: str) -> Generator[Bar]:
    """A bar on a terminal that goes away when it is done."""
    if not err.is_terminal:
        yield Bar(None, label)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        yield Bar(progress, label)


def print_pairs(pairs: Mapping[str, object]) -> None:
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        out.print(f"{name:<{width}}  {value}", markup=False, highlight=False)
