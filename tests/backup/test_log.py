from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from huma.backup import livelog
from huma.backup.contents import LOG
from huma.backup.making import make_backup
from huma.backup.restoring import Restored, restore_backup
from huma.broadcast.log import LiveLog
from huma.errors import KeyStoreError, UsageError
from huma.keys.eventdir import EventDir
from huma.keys.marks import SPENT, is_marked
from tests.backup.packing import files_of, packed, rows, words
from tests.keys.eventmaking import NOW

pytestmark = pytest.mark.usefixtures("quickly")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state #1?%20"


@pytest.fixture
def log(solo: EventDir, state: Path) -> LiveLog:
    """A log in use: the first two live keys have signed."""
    log = LiveLog(state, solo.event_id)
    for key in solo.event.live_keys[:2]:
        sign(log, key.keyid)
    return log


def sign(log: LiveLog, keyid: str) -> None:
    log._db.execute("INSERT INTO playlist VALUES (?, 'v', 7, x'00', '{}')", (keyid,))
    log.commit(keyid, [], named={"media/a.m4s": NOW})


def back_up(event: EventDir, state: Path) -> Path:
    file = event.path.parent / "backup"
    made = make_backup(event, file, words, now_ms=NOW, state=state)
    assert made.contents.has_log
    return file


def restore(file: Path, folder: Path, place: Path) -> Restored:
    return restore_backup(file, folder, words, state_of=lambda _: place)


def rows_of(place: Path) -> list[tuple[str, str, int]]:
    with closing(sqlite3.connect(place / "live.sqlite")) as database:
        return database.execute("SELECT keyid, rendition, tick FROM playlist ORDER BY keyid").fetchall()


