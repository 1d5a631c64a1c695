"""What the browser chat needs of its memory, asked of the real one and of the tests' own."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from helpdesk_bot.chat.browser import BrowserRecords
from helpdesk_bot.notices import CHANNEL, Notices
from helpdesk_bot.records import BrowserMessages
from knowledge.postgres import open_pool
from tests.fakes.browser_records import InMemoryBrowserRecords


@pytest.fixture(params=["memory", "postgres"])
async def records(request: pytest.FixtureRequest, database_url: str) -> AsyncGenerator[BrowserRecords]:
    if request.param == "memory":
        yield InMemoryBrowserRecords()
        return
    async with open_pool(database_url, max_size=4) as pool:
        notices = Notices(pool, database_url)
        async with notices.listening():
            await wait_until_heard(notices)
            yield BrowserMessages(pool, notices)


async def wait_until_heard(notices: Notices) -> None:
    """The listening connection is made in the background."""
    async with asyncio.timeout(10), notices.listen("ready?") as wakeups:
        while wakeups.empty():
            await notices.announce("ready?", {"kind": "message"})
            await asyncio.sleep(0.02)


async def test_messages_come_back_in_order_and_after_an_id(records: BrowserRecords) -> None:
    ids = [await records.add_browser_message("c", marker=f"m{n}", body={"n": n}) for n in range(3)]
    assert ids == sorted(set(ids))
    assert [message.body for message in await records.list_browser_messages("c")] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [message.id for message in await records.list_browser_messages("c", after=ids[0])] == ids[1:]
    assert await records.list_browser_messages("elsewhere") == []
    assert all(message.at.tzinfo for message in await records.list_browser_messages("c"))


async def test_the_same_marker_is_the_same_message_and_the_first_body_stays(records: BrowserRecords) -> None:
    first = await records.add_browser_message("c", marker="m", body={"n": 1})
    assert await records.add_browser_message("c", marker="m", body={"n": 2}) == first
    assert [message.body for message in await records.list_browser_messages("c")] == [{"n": 1}]
    assert await records.find_browser_message("c", marker="m") == first
    assert await records.find_browser_message("c", marker="other") is None
    assert await records.find_browser_message("elsewhere", marker="m") is None


async def test_a_message_and_an_announcement_wake_those_who_listen(records: BrowserRecords) -> None:
    async with asyncio.timeout(10), records.listen("c") as wakeups, records.listen("elsewhere") as others:
        await records.announce("c", {"kind": "progress", "step": "searching"})
        await records.add_browser_message("c", marker="m", body={})
        assert [await wakeups.get(), await wakeups.get()] == [
            {"kind": "progress", "step": "searching"},
            {"kind": "message"},
        ]
        assert others.empty()


@pytest.mark.parametrize("word", ["no JSON", "[]", "{}", '{"to": 7, "kind": "message"}'])
async def test_a_notice_that_is_none_of_ours_is_passed_over(database_url: str, word: str) -> None:
    """A version to come, or a hand at the database: the pages of this process go on hearing."""
    async with open_pool(database_url, max_size=2) as pool:
        notices = Notices(pool, database_url)
        async with notices.listening():
            await wait_until_heard(notices)
            async with asyncio.timeout(10), notices.listen("c") as wakeups:
                async with pool.connection() as connection:
                    await connection.execute("select pg_notify(%s, %s)", [CHANNEL, word])
                await notices.announce("c", {"kind": "message"})
                assert await wakeups.get() == {"kind": "message"}


async def test_whoever_listens_first_and_reads_then_misses_nothing(records: BrowserRecords) -> None:
    """Writers at one time: whatever id a reader has seen, all lower ids are visible."""

    async def write(writer: int) -> None:
        for number in range(10):
            await records.add_browser_message("c", marker=f"{writer}:{number}", body={})

    seen: list[int] = []
    async with asyncio.timeout(30), records.listen("c") as wakeups, asyncio.TaskGroup() as writers:
        for writer in range(3):
            writers.create_task(write(writer))
        while len(seen) < 30:
            await wakeups.get()
            after = seen[-1] if seen else 0
            seen += [message.id for message in await records.list_browser_messages("c", after=after)]
    assert seen == [message.id for message in await records.list_browser_messages("c")]
