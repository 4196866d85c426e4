"""Files of every kind become segments on the grid, with the sound where the pictures are."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from huma.errors import MediaError, UsageError
from tests.media.events import audio, event, small, video
from tests.media.making import TONE, decodes_cleanly, ffmpeg, movie
from tests.media.reading import loudness, pictures, run_fast, sound

if TYPE_CHECKING:
    from huma.protocol.event import Event
    from tests.media.reading import Collected

FLASH = "color=c=0x202020:s={size}:r={rate},drawbox=c=white:t=fill:enable='lt(mod(t,1),0.2)'"
BEEP = "aevalsrc='if(lt(mod(t,1),0.2),0.5*sin(2*PI*1000*t),0)':s={rate}:c={layout}"
TICK = Fraction(16, 15)


def flashing(
    path: Path,
    *,
    rate: str = "30",
    size: str = "320x180",
    sound_rate: int = 48_000,
    layout: str = "stereo",
    options: tuple[str, ...] = (),
) -> Path:
    """Five seconds in which every second begins with a white picture and a beep."""
    return movie(
        path,
        seconds=5,
        picture=FLASH.format(size=size, rate=rate),
        sound=BEEP.format(rate=sound_rate, layout=layout),
        options=options,
    )


def plain() -> Event:
    return event(
        video("v180", 320, 180, 300_000, codecs="avc1.64000d"), audio("a-en", "en"), audio("a-fa", "fa")
    )


def assert_on_the_grid(collected: Collected, folder: Path, seconds: float) -> None:
    for name in collected.by_name:
        segments = collected[name]
        assert [each.n for each in segments] == list(range(4, 4 + len(segments)))
        assert all(each.duration == TICK for each in segments[:-1])
        assert float(sum(each.duration for each in segments)) == pytest.approx(seconds, abs=0.12)
        assert decodes_cleanly(collected.save(name, folder)), name


def assert_in_step(collected: Collected, within_s: float = 0.034) -> None:
    """Flashes and beeps begin together. A picture stands for a slot, so half of one is the most that can be told."""
    shown = pictures(collected.whole("v180"))
    bright = [(time, float(luma.mean()) > 120) for time, luma in shown]
    flashes = [time for (_, before), (time, now) in pairwise(bright) if now and not before]
    start, wave = sound(collected.whole("a-en"))
    loud = np.abs(wave) > 0.1
    beeps = [
        start + index / 48_000
        for index in np.flatnonzero(loud)
        if index > 5000 and not loud[index - 4000 : index].any()
    ]
    assert len(flashes) == len(beeps) == 4
    for flash, beep in zip(flashes, beeps, strict=True):
        assert abs(flash - beep) <= within_s


KINDS: dict[str, dict[str, Any]] = {
    "30 fps": {},
    "25 fps": {"rate": "25"},
    "23.976 fps": {"rate": "24000/1001"},
    "59.94 fps": {"rate": "60000/1001"},
    "50 fps": {"rate": "50"},
    "10 fps": {"rate": "10", "within_s": 0.06},
    "mono 44.1 kHz": {"sound_rate": 44_100, "layout": "mono"},
    "5.1 at 96 kHz": {"sound_rate": 96_000, "layout": "5.1", "options": ("-c:a", "flac")},
    "8 kHz": {"sound_rate": 8_000, "layout": "mono", "options": ("-c:a", "pcm_s16le")},
    "MPEG-2 in TS": {"suffix": ".ts", "options": ("-c:v", "mpeg2video", "-c:a", "mp2")},
    "FLV": {"suffix": ".flv"},
    "fragmented MP4": {"suffix": ".mp4", "options": ("-movflags", "frag_keyframe+empty_moov")},
    "VP9 and Opus": {
        "suffix": ".webm",
        "options": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
    },
    "ten bits": {"options": ("-pix_fmt", "yuv420p10le")},
}


@pytest.mark.parametrize("kind", KINDS)
def test_rates_and_layouts_of_every_kind(kind: str, tmp_path: Path) -> None:
    settings = dict(KINDS[kind])
    within_s, suffix = settings.pop("within_s", 0.034), settings.pop("suffix", ".mkv")
    source = flashing(tmp_path / f"source{suffix}", **settings)
    collected, programme = run_fast(str(source), plain())
    assert programme.state().messages == ()
    assert_on_the_grid(collected, tmp_path, 5)
    assert_in_step(collected, within_s)


def test_a_variable_frame_rate(tmp_path: Path) -> None:
    steady = flashing(tmp_path / "steady.mkv", rate="30")
    loose = tmp_path / "loose.mkv"
    ffmpeg(
        "-i",
        str(steady),
        "-vf",
        "select='not(mod(n\\,7))+not(mod(n\\,5))+lt(mod(t,1),0.1)'",
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "copy",
        str(loose),
    )
    collected, _ = run_fast(str(loose), plain())
    assert_on_the_grid(collected, tmp_path, 5)
    assert_in_step(collected, 0.17)


@pytest.mark.parametrize(
    ("size", "bars"),
    [
        ("321x243", "sides"),
        ("180x320", "sides"),
        ("640x200", "top"),
        ("320x180", "none"),
        ("1920x1080", "none"),
    ],
)
def test_every_size_and_shape_fits_with_bars(size: str, bars: str, tmp_path: Path) -> None:
    source = movie(
        tmp_path / "source.mkv", seconds=1.5, picture=f"color=white:s={size}:r=30", options=("-c:v", "ffv1")
    )
    collected, _ = run_fast(str(source), plain())
    luma = pictures(collected.whole("v180"))[10][1]
    assert luma[90, 160] > 200
    assert (luma[90, 2] < 40) == (bars == "sides")
    assert (luma[2, 160] < 40) == (bars == "top")


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_rotated_file_stands_upright(turn: int, tmp_path: Path) -> None:
    """As Debian's ffmpeg shows it: it turns pictures by the same mark."""
    flat = movie(tmp_path / "flat.mp4", seconds=1.2, picture="testsrc=s=320x180:r=30", sound=None)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-i", str(flat), "-c", "copy", "-metadata:s:v:0", f"rotate={turn}", str(turned))
    reference = tmp_path / "reference.png"
    fit = "scale=320:180:force_original_aspect_ratio=decrease,pad=320:180:(ow-iw)/2:(oh-ih)/2"
    ffmpeg("-i", str(turned), "-frames:v", "1", "-vf", fit, str(reference))
    collected, _ = run_fast(str(turned), plain())
    from PIL import Image

    expected = np.asarray(Image.open(reference).convert("L"), dtype=float)
    shown = pictures(collected.whole("v180"))[0][1]
    assert np.corrcoef(shown.reshape(-1), expected.reshape(-1))[0, 1] > 0.97
    if turn == 180:
        assert np.corrcoef(shown[::-1, ::-1].reshape(-1), expected.reshape(-1))[0, 1] < 0.9


