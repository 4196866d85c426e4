"""What is copied is the very stream that came: every picture and every frame of sound, cut at key frames."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from huma.errors import MediaError, UsageError
from huma.media.clock import FastClock
from huma.media.fmp4 import fragment
from huma.media.probe import probe_source
from huma.media.programme import open_programme
from tests.media.events import audio, event, video
from tests.media.making import TONE, copyable, decodes_cleanly, ffmpeg, movie, packets_of
from tests.media.reading import fragments, pictures, run_fast, sound

if TYPE_CHECKING:
    from pathlib import Path

    from huma.media.fmp4 import Sample
    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from tests.media.reading import Collected

TICK = Fraction(16, 15)


def copied(codecs: str = "avc1.64000d", max_bytes: int = 1_500_000) -> Event:
    return event(
        video("v", 320, 180, 900_000, codecs=codecs, max_bytes=max_bytes), audio("a-en", "en"), copy=True
    )


def digest(path: Path, stream: str) -> str:
    """A digest over the decoded pictures or samples."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{stream}", "-fps_mode", "passthrough", "-f", "md5", "-"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def payloads(collected: Collected, name: str) -> list[str]:
    """A digest of every sample, in decode order."""
    found = []
    for each in collected[name]:
        data, at = each.data, each.data.index(b"mdat") + 4
        (run,) = fragments(data)
        for _, size, _, _ in run.samples:
            found.append(hashlib.sha256(data[at : at + size]).hexdigest())
            at += size
    return found


