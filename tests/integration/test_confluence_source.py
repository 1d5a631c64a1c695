from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from connectors.confluence import Scope
from connectors.documents import PUBLIC, STAFF, AccessRule, Cursor, Listed, Principal, group, user
from connectors.errors import LimitExceeded, SourceUnavailable, Unreadable
from connectors.source import Source
from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from tests.fakes.confluence import ConfluenceServer, running_confluence
from tests.fakes.confluence_door import confluence_source
from tests.fakes.confluence_mirror import Mirror
from tests.fakes.confluence_wiki import BOT, Wiki
from tests.fakes.documents import pdf_file
from tests.thorough import tried

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADA, BO, CY = "ada@example.com", "bo@example.com", "cy@example.com"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader() -> AsyncIterator[TextReader]:
    async with TextReader(ReadLimits(input_bytes=100_000)) as text_reader:
        yield text_reader


@pytest.fixture
def wiki() -> Wiki:
    wiki = Wiki()
    for name in ("ada", "bo", "cy"):
        wiki.add_user(name, email=f"{name}@example.com")
    wiki.add_group("users", ["ada", "bo", "cy", BOT])
    wiki.add_space("IT", viewers=["group:users"], name="IT help")
    return wiki


@pytest_asyncio.fixture(params=["cloud", "data center"], loop_scope="module")
async def server(request: pytest.FixtureRequest, wiki: Wiki) -> AsyncIterator[ConfluenceServer]:
    async with running_confluence(wiki, is_cloud=request.param == "cloud", page_size=7) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def cloud(wiki: Wiki) -> AsyncIterator[ConfluenceServer]:
    async with running_confluence(wiki, page_size=7) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def data_center(wiki: Wiki) -> AsyncIterator[ConfluenceServer]:
    async with running_confluence(wiki, is_cloud=False, page_size=7) as running:
        yield running


async def listing(source: Source, since: Cursor | None = None) -> tuple[dict[str, Listed], Cursor]:
    *listed, last = [one async for one in source.changes(since)]
    assert isinstance(last, Cursor)
    assert all(isinstance(one, Listed) for one in listed)
    return {one.key: one for one in listed if isinstance(one, Listed)}, last


async def rights(source: Source) -> dict[str, AccessRule]:
    return {one.key: one.access async for one in source.present()}


async def markdown(source: Source, key: str) -> str:
    listed, _ = await listing(source)
    return (await source.read(listed[key])).markdown


