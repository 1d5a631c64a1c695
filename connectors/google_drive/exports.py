"""A document's text: files as they are, Google's own documents in the format that keeps most of them."""

import re
from collections.abc import Mapping, Sequence

from connectors.documents import Listed
from connectors.errors import (
    Forbidden,
    HttpRefused,
    LimitExceeded,
    NotFound,
    RequestFailed,
    TooLarge,
    Unreadable,
    UnsupportedMedia,
)
from connectors.google_drive.drive import Drive, refusal_reasons
from connectors.google_drive.payloads import GOOGLE_TYPES
from connectors.text.reader import TextReader
from connectors.text.text import Text

_MARKDOWN = "text/markdown"
_OFFICE = "application/vnd.openxmlformats-officedocument"
EXPORTS: Mapping[str, Sequence[str]] = {
    f"{GOOGLE_TYPES}document": (_MARKDOWN, "text/plain"),
    f"{GOOGLE_TYPES}spreadsheet": (f"{_OFFICE}.spreadsheetml.sheet",),
    f"{GOOGLE_TYPES}presentation": (f"{_OFFICE}.presentationml.presentation", "text/plain"),
}
"""Formats, best first. Google exports at most 10 MB: without its pictures a document mostly fits. A workbook's only
smaller format is one sheet of it, which is not the document."""

_GOOGLE_KINDS = {
    "form": "Google Forms",
    "drawing": "Google Drawings",
    "map": "Google My Maps",
    "site": "Google Sites",
    "script": "Apps Script projects",
    "jam": "Jamboards",
    "vid": "Google Vids",
}
_REFUSALS = {
    "cannotDownloadAbusiveFile": "Google holds the file for malware or spam",
    "cannotDownloadFile": "its owner does not allow downloading it",
    "cannotExportFile": "its owner does not allow downloading it",
    "fileNotDownloadable": "Google does not let anybody download this kind of file",
    "fileNotExportable": "Google does not let anybody export this kind of document",
}
_EXPORT_TOO_LARGE = "exportSizeLimitExceeded"
_PICTURES = re.compile(rb"^\[[^\]\n]+\]: <data:[^>\n]*>[ \t]*$", re.MULTILINE)
"""The pictures that Google puts at the end of a Markdown export, as text."""


async def read_text(listed: Listed, *, drive: Drive, reader: TextReader) -> tuple[Text, bytes]:
    """The text of a listed file, and the bytes it was read from. Raises Unreadable."""
    try:
        if listed.media_type in EXPORTS:
            content, media_type = await _export(listed, drive, reader.limits.input_bytes)
        elif listed.media_type.startswith(GOOGLE_TYPES):
            raise UnsupportedMedia(listed.key, f"{_kind(listed.media_type)} can't be read")
        else:
            media_type = listed.media_type
            reader.check(media_type, 0, key=listed.key)
            content = (await drive.download(listed.key, max_bytes=reader.limits.input_bytes)).content
    except TooLarge as error:
        raise LimitExceeded(listed.key, error.reason) from error
    except NotFound as error:
        raise Unreadable(listed.key, "the file is gone since it was listed") from error
    except HttpRefused as error:
        raise Unreadable(listed.key, _in_words(error)) from error
    except RequestFailed as error:
        raise Unreadable(listed.key, error.reason) from error
    return await reader.read(content, media_type, key=listed.key), content


async def _export(listed: Listed, drive: Drive, max_bytes: int) -> tuple[bytes, str]:
    """In the best format that is small enough for Google, without pictures where these are text; and which that is."""
    for media_type in EXPORTS[listed.media_type]:
        try:
            found = await drive.export(listed.key, media_type, max_bytes=max_bytes)
        except Forbidden as error:
            if _EXPORT_TOO_LARGE not in refusal_reasons(error):
                raise
        else:
            content = _PICTURES.sub(b"", found.content) if media_type == _MARKDOWN else found.content
            return content, media_type
    raise LimitExceeded(listed.key, "Google exports no document of more than 10 MB: split it")


def _kind(media_type: str) -> str:
    name = media_type.removeprefix(GOOGLE_TYPES)
    return _GOOGLE_KINDS.get(name, f"Google files of type {name.partition('.')[0]}")


def _in_words(error: HttpRefused) -> str:
    known = [_REFUSALS[reason] for reason in refusal_reasons(error) if reason in _REFUSALS]
    return known[0] if known else f"Google refuses to hand it over (HTTP {error.status})"
