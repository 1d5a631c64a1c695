"""The browser chat's memory, without a database."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records import BrowserMessage


class InMemoryBrowserRecords:
    """Fits `helpdesk_bot.chat.browser.BrowserRecords`. While `is_deaf`, every announcement is lost."""

    def __init__(self) -> None:
        self.messages: dict[str, list[BrowserMessage]] = defaultdict(list)
        self.listeners: dict[str, list[asyncio.Queue[JsonObject]]] = defaultdict(list)
        self.is_deaf = False
        self._ids: dict[str, int] = {}

    async def add_browser_message(self, conversation: str, *, marker: str, body: JsonObject) -> int:
        if marker not in self._ids:
            self._ids[marker] = len(self._ids) + 1
            message = BrowserMessage(id=self._ids[marker], body=body, at=datetime.now(UTC))
            self.messages[conversation].append(message)
        await self.announce(conversation, {"kind": "message"})
        return self._ids[marker]

    async def find_browser_message(self, conversation: str, *, marker: str) -> int | None:
        message_id = self._ids.get(marker)
        return message_id if message_id in {message.id for message in self.messages[conversation]} else None

    async def list_browser_messages(self, conversation: str, *, after: int = 0) -> list[BrowserMessage]:
        return [message for message in self.messages[conversation] if message.id > after]

    async def announce(self, conversation: str, payload: JsonObject) -> None:
        if not self.is_deaf:
            for queue in self.listeners[conversation]:
                queue.put_nowait(payload)

    @asynccontextmanager
    async def listen(self, conversation: str) -> AsyncGenerator[asyncio.Queue[JsonObject]]:
        queue: asyncio.Queue[JsonObject] = asyncio.Queue()
        self.listeners[conversation].append(queue)
        try:
            yield queue
        finally:
            self.listeners[conversation].remove(queue)
