"""Whether it is on the air, as a viewer would find: good mirrors, and those that lie, freeze, hang or are away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from huma.desk.outside import FRESH_MS, Outside, Place, Seen, verdict
from huma.errors import HumaError, StoreError
from huma.store.memory import MemoryStore
from tests.broadcast.studio import EVENT_ID, KEYS, Studio, until


@dataclass
class Mirror:
    """A mirror of the studio's store that can do everything a mirror should not."""

    name: str
    behind: MemoryStore
    away: bool = False
    hang: threading.Event | None = None
    forged: dict[str, bytes] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def get(self, path: str, max_bytes: int) -> bytes | None:
        if self.hang is not None:
            self.hang.wait(20)
        if self.away:
            raise StoreError(f"{self.name} cannot be reached", code="store-unreachable")
        if path.startswith(self.missing or ("nothing",)):
            return None
        return next(
            (data for part, data in self.forged.items() if part in path), self.behind.get(path, max_bytes)
        )


@dataclass
class Scene:
    studio: Studio
    store: MemoryStore
    mirrors: list[Mirror] = field(default_factory=list)
    passed_ms: int = 0

    def __post_init__(self) -> None:
        self.outside = Outside(lambda: self.studio.event, EVENT_ID, self.places, wall=self.wall, every_s=0.05)

    def wall(self) -> int:
        return self.studio.clock.wall() + self.passed_ms

    def places(self) -> dict[str, Place]:
        return {mirror.name: Place(mirror.name, "mirror", mirror) for mirror in self.mirrors}

    def mirror(self, name: str = "m") -> Mirror:
        self.mirrors.append(Mirror(name, self.store))
        return self.mirrors[-1]

    def look(self, mirror: Mirror) -> Seen:
        return self.outside.look(mirror.name, self.places()[mirror.name], weigh=True)

    def state(self, mirror: Mirror) -> str:
        return self.look(mirror).state(self.wall())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    store = MemoryStore("store")
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 3)
    studio.settle()
    yield Scene(studio, store)
    studio.end()


def test_a_good_mirror_is_on_until_it_is_late(scene: Scene) -> None:
    seen = scene.look(scene.mirror())
    assert (seen.tick, seen.rank, seen.weighed, seen.code) == (3, 1, True, "")
    assert seen.state(scene.wall()) == "on"
    scene.passed_ms = FRESH_MS + 60_000
    assert scene.state(scene.mirrors[0]) == "late"


def test_an_end_that_is_signed_is_no_loss(scene: Scene) -> None:
    mirror = scene.mirror()
    scene.studio.publisher.close(ended=True)
    assert scene.studio.delivery.flush(10)
    scene.passed_ms = 3_600_000
    assert scene.state(mirror) == "ended"
    assert verdict([scene.look(mirror)], scene.wall()) == "ended"


@pytest.mark.parametrize(
    ("knob", "state", "code"),
    [
        ({"away": True}, "away", "store-unreachable"),
        ({"missing": ("live/",)}, "away", "nothing-live"),
        ({"forged": {"live/": b"#EXTM3U\n"}}, "wrong", "forged"),
        ({"forged": {"live/": b""}}, "wrong", "forged"),
        ({"forged": {"media/": b"another sentence"}}, "wrong", "forged-segment"),
        ({"missing": ("media/",)}, "wrong", "forged-segment"),
    ],
)
def test_what_a_mirror_should_not_do_is_seen(
    scene: Scene, knob: dict[str, object], state: str, code: str
) -> None:
    mirror = scene.mirror()
    for name, value in knob.items():
        setattr(mirror, name, value)
    seen = scene.look(mirror)
    assert (seen.state(scene.wall()), seen.code) == (state, code)


def test_a_playlist_of_a_key_that_is_not_ours_is_forged(scene: Scene, tmp_path: Path) -> None:
    store = MemoryStore("theirs")
    theirs = Studio(tmp_path / "theirs", [store])
    theirs.event = scene.studio.event
    theirs.ticks(0, 3)
    theirs.settle()
    data = store.get("live/v.m3u8", 1_000_000)
    theirs.end()
    assert data is not None
    mirror = scene.mirror()
    mirror.forged = {"live/": data.replace(KEYS[1].public.keyid.encode(), b"0" * 16)}
    assert scene.look(mirror).code == "forged"


def test_one_good_mirror_is_enough(scene: Scene) -> None:
    names = ("away", "forged", "good")
    away, forged, _ = (scene.mirror(name) for name in names)
    away.away, forged.forged = True, {"live/": b"x"}
    seen = [scene.look(mirror) for mirror in scene.mirrors]
    assert verdict(seen, scene.wall()) == "on"
    assert verdict(seen[:2], scene.wall()) == "off"
    assert verdict([], scene.wall()) == "off"
    scene.passed_ms = FRESH_MS + 60_000
    assert verdict(seen, scene.wall()) == "late"


def test_one_that_hangs_keeps_nobody_from_seeing_the_others(scene: Scene) -> None:
    hanging, good = scene.mirror("hanging"), scene.mirror("good")
    hanging.hang = threading.Event()
    scene.outside.start()
    try:
        until(lambda: scene.outside.seen[1].tick == 3)
        assert scene.outside.seen[0] == Seen("hanging", "mirror")
        scene.studio.ticks(4, 5)
        scene.studio.settle()
        until(lambda: scene.outside.seen[1].tick == 5)
        late = scene.mirror("late")
        until(lambda: len(scene.outside.seen) == 3 and scene.outside.seen[2].tick == 5)
        assert late.name == scene.outside.seen[2].name
        good.away = True
        until(lambda: scene.outside.seen[1].code == "store-unreachable")
    finally:
        hanging.hang.set()
        scene.outside.stop()


def test_a_folder_that_is_being_written_is_waited_for(scene: Scene) -> None:
    def broken() -> dict[str, Place]:
        raise HumaError("not now")

    outside = Outside(lambda: scene.studio.event, EVENT_ID, broken, wall=scene.wall)
    assert outside.seen == []
