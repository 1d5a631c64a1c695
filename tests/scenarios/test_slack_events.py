"""Events: each once, however often and however broken they arrive."""

import asyncio
import random

import pytest

from tests.eventually import eventually, eventually_async
from tests.fakes.slack import Drop, ErrorWord, HttpError, RateLimit
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office


async def test_an_event_and_its_retries_and_its_twin_are_one_question(office: Office) -> None:
    mention = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    event = mention["event"]
    twin = office.slack.payloads.message("CSTAFF", "UBO", event["text"], ts=event["ts"])
    deliveries = [(mention, 0), (mention, 1), (twin, 0), (mention, 2), (twin, 1), (mention, 3)]
    responses = await asyncio.gather(*(office.send(payload, retry=retry) for payload, retry in deliveries))
    assert {response.status_code for response in responses} == {200}
    await eventually(lambda: bool(office.slack.replies("CSTAFF", event["ts"])))
    await office.settle()
    assert len(office.slack.replies("CSTAFF", event["ts"])) == 1
    assert await office.fetch("select count(*) from helpdesk.question") == [(1,)]


async def test_a_redelivery_after_the_answer_changes_nothing(office: Office) -> None:
    payload = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.send(payload)
    await eventually(lambda: bool(office.slack.replies("CSTAFF", payload["event"]["ts"])))
    await office.settle()
    assert (await office.send(payload, retry=1)).status_code == 200
    assert await office.fetch("select count(*) from procrastinate_jobs where task_name = 'answer'") == [(0,)]
    assert len(office.slack.replies("CSTAFF", payload["event"]["ts"])) == 1


async def test_nothing_is_acknowledged_while_the_database_is_away(office: Office) -> None:
    payload = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    pool = office.app.knowledge.pool
    await office.fetch("select 1")
    async with pool.connection() as connection:
        await connection.execute("alter table helpdesk.question rename to question_away")
    refused = await office.send(payload)
    async with pool.connection() as connection:
        await connection.execute("alter table helpdesk.question_away rename to question")
    assert refused.status_code == 503
    assert (await office.send(payload, retry=1)).status_code == 200
    await eventually(lambda: bool(office.slack.replies("CSTAFF", payload["event"]["ts"])))


async def test_slack_asks_to_wait_and_the_answer_waits(office: Office) -> None:
    office.slack.fail("chat.postMessage", RateLimit(retry_after_s=1))
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    assert "12 hours" in said(reply)
    assert len(office.slack.replies("CSTAFF", reply["thread_ts"])) == 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_post_whose_answer_got_lost_is_looked_for_before_it_is_repeated(
    office: Office, is_stored: bool
) -> None:
    office.slack.fail("chat.postMessage", Drop(after_taking=is_stored))
    payload = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.send(payload)
    await office.settle()
    assert len(office.slack.replies("CSTAFF", payload["event"]["ts"])) == 1
    assert await office.fetch("select outcome from helpdesk.question") == [("answered",)]


async def test_who_asked_where_nothing_can_be_posted_any_more_hears_of_it_in_private(office: Office) -> None:
    office.slack.fail("chat.postMessage", ErrorWord("not_in_channel"))
    payload = office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.send(payload)
    await office.settle()
    assert await office.fetch("select outcome from helpdesk.question") == [("failed",)]
    assert await office.fetch("select refusal from helpdesk.outgoing where kind = 'reply'") == [("not_in_channel",)]
    assert office.slack.replies("CSTAFF", payload["event"]["ts"]) == []
    [told] = office.slack.posted(office.slack.open_direct("UBO"))
    assert "where you asked “how long does a VPN session last?”" in said(told)


async def test_who_can_t_be_told_in_private_either_keeps_no_question_open(office: Office) -> None:
    office.slack.fail("chat.postMessage", *[ErrorWord("account_inactive")] * 3)
    await office.send(office.slack.ask("CSTAFF", "UBO", "how long does a VPN session last?"))
    await office.settle()
    assert await office.fetch("select outcome from helpdesk.question") == [("failed",)]


async def test_slack_in_trouble_is_tried_again(office: Office) -> None:
    office.slack.fail("chat.postMessage", HttpError(status=500), HttpError(status=503))
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    assert "12 hours" in said(reply)


@pytest.mark.slow
async def test_many_events_at_random_are_each_answered_once(office: Office) -> None:
    """RELIABILITY row 1, scaled: every event up to four times, in any order, some as twins."""
    chance = random.Random(20261122)
    asked = [office.slack.ask("CSTAFF", "UBO", f"how long does a VPN session last? ({number})") for number in range(60)]
    deliveries = [(payload, retry) for payload in asked for retry in range(chance.randint(1, 4))]
    chance.shuffle(deliveries)
    for start in range(0, len(deliveries), 20):
        responses = await asyncio.gather(
            *(office.send(payload, retry=retry) for payload, retry in deliveries[start : start + 20])
        )
        assert {response.status_code for response in responses} == {200}

    async def all_answered() -> bool:
        return await office.fetch("select count(*) from helpdesk.question where outcome = 'answered'") == [(60,)]

    await eventually_async(all_answered, within_s=90)
    assert all(len(office.slack.replies("CSTAFF", payload["event"]["ts"])) == 1 for payload in asked)
