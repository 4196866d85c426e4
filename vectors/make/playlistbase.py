"""The playlist that most vectors of playlists are a change of."""

from __future__ import annotations

from huma.protocol.names import sha256_hex
from huma.protocol.playlist import LivePlaylist, render_live
from vectors.make import kit

BASE = LivePlaylist(
    event=kit.EVENT_ID,
    rendition="v360",
    keyid=kit.A.public.keyid,
    tick=1239,
    issued_ms=kit.EPOCH_MS + 1_322_800,
    target_duration=2,
    media_sequence=1234,
    discontinuity_sequence=0,
    entries=kit.entries(1234, 6),
    prev=sha256_hex(b"the playlist before"),
    prev_tick=1238,
    chapter=3,
    chapter_sha=sha256_hex(b"chapter 3"),
    rank=1,
)
DATA = render_live(BASE, kit.A)
BODY = kit.body_of(DATA)
SECOND_ENTRY = f"#EXTINF:1.066667,\n#EXT-X-HUMA-SIZE:{100_000 + 1235}\n"
LAST_URI = f"../media/{kit.media('segment 1239').name}\n"
