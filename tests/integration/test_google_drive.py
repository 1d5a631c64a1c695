"""What is listed of Google Drive and what is read, against a strict fake of its API."""

import io

import pytest
from openpyxl import Workbook
from pptx import Presentation

from connectors.documents import user
from connectors.errors import SourceUnavailable, Unreadable
from connectors.google_drive import Person, ServiceAccount
from connectors.text.limits import ReadLimits
from connectors.text.reader import TextReader
from tests.fakes.google_drive import GoogleServer, Twist
from tests.fakes.google_drive_client import list_changes, list_rules, make_source
from tests.fakes.google_drive_files import SHEET, SLIDES, domain, person
from tests.fakes.google_drive_tokens import BOT, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.fixture
async def google():
    async with GoogleServer() as server:
        yield server


@pytest.fixture
async def reader():
    async with TextReader(ReadLimits(input_bytes=100_000)) as text_reader:
        yield text_reader


@pytest.fixture
def handbook(google):
    """A folder in My Drive that everybody at example.com and the bot may read."""
    folder = google.files.add_folder("Handbook")
    google.files.share(folder, person(BOT, "writer"), domain("example.com"))
    return folder


@pytest.fixture
def team(google):
    """A shared drive."""
    return google.files.add_drive("Team", [person(BOT, "organizer"), person("ada@example.com")])


# What is listed


async def test_everything_beneath_a_folder_is_listed_with_the_names_above_it(google, handbook):
    inner = google.files.add_folder("VPN & co", parent=google.files.add_folder("Network", parent=handbook))
    key = google.files.add_doc("Set up  VPN", "# VPN", parent=inner)
    google.files.add_doc("Elsewhere", "Not in the folder.")

    async with make_source(google, folders=[handbook]) as source:
        listed, removed, _ = await list_changes(source)

    assert (listed.keys(), removed) == ({key}, set())
    assert (listed[key].title, listed[key].trail) == ("Set up VPN", ("Handbook", "Network", "VPN & co"))
    assert listed[key].url == f"https://drive.google.com/open?id={key}"


async def test_a_shared_drive_is_listed_whole(google, team):
    top = google.files.add("a.txt", parent=team)
    deep = google.files.add("b.txt", parent=google.files.add_folder("Deep", parent=team))

    async with make_source(google, drives=[team]) as source:
        listed, _, _ = await list_changes(source)

    assert {key: one.trail for key, one in listed.items()} == {top: ("Team",), deep: ("Team", "Deep")}


@pytest.mark.parametrize("page_size", [1, 2, 1_000])
async def test_a_listing_of_many_pages_misses_nothing(google, handbook, team, page_size):
    google.page_size = page_size
    keys = {google.files.add(f"{number}.txt", parent=handbook) for number in range(5)}
    keys |= {google.files.add(f"{number}.txt", parent=team) for number in range(5)}

    async with make_source(google, folders=[handbook], drives=[team]) as source:
        assert (await list_changes(source))[0].keys() == keys
        assert (await list_rules(source)).keys() == keys


async def test_a_folder_in_a_shared_drive_is_listed_by_itself(google, team):
    inside = google.files.add_folder("Inside", parent=team)
    key = google.files.add("a.txt", parent=inside)
    google.files.add("outside.txt", parent=team)

    async with make_source(google, folders=[inside]) as source:
        assert (await list_changes(source))[0].keys() == {key}


async def test_a_folder_of_a_drive_that_the_bot_is_no_member_of_is_listed_too(google):
    foreign = google.files.add_drive("Foreign", [person("ada@example.com")])
    inside = google.files.add_folder("Inside", parent=foreign, grants=(person(BOT, "writer"),))
    key = google.files.add("a.txt", parent=inside)

    async with make_source(google, folders=[inside]) as source:
        listed, _, cursor = await list_changes(source)
        assert listed.keys() == {key}
        assert (await list_changes(source, cursor))[0] == {}


async def test_a_file_whose_folder_the_bot_may_not_see_hangs_under_its_drive(google, team):
    key = google.files.add("a.txt", parent=team)
    google.fail("files.list", Twist(lambda answer: answer["files"][0].pop("parents")))
    async with make_source(google, drives=[team]) as source:
        assert {user("ada@example.com"), user(BOT)} == set((await list_rules(source))[key])


