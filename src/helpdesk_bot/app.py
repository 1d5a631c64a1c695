"""The composition root: the one file that knows every class.

A new source is a line in `_sources`, a new platform a line in `_chats`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from connectors.folder import FolderSource
from connectors.source import Source
from connectors.text.reader import TextReader
from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history, prune
from helpdesk_bot.chat.browser import BrowserChat, browser_place, browser_routes
from helpdesk_bot.commands import Commands
from helpdesk_bot.delivery import Delivery, Observer, watch_nothing
from helpdesk_bot.desk import HelpDesk
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.escalation import Escalations
from helpdesk_bot.events import Person, Platform
from helpdesk_bot.jobs import Jobs, install_schema
from helpdesk_bot.notices import Notices
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import BrowserMessages, Records
from helpdesk_bot.schedule import Schedule, Scheduler
from helpdesk_bot.settings import Settings
from helpdesk_bot.telemetry import EVENTS_IGNORED, SYNCED_DOCUMENTS
from helpdesk_bot.web import build_web
from helpdesk_bot.worker import Handlers, Worker
from knowledge.access import Access
from knowledge.chunks import ChunkOptions
from knowledge.embedding import Embedder, open_embedder
from knowledge.passages import Passage
from knowledge.postgres import KNOWLEDGE, MigrationSet, Pool, migrate, open_pool
from knowledge.receipts import Receipt
from knowledge.search import Search
from knowledge.store import Store
from knowledge.sync import SyncProgress, sync

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from slack_bolt.async_app import AsyncApp

    from helpdesk_bot.agent.nodes import Parts

HELPDESK = MigrationSet(name="helpdesk", folder=files("helpdesk_bot") / "sql")
STARTER = Path(str(files("knowledge") / "seed"))

POOL_SIZE = 16
SPECIAL_TOKENS = 2
"""That an embedder puts around each text."""
CONVERSATIONS_KEPT = timedelta(days=90)
SUGGESTIONS = (
    "How do I connect to the VPN?",
    "My laptop was stolen, what now?",
    "How do I print from my phone?",
    "Which licence do I need for Visio?",
)
MAX_ANSWER_TOKENS = 1_200


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known: enough to sync, to search and to measure."""

    settings: Settings
    url: str
    pool: Pool
    embedder: Embedder
    store: Store
    access: Access
    search: Search
    sources: Mapping[str, Source]

    @property
    def chunk_options(self) -> ChunkOptions:
        return ChunkOptions(strategy=self.settings.chunk_strategy, max_tokens=self.settings.chunk_max_tokens)

    async def is_reachable(self) -> bool:
        try:
            async with self.pool.connection(timeout=2.0) as connection:
                await connection.execute("select 1")
        except (psycopg.Error, PoolTimeout):
            return False
        return True

    async def has_documents(self) -> bool:
        return await self.is_reachable() and (await self.store.get_status()).documents > 0

    async def sync(
        self,
        name: str,
        *,
        full: bool = False,
        approve_removals: bool = False,
        progress: Callable[[SyncProgress], None] | None = None,
    ) -> Receipt:
        receipt = await sync(
            self.sources[name],
            store=self.store,
            embedder=self.embedder,
            options=self.chunk_options,
            full=full,
            approve_removals=approve_removals,
            progress=progress,
        )
        for became in ("added", "changed", "unchanged", "removed"):
            SYNCED_DOCUMENTS.labels(name, became).inc(getattr(receipt, became))
        SYNCED_DOCUMENTS.labels(name, "skipped").inc(sum(receipt.skipped.values()))
        return receipt


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything, put together."""

    settings: Settings
    knowledge: Knowledge
    agent: Agent
    records: Records
    jobs: Jobs
    notices: Notices
    browser_messages: BrowserMessages
    chats: Mapping[Platform, Chat]
    desk: HelpDesk
    keep_house: Callable[[], Awaitable[None]]
    """Forget conversations that nobody went on with for `CONVERSATIONS_KEPT`."""

    @asynccontextmanager
    async def slack_socket(self) -> AsyncGenerator[None]:
        """Receive Slack's events through Socket Mode while inside, where an app token is set."""
        if not (self.settings.has_slack and self.settings.has_slack_socket):
            yield
            return
        from helpdesk_bot.chat.slack import SlackSocket

        app_token = self.settings.slack_app_token.get_secret_value()
        async with SlackSocket(_slack_app(self), app_token=app_token, base_url=self.settings.slack_api_url):
            yield

    def worker(self) -> Worker:
        async def sync_source(name: str, full: bool) -> None:
            if name in self.knowledge.sources:
                await self.knowledge.sync(name, full=full)

        handlers = Handlers(
            answer=self.desk.answer, give_up=self.desk.give_up, sync=sync_source, keep_house=self.keep_house
        )
        return Worker(self.jobs, handlers)


