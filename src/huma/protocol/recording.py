"""What a recording is made of: chapters, reached by hash from what is believed now.

The rule: spec/client.md, B10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from huma.protocol.chapter import ChapterRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.protocol.checkpoint import Checkpoint
    from huma.protocol.playlist import LivePlaylist

Listed = TypeVar("Listed")


def needs_checkpoint(playlist: LivePlaylist) -> bool:
    """After a take-over, and before the first chapter of the new key: only its checkpoint says what it goes on from."""
    return playlist.chapter is None or playlist.chapter_sha is None


def newest_chapter(playlist: LivePlaylist, checkpoint: Checkpoint | None) -> ChapterRef | None:
    """The newest chapter that is reached from `playlist`; None where there is none."""
    if playlist.chapter is not None and playlist.chapter_sha is not None:
        return ChapterRef(playlist.rank, playlist.chapter, playlist.chapter_sha)
    if checkpoint is None or checkpoint.keyid != playlist.keyid:
        return None
    return dict(checkpoint.chapters).get(playlist.rendition)


def preceded(newer: Mapping[int, Listed], older: Mapping[int, Listed]) -> dict[int, Listed]:
    """Both, by segment number: of the older counts what stands before the first segment of the newer."""
    first = min(newer, default=None)
    return {n: each for n, each in older.items() if first is None or n < first} | dict(newer)
