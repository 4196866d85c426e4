"""A container decoded on demand: always the stream that is needed most, never more than is needed soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from av.audio.resampler import AudioResampler
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.stream import Discard, Disposition

from huma.errors import MediaError
from huma.media.fitting import Fitter
from huma.media.ingest import Ingest
from huma.media.inputs import reason
from huma.media.languages import choose_sound
from huma.media.packets import PacketLines
from huma.media.take import PICTURES

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from huma.media.feed import Canvas
    from huma.media.inputs import Opened
    from huma.media.packets import Waiting
    from huma.media.take import Take

PICTURES_AHEAD_S: Final = 0.8
SOUND_AHEAD_S: Final = 1.5
_MOST_FAULTS: Final = 300
_DECODER_THREADS: Final = 4
_LARGEST_PIXELS: Final = 8192 * 4352
_LONGEST_PICTURE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of a source: languages, the size of pictures (None: no pictures), and the rates of both."""

    languages: Sequence[str]
    canvas: Canvas | None
    sample_rate: int
    frame_rate: float


class Decoding:
    """Fills takes from one container. Only its own thread calls it; takes are written under the feed's lock."""

    def __init__(
        self, opened: Opened, wanted: Wanted, lock: threading.Condition, ingest: Ingest | None = None
    ) -> None:
        canvas = wanted.canvas
        self._rate = wanted.sample_rate
        self._fps = wanted.frame_rate
        self._lock = lock
        self._video = _choose_video(opened) if canvas is not None else None
        beside = self._video.index if self._video is not None else 0
        sounds = choose_sound(opened.container.streams.audio, wanted.languages, beside)
        self.languages = {code: stream.index for code, stream in sounds.items()}
        self._sounds = {stream.index: stream for stream in sounds.values()}
        self._resamplers = {index: self._resampler() for index in self._sounds}
        self._fitter = Fitter(canvas, self._video.sample_aspect_ratio) if self._video and canvas else None
        self._picture_s = self._picture_length()
        self._set_up(opened)
        chosen = [*self._sounds, self._video.index] if self._video else [*self._sounds]
        if not chosen:
            raise MediaError("has nothing that can be decoded here", code="source-unusable")
        self._ingest = ingest or Ingest()
        self._ingest.gauge.open(opened, chosen)
        self.lines = PacketLines(opened, chosen, lock, self._ingest)
        self._open_streams = set(chosen)
        self._epoch = 0
        self._held: tuple[int, float, VideoFrame] | None = None
        self._phase: float | None = None
        self._faults = 0
        self.gave = False

    @property
    def has_pictures(self) -> bool:
        """Whether there is a moving picture."""
        return self._video is not None

    @property
    def done(self) -> bool:
        """Whether every stream has come to its end."""
        return not self._open_streams

    @property
    def is_dumped(self) -> bool:
        """Whether what the decoders still hold has been thrown away."""
        return self._epoch < self.lines.dumped_epoch

    def needed(self, take: Take) -> int | None:
        """The stream that is needed most among those that have a packet; None when all is well or nothing is there."""
        take.absent = {PICTURES if self._is_video(index) else index for index in self.lines.absent()}
        wants = []
        for index, head in self.lines.heads().items():
            if head.epoch > self._epoch and not head.last:
                continue
            ahead = take.ahead(None if self._is_video(index) else index)
            if ahead < (PICTURES_AHEAD_S if self._is_video(index) else SOUND_AHEAD_S):
                wants.append((ahead, index))
        return min(wants)[1] if wants else None

    def decode_next(self, index: int, take: Take) -> None:
        """Decode that stream's next packet into the take, unless it has been thrown away meanwhile."""
        waiting = self.lines.take(index, self._epoch)
        if waiting is not None:
            self._decode(index, waiting, take)

    def begins_anew(self) -> bool:
        """Whether all that waits belongs to a later run of the source's clock."""
        heads = self.lines.heads().values()
        return bool(heads) and all(head.epoch > self._epoch and not head.last for head in heads)

    def empty_into(self, take: Take) -> None:
        """Give the take what decoders still hold; the next one begins with the later run of the clock."""
        for index, stream in self._streams():
            self._decode_packet(index, None, take)
            stream.codec_context.flush_buffers()
        self._resamplers = {index: self._resampler() for index in self._sounds}
        self._phase = None
        self._epoch = min((head.epoch for head in self.lines.heads().values()), default=self._epoch + 1)

    def _streams(self) -> list[tuple[int, VideoStream | AudioStream]]:
        return [
            *self._sounds.items(),
            *([(self._video.index, self._video)] if self._video is not None else []),
        ]

    def _is_video(self, index: int) -> bool:
        return self._video is not None and index == self._video.index

    def _decode(self, index: int, waiting: Waiting, take: Take) -> None:
        if waiting.epoch < self._epoch:
            return
        self._decode_packet(index, None if waiting.last else waiting.packet, take)
        if waiting.last:
            self._open_streams.discard(index)

    def _decode_packet(self, index: int, packet: Packet[Any] | None, take: Take) -> None:
        """Decode one packet; None makes the decoder give what it holds."""
        stream = self._video if self._video is not None and self._is_video(index) else self._sounds[index]
        frames: list[Any] = []
        try:
            frames = list(stream.decode(packet))
        except FFmpegError as error:
            self._faults += 1
            self._ingest.gauge.fault()
            if self._faults > _MOST_FAULTS:
                raise MediaError(f"cannot be decoded: {reason(error)}", code="source-unusable") from None
        for frame in frames:
            self._faults = 0
            if frame.time_base is None:  # so come the frames that a decoder gives when it is emptied
                frame.time_base = stream.time_base
            if self._is_video(index):
                self._see(frame, take)
            else:
                self._hear(index, frame, take)
        if packet is None and self._is_video(index):
            self._release(take)
        elif packet is None:
            self._hear(index, None, take)

    def _see(self, frame: VideoFrame, take: Take) -> None:
        """Keep the newest picture of each slot of ours: a source may have many more."""
        if frame.width * frame.height > _LARGEST_PIXELS:
            raise MediaError(
                f"its pictures are {frame.width}×{frame.height}: too large", code="source-unusable"
            )
        if frame.pts is not None and frame.time_base is not None:
            time = float(frame.pts * frame.time_base)
        else:
            time = 0.0 if self._held is None else self._held[1] + self._picture_s
        self._phase = time if self._phase is None else self._phase
        slot = int((time - self._phase) * self._fps + 0.5)
        if self._held is not None and self._held[0] != slot:
            self._release(take)
        self._held = slot, time, frame

    def _release(self, take: Take) -> None:
        if self._held is None or self._fitter is None:
            return
        (_, time, frame), self._held = self._held, None
        try:
            fitted = self._fitter.fit(frame)
        except (FFmpegError, ValueError) as error:
            raise MediaError(f"its pictures cannot be scaled: {error}", code="source-unusable") from None
        self.gave = True
        with self._lock:
            take.add_picture(time, fitted, self._picture_s)
            self._lock.notify_all()

    def _hear(self, index: int, frame: AudioFrame | None, take: Take) -> None:
        try:
            parts = self._resamplers[index].resample(frame)
        except (FFmpegError, ValueError):
            # Layout or rate changed on the way: a resampler is made for one.
            self._resamplers[index] = self._resampler()
            parts = self._resamplers[index].resample(frame) if frame is not None else []
        for part in parts:
            if part.pts is None or part.time_base is None:
                continue
            samples = np.ascontiguousarray(part.to_ndarray(), dtype=np.float32)
            self.gave = True
            with self._lock:
                take.add_sound(index, float(part.pts * part.time_base), samples)
                self._lock.notify_all()

    def _resampler(self) -> AudioResampler:
        return AudioResampler(format="fltp", layout="stereo", rate=self._rate)

    def _picture_length(self) -> float:
        rate = self._video.average_rate if self._video is not None else None
        return min(max(1 / float(rate or self._fps), 1 / self._fps), _LONGEST_PICTURE_S)

    def _set_up(self, opened: Opened) -> None:
        """Nothing is fetched or decoded but what was chosen."""
        for stream in opened.container.streams:
            wanted = stream.index in self._sounds or self._is_video(stream.index)
            stream.discard = Discard.default if wanted else Discard.all
        if self._video is not None:
            context = self._video.codec_context
            context.thread_type, context.thread_count = ThreadType.AUTO, _DECODER_THREADS


def _choose_video(opened: Opened) -> VideoStream | None:
    """The largest moving picture: not the cover of an album, and nothing without a decoder."""
    moving = [
        each
        for each in opened.container.streams.video
        if not each.disposition & Disposition.attached_pic and cast("Any", each.codec_context) is not None
    ]
    return max(moving, key=lambda each: each.width * each.height, default=None)
