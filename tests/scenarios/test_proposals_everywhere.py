"""A change that waits for a click means the same in Slack, in Teams and on the browser page."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from helpdesk_bot.events import Platform
from tests.eventually import eventually_async
from tests.fakes.faces import DIRECT, BrowserFace, Face, Seen, SlackFace, TeamsFace
from tests.fakes.orders import OrderServer, Trouble
from tests.fakes.proposing import ProposingAgent
from tests.scenarios.dialogues.town import SLACK_HELP, TEAMS_HELP, Ground, Town, open_town
from tests.scenarios.idle import until_idle

pytestmark = pytest.mark.slow

PLATFORMS = [Platform.SLACK, Platform.TEAMS, Platform.BROWSER]
ASKED = "do order a laptop model large"
"""As words are read, whatever the layout."""


@pytest.fixture
async def town(
    server_url: str, informed_database: str, handbook: Path, orders: OrderServer, tmp_path: Path
) -> AsyncGenerator[Town]:
    (handbook / "one-more.md").write_text("# One more page\n\nIt is there to be found when the town opens.\n")
    ground = Ground(server_url=server_url, template=informed_database, folder=handbook)
    tools = orders.write_tools(tmp_path)
    async with open_town(ground, "bo", with_platforms=True, agent_type=ProposingAgent, tools_file=tools) as town:
        yield town


async def open_face(town: Town, platform: Platform, stack: AsyncExitStack) -> Face:
    client = await stack.enter_async_context(town.client("127.0.0.1"))
    assert town.slack is not None
    assert town.teams is not None
    faces: dict[Platform, Face] = {
        Platform.SLACK: SlackFace(slack=town.slack, client=client, fetch=town.fetch, help_channel=SLACK_HELP, tag="XX"),
        Platform.TEAMS: TeamsFace(teams=town.teams, client=client, fetch=town.fetch, help_channel=TEAMS_HELP, tag="XX"),
        Platform.BROWSER: BrowserFace(clients={"bo": client, "ada": client}, tag="XX"),
    }
    await faces[platform].open()
    return faces[platform]


async def see(face: Face, fits: Callable[[Seen], bool]) -> Seen:
    found: list[Seen] = []

    async def is_seen() -> bool:
        found[:] = [one for one in await face.look() if fits(one)]
        return bool(found)

    await eventually_async(is_seen)
    return found[-1]


def saying(words: str) -> Callable[[Seen], bool]:
    return lambda seen: words in seen.words


async def waiting(face: Face) -> Seen:
    seen = await see(face, lambda seen: "agree" in dict(seen.buttons))
    assert ASKED in seen.words, seen.words
    assert dict(seen.buttons) == {"agree": "Do it", "refuse": "Don't"}
    return seen


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_it_is_shown_agreed_to_and_done_in_place(town: Town, orders: OrderServer, platform: Platform) -> None:
    async with AsyncExitStack() as stack:
        face = await open_face(town, platform, stack)
        await face.say("bo", "order a large laptop")
        seen = await waiting(face)
        await asyncio.gather(face.press("bo", seen, "agree"), face.press("bo", seen, "agree"))
        done = await see(face, saying("it is done"))
        await until_idle(town)
        assert (done.id, done.buttons) == (seen.id, ())
        assert ASKED in done.words
        assert "order b 1 on its way" in done.words
        assert done.sources == ("Order a laptop",)
        assert orders.made == [{"model": "large"}]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_it_is_declined_edited_and_taken_back(town: Town, orders: OrderServer, platform: Platform) -> None:
    async with AsyncExitStack() as stack:
        face = await open_face(town, platform, stack)
        sent = await face.say("bo", "order a small laptop")
        await see(face, lambda seen: "agree" in dict(seen.buttons))
        await face.edit(sent, "order a large laptop")
        await see(face, saying(ASKED))
        await face.press("bo", await waiting(face), "refuse")
        declined = await see(face, saying("it was declined and nothing was done"))
        assert declined.buttons == ()
        again = await face.say("bo", "order a large laptop")
        await waiting(face)
        await face.delete(again)
        await until_idle(town)
        states = await town.fetch("select state from helpdesk.proposal order by made_at")
        assert states == [("void",), ("declined",), ("void",)]
        assert orders.keys == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_nobody_agrees_in_time_or_it_fails_and_is_tried_again(
    town: Town, orders: OrderServer, platform: Platform
) -> None:
    async with AsyncExitStack() as stack:
        face = await open_face(town, platform, stack)
        await face.say("bo", "order a large laptop")
        await waiting(face)
        await town.fetch("update helpdesk.proposal set due_at = now() returning 1")
        assert (await see(face, saying("nobody agreed in time"))).buttons == ()
        orders.troubles += [Trouble.REFUSED]
        await face.say("bo", "order a large laptop")
        await face.press("bo", await waiting(face), "agree")
        failed = await see(face, lambda seen: "again" in dict(seen.buttons))
        assert "it did not work and nothing was done" in failed.words
        await face.press("bo", failed, "again")
        await face.press("bo", await waiting(face), "agree")
        await see(face, saying("it is done"))
        assert len(set(orders.keys)) == 2


@pytest.mark.parametrize("platform", [Platform.SLACK, Platform.TEAMS])
async def test_others_and_guests_are_refused(town: Town, orders: OrderServer, platform: Platform) -> None:
    async with AsyncExitStack() as stack:
        face = await open_face(town, platform, stack)
        await face.say("bo", "order a large laptop", where="mixed")
        seen = await waiting(face)
        assert seen.to == "mixed"
        for who in ("ada", "gil"):
            await face.press(who, seen, "agree")
            assert (await see(face, saying("you can t agree to this"))).to == who
        await face.say("gil", "order a large laptop", where="mixed")
        await see(face, saying("guests can t have anything changed"))
        await until_idle(town)
        assert await town.fetch("select state from helpdesk.proposal") == [("waiting",)]
        assert await town.fetch("select allowed, count(*) from helpdesk.audit group by 1") == [(False, 2)]
        assert orders.keys == []


async def test_a_visitor_of_the_public_page_has_nothing_changed(
    server_url: str, informed_database: str, handbook: Path, orders: OrderServer, tmp_path: Path
) -> None:
    (handbook / "one-more.md").write_text("# One more page\n\nIt is there to be found when the town opens.\n")
    ground = Ground(server_url=server_url, template=informed_database, folder=handbook)
    tools = orders.write_tools(tmp_path)
    async with (
        open_town(ground, "gil", with_platforms=False, agent_type=ProposingAgent, tools_file=tools) as town,
        town.client("127.0.0.1") as client,
    ):
        face = BrowserFace(clients={"gil": client}, tag="XX")
        await face.say("gil", "order a large laptop", where=DIRECT)
        await see(face, saying("guests can t have anything changed"))
        assert await town.fetch("select state from helpdesk.proposal") == []
