"""Clips from a real signed archive, and what becomes of them when a store lies."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from huma.clip.archive import Archive, Listed, Source, open_archive
from huma.clip.making import Clip, make_clip, side_file
from huma.clip.stretch import Stretch, Wish, find_stretch
from huma.clip.times import parse_moment
from huma.errors import HumaError
from huma.media.segment import Segment
from huma.media.selection import Selection
from huma.protocol import names
from huma.protocol.chapter import ChapterRef
from huma.protocol.clocktext import format_ms, parse_ms
from huma.store.credentials import Credentials
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.port import Store
from tests.clip.published import FIRST_TICK, TICK, TICKS, Published, sign_into
from tests.media.events import EPOCH_MS, audio, event, video
from tests.media.making import copyable, decodes_cleanly, ffprobe
from tests.media.reading import run_fast
from tests.media.wires import web
from tests.record.takes import coded


@pytest.fixture
def copy_of(aired: Published, tmp_path: Path) -> Published:
    """A copy to spoil."""
    shutil.copytree(aired.folder, tmp_path / "copy")
    return replace(aired, folder=tmp_path / "copy")


def make(
    store: Store,
    out: Path,
    begin: str,
    end: str,
    *,
    language: str | None = None,
    rendition: str | None = None,
) -> tuple[Clip, Stretch]:
    archive = open_archive(store)
    wish = Wish(parse_moment("--from", begin), parse_moment("--to", end), language, rendition)
    stretch = find_stretch(archive, wish)
    return make_clip(archive, stretch, out), stretch


def refused(store: Store, folder: Path, begin: str = "+60", end: str = "+2:00") -> str:
    """The code of the error with which a clip is not made."""
    with pytest.raises(HumaError) as caught:
        make(store, folder / "x.mp4", begin, end)
    return caught.value.code


def signed(aired: Published, name: str, first: int, last: int, kind: str) -> list[bytes]:
    line = [each for each in aired.segments[name] if first <= each.n <= last]
    return coded(line[0].init + b"".join(each.data for each in line), kind)


def test_the_segments_between_two_offsets(aired: Published, tmp_path: Path) -> None:
    clip, _ = make(aired.store, tmp_path / "clip.mp4", "+60", "+2:00")
    first, last = FIRST_TICK + 56, FIRST_TICK + 112
    assert clip.start_ms == aired.at(first)
    assert abs(clip.end_ms - aired.at(last + 1)) <= 1
    assert clip.start_ms <= aired.at(FIRST_TICK) + 60_000 < aired.at(first + 1)
    assert coded(clip.path, "video") == signed(aired, "v144", first, last, "video")
    assert coded(clip.path, "audio") == signed(aired, "a-en", first, last, "audio")
    assert decodes_cleanly(clip.path)
    found = ffprobe(clip.path, "format=duration,format_name", "format_tags=comment,creation_time")["format"]
    assert float(found["duration"]) == pytest.approx((last - first + 1) * TICK, abs=0.05)
    assert aired.eventdir.event_id in found["tags"]["comment"]
    assert clip.path.read_bytes()[:40].find(b"moov") >= 0 or b"moov" in clip.path.read_bytes()[:64_000]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.json", "clip.mp4"]


def test_its_side_file_names_every_signed_source(aired: Published, tmp_path: Path) -> None:
    clip, stretch = make(aired.store, tmp_path / "clip.mp4", "+200", "+280", language="fa")
    side = json.loads(clip.side_path.read_text())
    assert side["event"] == aired.eventdir.event_id
    assert side["language"] == "fa"
    assert (parse_ms(side["from"]), parse_ms(side["to"])) == (clip.start_ms, clip.end_ms)
    assert list(side["renditions"]) == ["v144", "a-fa"]
    assert len(side["signed"]) == 4  # two chapters of each rendition
    for document in side["signed"]:
        data = aired.store.get(document["path"], 1_000_000)
        assert data is not None
        assert names.sha256_hex(data) == document["sha256"]
        assert document["keyid"] in {key.keyid for key in aired.event.live_keys}
    for rendition in side["renditions"].values():
        for each in rendition["segments"]:
            assert aired.store.has(f"media/{each['sha256']}.m4s", each["size"])
    assert coded(clip.path, "audio") == signed(
        aired, "a-fa", stretch.segments["a-fa"][0].n, stretch.segments["a-fa"][-1].n, "audio"
    )


def test_times_of_day_and_moments(aired: Published, tmp_path: Path) -> None:
    begin, end = aired.at(FIRST_TICK + 300), aired.at(FIRST_TICK + 310)
    clip, _ = make(aired.store, tmp_path / "a.mp4", format_ms(begin)[11:], format_ms(end)[11:])
    again, _ = make(aired.store, tmp_path / "b.mp4", format_ms(begin), format_ms(end))
    assert (clip.start_ms, clip.end_ms) == (again.start_ms, again.end_ms)
    assert clip.start_ms <= begin
    assert clip.end_ms >= end
    assert clip.end_ms - clip.start_ms < 13_000


def test_sound_alone_and_the_newest_window(aired: Published, tmp_path: Path) -> None:
    newest = FIRST_TICK + TICKS - 1
    clip, stretch = make(
        aired.store,
        tmp_path / "s.m4a",
        format_ms(aired.at(newest - 2)),
        format_ms(aired.at(newest + 1)),
        rendition="a-fa",
    )
    assert list(stretch.segments) == ["a-fa"]
    assert coded(clip.path, "audio") == signed(aired, "a-fa", newest - 2, newest, "audio")
    side = json.loads(clip.side_path.read_text())
    assert side["signed"][0]["path"] == "live/a-fa.m3u8"
    assert side["signed"][0]["text"].startswith("#EXTM3U")  # it will be gone from its place in a second


def test_five_minutes(aired: Published, tmp_path: Path) -> None:
    clip, stretch = make(aired.store, tmp_path / "five.mp4", "+10", "+5:10")
    assert stretch.gaps == 0
    assert clip.end_ms - clip.start_ms >= 300_000
    assert clip.segments == 2 * len(stretch.segments["v144"])


def test_what_no_chapter_lists_yet(aired: Published, tmp_path: Path) -> None:
    newest = FIRST_TICK + TICKS - 1
    begin, end = format_ms(aired.at(newest - 30)), format_ms(aired.at(newest - 20))
    assert refused(aired.store, tmp_path, begin, end) == "clip-not-yet"
    _, stretch = make(
        aired.store, tmp_path / "y.mp4", format_ms(aired.at(newest - 90)), format_ms(aired.at(newest + 1))
    )
    assert stretch.gaps == 1


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("+2h", "+3h", "clip-nothing"),
        ("1999-01-01T00:00Z", "1999-01-01T01:00Z", "clip-nothing"),
        ("+90", "+60", "usage"),
        ("+90", "+90", "usage"),
    ],
)
def test_stretches_that_are_not_there(
    aired: Published, tmp_path: Path, begin: str, end: str, code: str
) -> None:
    assert refused(aired.store, tmp_path, begin, end) == code
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_alters_a_segment(copy_of: Published, tmp_path: Path) -> None:
    ref = names.sha256_hex(copy_of.segments["v144"][70].data)
    place = copy_of.folder / f"media/{ref}.m4s"
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(bytes(data))
    assert refused(copy_of.store, tmp_path) == "digest-mismatch"
    place.write_bytes(bytes(data[:-1]))
    assert refused(copy_of.store, tmp_path) == "digest-mismatch"
    place.unlink()
    assert refused(copy_of.store, tmp_path) == "clip-missing"
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_store_that_alters_or_loses_a_chapter(copy_of: Published, tmp_path: Path) -> None:
    place = copy_of.folder / "archive/v144/1-1.m3u8"
    good = place.read_bytes()
    place.write_bytes(good.replace(b"#EXTINF:1.066667,", b"#EXTINF:1.066668,", 1))
    assert refused(copy_of.store, tmp_path) == "digest-mismatch"
    place.unlink()
    assert refused(copy_of.store, tmp_path) == "clip-missing"


def test_a_forged_playlist_and_another_event(copy_of: Published, tmp_path: Path) -> None:
    place = copy_of.folder / "live/v144.m3u8"
    place.write_bytes(place.read_bytes().replace(b"DISCONTINUITY-SEQUENCE:0", b"DISCONTINUITY-SEQUENCE:1"))
    assert refused(copy_of.store, tmp_path) == "bad-signature"
    with pytest.raises(HumaError) as caught:
        open_archive(copy_of.store, names.event_id(b"another"))
    assert caught.value.exit_code == 5


def test_a_revoked_key_is_not_believed(copy_of: Published, tmp_path: Path) -> None:
    sealed = next(
        path for path in copy_of.eventdir.sealed.iterdir() if copy_of.event.live_keys[0].keyid in path.name
    )
    (copy_of.folder / "live/revoked.json").write_bytes(sealed.read_bytes())
    assert refused(copy_of.store, tmp_path) == "revoked"


def test_across_a_take_over(copy_of: Published, tmp_path: Path) -> None:
    from huma.broadcast.chain import taken_over
    from huma.broadcast.opening import checkpoint_of

    archive = open_archive(copy_of.store)
    refs: dict[str, ChapterRef] = {}
    for name, line in copy_of.segments.items():
        playlist, _ = archive.live(name)
        chapter, source = next(iter(archive.chapters(playlist)))
        refs[name] = ChapterRef(1, chapter.n, source.sha256)
        chain = taken_over(playlist, 1, refs[name])
        fresh = [replace(each, n=each.n + TICKS, start_ms=copy_of.at(each.n + TICKS)) for each in line[:8]]
        sign_into(copy_of.store, copy_of.eventdir, name, fresh, rank=2, chain=chain)
    data = checkpoint_of(
        copy_of.eventdir.event_id, copy_of.eventdir.live_signer(2), 2, refs, copy_of.at(FIRST_TICK + TICKS)
    )
    copy_of.store.put(names.checkpoint_path(2), data)
    clip, stretch = make(copy_of.store, tmp_path / "x.mp4", "+60", "+70")
    assert stretch.segments["v144"][0].source.path == "archive/v144/1-0.m3u8"
    assert clip.segments == 2 * len(stretch.segments["v144"])


def test_from_a_mirror_by_http(aired: Published, tmp_path: Path) -> None:
    asked: list[str] = []
    with web(aired.folder, asked=asked) as port:
        store = HttpStore(f"http://127.0.0.1:{port}/", credentials=Credentials())
        clip, _ = make(store, tmp_path / "clip.mp4", "+60", "+90")
        store.close()
    assert decodes_cleanly(clip.path)
    chapters = [path for path in asked if path.startswith("/archive/")]
    assert chapters, asked


def test_nothing_is_written_over(aired: Published, tmp_path: Path) -> None:
    (tmp_path / "clip.json").write_text("mine")
    with pytest.raises(HumaError, match="is there already"):
        make(aired.store, tmp_path / "clip.mp4", "+60", "+70")
    assert (tmp_path / "clip.json").read_text() == "mine"
    assert not (tmp_path / "clip.mp4").exists()


class _Held(FolderStore):
    """Segments as files, for an archive made by hand."""

    def hold(self, segments: list[Segment]) -> list[Listed]:
        from huma.broadcast.signer import entry_of

        listed = []
        for each in segments:
            entry = entry_of(each)
            self.put(entry.init.path, each.init)
            self.put(entry.ref.path, each.data)
            listed.append(Listed(each.n, each.start_ms, entry, Source("archive/v/1-0.m3u8", "0" * 64, "k")))
        return listed


def test_a_copy_goes_on_behind_a_discontinuity(tmp_path: Path) -> None:
    both = event(
        video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en", bandwidth=110_000), copy=True
    )
    first = copyable(tmp_path / "1.ts", seconds=5)
    second = tmp_path / "2.ts"
    shutil.copy(first, second)
    collected, _ = run_fast([str(first), str(second)], both, copy=True)
    store = _Held(tmp_path / "store")
    # a machine that was started again: its time line begins anew, before the place where the old one was
    again, _ = run_fast([str(first)], both, copy=True, first=0)
    segments = {
        name: store.hold(
            [
                *collected[name],
                *(
                    replace(each, n=each.n + 100, discontinuity=index == 0)
                    for index, each in enumerate(again[name])
                ),
            ]
        )
        for name in ("v", "a-en")
    }
    archive = Archive(store, names.event_id(b"x"), both, frozenset())
    stretch = Stretch(
        Selection(both.renditions[0], both.renditions[1]), segments, (EPOCH_MS, EPOCH_MS + 1), 0
    )
    clip = make_clip(archive, stretch, tmp_path / "clip.mp4")
    assert decodes_cleanly(clip.path)
    length = sum((each.entry.duration for each in segments["v"]), Fraction(0))
    found = ffprobe(clip.path, "format=duration", "packet=dts_time,codec_type")
    assert float(found["format"]["duration"]) == pytest.approx(float(length), abs=0.2)
    for kind in ("video", "audio"):
        times = [float(each["dts_time"]) for each in found["packets"] if each["codec_type"] == kind]
        assert times == sorted(times)
        assert max(after - before for before, after in pairwise(times)) < 0.3
    assert side_file(archive, stretch)["renditions"]["v"]["segments"]
