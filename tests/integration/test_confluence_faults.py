"""What goes wrong between us and Confluence: nothing is taken for gone, and nobody is let in."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from connectors.confluence import ApiToken, Scope
from connectors.documents import AccessRule, Cursor
from connectors.errors import NeedsLogin, SourceUnavailable, Unreadable
from connectors.http import Politeness
from connectors.text.reader import TextReader
from tests.fakes.confluence import (
    EMAIL,
    AsStranger,
    Blank,
    Broken,
    ConfluenceServer,
    First,
    Nothing,
    RateLimited,
    SameCursor,
    Truncated,
    running_confluence,
)
from tests.fakes.confluence_door import Naps, confluence_source
from tests.fakes.confluence_wiki import BOT, Wiki

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEARCH = "content/search"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader() as text_reader:
        yield text_reader


@pytest.fixture
def wiki() -> Wiki:
    wiki = Wiki()
    wiki.add_user("ada", email="ada@example.com")
    wiki.add_group("users", ["ada", BOT])
    wiki.add_space("IT", viewers=["group:users"])
    for number in range(30):
        wiki.add_page("IT", f"Note {number}", f"<p>Text {number}</p>")
    return wiki


@pytest_asyncio.fixture(params=["cloud", "data center"], loop_scope="module")
async def server(request: pytest.FixtureRequest, wiki: Wiki) -> AsyncIterator[ConfluenceServer]:
    async with running_confluence(wiki, is_cloud=request.param == "cloud", page_size=7) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def cloud(wiki: Wiki) -> AsyncIterator[ConfluenceServer]:
    async with running_confluence(wiki, page_size=7) as running:
        yield running


async def test_the_pause_that_is_asked_for_is_kept(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    server.plan(SEARCH, None, RateLimited(7), RateLimited(3), None)
    naps = Naps()
    async with confluence_source(server, reader, naps=naps) as source:
        assert {one.key async for one in source.present()} == set(wiki.contents)
    assert [round(nap) for nap in naps.seconds[:1]] == [7]


async def test_without_a_word_on_the_pause_each_is_longer(server: ConfluenceServer, reader: TextReader) -> None:
    server.plan(SEARCH, *[RateLimited()] * 3)
    naps = Naps()
    async with confluence_source(server, reader, naps=naps) as source:
        assert len([one async for one in source.present()]) == 30
    assert naps.seconds == sorted(naps.seconds)
    assert len(naps.seconds) == 3


async def test_an_hour_s_wall_ends_the_listing_and_says_until_when(
    server: ConfluenceServer, reader: TextReader
) -> None:
    server.plan(SEARCH, None, RateLimited(2_400))
    async with confluence_source(server, reader) as source:
        with pytest.raises(SourceUnavailable, match="left alone until"):
            assert [one async for one in source.present()]


@pytest.mark.parametrize("fault", [Broken(500), Broken(503), Truncated(), RateLimited(1)])
async def test_what_passes_is_asked_again(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader, fault: object
) -> None:
    server.plan(SEARCH, None, fault, None, fault)  # type: ignore[arg-type]
    server.plan("/rest/api/space", fault)  # type: ignore[arg-type]
    async with confluence_source(server, reader) as source:
        assert {one.key async for one in source.present()} == set(wiki.contents)


@pytest.mark.parametrize("part", [SEARCH, "/rest/api/space", "user/current", "/member"])
async def test_what_does_not_pass_ends_the_listing(server: ConfluenceServer, reader: TextReader, part: str) -> None:
    server.always(part, Broken(503))
    async with confluence_source(server, reader) as source:
        with pytest.raises(SourceUnavailable):
            await source.memberships()


@pytest.mark.parametrize("status", [400, 403, 404, 410])
@pytest.mark.parametrize("part", [SEARCH, "/rest/api/space", "user/current"])
async def test_a_refusal_ends_the_listing_and_says_what_to_look_at(
    server: ConfluenceServer, reader: TextReader, part: str, status: int
) -> None:
    server.always(part, Broken(status))
    hint = {403: "scopes", 404: "ends in /wiki"}.get(status, str(status))
    async with confluence_source(server, reader) as source:
        with pytest.raises(SourceUnavailable, match=hint):
            await source.memberships()
        with pytest.raises(SourceUnavailable, match=hint):
            assert [one async for one in source.changes(None)]


async def test_texts_that_are_refused_end_the_listing(server: ConfluenceServer, reader: TextReader) -> None:
    async with confluence_source(server, reader) as source:
        await source.memberships()
        server.always(SEARCH, Broken(400))
        with pytest.raises(SourceUnavailable, match="400"):
            assert [one async for one in source.changes(None)]


async def test_a_space_that_is_deleted_while_it_is_listed_ends_nothing(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    wiki.add_space("ZZ", viewers=["group:users"])
    goes = wiki.add_page("ZZ", "Goes", "<p>x</p>")

    def delete() -> None:
        wiki.purge(goes)
        del wiki.spaces["ZZ"]

    stay = wiki.contents.keys() - {goes}
    server.plan(SEARCH, None, First(delete))
    async with confluence_source(server, reader) as source:
        assert {one.key async for one in source.present()} >= stay
        assert {one.key async for one in source.present()} == stay


async def test_a_listing_that_fails_in_its_middle_shows_nothing_of_it(
    server: ConfluenceServer, reader: TextReader
) -> None:
    server.plan(SEARCH, None, None, *[Broken(500)] * 6)
    async with confluence_source(server, reader) as source:
        shown: list[object] = []
        with pytest.raises(SourceUnavailable):
            await collect(source.present(), shown)
        assert shown == []


async def collect(listing: AsyncIterator[object], shown: list[object]) -> None:
    """What came before an error counts."""
    async for one in listing:
        shown.append(one)  # noqa: PERF401


async def test_a_cursor_that_comes_twice_is_refused(cloud: ConfluenceServer, reader: TextReader) -> None:
    cloud.always("cursor", SameCursor())
    async with confluence_source(cloud, reader) as source:
        with pytest.raises(SourceUnavailable, match="goes round in circles"):
            assert [one async for one in source.present()]


async def test_pages_emptied_by_what_the_account_may_not_see_end_nothing(
    cloud: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    cloud.filters_late = True
    hidden = list(wiki.contents)[7:28]
    for page in hidden:
        wiki.restrict(page, ["ada"])
    async with confluence_source(cloud, reader) as source:
        assert {one.key async for one in source.present()} == wiki.contents.keys() - set(hidden)


async def test_an_empty_page_that_promises_itself_is_the_last(cloud: ConfluenceServer, reader: TextReader) -> None:
    cloud.always("cursor", Blank(promises_itself=True))
    async with confluence_source(cloud, reader) as source:
        assert len([one async for one in source.present()]) == 7


async def test_empty_pages_without_an_end_are_no_end(cloud: ConfluenceServer, reader: TextReader) -> None:
    cloud.always("cursor", Blank())
    async with confluence_source(cloud, reader) as source:
        with pytest.raises(SourceUnavailable, match="does not get on"):
            assert [one async for one in source.present()]


async def test_an_empty_listing_is_passed_on(server: ConfluenceServer, reader: TextReader) -> None:
    """Whether so much may go at once is for the sync to judge."""
    server.plan(SEARCH, Nothing())
    async with confluence_source(server, reader) as source:
        assert [one async for one in source.present()] == []


async def test_a_page_that_vanishes_while_it_is_listed_costs_no_other(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    """By offset the rest moves up: the listing begins anew."""
    first = next(iter(wiki.contents))
    server.plan(SEARCH, None, First(lambda: wiki.trash(first)))
    async with confluence_source(server, reader) as source:
        assert {one.key async for one in source.present()} >= wiki.contents.keys() - {first}


async def test_pages_that_vanish_all_the_time_end_the_listing(wiki: Wiki, reader: TextReader) -> None:
    async with running_confluence(wiki, is_cloud=False, page_size=7) as server:
        goes = iter(list(wiki.contents))
        server.plan(SEARCH, *[None, First(lambda: wiki.trash(next(goes)))] * 9)
        async with confluence_source(server, reader) as source:
            with pytest.raises(SourceUnavailable, match="vanish"):
                assert [one async for one in source.present()]


async def test_a_page_that_vanishes_before_its_text_is_fetched_is_not_listed(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    *_, last = wiki.contents
    async with confluence_source(server, reader) as source:
        await source.memberships()  # the survey that the listing goes by
        wiki.trash(last)
        *listed, cursor = [one async for one in source.changes(None)]
        assert last not in {getattr(one, "key", "") for one in listed}
        wiki.restore(last)
        assert isinstance(cursor, Cursor)
        assert last in {getattr(one, "key", "") async for one in source.changes(cursor)}


async def test_a_page_that_vanishes_before_it_is_read_says_so(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    async with confluence_source(server, reader) as source:
        *listed, _ = [one async for one in source.changes(None)]
    wiki.trash(listed[0].key)
    async with confluence_source(server, reader) as source:
        with pytest.raises(Unreadable, match="gone since"):
            await source.read(listed[0])


async def test_wrong_credentials_are_said_to_be_wrong(cloud: ConfluenceServer, reader: TextReader) -> None:
    async with confluence_source(cloud, reader, auth=ApiToken(EMAIL, "another")) as source:
        with pytest.raises(NeedsLogin):
            assert [one async for one in source.present()]


@pytest.mark.parametrize("says_so", [True, False])
async def test_an_answer_as_to_a_stranger_is_no_listing(
    server: ConfluenceServer, reader: TextReader, says_so: bool
) -> None:
    """A site that is open to strangers answers bad credentials with 200 and next to nothing."""
    server.always("/rest/api", AsStranger(says_so=says_so))
    async with confluence_source(server, reader) as source:
        with pytest.raises(NeedsLogin):
            assert [one async for one in source.present()]


async def test_a_token_that_ends_in_the_middle_of_a_listing_ends_it(
    server: ConfluenceServer, reader: TextReader
) -> None:
    server.plan(SEARCH, None, AsStranger())
    async with confluence_source(server, reader) as source:
        with pytest.raises(NeedsLogin):
            assert [one async for one in source.present()]


async def test_a_permission_that_fails_for_a_moment_is_asked_again(wiki: Wiki, reader: TextReader) -> None:
    async with running_confluence(wiki, is_cloud=False) as server:
        server.plan("/permissions", Broken(502), Broken(502))
        async with confluence_source(server, reader) as source:
            rules = [one.access async for one in source.present()]
            assert AccessRule.nobody() not in rules


async def test_answers_of_another_shape_end_the_listing(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    wiki.contents[next(iter(wiki.contents))].version = "many"  # type: ignore[assignment]
    async with confluence_source(server, reader) as source:
        with pytest.raises(SourceUnavailable, match="not as documented"):
            assert [one async for one in source.present()]


async def test_links_of_answers_lead_nowhere_else(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    """Neither the next page's link nor a download's takes us to another place: the path stays ours."""
    page = next(iter(wiki.contents))
    attached = wiki.add_attachment(page, "note.txt", b"hello", "text/plain")
    async with confluence_source(server, reader) as source:
        listed = {getattr(one, "key", ""): one async for one in source.changes(None)}
        source._attachments[attached] = type(source._attachments[attached])(
            page_id="../../x", download="//evil.example.com/x"
        )
        with pytest.raises(Unreadable):
            await source.read(listed[attached])
    server.violations.clear()  # the quoted page id is an address that does not exist


async def test_the_points_of_an_hour_are_spread(cloud: ConfluenceServer, reader: TextReader) -> None:
    naps = Naps()
    politeness = Politeness(points_per_hour=3_000)
    async with confluence_source(cloud, reader, naps=naps, politeness=politeness) as source:
        assert len([one async for one in source.present()]) == 30
        assert source.spent.points >= cloud.points
    assert sum(naps.seconds) > 60


async def test_a_space_s_key_stays_a_value_in_the_query(wiki: Wiki, reader: TextReader) -> None:
    key = 'X") or type in (page) or space in ("IT'
    wiki.add_space(key, viewers=["group:users"])
    page = wiki.add_page(key, "Odd")
    scope = Scope(spaces=(key,))
    async with running_confluence(wiki) as server, confluence_source(server, reader, scope) as source:
        assert [one.key async for one in source.present()] == [page]


async def test_another_host_is_never_asked(cloud: ConfluenceServer, reader: TextReader) -> None:
    with pytest.raises(ValueError, match="can't be asked"):
        async with confluence_source(cloud, reader, site_url="http://wiki.example.com"):
            pass
    assert httpx.URL(cloud.base_url).host == "127.0.0.1"
