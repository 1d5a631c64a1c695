"""What a search gives back, with its scores, on a real Postgres."""

import asyncio
import math

import numpy as np
import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule
from knowledge import permitted as permitted_module
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.permitted import ENOUGH_WORDED, EXACT_BELOW, Permitted
from knowledge.postgres import open_pool
from knowledge.question_words import QuestionWords
from knowledge.search import DEPTH, Search
from knowledge.store import Snapshot, Store
from knowledge.sync import sync
from tests.databases import create_database
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.many_chunks import clustered_vectors, fill, zipf_texts
from tests.fakes.place import Place

PUBLIC_RULE = AccessRule.any_of([PUBLIC])
STRANGE = [
    "",
    " \n\t ",
    "😀",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "nul \0 inside",
    "lone \ud800 surrogate \udfff",
    "the of and",
    "e\u0301" * 500,
    "שלום \u202eabc",
    "vpn " * 5_000,
    "x" * 50_000,
    " ".join(f"word{n}" for n in range(5_000)),
    "'; drop table knowledge.chunk; --",
    "%s %(x)s {} \\",
    "a & b | !c <-> d:*",
]


@pytest.fixture
def search(store, embedder):
    return Search(store, embedder, Access(store))


@pytest.fixture
async def indexed(store, embedder):
    place = Place()
    place.put(
        "vpn",
        "# VPN\n\n## Install\n\nDownload the tunnel client.\n\n## Trouble\n\nRestart the tunnel.",
        title="VPN guide",
    )
    place.put("printer", "The printer on floor two prints in colour. Printer paper is in the cupboard.")
    place.put("holiday", "Holiday is booked in the portal. The portal is slow on Mondays.")
    await sync(place, store=store, embedder=embedder)
    return place


async def test_an_empty_store_has_no_passages(search):
    assert await search.find("anything", Audience.public()) == []


async def test_a_passage_comes_with_where_it_is_from_and_every_score(search, indexed):
    best = (await search.find("how do I restart the tunnel", Audience.public()))[0]

    assert (best.source, best.key, best.title, best.url) == ("place", "vpn", "VPN guide", "https://place.example/vpn")
    assert "Restart the tunnel" in best.text
    scores = best.scores
    assert (scores.dense_rank, scores.bm25_rank) == (1, 1)
    assert 0 < scores.dense <= 1
    assert scores.bm25 > 0
    assert scores.fused == pytest.approx(2 / 11)
    assert 1 <= scores.rerank <= 1.1


async def test_every_passage_has_both_scores_whichever_side_found_it(search, indexed):
    passages = await search.find("tunnel", Audience.public())

    assert {passage.key for passage in passages} == {"vpn", "printer", "holiday"}
    unworded = [passage for passage in passages if passage.scores.bm25_rank is None]
    assert unworded
    assert all(passage.scores.bm25 == 0 and passage.scores.dense is not None for passage in unworded)


async def test_a_slip_in_a_word_finds_what_was_meant(search, indexed):
    slipped = await search.find("hoilday portal", Audience.public())
    assert slipped[0].key == "holiday"
    assert slipped[0].scores.bm25 == pytest.approx(
        (await search.find("holiday portal", Audience.public()))[0].scores.bm25
    )


async def test_no_connection_is_held_while_a_question_is_embedded_also_with_a_slip_in_it(database_url, indexed):
    """An embedder over HTTP may take long."""

    class Sharing(HashedEmbedder):
        async def embed(self, texts):
            async with pool.connection(timeout=1):
                return await super().embed(texts)

    async with open_pool(database_url, max_size=1) as pool:
        store = Store(pool)
        found = await Search(store, Sharing(), Access(store)).find("hoilday portal", Audience.public())
    assert found[0].key == "holiday"


async def test_all_of_a_long_message_is_embedded_in_parts_that_the_embedder_reads(search, embedder, indexed):
    embedder.embedded.clear()
    await search.find("small talk " * 300 + "printer", Audience.public())
    assert embedder.embedded[-1].endswith("printer")
    assert all(embedder.count_tokens(part) <= embedder.max_tokens for part in embedder.embedded)


