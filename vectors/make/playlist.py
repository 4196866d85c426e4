"""Vectors of live playlists."""

from __future__ import annotations

import base64
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from huma.protocol.event import render_event
from huma.protocol.playlist import LivePlaylist, render_live, signed_digest
from huma.protocol.segments import start_times
from vectors.make import kit
from vectors.make.kit import Changed, Vector
from vectors.make.playlistbase import BASE, BODY, DATA, LAST_URI
from vectors.make.playlistrows import FORM_ROWS, HEADER_ROWS

if TYPE_CHECKING:
    from huma.protocol.signature import Ed25519Signer

HEX = "0123456789abcdef" * 4


def vectors() -> dict[str, Vector]:
    """All of them, by file name."""
    return kit.named(
        *_good(), *_unjudged(), *_refused_by_header(), *_refused_by_form(), *_refused_by_signature()
    )


def _vector(
    why: str, expect: str, data: bytes, *, rendition: str = "v360", event: str = kit.EVENT_TEXT
) -> Vector:
    return {
        "why": why,
        "expect": expect,
        "event_id": kit.EVENT_ID,
        "rendition": rendition,
        "event": event,
        **kit.content(data),
    }


def _ok(why: str, playlist: LivePlaylist, key: Ed25519Signer = kit.A, event: str = kit.EVENT_TEXT) -> Vector:
    data = render_live(playlist, key)
    vector = _vector(why, "ok", data, rendition=playlist.rendition, event=event)
    return {**vector, "ours": True, "value": _value(playlist, signed_digest(data))}


def _value(playlist: LivePlaylist, digest: str) -> Vector:
    return {
        "rank": playlist.rank,
        "keyid": playlist.keyid,
        "tick": playlist.tick,
        "issued_ms": playlist.issued_ms,
        "prev": playlist.prev,
        "prev_tick": playlist.prev_tick,
        "chapter": playlist.chapter,
        "chapter_sha": playlist.chapter_sha,
        "target_duration": playlist.target_duration,
        "media_sequence": playlist.media_sequence,
        "discontinuity_sequence": playlist.discontinuity_sequence,
        "ended": playlist.ended,
        "extra": [list(pair) for pair in playlist.extra],
        "signed_digest": digest,
        "uris": list(playlist.uris),
        "sizes": [entry.size for entry in playlist.entries],
        "inits": [entry.init.path for entry in playlist.entries],
        "discontinuities": [entry.discontinuity for entry in playlist.entries],
        "durations_us": [int(entry.duration * 1_000_000 + Fraction(1, 2)) for entry in playlist.entries],
        "start_times": list(start_times(playlist.entries)),
    }


def _good() -> list[tuple[str, Vector]]:
    six = BASE.entries
    other = kit.media("another init", "mp4")
    later = kit.EPOCH_MS + 1_320_000
    broken = replace(six[3], discontinuity=True, pdt_ms=later)
    short = replace(six[5], duration=Fraction(1, 2))
    new_init = tuple(replace(entry, init=other, init_size=745) for entry in (broken, *six[4:]))
    audio = replace(BASE, rendition="a-fa", entries=tuple(replace(each, size=12_345) for each in six))
    slow = replace(audio, rendition="n-fa", tick=1243, media_sequence=305, target_duration=5)
    slow_entries = tuple(replace(entry, size=13_000) for entry in kit.entries(305, 6, kit.TICK * 4))
    first = replace(BASE, tick=0, media_sequence=0, entries=kit.entries(0, 1), prev=None, prev_tick=None)
    uneven = tuple(
        replace(entry, duration=Fraction(us, 1_000_000))
        for entry, us in zip(kit.entries(7, 3, Fraction(4)), (4_000_000, 5_439_999, 4_120_001), strict=True)
    )
    copied = replace(
        BASE, rendition="v", tick=9, media_sequence=7, target_duration=6, entries=uneven, prev_tick=8
    )
    thirds = render_event(replace(kit.EVENT, tick=(4, 3))).decode()
    of_thirds = replace(BASE, entries=kit.entries(1234, 6, Fraction(4, 3)))
    return [
        ("plain", _ok("six segments, the one before, and the last chapter", BASE)),
        ("audio-rendition", _ok("sound looks like picture", audio)),
        (
            "slow-ladder",
            _ok(
                "four ticks to a segment: TICK is the last tick of the last one",
                replace(slow, entries=slow_entries),
            ),
        ),
        (
            "tick-of-four-thirds",
            _ok("segments begin on the grid: the fourth 4,000 ms later, not 3,999", of_thirds, event=thirds),
        ),
        (
            "the-very-first",
            _ok("tick 0, one segment, no PREV, no CHAPTER", replace(first, chapter=None, chapter_sha=None)),
        ),
        (
            "twelve-segments",
            _ok("the longest window", replace(BASE, media_sequence=1228, entries=kit.entries(1228, 12))),
        ),
        (
            "discontinuity-with-the-same-init",
            _ok("a slate that needs no new map", replace(BASE, entries=(*six[:3], broken, *six[4:]))),
        ),
        (
            "discontinuity-with-a-new-init",
            _ok("another encoder went on", replace(BASE, entries=(*six[:3], *new_init))),
        ),
        (
            "discontinuity-on-the-first-entry",
            _ok(
                "the window begins where the programme was cut",
                replace(
                    BASE, discontinuity_sequence=4, entries=(replace(six[0], discontinuity=True), *six[1:])
                ),
            ),
        ),
        (
            "ended",
            _ok(
                "the end, with a last segment that is shorter",
                replace(BASE, ended=True, entries=(*six[:5], short)),
            ),
        ),
        (
            "standby-of-rank-2",
            _ok("the standby's key", replace(BASE, keyid=kit.B.public.keyid, rank=2), kit.B),
        ),
        (
            "unknown-attribute",
            _ok(
                "what we do not know is kept and signed over",
                replace(BASE, extra=(("LATER", '"خبر, news"'), ("N", "1"))),
            ),
        ),
        (
            "signed-at-the-first-moment-of-the-key",
            _ok("the window of a key includes its ends", replace(BASE, issued_ms=kit.NOT_BEFORE_MS)),
        ),
        (
            "signed-at-the-last-moment-of-the-key",
            _ok("the window of a key includes its ends", replace(BASE, issued_ms=kit.NOT_AFTER_MS)),
        ),
        (
            "copy-with-uneven-segments",
            _ok(
                "a copy counts segments, and each is as long as its source cut it",
                copied,
                event=kit.COPY_EVENT_TEXT,
            ),
        ),
        (
            "prev-tick-above-tick",
            _ok("after a take-over of a signer whose clock ran ahead", replace(BASE, prev_tick=5000)),
        ),
    ]


