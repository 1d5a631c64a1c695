"""A headless Chromium, driven over its DevTools protocol: for the browser tests and for pictures of the page."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

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


class Navigated(RuntimeError):
    """The page was left for another one before it told what it was asked."""


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._calls = 0
        self.problems: list[str] = []
        """What the page's console complained of: exceptions, refused resources, violations of its policy."""

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        self._calls += 1
        call_id = self._calls
        await self._socket.send_str(json.dumps({"id": call_id, "method": method, "params": params}))
        async with asyncio.timeout(CALL_TIMEOUT_S):
            while (told := await self._socket.receive_json()).get("id") != call_id:
                self._note(told)
        if "error" in told:
            message = told["error"]["message"]
            raise (Navigated if "navigated" in message else RuntimeError)(f"{method}: {message}")
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
                while True:
                    with suppress(Navigated):
                        if await self.evaluate(f"Boolean({condition})"):
                            return
                    await asyncio.sleep(0.02)
        except TimeoutError:
            text = await self.evaluate("document.body.innerText")
            raise AssertionError(
                f"never true: {condition}; the page shows: {text}; problems: {self.problems}"
            ) from None

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
        element = f"document.querySelector({json.dumps(selector)})"
        await self.wait_for(f"{element}?.getClientRects().length")
        await self.evaluate(f"{element}.scrollIntoView({{block: 'nearest', behavior: 'instant'}})")
        box = await self.evaluate(f"{element}.getBoundingClientRect().toJSON()")
        middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        await self.call("Input.dispatchMouseEvent", type="mousePressed", button="left", clickCount=1, **middle)
        await self.call("Input.dispatchMouseEvent", type="mouseReleased", button="left", clickCount=1, **middle)

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
async def running_chromium(binary: str) -> AsyncGenerator[int]:
    """A browser of our own, with an empty profile, as the port of its protocol; it ends with the context."""
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        browser = await asyncio.create_subprocess_exec(
            binary,
            *FLAGS,
            f"--user-data-dir={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _read_port(Path(profile) / "DevToolsActivePort")
            yield port
            async with _connected(port, await _find_browser(port)) as connection:
                await connection.call("Browser.close")  # it writes its profile to the end, so that it can be removed
            await asyncio.wait_for(browser.wait(), START_TIMEOUT_S)
        finally:
            if browser.returncode is None:
                browser.terminate()
                await browser.wait()


@asynccontextmanager
async def open_tab(port: int) -> AsyncGenerator[Tab]:
    """A page that shares no cookie and no storage with any other."""
    async with _connected(port, await _find_browser(port)) as browser:
        profile = (await browser.call("Target.createBrowserContext"))["browserContextId"]
        target = await browser.call("Target.createTarget", url="about:blank", browserContextId=profile)
        async with _connected(port, f"/devtools/page/{target['targetId']}") as tab:
            for domain in ("Page", "Runtime", "Log"):
                await tab.call(f"{domain}.enable")
            yield tab
        await browser.call("Target.disposeBrowserContext", browserContextId=profile)


@asynccontextmanager
async def _connected(port: int, path: str) -> AsyncGenerator[Tab]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
    ):
        yield Tab(socket)


async def _find_browser(port: int) -> str:
    """The path of the protocol's connection to the browser as a whole."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/json/version") as response:
        return urlsplit((await response.json())["webSocketDebuggerUrl"]).path


async def _read_port(path: Path) -> int:
    async with asyncio.timeout(START_TIMEOUT_S):
        while True:
            written = await asyncio.to_thread(_read_if_there, path)
            if "\n" in written:
                return int(written.splitlines()[0])
            await asyncio.sleep(0.05)


def _read_if_there(path: Path) -> str:
    return path.read_text() if path.exists() else ""
