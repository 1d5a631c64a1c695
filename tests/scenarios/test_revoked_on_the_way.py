"""Rights that end while an answer is made, at every step of it: what is posted afterwards shows nothing of it."""

from pathlib import Path

import psycopg
import pytest

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.fakes.slack import SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import PEOPLE_CHANNEL, open_office
from tests.scenarios.secret_page import QUESTION, STEPS, reveals

ENDINGS = {
    "its reader left the group": "delete from knowledge.membership",
    "its rule narrowed": "update knowledge.access_rule set all_of = '[[]]' where all_of::text not like '%staff%'",
}


class Rights:
    """The rights as they were synced, ended and put back."""

    def __init__(self, url: str, ending: str) -> None:
        self._url = url
        self._ending = ending
        self._run("create table kept_membership as table knowledge.membership")
        self._run("create table kept_rule as table knowledge.access_rule")

    def end(self) -> None:
        assert self._run(self._ending) > 0
        self._count()

    def put_back(self) -> None:
        self._run("delete from knowledge.membership")
        self._run("insert into knowledge.membership select * from kept_membership")
        self._run(
            "update knowledge.access_rule as rule set all_of = kept.all_of from kept_rule as kept"
            " where kept.id = rule.id"
        )
        self._count()

    def _count(self) -> None:
        self._run("update knowledge.state set rights_version = rights_version + 1")

    def _run(self, statement: str) -> int:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(statement.encode()).rowcount


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_right_that_ends_at_any_step_counts(settings: Settings, slack: SlackServer, ending: str) -> None:
    rights = Rights(settings.database_url, ENDINGS[ending])
    due: list[Milestone | Step] = []

    def watch(_: str, reached: Milestone | Step) -> None:
        if due and reached == due[0]:
            due.pop()
            rights.end()

    async with open_office(settings, slack, observe=watch) as office:
        direct = slack.open_direct("UADA")
        assert reveals(said(await office.ask(direct, "UADA", QUESTION)))
        for step in STEPS:
            await office.settle()
            due.append(step)
            reply = await office.ask(direct, "UADA", QUESTION)
            assert due == [], f"{step} was never reached"
            assert not reveals(said(reply)), step
            for packet in slack.posted(PEOPLE_CHANNEL):
                assert not reveals(said(packet).replace(QUESTION, "")), step
            rights.put_back()


async def test_what_is_decided_anew_is_looked_at_again(settings: Settings, slack: SlackServer) -> None:
    """The right ends, is back while it is decided anew, and ends once more before that is said."""
    rights = Rights(settings.database_url, ENDINGS["its rule narrowed"])
    plan = [
        (Milestone.PLANNED, rights.end),
        (Step.READING, rights.put_back),
        (Step.CHECKING, rights.end),
    ]

    def watch(_: str, reached: Milestone | Step) -> None:
        if plan and reached == plan[0][0]:
            plan.pop(0)[1]()

    async with open_office(settings, slack, observe=watch) as office:
        reply = await office.ask(slack.open_direct("UADA"), "UADA", QUESTION)
        assert plan == []
        assert not reveals(said(reply))
        assert "safe 9" not in said(reply)


UNSURE = "which antenna does the VPN of the canteen use on Friday, and who pays for its session?"


@pytest.mark.parametrize("is_revoked", [False, True])
async def test_people_are_not_shown_what_their_channel_may_not_read_any_more(
    settings: Settings, slack: SlackServer, is_revoked: bool
) -> None:
    """Pages that were looked at are named in the packet, until rights end before it is sent."""

    def watch(_: str, reached: Milestone | Step) -> None:
        if is_revoked and reached is Milestone.PLANNED:
            with psycopg.connect(settings.database_url, autocommit=True) as connection:
                connection.execute("update knowledge.access_rule set all_of = '[[]]'")
                connection.execute("update knowledge.state set rights_version = rights_version + 1")

    async with open_office(settings, slack, observe=watch) as office:
        await office.ask("CSTAFF", "UBO", UNSURE)
        await office.settle()
        [packet] = slack.posted(PEOPLE_CHANNEL)
        assert ("Connect to the VPN" in said(packet)) is not is_revoked, said(packet)


@pytest.mark.parametrize("is_revoked", [False, True])
async def test_titles_to_choose_from_are_not_shown_to_who_may_not_read_them_any_more(
    settings: Settings, slack: SlackServer, handbook: Path, is_revoked: bool
) -> None:
    """No citation stands under them."""

    def watch(_: str, reached: Milestone | Step) -> None:
        if is_revoked and reached is Milestone.PLANNED:
            with psycopg.connect(settings.database_url, autocommit=True) as connection:
                connection.execute("update knowledge.access_rule set all_of = '[[]]'")
                connection.execute("update knowledge.state set rights_version = rights_version + 1")

    for company in ("Zephyr", "Borealis"):
        text = f"# Takeover of {company}\n\nThe takeover of {company} is planned for May.\n"
        (handbook / f"{company}.md").write_text(text, encoding="utf-8")
    async with open_office(settings, slack, observe=watch) as office:
        await office.app.knowledge.sync("handbook")
        reply = said(await office.ask("CSTAFF", "UBO", "takeover"))
        assert ("Zephyr" in reply) is not is_revoked, reply
