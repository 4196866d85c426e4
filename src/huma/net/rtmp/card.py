"""The card of an RTMP door."""

from __future__ import annotations

from huma.net.card import Card, ffmpeg_line
from huma.net.rtmp.limits import APPLICATION


def make_card(
    door: str, key: str, *, host: str, port: int, video_kbit: int = 4_000, secure: bool = False
) -> Card:
    """The card of a door, for encoders that reach it at `host`."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    server = f"{'rtmps' if secure else 'rtmp'}://{shown}:{port}/{APPLICATION}"
    place = (("Service", "Custom…"), ("Server", server), ("Stream Key", key))
    url = f"{server}/{key}"
    return Card.of(door, place, video_kbit, ffmpeg_line("flv", url, video_kbit), url)
