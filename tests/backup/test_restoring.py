from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huma.backup.contents import FILE_MAX_BYTES, LIST_MAX_BYTES, MAX_FILES
from huma.backup.making import make_backup
from huma.backup.restoring import Restored, restore_backup
from huma.errors import HumaError, KeyStoreError, UsageError
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.marks import SPENT, USED, is_marked, leave_mark
from tests.backup.packing import files_of, packed, rows, sealed, words
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW

pytestmark = pytest.mark.usefixtures("quickly")


@pytest.fixture
def backup(solo: EventDir, tmp_path: Path) -> Path:
    file = tmp_path / "backup"
    make_backup(solo, file, words, now_ms=NOW)
    return file


def restore(file: Path, folder: Path, **more: Any) -> Restored:
    return restore_backup(file, folder, words, **more)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def test_what_comes_back_is_what_was_there(solo: EventDir, backup: Path, tmp_path: Path) -> None:
    restored = restore(backup, tmp_path / "back", unused=True)
    assert files_of(tmp_path / "back") == files_of(solo.path)
    (solo.keys / ".lock").unlink()
    assert modes(tmp_path / "back") == modes(solo.path)
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == stat.S_IMODE(solo.path.stat().st_mode)
    assert (restored.contents.event_id, restored.contents.made_ms) == (solo.event_id, NOW)
    assert restored.spent == ()
    assert EventDir(tmp_path / "back").event == solo.event
    assert {file.name for file in tmp_path.iterdir()} == {"event", "backup", "back"}


def test_a_umask_that_takes_everything_makes_no_difference(
    solo: EventDir, backup: Path, tmp_path: Path
) -> None:
    before = os.umask(0o777)
    try:
        restore(backup, tmp_path / "back", unused=True)
    finally:
        os.umask(before)
    (solo.keys / ".lock").unlink()
    assert modes(tmp_path / "back") == modes(solo.path)


