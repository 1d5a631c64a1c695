"""What entries of the tools file have in common: how names, lines, headers and parameters are written, and secrets."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connectors.http.bounds import Bounds, is_inner_host
from helpdesk_bot.tools.arguments import MAX_CHARACTERS
from helpdesk_bot.tools.patterns import Pattern

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,300}$")]
Headers = dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")], Line]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", to_lower=True)]

_SECRET = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")


STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
"""A key that is not known is an error, and an error repeats no value: it could be a secret."""


class Parameter(BaseModel):
    model_config = STRICT

    type: Literal["string", "integer", "number", "boolean"] = "string"
    title: Line = ""
    """What it is called when it is asked for."""
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    pattern: str = ""
    choices: list[str] = []
    max_length: int = Field(default=MAX_CHARACTERS, ge=1, le=4_000)
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _a_pattern_can_be_read(self) -> "Parameter":
        Pattern(self.pattern)
        if self.type != "string" and (self.pattern or self.choices):
            raise ValueError("pattern and choices are for strings")
        return self

    @property
    def stays_in_its_place(self) -> bool:
        return self.type in {"integer", "boolean"} or bool(self.pattern or self.choices)

    def schema_(self) -> dict[str, Any]:
        bounds: dict[str, Any] = {"minimum": self.minimum, "maximum": self.maximum}
        if self.type == "string":
            # `$` alone would let a line end stand behind what fits
            pattern = f"^(?:{self.pattern})$(?!\\n)" if self.pattern else None
            bounds |= {"maxLength": self.max_length, "pattern": pattern, "enum": self.choices or None}
        said = {"title": self.title or None, "description": self.description or None}
        return {"type": self.type} | {k: v for k, v in (said | bounds).items() if v is not None}


def named_secrets(text: str) -> list[str]:
    """The names in `${NAME}`."""
    return _SECRET.findall(text)


def with_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """Raises KeyError with the name of one that is not there."""
    return _SECRET.sub(lambda match: secrets[match[1]], text)


def check_host(url: str, *, is_private: bool) -> None:
    """Raises ValueError for an address that isn't one, and for one of a private network where this isn't said."""
    Bounds(url, is_in_private_network=is_private)
    if not is_private and is_inner_host(httpx.URL(url).host):
        raise ValueError("url: an address of this machine or of a private network needs private: true")
