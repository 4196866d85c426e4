"""How long picture and sound are away when main dies and backup takes over, and what a backup costs.

Two senders push the same MPEG-TS over TCP in real time, each with clocks of its own burnt into its pictures. Main is
killed, or frozen without hanging up, at random moments; what was signed is decoded and looked at: the longest time in
which no new clock appears, and the longest in which nothing is heard.
"""

from __future__ import annotations

import io
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.frame import AudioFrame

from bench.encode import EVENT, audio, video
from bench.report import Comparison, Goal, Report, Series, percentile
from huma.errors import UsageError
from huma.media import barcode
from huma.media.canvas import blank, planes
from huma.media.clock import RealClock
from huma.media.intake import IntakePlan, open_intake
from huma.protocol.event import Event, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from huma.media.intake import Intake
    from huma.media.segment import Segment

KILLS = 20
FPS, RATE = 30, 48_000
FILM_S = 90
BACKUP_MS = 1_000_000_000
WINDOW_TICKS = 7
STABLE_S = 1.5
LOAD_S = 20.0
SILENT_S = 0.005
SILENT_RMS = 0.003
WITHIN_S = 30.0
SEGMENT_S = 16 / 15
SMALL = Event(
    title={"en": "A benchmark"},
    schedule=(),
    start_ms=EVENT.start_ms,
    end_ms=EVENT.end_ms,
    tick=(16, 15),
    epoch_ms=EVENT.epoch_ms,
    copy=False,
    languages=(Language("en", "English"),),
    renditions=(video("v360", (640, 360), 900_000, "avc1.64001e"), audio("a-en", "en", 100_000, 2)),
    live_keys=(),
)
SETTINGS = {"source": "1280×720 H.264 2.5 Mbit/s, key frame each 2 s, AAC, MPEG-TS over TCP"}


