"""Versions, labels, trials and going back, in Postgres, and in every process at once."""

import asyncio
from decimal import Decimal

import psycopg
import pytest

from helpdesk_bot.prompts.catalog import load_prompt, load_text
from helpdesk_bot.prompts.errors import PromptRefused
from helpdesk_bot.prompts.registry import PromptShelf, Registry
from helpdesk_bot.records.prompts import PRODUCTION, PromptRecords
from knowledge.postgres import Pool
from tests.eventually import eventually

PACKAGED = load_prompt("answer").version


def text(words: str) -> str:
    return load_text("answer").replace("You answer colleagues' questions", words)


@pytest.fixture
def shelf(pool: Pool) -> PromptShelf:
    return PromptShelf(PromptRecords(pool))


async def version(shelf: PromptShelf, words: str) -> str:
    prompt, _ = await shelf.add("answer", text(words), author="ada", note=words)
    return prompt.version


async def in_force(pool: Pool, conversation: str = "c", *, url: str = "") -> str:
    registry = Registry(PromptRecords(pool), url=url)
    await registry.look()
    return registry.choose("answer", conversation).version


async def test_without_a_label_the_packaged_prompt_is_in_force(pool: Pool, shelf: PromptShelf):
    await version(shelf, "Be brief")
    assert await in_force(pool) == PACKAGED


async def test_a_version_is_kept_once_and_never_changes(pool: Pool, shelf: PromptShelf):
    assert await version(shelf, "Be brief") == await version(shelf, "Be brief")
    assert len(await PromptRecords(pool).list_prompts()) == 1
    for change in ("update helpdesk.prompt set text = 'x'", "delete from helpdesk.prompt", "truncate helpdesk.prompt"):
        with pytest.raises(psycopg.Error):
            async with pool.connection() as connection:
                await connection.execute(change.encode())


async def test_going_back_goes_all_the_way_to_the_packaged_prompt(pool: Pool, shelf: PromptShelf):
    one, two, three = [await version(shelf, words) for words in ("One", "Two", "Three")]
    for each in (one, two, three):
        await shelf.label("answer", PRODUCTION, each, by="ada")
    seen = [await in_force(pool)]
    while await shelf.roll_back("answer", by="bo"):
        seen.append(await in_force(pool))
    assert seen == [three, two, one, PACKAGED]


async def test_after_going_back_a_new_version_goes_back_to_where_it_was(pool: Pool, shelf: PromptShelf):
    one, two, three = [await version(shelf, words) for words in ("One", "Two", "Three")]
    await shelf.label("answer", PRODUCTION, one, by="ada")
    await shelf.label("answer", PRODUCTION, two, by="ada")
    await shelf.roll_back("answer", by="ada")
    await shelf.label("answer", PRODUCTION, three, by="ada")
    await shelf.roll_back("answer", by="ada")
    assert await in_force(pool) == one


async def test_a_trial_gives_a_conversation_the_same_version_every_time(pool: Pool, shelf: PromptShelf):
    await shelf.try_out("answer", tried := await version(shelf, "Tried"), share=50, by="ada")
    conversations = [f"slack:T:C:{number}" for number in range(40)]
    first = [await in_force(pool, one) for one in conversations]
    assert first == [await in_force(pool, one) for one in conversations]
    assert set(first) == {tried, PACKAGED}


