"""A door whose publications are real pipes: what a test writes in, the reader reads out."""

from __future__ import annotations

import os
import queue
import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huma.media.doors import Form


class PipeSource:
    """The reading end of a pipe, with a time limit."""

    def __init__(self, idle_s: float = 20) -> None:
        self.reader, self.writer = os.pipe()
        self.closed = threading.Event()
        self._idle_s = idle_s
        self._lock = threading.Lock()

    def read(self, size: int) -> bytes:
        waited = 0.0
        while not self.closed.is_set() and waited < self._idle_s:
            with self._lock:
                ready = not self.closed.is_set() and select.select([self.reader], [], [], 0.05)[0]
                if ready:
                    return os.read(self.reader, size)
            waited += 0.05
        return b""

    def close(self) -> None:
        self.closed.set()
        with self._lock, suppress(OSError):
            os.close(self.reader)

    def send(self, data: bytes) -> None:
        """Write all of it; whoever closed the other end gets no more."""
        with suppress(BrokenPipeError, OSError):
            while data:
                data = data[os.write(self.writer, data) :]

    def end(self) -> None:
        """The publisher hangs up."""
        with suppress(OSError):
            os.close(self.writer)


class PipeDoor:
    """Gives the publications that the test makes, in their order."""

    def __init__(self, name: str = "main", form: Form = "flv") -> None:
        self.name = name
        self.protocol = "pipe"
        self.form: Form = form
        self._line: queue.Queue[PipeSource | Exception | None] = queue.Queue()

    def publish(self, data: bytes | None = None) -> PipeSource:
        """A new publication; with `data`, all of it and then the end, from a thread of its own."""
        source = PipeSource()
        self._line.put(source)
        if data is not None:
            threading.Thread(target=self._send, args=(source, data), daemon=True).start()
        return source

    def fail(self, error: Exception) -> None:
        """Raise this when the next publication is asked for."""
        self._line.put(error)

    def shut(self) -> None:
        """No publication will come any more."""
        self._line.put(None)

    def open_next(self, stop: threading.Event) -> PipeSource | None:
        while not stop.is_set():
            with suppress(queue.Empty):
                item = self._line.get(timeout=0.05)
                if isinstance(item, Exception):
                    raise item
                return item
        return None

    @staticmethod
    def _send(source: PipeSource, data: bytes) -> None:
        source.send(data)
        source.end()
