"""A clip: verified segments in one plain MP4 that every editor takes, and a side file that names where it is from."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import av
from av.error import FFmpegError

from huma.clip.fetching import fetch, fetch_all
from huma.errors import HumaError, MediaError, UsageError
from huma.media.movie import Movie, decode_time, read_track
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from huma.clip.archive import Archive, Listed, Source
    from huma.clip.stretch import Stretch
    from huma.media.movie import Track

SIDE_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Clip:
    """What was made."""

    path: Path
    side_path: Path
    start_ms: int
    end_ms: int
    segments: int
    bytes: int


def make_clip(
    archive: Archive,
    stretch: Stretch,
    path: Path,
    *,
    report: Callable[[int, int], None] = lambda _done, _of: None,
) -> Clip:
    """Fetch, verify, write. Nothing is ever written over, and nothing half-made is left.

    Raises:
        UsageError: The clip, or its side file, is there already, or cannot be written there.
        VerificationError: A file is not the one that was signed.
        StoreError: A file cannot be had.
    """
    side_path = path.with_suffix(SIDE_SUFFIX)
    for place in (path, side_path):
        if place.exists() or place.is_symlink():
            raise UsageError(
                f"{place} is there already", hint="Nothing is written over: choose another name."
            )
    with (
        _beside(path, ".fragments") as fragments,
        _beside(path, ".mp4") as plain,
        _beside(path, ".json") as side,
    ):
        count = _write_fragments(archive, stretch, fragments, report)
        side.write_text(json.dumps(side_file(archive, stretch), ensure_ascii=False, indent=1) + "\n")
        _remux(fragments, plain, _comment(archive, stretch), stretch)
        for part, place in ((plain, path), (side, side_path)):
            try:
                os.link(part, place)
            except OSError as error:
                raise _unwritable(place, error) from None
    return Clip(path, side_path, stretch.start_ms, stretch.end_ms, count, path.stat().st_size)


def side_file(archive: Archive, stretch: Stretch) -> dict[str, Any]:
    """Event, keys, documents and digests: with them, and any mirror, anybody can verify each second of the clip."""
    sources: dict[str, Source] = {}
    for listed in stretch.segments.values():
        sources |= {each.source.path: each.source for each in listed}
    return {
        "v": 1,
        "event": archive.event_id,
        "title": dict(archive.event.title),
        "from": format_ms(stretch.start_ms),
        "to": format_ms(stretch.end_ms),
        "asked": [format_ms(at_ms) for at_ms in stretch.asked_ms],
        "language": stretch.selection.audio.language if stretch.selection.audio else None,
        "signed": [
            {"path": each.path, "sha256": each.sha256, "keyid": each.keyid}
            | ({"text": each.text} if each.text else {})
            for each in sources.values()
        ],
        "renditions": {name: _rendition(listed) for name, listed in stretch.segments.items()},
    }


def _rendition(listed: list[Listed]) -> dict[str, Any]:
    init = listed[0].entry
    return {
        "init": {"sha256": init.init.digest, "size": init.init_size},
        "segments": [
            {
                "n": each.n,
                "at": format_ms(each.start_ms),
                "sha256": each.entry.ref.digest,
                "size": each.entry.size,
                "in": each.source.path,
            }
            for each in listed
        ],
    }


def _comment(archive: Archive, stretch: Stretch) -> str:
    keys = sorted({each.source.keyid for listed in stretch.segments.values() for each in listed})
    return (
        f"Huma event {archive.event_id}, {format_ms(stretch.start_ms)} to {format_ms(stretch.end_ms)}, "
        f"signed by live key {', '.join(keys)}. The {SIDE_SUFFIX} file beside it names every signed source."
    )


def _write_fragments(
    archive: Archive, stretch: Stretch, path: Path, report: Callable[[int, int], None]
) -> int:
    """All segments as one fragmented movie; gives how many there are."""
    store, line = archive.store, _in_order(stretch)
    tracks = {
        name: read_track(fetch(store, listed[0].entry.init, listed[0].entry.init_size))
        for name, listed in stretch.segments.items()
    }
    numbers = {name: number for number, name in enumerate(tracks)}
    media = fetch_all(store, ((each.entry.ref, each.entry.size) for _, each in line))
    bases = _Bases(tracks, copied=archive.event.copy)
    movie = Movie(list(tracks.values()), base=Fraction(0), created_ms=stretch.start_ms)
    size = len(movie.head)
    with path.open("wb") as file:
        file.write(movie.head)
        for done, ((name, each), data) in enumerate(zip(line, media, strict=True), 1):
            base = bases.of(name, each, data)
            size += file.write(movie.place([(numbers[name], data)], size, base=base))
            report(done, len(line))
        file.write(movie.tail())
    return len(line)


def _in_order(stretch: Stretch) -> list[tuple[str, Listed]]:
    """Every segment, a picture before the sound that goes with it."""
    order = {name: place for place, name in enumerate(stretch.segments)}
    line = [(name, each) for name, listed in stretch.segments.items() for each in listed]
    return sorted(line, key=lambda found: (found[1].n, order[found[0]]))


class _Bases:
    """Where the clip's time line begins on that of the segments.

    An encoded programme has one time line for ever. A copied one begins another behind each discontinuity: there the
    clip goes on where it was.
    """

    def __init__(self, tracks: dict[str, Track], *, copied: bool) -> None:
        self._tracks = tracks
        self._copied = copied
        self._base: Fraction | None = None
        self._broken_at: int | None = None
        self._end = Fraction(0)

    def of(self, name: str, each: Listed, data: bytes) -> Fraction:
        at = decode_time(self._tracks[name], data)
        breaks = self._copied and each.entry.discontinuity and self._broken_at != each.n
        if self._base is None or breaks:
            self._base, self._broken_at = at - self._end, each.n
        self._end = max(self._end, at - self._base + each.entry.duration)
        return self._base


def _remux(fragments: Path, plain: Path, comment: str, stretch: Stretch) -> None:
    """The same coded pictures and sounds in an MP4 with its index in front: no editor minds it."""
    try:
        with (
            av.open(str(fragments), "r", format="mp4") as source,
            av.open(str(plain), "w", format="mp4", options={"movflags": "faststart"}) as made,
        ):
            made.metadata.update(comment=comment, creation_time=format_ms(stretch.start_ms))
            streams = {}
            for each in source.streams:
                streams[each.index] = made.add_stream_from_template(each)
                streams[each.index].metadata.update(each.metadata)
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream_index]
                    made.mux(packet)
    except FFmpegError as error:
        if isinstance(error, OSError) and not isinstance(error, ValueError):
            raise _unwritable(plain, error) from None
        raise MediaError(
            "the segments make no movie", code="bad-segment", hint="They are signed as they are: keep them."
        ) from None


@contextmanager
def _beside(path: Path, suffix: str) -> Iterator[Path]:
    """A name for a file in the making, in the same folder; whatever happens, it does not stay."""
    part = path.with_name(f".huma-{secrets.token_hex(8)}{suffix}")
    try:
        yield part
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> HumaError:
    return UsageError(
        f"{path.name} cannot be written: {os.strerror(error.errno) if error.errno else 'the disk refuses it'}",
        code="clip-unwritable",
        hint="Look at the folder and its free space, or choose another with -o.",
    )