async def test_a_page_is_listed_with_all_that_is_known_of_it(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    above = wiki.add_page("IT", "Networks")
    page = wiki.add_page("IT", "VPN", "<p>Dial <strong>in</strong>.</p>", parent=above)
    wiki.contents[page].labels = ["remote", "howto"]
    async with confluence_source(server, reader) as source:
        listed, _ = await listing(source)
        document = await source.read(listed[page])
        viewers = group("wiki", "gid-users" if server.is_cloud else "users")
        assert listed[page] == Listed(
            key=page,
            version=listed[page].version,
            title="VPN",
            url=f"{server.base_url}/spaces/IT/pages/{page}",
            access=AccessRule.any_of([viewers]),
            media_type="text/html; charset=utf-8",
            modified_at=datetime(2026, 11, 21, 22, 0, 2, tzinfo=UTC),
            trail=("IT help", "Networks"),
            labels=("howto", "remote"),
        )
        assert (document.title, document.markdown) == ("VPN", "Dial **in**.")
        assert (document.url, document.version) == (listed[page].url, listed[page].version)
        assert await source.memberships() == {
            viewers: {user(name) for name in (ADA, BO, CY, "helpdesk-bot@example.com")}
        }
        assert source.spent.requests == len(server.asked)


async def test_a_listing_of_many_pages_is_whole(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    keys = {wiki.add_page("IT", f"Note {number}", "<p>x</p>") for number in range(60)}
    async with confluence_source(server, reader) as source:
        assert (await listing(source))[0].keys() == keys
        assert (await rights(source)).keys() == keys


async def test_only_the_text_makes_a_version(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    above, other = wiki.add_page("IT", "Networks"), wiki.add_page("IT", "Remote work")
    page = wiki.add_page("IT", "VPN", "<p>Dial in.</p>", parent=above)
    async with confluence_source(server, reader) as source:
        before, cursor = await listing(source)
        wiki.rename(page, "VPN for all")
        wiki.move(page, other)
        wiki.contents[page].labels = ["new"]
        wiki.restrict(page, ["ada", BOT])
        after, cursor = await listing(source, cursor)
        assert after[page].version == before[page].version
        assert (after[page].title, after[page].labels) == ("VPN for all", ("new",))
        assert after[page].trail == ("IT help", "Remote work")
        wiki.edit(page, "<p>Dial in from anywhere.</p>")
        assert (await listing(source, cursor))[0][page].version != before[page].version


async def test_a_new_title_above_moves_the_trail_of_all_below(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    above = wiki.add_page("IT", "Networks")
    page = wiki.add_page("IT", "VPN", parent=wiki.add_page("IT", "Remote", parent=above))
    async with confluence_source(server, reader) as source:
        _, cursor = await listing(source)
        wiki.rename(above, "Connections")
        after, _ = await listing(source, cursor)
        assert after[page].trail == ("IT help", "Connections", "Remote")


async def test_nothing_is_listed_again_when_nothing_changed(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    for number in range(20):
        wiki.add_page("IT", f"Note {number}")
    async with confluence_source(server, reader) as source:
        _, cursor = await listing(source)
        asked = source.spent.requests
        again, same = await listing(source, cursor)
        assert (again, same) == ({}, cursor)
        assert source.spent.requests - asked < 10
        everything, _ = await listing(source, Cursor(value="of an earlier release"))
        assert len(everything) == 20


@pytest.mark.parametrize("kind", ["trash", "archive", "purge"])
async def test_what_is_gone_is_not_present(server: ConfluenceServer, wiki: Wiki, reader: TextReader, kind: str) -> None:
    stays, goes = wiki.add_page("IT", "Stays"), wiki.add_page("IT", "Goes")
    wiki.add_attachment(goes, "note.txt", b"x", "text/plain")
    async with confluence_source(server, reader) as source:
        _, cursor = await listing(source)
        getattr(wiki, kind)(goes)
        assert (await rights(source)).keys() == {stays}
        assert goes not in (await listing(source, cursor))[0]


async def test_what_moves_to_a_space_that_is_not_wanted_is_gone(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    wiki.add_space("HR", viewers=["group:users"])
    page = wiki.add_page("IT", "Moves", "<p>x</p>")
    below = wiki.add_page("IT", "Moves too", "<p>y</p>", parent=page)
    async with confluence_source(server, reader, Scope(spaces=("IT",))) as source:
        assert (await rights(source)).keys() == {page, below}
        wiki.move(page, None, space="HR")
        assert await rights(source) == {}


async def test_all_spaces_are_those_that_nobody_owns(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    wiki.add_space("HR", viewers=["group:users"])
    wiki.add_space("~ada", viewers=["group:users"], is_personal=True)
    wiki.add_space("OLD", viewers=["group:users"], status="archived")
    keys = {space: wiki.add_page(space, "A page") for space in ("IT", "HR", "~ada", "OLD")}
    async with confluence_source(server, reader) as source:
        assert (await rights(source)).keys() == {keys["IT"], keys["HR"]}
    async with confluence_source(server, reader, Scope(spaces=("~ada", "OLD", "typing error"))) as source:
        assert (await rights(source)).keys() == {keys["~ada"]}


async def test_spaces_that_are_not_there_are_said(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    page = wiki.add_page("IT", "A page")
    async with confluence_source(server, reader, Scope(spaces=("IT", "typing error"))) as source:
        assert (await rights(source)).keys() == {page}
        assert source.missing_spaces == ("typing error",)
    async with confluence_source(server, reader, Scope(spaces=("typing error",))) as source:
        with pytest.raises(SourceUnavailable, match="no space typing error"):
            await rights(source)


async def test_blog_posts_are_read_unless_they_are_not_wanted(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    post = wiki.add_page("IT", "News", "<p>New printers.</p>", type="blogpost")
    async with confluence_source(server, reader) as source:
        assert await markdown(source, post) == "New printers."
    async with confluence_source(server, reader, Scope(blog_posts=False)) as source:
        assert await rights(source) == {}


async def test_an_attachment_is_a_document_of_its_page(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    page = wiki.add_page("IT", "Forms")
    wiki.restrict(page, ["ada", BOT])
    pdf = wiki.add_attachment(page, "form.pdf", pdf_file(), "application/pdf")
    wiki.add_attachment(page, "picture.png", b"png", "image/png")
    async with confluence_source(server, reader) as source:
        listed, cursor = await listing(source)
        assert listed.keys() == {page, pdf}
        assert (listed[pdf].title, listed[pdf].media_type) == ("form.pdf", "application/pdf")
        assert listed[pdf].trail == ("IT help", "Forms")
        assert listed[pdf].access == listed[page].access
        assert "preview" in listed[pdf].url
        assert (await source.read(listed[pdf])).page_starts[0] == 0
        wiki.replace_file(pdf, pdf_file())
        assert (await listing(source, cursor))[0][pdf].version != listed[pdf].version
    async with confluence_source(server, reader) as source:  # another process reads what the first one listed
        assert (await source.read(listed[pdf])).markdown
    async with confluence_source(server, reader, Scope(attachments=False)) as source:
        assert (await rights(source)).keys() == {page}


async def test_what_can_not_be_read_says_why(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    page = wiki.add_page("IT", "Hidden")
    wiki.contents[page].shows_body = False
    huge = wiki.add_page("IT", "Huge", f"<p>{'word ' * 30_000}</p>")
    lost = wiki.add_attachment(huge, "lost.txt", None, "text/plain")
    large = wiki.add_attachment(huge, "large.txt", b"x" * 100_001, "text/plain")
    async with confluence_source(server, reader) as source:
        listed, _ = await listing(source)
        with pytest.raises(Unreadable, match="keeps its text to itself"):
            await source.read(listed[page])
        with pytest.raises(Unreadable, match="does not hand it out"):
            await source.read(listed[lost])
        for key in (huge, large):
            with pytest.raises(LimitExceeded):
                await source.read(listed[key])


async def test_comments_are_part_of_the_text_where_they_are_wanted(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    page = wiki.add_page("IT", "VPN", "<p>Dial in.</p>")
    comment = wiki.add_comment(page, "<p>Works on Linux, too.</p>")
    async with confluence_source(server, reader) as source:
        assert await markdown(source, page) == "Dial in."
    async with confluence_source(server, reader, Scope(comments=True)) as source:
        assert await markdown(source, page) == "Dial in.\n\n## Comments\n\n> Works on Linux, too."
        before, cursor = await listing(source)
        wiki.edit(comment, "<p>Works everywhere.</p>")
        after, cursor = await listing(source, cursor)
        assert after[page].version != before[page].version
        assert after[page].modified_at > before[page].modified_at
        wiki.trash(comment)
        last, _ = await listing(source, cursor)
        assert (await source.read(last[page])).markdown == "Dial in."


async def test_mentioned_people_have_names(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    attribute = 'ri:account-id="ada"' if server.is_cloud else 'ri:userkey="key-ada"'
    storage = (
        f'<p>Ask <ac:link><ri:user {attribute}/></ac:link> or <ac:link><ri:user ri:userkey="gone"/></ac:link>.</p>'
    )
    page = wiki.add_page("IT", "VPN", storage)
    async with confluence_source(server, reader) as source:
        assert await markdown(source, page) == "Ask Ada or someone."


# Who may read it


def alone(*principals: Principal) -> frozenset[Principal]:
    return frozenset(principals)


async def test_every_restriction_on_the_way_down_is_in_the_rule(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    top = wiki.add_page("IT", "Top")
    middle = wiki.add_page("IT", "Middle", parent=top)
    page = wiki.add_page("IT", "Page", parent=middle)
    wiki.restrict(top, ["ada", "bo", BOT])
    wiki.restrict(page, ["bo", "cy", BOT])
    async with confluence_source(server, reader) as source:
        rule = (await rights(source))[page]
        us = user("helpdesk-bot@example.com")
        assert alone(user(ADA), user(BO), us) in rule.all_of
        assert alone(user(BO), user(CY), us) in rule.all_of
        assert len(rule.all_of) == 3


async def test_a_folder_above_counts_though_no_listing_shows_it(
    cloud: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    folder = wiki.add_page("IT", "Folder", type="folder")
    wiki.restrict(folder, ["cy", BOT])
    pages = [wiki.add_page("IT", f"Page {number}", parent=folder) for number in range(5)]
    async with confluence_source(cloud, reader) as source:
        found = await rights(source)
        assert found.keys() == set(pages)
        assert all(alone(user(CY), user("helpdesk-bot@example.com")) in found[page].all_of for page in pages)
        assert cloud.count("/restriction/") == 1


async def test_an_ancestor_that_can_not_be_seen_lets_nobody_pass(
    cloud: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    folder = wiki.add_page("IT", "Folder", type="folder")
    page = wiki.add_page("IT", "Page", parent=folder)
    wiki.contents[folder].status = "trashed"
    async with confluence_source(cloud, reader) as source:
        assert alone() in (await rights(source))[page].all_of


async def test_a_restriction_that_names_very_many_is_read_to_its_end(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    for number in range(450):
        wiki.add_user(f"u{number}", email=f"u{number}@example.com")
    page = wiki.add_page("IT", "Popular")
    wiki.restrict(page, [BOT, *(f"u{number}" for number in range(450)), "group:users"])
    async with confluence_source(server, reader) as source:
        (readers,) = (one for one in (await rights(source))[page].all_of if len(one) > 1)
        assert len(readers) == 452


async def test_people_whose_address_is_hidden_are_nobody_and_are_counted(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    wiki.add_user("shy", email="shy@example.com", shows_email=False)
    wiki.add_user("robot", email="robot@example.com", account_type="app", shows_email=server.is_cloud)
    page = wiki.add_page("IT", "For the shy")
    wiki.restrict(page, ["shy", "robot", BOT])
    async with confluence_source(server, reader) as source:
        assert alone(user("helpdesk-bot@example.com")) in (await rights(source))[page].all_of
        assert (source.people, source.hidden_people) == (3, 2)


async def test_addresses_that_are_not_told_at_once_are_asked_for_together(
    cloud: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    cloud.tells_emails = False
    page = wiki.add_page("IT", "For many")
    for number in range(130):
        wiki.add_user(f"u{number}", email=f"u{number}@example.com")
    wiki.restrict(page, [BOT, *(f"u{number}" for number in range(130))])
    async with confluence_source(cloud, reader) as source:
        for _ in range(2):
            (readers,) = (one for one in (await rights(source))[page].all_of if len(one) > 1)
            assert len(readers) == 131
        assert cloud.count("/user/bulk") == 2


async def test_a_space_whose_permissions_are_not_shown_lets_nobody_pass(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    page = wiki.add_page("IT", "A page")
    wiki.spaces["IT"].shows_permissions = False
    server.has_permission_rights = False
    async with confluence_source(server, reader) as source:
        assert await rights(source) == {page: AccessRule.nobody()}


async def test_what_a_group_may_do_besides_viewing_counts_for_nothing(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader
) -> None:
    wiki.add_group("may-create-only", ["ada"])
    wiki.add_page("IT", "A page")
    async with confluence_source(server, reader) as source:
        assert all("may-create-only" not in name for name in await source.memberships())


@pytest.mark.parametrize("is_open", [True, False])
async def test_public_is_what_the_site_shows_to_strangers(
    server: ConfluenceServer, wiki: Wiki, reader: TextReader, is_open: bool
) -> None:
    wiki.is_open_to_anonymous = is_open
    wiki.add_space("WEB", viewers=["group:users"], is_anonymous=True)
    inside, outside = wiki.add_page("IT", "Inside"), wiki.add_page("WEB", "Outside")
    async with confluence_source(server, reader) as source:
        found = await rights(source)
        assert found[outside].admits(alone(PUBLIC)) is is_open
        assert not found[inside].admits(alone(PUBLIC, STAFF))


async def test_everyone_with_a_licence_is_the_staff(cloud: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    wiki.add_space("ALL", viewers=[], is_for_licensed=True)
    page = wiki.add_page("ALL", "For all of us")
    async with confluence_source(cloud, reader) as source:
        rule = (await rights(source))[page]
        assert rule.admits(alone(STAFF, PUBLIC))
        assert not rule.admits(alone(PUBLIC))
        assert cloud.count("/role-assignments") == 1


async def test_groups_in_groups_of_data_center(data_center: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    wiki.add_group("inner", ["ada", "group:outer"])
    wiki.add_group("outer", ["group:inner", "bo"])
    wiki.add_group("a/b", ["cy"])
    page = wiki.add_page("IT", "For outer", "<p>x</p>")
    wiki.restrict(page, ["group:outer", "group:a/b", BOT])
    mirror = Mirror()
    async with confluence_source(data_center, reader, Scope(nested_groups=True)) as source:
        await mirror.sync(source)
    assert mirror.readable_by(ADA) == mirror.readable_by(BO) == {page}
    assert group("wiki", "outer") in mirror.members
    data_center.violations.clear()  # a name with a slash is asked for, quoted; the real one refuses that


async def test_a_group_that_is_deleted_has_no_members(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    page = wiki.add_page("IT", "For the gone")
    wiki.restrict(page, ["group:gone", BOT])
    async with confluence_source(server, reader) as source:
        members = await source.memberships()
        assert members[group("wiki", "gid-gone" if server.is_cloud else "gone")] == alone()


async def test_members_of_a_large_group_are_all_there(server: ConfluenceServer, wiki: Wiki, reader: TextReader) -> None:
    for number in range(450):
        wiki.add_user(f"u{number}", email=f"u{number}@example.com")
    wiki.add_group("users", [BOT, *(f"u{number}" for number in range(450))])
    wiki.add_page("IT", "A page")
    async with confluence_source(server, reader) as source:
        (members,) = (await source.memberships()).values()
        assert len(members) == 451


# What it costs


@pytest.mark.slow
@pytest.mark.parametrize(("is_cloud", "size"), [(True, tried(2_000, thoroughly=10_000)), (False, 2_000)])
async def test_thousands_of_pages_take_tens_of_requests(
    wiki: Wiki, reader: TextReader, is_cloud: bool, size: int
) -> None:
    sections = [wiki.add_page("IT", f"Section {number}") for number in range(100)]
    pages = [
        wiki.add_page("IT", f"Note {number}", "<p>x</p>", parent=sections[number % 100]) for number in range(size - 100)
    ]
    for section in sections[::10]:
        wiki.restrict(section, ["ada", BOT])
    async with running_confluence(wiki, is_cloud=is_cloud) as server, confluence_source(server, reader) as source:
        assert len(await rights(source)) == size
        assert source.spent.requests < size / 200 + 10
        _, cursor = await listing(source)
        changed_pages = pages[:: len(pages) // 99]
        for page in changed_pages:
            wiki.edit(page, "<p>y</p>")
        asked = source.spent.requests
        changed, _ = await listing(source, cursor)
        assert set(changed_pages) <= changed.keys()
        assert source.spent.requests - asked < size / 200 + 25
