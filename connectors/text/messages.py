"""What the reader and its child process say to each other: a JSON header, and the file's bytes behind it.

Both lengths stand in front as unsigned 32-bit numbers, big end first.
"""

import struct
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.text.limits import ReadLimits

PREFIX = struct.Struct(">II")


class Request(BaseModel):
    """Please read the file behind this header."""

    model_config = ConfigDict(frozen=True)

    media_type: str
    charset: str | None
    limits: ReadLimits


class Reply(BaseModel):
    """A text, or a refusal with its reason. The first reply, to no request, says that the child is ready."""

    model_config = ConfigDict(frozen=True)

    markdown: str = ""
    title: str | None = None
    page_starts: tuple[int, ...] = ()
    refusal: Literal["unreadable", "too much"] | None = None
    reason: str = ""
    is_last: bool = False
    """Whether the child is worn out and leaves after this reply."""


def frame(message: BaseModel, content: bytes = b"") -> bytes:
    header = message.model_dump_json().encode()
    return PREFIX.pack(len(header), len(content)) + header + content
