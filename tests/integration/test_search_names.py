"""What documents explain by two names, looked for under both: short names with their long forms, and synonyms."""

import pytest

from connectors.documents import PUBLIC, STAFF, AccessRule
from knowledge.access import Access
from knowledge.audience import Audience
from knowledge.ranking import RankingOptions
from knowledge.search import Search
from knowledge.sync import sync
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.place import Place

STAFF_RULE = AccessRule.any_of([STAFF])
PUBLIC_RULE = AccessRule.any_of([PUBLIC])
EXPLAINED = "The virtual private network (VPN) belongs to the infrastructure team."
LONG = "Start the virtual private network client before you sign in from a hotel."
SHORT = "The VPN is switched off on the first Sunday of each month."
COLLEAGUE = Audience.person([STAFF, PUBLIC])


@pytest.fixture
def place():
    place = Place()
    place.put("explained", EXPLAINED, access=STAFF_RULE)
    place.put("long", LONG, access=PUBLIC_RULE)
    place.put("short", SHORT, access=PUBLIC_RULE)
    for number in range(20):
        place.put(f"other-{number}", f"Room {number} has a screen and a private telephone.", access=PUBLIC_RULE)
    return place


@pytest.fixture
def search(store):
    return Search(store, HashedEmbedder(), Access(store))


async def held(search, question, key, audience=COLLEAGUE):
    """How much of the question the document holds, and what it calls otherwise."""
    passages = await search.find(question, audience, limit=30)
    return next((round(one.scores.held, 2), one.also) for one in passages if one.key == key)


async def words_score(search, question, key):
    return next(one.scores.bm25 for one in await search.find(question, COLLEAGUE, limit=30) if one.key == key)


async def test_a_short_name_is_found_in_its_long_form(place, store, search):
    await sync(place, store=store, embedder=HashedEmbedder())

    without = Search(store, HashedEmbedder(), Access(store), ranking=RankingOptions(acronyms=False))

    assert await held(search, "vpn hotel", "long") == (1.0, ("VPN",))
    assert (await held(without, "vpn hotel", "long"))[0] < 0.7
    assert await words_score(search, "vpn hotel", "long") > await words_score(without, "vpn hotel", "long")


async def test_a_long_form_is_found_in_its_short_name(place, store, search):
    await sync(place, store=store, embedder=HashedEmbedder())

    assert await held(search, "virtual private network on Sunday", "short") == (1.0, ("virtual private network",))


async def test_a_part_of_a_long_form_is_not_the_name(place, store, search):
    await sync(place, store=store, embedder=HashedEmbedder())

    assert (await held(search, "vpn", "other-1")) == (0.0, ())
    assert (await held(search, "private telephone", "short"))[1] == ()


async def test_what_a_document_explains_is_known_to_its_readers_alone(place, store, search):
    await sync(place, store=store, embedder=HashedEmbedder())

    assert (await held(search, "vpn hotel", "long", COLLEAGUE))[1] == ("VPN",)
    assert (await held(search, "vpn hotel", "long", Audience.public()))[1] == ()


async def test_what_is_no_longer_explained_is_forgotten_at_the_next_sync(place, store, search):
    await sync(place, store=store, embedder=HashedEmbedder())
    place.put("explained", "The network belongs to the infrastructure team.", access=STAFF_RULE)
    await sync(place, store=store, embedder=HashedEmbedder())

    assert (await held(search, "vpn hotel", "long"))[1] == ()


async def test_what_is_explained_in_two_ways_is_left_as_it_is(place, store, search):
    place.put("rival", "A verified partner number (VPN) is printed on each invoice.", access=PUBLIC_RULE)
    await sync(place, store=store, embedder=HashedEmbedder())
    assert (await held(search, "vpn hotel", "long"))[1] == ()

    place.put("again", "See the virtual private network (VPN) pages.", access=PUBLIC_RULE)
    await sync(place, store=store, embedder=HashedEmbedder())
    assert (await held(search, "vpn hotel", "long"))[1] == ("VPN",)


RENAMED = "Install Drive for Desktop (formerly Drive File Stream) from the portal."
OLD_NAME = "Drive File Stream keeps a copy of each folder for the plane."
NEW_NAME = "Drive for Desktop is updated on Mondays."


@pytest.fixture
def renamed(place):
    place.put("renamed", RENAMED, access=STAFF_RULE)
    place.put("old-name", OLD_NAME, access=PUBLIC_RULE)
    place.put("new-name", NEW_NAME, access=PUBLIC_RULE)
    return place


async def test_a_thing_is_found_under_the_other_name_that_a_document_gives_it(renamed, store, search):
    await sync(renamed, store=store, embedder=HashedEmbedder())

    assert await held(search, "Drive for Desktop on the plane", "old-name") == (1.0, ("drive for desktop",))
    assert await held(search, "drive file stream Mondays", "new-name") == (1.0, ("drive file stream",))


