"""The thread that opens a feed's containers one after the other and fills takes from them."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from huma.errors import HumaError, MediaError
from huma.media.decoding import Decoding
from huma.media.inputs import READ_TIMEOUT_S
from huma.media.take import Take

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from huma.media.bulletin import Bulletin
    from huma.media.decoding import Wanted
    from huma.media.inputs import Inputs, Opened

_LOOK_S: Final = 0.2
_TAKES_AHEAD: Final = 2
_PATIENCE_S: Final = 1.0


class Reader:
    """Gives takes in order. All that it shows to others is guarded by the condition `changed`."""

    def __init__(self, inputs: Inputs, wanted: Wanted, still: VideoFrame, bulletin: Bulletin) -> None:
        self.changed = threading.Condition()
        self.takes: deque[Take] = deque()
        self.finished = False
        self.fault: HumaError | None = None
        self._inputs = inputs
        self._wanted = wanted
        self._still = still
        self._bulletin = bulletin
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._reached = 0.0

    def start(self) -> None:
        """Begin to read."""
        self._inputs.prepare()
        self._thread = threading.Thread(target=self._work, name="huma-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; a source that is waited for is left to its time limit."""
        self._stop.set()
        with self.changed:
            self.changed.notify_all()
        self._inputs.close()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    @property
    def away(self) -> bool:
        """Whether the source is being waited for."""
        return self._inputs.waiting

    def _work(self) -> None:
        fault: HumaError | None = None
        try:
            while self._wanted_soon() and (opened := self._inputs.open_next(self._stop)) is not None:
                self._play(opened)
        except HumaError as error:
            fault = error
        except Exception as error:  # noqa: BLE001 - a thread that dies in silence would leave the slate for ever
            fault = MediaError(f"the reader failed: {str(error) or type(error).__name__}")
            fault.__cause__ = error
        with self.changed:
            self.fault = fault
            self.finished = True
            self.changed.notify_all()

    def _wanted_soon(self) -> bool:
        """Wait while takes are waiting: many short files must not all be decoded ahead."""
        with self.changed:
            while len(self.takes) > _TAKES_AHEAD and not self._stop.is_set():
                self.changed.wait(_LOOK_S)
        return not self._stop.is_set()

    def _play(self, opened: Opened) -> None:
        """All takes of one container. What is wrong with it is told; the next one gets its chance."""
        halt = threading.Event()
        filler: threading.Thread | None = None
        gave = finished = False
        try:
            decoding = Decoding(opened, self._wanted, self.changed)
            filler = threading.Thread(
                target=decoding.lines.fill, args=(halt,), name="huma-demux", daemon=True
            )
            filler.start()
            gave = self._decode(decoding, opened)
            finished = decoding.lines.error is None
            if decoding.lines.error is not None:
                self._bulletin.tell(f"{opened.name}: {decoding.lines.error.message}")
        except HumaError as error:
            self._bulletin.tell(f"{opened.name}: {error.message}")
        finally:
            halt.set()
            self._inputs.report(played=gave, finished=finished and not opened.live, reached=self._reached)
            self._let_go(opened, filler)

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
            self.takes.append(take)
        return take

    def _end(self, take: Take) -> None:
        with self.changed:
            take.closed = True
            if take.start is None and take in self.takes:
                self.takes.remove(take)
            self._reached = take.end
            self.changed.notify_all()

    def _let_go(self, opened: Opened, filler: threading.Thread | None) -> None:
        """Close the container, unless its reader still sits in it: then it is left to that."""
        if filler is not None:
            filler.join(_PATIENCE_S if self._stop.is_set() else READ_TIMEOUT_S + _PATIENCE_S)
            if filler.is_alive():
                return
        opened.container.close()
