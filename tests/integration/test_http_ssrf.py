"""Nothing that a place answers sends the client anywhere else: asserted by what this process's sockets connect to."""

from contextlib import suppress

import pytest
from aiohttp import web

from connectors.errors import OutOfBounds, SourceUnavailable
from connectors.http import Politeness, Visit
from tests.fakes.inner_services import HOSTS, ODD_ADDRESSES, SPELLINGS, listening_to_sockets, serve


@pytest.fixture
async def inner_port():
    """A service on this machine that must never be asked."""
    asked = []

    async def answer(request):
        asked.append(request.path)
        return web.Response(text="secret")

    runner, port = await serve(answer)
    yield port
    await runner.cleanup()
    assert asked == []


def visiting(base_url, **options):
    return Visit("site", base_url=base_url, politeness=Politeness(max_attempts=1, timeout_s=5), **options)


@pytest.mark.parametrize("way", ["asked", "redirected"])
@pytest.mark.parametrize("address", [*(s.replace("{host}", h) for h in HOSTS for s in SPELLINGS), *ODD_ADDRESSES])
async def test_no_other_service_is_ever_connected_to(inner_port, address, way):
    own_port = 0

    async def answer(request):
        if request.path == "/start":
            location = target.encode().decode("latin-1").replace("\r\n", "%0d%0a")
            return web.Response(status=302, headers={"location": location})
        return web.Response(text="a page of this place's own")

    runner, own_port = await serve(answer)
    target = address.replace("{port}", str(inner_port)).replace("{own}", str(own_port))
    try:
        async with visiting(f"http://127.0.0.1:{own_port}") as visit:
            with listening_to_sockets() as heard, suppress(OutOfBounds):
                await visit.get_bytes(target if way == "asked" else "/start", max_bytes=1_000)
            assert {place for event, place in heard if event == "socket.connect"} <= {("127.0.0.1", own_port)}
            assert [place for event, place in heard if event == "socket.getaddrinfo"] == []
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "10.0.0.1"),
        *("172.31.255.255", "192.168.1.1", "100.100.100.200", "fd00:ec2::254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "ff02::1"),
    ],
)
async def test_a_name_that_leads_inside_is_not_connected_to(address):
    async def resolver(host, port):
        return [address]

    async with visiting("https://wiki.example.com", resolver=resolver) as visit:
        with listening_to_sockets() as heard, pytest.raises(OutOfBounds):
            await visit.get_json("/")
        assert heard == []
        assert visit.spent.requests == 0


async def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_checked():
    """DNS rebinding: the second look at the name would lead elsewhere, so there is none."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked = []

    async def resolver(host, port):
        asked.append(host)
        return answers.pop(0)

    async def answer(request):
        return web.json_response({"host": request.headers["host"]})

    runner, port = await serve(answer)
    try:
        async with visiting(f"http://localhost:{port}", resolver=resolver) as visit:
            with listening_to_sockets() as heard:
                assert await visit.get_json("/") == {"host": f"localhost:{port}"}
                with pytest.raises(OutOfBounds):
                    await visit.get_json("/")
        assert asked == ["localhost", "localhost"]
        assert heard == [("socket.connect", ("127.0.0.1", port))]
    finally:
        await runner.cleanup()


async def test_a_name_without_an_address_is_a_place_that_is_down():
    async def resolver(host, port):
        raise OSError("no such name")

    async with visiting("https://wiki.example.com", resolver=resolver) as visit:
        with pytest.raises(SourceUnavailable, match="ConnectError"):
            await visit.get_json("/")
