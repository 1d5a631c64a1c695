"""Take the picture of the browser chat that the README shows, or of a page of the console.

    .venv/bin/python -m infra.screenshot http://localhost:8080 docs/chat.png --question "How do I reset my VPN token?"
    .venv/bin/python -m infra.screenshot http://localhost:8080 docs/console.png --console /console/

Asks the question at the page, waits for the answer, opens its first source and takes the picture. The console is opened
by the link that the bot answers `console` with: HELPDESK_ADMINS has to have visitor@localhost.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from infra.chromium import Tab, find_chromium, open_tab, running_chromium

DESKTOP = (1280, 800)
PHONE = (390, 844)
SCALE = 2.0


async def take_picture(url: str, out: Path, wanted: argparse.Namespace) -> None:
    binary = find_chromium()
    if binary is None:
        sys.exit("No Chromium is installed here: on Debian, `apt-get install chromium`.")
    async with running_chromium(binary) as port, open_tab(port) as tab:
        await tab.resize(*(PHONE if wanted.phone else DESKTOP), scale=SCALE, is_phone=wanted.phone)
        await tab.prefer(prefers_color_scheme="dark" if wanted.dark else "light", prefers_reduced_motion="reduce")
        await tab.open(url)
        await tab.wait_for("!document.getElementById('welcome').hidden || document.querySelector('.exchange')")
        if wanted.question:
            await ask(tab, wanted.question, answer_timeout_s=wanted.timeout_s, with_source=not wanted.closed)
        if wanted.console:
            await open_console(tab, f"{url.rstrip('/')}{wanted.console}")
        await tab.save_screenshot(out)


async def open_console(tab: Tab, page: str) -> None:
    await ask(tab, "console", answer_timeout_s=30.0, with_source=False)
    link = "document.querySelector('.reply a.button')"
    await tab.wait_for(link)
    await tab.open(await tab.evaluate(f"{link}.href"))
    await tab.click("main button")
    await tab.wait_for("location.pathname === '/console/' && document.querySelector('.bar')")
    await tab.open(page)


async def ask(tab: Tab, question: str, *, answer_timeout_s: float, with_source: bool) -> None:
    await tab.click("#question")
    await tab.write(question)
    await tab.press("Enter")
    await tab.wait_for("document.querySelector('.reply')", timeout_s=answer_timeout_s)
    if with_source and await tab.evaluate("!!document.querySelector('.citation')"):
        await tab.click(".citation")
        await tab.wait_for("document.getElementById('passage-text').innerText && !document.querySelector('.loading')")
    await tab.evaluate("document.activeElement.blur()")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the bot runs")
    parser.add_argument("out", type=Path, help="the PNG to write")
    parser.add_argument("--question", default="", help="what to ask; without it, the welcome page is shown")
    parser.add_argument("--console", metavar="PATH", default="", help="the page of the console to show")
    parser.add_argument("--closed", action="store_true", help="leave the sources closed")
    parser.add_argument("--phone", action="store_true", help="the size of a phone")
    parser.add_argument("--dark", action="store_true", help="the dark colours")
    parser.add_argument("--timeout-s", type=float, default=60.0, help="how long to wait for the answer")
    wanted = parser.parse_args()
    asyncio.run(take_picture(wanted.url, wanted.out, wanted))


if __name__ == "__main__":
    main()
