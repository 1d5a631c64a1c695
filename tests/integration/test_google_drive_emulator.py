"""Reads of a Google Drive that somebody else wrote: the emulator of the package `myworld`, where it is installed.

It knows files, permissions, exports and the token endpoint, and nothing of shared drives or of changes. It is found on
the path, or as the program that the environment variable MYWORLD names.
"""

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.documents import user
from connectors.errors import NeedsLogin, SourceUnavailable, Unreadable
from connectors.google_drive import Addresses, GoogleDriveSource, Person, Scope
from connectors.text.reader import TextReader
from tests.fakes.google_drive_client import list_changes, list_rules

PROGRAM = os.environ.get("MYWORLD") or shutil.which("myworld")
OWNER = "owner@example.com"
SEED: dict[str, Any] = {
    "user": {"email": OWNER, "name": "Owner"},
    "folders": [
        {"key": "kb", "id": "kb", "name": "Handbook"},
        {"key": "net", "id": "net", "name": "Network", "parent": "kb"},
        {"key": "private", "id": "private", "name": "Private"},
    ],
    "files": [
        {"id": "vpn", "name": "VPN guide", "type": "doc", "parent": "net", "content": "Install the client."},
        {"id": "prices", "name": "Prices", "type": "sheet", "parent": "kb", "content": "item,price\npen,2"},
        {"id": "notes", "name": "notes.txt", "parent": "kb", "content": "plain notes"},
        {"id": "old", "name": "old.txt", "parent": "kb", "content": "old", "trashed": True},
        {"id": "diary", "name": "diary.txt", "parent": "private", "content": "secret"},
    ],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="the Google Drive emulator is not here: pip install myworld==0.2.1"),
]


@pytest.fixture
async def emulator(tmp_path):
    """Where it is, and a refresh token that it takes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("serve", "--host", "127.0.0.1", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        yield url, await _start_world(url, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _start_world(url: str, process: asyncio.subprocess.Process) -> str:
    """A refresh token of the Drive's owner. Asks until the emulator listens."""
    spec = {"name": "handbook", "task": "none", "servers": {"drive": {"seed": SEED}}, "agents": {"agent": {}}}
    async with asyncio.timeout(45), httpx.AsyncClient(trust_env=False, timeout=20) as client:
        while True:
            assert process.returncode is None, "the emulator ended"
            try:
                answer = await client.post(f"{url}/envs", json={"spec": spec})
            except httpx.ConnectError:
                await asyncio.sleep(0.2)
                continue
            return answer.raise_for_status().json()["credentials"]["agent"]["google_authorized_user"]["refresh_token"]


@asynccontextmanager
async def opened(emulator, **options):
    url, refresh_token = emulator
    login = Person(
        client_id="myworld",
        client_secret="myworld",
        refresh_token=options.pop("refresh_token", refresh_token),
        token_uri=f"{url}/gw/oauth2.googleapis.com/token",
    )
    async with (
        TextReader() as reader,
        GoogleDriveSource(
            name="drive",
            login=login,
            reader=reader,
            addresses=Addresses(drive=f"{url}/gw/www.googleapis.com/drive/v3"),
            **{"scope": Scope(folders=["kb"]), **options},
        ) as source,
    ):
        yield source


async def test_the_emulators_drive_is_listed_with_its_rights_and_read(emulator):
    async with opened(emulator) as source:
        listed, _, _ = await list_changes(source)
        assert {key: one.trail for key, one in listed.items()} == {
            "vpn": ("Handbook", "Network"),
            "prices": ("Handbook",),
            "notes": ("Handbook",),
        }
        assert await list_rules(source) == {key: {user(OWNER)} for key in listed}
        texts = {key: (await source.read(listed[key])).markdown for key in ("vpn", "notes")}
        with pytest.raises(Unreadable, match="no Office file"):  # its workbooks are only marked as such
            await source.read(listed["prices"])

    assert texts == {"vpn": "Install the client.", "notes": "plain notes"}

    async with opened(emulator, scope=Scope(folders=["gone"])) as source:
        with pytest.raises(SourceUnavailable, match="gone"):
            await list_changes(source)
    async with opened(emulator, refresh_token="another") as source:
        with pytest.raises(NeedsLogin, match="invalid_grant"):
            await list_changes(source)
