"""Where a copied stream is cut: at the first key frame a tick or more after the last cut, the sound at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING, Final

from huma.config import MAX_TARGET_DURATION_S
from huma.media.aac import FRAME_SAMPLES
from huma.media.reordering import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.media.carried import Unit

# Sound that is later than this behind the pictures is not waited for.
_LATEST_SOUND_S: Final = 2
_HOLE_SAMPLES: Final = FRAME_SAMPLES * 3 // 4
_MOST_FILLING_S: Final = 20
# Time stamps that wander by less than this part of a second are those of one unbroken sound.
_WANDER_PARTS: Final = 250
# EXTINF counts microseconds, and a player half a picture.
_SHORTEST_S: Final = Fraction(1, 1000)
# Pictures may be decoded over so much more than they are shown, and sound be late by as much.
_UNEVEN_S: Final = 3


@dataclass(slots=True)
class Line:
    """The units of one rendition that are waiting for a cut. `silence` makes a frame for a time, where it is sound."""

    name: str
    timescale: Callable[[], int]
    silence: Callable[[int], Unit | None] | None = None
    units: list[Unit] = field(default_factory=list)
    heard: Fraction | None = None
    next_time: int | None = None
    waiting_bytes: int = 0

    def put(self, unit: Unit) -> None:
        """Add a unit."""
        self.units.append(unit)
        self.waiting_bytes += len(unit.data)

    def draw(self, count: int) -> list[Unit]:
        """Take the first `count` units out."""
        drawn, self.units = self.units[:count], self.units[count:]
        self.waiting_bytes -= sum(len(unit.data) for unit in drawn)
        return drawn

    def forget_after(self, time: int) -> None:
        """Leave out what is later than `time`: it is of before the clock went back."""
        kept = [unit for unit in self.units if unit.show <= time]
        self.waiting_bytes -= sum(len(unit.data) for unit in self.units if unit.show > time)
        self.units = kept

    def seconds(self, units: int) -> Fraction:
        """A time of this line in seconds."""
        return Fraction(units, self.timescale())


@dataclass(frozen=True, slots=True)
class Piece:
    """What one rendition has between two cuts: its units, when each is decoded, and the decode time after the last."""

    name: str
    units: tuple[Unit, ...]
    decodes: tuple[int, ...]
    end: int
    timescale: int


@dataclass(frozen=True, slots=True)
class Cut:
    """All renditions between two cuts, which stand in the source's seconds."""

    start: Fraction
    end: Fraction
    pieces: tuple[Piece, ...]

    @property
    def fault(self) -> str:
        """Why no viewer could play this; empty where it makes sense."""
        length = self.end - self.start
        if not _SHORTEST_S <= length <= MAX_TARGET_DURATION_S:
            return f"would last {float(length):.3f} s"
        for piece in self.pieces:
            if (
                taken := Fraction(piece.decodes[-1] - piece.decodes[0], piece.timescale)
            ) > length + _UNEVEN_S:
                return f"would hold {float(taken):.1f} s of {piece.name} in {float(length):.1f} s"
        return ""