async def test_what_is_in_the_trash_is_not_listed(google, handbook):
    key = google.files.add("a.txt", parent=handbook)
    google.files.trash(google.files.add("b.txt", parent=handbook))
    folder = google.files.add_folder("Old", parent=handbook)
    google.files.add("c.txt", parent=folder)
    google.files.trash(folder)

    async with make_source(google, folders=[handbook]) as source:
        assert (await list_changes(source))[0].keys() == {key}


async def test_a_root_that_is_not_there_is_no_empty_folder(google, handbook, team):
    unshared = google.files.add_folder("Private")
    document = google.files.add_doc("Doc", "", parent=handbook)
    for scope in ({"folders": [unshared]}, {"folders": ["gone"]}, {"drives": ["gone"]}, {"folders": [document]}):
        async with make_source(google, **scope) as source:
            with pytest.raises(SourceUnavailable):
                await list_changes(source)

    google.files.trash(handbook)
    async with make_source(google, folders=[handbook]) as source:
        with pytest.raises(SourceUnavailable, match="trash"):
            await list_rules(source)


async def test_ids_that_are_no_ids_are_refused(google):
    for scope in ({"folders": ["a' or trashed = true or 'b"]}, {"drives": ["../x"]}, {}):
        with pytest.raises(ValueError, match=r"id|name at least"):
            make_source(google, **scope)


async def test_a_file_that_moves_while_it_is_listed_is_not_missed(google, handbook):
    """From a folder that is not listed yet into one that was."""
    google.page_size = 1
    later = google.files.add_folder("Later", parent=handbook)
    key = google.files.add("a.txt", parent=later)
    google.fail("files.list", Twist(lambda _: google.files.move(key, handbook)))

    async with make_source(google, folders=[handbook]) as source:
        assert (await list_rules(source)).keys() == {key}


async def test_a_folder_that_is_moved_in_while_its_place_is_listed_comes_with_what_it_holds(google, handbook):
    outside = google.files.add_folder("Outside")
    google.files.share(outside, person(BOT, "writer"))
    key = google.files.add("a.txt", parent=outside)
    google.files.add("b.txt", parent=handbook)
    google.fail("files.list", Twist(lambda _: google.files.move(outside, handbook)))

    async with make_source(google, folders=[handbook]) as source:
        assert key in await list_rules(source)


# Shortcuts


async def test_a_shortcut_brings_its_target_once_under_the_targets_own_key(google, handbook):
    target = google.files.add_doc("Elsewhere", "Text.")
    google.files.share(target, person(BOT, "writer"))
    for name in ("One", "Two"):
        google.files.add_shortcut(name, target, parent=handbook)

    async with make_source(google, folders=[handbook]) as source:
        listed, _, _ = await list_changes(source)

    assert listed.keys() == {target}
    assert (listed[target].title, listed[target].trail) == ("Elsewhere", ("Handbook",))


async def test_a_shortcut_to_what_is_listed_anyway_changes_nothing(google, handbook):
    key = google.files.add_doc("Doc", "Text.", parent=google.files.add_folder("Deep", parent=handbook))
    google.files.add_shortcut("Here too", key, parent=handbook)

    async with make_source(google, folders=[handbook]) as source:
        listed, _, _ = await list_changes(source)

    assert {key: one.trail for key, one in listed.items()} == {key: ("Handbook", "Deep")}


async def test_shortcuts_that_go_round_in_circles_end(google, handbook):
    one = google.files.add_folder("One")
    two = google.files.add_folder("Two")
    for folder, other in ((one, two), (two, one)):
        google.files.share(folder, person(BOT, "writer"))
        google.files.add_shortcut("Round", other, parent=folder)
        google.files.add_shortcut("Up", handbook, parent=folder)
    keys = {google.files.add("a.txt", parent=one), google.files.add("b.txt", parent=two)}
    google.files.add_shortcut("In", one, parent=handbook)

    async with make_source(google, folders=[handbook]) as source:
        assert (await list_rules(source)).keys() == keys


