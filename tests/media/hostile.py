"""A web server that does as a hostile one would: on two addresses of loopback, of which one counts as public."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from huma.errors import HumaError
from huma.media.address import parse_address
from huma.media.inputs import open_web
from huma.media.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PUBLIC: Final = "127.0.0.1"
PRIVATE: Final = "127.0.0.2"
LIST: Final = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:1\n"
SEGMENT: Final = b"#EXTINF:1.0,\n"


def reach(typed: str = PUBLIC, names: Mapping[str, tuple[str, ...]] | None = None) -> Reach:
    """A judgement that takes one address of this machine for one of the internet."""
    return Reach(
        typed, is_public=lambda address: address == PUBLIC, resolve=lambda name: (names or {}).get(name, ())
    )


class Visit(http.server.BaseHTTPRequestHandler):
    """One connection. What it is asked for stands in `server.pages`: a body, or what to do."""

    protocol_version = "HTTP/1.1"
    server: Host

    def do_GET(self) -> None:
        """Answer."""
        host = self.server
        host.asked.append(self.path)
        host.callers.add(self.client_address)
        host.heard.append(dict(self.headers.items()))
        page = host.pages.get(self.path.partition("?")[0])
        try:
            if callable(page):
                page(self)
            elif page is None:
                self.send_error(404)
            else:
                self.give(page)
        except OSError:
            self.close_connection = True

    def give(self, body: bytes, **headers: str) -> None:
        """A whole answer, or the part of it that was asked for."""
        asked = self.headers.get("Range", "")
        start, _, end = asked.removeprefix("bytes=").partition("-")
        part = body[int(start or 0) : int(end) + 1 if end else None]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{int(start) + len(part) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(part)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.send(part)

    def send(self, data: bytes) -> None:
        """Send, and count."""
        self.wfile.write(data)
        self.server.sent += len(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


class Host(http.server.ThreadingHTTPServer):
    """A server on one address, and what it was asked for."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__((address, 0), Visit)
        self.pages: dict[str, bytes | Callable[[Visit], None]] = {}
        self.asked: list[str] = []
        self.heard: list[dict[str, str]] = []
        self.callers: set[object] = set()
        self.sent = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who hang up."""

    def url(self, path: str, host: str = "") -> str:
        """An address of it."""
        return f"http://{host or self.server_address[0]!s}:{self.server_address[1]}{path}"

    def hold(self, folder: Path) -> None:
        """Serve what is in a folder."""
        for each in folder.iterdir():
            if each.is_file():
                self.pages[f"/{each.name}"] = each.read_bytes()


@contextmanager
def host(address: str = PUBLIC) -> Iterator[Host]:
    with Host(address) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def endless(begin: bytes, again: bytes) -> Callable[[Visit], None]:
    """A body that never ends."""

    def page(visit: Visit) -> None:
        visit.send_response(200)
        visit.send_header("Transfer-Encoding", "chunked")
        visit.end_headers()
        for data in _forever(begin, again * (65_536 // len(again) + 1)):
            visit.send(b"%x\r\n%b\r\n" % (len(data), data))

    return page


def _forever(begin: bytes, again: bytes) -> Iterator[bytes]:
    yield begin
    while True:
        yield again


def moved(to: str) -> Callable[[Visit], None]:
    """Somewhere else."""

    def page(visit: Visit) -> None:
        visit.send_response(302)
        visit.send_header("Location", to)
        visit.send_header("Content-Length", "0")
        visit.end_headers()

    return page


def dripping(begin: bytes) -> Callable[[Visit], None]:
    """A body of which a byte comes now and then."""

    def page(visit: Visit) -> None:
        visit.send_response(200)
        visit.send_header("Content-Length", "1000000")
        visit.end_headers()
        visit.send(begin)
        while True:
            visit.send(b"x")
            threading.Event().wait(0.1)

    return page


def read(url: str, of: Reach | None = None, most: int = 10_000) -> int:
    """Open a source and read its packets; how many there were."""
    opened = open_web(parse_address(url), None, of or reach())
    count = 0
    try:
        for packet in opened.packets():
            count += packet.size > 0
            if count >= most:
                break
    finally:
        opened.close()
    return count


def refusal(url: str, of: Reach | None = None) -> HumaError:
    with pytest.raises(HumaError) as refused:
        read(url, of)
    return refused.value
