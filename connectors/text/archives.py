"""Office files are zip archives: what one would unpack to is known before anything is unpacked."""

import io
import zipfile

from connectors.text.limits import MIB, ReadLimits
from connectors.text.refusals import Refusal, TooMuch

MAX_PARTS = 20_000
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def open_office_file(content: bytes, *, main_part: str, limits: ReadLimits) -> io.BytesIO:
    """The file, ready for its parser, once its directory shows that it is whole and not a bomb.

    `zipfile` reads no part beyond its declared size, so a directory that lies makes a damaged file, not a bomb.
    """
    if content.startswith(_OLD_OFFICE):
        raise Refusal("the file is protected by a password, or in the format of Office before 2007; save it anew")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refusal("the file is damaged or cut off: it is no Office file") from error
    _check_sizes(parts, limits)
    if main_part not in {part.filename for part in parts}:
        raise Refusal(f"the file is no Office file of this kind: {main_part} is missing")
    return io.BytesIO(content)


def _check_sizes(parts: list[zipfile.ZipInfo], limits: ReadLimits) -> None:
    if len(parts) > MAX_PARTS:
        raise TooMuch(f"the file has {len(parts):,} parts, more than {MAX_PARTS:,}")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.memory_bytes:
        raise TooMuch(f"the file unpacks to {unpacked // MIB:,} MiB, more than {limits.memory_bytes // MIB:,} MiB")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Refusal("the file is encrypted")
