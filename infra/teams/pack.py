"""Pack the app for Teams: `python infra/teams/pack.py APP_ID helpdesk.example.com` writes helpdesk-teams.zip."""

import json
import struct
import sys
import uuid
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
OUTPUT = Path("helpdesk-teams.zip")
COLOUR = (0x3B, 0x5B, 0xA9, 0xFF)
WHITE = (0xFF, 0xFF, 0xFF, 0xFF)
CLEAR = (0, 0, 0, 0)


def manifest(app_id: str, address: str) -> str:
    """The manifest for this app at this address. Raises `ValueError` for an id that is no UUID."""
    text = (HERE / "manifest.json").read_text(encoding="utf-8")
    filled = text.replace("TEAMS_APP_ID", str(uuid.UUID(app_id))).replace("HELPDESK_ADDRESS", address)
    return json.dumps(json.loads(filled), indent=2)


def icon(size: int, background: tuple[int, int, int, int]) -> bytes:
    """A white speech bubble as a PNG: 192 pixels in colour, 32 pixels on nothing, as Teams asks."""
    rows = (b"".join(bytes(_pixel(x / size, y / size, background)) for x in range(size)) for y in range(size))
    raw = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def pack(app_id: str, address: str, output: Path = OUTPUT) -> Path:
    """The same input gives the same bytes."""
    contents = {
        "manifest.json": manifest(app_id, address).encode(),
        "color.png": icon(192, COLOUR),
        "outline.png": icon(32, CLEAR),
    }
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return output


def _pixel(x: float, y: float, background: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    in_bubble = 0.2 <= x <= 0.8 and 0.22 <= y <= 0.64
    in_tail = 0.64 < y <= 0.8 and 0.3 <= x <= 0.3 + (0.8 - y)
    in_lines = 0.3 <= x <= 0.7 and (0.34 <= y <= 0.39 or 0.47 <= y <= 0.52)
    return WHITE if (in_bubble or in_tail) and not in_lines else background


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(pack(sys.argv[1], sys.argv[2]))
