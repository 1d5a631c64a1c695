"""Slack: signed HTTP payloads in, the loopback Slack's messages, whispers and modals out."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

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
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import iter_objects, visible_text

SENT_AGAIN = 3
"""Times, as Slack does."""


@dataclass(kw_only=True)
class SlackFace:
    slack: SlackServer
    client: httpx.AsyncClient
    fetch: Fetch
    help_channel: str
    tag: str
    can: frozenset[Ability] = frozenset(Ability) - {Ability.UNVOTING}
    platform: Platform = Platform.SLACK
    channels: list[str] = field(default_factory=list[str])
    _told: list[Seen] = field(default_factory=list[Seen])
    _votes: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    async def open(self) -> None:
        for who, name in PEOPLE.items():
            email = email_of(who, self.tag, self.platform)
            self.slack.add_user(self.person_id(who), email=email, name=name, is_guest=who == "gil")
            self.channels.append(self.slack.open_direct(self.person_id(who)))
        for channel, members in CHANNELS.items():
            self.slack.add_channel(self._channel(channel), members=[self.person_id(who) for who in members])
            self.channels.append(self._channel(channel))
        self.slack.channel(self.help_channel).members += [self.person_id(who) for who in HELPERS]

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
        user, channel, ts = self.person_id(who), self._place(who, where), thread.handle if thread else None
        if is_mention:
            payload = self.slack.ask(channel, user, text, thread=ts)
        else:
            said = self.slack.say(channel, user, text, thread=ts)
            payload = self.slack.payloads.message(channel, user, text, ts=said, thread=ts)
        if file is not None:
            shared = self.slack.add_file(f"F{self.tag}", file.content, name=file.name, media_type=file.media_type)
            payload["event"] |= {"subtype": "file_share", "files": [shared]}
        await self._send(payload)
        return Sent(who=who, where=where, handle=payload["event"]["ts"])

    async def edit(self, sent: Sent, text: str) -> None:
        mention = "" if sent.where == DIRECT else f"<@{self.slack.bot_user_id}> "
        await self._send(self.slack.change(self._place(sent.who, sent.where), sent.handle, f"{mention}{text}"))

    async def delete(self, sent: Sent) -> None:
        await self._send(self.slack.delete(self._place(sent.who, sent.where), sent.handle))

    async def vote(self, who: str, seen: Seen, value: int, *, by_reaction: bool = False) -> Asked | None:
        channel, message = seen.handle
        user, at = self.person_id(who), _slack_time()
        if not by_reaction:
            pressed = self.slack.payloads.button(channel, user, message, at=at, is_positive=value == 1)
            return await self._act(who, pressed)
        name = {1: "+1", -1: "-1"}[value or self._votes[who, seen.id]]
        self._votes[who, seen.id] = value
        reaction = self.slack.payloads.reaction(channel, user, message["ts"], name, at=at, removed=value == 0)
        return await self._act(who, reaction)

    async def press(self, who: str, seen: Seen, action: str) -> Asked | None:
        channel, message = seen.handle
        pressed = self.slack.payloads.press(channel, self.person_id(who), message, action, at=_slack_time())
        return await self._act(who, pressed)

    async def fill_in(self, who: str, asked: Asked, fields: Mapping[str, str]) -> None:
        filled = {name: self._value(name, value) for name, value in fields.items()}
        await self._send(self.slack.payloads.submission(self.person_id(who), asked.handle, filled))

    async def command(self, who: str, words: str, *, where: str = DIRECT) -> None:
        payload = self.slack.payloads.command(self._place(who, where), self.person_id(who), words)
        told = (await self._send(payload)).json()
        assert told["response_type"] == "ephemeral"
        self._told.append(self._read("", told | {"ts": f"told-{len(self._told)}"}, to=who))

    async def look(self) -> list[Seen]:
        seen = [
            self._read(channel, message, to=self._reader(channel))
            for channel in self.channels
            for message in self.slack.posted(channel)
        ]
        ours = await list_ours(self.fetch, self.channels, self.help_channel)
        helped = [one for one in self.slack.posted(self.help_channel) if one["ts"] in ours]
        seen += [self._read(self.help_channel, message, to=HELP) for message in helped]
        whispers = [one for one in self.slack.whispers if one["user"] in self._people()]
        seen += [self._read(one["channel"], one, to=self._people()[one["user"]]) for one in whispers]
        return [*seen, *self._told]

    def leave(self, who: str, where: str) -> None:
        self.slack.channel(self._channel(where)).members.remove(self.person_id(who))

    def person_id(self, who: str) -> str:
        return f"U{who.upper()}{self.tag}"

    async def _act(self, who: str, payload: Json) -> Asked | None:
        """Send it, and give back the modal that was opened for it."""
        before = len(self._modals(who))
        await self._send(payload)
        opened = self._modals(who)[before:]
        if not opened:
            return None
        view = opened[-1]
        fields = tuple(block["block_id"] for block in view["blocks"] if block["type"] == "input")
        return Asked(title=view["title"]["text"], fields=fields, handle=view)

    def _modals(self, who: str) -> list[Json]:
        return [view for user, view in self.slack.modals if user == self.person_id(who)]

    async def _send(self, payload: Json) -> httpx.Response:
        """What was not taken in, Slack sends again, and a person presses again: a busy machine may need that."""
        for retry in range(SENT_AGAIN + 1):
            request = self.slack.request(payload, retry=retry)
            response = await self.client.post("/slack/events", content=request.body, headers=request.headers)
            if response.status_code != 503:
                break
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return response

    def _read(self, channel: str, message: Json, *, to: str) -> Seen:
        blocks: list[Json] = message["blocks"]
        sections = [line for block in blocks if block["type"] not in _NOT_WORDS for line in _sections(block)]
        listed = [one for one in sections if one.startswith(("Sources\n", "Passages I tried\n"))]
        said = "\n".join(one for one in sections if one not in listed)
        is_packet = "A question from" in said
        rows = [block for block in blocks if block["type"] == "actions"]
        return Seen(
            to=to,
            words=read_words(_packet_words(said, blocks) if is_packet else re.sub(r"@U\w+", " ", said)),
            sources=tuple(title for one in listed for title in read_titles(one)),
            buttons=tuple(
                (one["action_id"].split(".")[1], one["text"]["text"]) for row in rows for one in row["elements"]
            ),
            has_thumbs=any(block["type"] == "context_actions" for block in blocks),
            mentions=frozenset(self._mentions(message)),
            id=message["ts"],
            handle=(channel, message),
        )

    def _mentions(self, message: Json) -> list[str]:
        """Live ones: elements of blocks, and what Slack would make one in a text."""
        live = [
            str(one.get("range") or one.get("user_id") or one)
            for one in iter_objects(message["blocks"])
            if one.get("type") in _LIVE
        ]
        return [self._people().get(one, one) for one in live] + re.findall(r"<[!@#][^>]*>", message.get("text", ""))

    def _people(self) -> dict[str, str]:
        return {self.person_id(who): who for who in PEOPLE}

    def _value(self, name: str, value: str) -> str:
        return self.person_id(value) if name == "person" and value in PEOPLE else value

    def _channel(self, name: str) -> str:
        return f"C{name.upper()}{self.tag}"

    def _place(self, who: str, where: str) -> str:
        return f"D{self.person_id(who)}" if where == DIRECT else self._channel(where)

    def _reader(self, channel: str) -> str:
        names = {self._place(who, DIRECT): who for who in PEOPLE} | {self._channel(name): name for name in CHANNELS}
        return names[channel]


_NOT_WORDS = frozenset({"actions", "context_actions"})
_LIVE = frozenset({"user", "broadcast", "usergroup", "channel"})


def _sections(block: Json) -> list[str]:
    if block["type"] == "rich_text":
        return [visible_text([element]) for element in block["elements"]]
    return [visible_text([block])]


def _packet_words(said: str, blocks: list[Json]) -> str:
    question = "".join(visible_text([one]) for one in iter_objects(blocks) if one.get("type") == "rich_text_quote")
    state, _, rest = said.partition("A question from")
    told = [line for line in rest.split("\n") if line.startswith(("Why: ", "Urgency: "))]
    state = "\n".join(line for line in state.split("\n") if not line.endswith("can you help?"))
    return "\n".join([state, question, *(line.partition(": ")[2] for line in told)])


def _slack_time() -> str:
    """Each later than the one before, as presses and reactions are."""
    return f"{int(time.time())}.{next(seconds):06d}"
