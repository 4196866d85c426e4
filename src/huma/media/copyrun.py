"""One container on its way through a copy: its packets in, cuts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from av.stream import Discard

from huma.errors import MediaError
from huma.media.carried import EVENT_HINT, CarriedPictures, CarriedSound
from huma.media.cutting import Cutter, Line
from huma.media.languages import choose_sound

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable
    from fractions import Fraction

    from av.packet import Packet
    from av.video.stream import VideoStream

    from huma.media.carried import Unit
    from huma.media.clock import Clock
    from huma.media.cutting import Cut
    from huma.media.inputs import Opened
    from huma.protocol.event import Event, Rendition

_BREAK_S: Final = 10
# Decode times never go back in a stream. A clock that was set back by less than this is one that trembles.
_BACK_S: Final = 1
# No picture is shown so long before or after it is decoded: one of its two time stamps is wrong.
_TWIST_S: Final = 4
_AHEAD_MS: Final = 40


@dataclass(frozen=True, slots=True)
class PlacedCut:
    """A cut, when it began by the wall's clock, and whether something broke before it."""

    cut: Cut
    start_ms: int
    discontinuity: bool


@dataclass(frozen=True, slots=True)
class _Carriage:
    """A rendition, the stream that fills it, and what makes its packets ready."""

    rendition: Rendition
    index: int
    carrier: CarriedPictures | CarriedSound


class CopyRun:
    """Cuts one container. Where its clock jumps or its parameters change, it begins anew behind a discontinuity."""

    def __init__(
        self, opened: Opened, event: Event, clock: Clock, stop: threading.Event, *, resumed: bool
    ) -> None:
        self._clock = clock
        self._stop = stop
        self._paced = not opened.live
        self._tick = event.grid.duration
        self._carriages = _carriages(opened, event)
        self._inits: dict[str, bytes] = {}
        self._newest: Fraction | None = None
        self._newest_of: dict[str, Fraction] = {}
        self._zero: tuple[Fraction, float, int] | None = None
        self._broken = resumed
        self._cutter, self._lines = self._new_cutter()

    def take(self, packet: Packet[Any]) -> list[PlacedCut]:
        """The cuts that a packet makes possible."""
        return [
            cut
            for each in self._carriages
            if each.index == packet.stream_index
            for unit in each.carrier.units(packet)
            for cut in self._take_unit(each.rendition, unit)
        ]

    def finish(self) -> list[PlacedCut]:
        """What has been begun."""
        return self._place(self._cutter.finish())

    def _take_unit(self, rendition: Rendition, unit: Unit) -> list[PlacedCut]:
        line = self._lines[rendition.name]
        time = line.seconds(unit.decode)
        placed = []
        if abs(line.seconds(unit.show - unit.decode)) > _TWIST_S:
            return self._begin_anew()
        if self._jumps(line, unit, time) or self._inits.get(line.name, unit.init) != unit.init:
            placed = self._begin_anew()
            line = self._lines[rendition.name]
        self._inits[line.name] = unit.init
        self._newest = time if self._newest is None else max(time, self._newest)
        self._newest_of[line.name] = time
        self._keep_time(time)
        placed += self._place(self._cutter.add(line, unit))
        if line.waiting_bytes > 2 * rendition.max_bytes:
            raise too_long(rendition.name, line.waiting_bytes)
        return placed

    def _jumps(self, line: Line, unit: Unit, time: Fraction) -> bool:
        """Whether the clock breaks before a unit; late sound of before a break is not one."""
        if self._newest is not None and not -_BREAK_S < time - self._newest < _BREAK_S:
            return True
        before = self._newest_of.get(line.name)
        if before is None or time > before - _BACK_S:
            return False
        if line.silence is None or line.next_time is not None:
            return True
        line.forget_after(unit.show)
        return False

    def _begin_anew(self) -> list[PlacedCut]:
        placed = self.finish()
        self._broken, self._newest, self._zero = True, None, None
        self._newest_of.clear()
        self._cutter, self._lines = self._new_cutter()
        return placed

    def _keep_time(self, time: Fraction) -> None:
        """Wait where a file would be read faster than it plays."""
        if self._zero is None:
            self._zero = time, self._clock.mono(), self._clock.wall()
        due = self._zero[1] + float(time - self._zero[0]) * 1000
        if self._paced and due - self._clock.mono() > _AHEAD_MS:
            self._clock.wait(due, self._stop)

    def _place(self, cuts: Iterable[Cut]) -> list[PlacedCut]:
        placed = []
        for cut in cuts:
            first, _, wall = self._zero or (cut.start, 0.0, self._clock.wall())
            start_ms = wall + int((cut.start - first) * 1000)
            placed.append(PlacedCut(cut, start_ms, self._broken))
            self._broken = False
        return placed

    def _new_cutter(self) -> tuple[Cutter, dict[str, Line]]:
        lines = [_line(each) for each in self._carriages]
        return Cutter(lines, self._tick), {line.name: line for line in lines}


def too_long(name: str, size: int) -> MediaError:
    """A segment that no rendition may have."""
    return MediaError(
        f"a segment of {name} takes {size} bytes: its key frames are too far apart, or its rate is too high",
        code="copy-too-long",
        hint="Let the source's encoder set a key frame every 2 seconds; or leave out --copy.",
    )


def _line(carriage: _Carriage) -> Line:
    carrier = carriage.carrier
    silence = carrier.silence if isinstance(carrier, CarriedSound) else None
    return Line(carriage.rendition.name, lambda: carrier.timescale, silence)


def _carriages(opened: Opened, event: Event) -> list[_Carriage]:
    """What fills each rendition, the pictures first; nothing else of the container is fetched."""
    streams = opened.container.streams
    languages = [each.language or "" for each in event.renditions if each.kind == "audio"]
    found: list[_Carriage] = []
    for each in sorted(event.renditions, key=lambda rendition: rendition.kind == "audio"):
        sounds = choose_sound(streams.audio, languages, found[0].index if found else 0)
        if each.kind == "video" and (picture := _best_picture(streams.video, each)) is not None:
            found.append(_Carriage(each, picture.index, CarriedPictures(picture, each)))
        elif each.kind == "audio" and (sound := sounds.get(each.language or "")) is not None:
            found.append(_Carriage(each, sound.index, CarriedSound(sound, each)))
        else:
            raise MediaError(
                f"the source has nothing for rendition {each.name}", code="copy-differs", hint=EVENT_HINT
            )
    used = {each.index for each in found}
    for stream in streams:
        stream.discard = Discard.default if stream.index in used else Discard.all
    return found


def _best_picture(streams: Iterable[VideoStream], rendition: Rendition) -> VideoStream | None:
    """The stream of the rendition's size, else the largest."""
    wanted = rendition.width, rendition.height
    return max(streams, key=lambda each: ((each.width, each.height) == wanted, each.height), default=None)
