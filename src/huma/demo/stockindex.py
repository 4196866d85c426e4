"""The mirrors as a stock player knows how to use them: redundant variants in one multivariant playlist (RFC 8216bis)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.protocol.multivariant import render_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.demo.mirror import DemoMirror
    from huma.protocol.event import Event


def render_stock_index(event: Event, mirrors: Sequence[DemoMirror], first: str = "") -> bytes:
    """Every variant once for each mirror, with an audio group of the same mirror; `first` is the first choice."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for mirror in sorted(mirrors, key=lambda mirror: mirror.name != first):
        text = render_index(event, "fast", prefix=f"{mirror.url}live/").decode()
        own = [line for line in text.splitlines() if line not in lines]
        lines += [line.replace('="audio"', f'="audio-{mirror.name}"') for line in own]
    return ("\n".join(lines) + "\n").encode()