async def test_a_shortcut_to_nothing_is_skipped_with_its_reason_until_it_leads_somewhere(google, handbook, reader):
    private = google.files.add_doc("Private", "Text.")
    shortcut = google.files.add_shortcut("Dangling", private, parent=handbook)
    chained = google.files.add_shortcut("Chained", shortcut, parent=handbook)

    async with make_source(google, reader, folders=[handbook]) as source:
        listed, _, cursor = await list_changes(source)
        assert listed.keys() == {shortcut, chained}
        assert await list_rules(source) == {shortcut: frozenset(), chained: frozenset()}
        for key in (shortcut, chained):
            with pytest.raises(Unreadable, match="shortcut"):
                await source.read(listed[key])

        google.files.share(private, person(BOT, "writer"))
        listed, removed, _ = await list_changes(source, cursor)
        assert (listed.keys(), removed) == ({private, chained}, {shortcut})


async def test_what_a_shortcut_leads_to_outside_is_listed_every_time(google, team):
    """No log that we read tells of its changes."""
    outside = google.files.add_doc("Outside", "Text.")
    google.files.share(outside, person(BOT, "writer"))
    google.files.add_shortcut("In", outside, parent=team)
    google.files.add("a.txt", parent=team)

    async with make_source(google, drives=[team]) as source:
        before, _, cursor = await list_changes(source)
        google.files.change(outside, exports={"text/markdown": b"New."})
        after, _, _ = await list_changes(source, cursor)

    assert after.keys() == {outside}
    assert after[outside].version != before[outside].version


# What changed


async def test_without_changes_nothing_is_listed_and_next_to_nothing_is_asked(google, handbook, team):
    google.files.add("a.txt", parent=handbook)
    async with make_source(google, folders=[handbook], drives=[team]) as source:
        _, _, cursor = await list_changes(source)
        google.calls.clear()
        listed, removed, after = await list_changes(source, cursor)

    assert (listed, removed, after) == ({}, set(), cursor)
    assert google.calls == {"drives.get": 1, "files.get": 1, "changes.list": 2}


async def test_only_what_changed_is_listed_again(google, handbook):
    keys = [google.files.add(f"{number}.txt", parent=handbook, content=b"old") for number in range(4)]
    async with make_source(google, folders=[handbook]) as source:
        before, _, cursor = await list_changes(source)
        google.files.change(keys[0], content=b"new")
        google.files.rename(keys[1], "renamed.txt")
        google.files.trash(keys[2])
        new = google.files.add("new.txt", parent=handbook)
        elsewhere = google.files.add("elsewhere.txt")
        google.files.share(handbook, person("guest@elsewhere.org"))
        google.files.delete(keys[3])
        listed, removed, cursor = await list_changes(source, cursor)

        assert listed.keys() == {keys[0], keys[1], new}
        assert removed == {keys[2], keys[3], elsewhere}
        assert listed[keys[0]].version != before[keys[0]].version
        assert listed[keys[1]].version == before[keys[1]].version
        assert (await list_changes(source, cursor))[0] == {}


async def test_a_right_or_a_name_does_not_change_the_version(google, handbook):
    keys = [google.files.add_doc("Doc", "Text.", parent=handbook), google.files.add("a.txt", parent=handbook)]
    async with make_source(google, folders=[handbook]) as source:
        before, _, cursor = await list_changes(source)
        for key in keys:
            google.files.share(key, person("guest@elsewhere.org"))
            google.files.rename(key, "Another name")
        after, _, _ = await list_changes(source, cursor)

    assert {key: one.version for key, one in after.items()} == {key: one.version for key, one in before.items()}
    assert all(after[key].access != before[key].access for key in keys)


async def test_a_folder_that_moves_in_brings_what_it_holds_and_takes_it_along(google, handbook):
    folder = google.files.add_folder("Moving")
    google.files.share(folder, person(BOT, "writer"))
    key = google.files.add("a.txt", parent=google.files.add_folder("Inner", parent=folder))
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)

        google.files.move(folder, handbook)
        listed, _, cursor = await list_changes(source, cursor)
        assert {key: one.trail for key, one in listed.items()} == {key: ("Handbook", "Moving", "Inner")}

        google.files.move(folder, None)
        listed, _, cursor = await list_changes(source, cursor)
        assert listed == {}
        assert await list_rules(source) == {}


