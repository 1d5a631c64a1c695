"""What was said in a thread."""

from collections import deque

from helpdesk_bot.chat.slack.api import JsonObject
from helpdesk_bot.chat.slack.forwarded import read_words
from helpdesk_bot.chat.slack.payloads.identifiers import to_time
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.chat.slack.people import SlackPeople
from helpdesk_bot.chat.slack.posts import Posts, is_by
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Place, Said


class Threads:
    def __init__(self, posts: Posts, people: SlackPeople, bot: SlackBot) -> None:
        self._posts = posts
        self._people = people
        self._bot = bot

    async def read(self, place: Place, *, max_messages: int) -> list[Said]:
        """The thread's first message and its newest, oldest first.

        Slack gives the oldest page first, so a long thread is read whole; each page may begin with the first message.
        """
        if place.thread is None or max_messages <= 0:
            return []
        first: list[JsonObject] = []
        newest: deque[JsonObject] = deque(maxlen=max_messages - 1)
        try:
            async for page in self._posts.iter_messages(place):
                for message in filter(self._read, page["messages"]):
                    if message["ts"] == place.thread:
                        first = [message]
                    else:
                        newest.append(message)
        except ChatRefused:
            return []
        return [await self._to_said(message) for message in (*first, *newest)]

    async def _to_said(self, message: JsonObject) -> Said:
        is_ours = is_by(message, self._bot)
        person_id = str(message.get("user") or message.get("bot_id") or "")
        return Said(
            message_id=message["ts"],
            person_id=person_id,
            name="" if is_ours else await self._find_name(message),
            is_ours=is_ours,
            text=self._read(message),
            at=to_time(message["ts"]),
        )

    def _read(self, message: JsonObject) -> str:
        text, beside = message.get("text") or "", message.get("attachments") or []
        return read_words(text, beside, bot_user_id=self._bot.user_id)

    async def _find_name(self, message: JsonObject) -> str:
        if not message.get("user"):
            return str(message.get("username") or "")
        try:
            return (await self._people.get(message["user"])).name
        except ChatRefused:
            return ""
