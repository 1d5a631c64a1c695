"""Cached answers on a real Postgres: when one is said again, and above all when not."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.compose import Draft, Manner
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.cache import AnswerCache, Wanted, Written
from helpdesk_bot.events import Decision, Outcome
from helpdesk_bot.records.cached import CachedAnswers
from knowledge.passages import Passage
from knowledge.postgres import Pool
from tests.fakes.asking import asked_of
from tests.fakes.shelf import Shelf, passage
from tests.thorough import tried

QUESTION = "How many days of leave do interns have?"
LEAVE = passage("Interns have 20 days of leave.", title="Annual leave")
PARKING = passage("Parking costs 5 euros a day.", title="Parking")


def cache_of(pool: Pool, *, max_answers: int = 100, kept_for: timedelta = timedelta(days=7)) -> AnswerCache:
    return AnswerCache(CachedAnswers(pool), settings="m", kept_for=kept_for, max_answers=max_answers)


@dataclass
class Model:
    """A composer with a prompt of its own, that counts what it is asked."""

    text: str = "Interns have 20 days of leave. [1]"
    version: str = "answer-2-x"
    name: str = "generative"
    model: str = "m-1"
    asked: list[str] = field(default_factory=list)

    def version_for(self, conversation_id: str) -> str:
        return self.version

    async def compose(self, question: str, passages: Sequence[Passage], *, timeout_s: float) -> Draft:
        return await self.compose_in(question, passages, timeout_s=timeout_s, manner=Manner())

    async def compose_in(
        self, question: str, passages: Sequence[Passage], *, timeout_s: float, manner: Manner
    ) -> Draft:
        self.asked.append(question)
        return Draft(text=self.text, composer=self.name, model=self.model, prompt_version=self.version)


def agent_of(model: Model, pool: Pool, shelf: Shelf) -> Agent:
    return Agent(Parts(search=shelf, composers=(model, Extractive()), cache=cache_of(pool)))


async def ask(agent: Agent, question: str = QUESTION, **how: Any) -> Decision:
    decision = await agent.decide(asked_of(question, **({"question_key": question} | how)))
    assert decision.outcome is Outcome.ANSWERED
    return decision


async def test_what_was_asked_before_costs_no_model(pool: Pool):
    model = Model()
    agent = agent_of(model, pool, Shelf(LEAVE, PARKING))
    first, second = await ask(agent), await ask(agent, question_key="2")
    third = await ask(agent, "please tell me: how many days of leave do interns have")
    assert (first.cached_id, first.text) == (None, second.text)
    assert second.cached_id == third.cached_id is not None
    assert len(model.asked) == 1
    assert (second.composer, second.model, second.prompt_version) == ("generative", "m-1", "answer-2-x")
    assert "from the cache, in the same words" in second.reason
    assert "from the cache, in other words" in third.reason
    assert second.citations[0].passage.chunk_id == LEAVE.chunk_id


async def test_a_changed_page_makes_its_answers_unusable(pool: Pool):
    model, shelf = Model(), Shelf(LEAVE, PARKING)
    agent = agent_of(model, pool, shelf)
    await ask(agent)
    shelf.passages = [replace(LEAVE, text="Interns have 20 days of leave. From 2027 on it is 25."), PARKING]
    assert (await ask(agent)).cached_id is None
    assert len(model.asked) == 2


async def test_a_page_that_is_not_found_for_this_audience_is_not_quoted_to_it(pool: Pool):
    other = passage("Interns have 20 days of leave.", title="Leave for all")
    model, shelf = Model(), Shelf(LEAVE)
    agent = agent_of(model, pool, shelf)
    await ask(agent)
    shelf.passages = [other]
    decision = await ask(agent)
    assert decision.cached_id is None
    assert [one.passage.chunk_id for one in decision.citations] == [other.chunk_id]


async def test_a_page_that_came_since_is_read_by_the_model(pool: Pool):
    model, shelf = Model(), Shelf(LEAVE)
    agent = agent_of(model, pool, shelf)
    await ask(agent)
    shelf.passages.append(passage("Interns have many days of leave now.", title="Leave of interns"))
    assert (await ask(agent)).cached_id is None


async def test_markers_follow_their_passages(pool: Pool):
    model, shelf = Model(), Shelf(LEAVE, PARKING)
    agent = agent_of(model, pool, shelf)
    await ask(agent)
    shelf.passages = [PARKING, LEAVE]
    assert (await ask(agent)).citations[0].passage.chunk_id == LEAVE.chunk_id


async def test_a_recalled_answer_is_checked_as_a_new_one_is(pool: Pool):
    """Whatever got into the table is not said unless it stands on its passages."""
    model = Model()
    agent = agent_of(model, pool, Shelf(LEAVE, PARKING))
    await ask(agent)
    async with pool.connection() as connection:
        await connection.execute("update helpdesk.cached_answer set text = 'Interns have 90 days of leave. [1]'")
    decision = await ask(agent)
    assert (decision.cached_id, decision.text) == (None, "Interns have 20 days of leave. [1]")
    assert "grounding.number" in decision.reason


@pytest.mark.parametrize(
    "how",
    [{"tone": "like a pirate"}, {"sources": frozenset({"handbook"})}, {"sources": frozenset[str]()}],
)
async def test_what_else_decides_on_an_answer_is_part_of_the_question(pool: Pool, how: dict[str, object]):
    model = Model()
    agent = agent_of(model, pool, Shelf(LEAVE, PARKING))
    await ask(agent)
    assert (await ask(agent, **how)).cached_id is None


async def test_another_prompt_version_asks_the_model(pool: Pool):
    model = Model()
    agent = agent_of(model, pool, Shelf(LEAVE, PARKING))
    await ask(agent)
    model.version = "answer-3-y"
    assert (await ask(agent)).cached_id is None


@pytest.mark.parametrize(
    ("question", "text", "model"),
    [
        ("How many days of leave does ada@example.com have?", "Interns have 20 days of leave. [1]", "m-1"),
        (QUESTION, "Interns have 20 days of leave, says ada@example.com. [1]", "m-1"),
        (QUESTION, "Interns have 20 days of leave. [1]", ""),
    ],
    ids=["a question with personal data", "an answer with personal data", "an answer that was stopped"],
)
async def test_what_is_about_a_person_or_not_whole_is_not_kept(pool: Pool, question: str, text: str, model: str):
    wanted = Wanted(question=question, passages=[LEAVE], prompt_version="v")
    written = Written(question_key="1", text=text, composer="generative", model=model, prompt_version="v")
    await cache_of(pool).keep(wanted, written)
    assert (await CachedAnswers(pool).count_cached()).answers == 0


async def test_files_that_came_with_a_question_are_never_kept(pool: Pool):
    attached = replace(LEAVE, chunk_id=-1)
    agent = agent_of(Model(), pool, Shelf(LEAVE))
    await ask(agent, attached=[attached])
    assert (await CachedAnswers(pool).count_cached()).answers == 0


async def test_an_answer_of_two_pages_is_not_recalled_for_whoever_may_read_one(pool: Pool):
    """Nothing new was found, and yet half of what it stands on is not this audience's."""
    cache = cache_of(pool)
    text = "Interns have 20 days of leave. [1] Parking costs 5 euros a day. [2]"
    both = Wanted(question=QUESTION, passages=[LEAVE, PARKING], prompt_version="v")
    written = Written(question_key="1", text=text, composer="generative", model="m", prompt_version="v")
    await cache.keep(both, written)
    assert await cache.find(both) is not None
    assert await cache.find(replace(both, passages=[LEAVE])) is None
    assert await cache.find(replace(both, passages=[PARKING])) is None


