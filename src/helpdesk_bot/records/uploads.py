"""Files that were handed over, and who may read them."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from helpdesk_bot.records.rows import Table
from knowledge.letters import storable


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file without its content."""

    name: str
    media_type: str
    sha256: bytes
    readers: list[str]
    uploaded_by: str
    uploaded_at: datetime
    size_bytes: int


class Uploads(Table):
    async def put(
        self, name: str, content: bytes, *, media_type: str, readers: Collection[str], uploaded_by: str
    ) -> None:
        """Keep a file under its name; what was there under this name is replaced."""
        await self._execute(
            """
            insert into helpdesk.upload (name, media_type, content, sha256, readers, uploaded_by)
            values (%s, %s, %s, %s, %s, %s)
            on conflict (name) do update
            set media_type = excluded.media_type, content = excluded.content, sha256 = excluded.sha256,
                readers = excluded.readers, uploaded_by = excluded.uploaded_by,
                uploaded_at = clock_timestamp()
            """,
            [name, media_type, content, hashlib.sha256(content).digest(), sorted(readers), uploaded_by],
        )

    async def remove(self, name: str) -> bool:
        """Whether there was such a file."""
        if storable(name) != name:
            return False
        return await self._changes("delete from helpdesk.upload where name = %s", [name])

    async def list_all(self) -> list[Upload]:
        """Every file, by name."""
        return await self._list_rows(
            Upload,
            """
            select name, media_type, sha256, readers, uploaded_by, uploaded_at, length(content) as size_bytes
            from helpdesk.upload
            order by name
            """,
        )

    async def find_content(self, name: str) -> bytes | None:
        return await self._find_value("select content from helpdesk.upload where name = %s", [name])