class Cutter:
    """Takes units as they come, gives a cut when everything before it is there.

    The first line decides: it has the pictures, or where there are none, a sound.
    """

    def __init__(self, lines: list[Line], tick: Fraction) -> None:
        self._lines = lines
        self._leader = lines[0]
        self._tick = tick
        self._start: Fraction | None = None
        self._cut: tuple[Fraction, int] | None = None

    def add(self, line: Line, unit: Unit) -> list[Cut]:
        """Take a unit; give the cuts that it makes possible."""
        line.heard = line.seconds(unit.show)
        if line is not self._leader:
            self._fill_hole(line, unit)
            line.put(unit)
            return self._cuts()
        if self._start is None:
            if not unit.key:
                return []
            self._start = line.heard
        elif unit.key and self._cut is None and line.heard - self._start >= self._tick:
            self._cut = line.heard, len(line.units)
        line.put(unit)
        return self._cuts()

    def finish(self) -> list[Cut]:
        """What is left, as one last cut."""
        cuts = self._cuts(forced=True)
        if self._start is None or not self._leader.units:
            return cuts
        length = self._usual_length()
        end = self._leader.seconds(max(unit.show for unit in self._leader.units) + length)
        own = self._leader.draw(len(self._leader.units))
        pieces = [_piece(self._leader, own, max(unit.show for unit in own) + length)]
        pieces += [self._sound_piece(line, end) for line in self._lines[1:]]
        start, self._start = self._start, None
        return [*cuts, Cut(start, end, tuple(piece for piece in pieces if piece.units))]

    def _usual_length(self) -> int:
        if self._leader.silence is not None:
            return FRAME_SAMPLES
        steps = [after.decode - before.decode for before, after in pairwise(self._leader.units)]
        return max(1, median_low([step for step in steps if step > 0] or [self._leader.timescale() // 30]))

    def _cuts(self, *, forced: bool = False) -> list[Cut]:
        if self._cut is None or self._start is None:
            return []
        end, count = self._cut
        latest = self._leader.heard or end
        for line in self._lines[1:]:
            missing = line.heard is None or line.heard < end
            if missing and latest < end + _LATEST_SOUND_S and not forced:
                return []
        own = self._leader.draw(count)
        pieces = [_piece(self._leader, own, self._leader.units[0].show)]
        pieces += [self._sound_piece(line, end) for line in self._lines[1:]]
        cut = Cut(self._start, end, tuple(piece for piece in pieces if piece.units))
        self._start, self._cut = end, None
        self._find_waiting_cut()
        return [cut, *self._cuts(forced=forced)]

    def _find_waiting_cut(self) -> None:
        """The next cut may be among what waited for the sound of this one."""
        for index, unit in enumerate(self._leader.units):
            time = self._leader.seconds(unit.show)
            if index and unit.key and self._start is not None and time - self._start >= self._tick:
                self._cut = time, index
                return

    def _sound_piece(self, line: Line, end: Fraction) -> Piece:
        """The frames that begin before `end`, and silence where they stop too early."""
        rate = line.timescale()
        limit = end * rate
        own = line.draw(sum(unit.show < limit for unit in line.units))
        if line.next_time is None and self._start is not None:
            begin = round(self._start * rate)
            own = [unit for unit in own if unit.show >= begin - FRAME_SAMPLES // 2]
            line.next_time = own[0].show if own else begin
        start = line.next_time if line.next_time is not None else round(limit)
        if own and abs(own[0].show - start) * _WANDER_PARTS > rate:
            start = own[0].show
        time = start + len(own) * FRAME_SAMPLES
        while line.silence is not None and not line.units and time + _HOLE_SAMPLES < limit:
            unit = line.silence(time)
            if unit is None:
                break
            own.append(unit)
            time += FRAME_SAMPLES
        line.next_time = time
        decodes = range(start, start + len(own) * FRAME_SAMPLES, FRAME_SAMPLES)
        return Piece(line.name, tuple(own), tuple(decodes), time, rate)

    def _fill_hole(self, line: Line, unit: Unit) -> None:
        """Frames of silence where the sound skips some."""
        before = line.units[-1].show + FRAME_SAMPLES if line.units else line.next_time
        if before is None or line.silence is None or unit.show - before > _MOST_FILLING_S * line.timescale():
            return
        while unit.show - before >= _HOLE_SAMPLES:
            filling = line.silence(before)
            if filling is None:
                return
            line.put(filling)
            before += FRAME_SAMPLES


def _piece(line: Line, units: list[Unit], end: int) -> Piece:
    decodes = aligned([unit.decode for unit in units], [unit.show for unit in units], end)
    return Piece(line.name, tuple(units), tuple(decodes), end, line.timescale())
