"""Our address: taken before anything is opened or read, and open when there is somebody to serve who comes."""

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

from helpdesk_bot.cli.output import fail

BACKLOG = 2048
"""Connections that wait to be taken; uvicorn's own default."""


@contextmanager
def held_door(host: str, port: int, *, setting: str) -> Generator[socket.socket]:
    """Our address, held while inside: one that is taken is found out before anything is opened or read.

    `setting` is the one that would change the port.
    """
    family, shown = (socket.AF_INET6, f"[{host}]") if ":" in host else (socket.AF_INET, host)
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _address_must_be_free(f"{shown}:{port}", setting):
            door.bind((host, port))
        yield door


def open_door(door: socket.socket) -> socket.socket:
    """Connections are taken, and wait, from now on: what is announced next can be opened."""
    host, port = door.getsockname()[:2]
    with _address_must_be_free(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "HELPDESK_PORT"):
        door.listen(BACKLOG)
    return door


@contextmanager
def _address_must_be_free(address: str, setting: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            todo = "set HELPDESK_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0"
        elif isinstance(error, PermissionError):
            todo = f"set {setting} to a port above 1023; those below are for root"
        else:
            todo = f"stop what uses it, or set {setting} to another port"
        fail(f"{address} can't be listened on ({why}): {todo}")
