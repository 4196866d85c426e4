"""The write-ahead log: nothing signed leaves this machine before it stands here, on disk (PROTOCOL 8).

After a crash exactly the bytes that stand here are sent again, then the next tick. A key whose log is lost must
not sign any more, since it could contradict what it has signed already.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from huma.broadcast.chain import Chain, OpenChapter
from huma.broadcast.entrytext import parse_chain, parse_entry, render_chain, render_entry
from huma.errors import KeyStoreError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from huma.broadcast.signer import SignedStep

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (event TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS playlist (
    keyid TEXT, rendition TEXT, tick INTEGER NOT NULL, signed BLOB NOT NULL, chain TEXT NOT NULL,
    PRIMARY KEY (keyid, rendition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    keyid TEXT, rendition TEXT, chapter INTEGER, number INTEGER, text TEXT NOT NULL,
    PRIMARY KEY (keyid, rendition, chapter, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
    keyid TEXT, path TEXT, signed BLOB NOT NULL,
    PRIMARY KEY (keyid, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS named (path TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
"""
_FULL_CODES: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})


@dataclass(frozen=True, slots=True)
class Logged:
    """The last state of one rendition, with the complete bytes of its last playlist."""

    chain: Chain
    playlist: bytes


class LiveLog:
    """What one machine has signed for one event.

    `witness` is told a key's id before the first signed bytes of that key are kept: it leaves word beside the key, so
    that a lost log is noticed even where no store answers. A broadcast that fails before that has spent nothing.
    """

    def __init__(self, folder: Path, event_id: str, *, witness: Callable[[str], None] | None = None) -> None:
        self._witness = witness
        self._witnessed: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "live.sqlite"
        self._turn = threading.Lock()
        self._closed = False
        try:
            self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _told(error) from error
        self._prepare(event_id)

    @property
    def path(self) -> Path:
        """The log's file."""
        return self._path

    def close(self) -> None:
        """Close the file, as soon as nobody is using it; who comes later is told `log-closed`."""
        with self._turn:
            self._closed = True
            self._db.close()

    def commit(
        self, keyid: str, steps: Sequence[SignedStep], *, named: Mapping[str, int] | None = None
    ) -> None:
        """Put signed bytes on disk, all or none; when this returns they survive a crash of the machine."""
        self._bear_witness(keyid)
        with self._transaction() as database:
            for step in steps:
                _put(database, keyid, step)
            database.executemany("INSERT OR REPLACE INTO named VALUES (?, ?)", (named or {}).items())

    def commit_document(self, keyid: str, path: str, signed: bytes) -> None:
        """Put one more signed file on disk: a checkpoint."""
        self._bear_witness(keyid)
        with self._transaction() as database:
            database.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (keyid, path, signed))

    def _bear_witness(self, keyid: str) -> None:
        if self._witness is not None and keyid not in self._witnessed:
            self._witness(keyid)
            self._witnessed.add(keyid)

    def logged(self, keyid: str) -> dict[str, Logged]:
        """The last state of each rendition that this key signed here."""
        with self._use() as database:
            rows = database.execute(
                "SELECT rendition, signed, chain FROM playlist WHERE keyid = ?", (keyid,)
            ).fetchall()
            return {name: Logged(_chain(database, keyid, text), signed) for name, signed, text in rows}

    def documents(self, keyid: str) -> dict[str, bytes]:
        """Chapters and checkpoints that this key signed and that were not yet seen in every store."""
        with self._use() as database:
            rows = database.execute("SELECT path, signed FROM document WHERE keyid = ?", (keyid,)).fetchall()
        return dict(rows)

    def named(self) -> dict[str, int]:
        """Media files by the moment at which a live playlist last named them, oldest first; for retention."""
        with self._use() as database:
            return dict(database.execute("SELECT path, at_ms FROM named ORDER BY at_ms").fetchall())

    def forget(self, keyid: str, documents: Sequence[str], media: Sequence[str] = ()) -> None:
        """Every store has these documents; these media have left."""
        if not documents and not media:
            return
        with self._transaction() as database:
            database.executemany(
                "DELETE FROM document WHERE keyid = ? AND path = ?", [(keyid, path) for path in documents]
            )
            database.executemany("DELETE FROM named WHERE path = ?", [(path,) for path in media])

    def tidy(self) -> None:
        """Move the write-ahead file into the database now, while nobody waits for a playlist."""
        with self._use() as database:
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _prepare(self, event_id: str) -> None:
        with self._use() as database:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
                database.execute(f"PRAGMA {pragma}")
        with self._transaction() as database:
            for statement in _TABLES.split(";"):
                database.execute(statement)
            found = database.execute("SELECT event FROM meta").fetchone()
            if found is None:
                database.execute("INSERT INTO meta VALUES (?)", (event_id,))
            elif found[0] != event_id:
                raise KeyStoreError(f"{self._path} is the log of another event", code="log-of-another-event")

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """The database, for one caller at a time: SQLite crashes the process of who closes it under another's feet."""
        with self._turn:
            if self._closed:
                raise KeyStoreError("the log of what was signed is closed", code="log-closed")
            try:
                yield self._db
            except sqlite3.Error as error:
                raise _told(error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._use() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise


def _put(database: sqlite3.Connection, keyid: str, step: SignedStep) -> None:
    chain = step.chain
    database.execute(
        "INSERT OR REPLACE INTO playlist VALUES (?, ?, ?, ?, ?)",
        (keyid, chain.rendition, chain.tick, step.playlist, render_chain(chain)),
    )
    for chapter in step.chapters:
        database.execute("INSERT INTO document VALUES (?, ?, ?)", (keyid, chapter.path, chapter.data))
        database.execute(
            "DELETE FROM entry WHERE keyid = ? AND rendition = ? AND chapter <= ?",
            (keyid, chain.rendition, chapter.ref.n),
        )
    if chain.open_chapter is not None:
        _put_entries(database, keyid, chain.rendition, chain.open_chapter)


def _put_entries(database: sqlite3.Connection, keyid: str, rendition: str, open_: OpenChapter) -> None:
    """Only those that are new: the others stand there already."""
    (standing,) = database.execute(
        "SELECT count(*) FROM entry WHERE keyid = ? AND rendition = ? AND chapter = ?",
        (keyid, rendition, open_.n),
    ).fetchone()
    database.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
        [
            (keyid, rendition, open_.n, number, render_entry(entry))
            for number, entry in enumerate(open_.entries[standing:], standing)
        ],
    )


