import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Listed, group, user
from connectors.errors import LimitExceeded, SourceUnavailable, Unreadable, UnsupportedMedia
from connectors.folder import FolderSource
from connectors.source import Source
from connectors.text.limits import MIB, ReadLimits
from connectors.text.reader import TextReader
from tests.fakes.documents import pdf_file, word_file

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader(ReadLimits(input_bytes=MIB)) as text_reader:
        yield text_reader


def fill(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for key, content in files.items():
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def folder(root: Path, reader: TextReader, base_url: str = "") -> FolderSource:
    return FolderSource(root, name="handbook", reader=reader, base_url=base_url)


async def listing(source: FolderSource) -> dict[str, Listed]:
    """Everything listed, by key in the listing's order; it must end with a cursor."""
    *listed, last = [one async for one in source.changes(None)]
    assert isinstance(last, Cursor)
    assert all(isinstance(one, Listed) for one in listed)
    return {one.key: one for one in listed}


async def test_a_folder_is_a_source(tmp_path: Path, reader: TextReader) -> None:
    fill(
        tmp_path, {"b/vpn guide.md": "---\ntitle: The VPN\n---\nUse it.", "a.pdf": pdf_file(), "b/a.docx": word_file()}
    )
    os.utime(tmp_path / "a.pdf", (1_700_000_000, 1_700_000_000))
    source: Source = folder(tmp_path, reader, "https://wiki.example.com/")
    listed = await listing(source)
    assert list(listed) == ["a.pdf", "b/a.docx", "b/vpn guide.md"]
    assert [one.key async for one in source.present()] == list(listed)
    assert listed["a.pdf"] == Listed(
        key="a.pdf",
        version=hashlib.sha256((tmp_path / "a.pdf").read_bytes()).hexdigest(),
        title="A",
        url="https://wiki.example.com/a.pdf",
        access=AccessRule.any_of([STAFF]),
        media_type="application/pdf",
        modified_at=datetime.fromtimestamp(1_700_000_000, UTC),
    )
    document = await source.read(listed["b/vpn guide.md"])
    assert (document.title, document.markdown) == ("The VPN", "Use it.")
    assert document.url == "https://wiki.example.com/b/vpn%20guide.md"
    assert document.version == listed["b/vpn guide.md"].version
    assert (await source.read(listed["a.pdf"])).page_starts[0] == 0
    assert (await source.read(listed["b/a.docx"])).title == "VPN guide"


async def test_a_file_name_stands_in_for_a_title(tmp_path: Path, reader: TextReader) -> None:
    source = folder(
        fill(tmp_path, {"reset-your_password.txt": "x", "e-mail on the phone.md": "x", "-.md": "x"}), reader
    )
    listed = await listing(source)
    assert [one.title for one in listed.values()] == ["-.md", "E-mail on the phone", "Reset your password"]
    assert (await source.read(listed["reset-your_password.txt"])).title == "Reset your password"


async def test_a_version_changes_with_the_content_only(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "one", "b.md": "two"}), reader)
    before = await listing(source)
    os.utime(tmp_path / "a.md", (1, 1))
    fill(tmp_path, {"b.md": "TWO"})
    after = await listing(source)
    assert after["a.md"].version == before["a.md"].version
    assert after["a.md"].modified_at == datetime.fromtimestamp(1, UTC)
    assert after["b.md"].version != before["b.md"].version


async def test_without_a_base_url_there_are_no_links(tmp_path: Path, reader: TextReader) -> None:
    assert (await listing(folder(fill(tmp_path, {"a.md": "x"}), reader)))["a.md"].url == ""
    with pytest.raises(ValueError, match="begins with https://"):
        folder(tmp_path, reader, "javascript:alert(1)")


async def test_hidden_files_and_lock_files_are_left_out(tmp_path: Path, reader: TextReader) -> None:
    fill(tmp_path, {"a.md": "x", ".git/b.md": "x", ".c.md": "x", "~$d.docx": "x", "e/.f/g.md": "x"})
    assert list(await listing(folder(tmp_path, reader))) == ["a.md"]


async def test_links_count_when_they_stay_inside(tmp_path: Path, reader: TextReader) -> None:
    root = fill(tmp_path / "root", {"a.md": "# A", "sub/b.md": "# B", "..data/c.md": "# C"})
    fill(tmp_path, {"secret.md": "# Secret", "more/d.md": "x"})
    (root / "to-a.md").symlink_to("a.md")
    (root / "c.md").symlink_to("..data/c.md")
    (root / "out.md").symlink_to("../secret.md")
    (root / "out").symlink_to("../more")
    (root / "in").symlink_to("sub")
    (root / "nowhere.md").symlink_to("gone.md")
    (root / "loop.md").symlink_to("loop.md")
    source = folder(root, reader)
    listed = await listing(source)
    assert list(listed) == ["a.md", "c.md", "sub/b.md", "to-a.md"]
    assert (await source.read(listed["c.md"])).title == "C"


