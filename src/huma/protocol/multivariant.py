"""index.m3u8 and index-slow.m3u8: a multivariant playlist for players that know nothing of us.

The rules: spec/documents.md, D55.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from huma.errors import MalformedError
from huma.protocol.event import FAST_TICKS, SLOW_TICKS

if TYPE_CHECKING:
    from huma.protocol.event import Event, Rendition

_AUDIO_GROUP = "audio"


def render_index(event: Event, ladder: Literal["fast", "slow"], prefix: str = "live/") -> bytes:
    """The multivariant playlist of one ladder; `prefix` leads from it to the live playlists."""
    renditions = event.ladder(FAST_TICKS if ladder == "fast" else SLOW_TICKS)
    videos = [each for each in renditions if each.kind == "video"]
    audios = _one_a_language(event, renditions)
    if not videos and not audios:
        raise MalformedError(f"the event has no {ladder} ladder", code="no-ladder")
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_media_line(event, audio, audio is audios[0], prefix) for audio in audios]
    for variant in sorted(videos, key=lambda video: video.bandwidth, reverse=True) or audios[:1]:
        lines += [_stream_line(variant, audios), f"{prefix}{variant.name}.m3u8"]
    return ("\n".join(lines) + "\n").encode()


def _one_a_language(event: Event, renditions: tuple[Rendition, ...]) -> list[Rendition]:
    """The first audio rendition of each language, in the order in which the event lists the languages."""
    audios = [each for each in renditions if each.kind == "audio"]
    found = (next((a for a in audios if a.language == language.code), None) for language in event.languages)
    return [audio for audio in found if audio is not None]


def _media_line(event: Event, audio: Rendition, default: bool, prefix: str) -> str:
    name = next(language.name for language in event.languages if language.code == audio.language)
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{_AUDIO_GROUP}",NAME="{name}",LANGUAGE="{audio.language}",'
        f"DEFAULT={'YES' if default else 'NO'},AUTOSELECT=YES,"
        f'CHANNELS="{audio.channels}",URI="{prefix}{audio.name}.m3u8"'
    )


def _stream_line(variant: Rendition, audios: list[Rendition]) -> str:
    apart = [audio for audio in audios if audio is not variant]
    bandwidth = variant.bandwidth + max((audio.bandwidth for audio in apart), default=0)
    codecs = dict.fromkeys(codec for each in (variant, *audios) for codec in each.codecs.split(","))
    attributes = [f"BANDWIDTH={bandwidth}", f'CODECS="{",".join(codecs)}"']
    if variant.kind == "video" and variant.frame_rate is not None:
        frames, seconds = variant.frame_rate
        attributes.append(f"RESOLUTION={variant.width}x{variant.height}")
        attributes.append(f"FRAME-RATE={frames / seconds:.3f}")
    if audios:
        attributes.append(f'AUDIO="{_AUDIO_GROUP}"')
    return "#EXT-X-STREAM-INF:" + ",".join(attributes)
