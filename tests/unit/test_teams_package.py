"""The app package for Teams, as `infra/teams/pack.py` makes it."""

import json
import struct
import zipfile
from pathlib import Path

import pytest

from infra.teams.pack import pack

APP_ID = "11111111-2222-4333-8444-555555555555"


def test_the_package_has_the_manifest_and_icons_of_the_size_that_teams_asks_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(pack(APP_ID, "helpdesk.example.com", tmp_path / "a.zip")) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        sizes = {name: struct.unpack(">II", archive.read(name)[16:24]) for name in ("color.png", "outline.png")}
    assert manifest["id"] == manifest["bots"][0]["botId"] == APP_ID
    assert set(manifest["bots"][0]["scopes"]) == {"personal", "groupChat", "team"}
    assert "HELPDESK_ADDRESS" not in str(manifest)
    assert len(manifest["name"]["short"]) <= 30
    assert len(manifest["description"]["short"]) <= 80
    assert sizes == {"color.png": (192, 192), "outline.png": (32, 32)}


def test_the_same_app_gives_the_same_package(tmp_path: Path) -> None:
    first, second = (pack(APP_ID, "a.example", tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second


def test_an_id_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="UUID"):
        pack("my app", "a.example", tmp_path / "a.zip")
