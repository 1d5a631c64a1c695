"""What the browser chat keeps: the messages of its conversations, and who is to be woken by them."""

from asyncio import Queue
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records import BrowserMessage


class BrowserRecords(Protocol):
    """The memory of a platform that is our own."""

    async def add_browser_message(self, conversation: str, *, marker: str, body: JsonObject) -> int:
        """Keep a message, wake whoever listens with `{"kind": "message"}`, and return the message's id.

        The same marker is the same message: the first body stays. Ids ascend within a conversation in the order in
        which the messages become visible, so that reading on after the last id seen misses none.
        """
        ...

    async def find_browser_message(self, conversation: str, *, marker: str) -> int | None: ...

    async def list_browser_messages(self, conversation: str, *, after: int = 0) -> list[BrowserMessage]:
        """The messages with a higher id, oldest first."""
        ...

    async def announce(self, conversation: str, payload: JsonObject) -> None:
        """Wake whoever listens with a small payload that is kept nowhere. Best effort: never raises."""
        ...

    def listen(self, conversation: str) -> AbstractAsyncContextManager["Queue[JsonObject]"]:
        """Everything announced from the moment the context is entered, in order.

        `{"kind": "message"}` says: read the list. After a loss of the database connection the queue gets one of its own
        accord, since announcements may have been missed.
        """
        ...
