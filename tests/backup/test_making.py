from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from huma.backup import making
from huma.backup.contents import LOG
from huma.backup.making import Made, make_backup
from huma.backup.sealing import SealedWriter
from huma.errors import KeyStoreError, UsageError, VerificationError
from huma.keys.durable import locked
from huma.keys.eventdir import EventDir
from tests.backup.packing import WORDS, files_of, words
from tests.keys.eventmaking import NOW

pytestmark = pytest.mark.usefixtures("quickly")


def back_up(event: EventDir, file: Path, **more: Any) -> Made:
    return make_backup(event, file, words, now_ms=NOW, **more)


def left(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_it_holds_every_file_of_the_event_and_says_so(solo: EventDir, tmp_path: Path) -> None:
    made = back_up(solo, tmp_path / "b")
    assert {entry.path for entry in made.contents.entries} == set(files_of(solo.path))
    assert made.left_out == ()
    assert made.contents.event_id == solo.event_id
    assert made.size == (tmp_path / "b").stat().st_size
    assert left(tmp_path) == {"event", "b"}


def test_nothing_of_it_can_be_read_without_the_passphrase(solo: EventDir, tmp_path: Path) -> None:
    back_up(solo, tmp_path / "b")
    data = (tmp_path / "b").read_bytes()
    for word in (b"PRIVATE", b"live-a", b"event.toml", b"signed", solo.event_id.encode()):
        assert word not in data


def test_two_backups_of_one_event_have_nothing_in_common(solo: EventDir, tmp_path: Path) -> None:
    back_up(solo, tmp_path / "one")
    back_up(solo, tmp_path / "two")
    one, two = ((tmp_path / name).read_bytes() for name in ("one", "two"))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < len(one) / 100


def test_it_is_for_its_owner_alone_from_the_first_byte(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = SealedWriter.write

    def look(writer: SealedWriter, data: bytes) -> None:
        seen.extend(stat.S_IMODE(part.stat().st_mode) for part in tmp_path.glob(".b.*.part"))
        real(writer, data)

    monkeypatch.setattr(SealedWriter, "write", look)
    before = os.umask(0)
    try:
        made = back_up(solo, tmp_path / "b")
    finally:
        os.umask(before)
    assert set(seen) == {0o600}
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert made.private


def test_it_is_never_written_over(solo: EventDir, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("b", "link"):
        with pytest.raises(UsageError) as refused:
            back_up(solo, tmp_path / name)
        assert refused.value.code == "exists"
    assert (tmp_path / "b").read_text() == "mine"
    assert left(tmp_path) == {"event", "b", "link"}


@pytest.mark.parametrize("links", [True, False])
def test_who_takes_the_name_meanwhile_keeps_it(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    real = making._read_back

    def taken(*args: Any) -> None:
        real(*args)
        (tmp_path / "b").write_text("mine")

    monkeypatch.setattr(making, "_read_back", taken)
    with pytest.raises(UsageError, match="there already"):
        back_up(solo, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "mine"
    assert left(tmp_path) == {"event", "b"}


def _no_links(*_: Any, **__: Any) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_stick_that_knows_no_links_will_do(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _no_links)
    assert back_up(solo, tmp_path / "b").size == (tmp_path / "b").stat().st_size
    assert left(tmp_path) == {"event", "b"}


@pytest.mark.parametrize("at", [0, 100, 70_000, -1])
def test_a_disk_that_does_not_give_back_what_was_written_is_found_out(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    def lie(handle: int) -> None:
        size = os.fstat(handle).st_size
        place = at % size
        byte = os.pread(handle, 1, place)
        os.pwrite(handle, bytes([byte[0] ^ 1]), place)

    monkeypatch.setattr(making, "_forget_cached", lie)
    with pytest.raises(KeyStoreError) as caught:
        back_up(solo, tmp_path / "b")
    assert caught.value.code.startswith("backup-")
    assert left(tmp_path) == {"event"}


def test_a_list_that_is_not_what_was_meant_is_found_out(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = making._Load.plain

    def other(load: making._Load) -> Any:
        first, *rest = real(load)
        yield first
        yield from (bytes(len(each)) if len(each) > 1000 else each for each in rest)

    monkeypatch.setattr(making._Load, "plain", other)
    with pytest.raises(KeyStoreError) as caught:
        back_up(solo, tmp_path / "b")
    assert caught.value.code == "backup-disk"
    assert left(tmp_path) == {"event"}


def test_a_full_disk_leaves_nothing(solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyStoreError, match="No space left") as caught:
        back_up(solo, tmp_path / "b")
    assert caught.value.code == "keys-io"
    assert left(tmp_path) == {"event"}


def test_who_gives_up_at_the_passphrase_leaves_nothing(solo: EventDir, tmp_path: Path) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_backup(solo, tmp_path / "b", interrupted, now_ms=NOW)
    assert left(tmp_path) == {"event"}


@pytest.mark.parametrize("place", ["nowhere/b", "event/b", "event/public/trust/b"])
def test_places_that_make_no_sense_are_refused(solo: EventDir, tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError) as refused:
        back_up(solo, tmp_path / place)
    assert refused.value.hint


def test_what_belongs_to_no_event_is_left_out_and_told(solo: EventDir, tmp_path: Path) -> None:
    (solo.path / "notes.txt").write_text("mine")
    (solo.path / "recordings").mkdir()
    (solo.keys / "console.key").write_text("x")
    (solo.public / "live/v144.m3u8").write_text("#EXTM3U\n")
    (solo.public / "media").mkdir()
    (solo.keys / "live.lock").touch()
    made = back_up(solo, tmp_path / "b")
    assert set(made.left_out) == {
        "notes.txt", "recordings", "keys/console.key", "public/live/v144.m3u8", "public/media",
    }  # fmt: skip
    assert LOG not in {entry.path for entry in made.contents.entries}


@pytest.mark.parametrize("name", ["keys/live-a.pem", "sealed/2.root.json", "event.toml"])
def test_a_link_is_not_followed(solo: EventDir, tmp_path: Path, name: str) -> None:
    (solo.path / name).rename(tmp_path / "elsewhere")
    (solo.path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreError) as refused:
        back_up(solo, tmp_path / "b")
    assert refused.value.code == "backup-link"
    assert left(tmp_path) == {"event", "elsewhere"}


def test_a_pipe_in_a_files_place_does_not_hang(solo: EventDir, tmp_path: Path) -> None:
    (solo.keys / "steering.pem").unlink()
    os.mkfifo(solo.keys / "steering.pem")
    with pytest.raises(KeyStoreError) as refused:
        back_up(solo, tmp_path / "b")
    assert refused.value.code == "backup-link"


def test_a_file_that_is_too_large_is_refused(solo: EventDir, tmp_path: Path) -> None:
    (solo.keys / "steering.pem").write_bytes(b"x" * 5000)
    with pytest.raises(KeyStoreError) as refused:
        back_up(solo, tmp_path / "b")
    assert refused.value.code == "too-large"


def test_a_broken_event_is_told_now_and_not_on_the_bad_day(solo: EventDir, tmp_path: Path) -> None:
    place = solo.public / "trust/1.targets.json"
    place.write_bytes(place.read_bytes().replace(b"targets", b"tergets", 1))
    with pytest.raises(VerificationError):
        back_up(solo, tmp_path / "b")
    assert left(tmp_path) == {"event"}


def test_it_waits_for_who_is_just_signing(solo: EventDir, tmp_path: Path) -> None:
    done = threading.Event()

    def make() -> None:
        back_up(solo, tmp_path / "b")
        done.set()

    with locked(solo.keys):
        thread = threading.Thread(target=make)
        thread.start()
        assert not done.wait(0.3)
    thread.join(10)
    assert done.is_set()


def test_the_passphrase_stands_nowhere(solo: EventDir, tmp_path: Path) -> None:
    made = back_up(solo, tmp_path / "b")
    assert WORDS not in repr(made)
    assert WORDS.encode() not in (tmp_path / "b").read_bytes()
