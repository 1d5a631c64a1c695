"""Hostile files against the real child process: each is refused with a reason, and the next file is read as ever."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from connectors.errors import ConnectorError, LimitExceeded, Unreadable, UnsupportedMedia
from connectors.text import child
from connectors.text.limits import MIB, ReadLimits
from connectors.text.media_types import guess_media_type
from connectors.text.messages import Reply, frame
from connectors.text.reader import TextReader
from connectors.text.text import Text
from tests.fakes.documents import HTML_PAGE, pdf_file, raw_pdf, slides_file, word_file, workbook_file
from tests.fakes.hostile_documents import (
    BILLION_LAUGHS,
    far_cell_workbook,
    flate_bomb_pdf,
    looping_pages_pdf,
    looping_xref_pdf,
    lying_archive,
    sheet_with_entities,
    slides_with_entities,
    slow_pdf,
    word_bomb,
    word_with_entities,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIGHT = ReadLimits(cpu_s=1, memory_bytes=96 * MIB, wall_s=60, pages=20, input_bytes=4 * MIB, output_chars=100_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader(TIGHT) as text_reader:
        yield text_reader


async def read(reader: TextReader, name: str, content: bytes) -> Text:
    return await reader.read(content, guess_media_type(name), key=name)


async def refusal(reader: TextReader, name: str, content: bytes) -> Unreadable:
    """Why the file can't be read; the same reader must still read others."""
    with pytest.raises(Unreadable) as caught:
        await read(reader, name, content)
    assert (await read(reader, "next.md", b"# Next")).title == "Next"
    assert caught.value.key == name
    return caught.value


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.md", b"# VPN\n\nwords", "words"),
        ("a.txt", b"words", "words"),
        ("a.html", HTML_PAGE.encode(), "Restart first."),
        ("a.docx", word_file(), "The sign-in window"),
        ("a.pptx", slides_file(), "five minutes"),
        ("a.xlsx", workbook_file({"Rooms": [["a", "b"], ["words", 1]]}), "| words | 1 |"),
        ("a.csv", "a;b\nörter;1\n".encode("cp1252"), "| örter | 1 |"),
        ("a.json", b'{"words": 1}', "```json"),
        ("a.pdf", pdf_file(), "extension 4000"),
    ],
)
async def test_every_format_is_read_behind_closed_doors(
    reader: TextReader, name: str, content: bytes, words: str
) -> None:
    assert words in (await read(reader, name, content)).markdown


async def test_offsets_and_titles_come_through(reader: TextReader) -> None:
    text = await read(reader, "a.pdf", pdf_file())
    assert text.title == "VPN guide"
    assert [text.markdown[start:][:8] for start in text.page_starts] == ["# VPN gu", "## Troub", "The end."]


async def test_processor_time_is_limited(reader: TextReader) -> None:
    error = await refusal(reader, "slow.pdf", slow_pdf(pages=20))
    assert isinstance(error, LimitExceeded)
    assert error.reason == "reading it takes more than 1 s of processor time"


async def test_every_file_has_processor_time_of_its_own(reader: TextReader) -> None:
    for _ in range(12):  # 0.2 s each
        assert (await read(reader, "a.pdf", slow_pdf(pages=1, operations=10_000))).page_starts == (0,)


async def test_memory_is_limited() -> None:
    async with TextReader(ReadLimits(memory_bytes=32 * MIB)) as reader:
        error = await refusal(reader, "bomb.docx", word_bomb(paragraphs=150_000))
        assert isinstance(error, LimitExceeded)
        assert error.reason == "reading it takes more than 32 MiB of memory"


