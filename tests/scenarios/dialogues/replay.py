"""One dialogue on one platform: what each step led to."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.faces import PEOPLE, Asked, Face, Seen, Sent
from tests.scenarios.dialogues import script
from tests.scenarios.dialogues.script import Command, Dialogue, Say, Step, Together
from tests.scenarios.dialogues.town import Town

SETTLES_WITHIN_S = 50.0
LOOK_EVERY_S = 0.15
"""Many dialogues go on at once, and each asks the database."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """`kind` is new, changed or gone."""

    kind: str
    seen: Seen


@dataclass(kw_only=True)
class Happened:
    """What a step led to."""

    events: list[Event]
    rows: list[str]
    form: Asked | None = None


@dataclass(kw_only=True)
class Replay:
    """One dialogue on one platform."""

    dialogue: Dialogue
    face: Face
    towns: Mapping[str, Town]
    """Where the rows are of what a person did."""
    sent: dict[str, Sent] = field(default_factory=dict[str, Sent])
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    seen: dict[str, Seen] = field(default_factory=dict[str, Seen])
    rows: Counter[str] = field(default_factory=Counter[str])

    async def run(self) -> list[Happened | None]:
        """What each step led to; None where the platform leaves it out."""
        await self.face.open()
        return [await self._take(step) if step.needs <= self.face.can else None for step in self.dialogue.steps]

    async def _take(self, step: Step) -> Happened:
        form = await self._act(step.act)
        await self._settle()
        return Happened(events=await self._list_events(), rows=await self._list_rows(), form=form)

    async def _act(self, act: script.Act) -> Asked | None:
        match act:
            case Say():
                thread = self.sent[act.thread] if act.thread else None
                sent = await self.face.say(
                    act.who, act.text, where=act.where, thread=thread, is_mention=act.is_mention, file=act.file
                )
                self.sent[act.name] = sent
            case script.Edit():
                await self.face.edit(self.sent[act.message], act.text)
            case script.Delete():
                await self.face.delete(self.sent[act.message])
            case script.Leave():
                self.face.leave(act.who, act.where)
            case Command():
                await self.face.command(act.who, act.words, where=act.where)
            case script.Vote():
                target = self._find(act.who, lambda seen: seen.has_thumbs)
                return self._keep(
                    act.who, await self.face.vote(act.who, target, act.value, by_reaction=act.by_reaction)
                )
            case script.Press():
                target = self._find(act.who, lambda seen: act.action in dict(seen.buttons))
                return self._keep(act.who, await self.face.press(act.who, target, act.action))
            case script.Fill():
                await self.face.fill_in(act.who, self.asked[act.who], act.fields)
            case Together(acts=acts):
                for one in acts:
                    await self._act(one)
        return None

    def _keep(self, who: str, asked: Asked | None) -> Asked | None:
        if asked is not None:
            self.asked[who] = asked
        return asked

    def _find(self, who: str, fits: Callable[[Seen], bool]) -> Seen:
        found = [one for one in self.seen.values() if fits(one) and (one.to == who or one.to not in PEOPLE)]
        assert found, f"{who} sees nothing of the kind among {list(map(meaning, self.seen.values()))}"
        return found[-1]

    async def _settle(self) -> None:
        """Until nothing is left to do for this dialogue."""
        channels = self.face.channels
        patterns = [f"%{channel}%" for channel in channels]
        async with asyncio.timeout(SETTLES_WITHIN_S):
            for town in self.towns.values():
                while await town.fetch(_LEFT, [channels, patterns]):
                    await asyncio.sleep(LOOK_EVERY_S)

    async def _list_events(self) -> list[Event]:
        now = {f"{one.to} {one.id}": one for one in await self.face.look()}
        before, self.seen = self.seen, now
        fresh = [Event(kind="new", seen=one) for key, one in now.items() if key not in before]
        changed = [
            Event(kind="changed", seen=one)
            for key, one in now.items()
            if key in before and meaning(one) != meaning(before[key])
        ]
        gone = [Event(kind="gone", seen=one) for key, one in before.items() if key not in now]
        return [*fresh, *changed, *gone]

    async def _list_rows(self) -> list[str]:
        """What the bot knows now and did not know before."""
        now: Counter[str] = Counter()
        for who, town in self.towns.items():
            names = {self.face.person_id(one): one for one in PEOPLE} | {"visitor": who, "": "nobody"}
            for row in await town.fetch(_ROWS, [self.face.channels] * 5):
                now[_sentence(row, names)] += 1
        before, self.rows = self.rows, now
        return sorted((now - before).elements())


_LEFT = """
select 1 from helpdesk.question where channel = any (%s) and ended_at is null
union all
select 1 from procrastinate_jobs where status in ('todo', 'doing') and (args::text like any (%s) or task_name = 'sync')
"""
_ROWS = """
with ours as (select * from helpdesk.question where channel = any (%s))
select 'question', coalesce(outcome, 'open'), '', case when revision = 0 then '' else ', revision ' || revision end
  from ours
union all
select 'case', state, coalesce(nullif(closed_by, ''), nullif(answered_by, ''), claimed_by), ''
  from helpdesk.escalation join ours on key = question_key
union all
select 'vote', value::text, person_id, '' from helpdesk.feedback where channel = any (%s)
union all
select 'reason', reason, person_id, ': ' || comment from helpdesk.feedback_reason where channel = any (%s)
union all
select 'curated', state, '', ': ' || question || ' ' || answer from helpdesk.curated where channel = any (%s)
union all
select 'draft', state, '', '' from helpdesk.draft join ours on key = question_key
union all
select 'heard:', rule, '', case when speaks then ', speaks' else ', silent' end
  from helpdesk.hearing where channel = any (%s)
"""


def _sentence(row: tuple[Any, ...], names: Mapping[str, str]) -> str:
    kind, state, person_id, more = row
    by = f" by {names.get(person_id, person_id)}" if person_id else ""
    return f"{kind} {state}{by}{more}"


def meaning(seen: Seen, *, with_mentions: bool = True) -> tuple[object, ...]:
    mentions = seen.mentions if with_mentions else frozenset[str]()
    return (seen.to, seen.words, seen.sources, seen.buttons, seen.has_thumbs, tuple(sorted(mentions)))
