"""Teams: activities in, as in development, and what the loopback Bot Connector holds out."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx

from helpdesk_bot.events import Platform
from tests.fakes.faces.face import (
    CHANNELS,
    DIRECT,
    HELP,
    HELPERS,
    PEOPLE,
    Ability,
    Asked,
    Fetch,
    Seen,
    Sent,
    SentFile,
    email_of,
    list_ours,
    read_titles,
    read_words,
    seconds,
)
from tests.fakes.teams import Json, TeamsServer


@dataclass(kw_only=True)
class TeamsFace:
    """Hears what is said to it alone and what mentions it: more needs a team's consent."""

    teams: TeamsServer
    client: httpx.AsyncClient
    fetch: Fetch
    help_channel: str
    tag: str
    can: frozenset[Ability] = frozenset(Ability) - {Ability.UNVOTING, Ability.OVERHEARING}
    platform: Platform = Platform.TEAMS
    channels: list[str] = field(default_factory=list[str])
    _told: list[Seen] = field(default_factory=list[Seen])
    _votes: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _above: dict[str, str | None] = field(default_factory=dict[str, str | None])
    """Which message each part follows, once seen: what is forgotten of a person stays as it was said."""

    async def open(self) -> None:
        for who, name in PEOPLE.items():
            role = "guest" if who == "gil" else "user"
            self.teams.add_user(self._user(who), email=email_of(who, self.tag, self.platform), role=role, name=name)
            self.channels.append(self.teams.add_personal(self._user(who)))
        for channel, members in CHANNELS.items():
            self.channels.append(
                self.teams.add_channel(f"{channel}{self.tag.lower()}", [self._user(who) for who in members])
            )
        self.teams.conversation(self.help_channel).members += [self._user(who) for who in HELPERS]

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
        place = self._place(who, where)
        if where != DIRECT and thread is not None:
            place = f"{place};messageid={thread.handle['id']}"
        more: Json = {}
        if file is not None:
            url = self.teams.add_file(f"{self.tag}-{file.name}", file.content)
            more["attachments"] = [_attachment(file, url)]
        activity = self.teams.message(place, self._user(who), text, mention=is_mention and where != DIRECT, **more)
        await self._send(activity)
        return Sent(who=who, where=where, handle=activity)

    async def edit(self, sent: Sent, text: str) -> None:
        mention = "" if sent.where == DIRECT else "<at>Helpdesk</at> "
        await self._send({**sent.handle, "type": "messageUpdate", "text": f"{mention}{text}"})

    async def delete(self, sent: Sent) -> None:
        await self._send({**sent.handle, "type": "messageDelete", "text": None})

    async def vote(self, who: str, seen: Seen, value: int, *, by_reaction: bool = False) -> Asked | None:
        place, user = seen.handle[0], self._user(who)
        if by_reaction:
            name = {1: "like", -1: "1f44e_thumbsdown"}.get(value) or self._votes[who, seen.id]
            self._votes[who, seen.id] = name
            change = "reactionsRemoved" if value == 0 else "reactionsAdded"
            reaction = {change: [{"type": name}], "replyToId": seen.id}
            await self._send(self.teams.activity(place, user, "messageReaction", **reaction))
            return None
        if value == 1:
            given: Json = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}
            await self._send(self.teams.invoke(place, user, "message/submitAction", given, on=seen.id))
            return None
        wanted: Json = {
            "data": {"actionName": "feedback"},
            "actionName": "feedback",
            "actionValue": {"reaction": "dislike"},
        }
        response = await self._send(self.teams.invoke(place, user, "message/fetchTask", wanted, on=seen.id))
        return self._shown(who, response, seen)

    async def press(self, who: str, seen: Seen, action: str) -> Asked | None:
        place, message = seen.handle
        [pressed] = [one for one in _actions(message) if _carried(one).get("name") == action]
        response = await self._send(self.teams.press(place, self._user(who), pressed, on=seen.id))
        return self._shown(who, response, seen)

    async def fill_in(self, who: str, asked: Asked, fields: Mapping[str, str]) -> None:
        card, seen, is_feedback = asked.handle
        inputs = {one["id"]: str(one["value"]) for one in card["body"] if one.get("value")}
        inputs |= {f"field_{name}": self._value(name, value) for name, value in fields.items()}
        place, send = seen.handle[0], card["actions"][0]
        if is_feedback:
            filled = json.dumps({**send["data"], **inputs})
            given = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": filled}}
            activity = self.teams.invoke(place, self._user(who), "message/submitAction", given, on=seen.id)
        else:
            activity = self.teams.press(place, self._user(who), send, on=seen.id, inputs=inputs)
        self._shown(who, await self._send(activity), seen)

    async def command(self, who: str, words: str, *, where: str = DIRECT) -> None:
        await self.say(who, words, where=where)

    async def look(self) -> list[Seen]:
        rows = await self.fetch("select message_id, marker, part from helpdesk.teams_sent where message_id is not null")
        parts = {(marker, part): message_id for message_id, marker, part in rows}
        self._above |= {message_id: parts.get((marker, part - 1)) for message_id, marker, part in rows}
        seen = [
            self._read(channel, message, to=self._reader(channel))
            for channel in self.channels
            for message in _with_cards(self.teams.shown(channel), self._above)
        ]
        ours = await list_ours(self.fetch, self.channels, self.help_channel)
        shown = _with_cards(self.teams.shown(self.help_channel), self._above)
        seen += [self._read(self.help_channel, message, to=HELP) for message in shown if message["id"] in ours]
        return [*(one for one in seen if one.words), *self._told]

    def leave(self, who: str, where: str) -> None:
        self.teams.conversation(self._place(who, where)).members.remove(self._user(who))

    def person_id(self, who: str) -> str:
        return f"aad-{self._user(who)}"

    async def _send(self, activity: Json) -> Any:
        response = await self.client.post("/teams/messages", json=activity | {"timestamp": _now().isoformat()})
        assert response.status_code == 200, response.text
        return response.json() if response.content else {}

    def _shown(self, who: str, response: Json, seen: Seen) -> Asked | None:
        """What whoever pressed is shown: a form, or a line that is kept as told."""
        task = response.get("task", {})
        value = task.get("value", response.get("value"))
        if isinstance(value, dict):
            card = value["card"]["content"] if task else value
            title = value["title"] if task else next(one["text"] for one in card["body"] if one["type"] == "TextBlock")
            fields = tuple(one["id"].removeprefix("field_") for one in card["body"] if "id" in one)
            return Asked(title=_plain(title), fields=fields, handle=(card, seen, bool(task)))
        if value and value not in _ACKNOWLEDGEMENTS:
            self._told.append(Seen(to=who, words=read_words(str(value)), id=f"told-{len(self._told)}"))
        return None

    def _read(self, channel: str, message: Json, *, to: str) -> Seen:
        parts: list[str] = (message.get("text") or "").split("\n\n")
        at = parts.index("**Sources**") + 1 if "**Sources**" in parts else 0
        listed = parts.pop(at) if at else ""
        said = "\n\n".join(part for part in parts if part != "**Sources**")
        cards = [attachment["content"] for attachment in message.get("attachments") or ()]
        elements = [element for card in cards for element in card["body"]]
        words = _packet_card_words(elements) if elements else _plain(re.sub(r"<at>.*?</at>", " ", said))
        listed = listed or "\n".join(one["text"] for one in elements if one["type"] == "TextBlock")
        return Seen(
            to=to,
            words=read_words(words) if message["type"] == "message" else "",
            sources=read_titles(_plain(listed)),
            buttons=tuple((_carried(one)["name"], one["title"]) for one in _actions(message) if _carried(one)),
            has_thumbs="feedbackLoop" in message.get("channelData", {}),
            mentions=frozenset(self._mentions(message, cards)),
            id=message["id"],
            handle=(self._conversation(channel, message), message),
        )

    def _mentions(self, message: Json, cards: list[Json]) -> list[str]:
        entities = [
            *(message.get("entities") or ()),
            *(one for card in cards for one in card.get("msteams", {}).get("entities", ())),
        ]
        ids = {f"29:{self._user(who)}": who for who in PEOPLE}
        return [ids.get(one["mentioned"]["id"], str(one)) for one in entities if one["type"] == "mention"]

    def _conversation(self, channel: str, message: Json) -> str:
        return message.get("conversation", {}).get("id", channel) if channel.startswith("19:") else channel

    def _value(self, name: str, value: str) -> str:
        return self.person_id(value) if name == "person" and value in PEOPLE else value

    def _user(self, who: str) -> str:
        return f"{who}{self.tag.lower()}"

    def _place(self, who: str, where: str) -> str:
        return f"a:{self._user(who)}" if where == DIRECT else f"19:{where}{self.tag.lower()}@thread.tacv2"

    def _reader(self, channel: str) -> str:
        names = {self._place(who, DIRECT): who for who in PEOPLE} | {self._place("", name): name for name in CHANNELS}
        return names[channel]