def test_a_folder_that_is_not_empty_is_left_alone(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back/mine").write_text("precious")
    with pytest.raises(UsageError) as refused:
        restore(backup, tmp_path / "back")
    assert refused.value.code == "not-empty"
    assert [file.name for file in (tmp_path / "back").iterdir()] == ["mine"]


def test_the_passphrase_is_asked_for_only_when_place_and_file_are_right(backup: Path, tmp_path: Path) -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return words()

    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    for file, place in (
        (backup, "full"),
        (tmp_path / "nowhere", "new"),
        (tmp_path, "new"),
        (Path("/dev/null"), "new"),
    ):
        with pytest.raises(UsageError):
            restore_backup(file, tmp_path / place, ask)
    assert asked == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_flipped_byte_is_refused_and_leaves_nothing(
    backup: Path, tmp_path: Path, share: float, flip: int
) -> None:
    data = bytearray(backup.read_bytes())
    data[int(share * len(data))] ^= flip
    refuses_and_leaves_nothing(bytes(data), tmp_path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_any_cut_is_refused_and_leaves_nothing(backup: Path, tmp_path: Path, share: float) -> None:
    data = backup.read_bytes()
    refuses_and_leaves_nothing(data[: int(share * len(data))], tmp_path)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=st.binary(min_size=1, max_size=200))
def test_anything_added_is_refused_and_leaves_nothing(backup: Path, tmp_path: Path, more: bytes) -> None:
    refuses_and_leaves_nothing(backup.read_bytes() + more, tmp_path)


def refuses_and_leaves_nothing(data: bytes, tmp_path: Path, **more: Any) -> KeyStoreError:
    before = {file.name for file in tmp_path.iterdir()} - {"spoilt"}
    (tmp_path / "spoilt").write_bytes(data)
    with pytest.raises(KeyStoreError) as refused:
        restore(tmp_path / "spoilt", tmp_path / "back", **more)
    assert refused.value.code.startswith("backup-")
    assert refused.value.hint
    assert {file.name for file in tmp_path.iterdir()} == before | {"spoilt"}
    return refused.value


def repacked(
    event: EventDir, change: Callable[[dict[str, bytes]], object], more: dict[str, Any] | None = None
) -> bytes:
    files = files_of(event.path)
    change(files)
    return packed(event.event_id, rows(files), b"".join(files.values()), more)


def test_one_that_is_packed_by_hand_and_right_is_taken(solo: EventDir, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(repacked(solo, lambda _: None, {"unknown": "ignored"}))
    restore(tmp_path / "made", tmp_path / "back")
    assert EventDir(tmp_path / "back").event_id == solo.event_id


@pytest.mark.parametrize(
    "path",
    [
        "../outside", "/etc/passwd", "keys/../../outside", "keys/./live-a.pem", "keys//live-a.pem", "keys/live-a.pem/",
        "keys/live-a.pem\n", "keys/LIVE-A.pem", "keys/.lock", "public/../keys/live-a.pem", "public/media/" + "a" * 64 + ".m4s",
        "public/live/v144.m3u8", "public/trust/01.root.json", "sealed/00.root.json", "notes.txt", "log/../x", "log/live.sqlite-wal",
        "keys/used-" + "A" * 16, ".bashrc", "keys", "public\\trust", "\u202ekeys/live-a.pem", "Keys/live-a.pem",
    ],
)  # fmt: skip
def test_a_file_that_no_event_has_is_refused(solo: EventDir, tmp_path: Path, path: str) -> None:
    refused = refuses_and_leaves_nothing(repacked(solo, lambda files: files.update({path: b"x"})), tmp_path)
    assert refused.code == "backup-unfit"
    assert not (tmp_path.parent / "outside").exists()


def test_a_file_that_stands_twice_is_refused(solo: EventDir, tmp_path: Path) -> None:
    files = files_of(solo.path)
    (one,) = rows({"event.toml": files["event.toml"]})
    data = packed(solo.event_id, [*rows(files), one], b"".join(files.values()) + files["event.toml"])
    assert "twice" in refuses_and_leaves_nothing(data, tmp_path).message


@pytest.mark.parametrize(
    "change",
    [
        {"size": -1}, {"size": 1.5}, {"size": "1"}, {"size": True}, {"size": 2**60}, {"size": 10**9}, {"sha256": "x"},
        {"sha256": "0" * 64}, {"path": ""}, {"path": None}, {"path": "event.toml\x00"}, {"path": "x" * 300},
    ],
)  # fmt: skip
def test_a_row_that_lies_is_refused(solo: EventDir, tmp_path: Path, change: dict[str, Any]) -> None:
    files = files_of(solo.path)
    first, *rest = rows(files)
    data = packed(solo.event_id, [{**first, **change}, *rest], b"".join(files.values()))
    refuses_and_leaves_nothing(data, tmp_path)


@pytest.mark.parametrize(
    "more",
    [{"v": 2}, {"v": "1"}, {"event": "a"}, {"event": "a" * 52 + "!"}, {"made": "yesterday"}, {"files": {}}, {"files": [[]]}],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_refused(solo: EventDir, tmp_path: Path, more: dict[str, Any]) -> None:
    assert refuses_and_leaves_nothing(repacked(solo, lambda _: None, more), tmp_path).code == "backup-unfit"


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0", b"\xff\xff\xff\xff", (LIST_MAX_BYTES + 1).to_bytes(4, "big"), b"\0\0\0\x05{}", b"\0\0\0\x02{}",
        b"\0\0\0\x02[]", b"\0\0\0\x01x", b"\0\x00\x40\x00" + b"[" * 0x4000, b"\0", b"\0\0\0\x04nul",
    ],
)  # fmt: skip
def test_what_does_not_begin_with_a_list_is_refused(tmp_path: Path, data: bytes) -> None:
    refuses_and_leaves_nothing(sealed(data), tmp_path)


def test_more_bytes_than_the_list_names_are_refused(solo: EventDir, tmp_path: Path) -> None:
    files = files_of(solo.path)
    data = packed(solo.event_id, rows(files), b"".join(files.values()) + b"x")
    assert "more than it says" in refuses_and_leaves_nothing(data, tmp_path).message


def test_fewer_bytes_than_the_list_names_are_refused(solo: EventDir, tmp_path: Path) -> None:
    files = files_of(solo.path)
    data = packed(solo.event_id, rows(files), b"".join(files.values())[:-1])
    refuses_and_leaves_nothing(data, tmp_path)


def test_a_list_of_files_that_would_fill_the_disk_is_refused_before_anything_is_written(
    solo: EventDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = [{"path": "log/live.sqlite", "size": 2**31, "sha256": "0" * 64}]
    monkeypatch.setattr("huma.backup.restoring.appears_whole", None)
    assert (
        "less than it says" in refuses_and_leaves_nothing(packed(solo.event_id, huge, b""), tmp_path).message
    )


def test_too_many_files_are_refused(solo: EventDir, tmp_path: Path) -> None:
    many = rows({f"keys/used-{n:016x}": b"" for n in range(MAX_FILES + 1)})
    refuses_and_leaves_nothing(packed(solo.event_id, many, b""), tmp_path)


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(FILE_MAX_BYTES + 1)
    with pytest.raises(KeyStoreError) as refused:
        restore(tmp_path / "huge", tmp_path / "back")
    assert refused.value.code == "backup-unfit"


def test_the_documents_must_be_those_of_the_event_that_the_list_names(solo: EventDir, tmp_path: Path) -> None:
    config = EventConfig({"en": "Other"}, NOW, NOW + DAY_MS, LANGUAGES)
    other = create(tmp_path / "other", config, now=NOW)
    files = files_of(other.path)
    data = packed(solo.event_id, rows(files), b"".join(files.values()))
    assert "another event" in refuses_and_leaves_nothing(data, tmp_path).message


@pytest.mark.parametrize("path", ["public/trust/1.root.json", "public/trust/1.targets.json", "event.toml"])
def test_an_event_that_lacks_what_makes_it_one_is_refused(solo: EventDir, tmp_path: Path, path: str) -> None:
    refuses_and_leaves_nothing(repacked(solo, lambda files: files.pop(path)), tmp_path)


def test_an_event_that_does_not_verify_is_refused(solo: EventDir, tmp_path: Path) -> None:
    change = {"public/trust/1.targets.json": b"{}"}
    refuses_and_leaves_nothing(repacked(solo, lambda files: files.update(change)), tmp_path)


def test_killed_in_the_middle_it_leaves_no_event(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huma.backup.restoring._settle", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        restore(backup, tmp_path / "back")
    assert {file.name for file in tmp_path.iterdir()} == {"event", "backup"}


def _interrupted(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_disk_that_keeps_nothing_private_gets_no_keys(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.chmod
    monkeypatch.setattr(Path, "chmod", lambda path, mode: real(path, 0o755 if path.name == "keys" else mode))
    with pytest.raises(KeyStoreError) as refused:
        restore(backup, tmp_path / "back")
    assert refused.value.code == "keys-open"
    assert {file.name for file in tmp_path.iterdir()} == {"event", "backup"}


# -- the live keys -------------------------------------------------------------------------------------


def keyids(event: EventDir) -> dict[int, str]:
    return {key.rank: key.keyid for key in event.event.live_keys}


def spent_after(event: EventDir, tmp_path: Path, **more: Any) -> tuple[int, ...]:
    made = tmp_path / f"again-{len(list(tmp_path.iterdir()))}"
    make_backup(event, made, words, now_ms=NOW)
    restored = restore(made, made.with_suffix(".back"), **more)
    ranks = keyids(restored.eventdir)
    marked = tuple(rank for rank in ranks if is_marked(restored.eventdir.keys, SPENT, ranks[rank]))
    assert marked == restored.spent
    return marked


def test_a_key_that_had_signed_signs_no_more(solo: EventDir, tmp_path: Path) -> None:
    leave_mark(solo.keys, USED, keyids(solo)[1])
    assert spent_after(solo, tmp_path) == (1,)
    assert spent_after(solo, tmp_path, unused=True) == (1,)


def test_the_key_that_would_have_signed_next_signs_no_more_unless_somebody_vouches(
    solo: EventDir, tmp_path: Path
) -> None:
    assert spent_after(solo, tmp_path) == (1,)
    assert spent_after(solo, tmp_path, unused=True) == ()


def test_a_standby_has_only_its_own_key_to_lose(solo: EventDir, tmp_path: Path) -> None:
    for name in ("live-a", "live-c"):
        (solo.keys / f"{name}.pem").unlink()
    assert spent_after(solo, tmp_path) == (2,)


def test_a_desk_without_live_keys_loses_none(solo: EventDir, tmp_path: Path) -> None:
    for name in ("live-a", "live-b", "live-c"):
        (solo.keys / f"{name}.pem").unlink()
    assert spent_after(solo, tmp_path) == ()


def test_a_folder_restored_twice_goes_one_rank_further(solo: EventDir, tmp_path: Path) -> None:
    leave_mark(solo.keys, SPENT, keyids(solo)[1])
    assert spent_after(solo, tmp_path) == (1, 2)
    leave_mark(solo.keys, USED, keyids(solo)[1])
    assert spent_after(solo, tmp_path) == (1, 2)
    leave_mark(solo.keys, USED, keyids(solo)[2])
    assert spent_after(solo, tmp_path) == (1, 2)
    assert spent_after(solo, tmp_path, unused=True) == (1, 2)


def test_what_is_wrong_is_one_of_our_errors_whatever_the_file(tmp_path: Path) -> None:
    for number, data in enumerate(
        (b"", b"\0" * 100, os.urandom(5000), b"huma-backup 1\n" + os.urandom(5000))
    ):
        (tmp_path / f"file-{number}").write_bytes(data)
        with pytest.raises(HumaError):
            restore(tmp_path / f"file-{number}", tmp_path / "back")