async def test_a_folder_or_drive_that_changes_its_name_or_members_lists_what_it_holds(google, team):
    folder = google.files.add_folder("Old", parent=team)
    inner, outer = google.files.add("a.txt", parent=folder), google.files.add("b.txt", parent=team)
    async with make_source(google, drives=[team]) as source:
        _, _, cursor = await list_changes(source)
        google.files.rename(folder, "New")
        listed, _, cursor = await list_changes(source, cursor)
        assert {key: one.trail for key, one in listed.items()} == {inner: ("Team", "New")}

        google.files.share(team, person("bo@example.com"))
        listed, _, cursor = await list_changes(source, cursor)
        assert listed.keys() == {inner, outer}


async def test_the_cursor_is_from_before_the_listing(google, handbook):
    """What changes while it is listed is listed next time, if not now."""
    key = google.files.add("a.txt", parent=handbook, content=b"old")
    google.fail("files.list", Twist(lambda _: google.files.change(key, content=b"new")))
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)
        assert (await list_changes(source, cursor))[0].keys() == {key}


async def test_another_scope_lists_everything(google, handbook, team):
    keys = {google.files.add("a.txt", parent=handbook), google.files.add("b.txt", parent=team)}
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)
    async with make_source(google, folders=[handbook], drives=[team]) as source:
        assert (await list_changes(source, cursor))[0].keys() == keys

    other = google.files.add_folder("Other")
    google.files.share(other, person(BOT, "writer"))
    key = google.files.add("c.txt", parent=other)
    async with make_source(google, folders=[handbook]) as source:
        _, _, cursor = await list_changes(source)
    async with make_source(google, folders=[other]) as source:
        assert (await list_changes(source, cursor))[0].keys() == {key}


# What is read


async def read_only(google, reader, folder):
    async with make_source(google, reader, folders=[folder]) as source:
        listed, _, _ = await list_changes(source)
        (one,) = listed.values()
        return one, await source.read(one)


async def test_a_google_doc_is_read_as_markdown_without_its_pictures(google, handbook, reader):
    markdown = "# VPN\n\nSee ![][image1] here.\n\n[image1]: <data:image/png;base64,QUJD>\n"
    google.files.add_doc("VPN guide", markdown, parent=handbook)

    listed, document = await read_only(google, reader, handbook)

    assert document.title == "VPN guide"
    assert document.version == listed.version
    assert document.markdown == "# VPN\n\nSee  here."


async def test_a_google_sheet_is_read_with_all_its_sheets(google, handbook, reader):
    book = Workbook()
    for title in ("Prices", "Contacts"):
        book.create_sheet(title).append([title, "Value"])
        book[title].append(["row", "1"])
    content = io.BytesIO()
    book.save(content)
    google.files.add("List", parent=handbook, mime_type=SHEET, exports={XLSX: content.getvalue()})

    _, document = await read_only(google, reader, handbook)

    assert "## Prices" in document.markdown
    assert "## Contacts" in document.markdown


async def test_google_slides_are_read_slide_by_slide(google, handbook, reader):
    slides = Presentation()
    for title in ("Welcome", "Goodbye"):
        slides.slides.add_slide(slides.slide_layouts[5]).shapes.title.text = title
    content = io.BytesIO()
    slides.save(content)
    google.files.add("Talk", parent=handbook, mime_type=SLIDES, exports={PPTX: content.getvalue()})

    _, document = await read_only(google, reader, handbook)

    assert len(document.page_starts) == 2
    assert "Goodbye" in document.markdown


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [("a.md", "text/markdown"), ("a.md", "text/plain"), ("a.md", "application/octet-stream"), ("a", "text/markdown")],
)
async def test_an_uploaded_file_is_read_by_its_type_or_its_name(google, handbook, reader, name, mime_type):
    google.files.add(name, parent=handbook, mime_type=mime_type, content=b"## Head\n\n<!-- note -->Text")

    listed, document = await read_only(google, reader, handbook)

    assert document.markdown == "## Head\n\nText"
    assert (document.version, document.title) == (listed.version, name)


