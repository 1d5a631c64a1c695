"""Source code and configuration: one fenced block."""

from connectors.text.decoding import decode
from connectors.text.fences import fence
from connectors.text.media_types import find_media_type
from connectors.text.text import RawFile, Text


def read(raw: RawFile) -> Text:
    code = decode(raw.content, declared=raw.charset)
    media_type, _ = find_media_type(raw.media_type)
    language = media_type.language if media_type else ""
    return Text.whole(fence(code, language) if code.strip() else "")
