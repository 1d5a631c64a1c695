"""Where knowledge comes from, as the settings say. A new kind of place is a function here."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents import PUBLIC, STAFF, Principal
from connectors.folder import FolderSource
from connectors.source import Source
from connectors.text.reader import TextReader
from helpdesk_bot.curated import SOURCE as CURATED
from helpdesk_bot.curated import CuratedSource
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.events import Person, Place, Platform
from helpdesk_bot.ports import Chat
from helpdesk_bot.records.curated import CuratedRecords
from helpdesk_bot.records.tokens import StoredTokens
from helpdesk_bot.records.uploads import Uploads
from helpdesk_bot.settings import Settings
from helpdesk_bot.uploads import UploadSource
from knowledge.postgres import Pool

if TYPE_CHECKING:
    import httpx

    from connectors.google_drive import Login

OWN_SOURCES = frozenset({"uploads", "curated"})
"""Whose place is our own database: there is nothing to read in them at first."""

STARTER = Path(str(files("knowledge") / "seed"))
READERS: dict[str, Principal] = {"staff": STAFF, "public": PUBLIC}


@dataclass(frozen=True, kw_only=True)
class _Means:
    settings: Settings
    reader: TextReader
    pool: Pool
    stack: AsyncExitStack


@asynccontextmanager
async def open_sources(settings: Settings, *, reader: TextReader, pool: Pool) -> AsyncGenerator[dict[str, Source]]:
    """By name, in the order in which they are listed. Nothing is asked of any place yet."""
    async with AsyncExitStack() as stack:
        means = _Means(settings=settings, reader=reader, pool=pool, stack=stack)
        sources: dict[str, Source] = {}
        for kind in (_folders, _confluence, _google_drive, _websites, _our_own):
            try:
                found = [source async for source in kind(means)]
            except ValueError as error:
                raise NotConfigured(f"{kind.__name__.strip('_').replace('_', ' ')}: {error}") from error
            for source in found:
                if source.name in sources:
                    raise NotConfigured(f"two sources are called {source.name!r}: give one of them another name")
                sources[source.name] = source
        yield sources


async def _folders(means: _Means) -> AsyncIterator[Source]:
    settings = means.settings
    if settings.starter_knowledge:
        yield FolderSource(STARTER, name="starter", reader=means.reader)
    for name, path in settings.folders.items():
        yield FolderSource(path, name=name, reader=means.reader, base_url=settings.folder_urls.get(name, ""))


async def _confluence(means: _Means) -> AsyncIterator[Source]:
    settings = means.settings
    if not settings.has_confluence:
        return
    from connectors.confluence import ConfluenceSource, Edition, Scope, open_place

    is_data_center = bool(settings.confluence_token.get_secret_value())
    place = await means.stack.enter_async_context(
        open_place(
            "confluence",
            base_url=settings.confluence_url,
            auth=_confluence_login(means),
            edition=Edition.DATA_CENTER if is_data_center else Edition.CLOUD,
            site_url=settings.confluence_site_url,
            is_in_private_network=settings.confluence_private_network,
            way_out=settings.way_out,
        )
    )
    scope = Scope(
        spaces=settings.confluence_spaces,
        blog_posts=settings.confluence_blog_posts,
        comments=settings.confluence_comments,
        attachments=settings.confluence_attachments,
        nested_groups=settings.confluence_nested_groups,
    )
    yield ConfluenceSource(place, name="confluence", reader=means.reader, scope=scope)


def _confluence_login(means: _Means) -> "httpx.Auth":
    from connectors.confluence import ApiToken, OAuth, PersonalAccessToken
    from helpdesk_bot.app.confluence_tokens import ConfluenceTokens

    settings = means.settings
    if personal := settings.confluence_token.get_secret_value():
        return PersonalAccessToken(personal)
    if settings.confluence_email:
        return ApiToken(settings.confluence_email, settings.confluence_api_token.get_secret_value())
    first = settings.confluence_refresh_token.get_secret_value()
    stored = StoredTokens(means.pool, name="confluence", seed=first)
    return OAuth(
        "confluence",
        client_id=settings.confluence_client_id,
        client_secret=settings.confluence_client_secret.get_secret_value(),
        store=ConfluenceTokens(stored, first_refresh_token=first),
    )


async def _google_drive(means: _Means) -> AsyncIterator[Source]:
    settings = means.settings
    if not settings.has_google_drive:
        return
    from connectors.google_drive import GoogleDriveSource, Organisation, Scope

    key = await asyncio.to_thread(_read_google_key, settings)
    directory = settings.google_directory_subject
    drive = GoogleDriveSource(
        name="drive",
        login=_google_login(settings, key, subject=settings.google_subject or None),
        reader=means.reader,
        scope=Scope(folders=settings.google_drive_folders, drives=settings.google_drive_drives),
        organisation=Organisation.of(settings.google_domains, is_open_by_link=settings.google_open_by_link),
        directory_login=_google_login(settings, key, subject=directory) if directory else None,
        way_out=settings.way_out,
    )
    yield await means.stack.enter_async_context(drive)


def _read_google_key(settings: Settings) -> str:
    if settings.google_key_file is None:
        return ""
    try:
        return settings.google_key_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"GOOGLE_KEY_FILE: {settings.google_key_file} can't be read: {error}") from error


def _google_login(settings: Settings, key: str, *, subject: str | None) -> "Login":
    from connectors.google_drive import Person, ServiceAccount

    if key:
        return ServiceAccount.from_json(key, subject=subject)
    return Person(
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret.get_secret_value(),
        refresh_token=settings.google_refresh_token.get_secret_value(),
    )


async def _websites(means: _Means) -> AsyncIterator[Source]:
    settings = means.settings
    if not settings.websites:
        return
    from connectors.website import Scope, open_website

    for name, url in settings.websites.items():
        scope = Scope(
            base_url=url,
            start_pages=settings.website_start_pages.get(name, "").split(),
            leave_out=settings.website_leave_out.get(name, "").split(),
            max_pages=settings.website_max_pages,
            max_depth=settings.website_max_depth,
        )
        site = open_website(
            name,
            scope,
            reader=means.reader,
            readers=READERS.get(settings.website_readers.get(name, "")),
            is_in_private_network=name.casefold() in settings.website_private_networks,
            way_out=settings.way_out,
        )
        yield await means.stack.enter_async_context(site)


async def _our_own(means: _Means) -> AsyncIterator[Source]:
    yield UploadSource(Uploads(means.pool), reader=means.reader)
    yield CuratedSource(records=CuratedRecords(means.pool), today=means.settings.today)


def with_members(sources: Mapping[str, Source], chats: Mapping[Platform, Chat]) -> Mapping[str, Source]:
    """The same, where the source of curated answers asks the platforms who is in a channel."""

    async def list_readers(place: Place) -> list[Person] | None:
        return await chats[place.platform].list_readers(place)

    curated = sources[CURATED]
    assert isinstance(curated, CuratedSource)  # noqa: S101 -- made in _our_own
    return {**sources, CURATED: replace(curated, list_readers=list_readers)}
