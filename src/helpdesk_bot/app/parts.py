"""What runs on an app: the ASGI application and the scheduler."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from helpdesk_bot.app.app import App
from helpdesk_bot.app.chats import visitor
from helpdesk_bot.app.console import console_of
from helpdesk_bot.app.figures import begin_at_zero, measure
from helpdesk_bot.app.slack import slack_routes_of
from helpdesk_bot.app.teams import teams_routes_of
from helpdesk_bot.chat.browser import browser_place, browser_routes
from helpdesk_bot.console import console_routes
from helpdesk_bot.records.schedules import SetSchedule
from helpdesk_bot.schedule import Schedule, Scheduler, Work
from helpdesk_bot.settings import Settings
from helpdesk_bot.uploads import SOURCE_NAME as UPLOADS
from helpdesk_bot.web import build_web
from knowledge.passages import Passage

SUGGESTIONS = (
    "How do I connect to the VPN?",
    "My laptop was stolen, what now?",
    "How do I print from my phone?",
    "Which licence do I need for Visio?",
)


def web_of(app: App, *, closing: asyncio.Event) -> Starlette:
    """The ASGI application. Set `closing` before the server waits for its connections to end."""
    settings, knowledge = app.settings, app.knowledge
    schedules = partial(list_schedules, app)
    begin_at_zero(app)
    return build_web(
        checks={
            "database": knowledge.is_reachable,
            "index": knowledge.has_documents,
            "worker": app.jobs.has_living_worker,
        },
        signed=[*slack_routes_of(app), *teams_routes_of(app)],
        own=_browser_routes(app, closing) if settings.browser_chat != "off" else [],
        trusted_hosts=settings.trusted_hosts,
        console=console_routes(console_of(app, schedules)),
        console_host=urlsplit(settings.public_url).hostname,
        measure=partial(measure, app, schedules),
    )


def health_of(app: App) -> Starlette:
    """Health and metrics alone, of a process that serves nothing else: what it counts, no other process can tell."""
    begin_at_zero(app)
    return build_web(
        checks={"database": app.knowledge.is_reachable},
        signed=[],
        own=[],
        trusted_hosts=app.settings.trusted_hosts,
        measure=partial(measure, app, partial(list_schedules, app)),
    )


def scheduler_of(app: App) -> Scheduler:
    return Scheduler(
        partial(list_schedules, app),
        last_read=app.knowledge.last_read,
        records=app.records,
        jobs=app.jobs,
        url=app.knowledge.url,
    )


async def list_schedules(app: App) -> Sequence[Schedule]:
    """As they are in force now."""
    return schedules_of(
        app.settings,
        app.knowledge.sources,
        directories=app.directories,
        set_by_admins=await app.schedules.list_set(),
    )


def schedules_of(
    settings: Settings,
    sources: Iterable[str],
    *,
    directories: Iterable[str] = (),
    set_by_admins: Mapping[str, SetSchedule],
) -> list[Schedule]:
    """A sync and a look at rights for each source; what an admin set goes before the configuration.

    A website has no rights to look at but those that settings give it, and whether its pages still need no login takes
    as long as a sync to find out. Uploads change their rights when they are uploaded.
    """
    names = list(sources)
    crons = {name: settings.sync_crons.get(name, settings.sync_cron) for name in names}
    crons |= {name: set_one.cron for name, set_one in set_by_admins.items() if name in crons}
    syncs = [Schedule(source=name, cron=cron, time_zone=settings.time_zone) for name, cron in crons.items() if cron]
    if not settings.rights_cron:
        return syncs
    with_rights = [name for name in names if name not in {*settings.websites, UPLOADS}]
    looks = [
        Schedule(source=name, cron=settings.rights_cron, time_zone=settings.time_zone, work=Work.RIGHTS)
        for name in (*with_rights, *directories)
    ]
    return [*syncs, *looks]


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
