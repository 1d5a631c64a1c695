"""The console in a real browser: from a word in the chat to a decision, by mouse and by keyboard."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from helpdesk_bot.app.app import App, open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.app.parts import web_of
from helpdesk_bot.running import running
from helpdesk_bot.settings import Settings
from infra.chromium import Tab, find_chromium, open_tab, running_chromium
from tests.eventually import eventually
from tests.scenarios.admins import SEEDED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed here"),
]

DESKTOP, PHONE = (1280, 800), (390, 844)
PAGES = ("", "questions", "review", "curated", "prompts", "prompts/answer/packaged", "sources", "audit")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncGenerator[int]:
    binary = find_chromium()
    assert binary
    async with running_chromium(binary) as port:
        yield port


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The whole bot at an address; whoever opens its chat is an admin."""

    app: App
    url: str

    async def fetch(self, query: str) -> list[tuple[object, ...]]:
        async with self.app.knowledge.pool.connection() as connection:
            return await (await connection.execute(query)).fetchall()  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def desk(database_url: str) -> AsyncGenerator[Desk]:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        port = door.getsockname()[1]
        settings = Settings(
            _env_file=None,
            database_url=database_url,
            helpdesk_port=port,
            helpdesk_admins=frozenset({"visitor@localhost"}),
            starter_knowledge=False,
            guard_engine="rules",
        )
        async with open_knowledge(settings, database_url) as knowledge, open_app(knowledge) as app:
            closes = asyncio.Event()
            web = web_of(app, closing=closes)
            async with app.notices.listening(), served(web, door, closes), running(app.worker().run()):
                yield Desk(app=app, url=f"http://localhost:{port}")


@asynccontextmanager
async def served(web: Starlette, door: socket.socket, closes: asyncio.Event) -> AsyncGenerator[None]:
    server = uvicorn.Server(uvicorn.Config(web, log_config=None, ws="none", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    await eventually(lambda: server.started)
    try:
        yield
    finally:
        closes.set()
        server.should_exit = True
        await serving


async def sign_in(tab: Tab, desk: Desk) -> None:
    """By the link that the bot answers `console` with."""
    await tab.open(desk.url)
    await tab.wait_for("!document.getElementById('welcome').hidden")
    await tab.click("#question")
    await tab.write("console")
    await tab.press("Enter")
    await tab.wait_for("document.querySelector('.reply a.button')")
    assert await tab.evaluate("document.querySelector('.reply a.button').rel") == "noopener noreferrer"
    await tab.open(await tab.evaluate("document.querySelector('.reply a.button').href"))
    await tab.wait_for("document.body?.innerText.includes('Open the console')")
    await tab.press("Enter")  # the button has the focus
    await tab.wait_for("location.pathname === '/console/' && document.body?.innerText.includes('Sources')")


async def shows(tab: Tab, text: str) -> None:
    await tab.wait_for(f"document.body?.innerText.includes({text!r})")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_from_a_word_in_the_chat_to_a_decision(browser: int, desk: Desk, size: tuple[int, int]) -> None:
    await desk.fetch(SEEDED)
    async with open_tab(browser) as tab:
        await tab.resize(*size, is_phone=size != DESKTOP)
        await sign_in(tab, desk)
        assert await tab.evaluate("document.cookie") == ""
        for page in PAGES:
            await tab.open(f"{desk.url}/console/{page}")
            assert await tab.evaluate("document.querySelectorAll('h1').length") == 1
            assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        await tab.click(".pages a[href='/console/review']")
        await shows(tab, "When is lunch?")
        await tab.click("button[value=approve]")
        await shows(tab, "Done: approve 1.")
        await tab.click(".pages a[href='/console/curated']")
        await tab.click("details.sure summary")
        await tab.click("button[value=expire]")
        await shows(tab, "Done: expire 1.")
        await tab.click(".bar button")
        await shows(tab, "You are not signed in")
        assert tab.problems == []
        await tab.open(f"{desk.url}/console/")
        await shows(tab, "You are not signed in")
    assert await desk.fetch("select state, decided_by from helpdesk.curated") == [("expired", "visitor")]


async def test_another_sites_form_is_refused(browser: int, desk: Desk) -> None:
    """From another site on this very machine, while the browser is signed in."""
    await desk.fetch(SEEDED)
    form = f"""<form method="post" action="{desk.url}/console/curated"><input name="verb" value="approve">
        <input name="id" value="1"><button>Win a prize</button></form>"""

    async def tempt(_: object) -> HTMLResponse:
        return HTMLResponse(form)

    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        elsewhere = f"http://127.0.0.1:{door.getsockname()[1]}/"
        async with served(Starlette(routes=[Route("/", tempt)]), door, asyncio.Event()), open_tab(browser) as tab:
            await sign_in(tab, desk)
            await tab.open(elsewhere)
            await tab.click("button")
            await shows(tab, "Only the console's own pages may send this.")
            await tab.open(f"{desk.url}/console/curated")
            await shows(tab, "draft")
    assert await desk.fetch("select state from helpdesk.curated") == [("draft",)]


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: int, desk: Desk) -> None:
    async with open_tab(browser) as tab:
        await sign_in(tab, desk)
        await tab.press("Tab")
        assert await tab.evaluate("document.activeElement.className") == "skip"
        await tab.press("Enter")
        await tab.wait_for("document.activeElement.id === 'main'")
        await tab.press("Tab")
        await tab.wait_for("document.activeElement.matches('main a, main button, main [tabindex]')")
        assert await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
