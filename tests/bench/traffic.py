"""What the people of an office do all day, as signed events at a steady rate: for `tests.bench.soak`.

Beside each question others talk, vote, correct and delete; some events come twice, and each mention is told as a
message, too. What the bot refuses is sent again, as Slack does, but sooner.
"""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field

import httpx

from helpdesk_bot.evals.starter import read_cases
from tests.fakes.slack import Json, SlackServer

PEOPLE = 40
CHANNELS = 30
PEOPLE_CHANNEL = "CPEOPLE"
AGAIN_AFTER_S = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
FOLLOW_UPS = ("and on a phone?", "how long does that take?", "what if that does not work?", "who can help me with it?")
CHATTER = ("lunch at noon?", "the build is green again", "see you tomorrow", "ok", "did anybody see my charger?")
NEWER = "how do I connect to the guest wifi?"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that was taken in."""

    key: str
    channel: str
    user: str
    ts: str
    thread: str
    at: float
    """When it was sent first."""
    acknowledged_at: float


@dataclass(kw_only=True)
class Traffic:
    slack: SlackServer
    client: httpx.AsyncClient
    chance: random.Random
    asked: dict[str, Asked] = field(default_factory=dict)
    """By question key."""
    deleted: set[str] = field(default_factory=set)
    edited: set[str] = field(default_factory=set)
    events: int = 0
    refused: int = 0
    """Events that had to be sent again."""
    lost: int = 0
    """Events that were never taken in."""
    _recent: deque[Asked] = field(default_factory=lambda: deque(maxlen=100))
    _texts: tuple[str, ...] = tuple(case.question for case in read_cases() if not case.history)

    def open_office(self) -> None:
        people = [f"U{number:03d}" for number in range(PEOPLE)]
        for user in people:
            self.slack.add_user(user, email=f"{user.lower()}@example.com", name=user)
            self.slack.open_direct(user)
        for number in range(CHANNELS):
            self.slack.add_channel(f"C{number:03d}", members=people)
        self.slack.add_channel(PEOPLE_CHANNEL, members=people[:5])

    async def ask(self, *, rate: float, seconds: float, beside: bool = True) -> None:
        """So many questions a second, whatever the bot makes of it; with what happens `beside`."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                group.create_task(self._ask_one())
                for act in self._choose_beside() if beside else ():
                    group.create_task(act)

    def _choose_beside(self) -> list:
        acts = {
            self._chat: 0.3,
            self._vote: 0.15,
            self._press: 0.05,
            self._edit: 0.06,
            self._delete: 0.03,
            self._command: 0.05,
            self._look_home: 0.03,
        }
        return [act() for act, share in acts.items() if self.chance.random() < share]

    async def _ask_one(self) -> None:
        user, text = self._user(), self.chance.choice(self._texts)
        channel, thread = f"C{self.chance.randrange(CHANNELS):03d}", None
        kind = self.chance.random()
        if kind < 0.2:
            channel = f"D{user}"
        elif kind < 0.45 and (before := self._pick()):
            channel, thread, user, text = before.channel, before.thread, before.user, self.chance.choice(FOLLOW_UPS)
            if channel.startswith("D"):
                thread = None
        payload = self.slack.ask(channel, user, text, thread=thread)
        event = payload["event"]
        at = time.monotonic()
        copies = [payload]
        if event["type"] == "app_mention" and self.chance.random() < 0.3:
            copies.append(self.slack.payloads.message(channel, user, event["text"], ts=event["ts"], thread=thread))
        if self.chance.random() < 0.1:
            copies += [payload] * self.chance.randint(1, 2)
        if not all(await asyncio.gather(*map(self._send, copies))):
            return
        key = f"slack:{self.slack.team_id}:{channel}:{event['ts']}"
        one = Asked(
            key=key,
            channel=channel,
            user=user,
            ts=event["ts"],
            thread=thread or event["ts"],
            at=at,
            acknowledged_at=time.monotonic(),
        )
        self.asked[key] = one
        self._recent.append(one)

    async def _chat(self) -> None:
        channel, user, text = f"C{self.chance.randrange(CHANNELS):03d}", self._user(), self.chance.choice(CHATTER)
        thread = None
        if self.chance.random() < 0.3 and (before := self._pick(in_channel=True)):
            channel, thread, text = before.channel, before.thread, "thanks, that helps"
        ts = self.slack.say(channel, user, text, thread=thread)
        await self._send(self.slack.payloads.message(channel, user, text, ts=ts, thread=thread))

    async def _vote(self) -> None:
        if before := self._pick(in_channel=True):
            for message in self.slack.replies(before.channel, before.thread)[-1:]:
                name, at = self.chance.choice(("+1", "-1")), self.slack.next_ts()
                await self._send(self.slack.payloads.reaction(before.channel, before.user, message["ts"], name, at=at))

    async def _press(self) -> None:
        if before := self._pick(in_channel=True):
            for message in self.slack.replies(before.channel, before.thread)[-1:]:
                if any(block["type"] == "context_actions" for block in message.get("blocks", ())):
                    at = self.slack.next_ts()
                    await self._send(self.slack.payloads.button(before.channel, before.user, message, at=at))

    async def _edit(self) -> None:
        if before := self._pick():
            self.edited.add(before.key)
            text = f"<@{self.slack.bot_user_id}> {NEWER}" if before.channel.startswith("C") else NEWER
            await self._send(self.slack.change(before.channel, before.ts, text))

    async def _delete(self) -> None:
        if before := self._pick():
            self._recent.remove(before)
            self.deleted.add(before.key)
            await self._send(self.slack.delete(before.channel, before.ts))

    async def _command(self) -> None:
        user = self._user()
        text = self.chance.choice(("help", "status"))
        await self._send(self.slack.payloads.command(f"D{user}", user, text))

    async def _look_home(self) -> None:
        await self._send(self.slack.payloads.home_opened(self._user()))

    def _user(self) -> str:
        return f"U{self.chance.randrange(PEOPLE):03d}"

    def _pick(self, *, in_channel: bool = False) -> Asked | None:
        """One of the newest questions; threads of deleted ones are left."""
        fit = [
            one
            for one in self._recent
            if one.key not in self.deleted
            and f"slack:{self.slack.team_id}:{one.channel}:{one.thread}" not in self.deleted
            and (not in_channel or one.channel.startswith("C"))
        ]
        return self.chance.choice(fit) if fit else None

    async def _send(self, payload: Json) -> bool:
        """Until it is taken in; whether it was."""
        self.events += 1
        for retry, wait_s in enumerate(AGAIN_AFTER_S):
            await asyncio.sleep(wait_s)
            request = self.slack.request(payload, retry=retry)
            try:
                response = await self.client.post("/slack/events", content=request.body, headers=request.headers)
                if response.status_code == 200:
                    return True
            except httpx.TransportError:
                pass
            self.refused += 1
        self.lost += 1
        return False
