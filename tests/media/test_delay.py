"""The delay to the air: what has arrived waits, and is thrown away when told. Time is the test's own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from huma.errors import UsageError
from huma.media import barcode
from huma.media.address import parse_address
from huma.media.bulletin import Bulletin
from huma.media.canvas import blank, planes
from huma.media.decoding import Wanted
from huma.media.feed import Canvas
from huma.media.ingest import Ingest
from huma.media.inputs import Inputs
from huma.media.mediafeed import MediaFeed
from huma.media.reader import Reader
from tests.media.doorway import PipeDoor
from tests.media.driving import FPS, PER_SLOT, TIMELINE
from tests.media.making import clocked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from huma.media.packets import PacketLines

LIMIT_S = 60


class Watched(threading.Condition):
    """Knows which threads wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: set[str] = set()

    def wait(self, timeout: float | None = None) -> bool:
        name = threading.current_thread().name
        self.waiting.add(name)
        try:
            return super().wait(timeout)
        finally:
            self.waiting.discard(name)

    def notify_all(self) -> None:
        """Whoever is woken has something to look at before he is idle again."""
        self.waiting.clear()
        super().notify_all()


class Air:
    """A feed with a delay, asked slot by slot; before each slot its threads have done all that they can do by then."""

    def __init__(self, source: str, delay_s: float, door: PipeDoor | None = None) -> None:
        self.slot = 0
        self.door = door
        self.ingest = Ingest(lambda: self.slot / FPS, delay_s)
        bulletin = Bulletin()
        doors = {} if door is None else {door.name: door}
        inputs = Inputs([parse_address(source)], loop=False, bulletin=bulletin, doors=doors)
        wanted = Wanted(["en"], Canvas(320, 180), 48_000, float(FPS))
        self.reader = Reader(inputs, wanted, blank(320, 180), bulletin, self.ingest)
        self.changed = self.reader.changed = Watched()
        self.feed = MediaFeed(self.reader, TIMELINE, paced=True)
        self.feed.start()
        self.shown: list[int | None] = []
        self.sounding: list[bool] = []

    def until(self, what: Callable[[], bool]) -> None:
        limit = time.monotonic() + LIMIT_S
        while True:
            with self.reader.changed:
                if what():
                    return
                self.reader.changed.wait(0.02)
            assert time.monotonic() < limit

    def received(self, ms: int) -> None:
        """Wait until pictures up to that time have arrived."""
        self.until(lambda: bool(self.reader._receptions) and self.newest_ms >= ms)

    @property
    def newest_ms(self) -> float:
        lines = [each.decoding.lines for each in self.reader._receptions][-1]
        return 1000 * ((lines._newest or 0.0) - self.first_s(lines))

    def first_s(self, lines: PacketLines) -> float:
        """Where this source's clock begins: MPEG-TS starts at 1.4 s and a little."""
        if not hasattr(self, "_first"):
            times = [line[0].time for line in lines._lines.values() if line]
            self._first = min(each for each in times if each is not None)
        return self._first

    def run(self, slots: int) -> None:
        for _ in range(slots):
            self.until(self._is_idle)
            picture = self.feed.picture(self.slot)
            self.shown.append(None if picture is None else barcode.decode(planes(picture)[0]))
            sound = self.feed.sound("en", self.slot * PER_SLOT, PER_SLOT)
            self.sounding.append(sound is not None and bool(abs(sound).max() > 0.05))
            self.slot += 1

    def _is_idle(self) -> bool:
        if self.reader.finished:
            return True
        if "huma-reader" not in self.changed.waiting:
            return False
        if not self.reader._receptions:
            return True
        reception = self.reader._receptions[0]
        needed = reception.decoding.needed(self.reader._begun[-1])
        return needed is None and not reception.decoding.begins_anew() and not reception.decoding.done

    def times(self, start: int = 0) -> list[int]:
        """The different clocks that were shown, in order."""
        seen = [each for each in self.shown[start:] if each is not None]
        return [each for each, before in zip(seen, [None, *seen], strict=False) if each != before]


@pytest.fixture(params=["flv", "mpegts"])
def air(request: pytest.FixtureRequest) -> Iterator[Callable[[float], Air]]:
    made: list[Air] = []

    def make(delay_s: float) -> Air:
        made.append(Air("door:main", delay_s, PipeDoor("main", request.param)))
        return made[-1]

    yield make
    for each in made:
        each.feed.stop()


def recording(folder: Path, air: Air, name: str = "a", **options: int) -> bytes:
    form = air.door.form if air.door else "mpegts"
    return clocked(folder / f"{name}.{'flv' if form == 'flv' else 'ts'}", **options).read_bytes()