async def test_an_ordinary_word_is_no_slip_of_another(search, store, embedder):
    place = Place()
    place.put("canteen", "# Canteen\n\nThe chefs cook at noon.")
    await sync(place, store=store, embedder=embedder)
    embedder.words = frozenset({"chief"})
    assert await search.read("who is the chief?", Audience.public()) == "who is the chief?"
    assert await search.read("who are the cheffs?", Audience.public()) == "who are the chefs?"


async def test_a_question_is_read_as_the_documents_write_it(search, store, embedder):
    place = Place()
    place.put("desk", "# Help desk\n\nCall the help desk. Staff have a drop of tea. A box. Payslips come monthly.")
    place.put(
        "secret", "# Merger\n\nThe night watch knows it. Dropkick is its name.", access=AccessRule.any_of([STAFF])
    )
    await sync(place, store=store, embedder=embedder)

    async def read(question: str, audience: Audience = Audience.public()) -> str:  # noqa: B008
        return await search.read(question, audience)

    assert await read("Whats the number of the Helpdesk?") == "what's the number of the help desk?"
    assert await read("help-desk, pay slip") == "help desk, payslip"
    assert await read("where are my paysilps") == "where are my payslips"
    assert await read("may I use dropbox?") == "may I use dropbox?", "its parts stand nowhere together"
    assert await read("nightwatch") == "nightwatch", "only who may read it has it put in two"
    assert await read("nightwatch", Audience.person([STAFF])) == "night watch"
    assert await read("what is drop kick?") == "what is drop kick?", "and in one"
    assert await read("what is drop kick?", Audience.person([STAFF])) == "what is dropkick?"
    assert await read("who knows of the mergre?") == "who knows of the mergre?", "and a slip corrected"
    assert await read("who knows of the mergre?", Audience.person([STAFF])) == "who knows of the merger?"
    (best, *_) = await search.find("helpdesk", Audience.public())
    assert best.scores.held == pytest.approx(1.0)


async def test_a_passage_says_which_share_of_the_question_it_holds(search, indexed):
    (best, *others) = await search.find("restart the tunnel", Audience.public())
    assert best.scores.held == pytest.approx(1.0)
    assert best.scores.unseen == 0.0
    assert all(one.scores.held < 1.0 for one in others)
    (partly, *_) = await search.find("restart the tunnel quetzalcoatlus", Audience.public())
    assert 0 < partly.scores.held < 1
    assert partly.scores.held + partly.scores.unseen == pytest.approx(1.0)
    (labelled, *_) = await search.find("vpn guide", Audience.public())
    assert labelled.scores.labelled == pytest.approx(1.0)


async def test_how_much_is_asked_about_is_no_unknown_word(search, indexed):
    (best, *_) = await search.find("restart the tunnel for 1,700 printers", Audience.public())
    assert best.scores.unseen == 0.0
    (best, *_) = await search.find("restart the tunnel, error 1700", Audience.public())
    assert best.scores.unseen > 0.3


async def test_how_a_document_begins_is_read_by_whoever_may_read_it(search, store, embedder):
    place = Place()
    long = "\n\n".join(f"## Part {number}\n\n{'Restart the tunnel again. ' * 40}" for number in range(3))
    place.put("vpn", f"# VPN\n\nCall 4000 first.\n\n{long}", access=AccessRule.any_of([STAFF]))
    await sync(place, store=store, embedder=embedder)
    staff = Audience.person([STAFF])
    document_id = (await search.find("restart the tunnel", staff))[0].document_id

    later, opening = await search.list_at([(document_id, 1), (document_id, 0), (document_id, 900), (0, 0)], staff)

    assert (opening.place, "Call 4000 first." in opening.text) == (0, True)
    assert later.place == 1
    assert await search.list_at([(document_id, 0)], Audience.public()) == []
    assert await search.list_at([], staff) == []


