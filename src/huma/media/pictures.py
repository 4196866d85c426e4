"""Pictures into H.264: one closed group of pictures a tick, each a fragment of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from av.codec.context import CodecContext, Flags
from av.video.frame import PictureType
from av.video.reformatter import Interpolation, VideoReformatter

from huma.errors import MediaError
from huma.media.canvas import BT709, LIMITED, copied
from huma.media.fmp4 import Sample, VideoTrack, fragment, init_segment
from huma.media.h264 import avcc_record, join_avcc, parameters_in, split_annexb
from huma.media.reordering import aligned

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

    from huma.media.timeline import Timeline
    from huma.protocol.event import Rendition

# The average stays this share under the announced bandwidth, and the buffer holds this much of a second: so a
# segment's peak stays near the bandwidth as well.
AVERAGE_SHARE: Final = Fraction(18, 19)
BUFFER_SECONDS: Final = Fraction(7, 10)
PRESET: Final = "veryfast"
# Two B-frames and four frames of lookahead cost 0.2 dB against the preset's own and give a segment 0.2 s earlier.
X264: Final = "scenecut=0:open-gop=0:bframes=2:b-pyramid=none:rc-lookahead=4"
_BASELINE: Final = "bframes=0:weightp=0:cabac=0:8x8dct=0"
_LIMIT_STEP: Final = 0.7
_RECOVERY: Final = 1.1
_PIXELS_A_SECOND_PER_THREAD: Final = 1280 * 720 * 60
_PROFILES: Final = {0x42: "baseline", 0x4D: "main", 0x64: "high"}
_AVC1 = re.compile(r"avc1\.([0-9a-fA-F]{2})[0-9a-fA-F]{2}([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A finished fragment: the tick it begins in, its length in slots or samples, its bytes."""

    tick: int
    length: int
    data: bytes


class PictureEncoder:
    """One rendition's x264. Not for two threads at once.

    `in_place` lets it number the frames that it is given, where they need no scaling: for one encoder of each canvas.
    """

    def __init__(self, rendition: Rendition, timeline: Timeline, max_bytes: int, *, in_place: bool) -> None:
        self._timeline = timeline
        self._max_bytes = max_bytes
        self._in_place = in_place
        self._scaler = VideoReformatter()
        self._size = rendition.width or 0, rendition.height or 0
        self._unit = int(timeline.video_timescale / timeline.frame_rate)
        self._bit_rate = int(rendition.bandwidth * AVERAGE_SHARE)
        self._context = _open_x264(rendition, timeline, self._bit_rate, max_bytes)
        self._last: tuple[VideoFrame, VideoFrame] | None = None
        self._submitted: dict[int, list[int]] = {}
        self._coded: dict[int, list[tuple[int, bytes]]] = {}
        self.limited = 0
        sps, pps = parameters_in(split_annexb(self._context.extradata or b""))
        self.init = init_segment(
            VideoTrack(timeline.video_timescale, *self._size, avcc_record(sps, pps), bt709=True)
        )

    def encode(self, frame: VideoFrame, slot: int) -> list[Fragment]:
        """Take the picture of `slot`; give back the fragments that are finished by it."""
        scaled = self._scaled(frame)
        scaled.pts, scaled.time_base = slot, self._context.time_base
        scaled.pict_type = PictureType.I if slot % self._timeline.slots_per_tick == 0 else PictureType.NONE
        self._submitted.setdefault(self._timeline.tick_of_slot(slot), []).append(slot)
        return self._collect(self._context.encode(scaled), end_slot=None)

    def finish(self, end_slot: int) -> list[Fragment]:
        """The fragments still in the making, the last of them ending before `end_slot`."""
        return self._collect(self._context.encode(None), end_slot=end_slot)

    def _scaled(self, frame: VideoFrame) -> VideoFrame:
        """A frame of the rendition's size that belongs to this encoder alone."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        width, height = self._size
        scaled = self._scaler.reformat(
            frame, width, height, "yuv420p", interpolation=Interpolation.BICUBIC, threads=1
        )
        if scaled is frame and not self._in_place:
            scaled = copied(frame)  # another encoder numbers this very frame
        self._last = frame, scaled
        return scaled

    def _collect(self, packets: list[Packet[Stream]], end_slot: int | None) -> list[Fragment]:
        for packet in packets:
            slot = packet.pts or 0
            data = join_avcc(split_annexb(bytes(packet)))
            self._coded.setdefault(self._timeline.tick_of_slot(slot), []).append((slot, data))
        finished = []
        for tick in sorted(self._coded):
            after = (tick - self._timeline.first_tick + 1) * self._timeline.slots_per_tick
            whole = self._submitted[tick][-1] == after - 1 or end_slot is not None
            if not whole or len(self._coded[tick]) < len(self._submitted[tick]):
                break
            finished.append(self._fragment(tick, after if end_slot is None else min(after, end_slot)))
        return finished

    def _fragment(self, tick: int, end_slot: int) -> Fragment:
        """The tick's pictures in coding order. Decoding and showing begin together, on the grid."""
        shown = self._submitted.pop(tick)
        coded = self._coded.pop(tick)
        samples = self._samples(coded, shown, end_slot)
        base = self._timeline.base_time(tick, self._timeline.video_timescale)
        data = fragment(tick + 1, base, samples)
        cut = len(data) > self._max_bytes
        while len(data) > self._max_bytes and len(coded) > 1:
            # A tail in coding order can be left out: nothing that stays refers to it.
            coded = coded[:-1]
            data = fragment(tick + 1, base, self._samples(coded, sorted(slot for slot, _ in coded), end_slot))
        if len(data) > self._max_bytes:
            raise MediaError(
                f"one picture takes {len(data)} bytes, more than a segment's {self._max_bytes}",
                code="segment-too-big",
                hint="Raise max_bytes of this rendition in event.toml, or lower its size.",
            )
        self._limit(cut=cut)
        first = (tick - self._timeline.first_tick) * self._timeline.slots_per_tick
        return Fragment(tick, end_slot - first, data)

    def _samples(self, coded: list[tuple[int, bytes]], shown: list[int], end_slot: int) -> list[Sample]:
        unit = self._unit
        shows = [slot * unit for slot, _ in coded]
        places = [slot * unit for slot in shown]
        # Without a pyramid of B-frames, the n-th picture coded is never shown before the n-1st place.
        decodes = (
            places if shows == places else aligned([places[0] - unit, *places[:-1]], shows, end_slot * unit)
        )
        ends = [*decodes[1:], end_slot * unit]
        return [
            Sample(data, end - at, show - at, key=index == 0)
            for index, ((_, data), show, at, end) in enumerate(zip(coded, shows, decodes, ends, strict=True))
        ]

    def _limit(self, *, cut: bool) -> None:
        """Lower the rate after a segment that was too big; come back step by step."""
        current = self._context.bit_rate or self._bit_rate
        if cut:
            self.limited += 1
            self._context.bit_rate = int(current * _LIMIT_STEP)
        elif current < self._bit_rate:
            self._context.bit_rate = min(self._bit_rate, int(current * _RECOVERY))


