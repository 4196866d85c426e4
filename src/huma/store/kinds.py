"""How each kind of file is labelled and cached (spec/documents.md, F). Nothing of ours ever judges the label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

IMMUTABLE: Final = "public, max-age=31536000, immutable, no-transform"
SHORT: Final = "public, max-age=5, no-transform"
MINUTE: Final = "public, max-age=60, no-transform"
LIVE: Final = "public, max-age=1, no-transform"

_TYPES: Final = {
    "m3u8": "application/vnd.apple.mpegurl",
    "json": "application/json",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
_CACHING: Final = (
    (re.compile(r"live/.*\.m3u8"), LIVE),
    (re.compile(r"live/revoked\.json|trust/(?:timestamp|boot)\.json"), SHORT),
    (re.compile(r"index(?:-slow)?\.m3u8"), MINUTE),
    (re.compile(r"(?:media|archive|trust|targets)/.*"), IMMUTABLE),
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """The two headers that a file is put with."""

    content_type: str
    cache_control: str


def kind_of(path: str) -> FileKind:
    """The headers of the file at `path`."""
    content_type = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    for pattern, cache_control in _CACHING:
        if pattern.fullmatch(path):
            return FileKind(content_type, cache_control)
    return FileKind(content_type, SHORT)
