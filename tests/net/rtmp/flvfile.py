"""Reads FLV back, strictly: what the door writes must be a file that any reader takes."""

from __future__ import annotations

from typing import NamedTuple


class FileTag(NamedTuple):
    kind: int
    timestamp: int
    payload: bytes


def read_flv(data: bytes) -> tuple[int, list[FileTag]]:
    """The header's flags, and the tags."""
    assert data[:4] == b"FLV\x01"
    assert data[5:13] == bytes([0, 0, 0, 9, 0, 0, 0, 0])
    tags, at = [], 13
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        timestamp = int.from_bytes(data[at + 7 : at + 8] + data[at + 4 : at + 7], "big")
        assert data[at + 8 : at + 11] == bytes(3)
        end = at + 11 + size
        assert int.from_bytes(data[end : end + 4], "big") == 11 + size
        tags.append(FileTag(data[at], timestamp, data[at + 11 : end]))
        at = end + 4
    return data[4], tags
