"""What `up`, `web`, `worker` and `scheduler` run until they are told to stop, when everything is imported."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import uvicorn
from rich.markup import escape
from starlette.applications import Starlette

from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.parts import health_of, scheduler_of, web_of
from helpdesk_bot.app.slack import slack_socket
from helpdesk_bot.app.sources import OWN_SOURCES
from helpdesk_bot.cli.door import open_door
from helpdesk_bot.cli.output import err, out
from helpdesk_bot.cli.part import Part
from helpdesk_bot.cli.syncing import print_receipt, sync_with_bar
from helpdesk_bot.settings import Settings
from knowledge.errors import SyncInProgress

SHUTDOWN_S = 3
"""What open connections get to end when the server stops; event streams are told before."""

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- looked for, not listened on

WARM_AFTER_S = 1.0
"""Imports of seconds begin when the first sign of life was given, and questions are taken."""

Serve: TypeAlias = Callable[[Knowledge, asyncio.Event, socket.socket | None], Coroutine[None, None, None]]
"""Until told to stop; with the address at which a web, or its own health, is served."""


async def _serve_all(knowledge: Knowledge, stop: asyncio.Event, door: socket.socket | None) -> None:
    """Everything in one process; on the first start there is something to answer from before anybody is served."""
    async with open_app(knowledge) as app:
        if not await _ends_before(stop, _first_sync(app)):
            return
        async with slack_socket(app):
            await _run_until(stop, _serve_web(app, stop, door), _work(app), scheduler_of(app).run())


async def _serve_web_alone(knowledge: Knowledge, stop: asyncio.Event, door: socket.socket | None) -> None:
    async with open_app(knowledge) as app, slack_socket(app):
        await _run_until(stop, _serve_web(app, stop, door))


async def _serve_worker(knowledge: Knowledge, stop: asyncio.Event, door: socket.socket | None) -> None:
    async with open_app(knowledge) as app:
        err.print("Working. Ctrl-C stops.", markup=False)
        await _run_until(stop, *_tell_health(app, stop, door), _work(app))


async def _serve_scheduler(knowledge: Knowledge, stop: asyncio.Event, door: socket.socket | None) -> None:
    async with open_app(knowledge) as app:
        err.print("Scheduling. Ctrl-C stops.", markup=False)
        await _run_until(stop, *_tell_health(app, stop, door), scheduler_of(app).run())


SERVE: Mapping[Part, Serve] = {
    Part.ALL: _serve_all,
    Part.WEB: _serve_web_alone,
    Part.WORKER: _serve_worker,
    Part.SCHEDULER: _serve_scheduler,
}


async def _run_until(stop: asyncio.Event, *works: Coroutine[object, object, None]) -> None:
    """Run side by side until told to stop; one that fails ends the rest."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _ends_before(stop: asyncio.Event, work: Coroutine[object, object, None]) -> bool:
    """Whether it came to its end; told to stop, it is cut short."""
    async with asyncio.TaskGroup() as group:
        working, waiting = group.create_task(work), group.create_task(stop.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        working.cancel()
    return not working.cancelled()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: one place decides when everything stops."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _work(app: App) -> None:
    """Jobs are taken at once; the guard's engine and the models' providers come in beside them."""
    async with asyncio.TaskGroup() as group:
        group.create_task(app.worker().run())
        await asyncio.sleep(WARM_AFTER_S)
        group.create_task(app.warm_guard())
        group.create_task(app.warm_models())


async def _serve_web(app: App, stop: asyncio.Event, door: socket.socket | None) -> None:
    assert door is not None  # noqa: S101 -- held in start
    closing = asyncio.Event()
    async with app.notices.listening(), _served(web_of(app, closing=closing), door, closing):
        _announce(app, door)
        await stop.wait()


def _tell_health(
    app: App, stop: asyncio.Event, door: socket.socket | None
) -> Sequence[Coroutine[object, object, None]]:
    """Nothing where no port is set for it."""

    async def tell(door: socket.socket) -> None:
        async with _served(health_of(app), door, asyncio.Event()):
            await stop.wait()

    return [] if door is None else [tell(door)]


@asynccontextmanager
async def _served(web: Starlette, door: socket.socket, closing: asyncio.Event) -> AsyncGenerator[None]:
    """Served there while inside; `closing` is set before it is waited for the connections."""
    config = uvicorn.Config(
        web,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_S,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[open_door(door)]))
    try:
        yield
    finally:
        closing.set()
        server.should_exit = True
        await serving