def _changed(*changes: Changed, key: Ed25519Signer = kit.A, body: str = BODY) -> bytes:
    """A playlist that a signer signed who keeps no rule."""
    for change in changes:
        body = change.apply(body)
    return kit.raw_signed(body.encode(), key, "live")


def _signed(why: str, expect: str, old: str, new: str) -> Vector:
    return _vector(why, expect, _changed(Changed(old, new)))


def _unjudged() -> list[tuple[str, Vector]]:
    """Good signatures in an order of attributes that our signers do not use, and files that are no playlist at all."""
    moved = Changed("V=1,TYPE=live,", "TYPE=live,"), Changed(",CHAPTER=3", ",V=1,CHAPTER=3")
    reordered = _changed(*moved)
    value = _value(BASE, signed_digest(reordered))
    html = b"<!doctype html><title>Sign in to the network</title>\n"
    return [
        (
            "attributes-in-another-order",
            {**_vector("verifiers accept any order", "ok", reordered), "value": value},
        ),
        ("empty", _vector("nothing at all", "malformed", b"")),
        ("html", {**_vector("a captive portal", "malformed", html), "ours": False}),
        ("plain-hls", _vector("a playlist that nobody signed", "malformed", b"#EXTM3U\n#EXT-X-VERSION:7\n")),
        (
            "not-utf-8",
            _vector("bytes that are no text", "malformed", DATA.replace(b"EXTINF", b"EXTIN\xff", 1)),
        ),
        ("byte-order-mark", _vector("a BOM before the first line", "malformed", b"\xef\xbb\xbf" + DATA)),
        (
            "carriage-returns",
            _vector("line ends of another world", "malformed", DATA.replace(b"\n", b"\r\n")),
        ),
        ("zero-byte", _vector("a control character", "malformed", DATA.replace(b"EXTINF:", b"EXTINF:\0", 1))),
        ("no-line-feed-at-the-end", _vector("cut by one byte", "malformed", DATA[:-1])),
        ("two-line-feeds-at-the-end", _vector("one byte too many", "malformed", DATA + b"\n")),
        ("empty-line", _signed("an empty line", "malformed", "#EXT-X-VERSION:7\n", "\n#EXT-X-VERSION:7\n")),
        (
            "over-16-kib",
            {**_vector("one byte over the limit, and well signed", "too-large", _huge()), "ours": False},
        ),
        (
            "line-over-1-kib",
            _signed("a line of 1025 bytes", "malformed", ",CHAPTER=3", f",X={'x' * 700},CHAPTER=3"),
        ),
    ]