def web_of(app: App, *, closing: asyncio.Event) -> Starlette:
    """The ASGI application. Set `closing` before the server waits for its connections to end."""
    settings, knowledge = app.settings, app.knowledge
    return build_web(
        checks={
            "database": knowledge.is_reachable,
            "index": knowledge.has_documents,
            "worker": app.jobs.has_living_worker,
        },
        signed=_slack_routes(app),
        own=_browser_routes(app, closing) if settings.browser_chat != "off" else [],
        trusted_hosts=settings.trusted_hosts,
    )


def scheduler_of(app: App) -> Scheduler:
    settings = app.settings
    schedules = [
        Schedule(source=name, cron=settings.sync_cron, time_zone=settings.time_zone) for name in app.knowledge.sources
    ]
    return Scheduler(schedules, records=app.records, jobs=app.jobs, url=app.knowledge.url)


def _browser_routes(app: App, closing: asyncio.Event) -> Sequence[BaseRoute]:
    person = visitor(app.settings)

    async def get_passage(chunk_id: int) -> Passage | None:
        audience = await app.desk.people.audience_of(browser_place(""), person.id)
        return await app.knowledge.search.get_passage(chunk_id, audience)

    return browser_routes(
        desk=app.desk,
        records=app.browser_messages,
        visitor=person,
        get_passage=get_passage,
        suggestions=SUGGESTIONS if app.settings.starter_knowledge else (),
        closing=closing,
    )


def _slack_app(app: App) -> "AsyncApp":
    from helpdesk_bot.chat.slack import SlackChat, build_slack_app

    slack = app.chats[Platform.SLACK]
    assert isinstance(slack, SlackChat)  # noqa: S101 -- made in _chats
    return build_slack_app(app.desk, bot=slack.bot, on_ignored=_count_ignored)


def _slack_routes(app: App) -> Sequence[BaseRoute]:
    secret = app.settings.slack_signing_secret.get_secret_value()
    if not (app.settings.has_slack and secret):
        return []
    from helpdesk_bot.chat.slack import slack_routes

    return slack_routes(_slack_app(app), signing_secret=secret, on_ignored=_count_ignored)


def _count_ignored(reason: str) -> None:
    EVENTS_IGNORED.labels(Platform.SLACK, reason).inc()


async def migrate_all(url: str) -> list[str]:
    """Bring a database to this version's schemas; the names of what was applied."""
    applied = await migrate(url, [KNOWLEDGE, HELPDESK])
    await install_schema(url)
    return applied


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[str]:
    """The URL of a migrated database: the configured one, or the embedded one while inside."""
    async with AsyncExitStack() as stack:
        url = settings.database_url
        if not url:
            from knowledge.embedded_postgres import embedded_postgres

            url = stack.enter_context(embedded_postgres(settings.helpdesk_data_dir))
        await migrate_all(url)
        yield url


@asynccontextmanager
async def open_knowledge(settings: Settings, url: str) -> AsyncGenerator[Knowledge]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(url, max_size=POOL_SIZE))
        reader = await stack.enter_async_context(TextReader())
        embedder = await asyncio.to_thread(_embedder, settings)
        stack.push_async_callback(embedder.aclose)
        _check_window(settings, embedder)
        store = Store(pool)
        await store.use_lexical_options(configuration=settings.search_language)
        access = Access(store)
        yield Knowledge(
            settings=settings,
            url=url,
            pool=pool,
            embedder=embedder,
            store=store,
            access=access,
            search=Search(store, embedder, access),
            sources={source.name: source for source in _sources(settings, reader)},
        )


@asynccontextmanager
async def open_agent(settings: Settings, knowledge: Knowledge, *, in_memory: bool = False) -> AsyncGenerator[Agent]:
    """The agent with its conversations in Postgres, or, for a measurement, in memory only."""
    if in_memory:
        from langgraph.checkpoint.memory import InMemorySaver

        yield Agent(_parts(settings, knowledge), history=InMemorySaver())
        return
    async with open_history(knowledge.url) as history:
        yield Agent(_parts(settings, knowledge), history=history)


