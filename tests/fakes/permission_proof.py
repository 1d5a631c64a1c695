"""Everybody against every document of a place that changes at random, after every sync and every refresh of rights."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from connectors.source import Source
from knowledge.access import Access, Reader
from knowledge.audience import Audience
from knowledge.receipts import RunState
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import RightsState, refresh_rights, sync
from tests.fakes.crowded import EVERYBODY, STAFF, CrowdedSite
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.ledger import assert_ledger_is_exact
from tests.fakes.random_edits import RandomEditor
from tests.fakes.site import STRANGER

Oracle = Mapping[str, frozenset[str]]
"""Who may open each document that there is."""
FreshStore = Callable[[], AbstractAsyncContextManager[Store]]
"""Another empty database."""

EDITS = 8
"""At most, between two looks."""
REFRESHED_SHARE = 0.5
"""Of the rounds: the rights alone are refreshed before the sync."""
NO_BRAKE = 1.0
"""However much is gone at once is believed, unless all is."""
PERSONS = sorted(EVERYBODY)


@dataclass
class Tally:
    """`leaks` and `missing` tell of each (person, document) that was wrong, `unlike` of what a full sync has else."""

    rounds: int = 0
    checks: int = 0
    """Of one person against one document."""
    allowed: int = 0
    """Of the checks: the person may open the document."""
    searches: int = 0
    """Real ones, for a document by the word that it alone holds."""
    refreshes: int = 0
    compared_with_full: int = 0
    leaks: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    unlike: list[str] = field(default_factory=list[str])

    @property
    def wrong(self) -> list[str]:
        return [*self.leaks, *self.missing, *self.unlike]

    def add(self, other: "Tally") -> None:
        self.rounds += other.rounds
        self.checks += other.checks
        self.allowed += other.allowed
        self.searches += other.searches
        self.refreshes += other.refreshes
        self.compared_with_full += other.compared_with_full
        self.leaks += other.leaks
        self.missing += other.missing
        self.unlike += other.unlike

    def told(self) -> str:
        return (
            f"{self.checks:,} checks ({self.allowed / self.checks:.0%} may read) and {self.searches:,} searches in "
            f"{self.rounds} rounds, {self.refreshes} refreshes of rights, compared with {self.compared_with_full} full "
            f"syncs: {len(self.leaks)} leaks, {len(self.missing)} missing, {len(self.unlike)} unlike a full sync"
        )


class PermissionProof:
    """One place and one database, from its first sync on. Equal seeds make equal runs."""

    def __init__(
        self,
        site: CrowdedSite,
        store: Store,
        *,
        seed: str,
        documents: int,
        searches_a_round: int,
    ) -> None:
        self.tally = Tally()
        self._site = site
        self._store = store
        self._embedder = HashedEmbedder(dimension=16)
        self._access = Access(store)
        self._search = Search(store, self._embedder, self._access)
        self._seed = seed
        self._searches = searches_a_round
        self._chance = random.Random(seed)
        self._editor = RandomEditor(site, self._chance, documents=documents)

    async def begin(self) -> None:
        await self._editor.begin()
        async with self._site.open() as source:
            await self._sync_and_check(source)

    async def go_on(self, *, rounds: int) -> None:
        """Edits, perhaps a refresh of rights and more edits, and a sync; all rounds as one process has the place."""
        async with self._site.open() as source:
            for _ in range(rounds):
                self.tally.rounds += 1
                await self._editor.change_some(EDITS)
                if self._site.documents() and self._chance.random() < REFRESHED_SHARE:
                    await self._refresh_and_check(source)
                    if self._chance.random() < 0.5:
                        await self._editor.change_some(EDITS)
                await self._sync_and_check(source)

    async def compare_with_full(self, fresh_store: FreshStore) -> None:
        """What is stored is what a first sync into an empty database stores."""
        self.tally.compared_with_full += 1
        async with fresh_store() as fresh, self._site.open() as source:
            await self._sync_whole(source, fresh)
            stored, expected = await _list_stored(self._store), await _list_stored(fresh)
        unlike = [f"has {one}" for one in stored if one not in expected]
        unlike += [f"lacks {one}" for one in expected if one not in stored]
        self.tally.unlike += [f"{self._where('a full sync')}: {one}" for one in unlike]

    # A sync or a refresh, then everybody against everything

    async def _sync_and_check(self, source: Source) -> None:
        await self._sync_whole(source, self._store)
        await assert_ledger_is_exact(self._store)
        oracle = self._ask_oracle()
        await self._check_everybody(oracle, where=self._where("sync"), may_miss=False)
        await self._check_texts()
        await self._search_some(oracle, where=self._where("sync"), may_miss=False)

    async def _refresh_and_check(self, source: Source) -> None:
        """Nobody reads what they may not any more; what is new, or opened with a new text, may wait for the sync."""
        self.tally.refreshes += 1
        receipt = await refresh_rights(source, store=self._store, brake_share=NO_BRAKE)
        assert receipt.state is RightsState.COMPLETE, (self._where("refresh"), receipt)
        await assert_ledger_is_exact(self._store)
        oracle = self._ask_oracle()
        await self._check_everybody(oracle, where=self._where("refresh"), may_miss=True)
        await self._search_some(oracle, where=self._where("refresh"), may_miss=True)

    async def _sync_whole(self, source: Source, store: Store) -> None:
        receipt = await sync(source, store=store, embedder=self._embedder, approve_removals=True)
        told = (self._where("sync"), receipt)
        assert (receipt.state, receipt.balances, receipt.skipped) == (RunState.COMPLETE, True, {}), told

    def _ask_oracle(self) -> Oracle:
        return {key: self._site.readers(key) for key in self._site.documents()}

    async def _check_everybody(self, oracle: Oracle, *, where: str, may_miss: bool) -> None:
        """By what decides over every passage before it is posted, for all passages that there are."""
        keys = await self._list_chunks()
        for person, audience in (await self._audiences()).items():
            readable = {keys[chunk_id] for chunk_id in await self._search.still_readable(keys, audience)}
            allowed = {key for key, readers in oracle.items() if person in readers}
            self.tally.checks += len(oracle)
            self.tally.allowed += len(allowed)
            self.tally.leaks += [f"{where}: {person} reads {key}" for key in sorted(readable - allowed)]
            if not may_miss:
                self.tally.missing += [f"{where}: {person} lacks {key}" for key in sorted(allowed - readable)]

    async def _search_some(self, oracle: Oracle, *, where: str, may_miss: bool) -> None:
        """One person, or a few in a channel, look for a document by its own word."""
        words = self._site.documents()
        audiences = await self._audiences()
        for _ in range(self._searches if oracle else 0):
            people = self._chance.sample(PERSONS, self._chance.choice([1, 1, 1, 2, 3]))
            key = self._chance.choice(sorted(oracle))
            everyone = Audience.everyone(one for person in people for one in audiences[person].readers)
            passages = await self._search.find(words[key], everyone)
            self.tally.searches += 1
            denied = {one.key for one in passages if not oracle.get(one.key, frozenset()).issuperset(people)}
            self.tally.leaks += [f"{where}: {people} find {one}" for one in sorted(denied)]
            is_found = any(one.key == key and words[key] in one.text for one in passages)
            if oracle[key].issuperset(people) and not is_found and not may_miss:
                self.tally.missing.append(f"{where}: {people} do not find {key}")

    async def _check_texts(self) -> None:
        """Every document is stored as it reads now."""
        async with self._store.snapshot() as snapshot:
            rows = await snapshot.connection.execute(
                """
                select document.key, string_agg(chunk.text, ' ')
                from knowledge.document
                join knowledge.chunk on chunk.document_id = document.id
                group by document.key
                """
            )
            texts: dict[str, str] = dict(await rows.fetchall())
        stale = [key for key, word in self._site.documents().items() if word not in texts.get(key, "")]
        self.tally.missing += [f"{self._where('sync')}: {key} lacks its text" for key in stale]

    async def _audiences(self) -> dict[str, Audience]:
        everybody = await self._access.principals_of([_reader(person) for person in PERSONS])
        return {person: Audience.person(names) for person, names in zip(PERSONS, everybody, strict=True)}

    async def _list_chunks(self) -> dict[int, str]:
        """The key of every chunk's document."""
        async with self._store.snapshot() as snapshot:
            rows = await snapshot.connection.execute(
                """
                select chunk.id, document.key
                from knowledge.chunk
                join knowledge.document on document.id = chunk.document_id
                """
            )
            return dict(await rows.fetchall())

    def _where(self, what: str) -> str:
        return f"{self._seed} round {self.tally.rounds}, after {what}"


def _reader(person: str) -> Reader:
    return Reader(email=None if person == STRANGER else person, is_staff=person in STAFF)


async def _list_stored(store: Store) -> list[Sequence[object]]:
    """Documents with their rules and texts, and the members of groups."""
    async with store.snapshot() as snapshot:
        documents = await snapshot.connection.execute(
            """
            select key, version, title, trail, labels, all_of::text, array(
              select text from knowledge.chunk where document_id = document.id order by position
            )
            from knowledge.document
            join knowledge.access_rule on access_rule.id = access_id
            order by key
            """
        )
        stored = await documents.fetchall()
        members = await snapshot.connection.execute(
            "select group_name, member from knowledge.membership order by group_name, member"
        )
        return [*stored, *await members.fetchall()]
