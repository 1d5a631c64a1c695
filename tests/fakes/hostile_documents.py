"""Files that do harm to whoever reads them: bombs, loops, entities, lies. All are small."""

import io
import zipfile

from tests.fakes.documents import raw_pdf, slides_file, word_file, workbook_file

MIB = 1024 * 1024
_WORD_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def slow_pdf(*, operations: int = 150_000, pages: int = 50) -> bytes:
    """Every page draws the same letters over and over: about a second each, in a few KiB."""
    return raw_pdf(b"BT /F1 9 Tf " + b"1 0 Td (a) Tj\n" * operations + b"ET", pages=pages)


def flate_bomb_pdf(*, unpacked_bytes: int = 100 * MIB) -> bytes:
    return raw_pdf(b" " * unpacked_bytes)


def looping_xref_pdf() -> bytes:
    """Its cross-reference table says that the one before it is itself."""
    start = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R >>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R /Prev %d >>\n"
    return start + table % len(start) + b"startxref\n%d\n%%%%EOF\n" % len(start)


def looping_pages_pdf() -> bytes:
    """Its page tree is its own child."""
    return raw_pdf(b"BT ET").replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


def replaced_part(office_file: bytes, name: str, content: bytes) -> bytes:
    """An office file with one part put in the place of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office_file)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def word_bomb(*, paragraphs: int) -> bytes:
    """A document of empty paragraphs: 6 bytes each unpacked, next to none packed, hundreds in memory."""
    body = f"<w:document {_WORD_NAMESPACE}><w:body>".encode() + b"<w:p/>" * paragraphs + b"</w:body></w:document>"
    return replaced_part(word_file(), "word/document.xml", body)


def word_with_entities(declaration: str, text: str) -> bytes:
    body = f"<!DOCTYPE w:document [{declaration}]>" if declaration else ""
    body += f"<w:document {_WORD_NAMESPACE}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    return replaced_part(word_file(), "word/document.xml", f"<?xml version='1.0'?>{body}".encode())


def slides_with_entities(declaration: str, text: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(slides_file())) as archive:
        slide = archive.read("ppt/slides/slide1.xml").decode()
    head, _, body = slide.partition("?>")
    body = f"{head}?><!DOCTYPE x [{declaration}]>{body.replace('VPN guide', text)}"
    return replaced_part(slides_file(), "ppt/slides/slide1.xml", body.encode())


def sheet_with_entities(declaration: str, text: str) -> bytes:
    row = f"<row r='1'><c r='A1' t='str'><v>{text}</v></c></row>"
    sheet = f"<worksheet {_SHEET_NAMESPACE}><sheetData>{row}</sheetData></worksheet>"
    body = f"<?xml version='1.0'?><!DOCTYPE worksheet [{declaration}]>{sheet}"
    return replaced_part(workbook_file({"a": [["x"]]}), "xl/worksheets/sheet1.xml", body.encode())


def far_cell_workbook() -> bytes:
    """One cell, in the last column of a late row."""
    cells = "<row r='200000'><c r='XFD200000' t='str'><v>far away</v></c></row>"
    body = f"<worksheet {_SHEET_NAMESPACE}><sheetData>{cells}</sheetData></worksheet>"
    return replaced_part(workbook_file({"a": [["x"]]}), "xl/worksheets/sheet1.xml", body.encode())


def lying_archive(office_file: bytes, name: str, *, declared_bytes: int) -> bytes:
    """An office file whose directory understates what one part unpacks to."""
    out = bytearray(office_file)
    place = out.rindex(b"PK\x01\x02", 0, out.rindex(name.encode()))
    out[place + 24 : place + 28] = declared_bytes.to_bytes(4, "little")
    return bytes(out)


BILLION_LAUGHS = "".join(
    [
        '<!ENTITY a0 "ha">',
        *(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 11)),
    ]
)
"""Use as `&a10;`: twenty billion letters."""
