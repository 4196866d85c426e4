"""The threads behind a feed: one opens containers and receives their packets, one decodes them into takes.

They are two, so that a source that returns is received while what came before it still waits for the air.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.errors import HumaError, MediaError
from huma.media.decoding import Decoding
from huma.media.ingest import Ingest
from huma.media.inputs import READ_TIMEOUT_S
from huma.media.take import Take

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.video.frame import VideoFrame

    from huma.media.bulletin import Bulletin
    from huma.media.decoding import Wanted
    from huma.media.inputs import Inputs, Opened

_LOOK_S: Final = 0.2
_TAKES_AHEAD: Final = 2
_RECEPTIONS_AHEAD: Final = 16
_PATIENCE_S: Final = 1.0


@dataclass(slots=True)
class _Reception:
    """One container on its way: received by one thread, decoded by the other."""

    opened: Opened
    decoding: Decoding
    halt: threading.Event = field(default_factory=threading.Event)
    received: threading.Event = field(default_factory=threading.Event)
    over: bool = False
    gave: bool = False
    failed: bool = False


class Reader:
    """Gives takes in order. All that it shows to others is guarded by the condition `changed`."""

    def __init__(
        self,
        inputs: Inputs,
        wanted: Wanted,
        still: VideoFrame,
        bulletin: Bulletin,
        ingest: Ingest | None = None,
    ) -> None:
        self.changed = threading.Condition()
        self.takes: deque[Take] = deque()
        self.finished = False
        self.fault: HumaError | None = None
        self.ingest = ingest or Ingest()
        self._inputs = inputs
        self._wanted = wanted
        self._still = still
        self._bulletin = bulletin
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._receptions: deque[_Reception] = deque()
        self._begun: deque[Take] = deque(maxlen=_TAKES_AHEAD + _RECEPTIONS_AHEAD)
        self._all_received = False
        self._wrong: HumaError | None = None
        self._reached = 0.0

    def start(self) -> None:
        """Begin to read."""
        self._inputs.prepare()
        for name, work, end in (
            ("demux", self._receive, self._end_receiving),
            ("reader", self._decode_all, self._finish),
        ):
            thread = threading.Thread(
                target=self._guarded, args=(work, end), name=f"huma-{name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Stop reading; a source that is waited for is left to its time limit."""
        self._stop.set()
        with self.changed:
            for reception in self._receptions:
                reception.halt.set()
            self.changed.notify_all()
        self._inputs.close()
        for thread in self._threads:
            thread.join(_PATIENCE_S)

    def dump(self, *, refill: bool = True) -> None:
        """Throw away at once all that has arrived and is not on the air. From any thread.

        Args:
            refill: Whether what comes now is held as long as before; otherwise it goes on without a delay.
        """
        with self.changed:
            for reception in self._receptions:
                reception.decoding.lines.dump()
            if not refill:
                self.ingest.delay_s = 0
            for take in self._begun:
                take.discarded = True
            self.takes.clear()
            self.changed.notify_all()

    def hold(self, seconds: float) -> None:
        """Hold what arrives for so long. From any thread."""
        with self.changed:
            self.ingest.delay_s = seconds
            self.changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    @property
    def away(self) -> bool:
        """Whether the source is being waited for."""
        return self._inputs.waiting

    @property
    def held_s(self) -> float:
        """How many seconds of packets wait for the air."""
        with self.changed:
            return sum(each.decoding.lines.held_s for each in self._receptions)

    @property
    def held_bytes(self) -> int:
        """How many bytes of packets wait for the air."""
        with self.changed:
            return sum(each.decoding.lines.held_bytes for each in self._receptions)

    def _guarded(self, work: Callable[[], None], end: Callable[[], None]) -> None:
        """Do the work; what goes wrong is kept until all that was received before it has been played."""
        fault: HumaError | None = None
        try:
            work()
        except HumaError as error:
            fault = error
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence would leave the slate for ever
            fault = MediaError(f"the reader failed: {str(error) or type(error).__name__}")
            fault.__cause__ = error
        with self.changed:
            self._wrong = fault or self._wrong
            end()
            self.changed.notify_all()

    def _end_receiving(self) -> None:
        self._all_received = True

    def _finish(self) -> None:
        self.fault, self.finished = self._wrong, True

    def _receive(self) -> None:
        """One container after the other, from its opening to its last packet."""
        while self._wanted_soon() and (opened := self._inputs.open_next(self._stop)) is not None:
            try:
                decoding = Decoding(opened, self._wanted, self.changed, self.ingest)
            except HumaError as error:
                self._bulletin.tell(f"{opened.name}: {error.message}")
                self._inputs.report(played=False, finished=False)
                opened.close()
                continue
            reception = _Reception(opened, decoding)
            with self.changed:
                self._receptions.append(reception)
                self.changed.notify_all()
            decoding.lines.fill(reception.halt)
            reception.received.set()
            self._report(reception)

    def _wanted_soon(self) -> bool:
        """Wait while takes are waiting: many short files must not all be decoded ahead."""
        with self.changed:
            while not self._stop.is_set() and (
                len(self.takes) > _TAKES_AHEAD or len(self._receptions) > _RECEPTIONS_AHEAD
            ):
                self.changed.wait(_LOOK_S)
        return not self._stop.is_set()

    def _report(self, reception: _Reception) -> None:
        """Say how it went. What is held back can only be said to have come; whoever returns must not wait for it."""
        opened, lines = reception.opened, reception.decoding.lines
        with self.changed:
            held = opened.live and self.ingest.delay_s > 0
            while not held and not reception.over and not self._stop.is_set():
                self.changed.wait(_LOOK_S)
            gave = reception.gave or (held and lines.received and not reception.failed)
        finished = lines.error is None and not reception.failed
        if lines.error is not None:
            self._bulletin.tell(f"{opened.name}: {lines.error.message}")
        self._inputs.report(
            played=gave,
            finished=finished and not opened.live,
            reached=self._reached,
            cut_short=lines.cut_short and not reception.failed,
        )

    def _decode_all(self) -> None:
        """Every reception in its order."""
        while (reception := self._next()) is not None:
            try:
                reception.gave = self._decode(reception.decoding, reception.opened)
            except HumaError as error:
                self._bulletin.tell(f"{reception.opened.name}: {error.message}")
                reception.failed = True
            finally:
                self._end_reception(reception)

    def _next(self) -> _Reception | None:
        with self.changed:
            while not self._receptions and not self._all_received and not self._stop.is_set():
                self.changed.wait(_LOOK_S)
            return self._receptions[0] if self._receptions and not self._stop.is_set() else None

    def _end_reception(self, reception: _Reception) -> None:
        """Close the container, unless its reader still sits in it: then it is left to that."""
        reception.halt.set()
        with self.changed:
            reception.over = True
            self._receptions.remove(reception)
            self.changed.notify_all()
        if not reception.received.is_set():
            self._inputs.hang_up()
        patience = _PATIENCE_S if self._stop.is_set() else READ_TIMEOUT_S + _PATIENCE_S
        if reception.received.wait(patience):
            reception.opened.close()

    def _decode(self, decoding: Decoding, opened: Opened) -> bool:
        take = self._begin(decoding, opened)
        try:
            while not self._stop.is_set() and not decoding.done:
                with self.changed:
                    index = decoding.needed(take)
                    if index is None and not decoding.begins_anew():
                        self.changed.wait(_LOOK_S)
                        continue
                if index is not None:
                    decoding.decode_next(index, take)
                else:
                    decoding.empty_into(take)
                    self._end(take)
                    take = self._begin(decoding, opened)
        finally:
            self._end(take)
        return decoding.gave

    def _begin(self, decoding: Decoding, opened: Opened) -> Take:
        take = Take(
            pictures=decoding.has_pictures,
            languages=decoding.languages,
            rate=self._wanted.sample_rate,
            still=self._still,
            live=opened.live,
            pushed=opened.pushed,
        )
        with self.changed:
            take.discarded = decoding.is_dumped
            if not take.discarded:
                self.takes.append(take)
                self._begun.append(take)
        return take

    def _end(self, take: Take) -> None:
        with self.changed:
            take.closed = True
            if take.start is None and take in self.takes:
                self.takes.remove(take)
            self._reached = take.end
            self.changed.notify_all()
