"""The connector on the fake, as tests want it: it waits for nothing, and notes how long it would have waited."""

from collections.abc import Callable, Collection
from typing import Any

from connectors.documents import Cursor, Listed, Principal, Removed
from connectors.google_drive import Addresses, GoogleDriveSource, Organisation, Scope, ServiceAccount
from connectors.text.reader import TextReader
from tests.fakes.google_drive import GoogleServer

ADMIN = "admin@example.com"


def make_source(google: GoogleServer, reader: TextReader | None = None, **options: Any) -> GoogleDriveSource:
    """`options` replace those given here; `has_directory` lets it ask for the members of groups.

    `folders`, `drives`, `domains` and `is_open_by_link` are those of its scope and organisation.
    """
    key = google.key_json()
    google.tokens.people.add(ADMIN)
    if options.pop("has_directory", False):
        options["directory_login"] = ServiceAccount.from_json(key, subject=ADMIN)
    defaults: dict[str, Any] = {
        "name": "drive",
        "login": ServiceAccount.from_json(key),
        "scope": Scope(folders=options.pop("folders", ()), drives=options.pop("drives", ())),
        "organisation": Organisation.of(
            options.pop("domains", ["example.com"]), is_open_by_link=options.pop("is_open_by_link", False)
        ),
        "reader": reader or TextReader(),
        "addresses": Addresses(drive=google.drive_url, directory=google.directory_url),
        "sleep": waiting_into([]),
    }
    return GoogleDriveSource(**(defaults | options))


def waiting_into(waits: list[float]) -> Callable[[float], Any]:
    async def wait(seconds: float) -> None:
        waits.append(seconds)

    return wait


async def list_changes(
    source: GoogleDriveSource, since: Cursor | None = None
) -> tuple[dict[str, Listed], set[str], Cursor]:
    """What was listed by key, what was removed, and the cursor, which came last."""
    *found, cursor = [change async for change in source.changes(since)]
    assert isinstance(cursor, Cursor)
    listed = {change.key: change for change in found if isinstance(change, Listed)}
    removed = {change.key for change in found if isinstance(change, Removed)}
    assert len(listed) + len(removed) == len(found)
    return listed, removed, cursor


async def list_rules(source: GoogleDriveSource) -> dict[str, Collection[Principal]]:
    """Who may read what is present; each of our rules here is one set."""
    rules: dict[str, Collection[Principal]] = {}
    async for present in source.present():
        (rules[present.key],) = present.access.all_of
    return rules
