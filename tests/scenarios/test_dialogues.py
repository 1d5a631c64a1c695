"""One script of dialogues, replayed through Slack, Teams and the browser chat: it means the same everywhere.

Slack's signed events, Teams' activities and the page's requests go into one ASGI app on one Postgres, with a strict
Slack and a strict Bot Connector on loopback. What a platform lacks is left out by its ability, and listed by name.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from helpdesk_bot.events import Platform
from tests.fakes.faces import Ability, BrowserFace, Face, SlackFace, TeamsFace
from tests.scenarios.dialogues import CHAPTERS
from tests.scenarios.dialogues.judging import ABILITIES, judge
from tests.scenarios.dialogues.left_out import LEFT_OUT
from tests.scenarios.dialogues.replay import Happened, Replay
from tests.scenarios.dialogues.script import Command, Dialogue, Say
from tests.scenarios.dialogues.town import ANNOUNCEMENT, SLACK_HELP, TEAMS_HELP, Ground, Town, open_town

AT_ONCE = 4
"""Dialogues that go on at the same time, each on all platforms."""

KNOWN: Mapping[str, str] = {}
"""What is not equal yet, by dialogue and step; each is reported, and leaves the list with its repair."""


async def replay_all(dialogues: Sequence[Dialogue], towns: Mapping[str, Town]) -> list[str]:
    """What is wrong in any of them."""
    room = asyncio.Semaphore(AT_ONCE)

    async def run(number: int, dialogue: Dialogue) -> list[str]:
        async with room, AsyncExitStack() as stack:
            faces = [face for face in await _faces(number, towns, stack) if dialogue.needs <= face.can]
            turns = asyncio.Semaphore(1 if dialogue.is_alone else len(faces))

            async def replay(face: Face) -> list[Happened | None]:
                async with turns:
                    return await _replay(dialogue, face, towns).run()

            replays = await asyncio.gather(*map(replay, faces), return_exceptions=True)
            failed = [
                f"{dialogue.name} / {face.platform}: {replay!r}"
                for face, replay in zip(faces, replays, strict=True)
                if isinstance(replay, BaseException)
            ]
            whole = {
                face.platform: replay
                for face, replay in zip(faces, replays, strict=True)
                if not isinstance(replay, BaseException)
            }
            return failed + judge(dialogue, whole)

    numbered = list(enumerate(dialogues, start=1))
    wrong = await asyncio.gather(*(run(number, one) for number, one in numbered if not one.is_alone))
    wrong += [await run(number, one) for number, one in numbered if one.is_alone]
    return [what for one in wrong for what in one]


def _replay(dialogue: Dialogue, face: Face, towns: Mapping[str, Town]) -> Replay:
    own = towns if face.platform is Platform.BROWSER else {"bo": towns["bo"]}
    return Replay(dialogue=dialogue, face=face, towns=own)


async def _faces(number: int, towns: Mapping[str, Town], stack: AsyncExitStack) -> list[Face]:
    """Each page is at an address of its own: the chat counts the questions from one."""
    pages = {who: await stack.enter_async_context(town.client(f"127.0.1.{number}")) for who, town in towns.items()}
    town, tag = towns["bo"], f"X{number:03d}X"
    client = await stack.enter_async_context(town.client("127.0.0.1"))
    assert town.slack is not None
    assert town.teams is not None
    slack = SlackFace(slack=town.slack, client=client, fetch=town.fetch, help_channel=SLACK_HELP, tag=tag)
    teams = TeamsFace(teams=town.teams, client=client, fetch=town.fetch, help_channel=TEAMS_HELP, tag=tag)
    return [slack, teams, BrowserFace(clients=pages, tag=tag)]


def visitors_of(dialogues: Sequence[Dialogue]) -> set[str]:
    """Who looks at the browser chat in any of them. A page has one kind of visitor, so each needs an app."""
    acts = [step.act for dialogue in dialogues for step in dialogue.steps if dialogue.needs <= BrowserFace.can]
    return {"bo"} | {act.who for act in acts if isinstance(act, Say | Command)}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("chapter", CHAPTERS)
async def test_it_means_the_same_on_every_platform(
    chapter: str, server_url: str, informed_database: str, handbook: Path
) -> None:
    (handbook / "fire-drill.md").write_text(ANNOUNCEMENT)
    ground = Ground(server_url=server_url, template=informed_database, folder=handbook)
    dialogues = CHAPTERS[chapter]
    async with AsyncExitStack() as stack:
        towns = {
            who: await stack.enter_async_context(open_town(ground, who, with_platforms=who == "bo"))
            for who in sorted(visitors_of(dialogues))
        }
        wrong = await replay_all(dialogues, towns)
    unequal = [what for what in wrong if not what.startswith(tuple(KNOWN))]
    assert not unequal, "\n\n".join(unequal)
    mended = {one for one in KNOWN if one.partition(" / ")[0] in {dialogue.name for dialogue in dialogues}}
    mended -= {one for one in KNOWN if any(what.startswith(one) for what in wrong)}
    assert not mended, f"take these off the list: {mended}"


def test_what_a_platform_leaves_out_is_what_it_lacks() -> None:
    assert sorted(iter_left_out()) == sorted(LEFT_OUT)


def iter_left_out() -> Iterator[str]:
    """Each dialogue, or the part of one, that a platform does not take part in, and for want of what."""
    for dialogue in (one for dialogues in CHAPTERS.values() for one in dialogues):
        for platform, can in ABILITIES.items():
            if dialogue.needs - can:
                yield f"{platform}: {dialogue.name}: {_join(dialogue.needs - can)}"
                continue
            for number, step in enumerate(dialogue.steps):
                if step.needs - can:
                    yield f"{platform}: {dialogue.name}, step {number}: {_join(step.needs - can)}"
                for heard in (one for one in step.heard if one.needs - can):
                    lacking = _join(heard.needs - can)
                    yield f"{platform}: {dialogue.name}, step {number}, what {heard.to} hears: {lacking}"


def _join(lacking: frozenset[Ability]) -> str:
    return ", ".join(sorted(lacking))


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    names = [dialogue.name for dialogues in CHAPTERS.values() for dialogue in dialogues]
    assert len(names) >= 40
    assert len(set(names)) == len(names)