@pytest.mark.parametrize("question", STRANGE)
async def test_strange_questions_are_no_fault(search, indexed, question):
    passages = await search.find(question, Audience.public())

    assert len(passages) == (0 if not question.strip() else 3 if len(passages) == 3 else 4)


async def test_sources_can_be_chosen(search, store, embedder, indexed):
    other = Place(name="other")
    other.put("vpn", "Another tunnel.")
    await sync(other, store=store, embedder=embedder)

    def sources(passages):
        return {passage.source for passage in passages}

    assert sources(await search.find("tunnel", Audience.public())) == {"place", "other"}
    assert sources(await search.find("tunnel", Audience.public(), sources=frozenset({"other"}))) == {"other"}
    assert await search.find("tunnel", Audience.public(), sources=frozenset()) == []


async def test_words_alone_answer_while_the_embedder_is_away(search, embedder, indexed):
    embedder.is_down = True

    passages = await search.find("printer paper", Audience.public())

    assert [passage.key for passage in passages] == ["printer"]
    assert (passages[0].scores.dense, passages[0].scores.bm25_rank) == (None, 1)


async def test_bm25_is_what_the_formula_says(store, embedder, search):
    rng = np.random.default_rng(4)
    texts = zipf_texts(rng, chunks=200, words=30, vocabulary=300)
    place = Place()
    for number, text in enumerate(texts):
        place.put(f"doc-{number}", text, title=f"t{number}x")
    await sync(place, store=store, embedder=embedder)
    question = "w3x w40x w40x w120x"

    found = await search.find_separately(question, Audience.public(), limit=200)

    words = [[f"t{number}x", *text.split()] for number, text in enumerate(texts)]
    average = sum(map(len, words)) / len(words)
    expected = {f"doc-{number}": bm25(question.split(), own, words, average) for number, own in enumerate(words)}
    scores = {passage.key: passage.scores.bm25 for passage in found.bm25}
    assert scores == pytest.approx({key: score for key, score in expected.items() if score}, rel=1e-4)
    assert [passage.scores.bm25 for passage in found.bm25] == sorted(scores.values(), reverse=True)


def bm25(question, own, words, average, k1=0.9, b=0.4):
    """Robertson & Zaragoza 2009 with Lucene's idf, written down once more."""
    score = 0.0
    for word in question:
        df = sum(word in other for other in words)
        tf = own.count(word)
        idf = math.log(1 + (len(words) - df + 0.5) / (df + 0.5))
        score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(own) / average))
    return score


async def test_other_constants_and_another_language_count_the_words_anew(store, embedder, search, indexed):
    english = (await search.find("printing", Audience.public()))[0]
    assert english.scores.bm25 > 0

    await store.use_lexical_options(configuration="simple", k1=1.2, b=0.75)

    assert all(passage.scores.bm25 == 0 for passage in await search.find("printing", Audience.public()))
    assert (await search.find("printer", Audience.public()))[0].scores.bm25_rank == 1


# Many chunks

CHUNKS = 11_000
DIMENSION = 64
FAR = 300
"""Nearest chunks, half of those that are walked past: more than one batch of the walk, which relaxes its order."""


@pytest.fixture(scope="session")
def crowd(server_url: str, template_database: str, worker_id: str):
    """A database of CHUNKS chunks that is only read, with their vectors and which of them are for staff."""
    url = create_database(server_url, f"crowd_{worker_id}", template=template_database)
    rng = np.random.default_rng(11)
    staff = rng.random(CHUNKS) < 0.5
    texts = zipf_texts(rng, chunks=CHUNKS, words=6, vocabulary=5_000)
    vectors = clustered_vectors(rng, chunks=CHUNKS, dimension=DIMENSION)
    rules = [AccessRule.any_of([STAFF]) if one else PUBLIC_RULE for one in staff]

    async def store_all():
        async with open_pool(url, max_size=2) as pool:
            await fill(Store(pool), model="hashed", texts=texts, vectors=vectors, rules=rules)

    asyncio.run(store_all())
    return url, vectors, staff


@pytest.fixture
async def many(crowd):
    url, vectors, staff = crowd
    async with open_pool(url, max_size=2) as pool:
        yield Store(pool), vectors, staff


