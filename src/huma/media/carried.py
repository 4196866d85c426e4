"""Coded packets of a source, made ready to be carried as they are: H.264 behind length fields, AAC without ADTS."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from av.audio.frame import AudioFrame
from av.codec.context import CodecContext, Flags

from huma.errors import MediaError
from huma.media.aac import FRAME_SAMPLES, AudioConfig, is_adts, parse_config, split_adts
from huma.media.codecs import codec_name
from huma.media.fmp4 import AudioTrack, VideoTrack, init_segment
from huma.media.h264 import (
    avcc_record,
    is_annexb,
    join_avcc,
    parameters_in,
    parameters_of_record,
    parse_sps,
    split_annexb,
    split_avcc,
)

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.video.stream import VideoStream

    from huma.protocol.event import Rendition

VIDEO_TIMESCALE: Final = 90_000
_MOST_UNDATED: Final = 32
_ENCODE_HINT: Final = "Leave out --copy: the source is then encoded here."
EVENT_HINT: Final = (
    "Make the event for this source: huma new DIR --copy-from SOURCE (with --solo, live does it)."
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A coded picture or AAC frame, its times in the source's clock as units of the track's time scale."""

    decode: int
    show: int
    key: bool
    data: bytes
    init: bytes


@dataclass(frozen=True, slots=True)
class _Early:
    """A picture whose decode time is not known yet."""

    show: int | None
    step: int
    key: bool
    data: bytes
    init: bytes


class CarriedPictures:
    """The H.264 of one stream."""

    timescale = VIDEO_TIMESCALE

    def __init__(self, stream: VideoStream, rendition: Rendition) -> None:
        self._rendition = rendition
        self._aspect = stream.sample_aspect_ratio or Fraction(1)
        if (name := codec_name(stream)) != "h264":
            raise MediaError(
                f"its pictures are {name}: only H.264 can be signed as it is",
                code="copy-unsuitable",
                hint=_ENCODE_HINT,
            )
        self._undated: list[_Early] = []
        self._last: int | None = None
        self._length_size = 4
        self._parameters: tuple[list[bytes], list[bytes]] = ([], [])
        self._init = b""
        self._learn(stream.codec_context.extradata)

    def units(self, packet: Packet[Any]) -> list[Unit]:
        """The picture in a packet; none while the stream has not yet said what it is, or when it is decoded."""
        data = self._data(packet)
        if not self._init or not data:
            return []
        scale = packet.time_base * self.timescale
        step = max(1, round((packet.duration or 0) * scale)) if packet.duration else self.timescale // 30
        show = None if packet.pts is None else round(packet.pts * scale)
        early = _Early(show, step, packet.is_keyframe, data, self._init)
        if packet.dts is not None:
            return self._dated(round(packet.dts * scale), early)
        self._undated.append(early)
        if self._last is None and len(self._undated) < _MOST_UNDATED:
            return []
        start = early.show or 0 if self._last is None else self._last + step
        waiting, self._undated = self._undated, []
        return [self._unit(start + index * step, each) for index, each in enumerate(waiting)]

    def _dated(self, decode: int, now: _Early) -> list[Unit]:
        """A picture whose decode time is known, and those before it: Matroska tells none at the start."""
        waiting, self._undated = self._undated, []
        before = [
            self._unit(decode - (len(waiting) - index) * now.step, each) for index, each in enumerate(waiting)
        ]
        return [*before, self._unit(decode, now)]

    def _unit(self, decode: int, early: _Early) -> Unit:
        self._last = decode
        return Unit(decode, decode if early.show is None else early.show, early.key, early.data, early.init)

    def _data(self, packet: Packet[Any]) -> bytes:
        """The picture behind length fields; what it says of itself is learnt."""
        data = bytes(packet)
        if is_annexb(data):
            units = split_annexb(data)
            if packet.is_keyframe:
                self._set(*parameters_in(units))
            return join_avcc(units)
        if packet.has_sidedata("new_extradata"):
            self._learn(bytes(packet.get_sidedata("new_extradata")))
        if self._length_size != 4:
            return join_avcc(split_avcc(data, self._length_size), keep_parameters=True)
        return data

    def _learn(self, extradata: bytes | None) -> None:
        """Take parameter sets from where a container keeps them."""
        if not extradata:
            return
        if is_annexb(extradata):
            self._set(*parameters_in(split_annexb(extradata)))
        elif extradata[0] == 1:
            sps, pps, self._length_size = parameters_of_record(extradata)
            self._set(sps, pps)

    def _set(self, sps: list[bytes], pps: list[bytes]) -> None:
        sps, pps = sps or self._parameters[0], pps or self._parameters[1]
        if not sps or not pps or (sps, pps) == self._parameters:
            return
        picture, wanted = parse_sps(sps[0]), self._rendition
        if picture.codecs != wanted.codecs.lower() or (picture.width, picture.height) != (
            wanted.width,
            wanted.height,
        ):
            raise MediaError(
                f"the event says {wanted.codecs} {wanted.width}×{wanted.height},"
                f" the source is {picture.codecs} {picture.width}×{picture.height}",
                code="copy-differs",
                hint=EVENT_HINT,
            )
        self._parameters = sps, pps
        aspect = self._aspect.numerator, self._aspect.denominator
        record = avcc_record(sps, pps)
        self._init = init_segment(VideoTrack(self.timescale, picture.width, picture.height, record, aspect))