async def test_a_file_that_changed_since_it_was_listed_has_the_version_of_what_was_read(google, handbook, reader):
    key = google.files.add("a.txt", parent=handbook, content=b"old")
    async with make_source(google, reader, folders=[handbook]) as source:
        listed, _, cursor = await list_changes(source)
        google.files.change(key, content=b"new")
        document = await source.read(listed[key])
        again, _, _ = await list_changes(source, cursor)

    assert document.markdown == "new"
    assert document.version == again[key].version


async def test_a_document_too_large_to_export_is_read_without_its_pictures(google, handbook, reader):
    google.export_limit_bytes = 1_000
    big, small = b"![](x)" * 1_000, b"Only the text."
    google.files.add_doc("Doc", "", parent=handbook)
    (key,) = [key for key, node in google.files.nodes.items() if node.name == "Doc"]
    google.files.change(key, exports={"text/markdown": big, "text/plain": small})

    _, document = await read_only(google, reader, handbook)

    assert document.markdown == "Only the text."


async def test_what_can_t_be_read_is_skipped_with_a_reason(google, handbook, reader):
    google.export_limit_bytes = 1_000
    files = google.files
    reasons = {
        files.add("f", parent=handbook, mime_type="application/vnd.google-apps.form"): "Google Forms can't be read",
        files.add("d", parent=handbook, mime_type="application/vnd.google-apps.drawing"): "Google Drawings can't",
        files.add("v.mp4", parent=handbook, mime_type="video/mp4"): "video/mp4 can't be read",
        files.add("big.txt", parent=handbook, content=b"a" * 100_001): "larger than",
        files.add("no.txt", parent=handbook, content=b"a", can_download=False): "does not allow downloading",
        files.add_doc("no", "a", parent=handbook, can_download=False): "does not allow downloading",
        files.add_doc("huge", "a" * 1_001, parent=handbook): "more than 10 MB",
        files.add("s", parent=handbook, mime_type=SHEET, exports={XLSX: b"a" * 1_001}): "more than 10 MB",
    }
    async with make_source(google, reader, folders=[handbook]) as source:
        listed, _, _ = await list_changes(source)
        assert listed.keys() == reasons.keys()
        google.calls.clear()
        for key, reason in reasons.items():
            with pytest.raises(Unreadable, match=reason) as caught:
                await source.read(listed[key])
            assert caught.value.key == key
    assert google.calls["files.download"] == 1


async def test_what_may_be_downloaded_later_is_another_version(google, handbook):
    key = google.files.add("a.txt", parent=handbook, can_download=False)
    async with make_source(google, folders=[handbook]) as source:
        before, _, cursor = await list_changes(source)
        google.files.edit(key, can_download=True)
        after, _, _ = await list_changes(source, cursor)
    assert after[key].version != before[key].version


async def test_a_file_that_vanishes_before_it_is_read_is_skipped(google, handbook, reader):
    keys = [google.files.add("a.txt", parent=handbook), google.files.add_doc("b", "Text.", parent=handbook)]
    async with make_source(google, reader, folders=[handbook]) as source:
        listed, _, _ = await list_changes(source)
        for key in keys:
            google.files.delete(key)
            with pytest.raises(Unreadable, match="gone"):
                await source.read(listed[key])


# Who signs in


async def test_a_service_account_acts_for_a_person_by_delegation(google):
    google.tokens.people.add("ada@example.com")
    folder = google.files.add_folder("Ada's")
    google.files.share(folder, person("ada@example.com", "writer"))
    key = google.files.add("a.txt", parent=folder)
    login = ServiceAccount.from_json(google.key_json(), subject="ada@example.com")

    async with make_source(google, login=login, folders=[folder]) as source:
        assert (await list_rules(source)).keys() == {key}


async def test_a_person_signs_in_with_a_refresh_token(google):
    folder = google.files.add_folder("Ada's")
    google.files.share(folder, person("ada@example.com", "writer"))
    key = google.files.add("a.txt", parent=folder)
    login = Person(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN, token_uri=google.token_uri
    )

    async with make_source(google, login=login, folders=[folder]) as source:
        assert (await list_rules(source)).keys() == {key}
        assert source.spent.requests == sum(google.calls.values())
