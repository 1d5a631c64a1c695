"""Everything that is looked at, in order."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Collection
from contextlib import AsyncExitStack
from pathlib import Path

from psycopg import AsyncConnection

from connectors.errors import ConnectorError, NeedsLogin
from connectors.source import Distant, Source
from helpdesk_bot.app.calibration import calibration_of
from helpdesk_bot.app.guarding import policy_of
from helpdesk_bot.app.knowledge import Knowledge, open_knowledge
from helpdesk_bot.app.models import candidates_of, purse_of
from helpdesk_bot.app.people import plan_of
from helpdesk_bot.app.status import status_of
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.database import open_database
from helpdesk_bot.doctor.chats import examine_slack, examine_teams
from helpdesk_bot.doctor.finding import Finding, Health, bad, good
from helpdesk_bot.doctor.people import examine_plan, examine_tickets
from helpdesk_bot.doctor.way_out import examine_way_out
from helpdesk_bot.errors import HelpdeskError, NotConfigured
from helpdesk_bot.escalation import EscalationPlan
from helpdesk_bot.models.errors import ModelError
from helpdesk_bot.models.gateway import Candidate, Gateway, Patience
from helpdesk_bot.models.prices import find_cost
from helpdesk_bot.models.request import ModelRequest
from helpdesk_bot.records.model_health import ModelHealth
from helpdesk_bot.settings import Settings
from helpdesk_bot.settings.models import MAIN
from helpdesk_bot.tools.status import Looked
from helpdesk_bot.tools.toolbox import Standing
from knowledge.embedding import SETTINGS, Embedder
from knowledge.errors import DatabaseNewer, DatabaseOld, EmbedderBroken, EmbedderUnavailable, KnowledgeError
from knowledge.postgres import Pool

PLACE_TIMEOUT_S = 120.0
NEWER_ADVICE = "run the version that made it so; what was written since is lost with a backup from before"
OLD_ADVICE = "update the server; where its pgvector is new enough, a superuser says `alter extension vector update`"
MODEL_DOCS = "docs/models.md"
PLACE_DOCS = {"confluence": "docs/confluence.md", "drive": "docs/google-drive.md"}


async def examine_all(settings: Settings) -> AsyncGenerator[Finding]:
    """Every finding, as soon as it is known."""
    for finding in await _settings(settings):
        yield finding
    yield _admins(settings)
    for finding in await examine_way_out(settings):
        yield finding
    for name, path in settings.folders.items():
        yield _folder(name, path)
    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(open_database(settings))
            yield await _database(url, settings)
        except KnowledgeError as error:
            advice = _database_advice(error, settings)
            yield Finding(name="database", health=Health.BAD, detail=str(error), advice=advice)
            return
        try:
            knowledge = await stack.enter_async_context(open_knowledge(settings, url))
        except (KnowledgeError, HelpdeskError) as error:
            advice = "correct it: without that neither a search nor a sync begins, and what comes after is not examined"
            yield Finding(name="knowledge", health=Health.BAD, detail=str(error), advice=advice)
            return
        yield await _embedder(knowledge.embedder, settings)
        yield await _index(knowledge)
        for finding in _named_sources(settings, knowledge.sources):
            yield finding
        for name in ("confluence", "drive", *settings.websites):
            yield await _place(name, knowledge.sources.get(name))
        plan = await _plan(settings)
        async for finding in examine_slack(settings, knowledge.pool, plan):
            yield finding
        async for finding in examine_teams(settings, knowledge.pool, plan):
            yield finding
        async for finding in _models(settings, knowledge.pool):
            yield finding
    for finding in await _status_pages(settings):
        yield finding
    for finding in await _tools(settings):
        yield finding
    yield examine_plan(settings, plan)
    yield await examine_tickets(settings)


async def _settings(settings: Settings) -> list[Finding]:
    """Each by itself was read before; here is what files say that settings name, and how the guard is set."""
    troubles = [trouble for look in (_channels, _escalations, _judge, _guard) if (trouble := await look(settings))]
    if not troubles:
        detail = "all can be used; `helpdesk-bot config show` lists them"
        return [Finding(name="settings", health=Health.GOOD, detail=detail)]
    advice = "correct it: the bot does not start with it"
    return [Finding(name="settings", health=Health.BAD, detail=trouble, advice=advice) for trouble in troubles]


async def _channels(settings: Settings) -> str:
    from helpdesk_bot.app.speaking import configured_of

    return await _trouble_of(configured_of(settings))


async def _escalations(settings: Settings) -> str:
    return await _trouble_of(plan_of(settings))


async def _plan(settings: Settings) -> EscalationPlan | None:
    """None where its file can't be read: then that was said among the settings."""
    try:
        return await plan_of(settings)
    except NotConfigured:
        return None


async def _judge(settings: Settings) -> str:
    return await _trouble_of(asyncio.to_thread(calibration_of, settings))


async def _guard(settings: Settings) -> str:
    return await _trouble_of(asyncio.to_thread(policy_of, settings))


