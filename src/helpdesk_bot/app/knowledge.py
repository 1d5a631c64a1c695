"""The knowledge base: sources in, passages out."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from connectors.source import Source
from connectors.text.reader import TextReader
from helpdesk_bot.app.sources import open_sources
from helpdesk_bot.curated import SOURCE as CURATED
from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.settings import Settings
from helpdesk_bot.telemetry import RIGHTS_LOOKS, SYNC_RUNS, SYNCED_DOCUMENTS
from knowledge.access import Access
from knowledge.chunks import ChunkOptions
from knowledge.embedding import Embedder, open_embedder
from knowledge.embedding.remembering import RememberingEmbedder
from knowledge.errors import EmbedderUnavailable
from knowledge.postgres import Pool, open_pool
from knowledge.ranking import RankingOptions
from knowledge.receipts import Receipt, RunState
from knowledge.search import Search
from knowledge.spaces import check_space
from knowledge.store import Store
from knowledge.sync import (
    Directory,
    RightsReceipt,
    RightsState,
    SyncProgress,
    refresh_memberships,
    refresh_rights,
    sync,
)

log = structlog.get_logger()

POOL_SIZE = 16
SPECIAL_TOKENS = 2
"""That an embedder puts around each text."""


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

    async def check_space(self) -> None:
        """Raise `SpaceMismatch` where the stored vectors are of another embedder: words alone would answer."""
        if space := (await self.store.get_status()).space:
            dimension = None
            with suppress(EmbedderUnavailable):  # an endpoint tells it with its first vectors
                dimension = self.embedder.dimension
            check_space(space, model=self.embedder.model, dimension=dimension)

    async def is_reachable(self) -> bool:
        try:
            async with self.pool.connection(timeout=2.0) as connection:
                await connection.execute("select 1")
        except (psycopg.Error, PoolTimeout):
            return False
        return True

    async def has_documents(self) -> bool:
        return await self.is_reachable() and (await self.store.get_status()).documents > 0

    async def last_read(self, name: str) -> datetime | None:
        """When a source was last read to its end, or began to be, where it is being read; None if never."""
        for one in (await self.store.get_status()).sources:
            if one.source == name:
                return one.running.started_at if one.running else one.synced_at
        return None

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
            brake_share=self.settings.brake_share,
            progress=progress,
        )
        SYNC_RUNS.labels(name, receipt.state).inc()
        if receipt.state is not RunState.COMPLETE:
            log.warning("sync is not complete", source=name, state=receipt.state, reason=receipt.reason)
        for became in ("added", "changed", "unchanged", "removed"):
            SYNCED_DOCUMENTS.labels(name, became).inc(getattr(receipt, became))
        SYNCED_DOCUMENTS.labels(name, "skipped").inc(sum(receipt.skipped.values()))
        return receipt

    async def refresh_rights(self, name: str) -> bool:
        """Look at who may read what in this source, and at nothing else. Whether anything moved."""
        receipt = await refresh_rights(self.sources[name], store=self.store, brake_share=self.settings.brake_share)
        return _tell(receipt)

    async def refresh_memberships(self, directory: Directory) -> bool:
        """Whether anything moved."""
        return _tell(await refresh_memberships(directory, store=self.store))


def _tell(receipt: RightsReceipt) -> bool:
    """Whether there is news."""
    RIGHTS_LOOKS.labels(receipt.source, receipt.state).inc()
    is_well = receipt.state in {RightsState.COMPLETE, RightsState.SKIPPED}
    has_news = receipt.moved or receipt.gone or receipt.memberships_changed
    say = log.warning if not is_well else log.info if has_news else log.debug
    say(
        "rights looked at",
        source=receipt.source,
        state=receipt.state,
        reason=receipt.reason,
        moved=receipt.moved,
        gone=receipt.gone,
        held_back=receipt.held_back,
        took_s=receipt.took_s,
    )
    return bool(has_news)


@asynccontextmanager
async def open_knowledge(settings: Settings, url: str, *, embeds: bool = True) -> AsyncGenerator[Knowledge]:
    """A process that hardly `embeds` does without the memory of an embedded model until it has a text for it."""
    await asyncio.to_thread(_check_authorities, settings)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_pool(url, max_size=POOL_SIZE))
        reader = await stack.enter_async_context(TextReader())
        embedder = await asyncio.to_thread(embedder_of, settings, at_once=embeds)
        stack.push_async_callback(embedder.aclose)
        _check_window(settings, embedder)
        store = Store(pool)
        await _use_language(store, settings.search_language)
        sources = await stack.enter_async_context(open_sources(settings, reader=reader, pool=pool))
        access = Access(store, sources=sources)
        yield Knowledge(
            settings=settings,
            url=url,
            pool=pool,
            embedder=embedder,
            store=store,
            access=access,
            search=Search(store, embedder, access, favoured_sources={CURATED}, ranking=ranking_options(settings)),
            sources=sources,
        )


def ranking_options(settings: Settings) -> RankingOptions:
    return RankingOptions(
        vector_share=settings.search_vector_share,
        label_weight=settings.search_label_weight,
        freshness_weight=settings.search_freshness_weight,
        fold=settings.search_fold,
        acronyms=settings.search_acronyms,
        synonyms=settings.search_synonyms,
        everyday_words=settings.search_everyday_words,
    )


def _check_authorities(settings: Settings) -> None:
    try:
        _ = settings.way_out.tls if settings.ssl_cert_file else None
    except OSError as error:
        raise NotConfigured(
            f"SSL_CERT_FILE: {settings.ssl_cert_file} holds no certificates that can be read"
        ) from error


def _check_window(settings: Settings, embedder: Embedder) -> None:
    """Refuse chunks whose end the embedder would not see."""
    if settings.chunk_max_tokens + SPECIAL_TOKENS > embedder.max_tokens:
        raise NotConfigured(
            f"CHUNK_MAX_TOKENS={settings.chunk_max_tokens} is more than {embedder.model} sees: "
            f"set it to {embedder.max_tokens - SPECIAL_TOKENS} at most"
        )


async def _use_language(store: Store, language: str) -> None:
    try:
        await store.use_lexical_options(configuration=language)
    except psycopg.errors.UndefinedObject as error:
        raise NotConfigured(
            f"SEARCH_LANGUAGE={language} is no text-search configuration of this database: "
            "english, german, french and many more are, and simple"
        ) from error


def embedder_of(settings: Settings, *, at_once: bool) -> Embedder:
    try:
        embedder = open_embedder(
            settings.embedder,
            api_key=settings.embedder_api_key.get_secret_value() or None,
            base_url=settings.embedder_base_url or None,
            way_out=settings.way_out,
            at_once=at_once,
        )
    except ValueError as error:
        raise NotConfigured(f"EMBEDDER: {error}") from error
    return RememberingEmbedder(embedder)
