"""An application of aiohttp on a free port of this machine."""

from typing import Any

from aiohttp import web


class Loopback:
    """Serves from `open`, which gives its address, or inside of a context, until it is closed."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, **options)

    async def open(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        await self._runner.cleanup()

    async def __aenter__(self) -> str:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()
