"""`up`, `web`, `worker` and `scheduler`: processes that run until they are told to stop."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn

from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.parts import scheduler_of, web_of
from helpdesk_bot.app.slack import slack_socket
from helpdesk_bot.app.sources import OWN_SOURCES
from helpdesk_bot.cli.output import err, fail, out
from helpdesk_bot.cli.syncing import print_receipt, sync_with_bar
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings
from helpdesk_bot.telemetry import set_up_logging

SHUTDOWN_S = 3
"""What open connections get to end when the server stops; event streams are told before."""

BACKLOG = 2048
"""Connections that wait to be taken; uvicorn's own default."""


async def serve_all(settings: Settings) -> None:
    """Everything in one process; the sources that were never read are read first."""
    with _door(settings) as door:
        async with _opened(settings) as (app, stop):
            await _first_sync(app)
            async with slack_socket(app):
                await _run_until(stop, _serve_web(app, stop, _open_door(door)), _work(app), scheduler_of(app).run())


async def serve_web(settings: Settings) -> None:
    with _door(settings) as door:
        async with _opened(settings) as (app, stop), slack_socket(app):
            await _run_until(stop, _serve_web(app, stop, _open_door(door)))


async def serve_worker(settings: Settings) -> None:
    async with _opened(settings) as (app, stop):
        err.print("Working. Ctrl-C stops.", markup=False)
        await _run_until(stop, _work(app))


async def serve_scheduler(settings: Settings) -> None:
    async with _opened(settings) as (app, stop):
        err.print("Scheduling. Ctrl-C stops.", markup=False)
        await _run_until(stop, scheduler_of(app).run())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[tuple[App, asyncio.Event]]:
    """Everything open, and an event that is set by the first signal to stop."""
    set_up_logging(settings.helpdesk_log_level)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_database(settings))
        stop = stack.enter_context(_stop_on_signal())
        yield await stack.enter_async_context(open_app(settings, url)), stop


@contextmanager
def _stop_on_signal() -> Generator[asyncio.Event]:
    """Set by SIGINT and SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    try:
        yield stop
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


async def _run_until(stop: asyncio.Event, *works: Coroutine[object, object, None]) -> None:
    """Run side by side until told to stop; one that fails ends the rest."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        await stop.wait()
        for task in tasks:
            task.cancel()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: one place decides when everything stops."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _work(app: App) -> None:
    """Jobs are taken at once; the guard's engine and the models' providers come in beside them."""
    async with asyncio.TaskGroup() as group:
        group.create_task(app.warm_guard())
        group.create_task(app.warm_models())
        group.create_task(app.worker().run())


async def _serve_web(app: App, stop: asyncio.Event, listening: socket.socket) -> None:
    closing = asyncio.Event()
    config = uvicorn.Config(
        web_of(app, closing=closing),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_S,
        server_header=False,
    )
    server = _Server(config)
    async with app.notices.listening():
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        _announce(app, listening)
        try:
            await stop.wait()
        finally:
            closing.set()
            server.should_exit = True
            await serving


@contextmanager
def _door(settings: Settings) -> Generator[socket.socket]:
    """Our address, held while inside: one that is taken is found out before anything is opened or read."""
    family = socket.AF_INET6 if ":" in settings.helpdesk_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _address_must_be_free(f"{settings.helpdesk_host}:{settings.helpdesk_port}"):
            door.bind((settings.helpdesk_host, settings.helpdesk_port))
        yield door


def _open_door(door: socket.socket) -> socket.socket:
    """Connections are taken, and wait, from now on: what is announced next can be opened."""
    host, port = door.getsockname()[:2]
    with _address_must_be_free(f"{host}:{port}"):
        door.listen(BACKLOG)
    return door


@contextmanager
def _address_must_be_free(address: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        fail(f"{address} can't be listened on ({why}): stop what uses it, or set HELPDESK_PORT to another port")


async def _first_sync(app: App) -> None:
    """Read the sources that were never read to the end; the rest have their nightly run."""
    status = await app.knowledge.store.get_status()
    known = {one.source for one in status.sources if one.synced_at is not None}
    for name in app.knowledge.sources:
        if name not in known and name not in OWN_SOURCES:
            print_receipt(await sync_with_bar(app.knowledge, name))


def _announce(app: App, listening: socket.socket) -> None:
    """Where it is, what is on, and what would switch on the rest."""
    settings = app.settings
    host, port = listening.getsockname()[:2]
    shown_host = "localhost" if settings.listens_on_loopback else host
    out.print(f"\nhelpdesk-bot is ready: [bold]http://{shown_host}:{port}/[/]\n")
    for name, is_on, detail in switches(settings):
        mark = "[green]on [/]" if is_on else "[dim]off[/]"
        out.print(f"  {mark} {name:<13} {detail}", highlight=False)
    out.print("\nCtrl-C stops everything.")


def switches(settings: Settings) -> list[tuple[str, bool, str]]:
    """Each part that can be switched: its name, whether it is on, and what it is or what switches it on."""
    return [
        ("Database", True, "your PostgreSQL" if settings.database_url else "embedded; DATABASE_URL sets your own"),
        ("Browser chat", settings.browser_chat != "off", f"visitors read as {settings.browser_chat}"),
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


def _people_channels(settings: Settings) -> str:
    channels = {"Slack": settings.slack_escalation_channel, "Teams": settings.teams_escalation_channel}
    return ", ".join(f"to a {platform} channel" for platform, channel in channels.items() if channel)


def _no_people(settings: Settings) -> str:
    return f"people are sent to {settings.help_contact}; set SLACK_ESCALATION_CHANNEL or TEAMS_ESCALATION_CHANNEL"
