"""A world of people, groups, rules and documents, with an oracle of who may read what."""

import random
from datetime import UTC, datetime

from connectors.documents import PUBLIC, STAFF, AccessRule, group, user
from knowledge.access import Reader
from knowledge.chunks import ChunkOptions, split
from knowledge.store import DocumentWrite
from tests.fakes.place import Page, Place

WORDS = [
    "printer",
    "vpn",
    "holiday",
    "payroll",
    "laptop",
    "badge",
    "kitchen",
    "parking",
    "tax",
    "travel",
    "lunch",
    "visitor",
]
SOURCES = ("wiki", "drive")


class World:
    """People, groups (nested and in rings), rules (conjunctions) and documents of two sources, all by chance."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.people = [Reader(email=f"p{n}@example.com", is_staff=self.rng.random() < 0.7) for n in range(40)]
        self.people.append(Reader(email=None, is_staff=False))
        self.groups = {source: [group(source, f"g{n}") for n in range(12)] for source in SOURCES}
        self.members = {source: self.some_memberships(source) for source in SOURCES}
        self.rules = {source: [self.some_rule(source) for _ in range(25)] for source in SOURCES}
        self.documents = {
            f"{source}-{n}": (source, self.rng.choice(self.rules[source]), self.some_text())
            for source in SOURCES
            for n in range(60)
        }

    def some_memberships(self, source):
        everybody = [user(person.email) for person in self.people if person.email]
        return {
            one: frozenset(
                self.rng.sample(everybody, self.rng.randrange(4))
                + self.rng.sample(self.groups[source], self.rng.randrange(3))
                + self.rng.sample(self.groups[self.rng.choice(SOURCES)], self.rng.randrange(2))
                + ([STAFF] if self.rng.random() < 0.05 else [])
            )
            for one in self.groups[source]
        }

    def some_rule(self, source):
        sets = [
            frozenset(
                self.rng.choice([PUBLIC, STAFF, *self.groups[source], user(self.rng.choice(self.people).email or "x")])
                for _ in range(self.rng.randrange(4))
            )
            for _ in range(self.rng.choice([1, 1, 1, 2, 3]))
        ]
        return AccessRule(all_of=frozenset(sets))

    def some_text(self):
        return " ".join(self.rng.choices(WORDS, k=self.rng.randrange(3, 30)))

    def some_readers(self):
        return self.rng.sample(self.people, self.rng.choice([1, 1, 1, 2, 3, 8, 20]))

    def may_open(self, reader, rule):
        """The definition: in each set, the reader, everyone, staff, or a group with a member that is one of these."""
        own = {PUBLIC}
        if reader.email:
            own.add(user(reader.email))
        if reader.is_staff:
            own.add(STAFF)
        return all(any(self._stands_for(one, own, set()) for one in one_of) for one_of in rule.all_of)

    def _stands_for(self, principal, own, seen):
        if principal in own:
            return True
        if principal in seen:
            return False
        seen.add(principal)
        members = [m for source in SOURCES for m in self.members[source].get(principal, ())]
        return any(self._stands_for(member, own, seen) for member in members)

    def readable(self, readers):
        return {
            key
            for key, (_, rule, _) in self.documents.items()
            if all(self.may_open(reader, rule) for reader in readers)
        }

    async def store(self, store, embedder):
        for source in SOURCES:
            async with store.writer(source) as writer:
                space = await writer.get_space(model=embedder.model, dimension=embedder.dimension)
                await writer.replace_memberships(self.members[source])
                await self._write(writer, space, embedder, [key for key in self.documents if key.startswith(source)])

    async def _write(self, writer, space, embedder, keys):
        writes = []
        for key in keys:
            _, rule, text = self.documents[key]
            document = await Place(pages={key: Page(text=text, title=key)}).read_page(key)
            chunks = split(document, count_tokens=embedder.count_tokens, options=ChunkOptions())
            texts = {chunk.digest: chunk.embedded_text for chunk in chunks}
            missing = await writer.vectors.reserve(space, texts)
            if missing:
                vectors = await embedder.embed([texts[digest] for digest in missing])
                await writer.vectors.add(space, dict(zip(missing, vectors, strict=True)))
            writes.append(
                DocumentWrite(
                    key=key,
                    version="1",
                    recipe="",
                    title=key,
                    listed_title=key,
                    url="",
                    access=rule,
                    modified_at=datetime(2026, 1, 1, tzinfo=UTC),
                    chunks=chunks,
                )
            )
        await writer.write(writes, space)

    async def change_something(self, store, embedder):
        """A membership, or the rule of a document; in effect when it returns."""
        source = self.rng.choice(SOURCES)
        async with store.writer(source) as writer:
            if self.rng.random() < 0.5:
                self.members[source] = self.some_memberships(source)
                await writer.replace_memberships(self.members[source])
                return
            space = await writer.get_space(model=embedder.model, dimension=embedder.dimension)
            key = self.rng.choice([key for key in self.documents if key.startswith(source)])
            rule = self.rng.choice([*self.rules[source], self.some_rule(source)])
            self.documents[key] = (source, rule, self.documents[key][2])
            await self._write(writer, space, embedder, [key])


async def list_chunks(pool):
    """Every chunk that there is, whoever may read it, with its document's key."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select chunk.id, document.key from knowledge.chunk join knowledge.document on document.id = document_id"
        )
        return dict(await cursor.fetchall())
