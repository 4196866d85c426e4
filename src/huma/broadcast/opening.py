"""Where a broadcast begins or goes on: its chains, and the tick of its first segment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm
from typing import TYPE_CHECKING, Final

from huma.broadcast.chain import Chain, taken_over
from huma.config import GAP_FILL_SEGMENTS
from huma.errors import KeyStoreError
from huma.protocol.checkpoint import Checkpoint, render_checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.broadcast.log import Logged
    from huma.protocol.chapter import ChapterRef
    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.protocol.signature import Signer

AHEAD_MAX_MS: Final = 60_000
"""A log that ends further in the future than this says that the clock is wrong: viewers would not follow."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a publisher begins with.

    Attributes:
        chains: Each rendition, as far as it has been signed.
        first_tick: Where the programme begins: a tick with which every rendition begins a segment.
        new_tick: The first tick that was never signed; later than `first_tick` where some rendition lags.
    """

    chains: dict[str, Chain]
    first_tick: int
    new_tick: int


def open_chains(
    event: Event,
    logged: Mapping[str, Logged],
    base: Mapping[str, LivePlaylist],
    chapters: Mapping[str, ChapterRef],
    target_durations: Mapping[str, int],
) -> dict[str, Chain]:
    """Each rendition from our own log, else from what a lower rank showed, else from nothing."""
    chains = {}
    for each in event.renditions:
        name, ticks = each.name, each.ticks_per_segment
        if name in logged:
            chains[name] = replace(logged[name].chain, broken=True)
        elif name in base:
            chains[name] = taken_over(base[name], ticks, chapters.get(name))
        else:
            chains[name] = Chain(name, ticks, target_durations[name])
    return chains


def target_durations(event: Event, longest_s: float = 0.0) -> dict[str, int]:
    """In whole seconds, by rendition; in a copy what the source's key frames ask for."""
    if event.copy:
        return dict.fromkeys(
            (each.name for each in event.renditions), max(2, -(-int(longest_s * 1000) // 1000))
        )
    return {each.name: -int(-event.grid.duration * each.ticks_per_segment // 1) for each in event.renditions}


def open_at(event: Event, chains: dict[str, Chain], now_ms: int) -> Opening:
    """Decide where the first segment stands: at once behind the last if the gap can be filled, else at the clock.

    A copy cannot fill a gap, and stands at the clock.
    """
    step = lcm(*(each.ticks_per_segment for each in event.renditions))
    soon = event.grid.tick_at(now_ms) + 1
    begun = [(chain.next_n or 0) * chain.ticks_per_segment for chain in chains.values() if chain.next_n]
    if begun and event.grid.start_ms(max(begun)) > now_ms + AHEAD_MAX_MS:
        ahead_s = (event.grid.start_ms(max(begun)) - now_ms) // 1000
        raise KeyStoreError(
            f"the last signed tick lies {ahead_s} s in the future: the clock of this machine was set back",
            code="clock-behind",
            hint="Set the clock right, or wait.",
        )
    if event.copy:
        # Its TICK never passes the clock (D13): what an older log does not know of lies before now, and is not signed anew.
        first = max([soon, 0, *begun])
        return Opening(chains, first, first)
    if begun and soon - max(begun) <= GAP_FILL_SEGMENTS:
        return Opening(chains, min(begun) // step * step, max(begun))
    first = -(-max([soon, *begun]) // step) * step
    return Opening(chains, first, first)


def checkpoint_of(
    event_id: str, signer: Signer, rank: int, chapters: Mapping[str, ChapterRef], now_ms: int
) -> bytes:
    """What a take-over found: the last chapter of each rendition that it verified itself."""
    checkpoint = Checkpoint(
        event=event_id,
        keyid=signer.public.keyid,
        rank=rank,
        issued_ms=now_ms,
        chapters=tuple(sorted(chapters.items())),
    )
    return render_checkpoint(checkpoint, signer)