@pytest.mark.parametrize("suffix", [".ts", ".mp4", ".flv", ".mkv"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_every_container_gives_every_picture(suffix: str, bframes: int, tmp_path: Path) -> None:
    source = copyable(tmp_path / f"source{suffix}", bframes=bframes)
    collected, programme = run_fast(str(source), copied(), copy=True)
    assert programme.state().messages == ()
    path = collected.save("v", tmp_path)
    assert digest(path, "v") == digest(source, "v")
    assert decodes_cleanly(path, collected.save("a-en", tmp_path))
    for name in ("v", "a-en"):
        assert [each.n for each in collected[name]] == list(range(4, 4 + len(collected[name])))
        assert not any(each.discontinuity for each in collected[name])


def test_cuts_stand_at_the_first_key_frame_a_tick_or_more_on(tmp_path: Path) -> None:
    """Key frames every 0.4 s: cuts every 1.2 s."""
    source = copyable(tmp_path / "source.ts", gop=12)
    collected, _ = run_fast(str(source), copied(), copy=True)
    assert [each.duration for each in collected["v"]] == [Fraction(6, 5)] * 5
    for each in collected["v"]:
        (run,) = fragments(each.data)
        assert [index for index, (*_, key) in enumerate(run.samples) if key] == [0, 12, 24]


def test_the_time_line_begins_at_ten_seconds_and_goes_on(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", bframes=2)
    collected, _ = run_fast(str(source), copied(), copy=True)
    start = float(10 + 4 * TICK)
    times = sorted(time for time, _ in pictures(collected.whole("v")))
    assert times[0] == pytest.approx(start, abs=1e-4)
    assert times == pytest.approx([start + index / 30 for index in range(180)], abs=2e-4)
    begin, wave = sound(collected.whole("a-en"))
    assert 0 <= begin - start < 1024 / 48_000
    assert len(wave) == pytest.approx(6 * 48_000, abs=2048)


def test_the_sound_is_cut_where_the_pictures_are(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts")
    collected, _ = run_fast(str(source), copied(), copy=True)
    for video_part, audio_part in zip(collected["v"], collected["a-en"], strict=True):
        (seen,), (heard,) = fragments(video_part.data), fragments(audio_part.data)
        assert abs(Fraction(seen.base, 90_000) - Fraction(heard.base, 48_000)) < Fraction(1024 + 90, 48_000)
    bases = [fragments(each.data)[0] for each in collected["a-en"]]
    for before, after in pairwise(bases):
        assert before.base + sum(length for length, *_ in before.samples) == after.base


def test_sound_frames_are_the_very_ones(tmp_path: Path) -> None:
    """All but those from before the first picture."""
    source = copyable(tmp_path / "source.mp4")
    collected, _ = run_fast(str(source), copied(), copy=True)
    raw = [(each["size"]) for each in packets_of(source) if each["codec_type"] == "audio"]
    carried = [size for each in collected["a-en"] for _, size, _, _ in fragments(each.data)[0].samples]
    assert [str(size) for size in carried] in (raw, raw[1:])


def test_a_loop_breaks_the_time_line_and_says_so(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", seconds=3)
    collected, _ = run_fast(str(source), copied(), copy=True, loop=True, ticks=6)
    assert [each.n for each in collected["v"]] == list(range(4, 10))
    breaks = [index for index, each in enumerate(collected["v"]) if each.discontinuity]
    assert breaks == [index for index, each in enumerate(collected["a-en"]) if each.discontinuity]
    assert breaks == [2, 4]
    assert decodes_cleanly(collected.save("v", tmp_path))


def test_new_parameters_give_a_new_init_and_a_discontinuity(tmp_path: Path) -> None:
    """The same size and level, another number of reference frames."""
    one = copyable(tmp_path / "one.ts", seconds=3, options=("-refs", "1"))
    two = copyable(tmp_path / "two.ts", seconds=3, options=("-refs", "4", "-output_ts_offset", "3"))
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    collected, _ = run_fast(str(both), copied(), copy=True)
    inits = [each.init for each in collected["v"]]
    changes = [index for index in range(1, len(inits)) if inits[index] != inits[index - 1]]
    assert len(changes) == 1
    assert [index for index, each in enumerate(collected["v"]) if each.discontinuity] == changes
    for part in (inits[0], inits[-1]):
        whole = part + b"".join(each.data for each in collected["v"] if each.init == part)
        assert len(pictures(whole)) >= 80


def test_a_jump_of_the_clock_is_a_discontinuity(tmp_path: Path) -> None:
    early = copyable(tmp_path / "early.ts", seconds=3)
    late = tmp_path / "late.ts"
    ffmpeg("-i", str(early), "-c", "copy", "-output_ts_offset", "4000", str(late))
    both = tmp_path / "both.ts"
    both.write_bytes(early.read_bytes() + late.read_bytes())
    collected, _ = run_fast(str(both), copied(), copy=True)
    assert sum(each.discontinuity for each in collected["v"]) == 1
    bases = [fragments(each.data)[0].base for each in collected["v"]]
    assert bases == sorted(bases)
    assert bases[-1] < 30 * 90_000


@pytest.mark.parametrize("bframes", [0, 2])
@pytest.mark.parametrize("back", [1.5, 4.0, 9.5])
def test_a_clock_that_goes_back_a_little_is_a_discontinuity(
    bframes: int, back: float, tmp_path: Path
) -> None:
    """Two stretches of six seconds, of which the second begins `back` before the first has ended."""
    early = copyable(tmp_path / "early.ts", bframes=bframes, options=("-output_ts_offset", "20"))
    late = tmp_path / "late.ts"
    ffmpeg("-i", str(early), "-c", "copy", "-output_ts_offset", str(26 - back), str(late))
    both = tmp_path / "both.ts"
    both.write_bytes(early.read_bytes() + late.read_bytes())
    collected, _ = run_fast(str(both), copied(), copy=True)
    assert sum(each.discontinuity for each in collected["v"]) == 1
    assert sum(float(each.duration) for each in collected["v"]) > 10
    for name in ("v", "a-en"):
        assert [each.n for each in collected[name]] == list(range(4, 4 + len(collected[name])))
        bases = [fragments(each.data)[0].base for each in collected[name]]
        assert bases == sorted(bases)
    for each in collected["v"]:
        (run,) = fragments(each.data)
        assert float(each.duration) == pytest.approx(len(run.samples) / 30, abs=0.15)
    for each in collected["a-en"]:
        assert 0 < each.duration < 3


def test_key_frames_a_minute_apart_are_left_out_and_told(tmp_path: Path) -> None:
    """No playlist can list a segment of more than sixty seconds."""
    source = copyable(tmp_path / "source.ts", seconds=66, gop=1830, options=("-b:v", "50k"))
    roomy = event(
        video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en", max_bytes=500_000), copy=True
    )
    collected, programme = run_fast(str(source), roomy, copy=True)
    assert [float(each.duration) for each in collected["v"]] == [pytest.approx(5, abs=0.1)]
    assert collected["v"][0].discontinuity
    assert programme.state().messages == ("left out a segment that would last 61.000 s",)


def twisted(path: Path, which: int, bit: int) -> None:
    """Flip one bit of the 33 of a picture's presentation time."""
    stream, seen = bytearray(path.read_bytes()), 0
    for at in range(0, len(stream), 188):
        start = at + 4 + (1 + stream[at + 4] if stream[at + 3] & 0x20 else 0)
        if not stream[at + 1] & 0x40 or stream[start : start + 4] != b"\0\0\1\xe0":
            continue
        seen += 1
        if seen == which:
            assert stream[start + 7] >> 6 == 3, "it has both times"
            field, lower = {32: (9, 3), 20: (11, 6), 19: (11, 5), 17: (11, 3)}[bit]
            stream[start + field] ^= 1 << lower
    assert seen > which
    path.write_bytes(stream)


@pytest.mark.parametrize(("which", "bit"), [(62, 32), (61, 32), (62, 20), (61, 20), (63, 19)])
def test_one_flipped_bit_in_a_time_costs_a_moment_and_not_the_broadcast(
    which: int, bit: int, tmp_path: Path
) -> None:
    """Picture 61 is a key frame; those behind it are shown in another order than they are coded in."""
    source = copyable(tmp_path / "source.ts", bframes=2, seconds=8)
    twisted(source, which, bit)
    collected, _ = run_fast(str(source), copied(), copy=True)
    assert sum(each.duration for each in collected["v"]) > 6
    assert sum(each.discontinuity for each in collected["v"]) >= 1
    for each in collected["v"]:
        (run,) = fragments(each.data)
        assert float(each.duration) == pytest.approx(len(run.samples) / 30, abs=0.15)


def test_what_the_bytes_of_one_container_raise_ends_that_container_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows a source that does it; so the writer of fragments is given a picture that it cannot write."""
    good = copyable(tmp_path / "good.ts", seconds=3)
    calls = iter(range(100))

    def failing(sequence: int, base: int, samples: list[Sample]) -> bytes:
        return fragment(
            sequence, base, [replace(samples[0], offset=1 << 40)] if next(calls) == 2 else samples
        )

    monkeypatch.setattr("huma.media.copying.fragment", failing)
    collected, programme = run_fast([str(good), str(good)], copied(), copy=True)
    (told,) = programme.state().messages
    assert told.startswith("good.ts: ")
    assert "error: " in told
    assert [each.n for each in collected["v"]] == [each.n for each in collected["a-en"]]
    assert [each.discontinuity for each in collected["v"]] == [False, True, False]


def test_what_the_sink_raises_ends_the_programme(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", seconds=3)
    clock = FastClock(copied().grid.start_ms(4))
    programme = open_programme(str(source), event=copied(), first_tick=4, loop=True, copy=True, clock=clock)

    def full(_: Segment) -> None:
        raise MediaError("no segment has come", code="rendition-stuck")

    with pytest.raises(MediaError, match="no segment has come"):
        programme.run(full)


def test_a_hole_in_the_sound_is_filled_with_silence(tmp_path: Path) -> None:
    whole = copyable(tmp_path / "whole.ts", seconds=6)
    holed = tmp_path / "holed.mp4"
    ffmpeg(
        "-i", str(whole), "-c", "copy", "-bsf:a", "aac_adtstoasc,noise=drop='between(n\\,100\\,160)'", str(holed)
    )  # fmt: skip
    collected, _ = run_fast(str(holed), copied(), copy=True)
    runs = [fragments(each.data)[0] for each in collected["a-en"]]
    for before, after in pairwise(runs):
        assert before.base + sum(length for length, *_ in before.samples) == after.base
    frames = sum(len(run.samples) for run in runs)
    assert frames == pytest.approx(6 * 48_000 / 1024, abs=3)
    assert decodes_cleanly(collected.save("a-en", tmp_path))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "aac"), "hevc"),
        (("-c:v", "mpeg2video", "-c:a", "aac"), "mpeg2video"),
        (("-preset", "veryfast", "-profile:v", "high", "-level", "1.3", "-c:a", "libmp3lame"), "mp3"),
    ],
)
def test_what_cannot_be_copied_is_told_with_the_mend(
    options: tuple[str, ...], word: str, tmp_path: Path
) -> None:
    source = movie(tmp_path / "source.mkv", seconds=2, options=options)
    with pytest.raises(MediaError) as caught:
        run_fast(str(source), copied(), copy=True)
    assert caught.value.code == "copy-unsuitable"
    assert f" {word}:" in caught.value.message, "by its name, not by that of FFmpeg's decoder"
    assert "--copy" in caught.value.hint


@pytest.mark.parametrize("codecs", ["avc1.64001f", "avc1.42c00d"])
def test_a_source_that_differs_from_the_event_is_refused(codecs: str, tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", seconds=2)
    with pytest.raises(MediaError) as caught:
        run_fast(str(source), copied(codecs), copy=True)
    assert caught.value.code == "copy-differs"
    assert "--copy-from" in caught.value.hint


def test_a_source_without_the_sound_that_the_event_promises_is_refused(tmp_path: Path) -> None:
    source = movie(
        tmp_path / "mute.mp4", seconds=2, sound=None, options=("-profile:v", "high", "-level", "1.3")
    )
    with pytest.raises(MediaError) as caught:
        run_fast(str(source), copied(), copy=True)
    assert caught.value.code == "copy-differs"


def test_key_frames_too_far_apart_end_it_within_bounded_memory(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", gop=600, options=("-b:v", "2M"))
    with pytest.raises(MediaError) as caught:
        run_fast(str(source), copied(max_bytes=100_000), copy=True)
    assert caught.value.code == "copy-too-long"


def test_a_truncated_source_is_carried_as_far_as_it_goes(tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts")
    cut = tmp_path / "cut.ts"
    cut.write_bytes(source.read_bytes()[: source.stat().st_size * 2 // 3])
    collected, _ = run_fast(str(cut), copied(), copy=True)
    assert 3 < float(sum(each.duration for each in collected["v"])) < 5


def test_garbage_is_our_error(tmp_path: Path) -> None:
    path = tmp_path / "garbage.ts"
    path.write_bytes(b"nothing" * 10_000)
    with pytest.raises(MediaError):
        run_fast(str(path), copied(), copy=True)


def test_the_test_programme_cannot_be_copied() -> None:
    with pytest.raises(UsageError):
        run_fast("test", copied(), copy=True)


def test_sound_alone_is_cut_by_the_tick(tmp_path: Path) -> None:
    source = tmp_path / "speech.m4a"
    ffmpeg("-f", "lavfi", "-i", TONE, "-t", "5", "-c:a", "aac", "-ac", "2", str(source))
    collected, _ = run_fast(str(source), event(audio("a-en", "en"), copy=True), copy=True)
    assert [each.n for each in collected["a-en"]] == [4, 5, 6, 7, 8]
    assert all(TICK <= each.duration < TICK + Fraction(1024, 48_000) for each in collected["a-en"][:-1])
    assert decodes_cleanly(collected.save("a-en", tmp_path))


@pytest.mark.parametrize("suffix", [".ts", ".mp4", ".flv"])
def test_a_probe_says_what_the_event_must_say(suffix: str, tmp_path: Path) -> None:
    source = copyable(tmp_path / f"source{suffix}", options=("-metadata:s:a:0", "language=per"))
    seen, heard = sorted(probe_source(str(source)), key=lambda each: each.kind, reverse=True)
    assert (seen.kind, seen.codecs, seen.width, seen.height) == ("video", "avc1.64000d", 320, 180)
    assert seen.frame_rate == 30
    assert float(seen.key_frame_distance or 0) == pytest.approx(1, abs=0.002)
    assert (heard.kind, heard.codecs, heard.channels, heard.sample_rate) == ("audio", "mp4a.40.2", 2, 48_000)
    assert heard.language == ("" if suffix == ".flv" else "fa")
    assert 40_000 < heard.bandwidth < 110_000
    assert seen.can_be_copied
    assert heard.can_be_copied


def test_a_probe_of_what_cannot_be_copied(tmp_path: Path) -> None:
    source = movie(tmp_path / "source.webm", seconds=2, options=("-c:v", "libvpx", "-c:a", "libopus"))
    found = {each.kind: each for each in probe_source(str(source))}
    assert found["video"].codecs == "vp8"
    assert not found["video"].can_be_copied
    assert found["audio"].codecs == "opus"


@pytest.mark.parametrize("content", [b"", b"junk" * 5000, b"\x47" + bytes(187)])
def test_a_probe_of_nothing_is_our_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "nothing.ts"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        probe_source(str(path))
