"""The log of what was signed live: copied while a broadcast may write to it, and looked at before it is laid down again.

A log that comes out of a back-up is older than what its keys have signed since. It lets nobody sign on; it tells what
was signed, and which media may leave the stores.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

from huma.backup.contents import LOG_MAX_BYTES
from huma.config import MIB
from huma.errors import KeyStoreError
from huma.keys.durable import PRIVATE_FILE
from huma.protocol.names import is_keyid

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

LOG_NAME: Final = "live.sqlite"
BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""Where SQLite keeps parts of a database: a stale one beside another database would be taken for its newest part."""

_TABLES: Final = frozenset({"meta", "playlist", "entry", "document", "named"})
_LOOK_S: Final = 60.0
_STEPS: Final = 200_000
_WAIT_S: Final = 5.0
_VALUE_MAX_BYTES: Final = 16 * MIB


def copy_log(state: Path) -> BufferedReader | None:
    """The log in `state` as it is at this moment, as an open file that has no name any more; None where there is none.

    Raises:
        KeyStoreError: `log`, `too-large`.
    """
    path = state / LOG_NAME
    if not path.is_file():
        return None
    copy = state / f".{LOG_NAME}.{secrets.token_hex(6)}.part"
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
    try:
        with closing(
            sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True, timeout=_WAIT_S)
        ) as database:
            database.execute("VACUUM INTO ?", (str(copy),))  # one moment of it, whoever writes meanwhile
        file = copy.open("rb")
    except (sqlite3.Error, OSError) as error:
        raise KeyStoreError(
            f"the live log cannot be copied: {error.__class__.__name__}",
            code="log",
            hint=f"Look at {path} and at the room on its disk; or leave it out.",
        ) from None
    finally:
        copy.unlink(missing_ok=True)
    if os.fstat(file.fileno()).st_size > LOG_MAX_BYTES:
        file.close()
        raise KeyStoreError(
            f"the live log has more than {LOG_MAX_BYTES} bytes", code="too-large", hint="Leave it out."
        )
    return file


def signers_in(path: Path, event_id: str) -> frozenset[str]:
    """See that a log from a back-up is a log of this event and nothing else; gives the ids of the keys that signed.

    It may have been made by hand: what could run, as triggers and views do, is refused, and time is bounded.

    Raises:
        KeyStoreError: `backup-log`.
    """
    until = time.monotonic() + _LOOK_S
    try:
        with closing(
            sqlite3.connect(path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)
        ) as database:
            database.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_MAX_BYTES)
            database.text_factory = partial(str, encoding="utf-8", errors="replace")
            database.execute("PRAGMA trusted_schema = OFF")
            kinds = database.execute("SELECT type, name FROM sqlite_schema LIMIT 100").fetchall()
            if {name for _, name in kinds} - _TABLES or {kind for kind, _ in kinds} != {"table"}:
                raise _no_log("it is no log of ours")
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _no_log("it is damaged")
            if database.execute("SELECT event FROM meta LIMIT 2").fetchall() != [(event_id,)]:
                raise _no_log("it is that of another event")
            rows = database.execute("SELECT DISTINCT keyid FROM playlist LIMIT 100").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):  # the latter from the words of the former
        raise _no_log("it is damaged") from None
    return frozenset(keyid for (keyid,) in rows if isinstance(keyid, str) and is_keyid(keyid))


def refuse_standing(state: Path) -> None:
    """Refuse where a log stands already: it may be newer than the one in the back-up, and is never overwritten."""
    found = [name for end in BESIDE if os.path.lexists(state / (name := LOG_NAME + end))]
    if found:
        raise KeyStoreError(
            f"there is a live log of this event on this machine already: {state / found[0]}",
            code="log-exists",
            hint="Leave out --with-log: the one that stands here is at least as good.",
        )


def _no_log(what: str) -> KeyStoreError:
    return KeyStoreError(
        f"the live log in the back-up cannot be taken: {what}",
        code="backup-log",
        hint="Leave out --with-log, or take another copy of the back-up.",
    )
