"""What a source holds, within limits of bytes and time: enough to make an event for copying it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

from av.error import FFmpegError

from huma.errors import MediaError, TransportError
from huma.media.aac import is_adts, parse_config, split_adts
from huma.media.address import parse_addresses
from huma.media.bulletin import Bulletin
from huma.media.codecs import codec_name
from huma.media.h264 import is_annexb, parameters_in, parameters_of_record, parse_sps, split_annexb
from huma.media.inputs import Inputs
from huma.media.languages import two_letters

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

    from huma.media.inputs import Opened

PROBE_SECONDS: Final = 12
PROBE_BYTES: Final = 32 * 1024 * 1024
_TIME_LIMIT_S: Final = 40.0
_LEAST_KEY_FRAMES: Final = 4


@dataclass(frozen=True, slots=True)
class ProbedStream:
    """A stream of a source. Numbers that could not be learnt are None.

    Attributes:
        kind: Pictures or sound.
        codecs: As in RFC 6381 for H.264 and AAC; otherwise FFmpeg's name of the codec.
        width: Of the pictures.
        height: Of the pictures.
        frame_rate: Pictures a second.
        bandwidth: The highest bits a second over about a second, as read.
        language: Two letters where they are known, else empty.
        channels: Of the sound.
        sample_rate: Of the sound, as coded.
        key_frame_distance: The longest seconds between key frames, as read.
    """

    kind: Literal["video", "audio"]
    codecs: str
    width: int | None
    height: int | None
    frame_rate: Fraction | None
    bandwidth: int
    language: str
    channels: int | None
    sample_rate: int | None
    key_frame_distance: Fraction | None

    @property
    def can_be_copied(self) -> bool:
        """Whether it may be signed as it is."""
        return self.codecs.startswith(("avc1.", "mp4a.40."))


def probe_source(source: str | list[str], *, seconds: float = PROBE_SECONDS) -> tuple[ProbedStream, ...]:
    """The streams of `source`, the first of a list, read for some seconds of its time.

    Raises:
        UsageError: The source's name makes no sense.
        TransportError: It cannot be reached.
        MediaError: It holds nothing that can be read.
    """
    addresses = parse_addresses(source)[:1]
    if addresses[0].kind == "test":
        raise MediaError("test is made here: there is nothing to probe", code="source-unusable")
    stop, inputs = threading.Event(), Inputs(addresses, loop=False, bulletin=Bulletin())
    timer = threading.Timer(_TIME_LIMIT_S, stop.set)
    timer.daemon = True
    timer.start()
    try:
        inputs.prepare()
        opened = inputs.open_once(stop)
        try:
            return _read(opened, seconds)
        finally:
            opened.close()
    finally:
        timer.cancel()
        inputs.close()


class _Tally:
    """What is seen of one stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream: Any = stream
        self.packets: list[tuple[float, int]] = []
        self.keys: list[float] = []
        self.sample = b""
        self.key_sample = b""

    def add(self, packet: Packet[Any], time: float) -> None:
        self.packets.append((time, packet.size))
        if packet.is_keyframe:
            self.keys.append(time)
            self.key_sample = self.key_sample or bytes(packet)
        self.sample = self.sample or bytes(packet)

    @property
    def span(self) -> float:
        return self.packets[-1][0] - self.packets[0][0] if self.packets else 0.0

    def bandwidth(self) -> int:
        """The most bits in any second, or all of them over their time where it is shorter."""
        most, total, first = 0, 0, 0
        for at, size in self.packets:
            total += size
            while at - self.packets[first][0] >= 1:
                total -= self.packets[first][1]
                first += 1
            most = max(most, total)
        return most * 8

    def key_distance(self) -> Fraction | None:
        gaps = [after - before for before, after in zip(self.keys, self.keys[1:], strict=False)]
        return Fraction(max(gaps)).limit_denominator(90_000) if gaps else None


def _read(opened: Opened, seconds: float) -> tuple[ProbedStream, ...]:
    streams = opened.container.streams
    tallies = {stream.index: _Tally(stream) for stream in (*streams.video, *streams.audio)}
    deadline, size = time.monotonic() + _TIME_LIMIT_S, 0
    try:
        for packet in opened.packets():
            tally = tallies.get(packet.stream_index)
            stamp = packet.dts if packet.dts is not None else packet.pts
            if tally is None or not packet.size or stamp is None:
                continue
            tally.add(packet, float(stamp * packet.time_base))
            size += packet.size
            if size > PROBE_BYTES or time.monotonic() > deadline or _seen_enough(tallies, seconds):
                break
    except (FFmpegError, TransportError):
        pass  # what was read until then may do
    found = tuple(_describe(tally) for tally in tallies.values() if tally.packets)
    if not found:
        raise MediaError("no picture and no sound could be read", code="source-unusable")
    return found


def _seen_enough(tallies: dict[int, _Tally], seconds: float) -> bool:
    """Long enough, and some key frames; but never more than three times as long."""
    longest = max(tally.span for tally in tallies.values())
    videos = [tally for tally in tallies.values() if tally.stream.type == "video"]
    keys = all(len(tally.keys) >= _LEAST_KEY_FRAMES for tally in videos)
    return longest >= seconds and (keys or longest >= 3 * seconds)


def _describe(tally: _Tally) -> ProbedStream:
    stream = tally.stream
    if stream.type == "video":
        codecs, width, height = _picture_codecs(tally)
        rate = stream.average_rate or stream.guessed_rate
        return ProbedStream(
            "video", codecs, width, height, rate, tally.bandwidth(), "", None, None, tally.key_distance()
        )
    codecs, channels, sample_rate = _sound_codecs(tally)
    language = two_letters(stream.language)
    language = "" if language == "und" else language
    return ProbedStream(
        "audio", codecs, None, None, None, tally.bandwidth(), language, channels, sample_rate, None
    )


def _picture_codecs(tally: _Tally) -> tuple[str, int, int]:
    context = tally.stream.codec_context
    name, width, height = codec_name(tally.stream), tally.stream.width, tally.stream.height
    if name != "h264":
        return name, width, height
    extradata = context.extradata or b""
    for data in (tally.key_sample, extradata):
        if is_annexb(data):
            sps, _ = parameters_in(split_annexb(data))
        elif data is extradata and data[:1] == b"\1":
            sps, _, _ = parameters_of_record(data)
        else:
            continue
        if sps:
            picture = parse_sps(sps[0])
            return picture.codecs, picture.width, picture.height
    raise MediaError("the H.264 stream has no parameter sets", code="no-parameters")


def _sound_codecs(tally: _Tally) -> tuple[str, int | None, int | None]:
    stream = tally.stream
    name = codec_name(stream)
    if name != "aac":
        known = stream.codec_context is not None
        return name, *(
            (stream.codec_context.channels, stream.codec_context.sample_rate) if known else (None, None)
        )
    extradata = stream.codec_context.extradata
    config = split_adts(tally.sample)[0] if is_adts(tally.sample) else parse_config(extradata or b"")
    return config.codecs, config.channels, config.sample_rate
