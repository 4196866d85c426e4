"""Byte streams that FFmpeg reads through Python, so that they can be stopped at any moment."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import TYPE_CHECKING, Final

from huma.errors import TransportError, UsageError

if TYPE_CHECKING:
    import threading

    from huma.media.address import Address

_LOOK_S: Final = 0.1
_CONNECT_S: Final = 5.0


class ByteStream:
    """What can be read of a file descriptor until it ends, is stopped, or stays silent for too long."""

    def __init__(self, descriptor: int, stop: threading.Event, idle_s: float | None) -> None:
        self._descriptor = descriptor
        self._stop = stop
        self._idle_s = idle_s

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        asked = time.monotonic()
        while not self._stop.is_set():
            try:
                ready, _, _ = select.select([self._descriptor], [], [], _LOOK_S)
                if ready:
                    return os.read(self._descriptor, size)
            except (OSError, ValueError):
                return b""
            if self._idle_s is not None and time.monotonic() - asked > self._idle_s:
                return b""
        return b""


class Door:
    """Where a TCP source comes in: we call it, or it calls us.

    A listening door stays open, takes one caller at a time, and does not mind strangers: one who sends no MPEG-TS is
    sent away by whoever tried to read it.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._listener: socket.socket | None = None
        self._caller: socket.socket | None = None

    def open(self) -> None:
        """Begin to listen, where that is what this door does."""
        if self._address.listen and self._listener is None:
            try:
                self._listener = socket.create_server((self._address.host, self._address.port), backlog=1)
            except OSError as error:
                why = (error.strerror or str(error)).partition(" (while")[0]
                raise UsageError(
                    f"cannot listen on {self._address.shown}: {why}",
                    code="source-listen",
                    hint="Another program may have that port; 127.0.0.1, or 0.0.0.0 for senders elsewhere, is the host.",
                ) from None
            self._listener.settimeout(_LOOK_S)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._listener.getsockname()[1]) if self._listener else self._address.port

    def admit(self, stop: threading.Event, idle_s: float) -> ByteStream | None:
        """The next caller's stream, or None when stopped."""
        self.hang_up()
        self._caller = self._accept(stop) if self._listener else self._call()
        return None if self._caller is None else ByteStream(self._caller.fileno(), stop, idle_s)

    def hang_up(self) -> None:
        """End the present call."""
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def close(self) -> None:
        """End the call and stop listening."""
        self.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _accept(self, stop: threading.Event) -> socket.socket | None:
        while not stop.is_set() and self._listener is not None:
            try:
                return self._listener.accept()[0]
            except TimeoutError:
                continue
            except OSError:
                return None
        return None

    def _call(self) -> socket.socket:
        try:
            return socket.create_connection((self._address.host, self._address.port), timeout=_CONNECT_S)
        except OSError as error:
            raise TransportError(
                f"{self._address.shown} does not answer: {error.strerror or error}"
            ) from None