async def test_waiting_time_is_limited() -> None:
    async with TextReader() as reader:
        await read(reader, "first.md", b"starts the child")
        reader.limits = ReadLimits(wall_s=0.3)
        with pytest.raises(LimitExceeded) as caught:
            await read(reader, "slow.pdf", slow_pdf())
        assert caught.value.reason == "reading it takes longer than 0.3 s"
        reader.limits = ReadLimits()
        assert (await read(reader, "next.md", b"# Next")).title == "Next"


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("big.md", lambda: b"x" * (5 * MIB), "it has 5.0 MiB, more than 4.0 MiB"),
        ("long.md", lambda: b"x" * 100_001, "its text is longer than 100,000 characters; split it"),
        ("pages.pdf", lambda: raw_pdf(b"BT /F1 9 Tf (a) Tj ET", pages=21), "the PDF has more than 20 pages; split it"),
        ("slides.pptx", lambda: slides_file(21), "the presentation has 21 slides, more than 20"),
        ("zip.docx", lambda: word_bomb(paragraphs=20_000_000), "the file unpacks to 115 MiB, more than 96 MiB"),
        ("flate.pdf", flate_bomb_pdf, "reading it takes more than 96 MiB of memory"),
    ],
)
async def test_sizes_are_limited(reader: TextReader, name: str, make: Callable[[], bytes], reason: str) -> None:
    error = await refusal(reader, name, make())
    assert isinstance(error, LimitExceeded)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("locked.pdf", pdf_file(password="secret")),
        ("xref.pdf", looping_xref_pdf()),
        ("tree.pdf", looping_pages_pdf()),
        ("half.pdf", pdf_file()[:900]),
        ("half.docx", word_file()[:9_000]),
        ("half.xlsx", workbook_file({"a": [["x"]]})[:-200]),
        ("empty.pdf", b""),
        ("empty.pptx", b""),
        ("noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40),
        ("noise.docx", b"PK\x03\x04" + bytes(range(256)) * 40),
        ("noise.md", bytes(range(256)) * 40),
        ("old.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2_000)),
        ("wrong.docx", slides_file()),
        ("lies.docx", lying_archive(word_bomb(paragraphs=100_000), "word/document.xml", declared_bytes=1_000)),
        ("nested.html", b"<div>" * 1_000 + b"x"),
    ],
)
async def test_broken_files_are_refused(reader: TextReader, name: str, content: bytes) -> None:
    error = await refusal(reader, name, content)
    assert len(error.reason) > 20
    assert "Error" not in error.reason.split("(")[0], "the reason is in plain words"


MAKERS = [("a.docx", word_with_entities), ("a.pptx", slides_with_entities), ("a.xlsx", sheet_with_entities)]


@pytest.mark.parametrize(("name", "make"), MAKERS)
async def test_entity_bombs_do_not_go_off(reader: TextReader, name: str, make: Callable[[str, str], bytes]) -> None:
    name = (
        {"w": "a.docx", "s": "a.pptx"}.get(make.__name__[0], "a.xlsx") if make is not sheet_with_entities else "a.xlsx"
    )
    with contextlib.suppress(Unreadable):
        assert len((await read(reader, name, make(BILLION_LAUGHS, "&a10;"))).markdown) < 1_000
    assert (await read(reader, "next.md", b"# Next")).title == "Next"


