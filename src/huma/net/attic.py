"""Files that have left the memory and still stand in a folder: older segments, for going back to the start."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.net.window import CORS, Headers

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = re.compile(
    r"/(?:media/([0-9a-f]{64})\.(m4s|mp4|vtt)|archive/[a-z0-9][a-z0-9-]{0,31}/[0-9]{1,16}-[0-9]{1,16}\.(m3u8))"
)
_TYPES: Final = {
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
    "m3u8": "application/vnd.apple.mpegurl",
}


@dataclass(frozen=True, slots=True)
class OldFile:
    """A file on disk, with the headers of its answer."""

    place: str
    size: int
    etag: str
    headers: Headers


class Attic:
    """Only names of immutable files are looked for, and only regular files are found."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def find(self, path: str) -> OldFile | None:
        """The file that `path` names, if it is there."""
        found = _NAMES.fullmatch(path)
        if found is None:
            return None
        place = self._root + path
        try:
            status = os.lstat(place)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        etag = f'"{found[1][:24]}"' if found[1] else f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
        headers: Headers = [
            ("content-type", _TYPES[found[2] or found[3]]),
            ("cache-control", "public, max-age=31536000, immutable, no-transform"),
            *CORS,
            ("accept-ranges", "bytes"),
            ("etag", etag),
        ]
        return OldFile(place, status.st_size, etag, headers)