def half_sent(scene: Air, folder: Path) -> Callable[[], None]:
    """Half of twelve seconds has come, and three seconds have been asked for; what is given back sends the other half."""
    assert scene.door
    data = recording(folder, scene, seconds=12)
    line = scene.door.publish()
    line.send(data[: len(data) // 2])
    scene.received(5000)
    scene.run(3 * FPS)

    def send_the_rest() -> None:
        line.send(data[len(data) // 2 :])
        line.end()

    return send_the_rest


def test_nothing_goes_on_the_air_before_its_time_and_everything_after(
    air: Callable[[float], Air], tmp_path: Path
) -> None:
    scene = air(3.0)
    assert scene.door
    scene.door.publish(recording(tmp_path, scene, seconds=4))
    scene.until(lambda: bool(scene.reader._receptions) and scene.reader._receptions[0].received.is_set())
    assert scene.reader.held_s > 3
    scene.run(9 * FPS)
    assert scene.shown[: 3 * FPS] == [None] * (3 * FPS)
    assert not any(scene.sounding[: 3 * FPS])
    times = scene.times()
    assert times == sorted(times)
    assert len(times) >= 4 * FPS - 4
    assert sum(scene.sounding) >= 4 * FPS - 6
    assert scene.reader.held_bytes == 0


def test_a_dump_throws_away_all_that_was_held(air: Callable[[float], Air], tmp_path: Path) -> None:
    scene = air(2.0)
    send_the_rest = half_sent(scene, tmp_path)
    assert scene.shown[-1] is not None
    assert scene.sounding[-1]
    newest = scene.newest_ms
    scene.reader.dump()
    assert scene.feed.sound("en", scene.slot * PER_SLOT, PER_SLOT) is None
    send_the_rest()
    scene.received(int(newest) + 4000)
    at = scene.slot
    scene.run(5 * FPS)
    assert scene.shown[at : at + 2 * FPS] == [None] * (2 * FPS)
    after = scene.times(at)
    assert after[0] > newest - 1000 / FPS
    assert after[0] <= newest + 1500  # the next key frame, and not much later
    assert len(after) > 2 * FPS


def test_after_a_dump_it_can_go_on_without_a_delay(air: Callable[[float], Air], tmp_path: Path) -> None:
    scene = air(2.0)
    send_the_rest = half_sent(scene, tmp_path)
    newest = scene.newest_ms
    scene.reader.dump(refill=False)
    send_the_rest()
    scene.received(int(newest) + 4000)
    at = scene.slot
    scene.run(FPS)
    assert scene.times(at)[0] > newest - 1000 / FPS
    assert scene.ingest.delay_s == 0


def test_one_who_returns_while_his_first_call_still_waits_is_not_lost(
    air: Callable[[float], Air], tmp_path: Path
) -> None:
    scene = air(4.0)
    assert scene.door
    first = recording(tmp_path, scene, "a", seconds=2)
    second = recording(tmp_path, scene, "b", seconds=2, first_ms=100_000)
    scene.door.publish(first)
    scene.until(lambda: bool(scene.reader._receptions) and scene.reader._receptions[0].received.is_set())
    scene.run(FPS)
    scene.door.publish(second)
    scene.until(lambda: len(scene.reader._receptions) == 2 and scene.reader._receptions[1].received.is_set())
    scene.run(10 * FPS)
    times = scene.times()
    assert times == sorted(times)
    assert len([each for each in times if each < 100_000]) >= 2 * FPS - 4
    assert len([each for each in times if each >= 100_000]) >= 2 * FPS - 4
    first_late = next(slot for slot, each in enumerate(scene.shown) if each and each >= 100_000)
    assert (
        5 * FPS <= first_late <= 7 * FPS
    )  # one second after the first, and four of delay; the first lasts to 6


def test_a_loss_is_seen_when_it_is_on_the_air(air: Callable[[float], Air], tmp_path: Path) -> None:
    scene = air(3.0)
    assert scene.door
    scene.door.publish(recording(tmp_path, scene, seconds=2))
    scene.until(lambda: bool(scene.reader._receptions) and scene.reader._receptions[0].received.is_set())
    scene.run(4 * FPS)
    assert scene.feed.status() == "playing"
    scene.run(3 * FPS)
    assert scene.feed.status() == "reconnecting"
    assert scene.shown[-1] is None


def test_of_a_recording_a_dump_leaves_out_as_much_as_the_delay(tmp_path: Path) -> None:
    path = clocked(tmp_path / "film.mp4", seconds=16)
    scene = Air(str(path), 2.0)
    try:
        scene.until(lambda: scene.reader.held_s > 10)
        scene.run(4 * FPS)
        last = scene.shown[-1]
        assert last is not None
        scene.reader.dump()
        at = scene.slot
        scene.run(5 * FPS)
        assert scene.shown[at : at + 2 * FPS] == [None] * (2 * FPS)
        first = scene.times(at)[0]
        assert (
            last + 2000 <= first <= last + 2000 + 2500
        )  # what was decoded ahead goes too, and up to a key frame
        assert len(scene.times(at)) >= 2 * FPS
    finally:
        scene.feed.stop()


def test_a_dump_with_nothing_held_harms_nothing(air: Callable[[float], Air], tmp_path: Path) -> None:
    scene = air(1.0)
    assert scene.door
    scene.reader.dump()
    scene.run(3)
    scene.door.publish(recording(tmp_path, scene, seconds=2))
    scene.until(lambda: bool(scene.reader._receptions) and scene.reader._receptions[0].received.is_set())
    scene.reader.dump()
    scene.run(3 * FPS)
    assert scene.times() == []
    scene.door.publish(recording(tmp_path, scene, "b", seconds=2, first_ms=50_000))
    scene.until(
        lambda: any(
            each.received.is_set() and each.decoding.lines.held_s > 1 for each in scene.reader._receptions
        )
    )
    scene.run(4 * FPS)
    assert len(scene.times()) >= 2 * FPS - 4
    assert min(scene.times()) >= 50_000


@pytest.mark.parametrize("seconds", [-1, 61, float("nan"), float("inf")])
def test_a_delay_has_its_limits(seconds: float) -> None:
    with pytest.raises(UsageError) as caught:
        Ingest(delay_s=seconds)
    assert caught.value.code == "delay"