class CarriedSound:
    """The AAC of one stream, for one rendition."""

    def __init__(self, stream: AudioStream, rendition: Rendition) -> None:
        self._rendition = rendition
        self._config: AudioConfig | None = None
        self._init = b""
        self._silence = b""
        if (name := codec_name(stream)) != "aac":
            raise MediaError(
                f"its sound is {name}: only AAC can be signed as it is",
                code="copy-unsuitable",
                hint=_ENCODE_HINT,
            )
        extradata = stream.codec_context.extradata
        if extradata:
            self._set(parse_config(extradata))

    @property
    def timescale(self) -> int:
        """Samples a second, of the coded sound."""
        return self._config.sample_rate if self._config else (self._rendition.sample_rate or 48_000)

    def units(self, packet: Packet[Any]) -> list[Unit]:
        """The AAC frames in a packet."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or not packet.size:
            return []
        data = bytes(packet)
        frames = [data]
        if is_adts(data):
            config, frames = split_adts(data)
            self._set(config)
        if not self._init:
            return []
        start = round(stamp * packet.time_base * self.timescale)
        times = range(start, start + len(frames) * FRAME_SAMPLES, FRAME_SAMPLES)
        return [Unit(time, time, True, frame, self._init) for time, frame in zip(times, frames, strict=True)]

    def silence(self, time: int) -> Unit | None:
        """A frame of nothing for that time, to fill a hole; None before the source has said what it is."""
        if self._config is None:
            return None
        self._silence = self._silence or _silent_frame(self._config)
        return Unit(time, time, True, self._silence, self._init)

    def _set(self, config: AudioConfig) -> None:
        if self._config is not None and config.raw[:2] == self._config.raw[:2]:
            return
        wanted = self._rendition
        if config.codecs != wanted.codecs or config.channels != wanted.channels:
            raise MediaError(
                f"the event says {wanted.codecs} with {wanted.channels} channels,"
                f" the source is {config.codecs} with {config.channels}",
                code="copy-differs",
                hint=EVENT_HINT,
            )
        self._config, self._silence = config, b""
        self._init = init_segment(
            AudioTrack(
                config.sample_rate, config.channels, config.sample_rate, config.raw, 0, wanted.language or ""
            )
        )


def _silent_frame(config: AudioConfig) -> bytes:
    """An AAC-LC frame of silence, coded once."""
    layout = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}[config.channels]
    context = CodecContext.create("aac", "w")
    context.sample_rate, context.format, context.layout = config.sample_rate, "fltp", layout
    context.flags |= Flags.global_header
    coded = b""
    for index in range(4):
        frame = AudioFrame("fltp", layout, FRAME_SAMPLES)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = config.sample_rate, index * FRAME_SAMPLES
        for packet in context.encode(frame):
            coded = bytes(packet)
    return coded
