"""What every kind of place must do: after a sync, each person finds what the place itself would let them open.

A test is run once for each kind of place. The truth comes from the place's own oracle, which knows nothing of ours.
"""

import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module

import pytest
import pytest_asyncio

from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.postgres import open_pool
from knowledge.ranking import RankingOptions
from knowledge.receipts import Receipt, RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact, versions_of_rows
from tests.fakes.site import ADA, BO, CY, DEE, STRANGER, Ability, Site

KINDS = ("folder", "website", "confluence", "google_drive")
EVERYTHING = 100_000
"""More passages than any test has."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class World:
    """A place and a knowledge base that is synced from it."""

    site: Site
    store: Store
    embedder: HashedEmbedder

    def __post_init__(self) -> None:
        self.access = Access(self.store)
        unfolded = RankingOptions(fold=False)  # everything is asked for: all of it would be compared with all of it
        self.search = Search(self.store, self.embedder, self.access, ranking=unfolded)

    async def sync(self, *, approve_removals: bool = False) -> Receipt:
        async with self.site.open() as source:
            receipt = await sync(source, store=self.store, embedder=self.embedder, approve_removals=approve_removals)
        assert receipt.balances, receipt
        return receipt

    async def sync_whole(self, *, approve_removals: bool = False) -> Receipt:
        receipt = await self.sync(approve_removals=approve_removals)
        assert receipt.state is RunState.COMPLETE, receipt
        return receipt

    async def audience_of(self, person: str) -> Audience:
        if person == STRANGER:
            return Audience.public()
        return await self.access.audience_of([Reader(email=person, is_staff=True)])

    async def texts_for(self, person: str) -> dict[str, str]:
        """Everything that one person can find, by key."""
        texts: dict[str, str] = {}
        for passage in await self.search.find("anything", await self.audience_of(person), limit=EVERYTHING):
            texts[passage.key] = texts.get(passage.key, "") + passage.text
        return texts

    async def finds(self, person: str, question: str) -> list[str]:
        """The keys of what a question finds by its words, best first."""
        passages = await self.search.find(question, await self.audience_of(person), limit=EVERYTHING)
        return [passage.key for passage in passages if passage.scores.bm25]

    async def check(self) -> None:
        """Everybody finds exactly what the place would let them open, as it reads now."""
        documents = self.site.documents()
        for person in (*self.site.people, STRANGER):
            texts = await self.texts_for(person)
            assert set(texts) == {key for key in documents if person in self.site.readers(key)}, person
            assert [key for key in texts if documents[key] not in texts[key]] == [], person
        await assert_ledger_is_exact(self.store)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader(ReadLimits(input_bytes=200_000)) as text_reader:
        yield text_reader


@pytest_asyncio.fixture(loop_scope="module")
async def store(database_url):
    async with open_pool(database_url, max_size=8) as pool:
        yield Store(pool)


@pytest_asyncio.fixture(params=KINDS, loop_scope="module")
async def world(request, tmp_path, reader, store):
    opener = import_module(f"tests.fakes.{request.param}_site").open_site
    folder = tmp_path / "place"
    folder.mkdir()
    async with opener(folder, reader) as site:
        yield World(site=site, store=store, embedder=HashedEmbedder())


def needs(world: World, ability: Ability) -> None:
    if ability not in world.site.can:
        pytest.skip(f"not in {world.site.name}: {ability.value}")


# What the place holds


async def test_everything_is_found_by_those_who_may_open_it(world):
    for number in range(4):
        await world.site.add(f"Guide {number}", [f"All about matter {number}.", "And what to do about it."])

    receipt = await world.sync_whole()

    assert (receipt.added, receipt.found) == (4, 4)
    await world.check()


async def test_a_document_that_is_added_later_is_found(world):
    await world.site.add("First", ["Hello."])
    await world.sync_whole()
    await world.site.add("Second", ["Hello again."])

    assert (await world.sync_whole()).added == 1
    await world.check()


async def test_a_changed_document_is_found_by_its_new_text_alone(world):
    await world.site.add("Printer", ["It stands on the left."])
    key = await world.site.add("VPN", ["Dial in from home."])
    await world.sync_whole()
    old_word = world.site.documents()[key]
    world.embedder.embedded.clear()

    await world.site.change(key, ["Dial in from anywhere."])
    receipt = await world.sync_whole()

    assert (receipt.changed, receipt.unchanged) == (1, 1)
    assert all("anywhere" in text for text in world.embedder.embedded)
    assert await world.finds(ADA, old_word) == []
    await world.check()


async def test_of_a_long_document_only_what_changed_is_embedded(world):
    paragraphs = [f"## Part {number}\n\n{f'Sentence about part {number}. ' * 25}" for number in range(20)]
    key = await world.site.add("Handbook", paragraphs)
    await world.sync_whole()

    paragraphs[7] = f"## Part 7\n\n{'Quite another sentence. ' * 25}"
    await world.site.change(key, paragraphs)
    receipt = await world.sync_whole()

    assert receipt.changed == 1
    assert receipt.chunks_embedded <= 2 * 2  # around the changed paragraph, and around the word at the end
    await world.check()


async def test_a_renamed_document_is_found_by_its_new_title_and_nothing_is_embedded(world):
    needs(world, Ability.RENAME)
    key = await world.site.add("Printer", ["It stands on the left."])
    await world.sync_whole()

    await world.site.rename(key, "Zanzibar")
    receipt = await world.sync_whole()

    assert (receipt.unchanged, receipt.chunks_embedded) == (1, 0)
    assert await world.finds(ADA, "zanzibar") == [key]
    await world.check()


async def test_a_moved_document_stays_the_same_and_nothing_is_embedded(world):
    needs(world, Ability.MOVE)
    old, new = await world.site.add_folder("Old things"), await world.site.add_folder("New things")
    key = await world.site.add("Printer", ["It stands on the left."], parent=old)
    before = await world.sync_whole()

    await world.site.move(key, new)
    receipt = await world.sync_whole()

    assert (receipt.unchanged, receipt.chunks_embedded) == (before.added, 0)
    await world.check()


async def test_a_document_is_found_by_the_titles_of_what_it_is_in(world):
    needs(world, Ability.TRAIL)
    old, new = await world.site.add_folder("Marrakesh"), await world.site.add_folder("Zanzibar")
    key = await world.site.add("Printer", ["It stands on the left."], parent=old)
    await world.sync_whole()
    assert key in await world.finds(ADA, "marrakesh")

    await world.site.move(key, new)
    await world.sync_whole()

    assert key in await world.finds(ADA, "zanzibar")
    assert key not in await world.finds(ADA, "marrakesh")


async def test_a_document_is_found_by_its_labels_and_a_new_label_embeds_nothing(world):
    needs(world, Ability.LABEL)
    key = await world.site.add("Printer", ["It stands on the left."])
    await world.sync_whole()

    await world.site.label(key, ["zanzibar"])
    receipt = await world.sync_whole()

    assert (receipt.unchanged, receipt.chunks_embedded) == (1, 0)
    assert await world.finds(ADA, "zanzibar") == [key]
    await world.check()


async def test_a_deleted_document_is_found_no_more_and_a_restored_one_again(world):
    await world.site.add("Printer", ["It stands on the left."])
    key = await world.site.add("VPN", ["Dial in from home."])
    await world.sync_whole()

    await world.site.remove(key)
    assert (await world.sync_whole()).removed == 1
    await world.check()

    await world.site.restore(key)
    assert (await world.sync_whole()).added == 1
    await world.check()


async def test_an_attachment_is_found_by_the_readers_of_its_document(world):
    needs(world, Ability.ATTACH)
    key = await world.site.add("Printer", ["It stands on the left."])
    attached = await world.site.attach(key, "manual.txt", ["Press the green button."])
    await world.sync_whole()
    assert attached in world.site.documents()
    await world.check()

    await world.site.restrict(key, [BO])
    await world.sync_whole()
    await world.check()

    await world.site.remove(key)
    await world.sync_whole(approve_removals=True)
    assert attached not in world.site.documents()
    await world.check()


async def test_what_is_too_large_or_refused_is_skipped_with_its_reason_and_the_rest_goes_on(world):
    await world.site.add("Printer", ["It stands on the left."])
    await world.site.add_huge("Archive")
    if Ability.REFUSE in world.site.can:
        await world.site.add_refused("Scan")

    receipts = [await world.sync_whole() for _ in range(2)]

    skipped = 2 if Ability.REFUSE in world.site.can else 1
    assert [sum(receipt.skipped.values()) for receipt in receipts] == [skipped] * 2
    assert all(receipts[0].skipped)
    await world.check()


async def test_an_empty_document_is_skipped_until_it_has_a_text(world):
    await world.site.add("Printer", ["It stands on the left."])
    key = await world.site.add("Soon", [])
    assert sum((await world.sync_whole()).skipped.values()) == 1
    await world.check()

    await world.site.change(key, ["Here it is."])
    assert not (await world.sync_whole()).skipped
    await world.check()


async def test_a_title_may_be_any_characters(world):
    for title in ("🦊 Füchse & Co", "日本語の説明", '<b>50 % "off"</b> #1?', "العربية", "👩‍💻"):
        await world.site.add(title, ["A text."])

    assert (await world.sync_whole()).added == 5
    await world.check()


@pytest.mark.slow
async def test_a_folder_may_hold_a_thousand_documents(world):
    needs(world, Ability.TREE)
    folder = await world.site.add_folder("Archive")
    keys = [await world.site.add(f"Note {number}", ["A note."], parent=folder) for number in range(1_000)]
    assert (await world.sync_whole()).added >= 1_000
    await world.check()

    await world.site.change(keys[500], ["Another note."])
    await world.site.remove(keys[501])
    receipt = await world.sync_whole()

    assert (receipt.changed, receipt.removed) == (1, 1)
    await world.check()


# Who may read it


async def test_a_restricted_document_is_found_by_its_readers_alone_and_nothing_is_embedded(world):
    needs(world, Ability.RESTRICT)
    key = await world.site.add("Salaries", ["Who earns what."])
    await world.site.add("Printer", ["It stands on the left."])
    await world.sync_whole()

    for readers in ([ADA, BO], [BO], []):
        await world.site.restrict(key, readers)
        assert (await world.sync_whole()).chunks_embedded == 0
        await world.check()


async def test_a_document_that_is_opened_is_found_by_everyone_again_and_nothing_is_embedded(world):
    needs(world, Ability.RESTRICT)
    key = await world.site.add("Salaries", ["Who earns what."])
    await world.site.restrict(key, [CY])
    await world.sync_whole()
    await world.check()

    await world.site.open_up(key)
    assert (await world.sync_whole()).chunks_embedded == 0
    await world.check()


async def test_rights_hold_for_all_that_is_below_and_add_up_on_the_way_down(world):
    needs(world, Ability.INHERIT)
    outer = await world.site.add_folder("Outer")
    inner = await world.site.add_folder("Inner", parent=outer)
    key = await world.site.add("Salaries", ["Who earns what."], parent=inner)
    await world.sync_whole()

    steps = [(outer, [ADA, BO, CY]), (inner, [BO, CY, DEE]), (key, [ADA, CY]), (outer, [ADA]), (outer, [ADA, CY])]
    for restricted, readers in steps:
        await world.site.restrict(restricted, readers)
        assert (await world.sync_whole()).chunks_embedded == 0
        await world.check()

    await world.site.open_up(inner)
    await world.sync_whole()
    await world.check()


async def test_what_is_moved_gets_the_rights_of_where_it_is(world):
    needs(world, Ability.MOVE)
    needs(world, Ability.INHERIT)
    closed, opened = await world.site.add_folder("Closed"), await world.site.add_folder("Open")
    await world.site.restrict(closed, [DEE])
    secret = await world.site.add("Secret", ["Not for all."], parent=closed)
    plain = await world.site.add("Plain", ["For all."], parent=opened)
    await world.sync_whole()
    await world.check()

    await world.site.move(secret, opened)
    await world.site.move(plain, closed)
    assert (await world.sync_whole()).chunks_embedded == 0
    await world.check()


async def test_groups_may_hold_groups_and_each_other(world):
    needs(world, Ability.GROUPS)
    await world.site.put_group("inner", [ADA])
    await world.site.put_group("middle", ["group:inner", BO])
    await world.site.put_group("outer", ["group:middle", "group:ring"])
    await world.site.put_group("ring", ["group:outer", CY])
    await world.site.put_group("nobody", [])
    for name in ("inner", "middle", "outer", "ring", "nobody"):
        await world.site.restrict(await world.site.add(f"For {name}", ["A text."]), [f"group:{name}"])
    await world.sync_whole()
    await world.check()

    world.embedder.embedded.clear()
    await world.site.put_group("inner", [DEE])
    await world.site.put_group("ring", [])
    await world.sync_whole()

    assert world.embedder.embedded == []
    await world.check()


# What a sync costs, and what it does not do


async def test_a_run_without_changes_writes_and_embeds_nothing(world, database_url):
    folder = await world.site.add_folder("Things")
    for number in range(3):
        await world.site.add(f"Guide {number}", [f"All about matter {number}."], parent=folder)
    await world.site.add_huge("Archive")
    for _ in range(4):  # until what can't be read is no longer tried
        await world.sync_whole()
    world.embedder.embedded.clear()
    before = versions_of_rows(database_url)

    receipt = await world.sync_whole()

    assert (receipt.added, receipt.changed, receipt.removed) == (0, 0, 0)
    assert world.embedder.embedded == []
    assert versions_of_rows(database_url) == before


async def test_a_listing_that_breaks_off_removes_nothing(world):
    for number in range(3):
        await world.site.add(f"Guide {number}", [f"All about matter {number}."])
    await world.sync_whole()
    kept = await world.texts_for(ADA)
    key = await world.site.add("Gone soon", ["A text."])
    await world.site.remove(key)

    world.site.break_listing()
    receipt = await world.sync()

    assert receipt.state is not RunState.COMPLETE
    assert receipt.reason
    assert await world.texts_for(ADA) == kept

    world.site.mend_listing()
    await world.sync_whole()
    await world.check()


async def test_what_is_present_has_the_rights_that_the_listing_gave_it(world):
    folder = await world.site.add_folder("Things")
    keys = [await world.site.add(f"Guide {number}", ["A text."], parent=folder) for number in range(3)]
    if Ability.RESTRICT in world.site.can:
        await world.site.restrict(keys[0], [ADA])

    async with world.site.open() as source, aclosing(source.changes(None)) as changes:
        *listed, _ = [change async for change in changes]
        present = [one async for one in source.present()]

    assert {one.key: one.access for one in present} == {one.key: one.access for one in listed}
    assert set(keys) <= {one.key for one in present}


async def test_one_sync_after_another_ends_where_a_single_one_would(world):
    """Random changes, synced now and then."""
    chance = random.Random(20261122)
    editor = Editor(world.site, chance)
    for _ in range(8):
        for _ in range(chance.randint(1, 6)):
            await editor.change_something()
        await world.sync_whole(approve_removals=True)
        await world.check()


class Editor:
    """Changes a site at random, within what it can."""

    def __init__(self, site: Site, chance: random.Random) -> None:
        self._site = site
        self._chance = chance
        self._live: list[str] = []
        self._removed: list[str] = []
        self._folders: list[str] = []
        self._numbers = iter(range(1, 10_000))

    async def change_something(self) -> None:
        steps = [self.add, self.add, self.add_folder, self.change, self.remove, self.restore]
        abilities = {
            Ability.RESTRICT: self.restrict,
            Ability.INHERIT: self.restrict_folder,
            Ability.GROUPS: self.put_group,
            Ability.MOVE: self.move,
            Ability.RENAME: self.rename,
        }
        steps += [step for ability, step in abilities.items() if ability in self._site.can]
        await self._chance.choice(steps)()

    async def add(self) -> None:
        number = next(self._numbers)
        parent = self._chance.choice([None, *self._folders])
        self._live.append(await self._site.add(f"Guide {number}", [f"About {number}."], parent=parent))

    async def add_folder(self) -> None:
        parent = self._chance.choice([None, *self._folders])
        self._folders.append(await self._site.add_folder(f"Folder {next(self._numbers)}", parent=parent))

    async def change(self) -> None:
        if self._live:
            await self._site.change(self._chance.choice(self._live), [f"Now about {next(self._numbers)}."])

    async def remove(self) -> None:
        if self._live:
            self._removed.append(self._live.pop(self._chance.randrange(len(self._live))))
            await self._site.remove(self._removed[-1])

    async def restore(self) -> None:
        if self._removed:
            self._live.append(self._removed.pop())
            await self._site.restore(self._live[-1])

    async def restrict(self) -> None:
        if self._live:
            key = self._chance.choice(self._live)
            await self._site.restrict(key, self._readers())

    async def restrict_folder(self) -> None:
        if self._folders:
            await self._site.restrict(self._chance.choice(self._folders), self._readers())

    async def put_group(self) -> None:
        await self._site.put_group(self._chance.choice(["red", "blue", "green"]), self._readers())

    async def move(self) -> None:
        if self._live:
            await self._site.move(self._chance.choice(self._live), self._chance.choice([None, *self._folders]))

    async def rename(self) -> None:
        if self._live:
            await self._site.rename(self._chance.choice(self._live), f"Guide {next(self._numbers)}")

    def _readers(self) -> list[str]:
        groups = ["group:red", "group:blue", "group:green"] if Ability.GROUPS in self._site.can else []
        return self._chance.sample([*self._site.people, *groups], self._chance.randint(0, 3))
