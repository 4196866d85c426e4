"""The embedded server, seen from the room that feeds it: put files, delete files, and it shows exactly those."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.errors import BugError, TransportError
from huma.net.frames import Frame, render_frame
from huma.net.listening import cannot_listen

if TYPE_CHECKING:
    from pathlib import Path

BACKLOG: Final = 1024
_RESPAWN_PAUSE_S: Final = 0.5
_STOP_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a certificate chain and its key."""

    cert: Path
    key: Path


class EmbeddedServer:
    """A server process with an exact set of files. It is started again with the same files should it die."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, tls: Tls | None = None, attic: Path | None = None
    ) -> None:
        self._tls = tls
        self._attic = attic
        self._host = host
        self._socket = _bind(host, port)
        self._files: dict[str, Frame] = {}
        self._dirty: OrderedDict[str, None] = OrderedDict()
        self._changed = threading.Condition()
        self._synced = 0
        self._to_sync = 0
        self._stopping = False
        self._deaths = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        """The port that it listens on."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address, ending in a slash."""
        host = "127.0.0.1" if self._host in ("", "0.0.0.0") else "[::1]" if self._host == "::" else self._host  # noqa: S104 - what to show for "everywhere"
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return f"{'https' if self._tls else 'http'}://{shown}:{self.port}/"

    @property
    def deaths(self) -> int:
        """How often the process died and was started again."""
        return self._deaths

    def start(self) -> None:
        """Start the process and the threads that feed and watch it."""
        with self._changed:
            self._spawn()
        for work in (self._write, self._watch):
            thread = threading.Thread(target=work, name=f"serve-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def put(
        self,
        path: str,
        data: bytes,
        *,
        content_type: str,
        cache_control: str,
        extra: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Show a file. Files appear in the order in which they were put; an older version is left out."""
        with self._changed:
            self._files[path] = Frame("put", path, content_type, cache_control, extra, data)
            self._dirty.pop(path, None)
            self._dirty[path] = None
            self._changed.notify_all()

    def delete(self, path: str) -> None:
        """Show a file no more."""
        with self._changed:
            self._files.pop(path, None)
            self._dirty[path] = None
            self._changed.notify_all()

    def sync(self, timeout: float = 10.0) -> None:
        """Wait until all that was put before is shown."""
        with self._changed:
            self._to_sync += 1
            want = self._to_sync
            self._dirty[f"\0{want}"] = None
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._synced >= want or self._stopping, timeout):
                raise TransportError("the server does not answer", code="server-hung")

    def stop(self) -> None:
        """Show what was put last, then end the process and free the port."""
        process = self._process
        with self._changed:
            self._changed.wait_for(lambda: not self._dirty, 1.0)
            self._stopping = True
            self._changed.notify_all()
        if process is not None:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(_STOP_S)
        self._socket.close()

    def _spawn(self) -> None:
        settings = {
            "socket": self._socket.fileno(),
            "backlog": BACKLOG,
            "attic": str(self._attic) if self._attic else "",
            "cert": str(self._tls.cert) if self._tls else "",
            "key": str(self._tls.key) if self._tls else "",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huma.net.worker", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self._socket.fileno()],
        )

    def _write(self) -> None:
        """Feed the process; a broken pipe is mended by `_watch`."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._dirty) or self._stopping)
                process = self._process
                if self._stopping or process is None or process.stdin is None:
                    break
                path, _ = self._dirty.popitem(last=False)
                frame = self._frame(path)
                self._changed.notify_all()
            try:
                for piece in render_frame(frame):
                    process.stdin.write(piece)
                process.stdin.flush()
                if frame.act == "sync" and process.stdout is not None and process.stdout.readline():
                    with self._changed:
                        self._synced = max(self._synced, int(path[1:]))
                        self._changed.notify_all()
            except (BrokenPipeError, ValueError):
                time.sleep(_RESPAWN_PAUSE_S / 10)
        if process is not None and process.stdin is not None:
            try:
                process.stdin.close()
            except BrokenPipeError:
                return

    def _frame(self, path: str) -> Frame:
        if path.startswith("\0"):
            return Frame("sync")
        return self._files.get(path) or Frame("delete", path)

    def _watch(self) -> None:
        """Start the process again when it dies, and put all files again."""
        while True:
            process = self._process
            if process is None:
                raise BugError("the server was never started")
            process.wait()
            with self._changed:
                if self._stopping:
                    return
                self._deaths += 1
            time.sleep(_RESPAWN_PAUSE_S)
            with self._changed:
                if self._stopping:
                    return
                pending = [path for path in self._dirty if path not in self._files]
                self._dirty = OrderedDict.fromkeys([*self._files, *pending])
                unsynced = range(self._synced + 1, self._to_sync + 1)
                self._dirty.update((f"\0{each}", None) for each in unsynced)
                self._spawn()
                self._changed.notify_all()


def look_at_port(host: str, port: int) -> None:
    """See that a server can listen there, before work is done that would be for nothing."""
    if port:
        _bind(host, port).close()


def _bind(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise cannot_listen(host, port, error, "--serve HOST:PORT") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise cannot_listen(host, port, error, "--serve HOST:PORT") from None
    return listening
