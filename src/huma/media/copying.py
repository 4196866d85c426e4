"""The programme that is carried as it is: H.264 and AAC cut into segments, nothing encoded."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from av.error import FFmpegError
from av.stream import Discard

from huma.errors import HumaError, MediaError
from huma.media.carried import CarriedPictures, CarriedSound
from huma.media.cutting import Cutter, Line
from huma.media.fmp4 import Sample, fragment
from huma.media.inputs import READ_TIMEOUT_S, reason
from huma.media.languages import choose_sound
from huma.media.segment import Segment
from huma.media.state import ProgrammeState
from huma.media.timeline import BASE_SECONDS

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

    from huma.media.bulletin import Bulletin
    from huma.media.carried import Unit
    from huma.media.clock import Clock
    from huma.media.cutting import Cut, Piece
    from huma.media.inputs import Inputs, Opened
    from huma.media.segment import Sink
    from huma.protocol.event import Event, Rendition

_QUEUE: Final = 256
_LOOK_S: Final = 0.2
_AHEAD_MS: Final = 40
_BREAK_S: Final = 10
_END: Final = None


class CopiedProgramme:
    """Reads containers one after the other; each break between them is a DISCONTINUITY."""

    def __init__(self, inputs: Inputs, event: Event, first: int, clock: Clock, bulletin: Bulletin) -> None:
        self._inputs = inputs
        self._event = event
        self._clock = clock
        self._bulletin = bulletin
        self._renditions = {each.name: each for each in event.renditions}
        self._stop = threading.Event()
        self._last_n: int | None = None
        self._n = first
        self._place = BASE_SECONDS + first * event.grid.duration
        self._source = "waiting"
        self._returns = -1
        self._begun = False

    def run(self, sink: Sink) -> None:
        """Fill segments until the source ends or `stop` is called."""
        self._inputs.prepare()
        try:
            while (opened := self._inputs.open_next(self._stop)) is not None and not self._done:
                self._source = "playing"
                self._returns += 1
                self._carry(opened, sink)
                self._source = "reconnecting"
        finally:
            self._source = "ended"
            self._inputs.close()

    def stop(self, at_tick: int | None = None) -> None:
        """End now, or before segment `at_tick`."""
        self._last_n = at_tick
        if at_tick is None:
            self._stop.set()

    def state(self) -> ProgrammeState:
        """How it is doing."""
        return ProgrammeState(
            source=self._source,
            origin="programme" if self._source == "playing" else "slate",
            tick=self._n if self._begun else None,
            returns=max(0, self._returns),
            messages=self._bulletin.messages(),
        )

    @property
    def _done(self) -> bool:
        return self._stop.is_set() or (self._last_n is not None and self._n >= self._last_n)

    def _carry(self, opened: Opened, sink: Sink) -> None:
        """Everything that one container gives."""
        packets: queue.Queue[Packet[Any] | HumaError | None] = queue.Queue(_QUEUE)
        halt = threading.Event()
        run: _Run | None = None
        finished = False
        try:
            run = _Run(self, opened, sink)
            reader = threading.Thread(
                target=_read, args=(opened, packets, halt), name="huma-demux", daemon=True
            )
            reader.start()
            finished = self._pass_on(run, packets)
        except MediaError as error:
            if error.code.startswith("copy-"):
                raise
            self._bulletin.tell(f"{opened.name}: {error.message}")
        finally:
            halt.set()
            self._inputs.report(played=run is not None and run.gave, finished=finished and not opened.live)
        if run is not None:
            reader.join(_LOOK_S if self._stop.is_set() else READ_TIMEOUT_S)
            if not reader.is_alive():
                opened.container.close()

    def _pass_on(self, run: _Run, packets: queue.Queue[Packet[Any] | HumaError | None]) -> bool:
        """Carry on what was read; whether it came to its end without a fault."""
        item: Packet[Any] | HumaError | None = None
        while not self._done:
            try:
                item = packets.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if item is _END:
                break
            if isinstance(item, HumaError):
                self._bulletin.tell(f"{run.name}: {item.message}")
                break
            run.take(item)
        run.finish()
        return item is _END

    def emit(self, cut: Cut, sink: Sink, *, start_ms: int, discontinuity: bool) -> None:
        """One segment of every rendition."""
        if self._done and self._last_n is not None:
            return
        for piece in cut.pieces:
            rendition = self._renditions[piece.name]
            offset = (self._place - cut.start) * piece.timescale
            data = fragment(self._n + 1, max(0, round(piece.start + offset)), _samples(piece))
            _refuse_too_big(rendition, len(data))
            length = cut.end - cut.start if rendition.kind == "video" else None
            sink(
                Segment(
                    rendition=piece.name,
                    n=self._n,
                    ticks=1,
                    data=data,
                    init=piece.units[0].init,
                    duration=length or Fraction(piece.end - piece.start, piece.timescale),
                    start_ms=start_ms,
                    discontinuity=discontinuity,
                    origin="programme",
                    complete_mono=self._clock.mono(),
                )
            )
        self._begun = True
        self._n += 1
        self._place += cut.end - cut.start

    @property
    def begun(self) -> bool:
        """Whether a segment has been made."""
        return self._begun

    @property
    def event(self) -> Event:
        """The event whose renditions are filled."""
        return self._event

    def keep_time(self, due_mono: float) -> None:
        """Wait where a file would be read faster than it plays."""
        if due_mono - self._clock.mono() > _AHEAD_MS:
            self._clock.wait(due_mono, self._stop)

    @property
    def clock(self) -> Clock:
        """What paces it."""
        return self._clock


class _Run:
    """One container from its first key frame to its end."""

    def __init__(self, programme: CopiedProgramme, opened: Opened, sink: Sink) -> None:
        self.name = opened.name
        self.gave = False
        self._programme = programme
        self._paced = not opened.live
        self._sink = sink
        self._carriers, self._names = _carriers(opened, programme.event)
        self._inits: dict[str, bytes] = {}
        self._newest: Fraction | None = None
        self._zero: tuple[Fraction, float, int] | None = None
        self._broken = programme.begun
        self._cutter, self._lines = self._new_cutter()

    def take(self, packet: Packet[Any]) -> None:
        """Carry a packet on."""
        for index, carrier, name in self._names:
            if index != packet.stream_index:
                continue
            for unit in carrier.units(packet):
                self._take_unit(self._lines[name], unit)

    def finish(self) -> None:
        """Give out what has been begun."""
        self._emit(self._cutter.finish())

    def _take_unit(self, line: Line, unit: Unit) -> None:
        time = line.seconds(unit.decode)
        jumped = self._newest is not None and not -_BREAK_S < time - self._newest < _BREAK_S
        changed = self._inits.get(line.name, unit.init) != unit.init
        if jumped or changed:
            self.finish()
            self._broken, self._newest = True, None
            self._zero = None
            self._cutter, self._lines = self._new_cutter()
            line = self._lines[line.name]
        self._inits[line.name] = unit.init
        self._newest = time if self._newest is None else max(time, self._newest)
        self._keep_time(time)
        self._emit(self._cutter.add(line, unit))
        limit = next(each.max_bytes for each in self._programme.event.renditions if each.name == line.name)
        if line.waiting_bytes > 2 * limit:
            raise _too_long(line.name, line.waiting_bytes)

    def _keep_time(self, time: Fraction) -> None:
        clock = self._programme.clock
        if self._zero is None:
            self._zero = time, clock.mono(), clock.wall()
        if self._paced:
            self._programme.keep_time(self._zero[1] + float(time - self._zero[0]) * 1000)

    def _emit(self, cuts: list[Cut]) -> None:
        for cut in cuts:
            first, _, wall = self._zero or (cut.start, 0.0, 0)
            start_ms = wall + int((cut.start - first) * 1000)
            self._programme.emit(cut, self._sink, start_ms=start_ms, discontinuity=self._broken)
            self._broken = False
            self.gave = True

    def _new_cutter(self) -> tuple[Cutter, dict[str, Line]]:
        lines = []
        for name, carrier in self._carriers.items():
            silence = carrier.silence if isinstance(carrier, CarriedSound) else None
            lines.append(Line(name, lambda carrier=carrier: carrier.timescale, silence))  # type: ignore[misc]
        return Cutter(lines, self._programme.event.grid.duration), {line.name: line for line in lines}


def _carriers(
    opened: Opened, event: Event
) -> tuple[dict[str, CarriedPictures | CarriedSound], list[tuple[int, CarriedPictures | CarriedSound, str]]]:
    """What carries each rendition, the pictures first; and the streams in the order of their use."""
    streams = opened.container.streams
    carriers: dict[str, CarriedPictures | CarriedSound] = {}
    names: list[tuple[int, CarriedPictures | CarriedSound, str]] = []
    sounds = choose_sound(
        streams.audio, [each.language or "" for each in event.renditions if each.kind == "audio"]
    )
    for each in sorted(event.renditions, key=lambda rendition: rendition.kind == "audio"):
        stream: Stream | None
        if each.kind == "video":
            video = max(
                streams.video,
                key=lambda stream: (
                    (stream.width, stream.height) == (each.width, each.height),
                    stream.height,
                ),
                default=None,
            )
            carrier: CarriedPictures | CarriedSound | None = CarriedPictures(video, each) if video else None
            stream = video
        else:
            audio = sounds.get(each.language or "")
            carrier = CarriedSound(audio, each) if audio else None
            stream = audio
        if carrier is None or stream is None:
            raise MediaError(
                f"the source has nothing for rendition {each.name}",
                code="copy-differs",
                hint="Make the event for this source: huma new DIR --copy-from SOURCE.",
            )
        carriers[each.name] = carrier
        names.append((stream.index, carrier, each.name))
    used = {index for index, _, _ in names}
    for other in streams:
        other.discard = Discard.default if other.index in used else Discard.all
    return carriers, names


def _read(
    opened: Opened, packets: queue.Queue[Packet[Any] | HumaError | None], halt: threading.Event
) -> None:
    """Read packets into the queue until the end, or until nobody wants them."""

    def put(item: Packet[Any] | HumaError | None) -> None:
        while not halt.is_set():
            with suppress(queue.Full):
                packets.put(item, timeout=_LOOK_S)
                return

    try:
        for packet in opened.container.demux():
            if halt.is_set():
                return
            if packet.size:
                put(packet)
    except FFmpegError as error:
        put(MediaError(f"cannot be read further: {reason(error)}", code="source-lost"))
    put(_END)


def _samples(piece: Piece) -> list[Sample]:
    units = piece.units
    ends = [unit.decode for unit in units[1:]] + [piece.end + units[0].decode - piece.start]
    return [
        Sample(unit.data, max(1, end - unit.decode), unit.show - unit.decode, unit.key)
        for unit, end in zip(units, ends, strict=True)
    ]


def _refuse_too_big(rendition: Rendition, size: int) -> None:
    if size > rendition.max_bytes:
        raise _too_long(rendition.name, size)


def _too_long(name: str, size: int) -> MediaError:
    return MediaError(
        f"a segment of {name} takes {size} bytes: its key frames are too far apart, or its rate is too high",
        code="copy-too-long",
        hint="Let the source's encoder set a key frame every 2 seconds; or leave out --copy.",
    )
