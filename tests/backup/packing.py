"""Back-ups made by hand: what an attacker who knows the passphrase could hand over."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huma.backup.sealing import SALT_BYTES, SealedWriter
from huma.protocol.names import sha256_hex

SALT = bytes(range(SALT_BYTES))
WORDS = "correct horse battery"


def words() -> str:
    return WORDS


def quick(passphrase: str, salt: bytes) -> bytes:
    return hashlib.sha256(passphrase.encode() + salt).digest()


def sealed(data: bytes, *pieces: bytes) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, SALT, quick(WORDS, SALT))
    for each in (data, *pieces):
        writer.write(each)
    writer.close()
    return file.getvalue()


def rows(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    return [{"path": path, "size": len(data), "sha256": sha256_hex(data)} for path, data in files.items()]


def packed(
    event_id: str, listed: Sequence[dict[str, Any]], data: bytes, more: Mapping[str, Any] | None = None
) -> bytes:
    """A sealed file with any list in front of any bytes."""
    said = {"v": 1, "event": event_id, "made": "2026-11-24T00:00:00.000Z", "files": list(listed)} | dict(
        more or {}
    )
    text = json.dumps(said).encode()
    return sealed(len(text).to_bytes(4, "big") + text + data)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of an event's folder that belong into a back-up."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".lock", "live.lock")
    }