async def test_a_link_that_turns_outwards_is_not_followed(tmp_path: Path, reader: TextReader) -> None:
    root = fill(tmp_path / "root", {"a.md": "x"})
    fill(tmp_path, {"secret.md": "# Secret"})
    source = folder(root, reader)
    listed = (await listing(source))["a.md"]
    (root / "a.md").unlink()
    (root / "a.md").symlink_to("../secret.md")
    with pytest.raises(Unreadable, match="a link to a file outside"):
        await source.read(listed)


async def test_a_link_that_turns_to_a_restricted_file_is_not_followed(tmp_path: Path, reader: TextReader) -> None:
    fill(tmp_path, {".access.yaml": ACCESS, "a.md": "x", "b.md": "# B", "restricted/secret.md": "# Secret"})
    source = folder(tmp_path, reader)
    listed = await listing(source)
    (tmp_path / "a.md").unlink()
    (tmp_path / "a.md").symlink_to("b.md")
    assert (await source.read(listed["a.md"])).title == "B"
    (tmp_path / "a.md").unlink()
    (tmp_path / "a.md").symlink_to("restricted/secret.md")
    with pytest.raises(Unreadable, match="access rules changed"):
        await source.read(listed["a.md"])


async def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", "b.md": "x"}), reader)
    listed = await listing(source)
    (tmp_path / "b.md").unlink()
    os.mkfifo(tmp_path / "b.md")
    with pytest.raises(Unreadable, match="gone"):
        await source.read(listed["b.md"])
    assert list(await listing(source)) == ["a.md"]


