"""`up`, `web`, `worker` and `scheduler` from their first moment: what takes time to get ready gets so side by side.

    import what opens the knowledge --> PostgreSQL --> migrations --> pool and embedder --.
                                    '-> import the rest of the bot, in a thread ----------'--> serve

The rest is most of the bot, and LangGraph: two thirds of a start. PostgreSQL comes up in its own processes meanwhile,
and onnxruntime loads the model outside of Python's lock.
"""

import asyncio
import gc
import signal
import socket
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.cli.door import held_door
from helpdesk_bot.cli.part import EMBEDDING, Part
from helpdesk_bot.database import open_database
from helpdesk_bot.settings import Settings
from helpdesk_bot.telemetry import set_up_logging

if TYPE_CHECKING:
    from helpdesk_bot.cli.serving import Serve


async def start(settings: Settings, part: Part) -> None:
    """Until a signal to stop. Our address is held from the first moment, if something is to be served there."""
    set_up_logging(settings.helpdesk_log_level)
    async with AsyncExitStack() as stack:
        door = stack.enter_context(_door_of(settings, part))
        beside = stack.enter_context(ThreadPoolExecutor(1, "import"))
        importing = asyncio.wrap_future(beside.submit(_import_the_rest, part))
        url = await stack.enter_async_context(open_database(settings))
        stop = stack.enter_context(_stop_on_signal())
        knowledge = await stack.enter_async_context(open_knowledge(settings, url, embeds=part in EMBEDDING))
        serve = await importing
        await serve(knowledge, stop, door)


def _door_of(settings: Settings, part: Part) -> AbstractContextManager[socket.socket | None]:
    """Where this part is served, or tells of its health; none where neither is wanted."""
    if part in {Part.ALL, Part.WEB}:
        return held_door(settings.helpdesk_host, settings.helpdesk_port, setting="HELPDESK_PORT")
    port = settings.helpdesk_health_port
    return nullcontext() if port is None else held_door(settings.helpdesk_host, port, setting="HELPDESK_HEALTH_PORT")


def _import_the_rest(part: Part) -> "Serve":
    """What serves this part.

    No other thread imports modules of ours or of LangGraph's meanwhile: it could see one that is half there. Garbage is
    not looked for: imports leave none, and looking took a tenth of their time (measured).
    """
    gc.disable()
    try:
        from helpdesk_bot.cli.serving import SERVE
    finally:
        gc.enable()
    return SERVE[part]


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
