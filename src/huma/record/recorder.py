"""The recorder: takes every segment beside the publisher, and never makes it wait.

    segment ─▶ a bounded line in memory ─▶ the recorder's own thread ─▶ files

The programme (the best picture with the first language's sound) and each language's sound are files of their own.
What was written survives our own end (kill -9) at once and a power cut after two seconds (`SYNC_EVERY_S`). A disk that
is slow or full costs the recording what does not fit in memory meanwhile; it is counted, said, and gone on from.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from huma.config import MIB
from huma.errors import HumaError, StoreError
from huma.media.pairing import Pairing
from huma.media.selection import Selection, select, sound_of
from huma.record.disk import Disk, told
from huma.record.forecast import Forecast
from huma.record.reel import Reel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from huma.media.pairing import Pair
    from huma.media.segment import Segment
    from huma.protocol.event import Event

SYNC_EVERY_S: Final = 2.0
LINE_BYTES: Final = 64 * MIB
"""What may wait in memory for a disk that is slow."""
RESERVE_BYTES: Final = 512 * MIB
"""What is left free: the log and the spool of the broadcast may stand on the same disk, and come first."""
_LATE_S: Final = 5.0
_LOOK_S: Final = 0.5
_TOO_LITTLE = StoreError(
    "the disk of the recording is nearly full",
    code="record-full",
    hint="Free space there: the recording goes on by itself. What is on the air is not touched by it.",
)


@dataclass(frozen=True, slots=True)
class RecorderState:
    """How the recording is doing. `code` is empty when all is well.

    Attributes:
        since_ms: The Unix millisecond of the first recorded picture or sound, None before it.
        seconds: How much of the programme has been recorded.
        bytes: What has been written, over all files; it grows as long as all is well.
        files: The names of the files, oldest first.
        dropped: Segments that could not be recorded.
        waiting_bytes: What waits for the disk.
        free_bytes: What is free on the disk, None where that is not known.
        full_in_s: In how many seconds the disk will be full, the reserve kept; None where that is not known.
    """

    since_ms: int | None = None
    seconds: float = 0.0
    bytes: int = 0
    files: tuple[str, ...] = ()
    dropped: int = 0
    waiting_bytes: int = 0
    free_bytes: int | None = None
    full_in_s: float | None = None
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class _Lane:
    """A recording, and what it is made of."""

    reel: Reel
    pairing: Pairing
    names: frozenset[str] = field(default_factory=frozenset)


class Recorder:
    """Records an event's programme into a folder."""

    def __init__(
        self,
        event: Event,
        folder: Path,
        *,
        disk: Disk | None = None,
        line_bytes: int = LINE_BYTES,
        reserve_bytes: int = RESERVE_BYTES,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._disk = disk or Disk(folder)
        self._lanes = _lanes(event, self._disk)
        self._names = frozenset[str]().union(*(lane.names for lane in self._lanes))
        self._line_bytes = line_bytes
        self._reserve = reserve_bytes
        self._mono = mono
        self._changed = threading.Condition()
        self._line: deque[tuple[float, Segment]] = deque()
        self._waiting = 0
        self._closing = False
        self._state = RecorderState()
        self._forecast = Forecast()
        self._synced_at = self._looked_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    @property
    def state(self) -> RecorderState:
        """How it is doing, from any thread."""
        with self._changed:
            late = bool(self._line) and self._mono() - self._line[0][0] > _LATE_S
            state = replace(self._state, waiting_bytes=self._waiting)
        if late and not state.code:
            return replace(state, code="record-slow", message="the disk of the recording is slow")
        return state

    def start(self) -> None:
        """Begin.

        Raises:
            StoreError: The folder cannot be made or written.
        """
        self._disk.prepare()
        self._thread.start()

    def take(self, segment: Segment) -> None:
        """Take a segment, from any thread. It never waits and never fails: what finds no room is left out."""
        if segment.rendition not in self._names:
            return
        with self._changed:
            if self._closing or self._waiting + len(segment.data) > self._line_bytes:
                self._state = replace(self._state, dropped=self._state.dropped + 1)
                return
            self._line.append((self._mono(), segment))
            self._waiting += len(segment.data)
            self._changed.notify()

    def close(self, timeout: float = 10.0) -> bool:
        """Write what waits, and give the files their index; False when the disk took longer than `timeout` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            taken = self._next()
            if taken is None:
                break
            for segment in taken:
                self._record(segment)
            self._sync_and_look()
        for lane in self._lanes:
            for pair in lane.pairing.rest():
                self._write(lane, pair)
            self._try(lane.reel.finish)
        with self._changed:
            self._state = replace(self._state, bytes=self._bytes())

    def _next(self) -> list[Segment] | None:
        """The next segment, none after a while; None at the end."""
        with self._changed:
            if not self._line and not self._closing:
                self._changed.wait(_LOOK_S)
            if self._line:
                _, segment = self._line.popleft()
                self._waiting -= len(segment.data)
                return [segment]
            return None if self._closing else []

    def _record(self, segment: Segment) -> None:
        for lane in self._lanes:
            if segment.rendition in lane.names:
                for pair in lane.pairing.add(segment):
                    self._write(lane, pair)

    def _write(self, lane: _Lane, pair: Pair) -> None:
        free = self._state.free_bytes
        if free is not None and free < self._reserve + pair.size:
            self._missed(_TOO_LITTLE, len(pair.segments))
            return
        if self._try(lambda: lane.reel.write(pair), dropping=len(pair.segments)):
            self._wrote(pair)

    def _try(self, work: Callable[[], None], *, dropping: int = 0) -> bool:
        try:
            work()
        except OSError as error:
            self._missed(told(error), dropping)
        except HumaError as error:
            self._missed(error, dropping)
        except Exception as error:  # noqa: BLE001 - a mistake here must not end the recording, still less the broadcast
            self._missed(HumaError(f"recording failed: {type(error).__name__}", code="bug"), dropping)
        else:
            return True
        return False

    def _missed(self, error: HumaError, dropped: int) -> None:
        with self._changed:
            self._state = replace(
                self._state, dropped=self._state.dropped + dropped, code=error.code, message=error.message
            )

    def _wrote(self, pair: Pair) -> None:
        programme = self._lanes[0].reel
        since = min(each.start_ms for each in pair.segments)
        with self._changed:
            known = self._state.since_ms
            self._state = replace(
                self._state,
                since_ms=since if known is None else min(known, since),
                seconds=float(programme.seconds),
                bytes=self._bytes(),
                files=tuple(path.name for lane in self._lanes for path in lane.reel.files),
                code="",
                message="",
            )

    def _bytes(self) -> int:
        return sum(lane.reel.bytes for lane in self._lanes)

    def _sync_and_look(self) -> None:
        """Force down what was written, and see how much room is left: both now and then."""
        now = self._mono()
        if now - self._synced_at >= SYNC_EVERY_S:
            for lane in self._lanes:
                self._try(lane.reel.sync)
            self._synced_at = self._mono()
        if now - self._looked_at >= SYNC_EVERY_S:
            self._try(self._look)
            self._looked_at = self._mono()

    def _look(self) -> None:
        free = self._disk.free_bytes()
        self._forecast.note(self._mono(), self._state.bytes)
        full_in_s = self._forecast.full_in_s(free - self._reserve)
        with self._changed:
            self._state = replace(self._state, free_bytes=free, full_in_s=full_in_s)


def _lanes(event: Event, disk: Disk) -> list[_Lane]:
    """The programme, then each language's sound."""
    selections = [("programme", select(event))]
    for language in event.languages:
        sound = sound_of(event, language.code, beside=selections[0][1].video)
        if sound is not None:
            selections.append((f"sound-{language.code}", Selection(None, sound)))
    return [
        _Lane(Reel(stem, selection.names[0], disk), Pairing(selection), frozenset(selection.names))
        for stem, selection in selections
    ]
