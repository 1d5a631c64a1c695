"""Somebody who changes a crowded site at random: the same seed makes the same edits."""

import random

from tests.fakes.crowded import GROUPS, CrowdedSite
from tests.fakes.site import Ability


class RandomEditor:
    """`documents` is about how many there will be."""

    def __init__(self, site: CrowdedSite, chance: random.Random, *, documents: int) -> None:
        self._site = site
        self._chance = chance
        self._documents = documents
        self._numbers = iter(range(1, 1_000_000))

    async def begin(self) -> None:
        """Groups, a tree, some restrictions, and everything once that only this kind of place knows."""
        for name in GROUPS:
            await self._site.put_group(name, self._some_members())
        for _ in range(self._documents // 5):
            await self.add_folder()
        while len(self._site.documents()) < self._documents:
            await self.add()
        for _ in range(self._documents // 4):
            await self.restrict()
        for twist in self._site.twists():
            await twist(self._chance)

    async def change_some(self, most: int) -> None:
        for _ in range(self._chance.randint(1, most)):
            await self.change_something()

    async def change_something(self) -> None:
        few = len(self._site.documents()) < self._documents
        steps = [self.add] * (3 if few else 1) + [self.remove] * (1 if few else 3)
        steps += [self.change, self.rename, self.add_folder, self.restore]
        steps += [self.restrict] * 3 + [self.open_up] * 2 + [self.move] * 2 + [self.put_group] * 2
        steps += [self.attach] if Ability.ATTACH in self._site.can else []
        steps += [self.twist] * 2 if self._site.twists() else []
        await self._chance.choice(steps)()

    async def add(self) -> None:
        number = next(self._numbers)
        await self._site.add(f"Guide {number}", [f"About {number}."], parent=self._some_parent())

    async def add_folder(self) -> None:
        await self._site.add_folder(f"Folder {next(self._numbers)}", parent=self._some_parent())

    async def change(self) -> None:
        if pages := self._site.pages():
            await self._site.change(self._chance.choice(pages), [f"Now about {next(self._numbers)}."])

    async def rename(self) -> None:
        if pages := self._site.pages():
            await self._site.rename(self._chance.choice(pages), f"Guide {next(self._numbers)}")

    async def move(self) -> None:
        if moves := list(self._site.movable()):
            await self._site.move(*self._chance.choice(moves))

    async def remove(self) -> None:
        """Never the last few: a place that seems empty is not believed."""
        if len(self._site.documents()) > 5:
            await self._site.remove(self._chance.choice(self._site.removable()))

    async def restore(self) -> None:
        if gone := self._site.gone():
            await self._site.restore(self._chance.choice(gone))

    async def restrict(self) -> None:
        if keys := self._site.restrictable():
            await self._site.restrict(self._chance.choice(keys), self._some_readers())

    async def open_up(self) -> None:
        if keys := self._site.restricted():
            await self._site.open_up(self._chance.choice(keys))

    async def put_group(self) -> None:
        await self._site.put_group(self._chance.choice(GROUPS), self._some_members())

    async def attach(self) -> None:
        if pages := self._site.pages():
            number = next(self._numbers)
            await self._site.attach(self._chance.choice(pages), f"file-{number}.txt", [f"Attached {number}."])

    async def twist(self) -> None:
        await self._chance.choice(self._site.twists())(self._chance)

    def _some_parent(self) -> str | None:
        return self._chance.choice([None, *self._site.folders()])

    def _some_readers(self) -> list[str]:
        """Half of them groups; often nobody at all."""
        groups = [f"group:{name}" for name in GROUPS]
        named = [*self._site.people, *groups, *groups, *self._site.classes]
        return self._chance.sample(named, self._chance.choice([0, 0, 1, 2, 3, 5, 8]))

    def _some_members(self) -> list[str]:
        """People and groups, which may hold this one."""
        groups = [f"group:{name}" for name in GROUPS]
        people = self._chance.sample(list(self._site.people), self._chance.randint(0, 3))
        return [*people, *self._chance.sample(groups, self._chance.randint(0, 2))]