async def test_it_forgets_by_age_and_by_size(pool: Pool):
    written = Written(question_key="1", text="It is so. [1]", composer="g", model="m", prompt_version="v")
    cache = cache_of(pool, max_answers=3)
    wanted = [Wanted(question=f"What is thing {number}?", passages=[LEAVE], prompt_version="v") for number in range(5)]
    for one in wanted:
        await cache.keep(one, written)
    assert [await cache.find(one) is not None for one in wanted] == [False, False, True, True, True]
    assert await cache_of(pool, kept_for=timedelta(0)).find(wanted[4]) is None
    assert await CachedAnswers(pool).purge_cached() == 3


@dataclass
class World:
    """Pages with versions and readers, and people who ask the same and nearly the same about them."""

    dice: random.Random
    pages: dict[int, Passage] = field(default_factory=dict[int, Passage])
    readers: dict[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])

    TOPICS = ("VPN", "Visio", "MFA", "badge")
    SYSTEMS = ("Windows", "Mac", "Linux")
    ACTS = ("enable", "disable", "install", "uninstall")
    GROUPS = ("all", "finance", "board", "it")

    def __post_init__(self) -> None:
        for topic in self.TOPICS:
            for act in self.ACTS:
                for system in self.SYSTEMS:
                    page = passage(f"To {act} {topic} on {system}, press {self.dice.randrange(10_000)}.", title=topic)
                    self.pages[page.chunk_id] = page
                    self.readers[page.chunk_id] = frozenset(self.dice.sample(self.GROUPS, k=2))

    def change(self) -> None:
        """A page gets another text, other readers, or is written anew."""
        chunk_id = self.dice.choice(list(self.pages))
        page = self.pages[chunk_id]
        match self.dice.randrange(3):
            case 0:
                words = page.text.rsplit(" ", 1)[0]
                self.pages[chunk_id] = replace(page, text=f"{words} {self.dice.randrange(10_000)}.")
            case 1:
                self.readers[chunk_id] = frozenset(self.dice.sample(self.GROUPS, k=self.dice.randrange(3)))
            case _:
                anew = passage(page.text, title=page.title)
                self.pages[anew.chunk_id] = anew
                self.readers[anew.chunk_id] = self.readers.pop(chunk_id)
                del self.pages[chunk_id]

    def question(self) -> tuple[str, tuple[str, str, str, str]]:
        """In one of several wordings, and what it is about."""
        act, topic, system = self.dice.choice(self.ACTS), self.dice.choice(self.TOPICS), self.dice.choice(self.SYSTEMS)
        wordings = (
            ("en", f"How do I {act} {topic} on {system}?"),
            ("en", f"how do i {act} {topic} on {system}"),
            ("en", f"please tell me how to {act} {topic} on {system}"),
            ("de", f"Wie kann ich auf {system} {topic} {act}?"),
        )
        language, text = self.dice.choice(wordings)
        return text, (language, act, topic, system)

    def find(self, about: tuple[str, str, str, str], group: str) -> list[Passage]:
        _, act, topic, system = about
        readable = [page for chunk_id, page in self.pages.items() if group in self.readers[chunk_id]]
        wanted = f"To {act} {topic} on {system},"
        return sorted(readable, key=lambda page: (not page.text.startswith(wanted), page.title != topic))[:4]


