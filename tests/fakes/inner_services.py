"""Services of this machine that nobody may be led to: their addresses as attackers spell them, and who asks."""

import sys
from contextlib import contextmanager

from aiohttp import web

HOSTS = [
    *("127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001"),
    *("0177.0.0.1", "127.000.000.001", "127.255.255.254", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain"),
    *("127.0.0.1.", "①②⑦.⓪.⓪.①", "127。0。0。1", "ip6-localhost", "wiki.example.com", "127.0.0.1.nip.io"),
    *("169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "10.0.0.1", "192.168.0.1", "metadata.google.internal"),
]
SPELLINGS = [
    "http://{host}:{port}/",
    "https://{host}:{port}/",
    "//{host}:{port}/",
    "http://127.0.0.1:{own}@{host}:{port}/",
]
ODD_ADDRESSES = [
    *("file:///etc/passwd", "gopher://127.0.0.1:{port}/_GET", "ftp://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/x"),
    *("jar:http://127.0.0.1:{port}/!/", "javascript:alert(1)", "data:text/html,x", "http:/127.0.0.1:{port}/"),
    *("http:127.0.0.1:{port}", "\\\\127.0.0.1:{port}\\", "http://127.0.0.1:{own}\\@127.0.0.1:{port}/"),
    *("http://127.0.0.1:{own}\r\nhost: 127.0.0.1:{port}/", "http://127.0.0.1:{own}%0d%0a@127.0.0.1:{port}/"),
    *(
        "http://127.0.0.1:{own} @127.0.0.1:{port}/",
        "http://127.0.0.1:{own}#@127.0.0.1:{port}/..",
        "http://[::1]:{port}",
    ),
    *("HTTP://127.0.0.1:0{port}/", "http://:{port}/", "http://127.0.0.1:{port}?@127.0.0.1:{own}/"),
]
_listeners = []


def _hear(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        for heard in _listeners:
            heard.append((event, arguments[1] if event != "socket.getaddrinfo" else arguments[0]))


sys.addaudithook(_hear)


@contextmanager
def listening_to_sockets():
    """Every address that this process connects to or looks up meanwhile."""
    heard = []
    _listeners.append(heard)
    yield heard
    _listeners.remove(heard)


async def serve(handle):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]
