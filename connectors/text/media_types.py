"""Which files can be read, and by which format: one table."""

from dataclasses import dataclass
from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, kw_only=True)
class MediaType:
    """A kind of file. `format` is the module of `connectors.text` that reads it; empty where none does."""

    name: str
    suffixes: tuple[str, ...]
    format: str = ""
    advice: str = ""
    """What an admin can do about a kind that no format reads."""
    language: str = ""
    """The language of source code."""


MEDIA_TYPES = (
    MediaType(name="text/markdown", suffixes=(".md", ".markdown", ".mdown", ".mdx"), format="markdown"),
    MediaType(name="text/plain", suffixes=(".txt", ".text", ".log", ".rst"), format="plain"),
    MediaType(name="text/html", suffixes=(".html", ".htm"), format="html"),
    MediaType(name="application/xhtml+xml", suffixes=(".xhtml",), format="html"),
    MediaType(name="application/pdf", suffixes=(".pdf",), format="pdf"),
    MediaType(name=f"{_OFFICE}.wordprocessingml.document", suffixes=(".docx",), format="docx"),
    MediaType(name="application/vnd.ms-word.document.macroEnabled.12", suffixes=(".docm",), format="docx"),
    MediaType(name=f"{_OFFICE}.presentationml.presentation", suffixes=(".pptx",), format="pptx"),
    MediaType(name=f"{_OFFICE}.presentationml.slideshow", suffixes=(".ppsx",), format="pptx"),
    MediaType(name=f"{_OFFICE}.spreadsheetml.sheet", suffixes=(".xlsx",), format="xlsx"),
    MediaType(name="application/vnd.ms-excel.sheet.macroEnabled.12", suffixes=(".xlsm",), format="xlsx"),
    MediaType(name="text/csv", suffixes=(".csv",), format="csv"),
    MediaType(name="text/tab-separated-values", suffixes=(".tsv",), format="csv"),
    MediaType(name="application/json", suffixes=(".json",), format="code", language="json"),
    MediaType(name="application/yaml", suffixes=(".yaml", ".yml"), format="code", language="yaml"),
    MediaType(name="application/toml", suffixes=(".toml",), format="code", language="toml"),
    MediaType(name="application/sql", suffixes=(".sql",), format="code", language="sql"),
    MediaType(name="text/x-ini", suffixes=(".ini", ".cfg", ".conf"), format="code", language="ini"),
    MediaType(name="text/x-python", suffixes=(".py",), format="code", language="python"),
    MediaType(name="text/x-shellscript", suffixes=(".sh",), format="code", language="bash"),
    MediaType(name="text/x-powershell", suffixes=(".ps1",), format="code", language="powershell"),
    MediaType(name="application/msword", suffixes=(".doc",), advice="save it as .docx"),
    MediaType(name="application/vnd.ms-powerpoint", suffixes=(".ppt",), advice="save it as .pptx"),
    MediaType(name="application/vnd.ms-excel", suffixes=(".xls",), advice="save it as .xlsx"),
    MediaType(name="application/vnd.oasis.opendocument.text", suffixes=(".odt",), advice="save it as .docx"),
    MediaType(name="application/vnd.oasis.opendocument.presentation", suffixes=(".odp",), advice="save it as .pptx"),
    MediaType(name="application/vnd.oasis.opendocument.spreadsheet", suffixes=(".ods",), advice="save it as .xlsx"),
    MediaType(name="application/rtf", suffixes=(".rtf",), advice="save it as .docx"),
    MediaType(name="image/png", suffixes=(".png",), advice="describe the picture in a text beside it"),
    MediaType(name="image/jpeg", suffixes=(".jpg", ".jpeg"), advice="describe the picture in a text beside it"),
    MediaType(name="image/gif", suffixes=(".gif",), advice="describe the picture in a text beside it"),
    MediaType(name="image/svg+xml", suffixes=(".svg",), advice="describe the picture in a text beside it"),
    MediaType(name="application/zip", suffixes=(".zip",), advice="unpack it"),
)
_BY_SUFFIX = {suffix: media_type for media_type in MEDIA_TYPES for suffix in media_type.suffixes}
_BY_NAME = {media_type.name.casefold(): media_type for media_type in MEDIA_TYPES}


def guess_media_type(file_name: str) -> str:
    """The media type that a file's name promises; `UNKNOWN` for a name that isn't in the table."""
    found = _BY_SUFFIX.get(PurePosixPath(file_name).suffix.casefold())
    return found.name if found else UNKNOWN


def find_media_type(content_type: str) -> tuple[MediaType | None, str | None]:
    """The row for a media type, which may have parameters, and the character encoding these declare."""
    name, *parameters = content_type.split(";")
    charset = None
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().casefold() == "charset":
            charset = value.strip().strip("\"'") or None
    return _BY_NAME.get(name.strip().casefold()), charset