def test_colours_come_out_as_they_went_in(tmp_path: Path) -> None:
    """From BT.601 at standard size, from full range, and from RGB: red stays red under BT.709."""
    for name, options in {
        "sd": (),
        "full": ("-pix_fmt", "yuvj420p"),
        "rgb": ("-c:v", "ffv1", "-pix_fmt", "bgr0"),
    }.items():
        source = movie(
            tmp_path / f"{name}.mkv",
            seconds=1.2,
            picture="color=0xc02030:s=320x180:r=30",
            sound=None,
            options=options,
        )
        collected, _ = run_fast(str(source), plain())
        path = collected.save("v180", tmp_path)
        ffmpeg(
            "-i",
            str(path),
            "-frames:v",
            "1",
            "-vf",
            "scale=in_color_matrix=bt709,format=rgb24",
            str(tmp_path / "out.png"),
        )
        from PIL import Image

        pixel = Image.open(tmp_path / "out.png").convert("RGB").getpixel((160, 90))
        assert np.abs(np.array(pixel) - (0xC0, 0x20, 0x30)).max() <= 10, name


def test_an_interlaced_file_is_woven(tmp_path: Path) -> None:
    source = movie(
        tmp_path / "fields.ts",
        seconds=2,
        options=(
            "-vf",
            "tinterlace=interleave_top,fieldorder=tff",
            "-flags",
            "+ilme+ildct",
            "-c:v",
            "mpeg2video",
        ),
    )
    collected, _ = run_fast(str(source), plain())
    assert_on_the_grid(collected, tmp_path, 2)


def test_without_sound_there_is_silence(tmp_path: Path) -> None:
    source = movie(tmp_path / "mute.mp4", sound=None)
    collected, _ = run_fast(str(source), plain())
    assert_on_the_grid(collected, tmp_path, 3)
    assert max(loudness(collected.whole("a-en"), 0.1)) < 1e-4


def test_without_pictures_there_is_a_still(tmp_path: Path) -> None:
    source = movie(tmp_path / "speech.mp3", picture=None)
    collected, _ = run_fast(str(source), plain())
    assert_on_the_grid(collected, tmp_path, 3)
    shown = pictures(collected.whole("v180"))
    assert shown[20][1].std() > 20
    assert np.abs(shown[20][1].astype(int) - shown[70][1]).mean() < 2
    assert min(loudness(collected.whole("a-en"), 0.1)) > 0.05


def test_the_cover_of_an_album_is_no_film(tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", str(cover))
    song = tmp_path / "song.mp3"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        TONE,
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-t",
        "3",
        "-c:v",
        "copy",
        "-disposition:v",
        "attached_pic",
        str(song),
    )
    collected, _ = run_fast(str(song), plain())
    assert_on_the_grid(collected, tmp_path, 3)


