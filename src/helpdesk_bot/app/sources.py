"""Where knowledge comes from, as the settings say."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from connectors.folder import FolderSource
from connectors.source import Source
from connectors.text.reader import TextReader
from helpdesk_bot.records.uploads import Uploads
from helpdesk_bot.settings import Settings
from helpdesk_bot.uploads import UploadSource
from knowledge.postgres import Pool

OWN_SOURCES = frozenset({"uploads", "curated"})
"""Whose place is our own database: there is nothing to read in them at first."""

STARTER = Path(str(files("knowledge") / "seed"))


def sources_of(settings: Settings, *, reader: TextReader, pool: Pool) -> Sequence[Source]:
    """In the order in which they are listed; the last are our own."""
    starter = [FolderSource(STARTER, name="starter", reader=reader)] if settings.starter_knowledge else []
    folders = [
        FolderSource(path, name=name, reader=reader, base_url=settings.folder_urls.get(name, ""))
        for name, path in settings.folders.items()
    ]
    return [*starter, *folders, UploadSource(Uploads(pool), reader=reader)]
