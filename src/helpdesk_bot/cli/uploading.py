"""`upload`: files handed over by hand."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from connectors.errors import Unreadable
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.cli.acts import whoami, write_down
from helpdesk_bot.cli.output import Exit, err, fail, out, print_json, print_table, progress_bar
from helpdesk_bot.cli.syncing import print_receipt, sync_with_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.records.uploads import Uploads
from helpdesk_bot.settings import Settings
from helpdesk_bot.uploads import SOURCE_NAME, UploadSource, read_readers


async def add_files(settings: Settings, files: Sequence[Path], *, readers: str, as_json: bool) -> None:
    """Keep the files that can be read, index them, and say which could not be."""
    allowed = read_readers(readers.split(","))
    refused: dict[str, str] = {}
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        source = _source(knowledge)
        await write_down(knowledge.pool, "upload", f"add {len(files)} files")
        with progress_bar("Uploading") as bar:
            for done, file in enumerate(files, start=1):
                try:
                    content = await asyncio.to_thread(file.read_bytes)
                    await source.add(file.name, content, readers=allowed, uploaded_by=whoami())
                except OSError as error:
                    refused[str(file)] = error.strerror or str(error)
                except Unreadable as error:
                    refused[str(file)] = error.reason
                bar.move(done, len(files))
        receipt = await sync_with_bar(knowledge, SOURCE_NAME)
    if as_json:
        print_json({"receipt": receipt.as_json(), "refused": refused})
    else:
        print_receipt(receipt)
    for name, reason in refused.items():
        err.print(f"{name}: {reason}", style="red", markup=False)
    if refused:
        raise SystemExit(Exit.IN_PART)


async def list_files(settings: Settings, *, as_json: bool) -> None:
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        rows = [
            {
                "name": upload.name,
                "readers": ", ".join(upload.readers),
                "bytes": upload.size_bytes,
                "uploaded_by": upload.uploaded_by,
                "uploaded_at": upload.uploaded_at.isoformat(timespec="seconds"),
            }
            for upload in await Uploads(knowledge.pool).list_all()
        ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(tuple(rows[0]), [tuple(row.values()) for row in rows])
    else:
        out.print("No file was uploaded: `helpdesk-bot upload add FILE` does it.", markup=False, highlight=False)


async def remove_file(settings: Settings, name: str, *, as_json: bool) -> None:
    """Remove it from the store and, in the same command, from what is known."""
    async with open_database(settings) as url, open_knowledge(settings, url) as knowledge:
        await write_down(knowledge.pool, "upload", "remove")
        if not await Uploads(knowledge.pool).remove(name):
            fail(f"There is no uploaded file {name!r}; `helpdesk-bot upload list` shows them.", Exit.MISUSED)
        receipt = await sync_with_bar(knowledge, SOURCE_NAME, approve_removals=True)
    if as_json:
        print_json({"receipt": receipt.as_json()})
    else:
        out.print(f"{name} is removed.", markup=False)


def _source(knowledge: Knowledge) -> UploadSource:
    source = knowledge.sources[SOURCE_NAME]
    assert isinstance(source, UploadSource)  # noqa: S101 -- made in app.sources
    return source
