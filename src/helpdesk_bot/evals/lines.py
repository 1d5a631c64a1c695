"""Files of JSON lines that people made for a measurement, read with complaints that name the line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator


def _storable(text: str) -> str:
    """Without halves of characters, which JSON can escape and no file or database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


Text = Annotated[str, AfterValidator(_storable)]


class Line(BaseModel):
    """One line. Ids may be numbers, and be called `_id`, as BEIR's are; null is as good as left out, and what the model
    doesn't name is left alone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def as_written(cls, line: object) -> object:
        if not isinstance(line, dict):
            raise ValueError("no JSON object")  # noqa: TRY004 -- pydantic makes a complaint of a ValueError alone
        told = {name: value for name, value in line.items() if value is not None}
        return {"id": told["_id"]} | told if "_id" in told else told


OneLine = TypeVar("OneLine", bound=Line)


def read_lines(file: Path, kind: type[OneLine]) -> list[OneLine]:
    """Every line that is not blank. A byte order mark is no part of the first.

    Raises OSError where the file can't be read, ValueError where it is no text in UTF-8, or naming the wrong line.
    """
    with file.open(encoding="utf-8-sig") as lines:
        return [
            _read(line, kind, place=f"{file.name}, line {number}")
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]


def _read(line: str, kind: type[OneLine], *, place: str) -> OneLine:
    try:
        return kind.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise ValueError(f"{place}: no JSON: {error.msg}") from error
    except ValidationError as error:
        complaints = "; ".join(_complaint(one["loc"], one["msg"]) for one in error.errors())
        raise ValueError(f"{place}: {complaints}") from error


def _complaint(place: Sequence[int | str], message: str) -> str:
    return ": ".join(filter(None, [".".join(map(str, place)), message.removeprefix("Value error, ")]))