def test_the_log_comes_back_while_a_broadcast_writes_to_it(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path
) -> None:
    file = back_up(solo, state)
    sign(log, solo.event.live_keys[2].keyid)  # after the back-up
    log.close()
    other = tmp_path / "other/huma/event"
    restored = restore(file, tmp_path / "back", other)
    assert restored.log == other / "live.sqlite"
    assert [keyid for keyid, *_ in rows_of(other)] == sorted(key.keyid for key in solo.event.live_keys[:2])
    assert stat.S_IMODE((other / "live.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE(other.stat().st_mode) == 0o700
    assert [file.name for file in other.iterdir()] == ["live.sqlite"]
    taken = LiveLog(other, solo.event_id)
    assert taken.named() == {"media/a.m4s": NOW}
    taken.close()
    assert sorted(file.name for file in state.iterdir()) == ["live.sqlite"], "no copy is left"


def test_keys_that_only_the_log_knows_are_spent_too(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path
) -> None:
    restored = restore(back_up(solo, state), tmp_path / "back", tmp_path / "other")
    assert restored.spent == (1, 2)
    for rank, spent in ((0, True), (1, True), (2, False)):
        key = solo.event.live_keys[rank].keyid
        assert is_marked(restored.eventdir.keys, SPENT, key) is spent
    log.close()


def test_without_being_asked_for_the_log_is_verified_and_left_out(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path
) -> None:
    file = back_up(solo, state)
    log.close()
    restored = restore_backup(file, tmp_path / "back", words)
    assert restored.log is None
    assert not (tmp_path / "back/log").exists()


@pytest.mark.parametrize("name", ["live.sqlite", "live.sqlite-wal", "live.sqlite-shm", "live.sqlite-journal"])
def test_a_log_that_stands_there_is_never_overwritten(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path, name: str
) -> None:
    file = back_up(solo, state)
    log.close()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / name).write_bytes(b"mine")
    with pytest.raises(KeyStoreError) as refused:
        restore(file, tmp_path / "back", tmp_path / "other")
    assert refused.value.code == "log-exists"
    assert (tmp_path / "other" / name).read_bytes() == b"mine"
    assert not (tmp_path / "back").exists()


def test_a_backup_without_a_log_gives_none(solo: EventDir, tmp_path: Path) -> None:
    make_backup(solo, tmp_path / "backup", words, now_ms=NOW)
    with pytest.raises(UsageError) as refused:
        restore(tmp_path / "backup", tmp_path / "back", tmp_path / "other")
    assert refused.value.code == "no-log"
    assert not (tmp_path / "other").exists()


def test_an_event_that_has_no_log_here_is_told(solo: EventDir, state: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        make_backup(solo, tmp_path / "backup", words, now_ms=NOW, state=state)
    assert refused.value.code == "no-log"
    assert not (tmp_path / "backup").exists()


def test_a_log_that_cannot_be_read_is_told(solo: EventDir, state: Path, tmp_path: Path) -> None:
    state.mkdir()
    (state / "live.sqlite").write_bytes(b"torn" * 1000)
    with pytest.raises(KeyStoreError) as refused:
        make_backup(solo, tmp_path / "backup", words, now_ms=NOW, state=state)
    assert refused.value.code == "log"
    assert [file.name for file in state.iterdir()] == ["live.sqlite"]


# -- logs made by hand -----------------------------------------------------------------------------------


def of_another_event(database: sqlite3.Connection) -> None:
    database.execute("UPDATE meta SET event = ?", ("a" * 52,))


def without_an_event(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM meta")


def with_a_trigger(database: sqlite3.Connection) -> None:
    database.execute("CREATE TRIGGER t AFTER INSERT ON playlist BEGIN DELETE FROM playlist; END")


def with_a_view(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE playlist")
    database.execute("CREATE VIEW playlist AS SELECT 'x' AS keyid")


def with_another_table(database: sqlite3.Connection) -> None:
    database.execute("CREATE TABLE more (x)")


def without_a_table(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE playlist")


def with_a_giant(database: sqlite3.Connection) -> None:
    database.execute("UPDATE meta SET event = zeroblob(20000000)")


@pytest.mark.parametrize(
    "change",
    [of_another_event, without_an_event, with_a_trigger, with_a_view, with_another_table, without_a_table, with_a_giant],
)  # fmt: skip
def test_a_log_made_by_hand_is_refused_and_leaves_nothing(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    log.close()
    with closing(sqlite3.connect(state / "live.sqlite")) as database, database:
        database.execute("PRAGMA journal_mode = DELETE")
        change(database)
    refuses(solo, (state / "live.sqlite").read_bytes(), tmp_path)


@pytest.mark.parametrize("data", [b"", b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_refused(solo: EventDir, tmp_path: Path, data: bytes) -> None:
    refuses(solo, data, tmp_path)


def test_a_log_with_flipped_bytes_is_refused_or_harmless(
    solo: EventDir, state: Path, log: LiveLog, tmp_path: Path
) -> None:
    log.close()
    with closing(sqlite3.connect(state / "live.sqlite")) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    good = (state / "live.sqlite").read_bytes()
    for number, at in enumerate(range(0, len(good), 97)):
        place = tmp_path / f"flipped-{number}"
        place.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        with suppress(KeyStoreError):  # and no other error
            livelog.signers_in(place, solo.event_id)


def test_a_log_that_takes_for_ever_is_given_up(
    solo: EventDir, state: Path, log: LiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.close()
    monkeypatch.setattr(livelog, "_LOOK_S", -1.0)
    monkeypatch.setattr(livelog, "_STEPS", 1)
    with pytest.raises(KeyStoreError) as refused:
        livelog.signers_in(state / "live.sqlite", solo.event_id)
    assert refused.value.code == "backup-log"


def refuses(event: EventDir, log: bytes, tmp_path: Path) -> None:
    files = {**files_of(event.path), LOG: log}
    (tmp_path / "made").write_bytes(packed(event.event_id, rows(files), b"".join(files.values())))
    before = set(tmp_path.iterdir())
    with pytest.raises(KeyStoreError) as refused:
        restore(tmp_path / "made", tmp_path / "back", tmp_path / "deep/er/state")
    assert refused.value.code == "backup-log"
    assert set(tmp_path.iterdir()) == before
