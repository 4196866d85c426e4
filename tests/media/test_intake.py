"""A programme of several inputs, through real containers and real encoders: what viewers would see and hear."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from huma.errors import UsageError
from huma.media import barcode
from huma.media.clock import FastClock, RealClock
from huma.media.intake import IntakePlan, open_intake
from tests.media.doorway import PipeDoor
from tests.media.events import audio, event, video
from tests.media.making import clocked, movie
from tests.media.reading import Collected, loudness, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OF = event(video("v180", 320, 180, 400_000, codecs="avc1.64000d"), audio("a-en", "en"), audio("a-fa", "fa"))
BACKUP_MS = 1_000_000
LIMIT_S = 60


class Studio:
    """An intake in a thread of its own, with doors called main, backup and fa."""

    def __init__(self, **plan: Any) -> None:
        self.doors = {
            "main": PipeDoor("main"),
            "backup": PipeDoor("backup", "mpegts"),
            "fa": PipeDoor("fa"),
        }
        self.made = Collected()
        self.intake = open_intake(
            IntakePlan("door:main", **plan),
            event=OF,
            first_tick=4,
            clock=FastClock(OF.grid.start_ms(4)),
            doors=self.doors,
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.intake.run(self.made)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error

    def until(self, what: Callable[[], bool]) -> None:
        limit = time.monotonic() + LIMIT_S
        while not what():
            assert self.error is None, self.error
            assert time.monotonic() < limit, self.intake.overview()
            time.sleep(0.01)

    def opened(self, name: str, times: int = 1) -> None:
        self.until(lambda: self.intake.overview().inputs[name].arriving.opened >= times)

    def on_air(self, name: str) -> None:
        self.until(lambda: self.intake.overview().on_air == name)

    def end(self) -> None:
        self.intake.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert self.error is None

    def shown(self) -> list[int | None]:
        """The clock in each picture that was sent out; the slate has none."""
        return [barcode.decode(luma) for _, luma in pictures(self.made.whole("v180"))]


@pytest.fixture
def studio() -> Iterator[Callable[..., Studio]]:
    made: list[Studio] = []

    def make(**plan: Any) -> Studio:
        made.append(Studio(**plan))
        return made[-1]

    yield make
    for each in made:
        each.intake.stop()
        each._thread.join(20)


def halves(path: Path) -> tuple[bytes, bytes]:
    data = path.read_bytes()
    return data[: len(data) // 2], data[len(data) // 2 :]


def test_when_main_dies_the_next_picture_is_the_backups(
    studio: Callable[..., Studio], tmp_path: Path
) -> None:
    scene = studio(backups={"backup": "door:backup"})
    early, late = halves(clocked(tmp_path / "main.flv", seconds=6))
    line = scene.doors["main"].publish()
    line.send(early)
    scene.on_air("main")
    scene.doors["backup"].publish(clocked(tmp_path / "b.ts", seconds=16, first_ms=BACKUP_MS).read_bytes())
    scene.opened("backup")
    line.send(late)
    line.end()
    scene.on_air("backup")
    count = len(scene.made["v180"])
    scene.until(lambda: len(scene.made["v180"]) >= count + 4)
    scene.end()
    shown = scene.shown()
    first = next(slot for slot, each in enumerate(shown) if each is not None)
    seam = next(slot for slot, each in enumerate(shown) if each is not None and each >= BACKUP_MS)
    assert None not in shown[first : seam + 60]
    both = [each for each in shown[first : seam + 60] if each is not None]
    assert both == sorted(both)
    assert both[seam - first - 1] >= 4000  # most of main was played; what is left was in hand when it died
    per_slot = 1000 / 30
    assert np.diff(both[: seam - first]).max() <= 2 * per_slot
    quarter = 16 / 15 / 8
    loud = loudness(scene.made.whole("a-en"), quarter)
    window = loud[int(first / 30 / quarter) + 2 : int((seam + 60) / 30 / quarter)]
    assert min(window) > 0.1
    assert scene.intake.overview().switches == 1


def test_main_is_chosen_again_by_hand(studio: Callable[..., Studio], tmp_path: Path) -> None:
    scene = studio(backups={"backup": "door:backup"})
    data = clocked(tmp_path / "b.ts", seconds=16, first_ms=BACKUP_MS).read_bytes()
    quarters = [data[len(data) * index // 4 : len(data) * (index + 1) // 4] for index in range(4)]
    line = scene.doors["backup"].publish()
    line.send(quarters[0] + quarters[1])
    scene.on_air("backup")
    with pytest.raises(UsageError):
        scene.intake.choose("main")
    # While a line is open and silent this clock stands still: nothing here depends on how fast the machine is.
    scene.doors["main"].publish(clocked(tmp_path / "main.flv", seconds=20).read_bytes())
    scene.opened("main")
    line.send(quarters[2])
    scene.until(lambda: _can_choose(scene, "main"))
    line.send(quarters[3])
    line.end()
    scene.on_air("main")
    overview = scene.intake.overview()
    assert overview.held
    scene.end()
    shown = [each for each in scene.shown() if each is not None]
    assert shown[0] >= BACKUP_MS
    assert any(each < BACKUP_MS for each in shown)


def _can_choose(scene: Studio, name: str) -> bool:
    try:
        scene.intake.choose(name)
    except UsageError:
        return False
    return True


def test_a_language_comes_from_a_door_of_its_own_and_is_silent_without(
    studio: Callable[..., Studio], tmp_path: Path
) -> None:
    scene = studio(languages={"fa": "door:fa"})
    early, late = halves(clocked(tmp_path / "main.flv", seconds=12))
    line = scene.doors["main"].publish()
    line.send(early)
    scene.on_air("main")
    scene.until(lambda: len(scene.made["a-en"]) >= 3)
    before = len(scene.made["a-fa"])
    voice = movie(
        tmp_path / "fa.flv", seconds=3, picture=None, sound="sine=f=990:r=48000", options=("-c:a", "aac")
    )
    scene.doors["fa"].publish(voice.read_bytes())
    scene.opened("language-fa")
    line.send(late)
    scene.until(lambda: any("language fa is away" in each for each in scene.intake.state().messages))
    state = scene.intake.overview().languages["fa"]
    assert state.heard == "silence"
    line.end()
    scene.end()
    assert before >= 2
    tick = 16 / 15
    farsi = loudness(scene.made.whole("a-fa"), tick / 8)
    english = loudness(scene.made.whole("a-en"), tick / 8)
    assert max(farsi[: (before - 1) * 8]) < 1e-3
    spoken = [value > 0.02 for value in farsi]
    assert 3 / (tick / 8) * 0.8 < sum(spoken) < 3 / (tick / 8) * 1.1
    assert sum(value > 0.1 for value in english) > 40
    told = [each for each in scene.intake.state().messages if "language fa" in each]
    assert "language fa is on the air" in told


def test_the_slate_and_the_levels(studio: Callable[..., Studio], tmp_path: Path) -> None:
    scene = studio()
    line = scene.doors["main"].publish()
    early, late = halves(clocked(tmp_path / "main.flv", seconds=16))
    line.send(early)
    scene.on_air("main")
    scene.until(lambda: scene.intake.overview().output.levels["en"].short_term is not None)
    assert scene.intake.overview().output.levels["en"].momentary == pytest.approx(-12, abs=1)
    scene.intake.slate(on=True)
    line.send(late)
    scene.until(lambda: scene.intake.state().origin == "slate")
    assert [each.code for each in scene.intake.overview().output.alarms][:1] == ["slate"]
    assert scene.intake.overview().slate
    assert scene.intake.overview().inputs["main"].status == "playing"


def test_what_arrives_is_told_and_no_address_is(studio: Callable[..., Studio], tmp_path: Path) -> None:
    scene = studio(backups={"backup": "tcp://127.0.0.1:9/?listen=0"})
    scene.doors["main"].publish(clocked(tmp_path / "secret-name.flv", seconds=8, gop=30).read_bytes())
    scene.on_air("main")
    overview = scene.intake.overview()
    main = overview.inputs["main"]
    assert (main.protocol, main.arriving.codecs) == ("pipe", ("h264", "aac"))
    assert (main.arriving.width, main.arriving.height) == (320, 180)
    assert main.arriving.frame_rate == pytest.approx(30, abs=0.5)
    assert main.arriving.key_interval_s == pytest.approx(1, abs=0.05)
    assert main.arriving.kbps > 0
    assert overview.inputs["backup"].protocol == "tcp"
    assert "127.0.0.1" not in repr(overview.inputs)
    assert "secret-name" not in repr(overview)


def planned(**plan: Any) -> IntakePlan:
    return IntakePlan("door:main", **plan)


def test_the_delay_reaches_every_input_and_the_lead_those_with_pictures() -> None:
    doors = {name: PipeDoor(name) for name in ("main", "backup", "fa")}
    plan = planned(backups={"backup": "door:backup"}, languages={"fa": "door:fa"}, delay_s=10.0, lead_ms=1500)
    intake = open_intake(plan, event=OF, first_tick=4, clock=RealClock(), doors=doors)

    def delays() -> list[float]:
        return [each.delay_s for each in intake.overview().inputs.values()]

    assert delays() == [11.5, 11.5, 10.0]
    intake.delay(3)
    assert delays() == [4.5, 4.5, 3.0]
    with pytest.raises(UsageError):
        intake.delay(59)
    assert delays() == [4.5, 4.5, 3.0]
    assert intake.overview().delay_s == 3
    intake.dump(refill=False)
    assert delays() == [1.5, 1.5, 0.0]
    assert intake.lay("fa", -3000) == -1500


@pytest.mark.parametrize(
    "plan",
    [
        {"languages": {"de": "door:main"}},
        {"backups": {"main": "door:main"}},
        {"backups": {"backup": "door:nowhere"}},
        {"lead_ms": -1},
        {"lead_ms": 5001},
        {"delay_s": 61.0},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_at_once(plan: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        open_intake(planned(**plan), event=OF, first_tick=4, doors={"main": PipeDoor("main")})
