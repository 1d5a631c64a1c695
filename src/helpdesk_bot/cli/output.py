"""What commands print: for people, or one JSON object for programs."""

import json
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment

from helpdesk_bot.guard.characters import strip_hidden

_CONTROLS = re.compile(r"[\x7f-\x9f]")


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    MISUSED = 2
    NOT_ANSWERED = 3
    IN_PART = 4


class Terminal(Console):
    """Of what is printed, only what this program says itself is obeyed: rich lets escapes in a text through."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=strip_hidden(segment.text)[0])


out = Terminal(soft_wrap=True)
err = Terminal(stderr=True, soft_wrap=True)


def print_json(value: object, *, indent: int | None = 2) -> None:
    """JSON itself spells out the control characters of ASCII alone."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_as_text)
    typer.echo(_CONTROLS.sub(lambda control: f"\\u{ord(control[0]):04x}", text))


def _as_text(value: object) -> str:
    """Moments and days as ISO 8601 has them; everything else as it is printed."""
    return value.isoformat() if isinstance(value, date) else str(value)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned, a row a line, and nothing cut off: put what can be long into the last column."""
    lines = [columns, *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        padded = [set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True)]
        style = "bold" if number == 0 else None
        out.print("  ".join(padded).rstrip(), style=style, markup=False, highlight=False)


def fail(message: str, code: Exit = Exit.FAILED) -> NoReturn:
    """Say on standard error what is wrong and what to do, and end."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(code)


@contextmanager
def reading(cases: Path, *, needs: str = "") -> Generator[None]:
    """Ends the command where a file or folder of cases can't be read, with the reason in one line."""
    try:
        yield
    except OSError as error:
        complaint = f"{error.filename}: {error.strerror}"
    except UnicodeDecodeError:
        complaint = "it is no text in UTF-8"
    except ValueError as error:
        complaint = str(error)
    else:
        return
    hint = f"; needed are {needs}" if needs else ""
    fail(f"{cases} holds no cases that can be read: {complaint}{hint}", Exit.MISUSED)


def must_be_writable(path: Path | None) -> Path | None:
    """For an option that names a file to write at the end: what can't be written is said before the work, not after."""
    if path is not None:
        try:
            is_new = not path.exists()
            with path.open("a", encoding="utf-8"):
                pass
            if is_new:
                path.unlink()
        except OSError as error:
            raise typer.BadParameter(f"{path} can't be written: {error.strerror}") from error
    return path


class Bar:
    """Progress of one long task; a line now and then where there is no terminal."""

    def __init__(self, progress: Progress | None, label: str) -> None:
        self._progress = progress
        self._label = label
        self._task = progress.add_task(label, total=None) if progress else None
        self._said_at = 0

    def name(self, label: str) -> None:
        """What goes on now."""
        if label != self._label:
            self._label, self._said_at = label, 0
            if self._progress is not None and self._task is not None:
                self._progress.update(self._task, description=label)

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