async def test_synonyms_can_be_switched_off_without_short_names(renamed, store):
    await sync(renamed, store=store, embedder=HashedEmbedder())

    without = Search(store, HashedEmbedder(), Access(store), ranking=RankingOptions(synonyms=False))

    assert (await held(without, "Drive for Desktop on the plane", "old-name"))[1] == ()
    assert (await held(without, "vpn hotel", "long"))[1] == ("VPN",)


async def test_another_name_is_known_to_the_readers_of_the_document_that_gives_it(renamed, store, search):
    await sync(renamed, store=store, embedder=HashedEmbedder())

    assert (await held(search, "Drive for Desktop on the plane", "old-name", Audience.public()))[1] == ()


async def test_a_thing_may_have_several_other_names(renamed, store, search):
    renamed.put("again", "Drive for Desktop, also known as Backup and Sync.", access=PUBLIC_RULE)
    renamed.put("third-name", "Backup and Sync asks for a plane ticket.", access=PUBLIC_RULE)
    await sync(renamed, store=store, embedder=HashedEmbedder())

    for key in ("old-name", "third-name"):
        assert (await held(search, "Drive for Desktop on the plane", key))[1] == ("drive for desktop",)


async def test_an_ordinary_word_is_nobodys_other_name(renamed, store, search):
    renamed.put("named-so", "Room Planner (formerly Telephone) shows who is where.", access=PUBLIC_RULE)
    await sync(renamed, store=store, embedder=HashedEmbedder())

    assert (await held(search, "room planner", "other-1"))[1] == ()
    assert (await held(search, "is the telephone private?", "named-so"))[1] == ()


async def test_a_name_that_a_document_no_longer_gives_is_forgotten_at_the_next_sync(renamed, store, search):
    await sync(renamed, store=store, embedder=HashedEmbedder())
    renamed.put("renamed", "Install Drive for Desktop from the portal.", access=STAFF_RULE)
    await sync(renamed, store=store, embedder=HashedEmbedder())

    assert (await held(search, "Drive for Desktop on the plane", "old-name"))[1] == ()


@pytest.fixture
def handbook(place):
    place.put("leave", "Annual leave can be carried over: up to 240 hours.", access=STAFF_RULE)
    place.put("manager", "A supervisor signs the form for the plane ticket.", access=PUBLIC_RULE)
    place.put("boss", "Boss is the name of a ticket machine.", access=PUBLIC_RULE)
    return place


async def test_everyday_words_are_found_in_others_that_say_the_same(handbook, store, search):
    await sync(handbook, store=store, embedder=HashedEmbedder())
    without = Search(store, HashedEmbedder(), Access(store), ranking=RankingOptions(everyday_words=False))

    assert await held(search, "boss signs the form", "manager") == (1.0, ("boss",))
    assert (await held(without, "boss signs the form", "manager"))[1] == ()
    assert await words_score(search, "boss signs form", "manager") > await words_score(
        without, "boss signs form", "manager"
    )


async def test_an_everyday_word_that_no_document_holds_is_read_as_they_write_it(handbook, store, search):
    await sync(handbook, store=store, embedder=HashedEmbedder())

    assert await search.read("Can I carry over PTO?", COLLEAGUE) == "Can I carry over annual leave?"
    assert (await search.find("Can PTO be carried over?", COLLEAGUE))[0].key == "leave"


async def test_an_everyday_word_is_read_as_the_readable_documents_write_it(handbook, store, search):
    await sync(handbook, store=store, embedder=HashedEmbedder())

    assert await search.read("Can I carry over PTO?", Audience.public()) == "Can I carry over PTO?"


async def test_names_are_looked_up_without_reading_all_of_them(place, store, pool):
    """Also once the query is prepared, and planned without knowing what is looked for."""
    await sync(place, store=store, embedder=HashedEmbedder())
    async with pool.connection() as connection:
        await connection.execute(
            """
            insert into knowledge.acronym
            select document.id, 'N' || number, 'name number ' || number
            from knowledge.document, generate_series(1, 5000) number
            where key = 'explained'
            """
        )
        await connection.execute("analyze")

    async with store.snapshot() as snapshot:
        access_ids = [stored.id for stored in await snapshot.list_rules()]
        before = await scans_of_acronyms(snapshot)
        for number in range(1, 16):  # psycopg prepares it after five times, and Postgres its plan after five more
            (names,) = await snapshot.list_names(f"what is n{number}?", access_ids, acronyms=True, synonyms=True)
            assert names.other == f"name number {number}"
        assert await scans_of_acronyms(snapshot) == before


async def scans_of_acronyms(snapshot):
    """How often this transaction read the table itself."""
    cursor = await snapshot.connection.execute("select pg_stat_get_xact_numscans('knowledge.acronym'::regclass)")
    return await cursor.fetchone()