async def test_unsupported_files_are_found_but_not_read(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.doc": "x", "b": "x"}), reader)
    listed = await listing(source)
    assert listed["b"].media_type == "application/octet-stream"
    for one in listed.values():
        with pytest.raises(UnsupportedMedia):
            await source.read(one)


async def test_a_file_that_is_gone_is_unreadable(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", "b.md": "x"}), reader)
    listed = await listing(source)
    (tmp_path / "a.md").unlink()
    with pytest.raises(Unreadable, match="gone since it was listed"):
        await source.read(listed["a.md"])


async def test_a_file_that_vanishes_while_listing_is_left_out(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", "b.md": "x"}), reader)
    seen = []
    async for one in source.changes(None):
        seen.append(one)
        (tmp_path / "b.md").unlink(missing_ok=True)
    assert [type(one) for one in seen] == [Listed, Cursor]


async def test_a_file_that_changed_since_it_was_listed_says_so(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "# Old"}), reader)
    listed = (await listing(source))["a.md"]
    fill(tmp_path, {"a.md": "# New"})
    document = await source.read(listed)
    assert document.title == "New"
    assert document.version == hashlib.sha256(b"# New").hexdigest() != listed.version


async def test_a_huge_file_is_neither_hashed_nor_read(tmp_path: Path, reader: TextReader) -> None:
    fill(tmp_path, {"a.md": "x"})
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(1 << 40)  # a tebibyte of nothing, which would take hours
    source = folder(tmp_path, reader)
    async with asyncio.timeout(20):
        listed = (await listing(source))["huge.md"]
        with pytest.raises(LimitExceeded, match=r"1,048,576\.0 MiB, more than 1\.0 MiB"):
            await source.read(listed)
        assert (await listing(source))["huge.md"].version == listed.version


async def test_odd_names_are_kept(tmp_path: Path, reader: TextReader) -> None:
    names = ["🙂 #1?.md", "100%.md", "a\nb.md", "e\u0301.md", "é.md", "\u202egpj.md"]
    source = folder(fill(tmp_path, dict.fromkeys(names, "x")), reader, "https://wiki.example.com")
    listed = await listing(source)
    assert set(listed) == set(names)
    assert listed["🙂 #1?.md"].url == "https://wiki.example.com/%F0%9F%99%82%20%231%3F.md"
    assert listed["a\nb.md"].title == "A b"
    assert listed["\u202egpj.md"].title == "Gpj"
    for one in listed.values():
        assert (await source.read(one)).markdown == "x"


async def test_a_name_that_is_not_utf_8_is_listed_and_says_why_it_is_not_read(
    tmp_path: Path, reader: TextReader
) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", os.fsdecode(b"caf\xe9.md"): "x"}), reader)
    listed = await listing(source)
    assert list(listed) == ["a.md", "caf\\xe9.md"]
    with pytest.raises(Unreadable, match="not UTF-8; rename it"):
        await source.read(listed["caf\\xe9.md"])


ACCESS = """
groups:
  it-admins: [ada@example.com, grp:night-shift]
  night-shift: [bo@example.com]
rules:
  - match: "restricted"
    readers: [grp:it-admins, cy@example.com]
  - match: "**/*.pdf"
    readers: [public]
"""


async def test_the_access_file_says_who_may_read(tmp_path: Path, reader: TextReader) -> None:
    fill(
        tmp_path,
        {".access.yaml": ACCESS, "a.md": "x", "restricted/b.md": "x", "restricted/c.pdf": pdf_file(), "d.pdf": "x"},
    )
    (tmp_path / "e.pdf").symlink_to("restricted/b.md")
    source = folder(tmp_path, reader)
    listed = await listing(source)
    admins = frozenset({group("handbook", "it-admins"), user("cy@example.com")})
    assert {key: one.access.all_of for key, one in listed.items()} == {
        "a.md": {frozenset({STAFF})},
        "d.pdf": {frozenset({PUBLIC})},
        "e.pdf": {frozenset({PUBLIC}), admins},  # a link opens nothing that its target doesn't
        "restricted/b.md": {admins},
        "restricted/c.pdf": {frozenset({PUBLIC}), admins},
    }
    assert (await source.read(listed["restricted/c.pdf"])).access == listed["restricted/c.pdf"].access
    assert await source.memberships() == {
        group("handbook", "it-admins"): {user("ada@example.com"), group("handbook", "night-shift")},
        group("handbook", "night-shift"): {user("bo@example.com")},
    }


async def unavailable(source: FolderSource) -> str:
    """The one reason why nothing can be learnt from the source."""
    reasons = set()
    for ask in (listing(source), source.memberships()):
        with pytest.raises(SourceUnavailable) as caught:
            await ask
        reasons.add(caught.value.reason)
    (reason,) = reasons
    return reason


async def test_a_wrong_access_file_lets_nobody_in(tmp_path: Path, reader: TextReader) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", ".access.yaml": "rules: [{match: a, reader: [staff]}]"}), reader)
    assert "rules.0.readers: Field required" in await unavailable(source)
    for says_nothing in ("", "# who?", "staff"):
        fill(tmp_path, {".access.yaml": says_nothing})
        assert "it says nothing of who may read; `default: [staff]`" in await unavailable(source)
    fill(tmp_path, {".access.yaml": "rules: []\n" + "#\n" * MIB})
    assert "longer than" in await unavailable(source)
    fill(tmp_path, {".access.yaml": b"\xff\xfe"})
    assert "can't decode" in await unavailable(source)
    (tmp_path / ".access.yaml").unlink()
    (tmp_path / ".access.yaml").symlink_to("gone.yaml")
    assert "No such file" in await unavailable(source)
    (tmp_path / ".access.yaml").unlink()
    (tmp_path / ".access.yaml").mkdir()
    assert ".access.yaml" in await unavailable(source)


@pytest.mark.parametrize("place", ["sub/.access.yaml", ".access.yml", ".Access.yaml"])
async def test_a_misplaced_access_file_is_not_overlooked(tmp_path: Path, reader: TextReader, place: str) -> None:
    source = folder(fill(tmp_path, {"a.md": "x", place: "default: []"}), reader)
    with pytest.raises(SourceUnavailable, match="at the top only") as caught:
        await listing(source)
    assert place in caught.value.reason


async def test_a_missing_folder_is_unavailable(tmp_path: Path, reader: TextReader) -> None:
    assert "does not exist" in await unavailable(folder(tmp_path / "gone", reader))
    assert "does not exist" in await unavailable(folder(fill(tmp_path, {"file": "x"}) / "file", reader))
    with pytest.raises(SourceUnavailable):
        assert [one.key async for one in folder(tmp_path / "gone", reader).present()]


async def test_an_empty_folder_is_taken_for_a_missing_drive(tmp_path: Path, reader: TextReader) -> None:
    with pytest.raises(SourceUnavailable, match="is its drive mounted"):
        await listing(folder(tmp_path, reader))
    fill(tmp_path, {".access.yaml": "default: [staff]"})
    assert await listing(folder(tmp_path, reader)) == {}


async def test_a_folder_that_cannot_be_listed_is_never_half_a_listing(
    tmp_path: Path, reader: TextReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, {"a.md": "x", "locked/b.md": "x"})
    scandir = os.scandir

    def scan(path: Path):  # a superuser, who may run the tests, can list every folder
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    source = folder(tmp_path, reader)
    with pytest.raises(SourceUnavailable, match="locked: Permission denied"):
        await listing(source)
    with pytest.raises(SourceUnavailable, match="locked: Permission denied"):
        assert [one.key async for one in source.present()]
