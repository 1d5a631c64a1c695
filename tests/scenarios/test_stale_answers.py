"""A page changes under an answer: its thread is marked once, or the answer taken back where it may not be read."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk_bot.settings import Settings
from tests.eventually import eventually
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.admins import command
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.idle import until_idle

QUESTION = "how long does a VPN session last?"
OUT_OF_DATE = "may be out of date"


async def resync(office: Office) -> None:
    await office.send(office.slack.payloads.command("CSTAFF", "UADA", "resync handbook"))
    await asyncio.sleep(0.3)
    await until_idle(office)


def answer_in(slack: SlackServer, reply: Json) -> str:
    (message,) = slack.replies("CSTAFF", reply["thread_ts"])
    return said(message)


async def test_a_page_that_says_something_else_marks_the_answer_once(office: Office, handbook: Path) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    page = handbook / "vpn.md"
    page.write_text(page.read_text("utf-8").replace("12 hours", "8 hours"), "utf-8")
    await resync(office)
    assert "12 hours" in answer_in(office.slack, reply)
    assert answer_in(office.slack, reply).count(OUT_OF_DATE) == 1
    assert "(handbook): 1" in await command(office, "UADA", "stale")
    edits = len(office.slack.calls_of("chat.update"))
    page.write_text(page.read_text("utf-8").replace("8 hours", "9 hours"), "utf-8")
    await resync(office)
    assert answer_in(office.slack, reply).count(OUT_OF_DATE) == 1
    assert len(office.slack.calls_of("chat.update")) == edits


async def test_the_day_of_a_change_is_the_day_where_the_organisation_is(
    settings: Settings, slack: SlackServer, handbook: Path
) -> None:
    """Where it is another day now than in UTC."""
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Etc/GMT+12"
    async with open_office(settings.model_copy(update={"time_zone": zone}), slack) as office:
        reply = await office.ask("CSTAFF", "UBO", QUESTION)
        await office.settle()
        page = handbook / "vpn.md"
        page.write_text(page.read_text("utf-8").replace("12 hours", "8 hours"), "utf-8")
        await resync(office)
        assert f"changed on {datetime.now(ZoneInfo(zone)).date()}" in answer_in(slack, reply)


async def test_a_page_that_still_says_it_marks_nothing(office: Office, handbook: Path) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    page = handbook / "vpn.md"
    page.write_text(page.read_text("utf-8").replace("\n\n", "\n\n\n") + "\n\nMore is on the way.\n", "utf-8")
    await resync(office)
    assert OUT_OF_DATE not in answer_in(office.slack, reply)


async def test_a_page_that_is_gone_takes_its_answer_back(office: Office, handbook: Path) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    (handbook / "vpn.md").unlink()
    await resync(office)
    text = answer_in(office.slack, reply)
    assert "took this answer back" in text
    assert "12 hours" not in text
    assert "VPN" not in text


async def test_a_page_that_not_everybody_may_read_any_more_takes_its_answer_back(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    async with office.app.knowledge.pool.connection() as connection:
        await connection.execute("update knowledge.access_rule set all_of = '[[]]'")
        await connection.execute("update knowledge.state set rights_version = rights_version + 1")
    assert await office.app.desk.staleness.look() == 0
    await eventually(lambda: "took this answer back" in answer_in(office.slack, reply))
    assert "12 hours" not in answer_in(office.slack, reply)
    rows = await office.fetch("select body::text from helpdesk.outgoing where kind = 'reply'")
    assert "12 hours" not in rows[0][0]


async def test_what_a_source_left_behind_that_is_set_no_more_is_not_said(
    settings: Settings, slack: SlackServer
) -> None:
    """Nobody asks any more who may read it. Where the source comes back, so does what it gave."""
    for folders, is_known in (({}, False), (settings.folders, True)):
        async with open_office(settings.model_copy(update={"folders": folders}), slack) as office:
            assert ("12 hours" in said(await office.ask("CSTAFF", "UBO", QUESTION))) == is_known


async def test_no_more_are_marked_at_once_than_is_set(settings: Settings, slack: SlackServer, handbook: Path) -> None:
    few = settings.model_copy(update={"stale_max_marks": 2})
    async with open_office(few, slack) as office:
        replies = [await office.ask("CSTAFF", "UBO", QUESTION) for _ in range(4)]
        await office.settle()
        page = handbook / "vpn.md"
        page.write_text(page.read_text("utf-8").replace("12 hours", "8 hours"), "utf-8")
        await office.app.knowledge.sync("handbook")
        assert await office.app.desk.staleness.look() == 2
        await eventually(lambda: sum(OUT_OF_DATE in answer_in(slack, one) for one in replies) >= 2)
        await asyncio.sleep(0.5)
        assert sum(OUT_OF_DATE in answer_in(slack, one) for one in replies) == 2
