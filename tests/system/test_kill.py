"""kill -9 at fifty random moments: no two truths, no playlist without its media, at most one segment lost."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from huma.config import LIVE_MAX_BYTES, SEGMENT_MAX_BYTES
from huma.errors import HumaError
from huma.media.clock import FastClock
from huma.media.programme import open_programme
from huma.media.segment import Segment
from huma.protocol import names
from huma.protocol.event import Event, Language, Rendition
from huma.protocol.playlist import LivePlaylist, verify_live
from huma.store.folder import FolderStore
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, TICK, event
from tests.system.hurried import EVENT, RENDITIONS

PACE_MS = 60.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One real segment of each rendition, encoded here."""
    folder = tmp_path_factory.mktemp("segments")
    base = event()
    small = Event(
        **{
            **{name: getattr(base, name) for name in Event.__slots__},
            "languages": (Language("en", "English"),),
            "renditions": (
                Rendition(
                    "v",
                    "video",
                    1,
                    1_000_000,
                    "avc1.42c00c",
                    150_000,
                    width=256,
                    height=144,
                    frame_rate=(30, 1),
                ),
                Rendition(
                    "a",
                    "audio",
                    1,
                    65_536,
                    "mp4a.40.2",
                    96_000,
                    language="en",
                    channels=2,
                    sample_rate=48_000,
                ),
                Rendition(
                    "n",
                    "audio",
                    4,
                    65_536,
                    "mp4a.40.2",
                    24_000,
                    language="en",
                    channels=1,
                    sample_rate=48_000,
                ),
            ),
        }
    )
    made: dict[str, Segment] = {}
    programme = open_programme("test", event=small, first_tick=0, clock=FastClock(EPOCH_MS))
    programme.stop(at_tick=4)
    programme.run(lambda each: made.update({each.rendition: each}))
    for name, _ in RENDITIONS:
        (folder / f"{name}.m4s").write_bytes(made[name].data)
        (folder / f"{name}.mp4").write_bytes(made[name].init)
    return folder


@dataclass
class Witness:
    """Reads every store all the time, and keeps every signed playlist that anybody could have seen."""

    places: list[Path]
    seen: dict[tuple[str, str, int], str] = field(default_factory=dict)
    uris: dict[tuple[str, str, int], str] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stores = {place.name: FolderStore(place) for place in self.places}
        self._one_look = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.003):
            self.look()

    def look(self, *, media: bool = False) -> None:
        for place, store in self._stores.items():
            for name, _ in RENDITIONS:
                with self._one_look:
                    data = store.get(names.live_path(name), LIVE_MAX_BYTES)
                    if data is not None:
                        self._judge(place, store, name, data, media=media)

    def _judge(self, place: str, store: FolderStore, name: str, data: bytes, *, media: bool) -> None:
        try:
            playlist = verify_live(data, event=EVENT, event_id=EVENT_ID, rendition=name)
        except HumaError as error:
            self.wrong.append(f"{place} {name}: {error.message}")
            return
        digest = names.sha256_hex(data)
        if self.seen.setdefault((playlist.keyid, name, playlist.tick), digest) != digest:
            self.wrong.append(f"{place} {name}: two versions of tick {playlist.tick}")
        for n, uri in enumerate(playlist.uris, playlist.media_sequence):
            if self.uris.setdefault((playlist.keyid, name, n), uri) != uri:
                self.wrong.append(f"{place} {name}: two segments {n}")
        if playlist.tick < self.newest.get((place, name), -1):
            self.wrong.append(f"{place} {name}: went back to tick {playlist.tick}")
        self.newest[place, name] = playlist.tick
        if media:
            self._judge_media(place, store, playlist)

    def _judge_media(self, place: str, store: FolderStore, playlist: LivePlaylist) -> None:
        for entry in playlist.entries:
            for ref, size in ((entry.ref, entry.size), (entry.init, entry.init_size)):
                data = store.get(ref.path, SEGMENT_MAX_BYTES)
                if data is None or len(data) != size or names.sha256_hex(data) != ref.digest:
                    self.wrong.append(
                        f"{place} {playlist.rendition}: lacks {ref.path} at tick {playlist.tick}"
                    )


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    found = Witness([tmp_path / "near", tmp_path / "slow"])
    yield found
    found.stop()


@dataclass(frozen=True)
class Killed:
    """When each tick was given to the publisher, and when it was killed."""

    given: dict[int, float]
    at: float

    def lost_s(self, newest: int) -> list[float]:
        """How long before its death it had been given each tick that is not public."""
        return [self.at - when for tick, when in self.given.items() if tick > newest]


def run_and_kill(tmp_path: Path, segments: Path, after_s: float) -> Killed:
    """Run, and kill after so many seconds on the air."""
    broadcast = subprocess.Popen(
        [sys.executable, "-m", "tests.system.hurried", tmp_path / "state", segments, str(PACE_MS),
         tmp_path / "near", tmp_path / "slow"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert broadcast.stdout is not None
    assert broadcast.stderr is not None
    first = broadcast.stdout.readline()
    assert first, broadcast.stderr.read()
    time.sleep(after_s)
    at = time.monotonic()
    broadcast.kill()
    rest = broadcast.stdout.read()
    broadcast.wait()
    broadcast.stdout.close()
    broadcast.stderr.close()
    lines = [line.split() for line in (first + rest).split("\n")[:-1]]
    return Killed({int(tick): float(when) for tick, when in lines}, at)


@pytest.mark.system
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kills", [10, 50])
def test_killed_at_any_moment_it_never_contradicts_itself(
    tmp_path: Path, segments: Path, witness: Witness, kills: int
) -> None:
    chance = random.Random(20261123)
    lost: list[list[float]] = []
    for kill in range(kills):
        killed = run_and_kill(tmp_path, segments, chance.uniform(0.0, 0.6))
        witness.look(media=True)
        assert witness.wrong == [], f"after kill {kill}"
        lost += [killed.lost_s(witness.newest.get(("near", name), -1)) for name in ("v", "a")]
    print(f"segments given and not yet public, over {kills} kills: {sorted(map(len, lost))}")
    oldest = max((age for each in lost for age in each), default=0.0)
    assert oldest < TICK, "on the air, where a segment comes each tick, more than one would have been lost"
    assert len(witness.seen) > 3 * kills
    assert KEYS[1].public.keyid in {keyid for keyid, _, _ in witness.seen}
