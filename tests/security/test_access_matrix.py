"""Everybody, everywhere, against every document: what is shown in a place is what each of its readers could open.

The oracle is written from the definition alone (`tests/integration/test_rights.py`): it walks groups and knows nothing
of principals, interned rules or audiences.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import pytest

from connectors.documents import group
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind, Platform
from helpdesk_bot.people import People
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.embedding import likeness_to
from knowledge.postgres import Pool
from knowledge.search import Search
from knowledge.store import Store
from tests.fakes.asking import asked_of
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.world import SOURCES, WORDS, World, list_chunks
from tests.thorough import tried

PEOPLE, GUESTS, GROUPS, DOCUMENTS, RULES = 170, 30, 30, 1_000, 120
"""Groups, documents and rules for each of the two sources."""
PUBLIC_ONLY = Reader(email=None, is_staff=False)


class Firm(World):
    """A world of 200 people, 60 groups and 2,000 documents, each of which holds a word that is nobody else's."""

    def __init__(self, seed: int, documents: int) -> None:
        super().__init__(seed)
        self.size = documents
        self.people = [Reader(email=f"p{n}@example.com", is_staff=n < PEOPLE) for n in range(PEOPLE + GUESTS)]
        self.groups = {source: [group(source, f"g{n}") for n in range(GROUPS)] for source in SOURCES}
        self.members = {source: self.some_memberships(source) for source in SOURCES}
        self.rules = {source: [self.some_rule(source) for _ in range(RULES)] for source in SOURCES}
        self.documents = {
            f"{source}-{n}": (source, self.rng.choice(self.rules[source]), f"{self.some_text()} {word_of(source, n)}.")
            for source in SOURCES
            for n in range(documents)
        }
        self.may_open = cache(super().may_open)  # type: ignore[method-assign]  nothing here changes any more


def word_of(source: str, number: int) -> str:
    """Stemmed by nobody."""
    return f"{source}q{number}x"


@dataclass
class Town:
    """Who a platform says that people are, and who is where: as much of a chat as rights ask for."""

    people: dict[str, Person] = field(default_factory=dict)
    members: dict[str, list[str] | None] = field(default_factory=dict)
    """None where the platform does not say."""

    async def get_person(self, person_id: str) -> Person:
        if person_id not in self.people:
            raise ChatRefused("user_not_found")
        return self.people[person_id]

    async def list_readers(self, place: Place) -> list[Person] | None:
        found = self.members[place.channel]
        return None if found is None else [self.people[one] for one in found]


@dataclass(frozen=True, kw_only=True)
class Situation:
    kind: str
    audience: Audience
    readers: Sequence[Reader]
    """For the oracle."""


class Situations:
    """Where an answer can land, by chance."""

    def __init__(self, firm: Firm, access: Access) -> None:
        self._firm = firm
        self._access = access
        self._town = Town(people={str(n): person_of(str(n), one) for n, one in enumerate(firm.people)})
        chats = {Platform.SLACK: self._town, Platform.TEAMS: self._town, Platform.BROWSER: self._town}
        self._people = People(chats=chats, access=access, admins=frozenset())  # type: ignore[arg-type]

    async def make(self, of_a_kind: int) -> list[Situation]:
        return [await make() for _ in range(of_a_kind) for make in self._kinds()]

    def _kinds(self) -> Iterator:
        yield from (self._direct, self._public, self._private, self._thread, self._shared, self._guest, self._stranger)
        yield from (self._whisper, self._web, self._api)

    async def _direct(self) -> Situation:
        one = self._some(PEOPLE + GUESTS, 1)[0]
        place = Place(platform=Platform.SLACK, tenant="T", channel="D", thread=None, kind=PlaceKind.DIRECT)
        return Situation(
            kind="direct", audience=await self._people.audience_of(place, one), readers=[self._reader(one)]
        )

    async def _public(self) -> Situation:
        return await self._channel("public", [str(n) for n in range(PEOPLE)])

    async def _private(self) -> Situation:
        return await self._channel("private", self._some(PEOPLE, self._firm.rng.randint(1, 6)))

    async def _thread(self) -> Situation:
        return await self._channel("thread", self._some(PEOPLE, 3), thread="1.0")

    async def _shared(self) -> Situation:
        return await self._channel("shared with another company", None)

    async def _guest(self) -> Situation:
        return await self._channel("with a guest", [*self._some(PEOPLE, 2), str(PEOPLE + 1)])

    async def _stranger(self) -> Situation:
        """Whose address nobody confirmed."""
        self._town.people["?"] = Person(platform=Platform.SLACK, tenant="T", id="?", is_guest=False)
        return await self._channel("with somebody without an address", [*self._some(PEOPLE, 2), "?"])

    async def _whisper(self) -> Situation:
        one = self._some(PEOPLE, 1)[0]
        audience = await self._people.audience_of_person(Platform.TEAMS, one)
        return Situation(kind="whisper and slash", audience=audience, readers=[self._reader(one)])

    async def _web(self) -> Situation:
        """Everybody at the page is one visitor of the staff, whom no rule names."""
        visitor = Person(platform=Platform.BROWSER, tenant="", id="v", email="visitor@localhost", is_guest=False)
        self._town.people["v"] = visitor
        self._town.members["web"] = ["v"]
        place = Place(platform=Platform.BROWSER, tenant="", channel="web", thread=None, kind=PlaceKind.CHANNEL)
        readers = [Reader(email="visitor@localhost", is_staff=True)]
        return Situation(kind="web", audience=await self._people.audience_of(place, "v"), readers=readers)

    async def _api(self) -> Situation:
        one = self._reader(self._some(PEOPLE, 1)[0])
        return Situation(kind="api", audience=await self._access.audience_of([one]), readers=[one])

    async def _channel(self, kind: str, members: list[str] | None, *, thread: str | None = None) -> Situation:
        self._town.members["C"] = members
        place = Place(platform=Platform.SLACK, tenant="T", channel="C", thread=thread, kind=PlaceKind.CHANNEL)
        audience = await self._people.audience_of(place, "0")
        readers = [PUBLIC_ONLY] if members is None else [self._reader(one) for one in members]
        return Situation(kind=kind, audience=audience, readers=readers)

    def _some(self, of: int, count: int) -> list[str]:
        return [str(n) for n in self._firm.rng.sample(range(of), count)]

    def _reader(self, person_id: str) -> Reader:
        """To the platform a guest, and a person without an address, is one of the public."""
        person = self._town.people[person_id]
        return PUBLIC_ONLY if person.is_guest or not person.email else Reader(email=person.email, is_staff=True)


