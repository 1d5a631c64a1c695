"""Plain text. People write it with dashes, numbers and underlined headings, so it is read as Markdown as it stands."""

from connectors.text.decoding import decode
from connectors.text.text import RawFile, Text


def read(raw: RawFile) -> Text:
    return Text.whole(decode(raw.content, declared=raw.charset))