async def _first_sync(app: App) -> None:
    """Read sources that were never read to the end until something is known; the rest are read beside answering.

    A source may take hours, or not be there at all: neither keeps away what is known already.
    """
    status = await app.knowledge.store.get_status()
    known = {one.source for one in status.sources if one.synced_at is not None}
    for name in app.knowledge.sources:
        if name in known or name in OWN_SOURCES:
            continue
        if await app.knowledge.has_documents():
            await app.jobs.defer_sync(name)
            err.print(f"{name}: read for the first time from now on, beside answering", markup=False)
            continue
        try:
            print_receipt(await sync_with_bar(app.knowledge, name))
        except* SyncInProgress:
            err.print(f"{name}: another process reads it now", markup=False)


def _announce(app: App, listening: socket.socket) -> None:
    """Where it is, what is on, and what would switch on the rest."""
    settings = app.settings
    host, port = listening.getsockname()[:2]
    shown_host = "localhost" if settings.listens_on_loopback or host in EVERYWHERE else host
    out.print(f"\nhelpdesk-bot is ready: [bold]http://{shown_host}:{port}/[/]\n")
    for name, is_on, detail in switches(settings):
        mark = "[green]on [/]" if is_on else "[dim]off[/]"
        out.print(f"  {mark} {name:<13} {escape(detail)}", highlight=False)
    out.print("\nCtrl-C stops everything.")


def switches(settings: Settings) -> list[tuple[str, bool, str]]:
    """Each part that can be switched: its name, whether it is on, and what it is or what switches it on."""
    return [
        ("Database", True, "your PostgreSQL" if settings.database_url else "embedded; DATABASE_URL sets your own"),
        ("Browser chat", settings.browser_chat != "off", _visitors(settings)),
        (
            "Console",
            bool(settings.public_url),
            "`helpdesk-bot console` prints a link" if settings.public_url else "set HELPDESK_URL: docs/console.md",
        ),
        (
            "Slack",
            settings.has_slack,
            ("Socket Mode" if settings.has_slack_socket else "events over HTTP at /slack/events")
            if settings.has_slack
            else "set SLACK_BOT_TOKEN and SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: docs/slack.md",
        ),
        (
            "Teams",
            settings.has_teams,
            (
                "development mode: whoever reaches this machine may speak"
                if settings.teams_dev_mode
                else "messages at /teams/messages"
            )
            if settings.has_teams
            else "set TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID: docs/teams.md",
        ),
        ("Model", bool(settings.model), settings.model or "answers quote the documents; set MODEL and MODEL_API_KEY"),
        ("Escalation", bool(_people_channels(settings)), _people_channels(settings) or _no_people(settings)),
    ]


def _visitors(settings: Settings) -> str:
    if settings.browser_chat == "off":
        return "set BROWSER_CHAT"
    is_named = settings.listens_on_loopback or settings.trusted_hosts
    beside = "" if is_named else "; it opens as localhost only: set TRUSTED_HOSTS to the names it is opened by"
    return f"visitors read as {settings.browser_chat}{beside}"


def _people_channels(settings: Settings) -> str:
    channels = {"Slack": settings.slack_escalation_channel, "Teams": settings.teams_escalation_channel}
    return ", ".join(f"to a {platform} channel" for platform, channel in channels.items() if channel)


def _no_people(settings: Settings) -> str:
    return f"people are sent to {settings.help_contact}; set SLACK_ESCALATION_CHANNEL or TEAMS_ESCALATION_CHANNEL"
