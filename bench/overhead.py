"""Bytes that signing and trust add, gzipped, beside an unsigned HLS of the same media.

Real segments, real playlists, signed by the same code as on the air; the peer is what `ffmpeg -f hls` writes about the
same segments: short names, no sizes, no header, no signature. Weighed are bodies, gzipped, of a viewer who stays for an
hour: every playlist once; boot.json and revoked.json once; timestamp.json whenever it was signed anew. The polls in
between are answered by 304 without a body; how many there are is told. Media is the same on both sides.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.broadcast.chain import Chain
from huma.broadcast.signer import LiveSigner, entry_of
from huma.config import REVOKED_POLL_MS, TIMESTAMP_POLL_MS, TIMESTAMP_SIGN_EVERY_S
from huma.keys.creation import Holders, create
from huma.keys.eventdir import BOOT, REVOKED, TIMESTAMP, EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import AudioRung, VideoRung
from huma.media.clock import FastClock, RealClock
from huma.media.programme import open_programme
from huma.protocol.clocktext import format_ms
from huma.protocol.event import Event, Language
from huma.protocol.segments import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.media.segment import Segment

TICKS = 40
SESSION_S = 3600
CASES = (("800 kbit/s", ("v720", "a-en"), 1.2), ("24 kbit/s sound", ("n-en",), 5.0))


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes a second of one side."""

    media: float
    playlists: float
    trust: float = 0.0

    @property
    def added(self) -> float:
        """All but the media."""
        return self.playlists + self.trust


@contextmanager
def an_event() -> Iterator[EventDir]:
    """An event with the two renditions that are weighed."""
    now = RealClock().wall()
    config = EventConfig(
        title={"en": "Bytes", "fa": "بایت"},
        start_ms=now,
        end_ms=now + 86_400_000,
        languages=(Language("en", "English"),),
        video=(VideoRung("v720", 1280, 720, 745_000),),
        audio=(AudioRung("a", 96_000, 2), AudioRung("n", 24_000, 1, "slow")),
    )
    with tempfile.TemporaryDirectory() as folder:
        yield create(Path(folder) / "event", config, now=now, holders=Holders())


def segments_of(event: Event) -> dict[str, list[Segment]]:
    """The test programme, encoded as fast as it goes."""
    made: defaultdict[str, list[Segment]] = defaultdict(list)
    programme = open_programme("test", event=event, first_tick=0, clock=FastClock(event.grid.start_ms(0)))
    programme.stop(at_tick=TICKS)
    programme.run(lambda segment: made[segment.rendition].append(segment))
    return dict(made)


def weigh(
    eventdir: EventDir, made: dict[str, list[Segment]], names: tuple[str, ...]
) -> tuple[Weight, Weight]:
    """Ours and the peer, for a viewer of these renditions."""
    ours = [_signed(eventdir, made[name]) for name in names]
    plain = [_plain(made[name]) for name in names]
    trust = _trust(eventdir)
    media = sum(side.media for side in plain)
    return (
        Weight(media, sum(side.playlists for side in ours), trust),
        Weight(media, sum(side.playlists for side in plain)),
    )


def _signed(eventdir: EventDir, segments: list[Segment]) -> Weight:
    first = segments[0]
    chain = Chain(first.rendition, first.ticks, target_duration=round(first.duration))
    signer = LiveSigner(eventdir.event, eventdir.event_id, eventdir.live_signer(1))
    sizes = []
    for segment in segments:
        now = segment.start_ms + int(segment.duration * 1000)
        step = signer.extend(chain, [(segment.n, entry_of(segment))], now_ms=now)
        chain = step.chain
        sizes.append(_gzipped(step.playlist))
    return _a_second(segments, sizes)


def _plain(segments: list[Segment]) -> Weight:
    """What ffmpeg's muxer writes: the same window, and a date at its beginning."""
    sizes = []
    for end in range(1, len(segments) + 1):
        window = segments[max(0, end - 6) : end]
        first = window[0]
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{round(first.duration)}",
            f"#EXT-X-MEDIA-SEQUENCE:{first.n}",
            '#EXT-X-MAP:URI="init.mp4"',
        ]
        date = format_ms(first.start_ms).replace("Z", "+0000")
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date}")
        for segment in window:
            duration = microseconds(segment.duration) / 1_000_000
            lines += [f"#EXTINF:{duration:.6f},", f"{first.rendition}_{segment.n:05d}.m4s"]
        sizes.append(_gzipped(("\n".join(lines) + "\n").encode()))
    return _a_second(segments, sizes)


def _a_second(segments: list[Segment], sizes: list[int]) -> Weight:
    """Over the time in which the window is full."""
    kept = slice(6, None) if len(segments) > 8 else slice(2, None)
    seconds = float(sum(segment.duration for segment in segments[kept]))
    media = sum(len(segment.data) for segment in segments[kept])
    return Weight(media / seconds, sum(sizes[kept]) / seconds)


def _trust(eventdir: EventDir) -> float:
    files = eventdir.public_files()
    once = _gzipped(files[REVOKED]) + _gzipped(files[BOOT])
    return once / SESSION_S + _gzipped(files[TIMESTAMP]) / TIMESTAMP_SIGN_EVERY_S


def _gzipped(data: bytes) -> int:
    return len(gzip.compress(data, 6, mtime=0))


def main() -> int:
    """Weigh both cases, each round with another event: other keys, other digests."""
    report = Report("overhead", "bytes added by signing and trust, gzipped, in percent of an unsigned HLS")
    rounds: dict[str, list[tuple[Weight, Weight]]] = {name: [] for name, _, _ in CASES}
    for _ in range(MIN_ROUNDS):
        with an_event() as eventdir:
            made = segments_of(eventdir.event)
            for name, renditions, _ in CASES:
                rounds[name].append(weigh(eventdir, made, renditions))
    for name, renditions, goal in CASES:
        report.add(_row(name, renditions, goal, rounds[name]))
    return report.show()


def _row(
    name: str, renditions: tuple[str, ...], goal: float, pairs: list[tuple[Weight, Weight]]
) -> Comparison:
    added = tuple((ours.added - plain.added) / (plain.media + plain.added) * 100 for ours, plain in pairs)
    settings = {
        "renditions": " + ".join(renditions),
        "window": "6 segments",
        "media": f"{pairs[0][1].media * 8 / 1000:.0f} kbit/s",
        "playlists": f"{pairs[0][0].playlists * 8 / 1000:.2f} kbit/s",
        "trust": f"{pairs[0][0].trust * 8 / 1000:.3f} kbit/s",
        "unsigned playlists": f"{pairs[0][1].playlists * 8 / 1000:.2f} kbit/s",
    }
    polls = 60_000 / REVOKED_POLL_MS + 60_000 / TIMESTAMP_POLL_MS
    note = f"and {polls:.0f} polls a minute without a body"
    return Comparison(name, Series("signed", "% added", added, settings), None, Goal(goal), note)


if __name__ == "__main__":
    sys.exit(main())
