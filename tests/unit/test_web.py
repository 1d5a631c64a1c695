"""What `/readyz` says of checks that hold, that don't, and that can't tell."""

import asyncio

import httpx
import psycopg
import pytest

from helpdesk_bot.web import Check, Measure, build_web


async def holds() -> bool:
    return True


async def does_not_hold() -> bool:
    return False


async def loses_the_database() -> bool:
    raise psycopg.OperationalError("the connection is closed")


async def waits_for_ever() -> bool:
    await asyncio.Event().wait()
    return True


async def look(**checks: Check) -> httpx.Response:
    web = build_web(checks=checks, signed=[], own=[], trusted_hosts=frozenset())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
        return await client.get("/readyz")


async def test_what_holds_is_ready() -> None:
    response = await look(database=holds, worker=holds)
    assert (response.status_code, response.json()) == (200, {"database": True, "worker": True})


@pytest.mark.parametrize("check", [does_not_hold, loses_the_database, waits_for_ever])
async def test_a_check_that_can_not_tell_is_named_as_one_that_does_not_hold(check: Check) -> None:
    async with asyncio.timeout(20):
        response = await look(database=holds, worker=check)
    assert (response.status_code, response.json()) == (503, {"database": True, "worker": False})


async def scrape(measure: Measure, **checks: Check) -> str:
    web = build_web(checks=checks, signed=[], own=[], trusted_hosts=frozenset(), measure=measure)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    return response.text


async def test_a_scrape_tells_of_the_same_checks() -> None:
    measured: list[str] = []

    async def measure() -> None:
        measured.append("now")

    text = await scrape(measure, database=holds, worker=loses_the_database)
    assert measured == ["now"]
    assert 'helpdesk_ready{check="database"} 1.0' in text
    assert 'helpdesk_ready{check="worker"} 0.0' in text


@pytest.mark.parametrize("trouble", [loses_the_database, waits_for_ever])
async def test_a_scrape_ends_in_time_where_nothing_can_be_measured(trouble: Check) -> None:
    async def measure() -> None:
        await trouble()

    async with asyncio.timeout(20):
        assert "helpdesk_questions_open" in await scrape(measure, database=loses_the_database)