async def _trouble_of(reading: Awaitable[object]) -> str:
    """Empty where it could be read."""
    try:
        await reading
    except NotConfigured as error:
        return str(error)
    return ""


def _admins(settings: Settings) -> Finding:
    if strange := sorted(one for one in settings.helpdesk_admins if "@" not in one):
        advice = "HELPDESK_ADMINS takes e-mail addresses, separated by commas"
        return bad("admins", f"{', '.join(strange)} is nobody's e-mail address", advice)
    if settings.helpdesk_admins:
        return Finding(name="admins", health=Health.GOOD, detail=", ".join(sorted(settings.helpdesk_admins)))
    return Finding(
        name="admins",
        health=Health.OFF,
        detail="nobody may use the admin commands in chat",
        advice="set HELPDESK_ADMINS to their e-mail addresses",
    )


def _folder(name: str, path: Path) -> Finding:
    if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
        return Finding(name=f"folder {name}", health=Health.GOOD, detail=str(path))
    detail = f"{path} may not be read by this user" if path.is_dir() else f"{path} is no folder"
    advice = "correct FOLDERS, or mount what should be there; nothing is removed from the knowledge meanwhile"
    return Finding(name=f"folder {name}", health=Health.BAD, detail=detail, advice=advice)


async def _database(url: str, settings: Settings) -> Finding:
    async with await AsyncConnection.connect(url, connect_timeout=5) as connection:
        cursor = await connection.execute(
            "select current_setting('server_version'), extversion from pg_extension where extname = 'vector'"
        )
        row = await cursor.fetchone()
    server, vector = row or ("0", "0")
    detail = f"PostgreSQL {server} with pgvector {vector}"
    if not settings.database_url:
        from knowledge.embedded_postgres import say_if_full

        if full := say_if_full(settings.helpdesk_data_dir):
            advice = f"make room where {settings.helpdesk_data_dir} is: no question can be taken without"
            return bad("database", f"{detail}; {full}", advice)
    return good("database", detail)


def _database_advice(error: KnowledgeError, settings: Settings) -> str:
    if isinstance(error, DatabaseNewer):
        return NEWER_ADVICE
    if isinstance(error, DatabaseOld):
        return OLD_ADVICE
    if settings.database_url:
        return "check DATABASE_URL, and that its user may create schemas and tables and the extension `vector`"
    return f"look into the log under {settings.helpdesk_data_dir}, or set DATABASE_URL to a PostgreSQL of your own"


async def _embedder(embedder: Embedder, settings: Settings) -> Finding:
    try:
        vectors = await embedder.embed(["How do I reset my password?"])
    except (EmbedderUnavailable, EmbedderBroken) as error:
        advice = "check EMBEDDER, EMBEDDER_BASE_URL and EMBEDDER_API_KEY; until then search goes by words alone"
        return Finding(name="embedder", health=Health.BAD, detail=str(error), advice=advice)
    detail = f"{embedder.model}, {vectors.shape[1]} dimensions ({settings.embedder})"
    return Finding(name="embedder", health=Health.GOOD, detail=detail)


async def _index(knowledge: Knowledge) -> Finding:
    status = await knowledge.store.get_status()
    reading = [f"{one.source} is being read: {one.running.how_far}" for one in status.sources if one.running]
    detail = "; ".join([f"{status.documents} documents in {status.chunks} chunks", *reading])
    if not status.documents and reading:
        return Finding(name="index", health=Health.GOOD, detail="; ".join(["empty as yet", *reading]))
    if not status.documents:
        return Finding(name="index", health=Health.BAD, detail="empty", advice="run `helpdesk-bot sync`")
    space, embedder = status.space, knowledge.embedder
    if space and (space.model, space.dimension) != (embedder.model, embedder.dimension):
        back = f" to `{SETTINGS[space.model]}`" if space.model in SETTINGS else ""
        advice = f"run `helpdesk-bot sync --reembed`, or set EMBEDDER back{back}"
        return Finding(name="index", health=Health.BAD, detail=f"{detail}, of model {space.model}", advice=advice)
    return Finding(name="index", health=Health.GOOD, detail=detail)


def _named_sources(settings: Settings, sources: Collection[str]) -> list[Finding]:
    """Settings that name a source which is not there do nothing, and nobody is told otherwise."""
    named = {
        "SENSITIVE_SOURCES": (settings.sensitive_sources, sources),
        "SYNC_CRONS": (settings.sync_crons, sources),
        "FOLDER_URLS": (settings.folder_urls, settings.folders),
    }
    return [
        bad(setting, f"it names {', '.join(unknown)}, which is no source", f"there are: {', '.join(known) or 'none'}")
        for setting, (names, known) in named.items()
        if (unknown := sorted(set(names) - set(known)))
    ]