QUESTIONS = tried(1_000, thoroughly=5_000)
HITS = {1_000: 116, 5_000: 703}
"""The dice are the same every time."""


async def test_of_thousands_of_questions_none_is_answered_across_rights_versions_or_meanings(pool: Pool):
    """SECURITY.md, Cache: people, channels, rights, document versions, prompt versions and languages, at random."""
    world = World(dice=random.Random(20261128))
    cache = cache_of(pool, max_answers=100_000)
    hits = 0
    for number in range(QUESTIONS):
        if world.dice.random() < 0.03:
            world.change()
        question, about = world.question()
        group, channel = world.dice.choice(world.GROUPS), world.dice.choice((None, frozenset({"handbook"})))
        version = world.dice.choice(("answer-2-a", "answer-3-b"))
        tone = world.dice.choice(("", "brief"))
        passages = world.find(about, group)
        wanted = Wanted(question=question, passages=passages, prompt_version=version, tone=tone, sources=channel)
        recalled = await cache.find(wanted)
        if recalled is None:
            if passages:
                text = f"{passages[0].text} [1]"
                written = Written(question_key=str(number), text=text, composer="g", model="m", prompt_version=version)
                await cache.keep(wanted, written)
            continue
        hits += 1
        cited = passages[int(recalled.text.rsplit("[", 1)[1].rstrip("]")) - 1]
        assert group in world.readers[cited.chunk_id], "across rights"
        assert recalled.text.rsplit(" ", 1)[0] == world.pages[cited.chunk_id].text, "stale"
        assert recalled.prompt_version == version, "another prompt"
        assert cited == passages[0], "about something else"
    assert hits == HITS[QUESTIONS]
