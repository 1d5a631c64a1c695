"""A line of a PDF as it stands on its page."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One of the pieces in which a line is drawn, and where it begins."""

    text: str
    x: float
    width: float = 0.0
    """0 where it is not known."""
    address: str = ""
    """What it leads to in the web."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Text at its place on a page, in points from the bottom left, with the size of its letters."""

    text: str
    x: float
    y: float
    size: float
    cells: tuple[Cell, ...] = ()
    """What it is made of, from left to right; empty where that is not known."""
    width: float = 0.0
    """Of the text; 0 where it is not known."""
    address: str = ""
    """What all of it leads to in the web."""
    is_code: bool = False
    """Whether all of its letters are of one width, as people show code and commands."""
