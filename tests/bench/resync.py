"""The nightly run of a wiki of which 1 % changed, beside LangChain's ConfluenceLoader and PGVectorStore.

    python -m tests.bench.resync [--pages 2000 10000]

Both read the same Confluence on loopback, one after the other, in processes of their own, with embeddings that cost
nothing and the same embedded PostgreSQL. Ours is a nightly run after a first one: changes, rights and removals. The
peer has no such run: it loads everything again, without rights. Requests and points are counted by the place itself
(a request is 1 point, an object it gives 1 more: what Atlassian charges OAuth apps); the peer's listing is served
by an address of the same API that ours has no use for.
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from connectors.confluence import ApiToken, ConfluenceSource, Edition, Scope, open_place
from connectors.text.reader import TextReader
from helpdesk_bot.database import migrate_all
from knowledge.chunks import ChunkOptions
from knowledge.embedded_postgres import embedded_postgres
from knowledge.postgres import open_pool
from knowledge.store import Store
from knowledge.sync import sync
from tests.bench.free_embedder import FreeEmbedder
from tests.bench.peers import PEER_PYTHON, PEERS, sqlalchemy_url
from tests.bench.writing import markdown
from tests.databases import create_database
from tests.fakes.confluence import API_TOKEN, EMAIL, ConfluenceServer, Handler
from tests.fakes.confluence_wiki import BOT, Wiki

SPACE = "HELP"
CHANGED_SHARE = 0.01
SIZES = (2_000, 10_000)
PER_FOLDER = 100


class BenchServer(ConfluenceServer):
    """Also lists contents by offset, as `ConfluenceLoader` asks for them."""

    def _routes(self) -> list[tuple[str, Handler, set[str]]]:
        asked_by_peer = {"spaceKey", "start", "limit", "status", "expand", "type"}
        return [("/rest/api/content", self._list_by_offset, asked_by_peer), *super()._routes()]

    async def _list_by_offset(self, request: web.Request) -> web.Response:
        pages = [page for page in self.wiki.contents.values() if page.space == request.query["spaceKey"]]
        start, limit = int(request.query.get("start", 0)), min(int(request.query.get("limit", 25)), 100)
        given = [self._answers.content(page, {"body.storage", "version"}) for page in pages[start : start + limit]]
        return self._give({"results": given, "start": start, "size": len(given)}, objects=len(given))


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run over the whole wiki, and what it cost."""

    requests: int
    points: int
    embedded: int
    took_s: float
    peak_mib: int

    def told(self) -> str:
        return (
            f"{self.requests:,} requests, {self.points:,} points, {self.embedded:,} embedded, {self.took_s:.1f} s, "
            f"peak {self.peak_mib} MiB"
        )


def build_wiki(pages: int) -> Wiki:
    """Folders of `PER_FOLDER` pages each; one folder in ten is restricted."""
    wiki = Wiki()
    wiki.add_user("ada", email="ada@example.com")
    wiki.add_group("users", ["ada", BOT])
    wiki.add_space(SPACE, viewers=["group:users"], name="Help desk")
    parent = None
    for number in range(pages):
        if number % PER_FOLDER == 0:
            parent = wiki.add_page(SPACE, f"Folder {number}", "<p>What is below.</p>")
            if number % (10 * PER_FOLDER) == 0:
                wiki.restrict(parent, [BOT, "ada"])
        wiki.add_page(SPACE, f"Page {number}", body(f"page-{number}"), parent=parent)
    return wiki


def body(key: str) -> str:
    blocks = markdown(key).split("\n\n")
    return "".join(f"<h2>{block[3:]}</h2>" if block.startswith("## ") else f"<p>{block}</p>" for block in blocks)


def change_some(wiki: Wiki, count: int) -> None:
    """One word of each."""
    keys = [key for key, content in wiki.contents.items() if content.title.startswith("Page ")]
    for key in random.Random(5).sample(keys, count):
        wiki.edit(key, wiki.contents[key].body.replace("word", "changed", 1))


async def sync_once(base_url: str, url: str) -> dict[str, float]:
    began = time.monotonic()
    async with (
        open_pool(url, max_size=8) as pool,
        TextReader() as reader,
        open_place("wiki", base_url=base_url, auth=ApiToken(EMAIL, API_TOKEN), edition=Edition.CLOUD) as place,
    ):
        source = ConfluenceSource(place, name="wiki", reader=reader, scope=Scope(spaces=(SPACE,)))
        receipt = await sync(source, store=Store(pool), embedder=FreeEmbedder(), options=ChunkOptions(max_tokens=220))
    assert receipt.state == "complete", receipt
    peak_mib = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "embedded": receipt.chunks_embedded,
        "changed": receipt.changed,
        "took_s": round(time.monotonic() - began, 2),
        "peak_mib": peak_mib,
    }


async def run(server: ConfluenceServer, *command: str) -> Run:
    """Run one side as a process, and count what it asked of the place."""
    requests, points = len(server.asked), server.points
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0
    result = json.loads(told.decode().splitlines()[-1])
    return Run(
        requests=len(server.asked) - requests,
        points=server.points - points,
        embedded=result["embedded"],
        took_s=result["took_s"],
        peak_mib=result["peak_mib"],
    )


async def compare(pages: int, server_url: str) -> None:
    wiki = build_wiki(pages)
    server = BenchServer(wiki)
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}{server.context}"
    url = create_database(server_url, f"ours_{pages}")
    peer_url = create_database(server_url, f"peer_{pages}", with_vector=True)
    await migrate_all(url)
    ours = (sys.executable, "-m", "tests.bench.resync", "--child", server.base_url, url)
    peer = (
        PEER_PYTHON,
        str(PEERS / "reload_confluence.py"),
        server.base_url,
        EMAIL,
        API_TOKEN,
        SPACE,
        sqlalchemy_url(peer_url),
    )
    try:
        print(f"{pages:,} pages")
        print(f"  ours, first run:                 {(await run(server, *ours)).told()}")
        change_some(wiki, round(pages * CHANGED_SHARE))
        print(f"  ours, {CHANGED_SHARE:.0%} changed:                {(await run(server, *ours)).told()}")
        print(f"  ours, nothing changed:           {(await run(server, *ours)).told()}")
        print(f"  ConfluenceLoader + PGVectorStore: {(await run(server, *peer)).told()}")
    finally:
        await runner.cleanup()


async def compare_all(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as work, embedded_postgres(Path(work) / "db") as url:
        for pages in sizes:
            await compare(pages, url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--child", nargs=2, metavar=("BASE_URL", "URL"))
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(asyncio.run(sync_once(*arguments.child))))
    else:
        asyncio.run(compare_all(arguments.pages))


if __name__ == "__main__":
    main()
