"""Races of rights: at each step of an answer its reader loses the right, or somebody without it joins the channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import psycopg
import pytest

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.secret_page import QUESTION, STEPS, reveals
from tests.thorough import tried

ROUNDS = tried(5, thoroughly=31)
"""Of 16 cases each, with a person of its own for every case; 16 more keep their rights."""
AT_ONCE = 32
JOIN = "insert into knowledge.membership select source, group_name, replace(member, 'ada@', %s) from kept"
LEAVE = "delete from knowledge.membership where strpos(member, %s) > 0"


@dataclass(frozen=True, kw_only=True)
class Race:
    """`step` is when it ends; None for never. In a channel it ends by somebody who joins."""

    number: int
    step: Milestone | Step | None
    in_channel: bool

    @property
    def user(self) -> str:
        return f"URACE{self.number}"

    @property
    def name(self) -> str:
        return f"racer{self.number}@"

    @property
    def channel(self) -> str:
        return f"CRACE{self.number}" if self.in_channel else f"D{self.user}"


def races() -> Iterator[Race]:
    steps = [*(STEPS * ROUNDS), *[None] * 8]
    for number, (step, in_channel) in enumerate(product(steps, (False, True))):
        yield Race(number=number, step=step, in_channel=in_channel)


class Ground:
    """What ends rights while the bot works, from connections of its own."""

    def __init__(self, url: str, slack: SlackServer) -> None:
        self._url = url
        self._slack = slack
        self.running: dict[str, Race] = {}
        self.ended: set[int] = set()
        self._run("create table kept as select * from knowledge.membership where strpos(member, 'ada@') > 0")

    def begin(self, race: Race) -> None:
        self._slack.add_user(race.user, email=f"{race.name}example.com")
        if race.in_channel:
            self._slack.add_channel(race.channel, members=[race.user], kind="private")
        else:
            self._slack.open_direct(race.user)
        self._run(JOIN, race.name)
        self.running[race.channel] = race

    def watch(self, question_key: str, reached: Milestone | Step) -> None:
        race = self.running.get(question_key.split(":")[2])
        if race is None or reached != race.step or race.number in self.ended:
            return
        self.ended.add(race.number)
        if race.in_channel:
            self._slack.channel(race.channel).members.append("UBO")
        else:
            assert self._run(LEAVE, race.name) > 0

    def _run(self, statement: str, *parameters: str) -> int:
        with psycopg.connect(self._url, autocommit=True) as connection:
            rows = connection.execute(statement.encode(), parameters).rowcount
            connection.execute("update knowledge.state set rights_version = rights_version + 1")
            return rows


async def run(office: Office, ground: Ground, some: list[Race]) -> None:
    for race in some:
        ground.begin(race)
    for race in some:
        assert (await office.send(office.slack.ask(race.channel, race.user, QUESTION))).status_code == 200
    await eventually(lambda: all(office.slack.posted(race.channel) for race in some), within_s=240)
    await office.settle()


@pytest.mark.slow
@pytest.mark.timeout(3_600)
async def test_nothing_is_posted_after_a_right_ended_at_any_step(settings: Settings, slack: SlackServer) -> None:
    ground, all_races = Ground(settings.database_url, slack), list(races())
    async with open_office(settings, slack, observe=ground.watch) as office:
        for start in range(0, len(all_races), AT_ONCE):
            await run(office, ground, all_races[start : start + AT_ONCE])
    told = {race.number: any(reveals(said(one)) for one in slack.posted(race.channel)) for race in all_races}
    ending = [race for race in all_races if race.step is not None]
    assert len(ending) == 16 * ROUNDS
    assert {race.number for race in ending} == ground.ended, "each step was reached"
    assert [race for race in ending if told[race.number]] == []
    assert all(told[race.number] for race in all_races if race.step is None), "those who keep their rights are told"