async def test_the_vector_index_is_walked_and_finds_nearly_what_an_exact_scan_finds(many):
    store, vectors, staff = many
    public = np.flatnonzero(~staff)
    assert len(public) > EXACT_BELOW
    rng, shared = np.random.default_rng(1), 0
    for _ in range(20):
        question = vectors[rng.integers(CHUNKS)] + 0.1 * rng.normal(size=DIMENSION)
        question = (question / np.linalg.norm(question)).astype(np.float32)
        async with store.snapshot() as snapshot:
            ids = await Access(store).list_ids(snapshot, Audience.public())
            assert snapshot.moment.is_indexed
            space = snapshot.moment.space
            found = await snapshot.rank_by_vector(space, question, access_ids=ids, limit=FAR, exact=False)
            exact = await snapshot.rank_by_vector(space, question, access_ids=ids, limit=FAR, exact=True)
        nearest = public[np.argsort(-(vectors[public] @ question), kind="stable")[:FAR]]
        first = exact[0].chunk_id - nearest[0]
        assert {one.chunk_id - first for one in exact} >= set(nearest[: FAR - 10].tolist())
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        shared += len({one.chunk_id for one in found} & {one.chunk_id for one in exact})
    assert len(found) == FAR
    assert shared > 0.9 * 20 * FAR


async def test_where_the_index_leads_to_too_few_the_scan_is_exact(many, monkeypatch):
    store, _, _ = many
    exactness = []

    class Short(Snapshot):
        async def rank_by_vector(self, space, vector, *, access_ids, limit, exact):
            exactness.append(exact)
            found = await super().rank_by_vector(space, vector, access_ids=access_ids, limit=limit, exact=exact)
            return found if exact else found[:3]

    monkeypatch.setattr("knowledge.store.store.Snapshot", Short)
    search = Search(store, HashedEmbedder(dimension=DIMENSION), Access(store))

    passages = await search.find("zzz", Audience.public(), limit=8)

    assert (exactness, len(passages)) == ([False, True], 8)


async def test_rare_words_choose_the_candidates_and_more_words_are_taken_until_they_are_enough(many):
    store, _, _ = many
    asked = []

    class Watched(Snapshot):
        async def rank_by_words(self, weights, *, holding, access_ids, limit):
            found = await super().rank_by_words(weights, holding=holding, access_ids=access_ids, limit=limit)
            asked.append((holding, len(found)))
            return found

    async with store.snapshot() as snapshot:
        ids = await Access(store).list_ids(snapshot, Audience.public())
        standing = await snapshot.get_standing("w0x w1x w2x w4990x", ids)
        watched = Watched(snapshot.connection, snapshot.moment)
        words = QuestionWords.of(standing, chunks=snapshot.moment.chunks)
        permitted = Permitted(watched, snapshot.moment.space, standing, ids, words=words)
        await permitted.rank(None, limit=DEPTH)

    assert len(asked[0][0]) < 4
    assert asked[-1][1] >= ENOUGH_WORDED or len(asked[-1][0]) == 4


async def test_words_in_too_many_chunks_are_left_to_nearness_unless_there_is_none(many, monkeypatch):
    store, _, _ = many
    monkeypatch.setattr(permitted_module, "WORD_CANDIDATES", 10)
    async with store.snapshot() as snapshot:
        ids = await Access(store).list_ids(snapshot, Audience.public())
        standing = await snapshot.get_standing("w0x", ids)
        words = QuestionWords.of(standing, chunks=snapshot.moment.chunks)
        permitted = Permitted(snapshot, snapshot.moment.space, standing, ids, words=words)
        beside_nearness = await permitted.rank(np.ones(DIMENSION, dtype=np.float32), limit=DEPTH)
        alone = await permitted.rank(None, limit=DEPTH)

    assert standing.terms[0].df > 10 * 4
    assert (len(beside_nearness.dense), beside_nearness.bm25) == (DEPTH, [])
    assert len(alone.bm25) == DEPTH
