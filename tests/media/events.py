"""Events for the tests of pictures and sound."""

from __future__ import annotations

from huma.protocol.event import Event, Language, Rendition

EPOCH_MS = 1_795_000_000_000
BOTH = (Language("en", "English"), Language("fa", "فارسی"))


def video(
    name: str,
    width: int,
    height: int,
    bandwidth: int,
    *,
    fps: int = 30,
    ticks: int = 1,
    codecs: str = "avc1.64001f",
    max_bytes: int = 1_500_000,
) -> Rendition:
    return Rendition(
        name, "video", ticks, max_bytes, codecs, bandwidth, width=width, height=height, frame_rate=(fps, 1)
    )


def audio(
    name: str,
    language: str,
    *,
    ticks: int = 1,
    bandwidth: int = 100_000,
    channels: int = 2,
    max_bytes: int = 65_536,
) -> Rendition:
    return Rendition(
        name,
        "audio",
        ticks,
        max_bytes,
        "mp4a.40.2",
        bandwidth,
        language=language,
        channels=channels,
        sample_rate=48_000,
    )


def event(
    *renditions: Rendition, fps: int = 30, copy: bool = False, languages: tuple[Language, ...] = BOTH
) -> Event:
    return Event(
        title={"en": "An event under test", "fa": "رویداد آزمایشی"},
        schedule=(),
        start_ms=EPOCH_MS,
        end_ms=EPOCH_MS + 3_600_000,
        tick=(16, 15) if fps == 30 else (24, 25),
        epoch_ms=EPOCH_MS,
        copy=copy,
        languages=languages,
        renditions=renditions,
        live_keys=(),
    )


def small(fps: int = 30) -> Event:
    """Two pictures, two languages, both ladders, cheap to encode."""
    return event(
        video("v180", 320, 180, 300_000, fps=fps, codecs="avc1.64000d"),
        video("v144", 256, 144, 130_000, fps=fps, codecs="avc1.64000c"),
        audio("a-en", "en"),
        audio("a-fa", "fa"),
        video("v144s", 256, 144, 130_000, fps=fps, ticks=4, codecs="avc1.64000c"),
        audio("n-en", "en", ticks=4, bandwidth=25_000, channels=1),
        audio("n-fa", "fa", ticks=4, bandwidth=25_000, channels=1),
        fps=fps,
    )


def full() -> Event:
    """The ladders of the specification."""
    return event(
        video("v720", 1280, 720, 1_900_000),
        video("v360", 640, 360, 650_000, codecs="avc1.64001e"),
        video("v144", 256, 144, 130_000, codecs="avc1.64000c"),
        audio("a-en", "en"),
        audio("a-fa", "fa"),
        video("v144s", 256, 144, 130_000, ticks=4, codecs="avc1.64000c"),
        audio("n-en", "en", ticks=4, bandwidth=25_000, channels=1),
        audio("n-fa", "fa", ticks=4, bandwidth=25_000, channels=1),
    )