_ACKNOWLEDGEMENTS = frozenset({"Done.", "I wrote to you in our chat."})
"""Teams wants a word for every press; these say nothing that is not said elsewhere too."""


def _attachment(file: SentFile, url: str) -> Json:
    if file.media_type.startswith("image/"):
        return {"contentType": file.media_type, "contentUrl": url, "name": file.name}
    kind = "application/vnd.microsoft.teams.file.download.info"
    return {"contentType": kind, "name": file.name, "content": {"downloadUrl": url, "uniqueId": "1", "fileType": "md"}}


def _with_cards(messages: Iterable[Json], above: Mapping[str, str | None]) -> list[Json]:
    """A card of buttons alone is read as a part of the text above it."""
    read = {message["id"]: dict(message) for message in messages}
    for message in list(read.values()):
        cards = message.get("attachments") or []
        if cards and not any(one["content"]["body"] for one in cards) and (text := above.get(message["id"])):
            read[text]["attachments"] = cards
            del read[message["id"]]
    return list(read.values())


def _actions(message: Json) -> list[Json]:
    """What can be pressed; a button that asks whether one is sure opens a card with the one that counts."""
    shown = [action for one in message.get("attachments") or () for action in one["content"].get("actions", ())]
    asking = [one for one in shown if one["type"] == "Action.ShowCard"]
    sure = [one["card"]["actions"][0] | {"title": one["title"]} for one in asking]
    return [*(one for one in shown if one not in asking), *sure]


def _carried(action: Json) -> Json:
    return action.get("data", {}).get("helpdesk", {})


def _packet_card_words(elements: list[Json]) -> str:
    quoted = [
        run["text"]
        for one in elements
        if one["type"] == "Container"
        for item in one["items"]
        for run in item["inlines"]
    ]
    labelled = {
        one["inlines"][0]["text"].strip(): "".join(run["text"] for run in one["inlines"][1:])
        for one in elements
        if one["type"] == "RichTextBlock" and len(one["inlines"]) > 1
    }
    told = [labelled.get(label, "") for label in ("Why:", "Urgency:")]
    return "\n".join([labelled.get("State:", ""), *quoted, *told])


def _plain(markdown: str) -> str:
    """What is read of a text of ours in Teams."""
    text = re.sub(r"\[((?:[^\]\\]|\\.)*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"^\s*(?:-|\d+\.) ", "", text, flags=re.MULTILINE)
    return unescape(re.sub(r"\\(.)", r"\1", re.sub(r"\*\*|(?<!\\)\*|`", "", text)))


def _now() -> datetime:
    """Each later than the one before."""
    return datetime.now(UTC) + timedelta(microseconds=1_000 * next(seconds))
