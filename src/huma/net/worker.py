"""The server's own process: shows what it is fed over its standard input, and ends with its feeder.

A process of its own, because a flood of requests must not take the interpreter lock from the encoder's threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from granian._granian import CallbackScheduler, RSGIWorker, SocketHolder
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings, HTTP2Settings
from granian.server.embed import AsyncWorker, Server

from huma.net.app import Application
from huma.net.attic import Attic
from huma.net.frames import read_frame
from huma.net.idle import IdleSweeper
from huma.net.window import Shown, show

if TYPE_CHECKING:
    from typing import IO

HEADER_TIMEOUT_MS: Final = 10_000
HEADERS_MAX_BYTES: Final = 16 * 1024
_SWEEP_EVERY_S: Final = 5.0
_SPARE_HANDLES: Final = 256
_CONNECTIONS_MAX: Final = 32_768


class _Scheduler(CallbackScheduler):
    """Answers on the HTTP layer's own thread.

    granian's schedulers hand each request to an event loop as a task, for applications that wait. Ours never
    does: without the way there and back a request costs 40 % less (bench/serve.py).
    """

    __slots__ = ()

    def __init__(self, *_: Any) -> None:
        super().__init__()

    def answer_with(self, application: Application) -> None:
        """Let `application` answer."""

        def schedule(watcher: Any) -> None:
            try:
                application.answer(watcher.scope, watcher.proto)
            except BaseException as error:  # noqa: BLE001 - an exception in the HTTP layer's thread would end the process
                watcher.err(error)
            else:
                watcher.done()

        self._schedule_fn = schedule


class _SocketServer(Server):
    """granian over a socket that is bound already, with our scheduler.

    granian binds with SO_REUSEPORT, so that a second broadcaster on the port would silently get half of the
    viewers; and its port 0 would be another one each time.
    """

    def __init__(self, handle: int, backlog: int, **settings: Any) -> None:
        super().__init__(backlog=backlog, **settings)
        # granian's own type hints know only the socket that it made itself
        holder: Any = SocketHolder
        self._held = holder(handle, False, backlog)

    def _init_shared_socket(self) -> None:
        self._shd = self._held

    @staticmethod
    @AsyncWorker.wrap_target  # type: ignore[untyped-decorator]
    async def spawn(
        worker_id: int, ended: Any, application: Application, sock: Any, loop: Any, *rest: Any
    ) -> None:
        """Run the HTTP layer until `ended` is set; `rest` is as granian gives it to its own workers."""
        *settings, _, http_mode, http1, http2, websockets, static, _, tls, _ = rest
        finished = loop.create_future()
        ended.add_cb(lambda: loop.call_soon_threadsafe(finished.set_result, None))
        make: Any = RSGIWorker
        worker = make(
            worker_id, sock, None, *settings, http_mode, http1, http2, websockets, static, *tls, (None, None)
        )
        make_scheduler: Any = _Scheduler
        scheduler = make_scheduler(loop, None, None, None, None)
        scheduler.answer_with(application)
        worker.serve_async(scheduler, loop, ended)
        await finished


def main() -> None:
    """Serve until the feeder closes the pipe."""
    settings = json.loads(sys.argv[1])
    for each in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # Ctrl-C reaches the whole group: the feeder ends us, after ENDED
        signal.signal(each, signal.SIG_IGN)
    sys.setswitchinterval(0.001)
    files: dict[str, Shown] = {}
    attic = Attic(Path(settings["attic"])) if settings["attic"] else None
    asyncio.run(_serve(settings, Application(files, attic), files))


async def _serve(settings: dict[str, Any], application: Application, files: dict[str, Shown]) -> None:
    server = _SocketServer(
        settings["socket"],
        settings["backlog"],
        target=application,
        interface=Interfaces.RSGI,
        websockets=False,
        backpressure=_connections(),
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=4 * HEADERS_MAX_BYTES
        ),
        http2_settings=HTTP2Settings(max_concurrent_streams=64, max_headers_size=HEADERS_MAX_BYTES),
        log_enabled=False,
        log_access=False,
        ssl_cert=Path(settings["cert"]) if settings["cert"] else None,
        ssl_key=Path(settings["key"]) if settings["key"] else None,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    loop = asyncio.get_running_loop()
    fed = threading.Thread(target=_feed, args=(sys.stdin.buffer, files, loop, server), daemon=True)
    fed.start()
    sweeping = loop.create_task(_sweep())
    await server.serve(_SocketServer.spawn)
    sweeping.cancel()
    os._exit(
        0
    )  # the interpreter's own end would pull threads of the HTTP layer down in the middle of an answer


def _feed(pipe: IO[bytes], files: dict[str, Shown], loop: asyncio.AbstractEventLoop, server: Server) -> None:
    while (frame := read_frame(pipe)) is not None:
        match frame.act:
            case "put":
                files["/" + frame.path] = show(
                    frame.body,
                    content_type=frame.content_type,
                    cache_control=frame.cache_control,
                    extra=frame.extra,
                )
            case "delete":
                files.pop("/" + frame.path, None)
            case "sync":
                sys.stdout.write("\n")
                sys.stdout.flush()
    loop.call_soon_threadsafe(server.stop)
    last = threading.Timer(2.0, os._exit, (0,))  # a client that holds its connection does not hold us
    last.daemon = True
    last.start()


async def _sweep() -> None:
    sweeper = IdleSweeper()
    while True:
        await asyncio.sleep(_SWEEP_EVERY_S)
        sweeper.sweep()


def _connections() -> int:
    """As many connections as the system gives handles for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    if soft == resource.RLIM_INFINITY:
        return _CONNECTIONS_MAX
    return max(64, min(_CONNECTIONS_MAX, soft - _SPARE_HANDLES))


if __name__ == "__main__":
    main()
