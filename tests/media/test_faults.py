"""What goes wrong inside: a worker dies, a sink refuses, encoding is too slow, a segment is too big."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from huma.errors import MediaError, StoreError
from huma.media import crew as crews
from huma.media import pictures, sounds
from huma.media.canvas import blank, planes
from huma.media.clock import FastClock, RealClock
from huma.media.crew import Crew
from huma.media.decoding import Decoding
from huma.media.h264 import parameters_of_record, parse_sps
from huma.media.pictures import PictureEncoder
from huma.media.programme import open_programme
from huma.media.state import ProgrammeState
from huma.media.timeline import open_timeline
from tests.media.events import EPOCH_MS, audio, event, small, video
from tests.media.making import decodes_cleanly, movie
from tests.media.reading import Collected, fragments, run_fast
from tests.media.reading import pictures as decoded

if TYPE_CHECKING:
    from pathlib import Path

    from huma.media.segment import Segment


def threads_of_ours() -> list[str]:
    """Those of a programme that ended go away within moments."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        names = [each.name for each in threading.enumerate() if each.name.startswith("huma-")]
        if not names:
            return []
        time.sleep(0.05)
    return names


def dying_after(count: int, method: Any, fault: Exception) -> Any:
    calls = iter(range(10_000))

    def dies(*arguments: Any, **named: Any) -> Any:
        if next(calls) >= count:
            raise fault
        return method(*arguments, **named)

    return dies


@pytest.mark.parametrize("count", [0, 50])
@pytest.mark.parametrize("owner", [pictures.PictureEncoder, sounds.SoundEncoder])
def test_a_worker_that_dies_ends_the_run_with_its_error(
    owner: Any, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = RuntimeError("out of ink")
    monkeypatch.setattr(owner, "encode", dying_after(count, owner.encode, fault))
    with pytest.raises(MediaError, match="out of ink") as caught:
        run_fast("test", small(), ticks=200)
    assert caught.value.__cause__ is fault
    assert threads_of_ours() == []


def test_a_worker_that_dies_in_real_time_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        PictureEncoder, "encode", dying_after(2, PictureEncoder.encode, RuntimeError("out of ink"))
    )
    clock = RealClock()
    programme = open_programme(
        "test", event=small(), first_tick=small().grid.tick_at(clock.wall()), clock=clock
    )
    began = time.monotonic()
    with pytest.raises(MediaError):
        programme.run(Collected())
    assert time.monotonic() - began < 20
    assert threads_of_ours() == []


def test_what_a_sink_raises_comes_out_as_it_is() -> None:
    def full(segment: Segment) -> None:
        raise StoreError(f"no room for {segment.n}")

    programme = open_programme("test", event=small(), first_tick=4, clock=FastClock(small().grid.start_ms(4)))
    with pytest.raises(StoreError, match="no room for 4"):
        programme.run(full)
    assert threads_of_ours() == []


def test_a_reader_that_dies_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decoding, "decode_next", dying_after(20, Decoding.decode_next, RuntimeError("torn")))
    with pytest.raises(MediaError, match="torn"):
        run_fast(str(movie(tmp_path / "film.mkv")), small())
    assert threads_of_ours() == []


def test_an_encoder_that_hangs_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(crews, "STUCK_S", 0.5)
    monkeypatch.setattr(PictureEncoder, "encode", lambda *_: hanging.wait(20))
    try:
        with pytest.raises(MediaError) as caught:
            run_fast("test", small(), ticks=50)
    finally:
        hanging.set()
    assert caught.value.code == "encoder-stuck"


def test_the_first_fault_is_the_one_that_is_told() -> None:
    crew, gate = Crew(), threading.Event()

    def first() -> None:
        gate.wait(5)
        raise ValueError("the first")

    def second() -> None:
        crew.broken.wait(5)
        raise ValueError("the second")

    crew.start("one", first)
    crew.start("two", second)
    gate.set()
    with pytest.raises(MediaError, match="the first"):
        crew.join()


class HurriedClock:
    """A clock that runs many times as fast as the machine's: whatever is done is late."""

    paced = True

    def __init__(self, times: float) -> None:
        self._times = times
        self._zero = time.monotonic()

    def wall(self) -> int:
        return EPOCH_MS + int(self.mono())

    def mono(self) -> float:
        return (time.monotonic() - self._zero) * 1000 * self._times

    def wait(self, until_mono: float, stop: threading.Event) -> None:
        left = (until_mono - self.mono()) / 1000 / self._times
        if left > 0:
            stop.wait(left)