async def test_a_trial_tells_what_each_decision_cost_by_the_ledger(pool: Pool, shelf: PromptShelf):
    await shelf.try_out("answer", await version(shelf, "You reply"), share=100, by="ada")
    async with pool.connection() as connection:
        for key, reason in (("q1", "question; evidence 0.9"), ("q2", "question; evidence 0.8"), ("q3", "greeting")):
            await connection.execute(
                "insert into helpdesk.question"
                " (key, platform, tenant, channel, kind, person_id, message_id, text, asked_at)"
                " values (%s, 'slack', 'T', 'C', 'channel', 'UADA', %s, '?', now())",
                [key, key],
            )
            await connection.execute(
                "insert into helpdesk.decision values"
                " (%s, 'answered', 1, '', %s, 'generative', 'm', 'v', 40, 2, '{}', '[]', now() + interval '1 s')",
                [key, reason],
            )
        calls = [("q1", "answered", "0.002", False), ("q1", "failed", "0.001", False), ("q2", "answered", "0", True)]
        calls.append(("q2", "running", "9", False))
        for call in calls:
            await connection.execute(
                "insert into helpdesk.model_call"
                " (question_key, role, model, day, reserved_tokens, reserved_usd, outcome, cost_usd, is_unpriced)"
                " values (%s, 'answer', 'm', current_date, 1, 1, %s, %s, %s)",
                call,
            )
    records = PromptRecords(pool)
    [trial] = await records.list_trials("answer")
    answers = await records.list_trial_answers(trial)
    assert sorted((one.tokens, one.cost_usd, one.unpriced) for one in answers) == [
        (42, Decimal(0), 1),
        (42, Decimal("0.003"), 0),
    ]


async def test_going_back_ends_a_trial_first(pool: Pool, shelf: PromptShelf):
    await shelf.label("answer", PRODUCTION, one := await version(shelf, "One"), by="ada")
    await shelf.try_out("answer", await version(shelf, "Tried"), share=100, by="ada")
    assert await in_force(pool) != one
    await shelf.roll_back("answer", by="ada")
    assert await in_force(pool) == one


async def test_moving_production_ends_a_trial(pool: Pool, shelf: PromptShelf):
    await shelf.try_out("answer", await version(shelf, "Tried"), share=100, by="ada")
    await shelf.label("answer", PRODUCTION, "packaged", by="ada")
    assert await in_force(pool) == PACKAGED


async def test_every_process_hears_of_it(pool: Pool, shelf: PromptShelf, database_url: str):
    registries = [Registry(PromptRecords(pool), url=database_url) for _ in range(3)]
    async with registries[0].following(), registries[1].following(), registries[2].following():
        await shelf.label("answer", PRODUCTION, one := await version(shelf, "One"), by="ada")
        await heard(registries, one)
        await shelf.roll_back("answer", by="ada")
        await heard(registries, PACKAGED)


async def heard(registries: list[Registry], version: str) -> None:
    await eventually(lambda: {one.choose("answer", "c").version for one in registries} == {version})


async def test_a_database_that_is_away_leaves_what_was_known(pool: Pool, shelf: PromptShelf):
    await shelf.label("answer", PRODUCTION, one := await version(shelf, "One"), by="ada")
    registry = Registry(PromptRecords(pool), url="postgresql://nobody@127.0.0.1:1/none")
    async with registry.following():
        await asyncio.sleep(0.1)
        assert registry.choose("answer", "c").version == one


async def test_a_broken_version_is_replaced_by_the_packaged_one(pool: Pool, shelf: PromptShelf):
    """As after an update whose prompts have other places."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into helpdesk.prompt (version, name, text, author) values ('answer-9-old', 'answer', 'x', 'ada')"
        )
    await PromptRecords(pool).move_label("answer", PRODUCTION, "answer-9-old", by="ada")
    assert await in_force(pool) == PACKAGED


async def test_what_is_not_there_can_not_be_put_in_force(shelf: PromptShelf):
    with pytest.raises(PromptRefused, match="no version"):
        await shelf.label("answer", PRODUCTION, "answer-7-00000000", by="ada")
    one = await version(shelf, "One")
    with pytest.raises(PromptRefused, match="percent"):
        await shelf.try_out("answer", one, share=0, by="ada")
    await shelf.label("answer", PRODUCTION, one, by="ada")
    with pytest.raises(PromptRefused, match="in force already"):
        await shelf.try_out("answer", one, share=20, by="ada")


async def test_processes_that_change_at_once_take_turns(pool: Pool, shelf: PromptShelf):
    one = await version(shelf, "One")
    await asyncio.gather(*(shelf.try_out("answer", one, share=10 + number, by="ada") for number in range(8)))
    assert len(await PromptRecords(pool).list_trials()) == 1
    assert len(await PromptRecords(pool).list_trials("answer")) == 8
