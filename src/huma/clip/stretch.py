"""Which segments a clip is made of, and what it can be at all."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from huma.errors import UsageError
from huma.media.selection import Selection, select
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from huma.clip.archive import Archive, Listed
    from huma.clip.times import Moment


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for."""

    begin: Moment
    end: Moment
    language: str | None = None
    rendition: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole segments of each rendition, and the times asked for."""

    selection: Selection
    segments: dict[str, list[Listed]]
    asked_ms: tuple[int, int]
    gaps: int

    @property
    def start_ms(self) -> int:
        """When the first segment begins."""
        return min(listed[0].start_ms for listed in self.segments.values())

    @property
    def end_ms(self) -> int:
        """When the last segment ends."""
        return max(listed[-1].end_ms for listed in self.segments.values())


def find_stretch(archive: Archive, wish: Wish) -> Stretch:
    """The segments between two moments.

    Raises:
        UsageError: The archive has nothing there, or nothing that one file could hold.
    """
    selection = select(archive.event, language=wish.language, rendition=wish.rendition)
    leader, *others = selection.names
    needs_beginning = "offset" in (wish.begin.kind, wish.end.kind)
    newest_ms = _newest_ms(archive, leader)
    since_ms = wish.begin.at(began_ms=0, not_before_ms=None, newest_ms=newest_ms)
    everything = archive.listed(leader, None if needs_beginning else since_ms)
    began_ms = everything[0].start_ms
    begin_ms = wish.begin.at(began_ms=began_ms, not_before_ms=None, newest_ms=newest_ms)
    end_ms = wish.end.at(began_ms=began_ms, not_before_ms=begin_ms, newest_ms=newest_ms)
    if end_ms <= begin_ms:
        raise UsageError("a clip ends after it begins", hint="Look at --from and --to.")
    found = {leader: _between(everything, begin_ms, end_ms)}
    if not found[leader]:
        raise _nothing_there(everything, begin_ms, end_ms)
    for name in others:
        found[name] = _between(archive.listed(name, begin_ms), begin_ms, end_ms)
    found = {name: listed for name, listed in found.items() if listed}
    for listed in found.values():
        _refuse_changes(listed)
    return Stretch(
        selection,
        found,
        (begin_ms, end_ms),
        _gaps(found[leader], everything, (begin_ms, min(end_ms, newest_ms))),
    )


def _newest_ms(archive: Archive, rendition: str) -> int:
    playlist, _ = archive.live(rendition)
    return playlist.start_times[-1] + round(playlist.entries[-1].duration * 1000)


def _between(listed: list[Listed], begin_ms: int, end_ms: int) -> list[Listed]:
    return [each for each in listed if each.end_ms > begin_ms and each.start_ms < end_ms]


def _gaps(listed: list[Listed], everything: list[Listed], within_ms: tuple[int, int]) -> int:
    """How many stretches are missing: not on the air, or not in a signed chapter yet."""
    begin_ms, end_ms = within_ms
    inside = sum(after.n != before.n + 1 for before, after in pairwise(listed))
    before = listed[0].start_ms > begin_ms and listed[0] is not everything[0]
    return inside + before + (listed[-1].end_ms < end_ms)


def _nothing_there(listed: list[Listed], begin_ms: int, end_ms: int) -> UsageError:
    first, last = listed[0].start_ms, listed[-1].end_ms
    if begin_ms < last and end_ms > first:
        return UsageError(
            "that stretch is not listed by a signed chapter yet",
            code="clip-not-yet",
            hint="A chapter is signed about every five minutes, and when the event ends: try again then.",
        )
    return UsageError(
        f"there is nothing between {format_ms(max(0, begin_ms))} and {format_ms(max(0, end_ms))}",
        code="clip-nothing",
        hint=f"What is found here reaches from {format_ms(first)} to {format_ms(last)}.",
    )


def _refuse_changes(listed: list[Listed]) -> None:
    """One file has one set of codec parameters."""
    for before, after in pairwise(listed):
        if after.entry.init != before.entry.init:
            raise UsageError(
                f"the encoding changes at {format_ms(after.start_ms)}: one clip cannot hold both sides",
                code="clip-changes",
                hint="Make two clips, one that ends there and one that begins there.",
            )
