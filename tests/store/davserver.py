"""A small WebDAV-like server with knobs: it stores for real, and fails on purpose."""

from __future__ import annotations

import base64
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class DavServer:
    """Files in memory behind a real socket. `mood` says how it fails."""

    mood: str = "ok"
    need_folders: bool = False
    user: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    date: str | None = None
    delay: float = 0.0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._httpd.daemon_threads = True
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._httpd.server_address[1]}/dav/"

    def stop(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _handler(dav: DavServer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class in a closure
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return dav.date or super().date_time_string(timestamp)

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))

        def _spoilt(self) -> bool:
            with dav.lock:
                dav.asked.append((self.command, self.path))
                dav.authorizations.append(self.headers.get("Authorization", ""))
            if dav.delay:
                time.sleep(dav.delay)
            if dav.mood == "hang":
                time.sleep(30)
            elif dav.mood == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif dav.mood == "redirect":
                self._body()
                self._answer(302, Location="http://127.0.0.1:9/elsewhere")
            elif dav.mood.isdecimal():
                self._body()
                self._answer(int(dav.mood))
            elif dav.user and self.headers.get("Authorization") != _basic(dav.user):
                self._body()
                self._answer(401)
            else:
                return False
            return True

        def do_PUT(self) -> None:
            if self._spoilt():
                return
            data = self._body()
            folder = self.path.rpartition("/")[0]
            if dav.need_folders and folder != "/dav" and folder not in dav.folders:
                self._answer(409)
                return
            with dav.lock:
                dav.files[self.path] = data
            self._answer(201)

        def do_MKCOL(self) -> None:
            if self._spoilt():
                return
            folder = self.path.removesuffix("/")
            parent = folder.rpartition("/")[0]
            if folder in dav.folders:
                self._answer(405)
            elif not self.path.endswith("/") or (parent != "/dav" and parent not in dav.folders):
                self._answer(409)
            else:
                dav.folders.add(folder)
                self._answer(201)

        def do_GET(self) -> None:
            if self._spoilt():
                return
            if dav.mood == "endless":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while True:
                    self.wfile.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            if dav.mood == "drip":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                for _ in range(1000):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.02)
            data = dav.files.get(self.path)
            self._answer(404 if data is None else 200, data or b"")

        do_HEAD = do_GET  # noqa: N815 - the base class names it

        def do_DELETE(self) -> None:
            if not self._spoilt():
                self._answer(204 if dav.files.pop(self.path, None) is not None else 404)

    return Handler


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()