async def _place(name: str, source: Source | None) -> Finding:
    """It signs in, and looks at what every sync begins with."""
    docs = PLACE_DOCS.get(name, "docs/website.md")
    if source is None:
        return Finding(name=name, health=Health.OFF, detail="not set up", advice=f"{docs} connects it")
    assert isinstance(source, Distant)  # noqa: S101 -- all that have such a name are
    try:
        async with asyncio.timeout(PLACE_TIMEOUT_S):
            checkup = await source.examine()
    except NeedsLogin as error:
        return bad(name, error.reason, f"renew its credentials ({docs}); what is known of it goes on to be found")
    except (ConnectorError, TimeoutError) as error:
        detail = getattr(error, "reason", str(error)) or f"no answer within {PLACE_TIMEOUT_S:.0f} s"
        return bad(name, detail, f"correct what is set, or what the account may do there: {docs}")
    if checkup.gaps:
        return bad(name, f"it answers ({checkup.found}), but {'; '.join(checkup.gaps)}", f"the rest is read: {docs}")
    return good(name, f"it answers: {checkup.found}")


async def _status_pages(settings: Settings) -> list[Finding]:
    """One real look at each."""
    if not settings.status_pages:
        advice = "set STATUS_PAGES for answers to `is X down?`: docs/tools.md"
        return [Finding(name="status pages", health=Health.OFF, detail="none named", advice=advice)]
    async with AsyncExitStack() as stack:
        try:
            pages = await status_of(settings, stack=stack)
        except NotConfigured as error:
            return [Finding(name="status pages", health=Health.BAD, detail=str(error), advice="correct STATUS_PAGES")]
        return [_status_page(looked) for looked in await pages.look()]


def _status_page(looked: Looked) -> Finding:
    name = f"status page {looked.page}"
    if looked.status is None:
        advice = "check its address in STATUS_PAGES, and the network: docs/tools.md"
        return Finding(name=name, health=Health.BAD, detail=looked.trouble, advice=advice)
    down = sum(not one.is_up for one in looked.status.components)
    state = "up" if looked.status.is_up else "not up"
    incidents, components = len(looked.status.incidents), len(looked.status.components)
    detail = f"it answers: {state}, {incidents} open incidents, {down} of {components} components in trouble"
    return Finding(name=name, health=Health.GOOD, detail=detail)


async def _tools(settings: Settings) -> list[Finding]:
    """Every tool, its host reached or its server asked what it offers."""
    if settings.tools_file is None:
        advice = "set TOOLS_FILE for looking up and changing things in other systems: docs/tools.md"
        return [Finding(name="tools", health=Health.OFF, detail="none named", advice=advice)]
    async with AsyncExitStack() as stack:
        try:
            tools = await tools_of(settings, stack=stack)
        except NotConfigured as error:
            return [Finding(name="tools", health=Health.BAD, detail=str(error), advice="correct TOOLS_FILE")]
        return [_tool(standing) for standing in await tools.reach()]


def _tool(standing: Standing) -> Finding:
    name = f"tool {standing.spec.name}"
    if standing.trouble:
        return Finding(name=name, health=Health.BAD, detail=standing.trouble, advice="it is not used: docs/tools.md")
    does = "changes something, once a person agrees" if standing.spec.changes else "only reads"
    return Finding(name=name, health=Health.GOOD, detail=f"it can be reached; it {does}")


async def _model(settings: Settings, candidate: Candidate, pool: Pool) -> Finding:
    """One real request of a few tokens, also of one that rests: a well-formed key is not one that works."""
    gateway = Gateway(
        role="doctor",
        candidates=(candidate,),
        purse=purse_of(settings, pool),
        health=ModelHealth(pool),
        patience=Patience(rests_s=0.0),
    )
    name = "model" if candidate.name == MAIN else f"model {candidate.name}"
    try:
        request = ModelRequest(system="Answer in one word.", user="Say yes.")
        await gateway.ask(request, timeout_s=settings.model_timeout_s)
    except ModelError as error:
        advice = f"check its name, key and address ({MODEL_DOCS}); until then the next model answers, or the documents"
        return Finding(name=name, health=Health.BAD, detail=f"{candidate.spec}: {error}", advice=advice)
    cost_usd = find_cost(candidate.spec, input_tokens=1, output_tokens=1, own=gateway.purse.prices)
    if cost_usd is None:
        advice = f"set MODEL_PRICES, or its calls are counted without their cost ({MODEL_DOCS})"
        return Finding(name=name, health=Health.OFF, detail=f"{candidate.spec} answers; no price known", advice=advice)
    return Finding(name=name, health=Health.GOOD, detail=f"{candidate.spec} answers")


async def _models(settings: Settings, pool: Pool) -> AsyncIterator[Finding]:
    if not settings.model:
        advice = "set MODEL and MODEL_API_KEY for answers in its own words"
        yield Finding(name="model", health=Health.OFF, detail="answers quote the documents", advice=advice)
        return
    try:
        candidates = candidates_of(settings)
    except ModelError as error:
        yield Finding(name="model", health=Health.BAD, detail=str(error), advice=f"{MODEL_DOCS} shows how it is set")
        return
    for candidate in candidates:
        yield await _model(settings, candidate, pool)
