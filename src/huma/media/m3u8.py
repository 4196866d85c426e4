"""HLS playlists of strangers: measured before FFmpeg reads them, and made whole where they were moved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from huma.media.allowance import LISTED_MAX_BYTES, TOO_LARGE, TOO_LARGE_HINT, RefusedError

HEAD: Final = b"#EXTM3U"
_ENTRY_BYTES: Final = 256
"""What FFmpeg keeps for a segment besides its address."""
_LISTS: Final = ("#EXT-X-STREAM-INF:", "#EXT-X-MEDIA:")
_INIT: Final = "#EXT-X-MAP:"
_KEY: Final = "#EXT-X-KEY:"
_WITH_ADDRESS: Final = (_KEY, _INIT, "#EXT-X-MEDIA:")
_ADDRESS: Final = re.compile(r'(?<=[:,])(\s*URI=")([^"]*)(")')
# What ends a line for FFmpeg.
_LINE_END: Final = re.compile(r"[\r\n\0]+")


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist's text, how many others it names, and how many bytes FFmpeg keeps of its init sections for good."""

    data: bytes
    lists: int
    inits_bytes: int


def read_playlist(data: bytes, base: str, *, moved: bool) -> Playlist:
    """What a playlist from the address `base` says.

    Args:
        data: The playlist.
        base: Where it came from at last.
        moved: Whether that is another place than it was asked for at. FFmpeg knows the first one only, so every address
            in it is then written out.

    Raises:
        RefusedError: FFmpeg would have to keep too much of it.
    """
    lines = [line for line in _LINE_END.split(data.decode("utf-8", "replace")) if line]
    lists = inits = segments = longest_key = 0
    for line in lines:
        if not line.startswith("#"):
            segments += 1
        elif line.startswith(_LISTS):
            lists += 1
        elif line.startswith(_INIT):
            inits += 1
        elif line.startswith(_KEY):
            longest_key = max(longest_key, len(line))
    each = _ENTRY_BYTES + len(base) + (longest_key and longest_key + len(base))
    if len(data) + (segments + inits) * each > LISTED_MAX_BYTES:
        raise RefusedError("has a playlist with too many entries", code=TOO_LARGE, hint=TOO_LARGE_HINT)
    if moved:
        lines = [_whole(line, base) for line in lines]
    return Playlist("\n".join([*lines, ""]).encode(), lists, inits * each)


def _whole(line: str, base: str) -> str:
    """A line with its address written out."""
    if not line.startswith("#"):
        return _join(base, line.strip())
    if line.startswith(_WITH_ADDRESS):
        return _ADDRESS.sub(lambda found: f"{found[1]}{_join(base, found[2])}{found[3]}", line)
    return line


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # it will be refused when it is asked for
        return address
