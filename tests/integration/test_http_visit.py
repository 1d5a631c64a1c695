"""The client against a server on loopback that behaves and misbehaves."""

import asyncio
import gzip
import ssl
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.errors import (
    Forbidden,
    HttpRefused,
    NeedsLogin,
    NotFound,
    OutOfBounds,
    SourceUnavailable,
    TooLarge,
    WantsRest,
)
from connectors.http import Politeness, Verdict, Visit, WayOut, judge


class Server:
    """Answers each path with what was planned for it, one after another, the last one for ever."""

    def __init__(self):
        self.plans = {}
        self.seen = []
        self.asked = Counter()

    def plan(self, path, *answers):
        self.plans[path] = list(answers)

    async def answer(self, request):
        self.seen.append((request.method, request.path_qs, request.headers.copy(), await request.read()))
        plan = self.plans[request.path]
        answer = plan[min(self.asked[request.path], len(plan) - 1)]
        self.asked[request.path] += 1
        return await answer(request) if callable(answer) else answer_of(**answer)


def answer_of(*, status=200, **rest):
    if "json" in rest:
        return web.json_response(rest.pop("json"), status=status, **rest)
    return web.Response(status=status, **rest)


@asynccontextmanager
async def listening(answer, *, tls=None):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def server():
    server = Server()
    async with listening(server.answer) as server.port:
        yield server


@pytest.fixture
def slept():
    return []


@pytest.fixture
async def visit(server, slept):
    async with visiting(server, slept) as visit:
        yield visit


def visiting(server, slept, **options):
    async def sleep(seconds):
        slept.append(seconds)

    return Visit("wiki", base_url=f"http://127.0.0.1:{server.port}/api", sleep=sleep, **options)


async def test_an_object_is_asked_for_and_read(server, visit):
    server.plan("/api/pages", {"json": {"id": 7}})

    assert await visit.get_json("/pages?limit=5", params={"q": "a b&c"}) == {"id": 7}
    method, path, headers, _ = server.seen[0]
    assert (method, path) == ("GET", "/api/pages?limit=5&q=a+b%26c")
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "gzip")
    assert headers["user-agent"].startswith("helpdesk-bot/")


async def test_a_post_says_what_it_carries(server, visit):
    server.plan("/api/search", {"json": {}})

    await visit.post_form("search", form={"grant_type": "refresh_token", "token": "a b"})

    assert [(headers["content-type"], body) for _, _, headers, body in server.seen] == [
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&token=a+b"),
    ]


async def test_a_packed_answer_is_unpacked(server, visit):
    server.plan("/api/x", {"body": gzip.compress(b'{"a": 1}'), "headers": {"content-encoding": "gzip"}})

    assert await visit.get_json("x") == {"a": 1}


async def test_a_file_is_taken_as_it_is(server, visit):
    server.plan("/api/a.pdf", {"body": b"%PDF", "headers": {"content-type": "application/pdf", "etag": '"7"'}})

    download = await visit.get_bytes("a.pdf", max_bytes=4)

    assert (download.content, download.media_type, download.headers["etag"]) == (b"%PDF", "application/pdf", '"7"')
    assert download.url == f"http://127.0.0.1:{server.port}/api/a.pdf"


async def test_a_file_that_did_not_change(server, visit):
    async def conditional(request):
        return web.Response(status=304 if request.headers.get("if-none-match") == '"7"' else 200)

    server.plan("/api/a.pdf", conditional)

    assert (await visit.get_bytes("a.pdf", max_bytes=4, headers={"if-none-match": '"7"'})).status == 304


async def test_a_file_that_is_too_large_is_not_read_to_its_end(server, visit):
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)
            sent += 65_536

    server.plan("/api/a.pdf", endless)

    with pytest.raises(TooLarge):
        await visit.get_bytes("a.pdf", max_bytes=1_000)
    assert sent < 20_000_000


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(server, visit, slept, status):
    server.plan("/api/x", {"status": status}, {"status": status}, {"json": {"ok": True}})

    assert await visit.get_json("x") == {"ok": True}
    assert 1 <= slept[0] <= 1.5
    assert 2 <= slept[1] <= 3
    assert visit.spent.requests == 3


