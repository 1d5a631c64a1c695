"""The browser chat: its page's own requests in, its events out."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
from starlette.types import Message, Scope

from helpdesk_bot.events import Platform
from tests.fakes.faces.face import (
    DIRECT,
    Ability,
    Asked,
    Seen,
    Sent,
    SentFile,
    read_words,
)

Json = dict[str, Any]


@dataclass(kw_only=True)
class BrowserFace:
    """A page of one person: whoever that is, the chat takes them for the visitor of the app that serves the page."""

    clients: Mapping[str, httpx.AsyncClient]
    """Who is taken for what is a matter of settings, so each person has an app."""
    tag: str
    can: frozenset[Ability] = frozenset({Ability.UNVOTING})
    platform: Platform = Platform.BROWSER
    channels: list[str] = field(default_factory=list[str])
    _told: list[Seen] = field(default_factory=list[Seen])
    _pages: dict[str, str] = field(default_factory=dict[str, str])

    async def open(self) -> None:
        """Pages are opened when somebody first speaks."""

    async def say(
        self,
        who: str,
        text: str,
        *,
        where: str = DIRECT,
        thread: Sent | None = None,
        is_mention: bool = True,
        file: SentFile | None = None,
    ) -> Sent:
        assert where == DIRECT
        assert file is None
        await self._open_page(who)
        client_id = str(uuid4())
        await self._post(who, "questions", {"client_id": client_id, "text": text})
        return Sent(who=who, where=where, handle=client_id)

    async def edit(self, sent: Sent, text: str) -> None:
        await self._post(sent.who, "edits", {"client_id": sent.handle, "text": text})

    async def delete(self, sent: Sent) -> None:
        await self._post(sent.who, "deletions", {"client_id": sent.handle})

    async def vote(self, who: str, seen: Seen, value: int, *, by_reaction: bool = False) -> Asked | None:
        assert not by_reaction
        return self._shown(who, await self._post(who, "votes", {"message_id": int(seen.id), "value": value}))

    async def press(self, who: str, seen: Seen, action: str) -> Asked | None:
        [button] = [one for one in seen.handle["buttons"] if one["action"] == action]
        pressed = {"press_id": str(uuid4()), "message_id": int(seen.id), "action": action, "value": button["value"]}
        return self._shown(who, await self._post(who, "clicks", pressed))

    async def fill_in(self, who: str, asked: Asked, fields: Mapping[str, str]) -> None:
        form = asked.handle
        held = {one["name"]: one["value"] for one in form["fields"]}
        sent = {"press_id": str(uuid4()), "form": form["name"], "value": form["value"], "fields": held | dict(fields)}
        self._shown(who, await self._post(who, "forms", sent))

    async def command(self, who: str, words: str, *, where: str = DIRECT) -> None:
        await self.say(who, words, where=where)

    async def look(self) -> list[Seen]:
        seen = [one for who in self._pages for one in await self._look_at(who)]
        return [*seen, *self._told]

    def leave(self, who: str, where: str) -> None:
        raise AssertionError("a page has one reader")

    def person_id(self, who: str) -> str:
        return "visitor"

    async def _open_page(self, who: str) -> None:
        if who not in self._pages:
            response = await self.clients[who].post("/api/chat/conversations", json={})
            self._pages[who] = response.json()["conversation"]
            self.channels.append(self._pages[who])

    async def _post(self, who: str, path: str, body: Json) -> Json:
        response = await self.clients[who].post(f"/api/chat/{path}", json={"conversation": self._pages[who], **body})
        assert response.status_code in {200, 202}, response.text
        return response.json()

    def _shown(self, who: str, response: Json) -> Asked | None:
        if response.get("notice"):
            words = read_words(_text_of(response["notice"]))
            self._told.append(Seen(to=who, words=words, id=f"told-{len(self._told)}"))
        form = response.get("form")
        if not form:
            return None
        return Asked(title=form["title"], fields=tuple(one["name"] for one in form["fields"]), handle=form)

    async def _look_at(self, who: str) -> list[Seen]:
        """The page as its script shows it: what was edited as it reads now, without what was withdrawn."""
        seen: dict[int, Seen] = {}
        for message in await self._read_page(who):
            match message["kind"]:
                case "reply" | "notice":
                    seen[message["id"]] = _read_browser(message, to=who, message_id=message["id"])
                case "edit":
                    seen[message["of"]] = _read_browser(message["message"], to=who, message_id=message["of"])
                case "withdrawal":
                    del seen[message["of"]]
                case _:
                    pass
        return list(seen.values())

    async def _read_page(self, who: str) -> list[Json]:
        """All events of the page from its beginning, up to the one that says that there are no more now."""
        body = await read_stream(
            self.clients[who], f"/api/chat/events?conversation={self._pages[who]}", until="event: ready"
        )
        events = [
            dict(line.partition(": ")[::2] for line in one.split("\n")) for one in body.split("\n\n") if "data: " in one
        ]
        return [json.loads(one["data"]) for one in events if one["event"] == "message"]


def _read_browser(message: Json, *, to: str, message_id: int) -> Seen:
    is_reply = message["kind"] == "reply"
    told = f"{_text_of(message['html'])}\n{message.get('note', '')}"
    return Seen(
        to=to,
        words=read_words(told),
        sources=tuple(" \u203a ".join((one["title"], *one["heading_path"])) for one in message.get("sources", ())),
        buttons=tuple((one["action"], one["label"]) for one in message["buttons"]),
        has_thumbs=is_reply and message["asks_feedback"] and message["outcome"] != "failed",
        id=str(message_id),
        handle=message,
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_citation = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._is_citation = tag == "button"
        if tag in {"p", "li", "br", "td", "th", "pre", "h3", "h4", "h5", "h6"}:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._is_citation = False

    def handle_data(self, data: str) -> None:
        self.found += [] if self._is_citation else [data]


def _text_of(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.found)


async def read_stream(client: httpx.AsyncClient, path: str, *, until: str) -> str:
    """The beginning of a response that has no end: the reader leaves after this text."""
    request = client.build_request("GET", path)
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "server": ("localhost", 80),
        "client": transport.client,
        "root_path": "",
    }
    read, is_read = bytearray(), asyncio.Event()
    told = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        if first := next(told, None):
            return first
        await is_read.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200, message
        read.extend(message.get("body", b""))
        if until.encode() in read:
            is_read.set()

    await transport.app(scope, receive, send)
    return read.decode()