@asynccontextmanager
async def open_app(settings: Settings, url: str, *, observe: Observer = watch_nothing) -> AsyncGenerator[App]:
    """Everything, on a migrated database. `observe` is told how far each answer gets."""
    async with AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(open_knowledge(settings, url))
        history = await stack.enter_async_context(open_history(url))
        agent = Agent(_parts(settings, knowledge), history=history)

        async def keep_house() -> None:
            await prune(history, older_than=CONVERSATIONS_KEPT)

        records, jobs, notices = Records(knowledge.pool), Jobs(knowledge.pool), Notices(knowledge.pool, url)
        await jobs.open()
        browser_messages = BrowserMessages(knowledge.pool, notices)
        chats = {chat.platform: chat for chat in await _chats(settings, browser_messages, stack)}
        people = People(chats=chats, access=knowledge.access, admins=settings.helpdesk_admins)
        escalations = Escalations(
            chats=chats,
            channels={Platform.SLACK: settings.slack_escalation_channel} if settings.slack_escalation_channel else {},
            people=people,
            search=knowledge.search,
            help_contact=settings.help_contact,
        )
        commands = Commands(
            records=records, jobs=jobs, people=people, store=knowledge.store, source_names=tuple(knowledge.sources)
        )
        desk = HelpDesk(
            records=records,
            jobs=jobs,
            chats=chats,
            agent=agent,
            search=knowledge.search,
            people=people,
            escalations=escalations,
            commands=commands,
            delivery=Delivery(records=records, chats=chats, observe=observe),
            observe=observe,
            answer_deadline_s=settings.answer_deadline_s,
        )
        yield App(
            settings=settings,
            knowledge=knowledge,
            agent=agent,
            records=records,
            jobs=jobs,
            notices=notices,
            browser_messages=browser_messages,
            chats=chats,
            desk=desk,
            keep_house=keep_house,
        )


def visitor(settings: Settings) -> Person:
    """Whom the browser chat takes its visitors for."""
    is_guest = settings.browser_chat != "staff"
    return Person(
        platform=Platform.BROWSER,
        tenant="",
        id="visitor",
        name="Visitor",
        email=None if is_guest else "visitor@localhost",
        is_guest=is_guest,
    )


def _check_window(settings: Settings, embedder: Embedder) -> None:
    """Refuse chunks whose end the embedder would not see."""
    if settings.chunk_max_tokens + SPECIAL_TOKENS > embedder.max_tokens:
        raise NotConfigured(
            f"CHUNK_MAX_TOKENS={settings.chunk_max_tokens} is more than {embedder.model} sees: "
            f"set it to {embedder.max_tokens - SPECIAL_TOKENS} at most"
        )


def _embedder(settings: Settings) -> Embedder:
    return open_embedder(
        settings.embedder,
        api_key=settings.embedder_api_key.get_secret_value() or None,
        base_url=settings.embedder_base_url or None,
    )


def _sources(settings: Settings, reader: TextReader) -> Sequence[Source]:
    starter = [FolderSource(STARTER, name="starter", reader=reader)] if settings.starter_knowledge else []
    folders = [
        FolderSource(path, name=name, reader=reader, base_url=settings.folder_urls.get(name, ""))
        for name, path in settings.folders.items()
    ]
    return [*starter, *folders]


async def _chats(settings: Settings, browser: BrowserMessages, stack: AsyncExitStack) -> Sequence[Chat]:
    chats: list[Chat] = [BrowserChat(records=browser, visitor=visitor(settings))]
    if settings.has_slack:
        from helpdesk_bot.chat.slack import SlackChat

        slack = SlackChat(token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
        chats.append(await stack.enter_async_context(slack))
    return chats


def _parts(settings: Settings, knowledge: Knowledge) -> "Parts":
    """What the agent works with: a model where one is set, and quoting in every case."""
    from helpdesk_bot.agent.extract import Extractive
    from helpdesk_bot.agent.nodes import AgentOptions, Parts

    options = AgentOptions(next_step="", compose_timeout_s=settings.model_timeout_s)
    quoting = Extractive(embed=knowledge.embedder.embed)
    if not settings.model:
        return Parts(search=knowledge.search, composers=(quoting,), options=options)

    from helpdesk_bot.agent.generate import Generative
    from helpdesk_bot.agent.rewrite import Rewriter
    from helpdesk_bot.prompts.catalog import load_prompt

    model = chat_model(settings)
    return Parts(
        search=knowledge.search,
        composers=(Generative(model, prompt=load_prompt("answer")), quoting),
        rewriter=Rewriter(model, prompt=load_prompt("standalone")),
        options=options,
    )


def chat_model(settings: Settings) -> "BaseChatModel":
    """The configured chat model. Importing its provider takes seconds."""
    from helpdesk_bot.models.open_model import open_chat_model

    return open_chat_model(
        settings.model,
        api_key=settings.model_api_key if settings.model_api_key.get_secret_value() else None,
        base_url=settings.model_base_url or None,
        timeout_s=settings.model_timeout_s,
        max_tokens=MAX_ANSWER_TOKENS,
    )