def test_an_encoder_that_is_too_slow_leaves_pictures_out_and_keeps_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each picture takes 40 ms while a slot lasts 2: nearly all must go, and no segment may."""
    encode = PictureEncoder.encode

    def slowly(self: PictureEncoder, frame: Any, slot: int) -> Any:
        time.sleep(0.04)
        return encode(self, frame, slot)

    monkeypatch.setattr(PictureEncoder, "encode", slowly)
    lean = event(video("v144", 256, 144, 130_000, codecs="avc1.64000c"), audio("a-en", "en"))
    programme = open_programme("test", event=lean, first_tick=1, clock=HurriedClock(16))
    programme.stop(at_tick=13)
    collected = Collected()
    programme.run(collected)
    state = programme.state()
    assert state.dropped > 100
    assert any("slower than real time" in message for message in state.messages)
    for name in ("v144", "a-en"):
        assert [each.n for each in collected[name]] == list(range(1, 13))
        assert all(each.duration == lean.grid.duration for each in collected[name])
        assert decodes_cleanly(collected.save(name, tmp_path))
    counts = []
    for each in collected["v144"]:
        (run,) = fragments(each.data)
        counts.append(len(run.samples))
        assert sum(length for length, *_ in run.samples) == lean.grid.duration * 90_000
        assert run.samples[0][3]
    assert 2 <= min(counts) < 32


def noise(slot: int) -> Any:
    frame = blank(320, 180)
    for plane in planes(frame):
        plane[:] = np.random.default_rng(slot).integers(16, 235, plane.shape, dtype=np.uint8)
    return frame


def test_no_segment_is_larger_than_its_limit(tmp_path: Path) -> None:
    """Pure noise, which x264 cannot hold to its rate, against a tight limit: pictures go, the rate falls."""
    tight = video("v180", 320, 180, 300_000, codecs="avc1.64000d", max_bytes=30_000)
    timeline = open_timeline(event(tight), 4)
    encoder = PictureEncoder(tight, timeline, tight.max_bytes, in_place=True)
    parts = [part for slot in range(32 * 6) for part in encoder.encode(noise(slot), slot)]
    parts += encoder.finish(32 * 6)
    assert len(parts) == 6
    assert all(len(part.data) <= tight.max_bytes for part in parts)
    assert encoder.limited >= 1
    for part in parts:
        (run,) = fragments(part.data)
        assert sum(length for length, *_ in run.samples) == timeline.grid.duration * 90_000
    path = tmp_path / "noise.mp4"
    path.write_bytes(encoder.init + b"".join(part.data for part in parts))
    assert decodes_cleanly(path)
    times = [moment for moment, _ in decoded(path.read_bytes())]
    assert times == sorted(times)


def test_a_limit_that_one_picture_breaks_is_told() -> None:
    hopeless = video("v180", 320, 180, 300_000, codecs="avc1.64000d", max_bytes=2_000)
    timeline = open_timeline(event(hopeless), 4)
    encoder = PictureEncoder(hopeless, timeline, hopeless.max_bytes, in_place=True)
    with pytest.raises(MediaError) as caught:
        _ = [encoder.encode(noise(slot), slot) for slot in range(80)]
    assert caught.value.code == "segment-too-big"
    assert "max_bytes" in caught.value.hint


def test_sound_beyond_its_limit_is_told() -> None:
    with pytest.raises(MediaError) as caught:
        run_fast("test", event(audio("a-en", "en", max_bytes=3_000)), ticks=3)
    assert caught.value.code == "segment-too-big"


@pytest.mark.parametrize(
    "rendition",
    [
        video("v", 320, 180, 300_000, codecs="hvc1.1.6.L93.B0"),
        video("v", 320, 180, 300_000, codecs="avc1.f4001f"),
        audio("a", "en", channels=6),
    ],
)
def test_a_rendition_that_nobody_can_encode_is_told(rendition: Any) -> None:
    with pytest.raises(MediaError) as caught:
        run_fast("test", event(rendition), ticks=1)
    assert caught.value.code == "renditions"
    assert caught.value.hint


def test_the_parameters_are_those_that_the_event_announces() -> None:
    for codecs in ("avc1.64001f", "avc1.4d401e", "avc1.42c015"):
        wanted = video("v", 320, 180, 300_000, codecs=codecs)
        collected, _ = run_fast("test", event(wanted), ticks=1)
        init = collected["v"][0].init
        at = init.index(b"avcC") + 4
        sps, _, _ = parameters_of_record(init[at : at + 60])
        seen = parse_sps(sps[0])
        assert (seen.codecs, seen.width, seen.height) == (codecs, 320, 180)


def test_a_programme_whose_first_tick_has_passed_fills_the_gap_at_once(tmp_path: Path) -> None:
    """As after a crash: eight ticks ago until now, and no hole."""
    source = movie(tmp_path / "film.mkv", seconds=20)
    clock = RealClock()
    lean = event(video("v144", 256, 144, 130_000, codecs="avc1.64000c"), audio("a-en", "en"))
    first = lean.grid.tick_at(clock.wall()) - 8
    programme = open_programme(str(source), event=lean, first_tick=first, clock=clock)
    programme.stop(at_tick=first + 11)
    collected = Collected()
    programme.run(collected)
    for name in ("v144", "a-en"):
        assert [each.n for each in collected[name]] == list(range(first, first + 11))
        assert decodes_cleanly(collected.save(name, tmp_path))
    assert collected["v144"][-1].origin == "programme"
    assert sum(each.duration for each in collected["v144"]) == Fraction(16, 15) * 11


def test_the_state_says_where_it_stands() -> None:
    programme = open_programme("test", event=small(), first_tick=4, clock=FastClock(small().grid.start_ms(4)))
    assert programme.state() == ProgrammeState()
    programme.stop(at_tick=7)
    programme.run(Collected())
    state = programme.state()
    assert (state.source, state.origin, state.tick, state.dropped) == ("playing", "programme", 6, 0)
