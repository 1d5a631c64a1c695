"""The sites of the contract test with a crowd of people in them and everything that can decide who reads what.

As for every `Site`, `documents` and `readers` are worked out from raw structure by plain loops over sets of people.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from connectors.text.reader import TextReader
from tests.fakes.crowded.crowd import EVERYBODY, GROUPS, STAFF, CrowdedSite
from tests.fakes.crowded.drive import open_my_drive, open_shared_drive
from tests.fakes.crowded.folder import open_folder
from tests.fakes.crowded.wiki import open_cloud, open_data_center

__all__ = ["EVERYBODY", "GROUPS", "SITES", "STAFF", "CrowdedSite"]

SITES: Mapping[str, Callable[[Path, TextReader], AbstractAsyncContextManager[CrowdedSite]]] = {
    "folder": open_folder,
    "confluence_cloud": open_cloud,
    "confluence_data_center": open_data_center,
    "my_drive": open_my_drive,
    "shared_drive": open_shared_drive,
}