@pytest.mark.parametrize("value", ["17", "date"])
async def test_the_pause_that_the_place_asks_for_is_kept(server, visit, slept, value):
    after = (datetime.now(UTC) + timedelta(seconds=17)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.plan(
        "/api/x", {"status": 429, "headers": {"retry-after": after if value == "date" else value}}, {"json": {}}
    )

    await visit.get_json("x")

    assert len(slept) == 1
    assert 15 <= slept[0] <= 17


async def test_a_pause_that_is_too_long_ends_the_visit_and_says_when_to_come_back(server, visit, slept):
    server.plan("/api/x", {"status": 429, "headers": {"retry-after": "3600"}})

    with pytest.raises(WantsRest, match=r"HTTP 429: it asks to be left alone until 20\d\d-") as rest:
        await visit.get_json("x")
    assert slept == []
    assert timedelta(minutes=59) < rest.value.until - datetime.now(UTC) <= timedelta(hours=1)


async def test_after_the_last_attempt_the_place_is_unavailable(server, visit):
    server.plan("/api/x", {"status": 503})

    with pytest.raises(SourceUnavailable, match=r"HTTP 503 \(6 attempts\)"):
        await visit.get_json("x")
    assert server.asked["/api/x"] == 6


@pytest.mark.parametrize("body", [b'{"a": [1, 2', b"", b"[1]", b"<html>", b'{"a": "\xff"}', b"[" * 100_000])
async def test_an_answer_that_is_no_object_is_asked_for_again(server, visit, body):
    server.plan("/api/x", {"body": body}, {"json": {"ok": True}})

    assert await visit.get_json("x") == {"ok": True}


async def test_a_connection_that_breaks_is_made_again(server, visit):
    async def broken(request):
        request.transport.close()

    async def cut(request):
        response = web.StreamResponse(headers={"content-length": "100"})
        await response.prepare(request)
        await response.write(b'{"a"')
        request.transport.close()
        return response

    server.plan("/api/x", broken, cut, {"json": {}})

    assert await visit.get_json("x") == {}


async def test_an_answer_that_never_ends_is_given_up(server, slept):
    async def dripping(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    server.plan("/api/x", dripping, {"json": {}})
    async with visiting(server, slept, politeness=Politeness(max_answer_s=0.3)) as visit:
        assert await visit.get_json("x") == {}


@pytest.mark.parametrize(("status", "kind"), [(400, HttpRefused), (403, Forbidden), (404, NotFound), (410, NotFound)])
async def test_what_is_refused_is_not_asked_for_again(server, visit, status, kind):
    server.plan("/api/x", {"status": status, "json": {"reason": "secret plans"}})

    with pytest.raises(kind) as refusal:
        await visit.get_json("x")
    assert (refusal.value.status, refusal.value.details) == (status, {"reason": "secret plans"})
    assert "secret" not in str(refusal.value)
    assert server.asked["/api/x"] == 1


async def test_refused_credentials_end_the_visit(server, visit):
    server.plan("/api/x", {"status": 401, "body": b"no"})

    with pytest.raises(NeedsLogin):
        await visit.get_json("x")


async def test_a_place_that_means_something_else_says_so(server, slept):
    def classify(response):
        return Verdict.TRY_AGAIN if b"rateLimitExceeded" in response.content else judge(response)

    server.plan("/api/x", {"status": 403, "body": b"rateLimitExceeded"}, {"status": 403, "body": b"never"})
    async with visiting(server, slept, classify=classify) as visit:
        with pytest.raises(Forbidden):
            await visit.get_json("x")
    assert server.asked["/api/x"] == 2


# Redirects and credentials


async def test_a_redirect_is_followed_with_its_credentials_on_the_same_origin(server, slept):
    server.plan("/api/x", {"status": 302, "headers": {"location": "../elsewhere?a=b"}})
    server.plan("/elsewhere", {"json": {}})
    async with visiting(server, slept, auth=httpx.BasicAuth("ada", "token"), headers={"x-key": "k"}) as visit:
        await visit.get_json("x")
    assert all({"authorization", "x-key"} <= {*map(str.lower, headers)} for _, _, headers, _ in server.seen)


async def test_another_host_gets_no_credentials(server, slept):
    other = Server()
    async with listening(other.answer) as port:
        other.plan("/file", {"body": b"content"})
        server.plan("/api/x", {"status": 302, "headers": {"location": f"http://127.0.0.1:{port}/file"}})
        options = {"auth": httpx.BasicAuth("ada", "token"), "headers": {"x-key": "k"}, "hosts": [f"127.0.0.1:{port}"]}
        async with visiting(server, slept, **options) as visit:
            await visit.get_bytes("x", max_bytes=10, headers={"x-atlassian-token": "no-check"})
            await visit.get_bytes(f"http://127.0.0.1:{port}/file", max_bytes=10)
    assert len(other.seen) == 2
    for _, _, headers, _ in other.seen:
        assert {name.casefold() for name in headers} <= {
            *("host", "connection", "user-agent", "accept", "accept-encoding")
        }


async def test_a_post_is_not_redirected(server, visit):
    server.plan("/api/x", {"status": 307, "headers": {"location": "/api/y"}})

    with pytest.raises(OutOfBounds):
        await visit.post_form("x", form={})


async def test_redirects_end_after_five(server, visit):
    server.plan("/api/x", {"status": 302, "headers": {"location": "/api/x"}})

    with pytest.raises(OutOfBounds, match="more than 5 redirects"):
        await visit.get_json("x")
    assert server.asked["/api/x"] == 6


@pytest.mark.parametrize("location", ["javascript:alert(1)", "data:,x", "http://[", "", "/a b", "//x/"])
async def test_a_redirect_to_nowhere_is_out_of_bounds(server, visit, location):
    server.plan("/api/x", {"status": 302, "headers": {"location": location}}, {"json": {}})

    if location:
        with pytest.raises(OutOfBounds):
            await visit.get_json("x")
    else:
        assert await visit.get_json("x") == {}  # it leads to itself


async def test_cookies_are_not_kept(server, visit):
    server.plan("/api/x", {"json": {}, "headers": {"set-cookie": "session=1; Path=/"}})

    await visit.get_json("x")
    await visit.get_json("x")

    assert "cookie" not in server.seen[1][2]


async def test_headers_may_hold_any_bytes(server, visit):
    async def answer(request):
        request.transport.write(b'HTTP/1.1 200 OK\r\netag: "\xfc"\r\nx: \xe3\x83\x84\r\ncontent-length: 2\r\n\r\n{}')
        return web.Response()

    server.plan("/api/x", answer)

    assert (await visit.get_bytes("x", max_bytes=10)).headers["etag"] == '"\xfc"'


async def test_points_are_counted_with_every_attempt(server, visit):
    server.plan("/api/x", {"status": 500}, {"json": {}})

    await visit.get_json("x", points=3)

    assert (visit.spent.requests, visit.spent.points) == (2, 6)


# Names and certificates


def certificate(host, folder):
    """A server's context with a certificate for one host, and a way out that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    chain = made.public_bytes(pem)
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "certificate.pem").write_bytes(chain + secret)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "certificate.pem")
    return server, WayOut(authorities=folder / "certificate.pem")


@pytest.mark.parametrize("host", ["localhost", "wiki.example.com"])
async def test_the_certificate_must_be_for_the_name_that_was_asked(server, tmp_path, slept, host):
    server_tls, way_out = certificate(host, tmp_path)
    server.plan("/", {"json": {"host": "?"}})
    async with (
        listening(server.answer, tls=server_tls) as port,
        Visit(
            "wiki",
            base_url=f"https://localhost:{port}",
            way_out=way_out,
            politeness=Politeness(max_attempts=1),
        ) as visit,
    ):
        if host == "localhost":
            await visit.get_json("/")
            assert server.seen[0][2]["host"] == f"localhost:{port}"
        else:
            with pytest.raises(SourceUnavailable, match="Hostname mismatch"):
                await visit.get_json("/")
