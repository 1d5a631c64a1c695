"""What a conversation leaves in Postgres, and for how long."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import sql

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.compose import Draft
from helpdesk_bot.agent.history import open_history, prune
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.events import Decision, Outcome
from knowledge.audience import Audience
from knowledge.passages import Passage
from tests.fakes.asking import asked_of
from tests.fakes.shelf import Shelf, passage

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
CANARY = "Xylophonquartett"
LEAVE = passage(
    f"Interns have 20 days of leave.\n\n## Elsewhere\n\nThe {CANARY} rehearses on Mondays.", title="Annual leave"
)
UNCITED = passage(f"The {CANARY} of the interns meets on Fridays.", title=f"{CANARY} club")


async def ask(
    history: AsyncPostgresSaver, question: str, *, key: str = "", thread: str = "thread-1", agent: Agent | None = None
) -> Decision:
    agent = agent or Agent(Parts(search=Shelf(LEAVE, UNCITED), composers=(Extractive(),)), history=history)
    audience = Audience.person(["user:canary-reader@example.com"])
    return await agent.decide(
        asked_of(question, question_key=key or question, conversation_id=thread, audience=audience)
    )


def stored_bytes(url: str) -> bytes:
    """Everything in LangGraph's tables, as it lies there."""
    found: list[bytes] = []
    with psycopg.connect(url) as connection:
        for table in TABLES:
            for row in connection.execute(sql.SQL("select * from {}").format(sql.Identifier(table))):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found)


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    return row[0] if row else 0


async def turns(history: AsyncPostgresSaver, thread: str = "thread-1") -> list[dict[str, str]]:
    checkpoint = await history.aget({"configurable": {"thread_id": thread}})
    return checkpoint["channel_values"].get("turns", []) if checkpoint else []


async def test_a_thread_is_remembered_by_the_next_process(database_url: str):
    async with open_history(database_url) as history:
        await ask(history, "How many days of leave do interns have?")
    async with open_history(database_url) as history:
        decision = await ask(history, "and employees?")
    assert decision.standalone == "How many days of leave do employees have?"


async def test_no_passage_and_no_audience_outlives_the_run(database_url: str):
    async with open_history(database_url) as history:
        decision = await ask(history, "How many days of leave do interns have?")
        await ask(history, "and for how many years?")
    assert CANARY in "".join(one.text for one in decision.tried)
    assert CANARY not in decision.text
    stored = stored_bytes(database_url)
    assert b"How many days of leave" in stored
    assert CANARY.encode() not in stored
    assert b"canary-reader" not in stored


async def test_nothing_more_is_kept_of_a_run_that_missed_its_deadline_or_failed(database_url: str):
    class Stuck:
        name = "stuck"

        async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
            await asyncio.Event().wait()
            raise AssertionError

    class Broken:
        name = "broken"

        async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
            raise RuntimeError(CANARY)

    async with open_history(database_url) as history:
        shelf, options = Shelf(LEAVE, UNCITED), AgentOptions(reserve_s=0)
        stuck = Agent(Parts(search=shelf, composers=(Stuck(),), options=options), history=history)
        decision = await stuck.decide(
            asked_of("How many days of leave do interns have?", conversation_id="thread-1", deadline_s=0.5)
        )
        assert decision.outcome is Outcome.FAILED
        with pytest.raises(RuntimeError):
            await ask(
                history,
                "How many days of leave do interns have?",
                agent=Agent(Parts(search=shelf, composers=(Broken(),)), history=history),
            )
        assert await turns(history) == []
        assert (await ask(history, "How many days of leave do interns have?", key="1")).outcome is Outcome.ANSWERED
        assert len(await turns(history)) == 1
    assert CANARY.encode() not in stored_bytes(database_url)


async def test_a_question_run_again_is_one_turn(database_url: str):
    async with open_history(database_url) as history:
        for _ in range(3):
            await ask(history, "How many days of leave do interns have?", key="1")
        await ask(history, "How many days of leave do employees have?", key="2")
        await ask(history, "How many days of leave do interns have in Lyon?", key="1")
        stored = await turns(history)
    assert [one["question_key"] for one in stored] == ["1", "2"]
    assert "Lyon" in stored[0]["question"]


async def test_a_run_is_saved_once(database_url: str):
    async with open_history(database_url) as history:
        await ask(history, "How many days of leave do interns have?")
    assert count(database_url, "checkpoints") == 1


async def test_text_that_databases_choke_on_is_remembered(database_url: str):
    async with open_history(database_url) as history:
        await ask(history, "leave \x00 interns \ud83d days \u202e of leave?", key="\x00key".replace("\x00", ""))
        assert len(await turns(history)) == 1


@dataclass
class Planted:
    command: str


async def test_a_checkpoint_cannot_name_a_class_to_make(database_url: str):
    written = JsonPlusSerializer().dumps_typed({"turns": Planted(command="rm")})
    assert isinstance(JsonPlusSerializer().loads_typed(written)["turns"], Planted)
    async with open_history(database_url) as history:
        assert not isinstance(history.serde.loads_typed(written)["turns"], Planted)


async def test_several_processes_may_open_a_new_database_at_once(database_url: str):
    async def open_one() -> None:
        async with open_history(database_url, max_connections=1) as history:
            assert await turns(history) == []

    await asyncio.gather(*(open_one() for _ in range(4)))


async def test_old_conversations_are_forgotten_and_the_others_kept_small(database_url: str):
    async with open_history(database_url) as history:
        for thread in ("old", "new"):
            for number in range(3):
                await ask(history, f"How many days of leave do interns have in year {number}?", thread=thread)
        _age(database_url, "old", days=40)
        assert await prune(history, older_than=timedelta(days=30)) == 1
        assert await turns(history, "old") == []
        assert len(await turns(history, "new")) == 3
        assert (await ask(history, "and employees?", thread="new")).standalone.endswith("employees have in year 2?")
        assert await prune(history, older_than=timedelta(days=30)) == 0
    assert count(database_url, "checkpoints") == 1


def _age(url: str, thread: str, *, days: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            update checkpoints
            set checkpoint = jsonb_set(checkpoint, '{ts}', to_jsonb((now() - %s)::text))
            where thread_id = %s
            """,
            (timedelta(days=days), thread),
        )
