"""The console's server: a thread with a loop of its own, so that nothing it does holds up the broadcast."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Final

from huma.console.history import History
from huma.console.site import ConsoleSite
from huma.errors import HumaError, TransportError
from huma.net.localserver import LocalServer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Any

    from huma.net.pages import PageFile
    from huma.protocol.strictjson import Members

SAMPLE_EVERY_S: Final = 1.0
_START_S: Final = 5.0
_STOP_S: Final = 3.0


class Console:
    """Shows a state and takes commands.

    `look` gives the state, `metrics` the same for Prometheus, `series` its numbers that are drawn as graphs.
    """

    def __init__(
        self,
        look: Callable[[], dict[str, Any]],
        commands: Mapping[str, Callable[[Members], dict[str, Any]]],
        *,
        token: str,
        host: str,
        port: int,
        page: PageFile | None = None,
        metrics: Callable[[dict[str, Any]], bytes] | None = None,
        series: Callable[[dict[str, Any]], Mapping[str, float | None]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.token = token
        self._look = look
        self._server = LocalServer(host=host, port=port, option="--console", tls=tls)
        self._series = series
        self._history = History()
        self._server.answer = ConsoleSite(
            page=page,
            look=look,
            history=self._history,
            commands=commands,
            token=token,
            metrics=metrics,
            open_metrics=self._server.is_loopback,
        ).answer
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._ready = threading.Event()
        self._wrong: HumaError | None = None
        self._thread = threading.Thread(target=self._work, name="console", daemon=True)

    @property
    def origin(self) -> str:
        """Its address, without the token."""
        return self._server.origin

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is shown, the token too."""
        return self._server.is_loopback or self._server.tls is not None

    @property
    def is_loopback(self) -> bool:
        """Whether nobody on another machine can reach it."""
        return self._server.is_loopback

    def start(self) -> None:
        """Open it; UsageError where the port is taken."""
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise TransportError("the console does not open", code="server-hung")
        if self._wrong is not None:
            raise self._wrong

    def stop(self) -> None:
        """Close it, and every connection."""
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_STOP_S)

    def _work(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._server.start()
        except HumaError as error:
            self._wrong = error
            return
        finally:
            self._ready.set()
        while not self._ended.is_set():
            if self._series is not None:
                await self._sample(self._series)
            try:
                async with asyncio.timeout(SAMPLE_EVERY_S):
                    await self._ended.wait()
            except TimeoutError:
                continue
        await self._server.stop()

    async def _sample(self, series: Callable[[dict[str, Any]], Mapping[str, float | None]]) -> None:
        try:
            state = await asyncio.to_thread(self._look)
            self._history.note(int(time.time() * 1000), series(state))
        except Exception:  # noqa: BLE001 - a graph with a hole is better than no console
            return