@pytest.mark.parametrize(("name", "make"), MAKERS)
async def test_entities_fetch_no_files(
    reader: TextReader, tmp_path: Path, name: str, make: Callable[[str, str], bytes]
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    text = Text(markdown="")
    with contextlib.suppress(Unreadable):
        text = await read(reader, name, make(f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "before &x; after"))
    assert "SECRET" not in text.markdown


async def test_a_cell_at_the_far_end_of_a_sheet_is_read(reader: TextReader) -> None:
    assert (await read(reader, "far.xlsx", far_cell_workbook())).markdown == "## a\n\nfar away"


async def test_the_child_knows_nothing_and_can_open_nothing(
    reader: TextReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    async with TextReader() as fresh:
        await read(fresh, "a.md", b"x")
        process = Path(f"/proc/{fresh._child.pid}")
        assert (process / "environ").read_bytes() == b""
        limits = {line[:25].strip(): line[25:].split()[:2] for line in (process / "limits").read_text().splitlines()}
        assert limits["Max open files"] == limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
        links = {str(link.readlink()) for link in (process / "fd").iterdir()}
        assert {link for link in links if not link.startswith("pipe:")} <= {os.devnull, f"{process}/statm"}


async def test_nothing_can_be_read_that_no_format_reads(reader: TextReader) -> None:
    with pytest.raises(UnsupportedMedia, match=r"application/msword can't be read; save it as \.docx"):
        await read(reader, "old.doc", b"x")
    with pytest.raises(UnsupportedMedia, match="octet-stream"):
        await read(reader, "what.bin", b"x")


async def test_answers_are_never_mixed_up(reader: TextReader) -> None:
    await read(reader, "first.md", b"starts the child")
    texts = await asyncio.gather(*(read(reader, "a.md", f"# {number}".encode()) for number in range(20)))
    assert [text.title for text in texts] == [str(number) for number in range(20)]


async def test_a_cancelled_question_leaves_no_stale_answer(reader: TextReader) -> None:
    await read(reader, "first.md", b"starts the child")
    task = asyncio.create_task(read(reader, "slow.pdf", slow_pdf(pages=1)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await read(reader, "next.md", b"# Next")).title == "Next"


async def test_cancelling_while_the_child_starts_leaves_no_stale_answer() -> None:
    async with TextReader() as fresh:
        task = asyncio.create_task(read(fresh, "a.md", b"# One"))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await read(fresh, "b.md", b"# Two")).title == "Two"


async def test_a_child_that_ended_between_files_is_replaced(reader: TextReader) -> None:
    await read(reader, "a.md", b"x")
    ended = reader._child
    os.kill(ended.pid, signal.SIGKILL)
    await ended.wait()
    assert (await read(reader, "next.md", b"# Next")).title == "Next"


async def test_no_child_outlives_its_reader() -> None:
    async with TextReader() as fresh:
        await read(fresh, "a.md", b"x")
        running = fresh._child
    assert running.returncode == -signal.SIGKILL


def acting(script: str) -> TextReader:
    """A reader whose child does as the script says, once it has said that it is ready."""
    ready = f"import os, sys; os.write(1, {frame(Reply())!r}); sys.stdin.buffer.read(9); "
    return TextReader(ReadLimits(wall_s=20), command=(sys.executable, "-c", ready + script))


@pytest.mark.parametrize(
    ("script", "kind", "reason"),
    [
        ("sys.exit(3)", Unreadable, r"crashes its parser \(exit code 3\)"),
        ("os.kill(os.getpid(), 11)", Unreadable, r"crashes its parser \(exit code -11\)"),
        ("os.kill(os.getpid(), 9)", LimitExceeded, "want of memory"),
        ("os.write(1, b'\\0\\0\\0\\2\\0\\0\\0\\0[]' * 9)", Unreadable, "makes no sense"),
        ("os.write(1, b'\\xff' * 8)", Unreadable, "makes no sense"),
    ],
)
async def test_a_child_that_breaks_costs_one_file(script: str, kind: type[Unreadable], reason: str) -> None:
    async with acting(script) as reader:
        with pytest.raises(kind, match=reason):
            await read(reader, "a.md", b"x")


async def test_a_child_that_does_not_start_is_no_fault_of_the_file() -> None:
    async with TextReader(command=(sys.executable, "-c", "raise SystemExit(1)")) as reader:
        with pytest.raises(ConnectorError, match="does not start") as caught:
            await read(reader, "a.md", b"x")
        assert not isinstance(caught.value, Unreadable)


async def test_a_child_that_keeps_much_memory_is_worn() -> None:
    memory = child._Memory()
    limits = ReadLimits(memory_bytes=64 * MIB)
    assert not memory.is_worn(limits)
    kept = bytearray(48 * MIB)
    assert memory.is_worn(limits)
    del kept