def x264_options(rendition: Rendition, timeline: Timeline, max_bytes: int) -> dict[str, str]:
    """The options for x264, as `ffmpeg` would take them too."""
    profile, level = _profile_and_level(rendition)
    rate = rendition.bandwidth
    # What is in the buffer and what flows in during a tick may all end up in one segment.
    room = max_bytes * 8 * Fraction(9, 10) - rate * timeline.grid.duration
    buffer = int(max(rate * Fraction(1, 5), min(rate * BUFFER_SECONDS, room)))
    return {
        "preset": PRESET,
        "profile": profile,
        "level": level,
        "forced-idr": "1",
        "maxrate": str(rate),
        "bufsize": str(buffer),
        "x264-params": X264 if profile != "baseline" else f"{X264}:{_BASELINE}",
    }


def _profile_and_level(rendition: Rendition) -> tuple[str, str]:
    match = _AVC1.fullmatch(rendition.codecs)
    profile = _PROFILES.get(int(match[1], 16)) if match else None
    if match is None or profile is None:
        raise MediaError(
            f"rendition {rendition.name}: no encoder for {rendition.codecs}",
            code="renditions",
            hint="Give it H.264 codecs such as avc1.64001f in event.toml.",
        )
    return profile, f"{int(match[2], 16) / 10:.1f}"


def threads_for(rendition: Rendition, timeline: Timeline) -> int:
    """One thread a rendition is the cheapest; a large picture needs more than one core to keep up."""
    pixels = (rendition.width or 0) * (rendition.height or 0) * timeline.frame_rate
    return int(max(1, min(8, -(-pixels // _PIXELS_A_SECOND_PER_THREAD))))


def _open_x264(rendition: Rendition, timeline: Timeline, bit_rate: int, max_bytes: int) -> VideoCodecContext:
    context: VideoCodecContext = CodecContext.create("libx264", "w")
    context.width, context.height = rendition.width or 0, rendition.height or 0
    context.pix_fmt = "yuv420p"
    context.framerate = timeline.frame_rate
    context.time_base = 1 / timeline.frame_rate
    context.bit_rate = bit_rate
    context.gop_size = timeline.slots_per_tick
    context.thread_count = threads_for(rendition, timeline)
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    context.flags |= Flags.global_header | Flags.closed_gop
    context.options = x264_options(rendition, timeline, max_bytes)
    try:
        context.open()
    except (ValueError, OSError) as error:
        raise MediaError(
            f"rendition {rendition.name}: x264 does not take its settings ({error})", code="renditions"
        ) from error
    return context
