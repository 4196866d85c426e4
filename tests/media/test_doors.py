"""Doors that others open: FLV and MPEG-TS through real pipes, publishers that go, return, or send nonsense."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from huma.errors import MediaError, TransportError, UsageError
from huma.media.address import parse_address
from huma.media.clock import FastClock
from huma.media.doors import GuardedBytes
from huma.media.programme import open_programme
from tests.media.doorway import PipeDoor, PipeSource
from tests.media.events import audio, event, video
from tests.media.making import TONE, copyable, decodes_cleanly, movie
from tests.media.reading import pictures
from tests.media.wires import BRIGHT, Running, assert_no_hole, origins, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from huma.media.doors import Form
    from tests.media.reading import Collected


class Scene:
    """A programme whose source is a door."""

    def __init__(self, form: Form) -> None:
        self.door = PipeDoor("main", form)
        clock = FastClock(plain().grid.start_ms(4))
        self.run = Running("door:main", clock, doors={"main": self.door})

    def until(self, pattern: str) -> None:
        self.run.wait_for(lambda made: origins(made["v180"]).startswith(pattern))


@pytest.fixture(params=["flv", "mpegts"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    made = Scene(request.param)
    yield made
    made.run.end()


def bytes_of(folder: Path, form: Form, seconds: float = 4) -> bytes:
    path = folder / f"bright.{'flv' if form == 'flv' else 'ts'}"
    sound = ("-c:a", "aac", "-ar", "48000")
    return movie(path, seconds=seconds, picture=BRIGHT, sound=TONE, options=sound).read_bytes()


def test_a_publisher_goes_and_returns(scene: Scene, tmp_path: Path) -> None:
    data = bytes_of(tmp_path, scene.door.form)
    scene.until("s")
    scene.door.publish(data)
    scene.until("sps")
    scene.door.publish(data)
    scene.until("spsps")
    scene.run.end()
    assert_no_hole(scene.run, tmp_path)
    bright = [luma.mean() > 130 for _, luma in pictures(scene.run.segments.whole("v180"))]
    assert 2 * 115 <= sum(bright) <= 2 * 130  # twice 120, and what stands for a moment at each end
    assert scene.run.programme.state().returns >= 2


@pytest.mark.parametrize("nonsense", [b"", b"GET / HTTP/1.1\r\n\r\n" * 50, bytes(range(256)) * 400])
def test_one_who_sends_nonsense_is_sent_away(scene: Scene, nonsense: bytes, tmp_path: Path) -> None:
    scene.until("s")
    stranger = scene.door.publish(nonsense)
    scene.door.publish(bytes_of(tmp_path, scene.door.form))
    scene.until("sp")
    assert stranger.closed.is_set()
    assert any("door main" in message for message in scene.run.programme.state().messages)


def test_a_publication_that_is_cut_in_the_middle_plays_until_there(scene: Scene, tmp_path: Path) -> None:
    data = bytes_of(tmp_path, scene.door.form)
    scene.until("s")
    cut = scene.door.publish(data[: len(data) * 2 // 3 + 11])
    scene.until("sps")
    assert cut.closed.is_set()
    scene.run.end()
    assert_no_hole(scene.run, tmp_path)


def test_a_door_that_fails_is_tried_again(scene: Scene, tmp_path: Path) -> None:
    scene.door.fail(OSError(24, "too many open files"))
    scene.door.fail(TransportError("the key is not good"))
    scene.door.publish(bytes_of(tmp_path, scene.door.form))
    scene.until("sp")
    told = " ".join(scene.run.programme.state().messages)
    assert "too many open files" in told
    assert "the key is not good" in told


def test_a_door_that_shuts_ends_the_programme(tmp_path: Path) -> None:
    scene = Scene("flv")
    scene.door.publish(bytes_of(tmp_path, "flv"))
    scene.door.shut()
    scene.run._thread.join(30)
    assert not scene.run._thread.is_alive()
    assert scene.run.error is None
    assert scene.run.programme.state().source == "ended"


def test_stopping_does_not_wait_for_a_publisher_that_is_silent(scene: Scene) -> None:
    silent = scene.door.publish()
    silent.send(b"FLV\1\5\0\0\0\x09")
    scene.run.end()  # fails when the programme's thread does not end
    assert silent.closed.wait(5)


def at_least(count: int) -> Callable[[Collected], bool]:
    return lambda made: len(made["v"]) >= count


def test_a_copy_of_what_comes_in_at_a_door(tmp_path: Path) -> None:
    data = copyable(tmp_path / "source.flv", seconds=4).read_bytes()
    carried = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
    door = PipeDoor("main", "flv")
    run = Running("door:main", FastClock(plain().grid.start_ms(4)), of=carried, doors={"main": door})
    try:
        for count in (2, 4):
            door.publish(data)
            run.wait_for(at_least(count))
    finally:
        run.end()
    assert [each.discontinuity for each in run.segments["v"]].count(True) == 1
    assert decodes_cleanly(run.segments.save("v", tmp_path), run.segments.save("a-en", tmp_path))


def test_a_door_that_nobody_opened_is_told_at_once() -> None:
    with pytest.raises(UsageError, match="no door main") as caught:
        open_programme("door:main", event=plain(), first_tick=4, doors={"backup": PipeDoor("backup")})
    assert caught.value.code == "source-door"
    assert "backup" in caught.value.hint


@pytest.mark.parametrize("name", ["", "Main", "a b", "../x", "-a", "x" * 33, "ключ"])
def test_names_of_doors_are_plain(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(f"door:{name}")
    assert caught.value.code == "source-address"


class _Breaking:
    """Raises whatever it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int) -> bytes:  # noqa: ARG002 - the port's
        raise self._error

    def close(self) -> None:
        raise self._error


@pytest.mark.parametrize("error", [OSError(5, "x"), ValueError("closed"), MediaError("m"), TimeoutError()])
def test_what_goes_wrong_in_a_source_is_its_end(error: Exception) -> None:
    guarded = GuardedBytes(_Breaking(error), threading.Event())
    assert guarded.read(100) == b""
    guarded.close()


def test_nothing_is_read_after_the_stop() -> None:
    source, stop = PipeSource(), threading.Event()
    source.send(b"something")
    stop.set()
    assert GuardedBytes(source, stop).read(100) == b""
    source.close()
    source.end()
