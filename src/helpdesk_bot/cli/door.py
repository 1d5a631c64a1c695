"""Our address: taken before anything is opened or read, and open when there is somebody to serve who comes."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

from helpdesk_bot.cli.output import fail
from helpdesk_bot.settings import Settings

BACKLOG = 2048
"""Connections that wait to be taken; uvicorn's own default."""


@contextmanager
def held_door(settings: Settings) -> Generator[socket.socket]:
    """Our address, held while inside: one that is taken is found out before anything is opened or read."""
    family = socket.AF_INET6 if ":" in settings.helpdesk_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _address_must_be_free(f"{settings.helpdesk_host}:{settings.helpdesk_port}"):
            door.bind((settings.helpdesk_host, settings.helpdesk_port))
        yield door


def open_door(door: socket.socket) -> socket.socket:
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
