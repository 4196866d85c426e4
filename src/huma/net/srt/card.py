"""What to type into OBS or ffmpeg for an SRT door: for its owner's eyes, like the card of the other door."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from huma.net.card import Card, ffmpeg_line
from huma.net.srt.limits import LATENCY_MS

_LINGER_S: Final = 2


def srt_card(door: str, passphrase: str, *, host: str, port: int, video_kbit: int = 4_000) -> Card:
    """The card of a door, for encoders that reach it at `host`. Their latency is in microseconds."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    url = f"srt://{shown}:{port}?latency={LATENCY_MS * 1000}&passphrase={quote(passphrase, safe='')}"
    return Card.of(
        door,
        (("Service", "Custom…"), ("Server", url), ("Stream Key", "(none)")),
        video_kbit,
        ffmpeg_line("mpegts", f"{url}&linger={_LINGER_S}", video_kbit),
        url,
    )
