"""Sound into AAC: whole frames a tick, cut where the pictures are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from av.audio.frame import AudioFrame
from av.codec.context import CodecContext, Flags

from huma.errors import MediaError
from huma.media.aac import FRAME_SAMPLES, parse_config
from huma.media.fmp4 import AudioTrack, Sample, fragment, init_segment
from huma.media.pictures import Fragment

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.packet import Packet
    from av.stream import Stream
    from numpy.typing import NDArray

    from huma.media.timeline import Timeline
    from huma.protocol.event import Rendition

# A frame comes out of the encoder two frames after its samples went in: sound is asked for that far ahead, so that a
# tick's sound is finished no later than its pictures.
LOOKAHEAD_SAMPLES: Final = 2 * FRAME_SAMPLES
RATE_SHARE: Final = 0.96
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


class SoundEncoder:
    """One rendition's AAC-LC. Fragments hold as many ticks as the rendition's segments."""

    def __init__(self, rendition: Rendition, timeline: Timeline) -> None:
        self._name = rendition.name
        self._timeline = timeline
        self._ticks = rendition.ticks_per_segment
        self._max_bytes = rendition.max_bytes
        self._channels = rendition.channels or 2
        self._context = _open_aac(rendition, timeline)
        self._waiting = np.zeros((self._channels, 0), dtype=np.float32)
        self._fed = 0
        self._coded: list[bytes] = []
        self._tick = timeline.first_tick
        config = parse_config(self._context.extradata or b"")
        self.init = init_segment(
            AudioTrack(
                timeline.sample_rate,
                self._channels,
                timeline.sample_rate,
                config.raw,
                self._context.bit_rate or 0,
                rendition.language or "",
            )
        )

    def encode(self, samples: NDArray[np.float32]) -> list[Fragment]:
        """Take the next samples (two channels); give back the fragments that are finished by them."""
        own = samples if self._channels == 2 else samples.mean(axis=0, keepdims=True)
        waiting = np.concatenate((self._waiting, own), axis=1)
        whole = waiting.shape[1] // FRAME_SAMPLES * FRAME_SAMPLES
        for start in range(0, whole, FRAME_SAMPLES):
            self._encode_frame(waiting[:, start : start + FRAME_SAMPLES])
        self._waiting = waiting[:, whole:]
        return self._finished()

    def finish(self, end_sample: int) -> list[Fragment]:
        """The fragments still in the making, the last of them ending about `end_sample`."""
        if self._waiting.shape[1]:
            self.encode(np.zeros((2, FRAME_SAMPLES - self._waiting.shape[1]), dtype=np.float32))
        self._take(self._context.encode(None))
        begun = (self._tick - self._timeline.first_tick) * self._timeline.samples_per_tick
        del self._coded[max(0, round((end_sample - begun) / FRAME_SAMPLES)) :]
        parts = self._finished()
        return [*parts, self._fragment(len(self._coded))] if self._coded else parts

    def _encode_frame(self, samples: NDArray[np.float32]) -> None:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", _LAYOUTS[self._channels])
        frame.sample_rate = self._timeline.sample_rate
        frame.time_base = self._context.time_base
        frame.pts = self._fed
        self._fed += FRAME_SAMPLES
        self._take(self._context.encode(frame))

    def _take(self, packets: list[Packet[Stream]]) -> None:
        # The first packet primes the decoder and stands before the time line: nobody needs it.
        self._coded += [bytes(packet) for packet in packets if (packet.pts or 0) >= 0]

    def _finished(self) -> list[Fragment]:
        """The fragments whose last frame is there."""
        found: list[Fragment] = []
        while True:
            following = (self._tick // self._ticks + 1) * self._ticks
            frames = (following - self._tick) * self._timeline.samples_per_tick // FRAME_SAMPLES
            if len(self._coded) < frames:
                return found
            found.append(self._fragment(frames))
            self._tick = following

    def _fragment(self, frames: int) -> Fragment:
        samples = [Sample(data, FRAME_SAMPLES) for data in self._coded[:frames]]
        del self._coded[:frames]
        base = self._timeline.base_time(self._tick, self._timeline.sample_rate)
        data = fragment(self._tick + 1, base, samples)
        if len(data) > self._max_bytes:
            raise MediaError(
                f"a segment of {self._name} takes {len(data)} bytes, more than its {self._max_bytes}",
                code="segment-too-big",
                hint="Raise max_bytes of this rendition in event.toml, or lower its bandwidth.",
            )
        return Fragment(self._tick, frames * FRAME_SAMPLES, data)


def _open_aac(rendition: Rendition, timeline: Timeline) -> AudioCodecContext:
    layout = _LAYOUTS.get(rendition.channels or 2)
    if layout is None or rendition.codecs != "mp4a.40.2":
        raise MediaError(
            f"rendition {rendition.name}: no encoder for {rendition.codecs} with {rendition.channels} channels",
            code="renditions",
            hint='Give it codecs = "mp4a.40.2" and one or two channels in event.toml.',
        )
    context: AudioCodecContext = CodecContext.create("aac", "w")
    context.sample_rate = timeline.sample_rate
    context.format = "fltp"
    context.layout = layout
    context.bit_rate = int(rendition.bandwidth * RATE_SHARE)
    context.flags |= Flags.global_header
    context.open()
    return context