def _huge() -> bytes:
    """A well-signed file of exactly 16 KiB and one byte."""
    rest = 16 * 1024 + 1 - len(DATA) - len("#\n") * 16
    lines = "".join("#" + "x" * (rest // 16 + (n < rest % 16)) + "\n" for n in range(16))
    return _changed(Changed(LAST_URI, LAST_URI + lines))


def _refused_by_header() -> list[tuple[str, Vector]]:
    return [(name, _signed(why, expect, old, new)) for name, why, expect, old, new in HEADER_ROWS]


def _refused_by_form() -> list[tuple[str, Vector]]:
    return [
        *((name, _signed(why, expect, old, new)) for name, why, expect, old, new in FORM_ROWS),
        (
            "no-segments",
            _vector("an empty window", "malformed", kit.raw_signed(_without_segments(), kit.A, "live")),
        ),
        ("thirteen-segments", _vector("at most 12", "too-many-segments", _thirteen())),
    ]


def _without_segments() -> bytes:
    return BODY[: BODY.index("#EXT-X-HUMA-SIZE:744")].encode()


def _thirteen() -> bytes:
    twelve = replace(BASE, media_sequence=1228, entries=kit.entries(1228, 12))
    body = Changed("SEQUENCE:1228", "SEQUENCE:1227").apply(kit.body_of(render_live(twelve, kit.A)))
    more = f"#EXTINF:1.066667,\n#EXT-X-HUMA-SIZE:5\n../media/{kit.media('one more').name}\n"
    return kit.raw_signed((body + more).encode(), kit.A, "live")


def _refused_by_signature() -> list[tuple[str, Vector]]:
    line = DATA[len(BODY) :].decode()
    signature = line.split('"')[3]
    order = 2**252 + 27742317777372353535851937790883648493

    def with_line(new: str) -> bytes:
        return BODY.encode() + new.encode()

    def with_signature(raw: bytes) -> bytes:
        text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return with_line(line.replace(signature, text))

    raw = base64.urlsafe_b64decode(signature + "==")
    high_s = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    small_r = (1).to_bytes(32, "little") + raw[32:]
    loose = signature[:-1] + chr(ord(signature[-1]) + 1)
    rows: list[tuple[str, str, str, bytes, bool]] = [
        ("one-digest-changed", "a mirror put another segment in", "bad-signature", DATA.replace(kit.media("segment 1235").digest.encode(), HEX.encode()), True),
        ("one-size-changed", "a mirror changed a size", "bad-signature", DATA.replace(b"SIZE:101235", b"SIZE:101236"), True),
        ("unknown-attribute-changed", "what we do not know is signed too", "bad-signature", render_live(replace(BASE, extra=(("X", "1"),)), kit.A).replace(b"X=1", b"X=2"), True),
        ("signed-by-a-stranger-under-our-keyid", "the header lies about its key", "bad-signature", kit.raw_signed(BODY.encode(), kit.STRANGER, "live", kit.A.public.keyid), True),
        ("key-that-is-not-listed", "signed well, by a stranger", "unknown-key", kit.raw_signed(Changed(kit.A.public.keyid, kit.STRANGER.public.keyid).apply(BODY).encode(), kit.STRANGER, "live"), True),
        ("signed-for-another-purpose", "a signature over a chapter", "bad-signature", kit.raw_signed(BODY.encode(), kit.A, "chapter"), True),
        ("signature-of-the-standby", "both keys are listed, the header names the other", "bad-signature", kit.raw_signed(BODY.encode(), kit.B, "live", kit.A.public.keyid), True),
        ("signature-all-zero", "no signature", "bad-signature", with_signature(bytes(64)), True),
        ("signature-with-high-s", "S is not below the order of the group", "bad-signature", with_signature(high_s), True),
        ("signature-with-small-r", "R is of small order", "bad-signature", with_signature(small_r), True),
        ("signature-with-padding", "base64url without padding", "malformed", with_line(line.replace(signature, signature + "==")), False),
        ("signature-with-loose-bits", "one spelling only", "malformed", with_line(line.replace(signature, loose)), False),
        ("signature-in-standard-base64", "minus and underscore", "malformed", with_signature(b"\xff" * 64).replace(b"_", b"/"), False),
        ("signature-too-short", "64 bytes", "malformed", with_signature(raw[:63]), False),
        ("signature-line-missing", "nothing is signed", "malformed", BODY.encode(), False),
        ("signature-line-twice", "the first one is not signed over", "bad-signature", DATA + line.encode(), False),
        ("something-behind-the-signature", "the signature is last", "malformed", DATA + b"#EXT-X-ENDLIST\n", False),
        ("signature-line-with-another-keyid", "it names the key of the header", "malformed", with_line(line.replace(kit.A.public.keyid, kit.B.public.keyid)), False),
        ("signature-line-with-more", "nothing else in that line", "malformed", with_line(line.replace("\n", ",X=1\n")), False),
    ]  # fmt: skip
    return [(name, {**_vector(why, expect, data), "ours": ours}) for name, why, expect, data, ours in rows]
