"""The renditions of an event that signs a source as it is, from what was found in the source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol

from huma.config import SEGMENT_MAX_BYTES
from huma.errors import UsageError
from huma.keys.ladder import AAC, TICKS, AudioRung, VideoRung
from huma.keys.languagenames import language_of
from huma.protocol.event import Event, Language, is_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.keys.eventtoml import EventConfig

_LONGEST_TICK: Final = max(Fraction(*tick) for tick in TICKS.values())
_LEAST_BITRATE: Final = 1000
_ASSUMED_VIDEO_BITRATE: Final = 6_000_000
_ASSUMED_AUDIO_BITRATE: Final = 192_000


class SourceStream(Protocol):
    """One stream of a source, as whoever opened it saw it. What was not told is None."""

    @property
    def kind(self) -> str:
        """Either video or audio."""

    @property
    def codecs(self) -> str:
        """As in RFC 6381: avc1.64001f, mp4a.40.2."""

    @property
    def bandwidth(self) -> int | None:
        """Bits a second."""

    @property
    def width(self) -> int | None:
        """Of the picture."""

    @property
    def height(self) -> int | None:
        """Of the picture."""

    @property
    def frame_rate(self) -> Fraction | None:
        """Frames a second."""

    @property
    def language(self) -> str | None:
        """As the source tells it."""

    @property
    def channels(self) -> int | None:
        """Of the sound."""

    @property
    def sample_rate(self) -> int | None:
        """Of the sound."""

    @property
    def key_frame_distance(self) -> Fraction | None:
        """The longest seconds between key frames."""


@dataclass(frozen=True, slots=True)
class _Spoken:
    language: Language
    stream: SourceStream


def copied_config(config: EventConfig, streams: Sequence[SourceStream]) -> EventConfig:
    """The same event with the renditions of this source: `v`, and `a-<lang>` for each language.

    An event of sound alone stays one: the source's pictures are left out.
    """
    pictures = [stream for stream in streams if stream.kind == "video" and config.video]
    sounds = [stream for stream in streams if stream.kind == "audio"]
    suited = [stream for stream in sounds if _is_suited(stream)]
    for stream in (*pictures[:1], *(suited or sounds)):
        _refuse_unsuited(stream)
    if not pictures and not sounds:
        raise UsageError("the source has neither picture nor sound", hint="Try it with: ffprobe SOURCE")
    spoken = _spoken(config.languages, suited)
    fps = 25 if pictures and _rate(pictures[0]) in (25, 50) else 30
    return replace(
        config,
        copy=True,
        fps=fps,
        languages=tuple(each.language for each in spoken) or config.languages[:1],
        video=tuple(map(_video, pictures[:1])),
        audio=tuple(_audio(each) for each in spoken),
    )


def copied_event(config: EventConfig, signed: Event, streams: Sequence[SourceStream]) -> Event:
    """The event as it is to be signed for this source: what no person chooses stays as it was."""
    return (
        copied_config(config, streams).checked().event(epoch_ms=signed.epoch_ms, live_keys=signed.live_keys)
    )


def _spoken(wanted: Sequence[Language], sounds: Sequence[SourceStream]) -> list[_Spoken]:
    """Which stream speaks which language: as the source says; what says nothing takes the next one asked for."""
    left = list(wanted)
    found: dict[str, _Spoken] = {}
    for stream in sounds:
        code = _language_of(stream)
        if code is None:
            language = left[0] if left else None
        else:
            language = next((each for each in wanted if each.code == code), language_of(code))
        if language is not None and language.code not in found:
            found[language.code] = _Spoken(language, stream)
            left = [each for each in left if each.code != language.code]
    return list(found.values())


def _video(stream: SourceStream) -> VideoRung:
    rate = _rate(stream)
    return VideoRung(
        name="v",
        width=stream.width or 0,
        height=stream.height or 0,
        bitrate=max(_LEAST_BITRATE, stream.bandwidth or _ASSUMED_VIDEO_BITRATE),
        codecs=stream.codecs,
        frame_rate=(rate.numerator, rate.denominator),
    )


def _audio(spoken: _Spoken) -> AudioRung:
    stream = spoken.stream
    return AudioRung(
        name=f"a-{spoken.language.code.lower()}",
        bitrate=max(_LEAST_BITRATE, stream.bandwidth or _ASSUMED_AUDIO_BITRATE),
        channels=stream.channels or 2,
        codecs=stream.codecs or AAC,
        sample_rate=stream.sample_rate or 48_000,
        language=spoken.language.code,
    )


def _rate(stream: SourceStream) -> Fraction:
    """Frames a second; a source that does not say is taken for one of 30, which nothing but the index tells."""
    rate = stream.frame_rate
    return rate.limit_denominator(1001) if rate is not None and rate > 0 else Fraction(30)


def _language_of(stream: SourceStream) -> str | None:
    code = (stream.language or "").lower()
    return code if is_language(code) and code not in {"und", "mul", "zxx", "mis"} else None


def _is_suited(stream: SourceStream) -> bool:
    return stream.codecs.startswith("avc1." if stream.kind == "video" else "mp4a.40.")


def _refuse_unsuited(stream: SourceStream) -> None:
    """Say why this stream cannot be signed as it is."""
    if not _is_suited(stream):
        what, wanted = ("pictures are", "H.264") if stream.kind == "video" else ("sound is", "AAC")
        raise UsageError(
            f"the source's {what} {stream.codecs or 'of an unknown kind'}, and only {wanted} can be signed as it is",
            code="not-copyable",
            hint=f"Leave out --copy (or --copy-from), and huma live encodes it; or let the sender make {wanted}.",
        )
    seconds = (stream.key_frame_distance or 0) + _LONGEST_TICK
    if stream.kind == "video" and (stream.bandwidth or 0) * seconds / 8 > SEGMENT_MAX_BYTES:
        raise UsageError(
            f"key frames {float(seconds - _LONGEST_TICK):.1f} s apart make segments of more than {SEGMENT_MAX_BYTES // 1024**2} MiB",
            code="not-copyable",
            hint="Set a key frame every 2 seconds in the encoder, or leave out --copy-from.",
        )