def test_each_language_gets_its_own_sound(tmp_path: Path) -> None:
    source = tmp_path / "two.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "sine=f=880:r=48000", "-f", "lavfi", "-i", "sine=f=440:r=44100", "-map", "0", "-map", "1",
        "-metadata:s:a:0", "language=per", "-metadata:s:a:1", "language=eng", "-t", "3", str(source),
    )  # fmt: skip
    collected, _ = run_fast(str(source), plain())
    for name, pitch in (("a-fa", 880), ("a-en", 440)):
        _, wave = sound(collected.whole(name))
        spectrum = np.abs(np.fft.rfft(wave[20_000:116_000]))
        assert int(np.argmax(spectrum)) / 2 == pytest.approx(pitch, abs=1)


def test_one_sound_serves_every_language(tmp_path: Path) -> None:
    source = movie(tmp_path / "one.mkv")
    collected, _ = run_fast(str(source), plain())
    assert collected.whole("a-en")[-20_000:] == collected.whole("a-fa")[-20_000:]


def test_files_of_a_list_follow_each_other_without_a_gap_in_the_sound(tmp_path: Path) -> None:
    files = [
        str(movie(tmp_path / f"{index}.mkv", seconds=2, options=("-c:a", "pcm_s16le"))) for index in range(3)
    ]
    collected, _ = run_fast(files, plain())
    assert_on_the_grid(collected, tmp_path, 6)
    assert min(loudness(collected.whole("a-en"), 0.01)) > 0.05


def test_a_loop_goes_round(tmp_path: Path) -> None:
    source = movie(tmp_path / "round.mkv", seconds=1.3, options=("-c:a", "pcm_s16le"))
    collected, _ = run_fast(str(source), small(), ticks=8, loop=True)
    assert [each.n for each in collected["v180"]] == list(range(4, 12))
    assert {each.origin for each in collected["v180"]} == {"programme"}
    assert min(loudness(collected.whole("a-en"), 0.1)) > 0.05


def test_broken_files_are_left_out_with_a_word(tmp_path: Path) -> None:
    good = movie(tmp_path / "good.mkv", seconds=2)
    garbage = tmp_path / "garbage.mp4"
    garbage.write_bytes(np.random.default_rng(5).bytes(200_000))
    empty = tmp_path / "empty.mkv"
    empty.touch()
    collected, programme = run_fast([str(garbage), str(good), str(empty), str(good)], plain())
    assert_on_the_grid(collected, tmp_path, 4)
    told = programme.state().messages
    assert len(told) == 2
    assert told[0].startswith("garbage.mp4: ")
    assert told[1].startswith("empty.mkv: ")


def test_a_cut_off_file_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = flashing(tmp_path / "whole.ts", options=("-c:v", "mpeg2video", "-c:a", "mp2"))
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 5])
    collected, _ = run_fast(str(cut), plain())
    length = float(sum(each.duration for each in collected["v180"]))
    assert 2 < length < 4
    assert decodes_cleanly(collected.save("v180", tmp_path))


def test_damaged_packets_do_not_end_it(tmp_path: Path) -> None:
    whole = flashing(tmp_path / "whole.ts", options=("-c:v", "mpeg2video", "-c:a", "mp2"))
    data, random = bytearray(whole.read_bytes()), np.random.default_rng(11)
    for _ in range(40):
        at = int(random.integers(len(data) // 4, len(data) - 200))
        data[at : at + 60] = random.bytes(60)
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(data)
    collected, _ = run_fast(str(damaged), plain())
    assert [each.n for each in collected["v180"]] == list(range(4, 4 + len(collected["v180"])))
    assert float(sum(each.duration for each in collected["v180"])) > 4
    assert decodes_cleanly(collected.save("v180", tmp_path), collected.save("a-en", tmp_path))


@pytest.mark.parametrize(
    "content", [b"", b"not a film", b"\0" * 100_000, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"]
)
@pytest.mark.parametrize("loop", [False, True])
def test_a_source_of_nothing_is_our_error(content: bytes, loop: bool, tmp_path: Path) -> None:
    path = tmp_path / "nothing.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        run_fast(str(path), plain(), loop=loop)
    assert caught.value.code == "source-unusable"


def test_a_file_may_not_point_elsewhere(tmp_path: Path) -> None:
    """A playlist in the guise of a film must not make us ask a server."""
    trap = tmp_path / "trap.mp4"
    trap.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError):
        run_fast(str(trap), plain())


def test_a_missing_file_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError) as caught:
        run_fast("/nowhere/at-all.mp4", plain())
    assert caught.value.code == "source-missing"


def test_an_odd_rendition_is_refused_early() -> None:
    with pytest.raises(MediaError) as caught:
        run_fast("test", event(video("v", 321, 181, 300_000)))
    assert caught.value.code == "renditions"


def test_a_tick_that_fits_no_frames_is_refused_early() -> None:
    with pytest.raises(MediaError) as caught:
        run_fast("test", event(video("v", 320, 180, 300_000, fps=24), audio("a-en", "en")))
    assert caught.value.code == "renditions"
