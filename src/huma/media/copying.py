"""The programme that is carried as it is: H.264 and AAC cut into segments, nothing encoded."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from huma.errors import HumaError, MediaError
from huma.media.aac import FRAME_SAMPLES
from huma.media.copyrun import CopyRun, too_long
from huma.media.fmp4 import Sample, fragment
from huma.media.inputs import READ_TIMEOUT_S
from huma.media.readahead import ReadAhead
from huma.media.segment import Segment
from huma.media.state import ProgrammeState
from huma.media.timeline import BASE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.media.bulletin import Bulletin
    from huma.media.clock import Clock
    from huma.media.copyrun import PlacedCut
    from huma.media.cutting import Cut, Piece
    from huma.media.inputs import Inputs, Opened
    from huma.media.segment import Sink
    from huma.protocol.event import Event, Rendition

_LOOK_S: Final = 0.2
_PATIENCE_S: Final = 1.0
# A source may bring a little more at once than there was time for, as HLS does when it is first read.
_AHEAD_TICKS: Final = 4


class _ContainerError(MediaError):
    """One container cannot be carried further; the next may well be."""


class CopiedProgramme:
    """Reads containers one after the other; each break between them is a discontinuity."""

    def __init__(self, inputs: Inputs, event: Event, first: int, clock: Clock, bulletin: Bulletin) -> None:
        self._inputs = inputs
        self._event = event
        self._clock = clock
        self._bulletin = bulletin
        self._renditions = {each.name: each for each in event.renditions}
        self._stop = threading.Event()
        self._first = self._n = first
        self._end: int | None = None
        self._place = BASE_SECONDS + first * event.grid.duration
        self._broken = self._patient = False
        self._source = "waiting"
        self._opened = 0

    def run(self, sink: Sink) -> None:
        """Fill segments until the source ends or `stop` is called."""
        self._inputs.prepare()
        try:
            while not self._done and (opened := self._inputs.open_next(self._stop)) is not None:
                self._opened += 1
                self._source = "playing"
                self._carry(opened, sink)
                self._source = "reconnecting"
        finally:
            self._source = "ended"
            self._inputs.close()

    def stop(self, at_tick: int | None = None) -> None:
        """End now, or before segment `at_tick`."""
        self._end = at_tick
        if at_tick is None:
            self._stop.set()

    def state(self) -> ProgrammeState:
        """How it is doing."""
        return ProgrammeState(
            source=self._source,
            origin="programme" if self._source == "playing" else "slate",
            tick=self._n if self._begun else None,
            returns=max(0, self._opened - 1),
            messages=self._bulletin.messages(),
        )

    @property
    def _begun(self) -> bool:
        return self._n > self._first

    @property
    def _done(self) -> bool:
        return self._stop.is_set() or (self._end is not None and self._n >= self._end)

    def _carry(self, opened: Opened, sink: Sink) -> None:
        """Everything that one container gives."""
        self._patient = not opened.live
        try:
            with _blaming_container():
                run = CopyRun(opened, self._event, self._clock, self._stop, resumed=self._begun)
        except HumaError as error:
            opened.close()
            if not isinstance(error, _ContainerError):
                raise
            self._bulletin.tell(f"{opened.name}: {error.message}")
            self._inputs.report(played=False, finished=False)
            return
        ahead, before, finished = ReadAhead(opened), self._n, False
        try:
            finished = self._pass_on(run, opened.name, ahead, sink)
        except _ContainerError as error:
            self._bulletin.tell(f"{opened.name}: {error.message}")
        finally:
            ahead.leave()
            self._inputs.report(
                played=self._n > before,
                finished=finished and not opened.live,
                reached=ahead.reached_s,
                cut_short=ahead.cut_short,
            )
            ahead.end(_PATIENCE_S if self._stop.is_set() else READ_TIMEOUT_S)

    def _pass_on(self, run: CopyRun, name: str, ahead: ReadAhead, sink: Sink) -> bool:
        """Carry on what is read; whether it came to its end without a fault."""
        while not self._done:
            try:
                item = ahead.take()
            except TimeoutError:
                continue
            if item is None or isinstance(item, HumaError):
                if item is not None:
                    self._bulletin.tell(f"{name}: {item.message}")
                self._finish(run, sink)
                return item is None
            with _blaming_container():
                placed = run.take(item)
            self._emit(placed, sink)
        self._finish(run, sink)
        return False

    def _finish(self, run: CopyRun, sink: Sink) -> None:
        with _blaming_container():
            placed = run.finish()
        self._emit(placed, sink)

    def _emit(self, cuts: list[PlacedCut], sink: Sink) -> None:
        """One segment of every rendition for each cut."""
        for placed in cuts:
            if self._end is not None and self._n >= self._end:
                return
            self._broken |= placed.discontinuity
            if fault := placed.cut.fault:
                self._leave_out(f"a segment that {fault}")
                continue
            if not self._is_time_for(placed.cut):
                continue
            with _blaming_container():
                segments = [self._segment(placed, piece) for piece in placed.cut.pieces]
            for segment in segments:
                sink(segment)
            self._broken = False
            self._n += 1
            self._place += placed.cut.end - placed.cut.start

    def _is_time_for(self, cut: Cut) -> bool:
        """Whether a segment may have the next number: it waits for the clock, so that TICK never passes it (D13).

        What a live source breaks into less than ticks is left out instead: it would have to wait for ever longer.
        """
        if self._early_ms <= 0:
            return True
        if not self._patient and cut.end - cut.start < self._event.grid.duration:
            self._leave_out("what is shorter than a tick: the source breaks off too often")
            return False
        self._bulletin.tell("held back: the source is faster than the clock")
        while self._early_ms > 0 and not self._stop.is_set():
            self._clock.wait(self._clock.mono() + min(self._early_ms, _LOOK_S * 1000), self._stop)
        return not self._stop.is_set()

    @property
    def _early_ms(self) -> int:
        return self._event.grid.start_ms(self._n - _AHEAD_TICKS) - self._clock.wall()

    def _leave_out(self, what: str) -> None:
        self._broken = True
        self._bulletin.tell(f"left out {what}")

    def _segment(self, placed: PlacedCut, piece: Piece) -> Segment:
        rendition, cut = self._renditions[piece.name], placed.cut
        base = round(piece.decodes[0] + (self._place - cut.start) * piece.timescale)
        data = fragment(self._n + 1, max(0, base), _samples(piece, rendition))
        if len(data) > rendition.max_bytes:
            raise too_long(piece.name, len(data))
        video = rendition.kind == "video"
        return Segment(
            rendition=piece.name,
            n=self._n,
            ticks=1,
            data=data,
            init=piece.units[0].init,
            duration=cut.end - cut.start
            if video
            else Fraction(piece.end - piece.decodes[0], piece.timescale),
            start_ms=placed.start_ms,
            discontinuity=self._broken,
            origin="programme",
            complete_mono=self._clock.mono(),
        )


@contextmanager
def _blaming_container() -> Iterator[None]:
    """Whatever a source's bytes can raise ends its container, and nothing else; what no copy can mend ends all."""
    try:
        yield
    except HumaError as error:
        if error.code.startswith("copy-"):
            raise
        raise _ContainerError(error.message, code=error.code, hint=error.hint) from error
    except Exception as error:
        told = f"cannot be carried further: {type(error).__name__}: {error}"
        raise _ContainerError(told, code="source-lost") from error


def _samples(piece: Piece, rendition: Rendition) -> list[Sample]:
    if rendition.kind == "audio":
        return [Sample(unit.data, FRAME_SAMPLES) for unit in piece.units]
    ends = [*piece.decodes[1:], piece.end]
    return [
        Sample(unit.data, max(1, end - decode), unit.show - decode, unit.key)
        for unit, decode, end in zip(piece.units, piece.decodes, ends, strict=True)
    ]