def _chain(database: sqlite3.Connection, keyid: str, text: str) -> Chain:
    chain, head = parse_chain(text)
    if head is None:
        return chain
    rows = database.execute(
        "SELECT text FROM entry WHERE keyid = ? AND rendition = ? AND chapter = ? ORDER BY number",
        (keyid, chain.rendition, head.n),
    ).fetchall()
    entries = tuple(parse_entry(row[0]) for row in rows)
    if not entries:
        raise KeyStoreError("the log of what was signed has lost its chapter", code="log-damaged")
    open_ = OpenChapter(head.n, head.first_n, head.discontinuity_sequence, entries)
    return replace(chain, open_chapter=open_)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of an event on this machine: two that sign with one key would contradict each other."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "live.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                "this event is on the air from this machine already",
                code="already-live",
                hint="Stop the other `huma live` first.",
            ) from None
        yield
    finally:
        os.close(handle)


def _told(error: sqlite3.Error) -> StoreError | KeyStoreError:
    if getattr(error, "sqlite_errorname", "") in _FULL_CODES:
        return StoreError(
            "the disk of the log is full: nothing can be signed",
            code="disk-full",
            hint="Free space there; the broadcast goes on by itself.",
        )
    return KeyStoreError(
        f"the log of what was signed cannot be used: {error}",
        code="log-damaged",
        hint="Go on with the key of the next rank: huma live … --rank N",
    )
