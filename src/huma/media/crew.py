"""The threads of a programme. One that dies ends the programme with its error; none is waited for in vain."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

from huma.errors import HumaError, MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_LOOK_S: Final = 0.2
_LEAVE_S: Final = 5.0
STUCK_S: Final = 60.0


class _Over(Exception):  # noqa: N818 - nothing is wrong: the programme ended without this thread
    """Nobody needs this work any more."""


class Crew:
    """Starts threads and hands work between them, and lets the first fault stop everybody."""

    def __init__(self) -> None:
        self.broken = threading.Event()
        self._fault: BaseException | None = None
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Do `work` on a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(name, work), name=f"huma-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def check(self) -> None:
        """Raise the first fault, if there is one."""
        if self._fault is not None:
            raise self._fault

    def dismiss(self) -> None:
        """Let every thread go that still waits for work, and see them off: a codec must not outlive its owner."""
        self.broken.set()
        until = time.monotonic() + _LEAVE_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def put(self, line: queue.Queue[T], item: T) -> None:
        """Put `item` in line, waiting as long as the others still work."""
        given_up = time.monotonic() + STUCK_S
        while True:
            self.check()
            try:
                return line.put(item, timeout=_LOOK_S)
            except queue.Full:
                if time.monotonic() > given_up:
                    raise MediaError("an encoder has not moved for a minute", code="encoder-stuck") from None

    def get(self, line: queue.Queue[T]) -> T:
        """The next item in line."""
        while not self.broken.is_set():
            try:
                return line.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
        raise _Over

    def join(self) -> None:
        """Wait until all have finished, or one has failed; raise its fault."""
        for thread in self._threads:
            while thread.is_alive():
                thread.join(_LOOK_S)
                self.check()
        self.check()

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except _Over:
            return
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must end the programme and not just a thread
            self._fail(name, fault)

    def _fail(self, name: str, fault: Exception) -> None:
        with self._lock:
            if self._fault is not None:
                return
            if isinstance(fault, HumaError):
                self._fault = fault
            else:
                self._fault = MediaError(
                    f"{name} failed: {str(fault) or type(fault).__name__}", code="encoder"
                )
                self._fault.__cause__ = fault
        self.broken.set()