def person_of(person_id: str, reader: Reader) -> Person:
    return Person(platform=Platform.SLACK, tenant="T", id=person_id, email=reader.email, is_guest=not reader.is_staff)


@dataclass
class Tally:
    checks: int = 0
    allowed: int = 0
    wanted: int = 0
    found: int = 0


async def check_everything(pool: Pool, seed: int, *, documents: int = DOCUMENTS, of_a_kind: int = 7) -> Tally:
    firm, store, embedder = Firm(seed, documents), Store(pool), HashedEmbedder(dimension=32)
    await firm.store(store, embedder)
    access = Access(store)
    search = Search(store, embedder, access)
    agent = Agent(Parts(search=search, composers=(Extractive(likeness_to=partial(likeness_to, embedder)),)))
    chunks = await list_chunks(pool)
    assert len(chunks) == 2 * documents
    tally = Tally()
    for situation in await Situations(firm, access).make(of_a_kind):
        readable = firm.readable(situation.readers)
        shown = await search.still_readable(chunks, situation.audience)
        assert {chunks[one] for one in shown} == readable, situation.kind
        tally.checks += len(chunks)
        tally.allowed += len(shown)
        await check_searches(firm, search, situation, readable, tally)
        await check_passages(firm, search, situation, readable, chunks)
        await check_answer(firm, agent, situation, readable)
    return tally


async def check_searches(firm: Firm, search: Search, situation: Situation, readable: set[str], tally: Tally) -> None:
    """What may be read is found by its own word; what may not be is not there, by whatever word."""
    for key in firm.rng.sample(sorted(firm.documents), 6):
        source, number = key.split("-")
        found = {passage.key for passage in await search.find(word_of(source, int(number)), situation.audience)}
        assert found <= readable, situation.kind
        tally.wanted += key in readable
        tally.found += key in readable and key in found


async def check_passages(
    firm: Firm, search: Search, situation: Situation, readable: set[str], chunks: dict[int, str]
) -> None:
    for one in firm.rng.sample(sorted(chunks), 10):
        passage = await search.get_passage(one, situation.audience)
        assert (passage is not None) is (chunks[one] in readable), situation.kind


async def check_answer(firm: Firm, agent: Agent, situation: Situation, readable: set[str]) -> None:
    """Text, citations, titles, topics, passages for people and for `why`: all that a decision holds, in one look."""

    for question in (" ".join(firm.rng.choices(WORDS, k=3)), word_of("wiki", firm.rng.randrange(firm.size))):
        asked = asked_of(
            f"What about {question}?",
            question_key=situation.kind,
            conversation_id=situation.kind,
            audience=situation.audience,
            deadline_s=60,
        )
        decision = await agent.decide(asked)
        told = re.findall(r"(wiki|drive)q(\d+)x|'(wiki|drive)-(\d+)'", repr(decision).replace(question, ""))
        named = {f"{a or c}-{b or d}" for a, b, c, d in told}
        assert named <= readable, (situation.kind, named - readable)


async def test_a_small_firm_in_twenty_places(pool: Pool) -> None:
    assert (await check_everything(pool, 1, documents=100, of_a_kind=2)).checks == 4_000


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1, 1 + tried(1, thoroughly=5)))
async def test_140000_checks_show_nobody_anything_and_hide_nothing(pool: Pool, seed: int) -> None:
    tally = await check_everything(pool, seed=seed)
    assert tally.checks == 140_000
    assert 0.02 < tally.allowed / tally.checks < 0.98
    assert tally.wanted > 50
    assert tally.found >= 0.99 * tally.wanted, tally