def make_film(path: Path, first_ms: int) -> Path:
    """720p30 whose pictures tell their time, over noise that moves; a tone that never pauses."""
    chance = np.random.default_rng(first_ms)
    noise = chance.integers(90, 160, (720, 1280 + FPS * 4), dtype=np.uint8)
    with av.open(str(path), "w", "mpegts") as film:
        picture = film.add_stream("libx264", FPS)
        picture.width, picture.height, picture.pix_fmt, picture.gop_size = 1280, 720, "yuv420p", 2 * FPS
        picture.bit_rate = 2_500_000
        picture.options = {"preset": "ultrafast", "tune": "zerolatency", "maxrate": "2.5M", "bufsize": "2.5M"}
        sound, heard = film.add_stream("aac", RATE), 0
        for index in range(FILM_S * FPS):
            frame = blank(1280, 720)
            luma = planes(frame)[0]
            left = index % (FPS * 2)
            luma[:] = noise[:, left : left + 1280] // 4 * 4
            barcode.draw(luma, first_ms + index * 1000 // FPS)
            frame.pts = index
            film.mux(picture.encode(frame))
            while heard < (index + 1) * RATE // FPS:
                film.mux(sound.encode(_tone(heard)))
                heard += 1024
        film.mux(picture.encode(None))
        film.mux(sound.encode(None))
    return path


def _tone(start: int) -> AudioFrame:
    wave = (0.25 * np.sin(2 * np.pi * 440 / RATE * np.arange(start, start + 1024))).astype(np.float32)
    frame = AudioFrame.from_ndarray(np.stack((wave, wave)), "fltp", "stereo")
    frame.sample_rate, frame.pts = RATE, start
    return frame


class Sender:
    """ffmpeg, pushing a film in real time."""

    def __init__(self, film: Path, port: int) -> None:
        source = ("-re", "-stream_loop", "-1", "-i", str(film), "-c", "copy")
        self._process = subprocess.Popen(
            ["ffmpeg", "-v", "quiet", "-nostdin", *source, "-f", "mpegts", f"tcp://127.0.0.1:{port}"]
        )

    def freeze(self) -> None:
        """Send nothing more, without hanging up."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """Die at once."""
        self._process.kill()
        self._process.wait()


class Kept:
    """The last segments of each rendition."""

    def __init__(self) -> None:
        self._segments: dict[str, deque[Segment]] = {}
        self._lock = threading.Lock()

    def __call__(self, segment: Segment) -> None:
        with self._lock:
            self._segments.setdefault(segment.rendition, deque(maxlen=WINDOW_TICKS)).append(segment)

    def last(self, name: str) -> int:
        with self._lock:
            return self._segments[name][-1].n if name in self._segments else -1

    def whole(self, name: str) -> bytes:
        with self._lock:
            kept = list(self._segments[name])
        return kept[0].init + b"".join(each.data for each in kept)


class Scene:
    """A programme of main and backup, and those who send them."""

    def __init__(self, films: dict[str, Path], event: Event) -> None:
        self.kept = Kept()
        self._films = films
        self._ports = dict(zip(films, free_ports(len(films)), strict=True))
        sources = {name: f"tcp://127.0.0.1:{port}?listen=1" for name, port in self._ports.items()}
        main = sources.pop("main")
        clock = RealClock()
        first = event.grid.tick_at(clock.wall()) + 1
        self.intake: Intake = open_intake(
            IntakePlan(main, backups=sources), event=event, first_tick=first, clock=clock
        )
        self.senders: dict[str, Sender] = {}
        self._thread = threading.Thread(target=self.intake.run, args=(self.kept,), daemon=True)
        self._thread.start()
        time.sleep(1)
        for name in films:
            self.send(name)

    def send(self, name: str) -> None:
        """Begin to send, again."""
        if name in self.senders:
            self.senders[name].kill()
            self.until(lambda: self.intake.overview().inputs[name].status != "playing")
        self.senders[name] = Sender(self._films[name], self._ports[name])

    def until(self, what: Callable[[], bool]) -> None:
        """Wait for it."""
        limit = time.monotonic() + WITHIN_S
        while not what():
            if time.monotonic() > limit:
                raise RuntimeError(f"it did not happen: {self.intake.overview()}")
            time.sleep(0.05)

    def choose(self, name: str) -> None:
        """Put an input on the air as soon as it has something to show."""

        def done() -> bool:
            try:
                self.intake.choose(name)
            except UsageError:
                return False
            return self.intake.overview().on_air == name

        self.until(done)

    def close(self) -> None:
        """End everything."""
        self.intake.stop()
        self._thread.join(20)
        for sender in self.senders.values():
            sender.kill()


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


@contextmanager
def scene(films: dict[str, Path], event: Event) -> Iterator[Scene]:
    """A scene, until the block ends."""
    made = Scene(films, event)
    try:
        yield made
    finally:
        made.close()


def picture_gap_s(data: bytes, *, switched: bool) -> float:
    """The longest time without a new clock, beyond the picture's own. The loss itself must be in what is looked at."""
    with av.open(io.BytesIO(data), "r") as container:
        stamps = [barcode.decode(planes(frame)[0]) for frame in container.decode(video=0)]
    seen = [stamp for stamp in stamps if stamp is not None]
    if switched and not min(seen) < BACKUP_MS <= max(seen):
        raise RuntimeError("the switch is not in these segments: nothing was measured")
    longest = max(len(list(run)) for _, run in groupby(stamps))
    return (longest - 1) / FPS


def sound_gap_s(data: bytes) -> float:
    """The longest time in which nothing is heard."""
    with av.open(io.BytesIO(data), "r") as container:
        wave = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    wave = wave[4096:]  # the decoder warms up
    step = round(SILENT_S * RATE)
    power = np.sqrt(np.mean(wave[: len(wave) // step * step].reshape(-1, step) ** 2, axis=1))
    runs = [len(list(run)) for silent, run in groupby(power < SILENT_RMS) if silent]
    return max(runs, default=0) * SILENT_S


def kill_main(running: Scene, *, frozen: bool, chance: random.Random) -> tuple[float, float]:
    """One round: main plays, and dies at a random moment of its group of pictures."""
    running.send("main")
    running.choose("main")
    time.sleep(WINDOW_TICKS * SEGMENT_S / 2 + STABLE_S + chance.uniform(0, 2))
    sender = running.senders["main"]
    if frozen:
        sender.freeze()
    else:
        sender.kill()
    running.until(lambda: running.intake.overview().on_air == "backup")
    last = running.kept.last("v360")
    running.until(lambda: running.kept.last("v360") >= last + 3 and running.kept.last("a-en") >= last + 3)
    sender.kill()
    return (
        picture_gap_s(running.kept.whole("v360"), switched=True),
        sound_gap_s(running.kept.whole("a-en")),
    )


def kill_alone(running: Scene, chance: random.Random) -> tuple[float, float]:
    """One round without a backup: the sender is killed, and another begins a second later."""
    running.choose("main")
    time.sleep(WINDOW_TICKS * SEGMENT_S / 2 + STABLE_S + chance.uniform(0, 2))
    running.senders["main"].kill()
    time.sleep(1)
    running.send("main")
    running.until(lambda: running.intake.state().origin == "slate")
    running.until(lambda: running.intake.state().origin == "programme")
    last = running.kept.last("v360")
    running.until(lambda: running.kept.last("v360") >= last + 2 and running.kept.last("a-en") >= last + 2)
    return (
        picture_gap_s(running.kept.whole("v360"), switched=False),
        sound_gap_s(running.kept.whole("a-en")),
    )


def load(films: dict[str, Path]) -> float:
    """Cores that a programme of the full ladder takes."""
    with scene(films, EVENT) as running:
        running.until(
            lambda: all(each.status == "playing" for each in running.intake.overview().inputs.values())
        )
        time.sleep(2)
        before, since = _cpu_s(), time.monotonic()
        time.sleep(LOAD_S)
        return (_cpu_s() - before) / (time.monotonic() - since)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def gap_row(name: str, values: list[float], alone: list[float]) -> Comparison:
    """A row of the report."""
    note = (
        f"median {np.median(values):.3f} s, p95 {percentile(values, 0.95):.3f} s, worst {max(values):.3f} s"
    )
    series = Series("huma", "s", tuple(values), SETTINGS)
    peer = Series("one input", "s", tuple(alone), {"sender": "killed, and started again after 1 s"})
    return Comparison(name, series, peer, Goal(SEGMENT_S, statistic="worst"), note)


def main(kills: int = KILLS, seed: int = 1) -> int:
    """Half of the deaths with a closed line, half with a silent one; then the load."""
    result = Report("failover", "picture and sound while main dies and backup takes over")
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        films = {
            name: make_film(Path(folder) / f"{name}.ts", first)
            for name, first in (("main", 0), ("backup", BACKUP_MS))
        }
        with scene({"main": films["main"]}, SMALL) as running:
            lone = [kill_alone(running, chance) for _ in range(max(3, kills // 4))]
        for how in ("killed", "frozen"):
            gaps = []
            with scene(films, SMALL) as running:
                running.until(lambda: running.intake.overview().inputs["backup"].status == "playing")
                for _ in range(kills):
                    gaps.append(kill_main(running, frozen=how == "frozen", chance=chance))
                    print(f"  {how}: {gaps[-1]}", file=sys.stderr, flush=True)
            result.add(
                gap_row(f"picture, main {how}", [each[0] for each in gaps], [each[0] for each in lone])
            )
            result.add(gap_row(f"sound, main {how}", [each[1] for each in gaps], [each[1] for each in lone]))
        alone = load({"main": films["main"]})
        beside = load(films)
    result.add(
        Comparison(
            "CPU with an idle backup",
            Series("main and backup", "cores", (beside,)),
            Series("main alone", "cores", (alone,)),
            note="the idle input is decoded whole, so that it can be shown at once",
        )
    )
    return result.show()


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
