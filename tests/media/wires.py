"""Programmes in a thread of their own, and the wires that their sources come over."""

from __future__ import annotations

import functools
import http.server
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from huma.media.clock import FastClock, RealClock
from huma.media.programme import open_programme
from tests.media.events import audio, event, video
from tests.media.making import TONE, decodes_cleanly, movie
from tests.media.reading import Collected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from huma.media.doors import DoorSource
    from huma.media.segment import Segment
    from huma.media.state import Programme
    from huma.protocol.event import Event

BRIGHT = "color=white:s=320x180:r=30"


def plain() -> Event:
    return event(video("v180", 320, 180, 300_000, codecs="avc1.64000d"), audio("a-en", "en"))


def stream(folder: Path, seconds: float = 4, name: str = "bright.ts") -> bytes:
    """White pictures with a tone: nothing like the slate."""
    return movie(folder / name, seconds=seconds, picture=BRIGHT, sound=TONE).read_bytes()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


class Running:
    """A programme in a thread of its own, with what it has made so far."""

    def __init__(
        self,
        source: str | list[str],
        clock: FastClock | RealClock,
        first: int = 4,
        *,
        of: Event | None = None,
        doors: Mapping[str, DoorSource] | None = None,
    ) -> None:
        self.segments = Collected()
        what = of or plain()
        self.programme: Programme = open_programme(
            source, event=what, first_tick=first, clock=clock, copy=what.copy, doors=doors
        )
        self.error: BaseException | None = None
        self._seen = threading.Condition()
        self.segments.on_segment = self._note
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.programme.run(self.segments)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        with self._seen:
            self._seen.notify_all()

    def _note(self, _: Segment) -> None:
        with self._seen:
            self._seen.notify_all()

    def wait_for(self, what: Callable[[Collected], bool], limit_s: float = 30) -> None:
        with self._seen:
            assert self._seen.wait_for(lambda: what(self.segments) or self.error is not None, limit_s), (
                self.programme.state()
            )
        assert self.error is None, self.error

    def end(self) -> None:
        self.programme.stop()
        self._thread.join(15)
        assert not self._thread.is_alive()


@contextmanager
def running(source: str, *, paced: bool = False) -> Iterator[Running]:
    grid = plain().grid
    clock = RealClock() if paced else FastClock(grid.start_ms(4))
    run = Running(source, clock, grid.tick_at(clock.wall()) + 1 if paced else 4)
    try:
        yield run
    finally:
        run.end()


def send(port: int, data: bytes, *, chunk: int = 65_536) -> None:
    """Send as fast as the other side takes it."""
    with call(port) as line:
        for start in range(0, len(data), chunk):
            line.sendall(data[start : start + chunk])


def call(port: int) -> socket.socket:
    """Connect, as soon as somebody listens."""
    limit = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            assert time.monotonic() < limit
            time.sleep(0.05)


def assert_no_hole(run: Running, folder: Path) -> None:
    for name in run.segments.by_name:
        numbers = [each.n for each in run.segments[name]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert not any(each.discontinuity for each in run.segments[name])
        assert len({each.init for each in run.segments[name]}) == 1
        assert decodes_cleanly(run.segments.save(name, folder)), name


def origins(segments: list[Segment]) -> str:
    """p and s for programme and slate, repeats left out."""
    letters = [each.origin[0] for each in segments]
    return "".join(now for now, before in zip(letters, ["", *letters], strict=False) if now != before)


def after_slate(pattern: str) -> Callable[[Collected], bool]:
    """Whether so much was seen after the slate of the beginning."""
    return lambda made: origins(made["v180"]).lstrip("s").startswith(pattern)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextmanager
def web(folder: Path, port: int = 0, asked: list[str] | None = None) -> Iterator[int]:
    """Serve a folder; the paths that were asked for go into `asked`."""

    class Noting(_Quiet):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            super().do_GET()

    handler = functools.partial(Noting, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
