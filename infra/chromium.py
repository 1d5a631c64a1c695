"""A headless Chromium, driven over its DevTools protocol: for the browser tests and for pictures of the page."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

BINARIES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-port=0",
)
START_TIMEOUT_S = 30.0
CALL_TIMEOUT_S = 30.0


def find_chromium() -> str | None:
    """The path of an installed browser."""
    return next((path for binary in BINARIES if (path := shutil.which(binary))), None)


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._calls = 0
        self.problems: list[str] = []
        """What the page's console complained of: exceptions, refused resources, violations of its policy."""

    async def call(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """One command of the protocol, and its result."""
        self._calls += 1
        call_id = self._calls
        await self._socket.send_str(json.dumps({"id": call_id, "method": method, "params": params}))
        async with asyncio.timeout(CALL_TIMEOUT_S):
            while (told := await self._socket.receive_json()).get("id") != call_id:
                self._note(told)
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        return told["result"]

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """The value of a JavaScript expression, awaited if it is a promise."""
        result = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def wait_for(self, condition: str, *, timeout_s: float = 15.0) -> None:
        """Until the JavaScript expression is truthy."""
        try:
            async with asyncio.timeout(timeout_s):
                while not await self.evaluate(f"Boolean({condition})"):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            text = await self.evaluate("document.body.innerText")
            raise AssertionError(f"never true: {condition}; the page shows: {text}; problems: {self.problems}") from None

    async def open(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.wait_for("document.readyState === 'complete'")

    async def resize(self, width: int, height: int, *, scale: float = 1.0, is_phone: bool = False) -> None:
        """Sizes in CSS pixels; a phone has a touch screen and no mouse."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=is_phone
        )
        await self.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)

    async def prefer(self, **features: str) -> None:
        """Media features by their names with underscores: `prefers_color_scheme="dark"`."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self.call("Emulation.setEmulatedMedia", features=wanted)

    async def click(self, selector: str) -> None:
        """A mouse click in the middle of the element, on whatever is on top there."""
        await self.wait_for(f"document.querySelector({json.dumps(selector)})?.getClientRects().length")
        box = await self.evaluate(
            f"(e => {{ e.scrollIntoView({{block: 'nearest', behavior: 'instant'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2]; }})(document.querySelector({json.dumps(selector)}))"
        )
        at = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
        await self.call("Input.dispatchMouseEvent", type="mousePressed", **at)
        await self.call("Input.dispatchMouseEvent", type="mouseReleased", **at)

    async def write(self, text: str) -> None:
        """Into whatever has the focus."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, *, with_shift: bool = False) -> None:
        """`Enter`, `Escape`, `Tab`."""
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        stroke = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if with_shift else 0}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **stroke, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **stroke)

    async def save_screenshot(self, path: Path) -> None:
        picture = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(picture["data"]))

    def _note(self, told: dict[str, Any]) -> None:
        if told.get("method") == "Runtime.exceptionThrown":
            self.problems.append(str(told["params"]["exceptionDetails"]))
        elif told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] in {"error", "warning"}:
            entry = told["params"]["entry"]
            self.problems.append(f"{entry['text']} {entry.get('url', '')}")


@asynccontextmanager
async def open_chromium(binary: str) -> AsyncIterator[Tab]:
    """A browser with an empty profile of its own, and its one page; it ends with the context."""
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        browser = await asyncio.create_subprocess_exec(
            binary,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _read_port(Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session, session.ws_connect(await _page(session, port), max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await tab.call(f"{domain}.enable")
                yield tab
        finally:
            if browser.returncode is None:
                browser.terminate()
            await browser.wait()


async def _read_port(path: Path) -> int:
    async with asyncio.timeout(START_TIMEOUT_S):
        while not (path.exists() and (written := path.read_text()).count("\n")):
            await asyncio.sleep(0.05)
    return int(written.splitlines()[0])


async def _page(session: aiohttp.ClientSession, port: int) -> str:
    """The socket address of the page that the browser opened with."""
    async with asyncio.timeout(START_TIMEOUT_S):
        while True:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                pages = [target for target in await response.json() if target["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
            await asyncio.sleep(0.05)
