"""Vectors of chapters and checkpoints."""

from __future__ import annotations

import json
from dataclasses import replace

from huma.protocol.chapter import Chapter, ChapterRef, render_chapter
from huma.protocol.checkpoint import Checkpoint, render_checkpoint
from huma.protocol.names import sha256_hex
from huma.protocol.signature import Ed25519Signer, render_signature, sign
from vectors.make import kit
from vectors.make.kit import Changed, Vector

BASE = Chapter(
    event=kit.EVENT_ID,
    rendition="v360",
    keyid=kit.A.public.keyid,
    n=4,
    issued_ms=kit.EPOCH_MS + 1_493_400,
    target_duration=2,
    media_sequence=1120,
    discontinuity_sequence=0,
    entries=kit.entries(1120, 5),
    prev=ChapterRef(1, 3, sha256_hex(b"chapter 3")),
    rank=1,
)
DATA = render_chapter(BASE, kit.A)
BODY = kit.body_of(DATA)
FIFTH_ENTRY = f"#EXTINF:1.066667,\n#EXT-X-HUMA-SIZE:{100_000 + 1124}\n"
CHECKPOINT = Checkpoint(
    event=kit.EVENT_ID,
    keyid=kit.B.public.keyid,
    rank=2,
    issued_ms=kit.EPOCH_MS + 1_500_000,
    chapters=(
        ("a-fa", ChapterRef(1, 4, sha256_hex(b"sound"))),
        ("v360", ChapterRef(1, 4, sha256_hex(b"picture"))),
    ),
)

# fmt: off
_PREV = f',PREV="{sha256_hex(b"chapter 3")}",PREVRANK=1,PREVCHAPTER=3'
ROWS = (
    ("live-as-chapter", "a live playlist in the place of a chapter", "wrong-type", "TYPE=chapter", "TYPE=live"),
    ("another-event", "the same key signed another event", "wrong-event", kit.EVENT_ID, kit.OTHER_EVENT_ID),
    ("another-rendition", "the sound in place of the picture", "wrong-rendition", '"v360"', '"a-fa"'),
    ("segment-of-another-chapter", "segment 1125 on is of chapter 4, 1119 of chapter 3", "malformed", "SEQUENCE:1120", "SEQUENCE:1119"),
    ("number-of-another-chapter", "the segments are those of chapter 4", "malformed", ",CHAPTER=4,", ",CHAPTER=5,"),
    ("not-the-chapter-asked-for", "well signed, at a wrong path", "wrong-chapter", "", ""),
    ("no-number", "CHAPTER is missing", "malformed", ",CHAPTER=4,", ","),
    ("prev-without-rank", "PREV, PREVRANK, PREVCHAPTER stand together", "malformed", ",PREVRANK=1", ""),
    ("no-endlist", "a chapter is complete", "malformed", "#EXT-X-ENDLIST\n", ""),
    ("not-vod", "a chapter never changes", "malformed", "#EXT-X-PLAYLIST-TYPE:VOD\n", ""),
    ("of-type-event", "not a playlist that grows", "malformed", "TYPE:VOD", "TYPE:EVENT"),
    ("uri-of-a-live-playlist", "a chapter stands two folders deep", "malformed", "../../media", "../media"),
    ("skip-zero", "a skip leaves out at least one", "malformed", FIFTH_ENTRY, "#EXT-X-HUMA-SKIP:0\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-23T18:20:00.000Z\n" + FIFTH_ENTRY),
    ("skip-without-discontinuity", "players must reset there", "malformed", FIFTH_ENTRY, "#EXT-X-HUMA-SKIP:3\n" + FIFTH_ENTRY),
    ("skip-into-the-next-chapter", "segment 1404 is of chapter 5", "malformed", FIFTH_ENTRY, "#EXT-X-HUMA-SKIP:280\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-23T18:30:00.000Z\n" + FIFTH_ENTRY),
    ("segment-over-max-bytes", "the rendition allows 500,000", "too-large", f"SIZE:{100_000 + 1124}", "SIZE:500001"),
    ("issued-before-the-key", "one millisecond too early", "key-window", "ISSUED=2026-11-23T18:23:53.400Z", "ISSUED=2026-11-23T17:58:59.999Z"),
)
# fmt: on


def vectors() -> dict[str, Vector]:
    """Chapters, by file name."""
    six = BASE.entries
    after = replace(six[4], discontinuity=True, pdt_ms=kit.EPOCH_MS + 1_300_000, skip=100)
    long = replace(BASE, entries=kit.entries(1120, 280))
    first = replace(BASE, n=0, media_sequence=0, entries=kit.entries(0, 3), prev=None)
    slow_entries = tuple(replace(entry, size=13_000) for entry in kit.entries(280, 70, kit.TICK * 4))
    slow = replace(BASE, rendition="n-fa", media_sequence=280, target_duration=5, entries=slow_entries)
    of_b = replace(BASE, keyid=kit.B.public.keyid, rank=2, prev=ChapterRef(1, 4, sha256_hex(b"of A")))
    over = _raw(
        Changed("#EXT-X-ENDLIST\n", _one_more(long) + "#EXT-X-ENDLIST\n"), render_chapter(long, kit.A)
    )
    return kit.named(
        ("plain", _ok("five segments, chained to the chapter before", BASE)),
        ("full", _ok("280 segments of one tick", long)),
        ("slow-ladder", _ok("70 segments of four ticks", slow)),
        ("the-very-first", _ok("no PREV", first)),
        ("with-a-skip", _ok("a long gap leaves numbers out", replace(BASE, entries=(*six[:4], after)))),
        ("last-of-the-event", _ok("ENDED in a chapter", replace(BASE, ended=True))),
        ("first-of-the-standby", _ok("chained to a chapter of the key before", of_b, kit.B)),
        ("281-segments", _vector("more than a chapter holds", "too-many-segments", over)),
        ("one-digest-changed", _vector("a mirror put another segment in", "bad-signature", _forged())),
        ("signed-as-live", _vector("a signature of another purpose", "bad-signature", kit.raw_signed(BODY.encode(), kit.A, "live"))),
        ("another-file-than-asked-for", {**_vector("well signed, and not what the chain names", "digest-mismatch", DATA), "digest": sha256_hex(b"another")}),
        *((name, _row(*row)) for name, *row in ROWS),
    )  # fmt: skip


def _vector(why: str, expect: str, data: bytes, rendition: str = "v360") -> Vector:
    members = {"event_id": kit.EVENT_ID, "rendition": rendition, "event": kit.EVENT_TEXT}
    return {"why": why, "expect": expect, **members, **kit.content(data)}


def _ok(why: str, chapter: Chapter, key: Ed25519Signer = kit.A) -> Vector:
    data = render_chapter(chapter, key)
    prev = chapter.prev
    value = {
        "rank": chapter.rank,
        "n": chapter.n,
        "issued_ms": chapter.issued_ms,
        "prev": [prev.rank, prev.n, prev.digest] if prev else None,
        "ended": chapter.ended,
        "numbers": list(chapter.numbers),
        "uris": [entry.ref.path for entry in chapter.entries],
        "start_times": list(chapter.start_times),
        "file_digest": sha256_hex(data),
    }
    return {
        **_vector(why, "ok", data, chapter.rendition),
        "n": chapter.n,
        "digest": sha256_hex(data),
        "value": value,
    }


def _row(why: str, expect: str, old: str, new: str) -> Vector:
    vector = _vector(why, expect, _raw(Changed(old, new), DATA))
    return {**vector, "n": 5} if expect == "wrong-chapter" else vector


def _raw(change: Changed, data: bytes) -> bytes:
    return kit.raw_signed(change.apply(kit.body_of(data)).encode(), kit.A, "chapter")


def _forged() -> bytes:
    return DATA.replace(kit.media("segment 1122").digest.encode(), kit.media("a lie").digest.encode())


def _one_more(chapter: Chapter) -> str:
    n = chapter.numbers[-1] + 1
    return f"#EXTINF:1.066667,\n#EXT-X-HUMA-SIZE:5\n../../media/{kit.media(f'segment {n}').name}\n"


def checkpoint_vectors() -> dict[str, Vector]:
    """Checkpoints, by file name."""
    data = render_checkpoint(CHECKPOINT, kit.B)
    text = json.loads(data)["checkpoint"]
    chapters = [[name, ref.rank, ref.n, ref.digest] for name, ref in CHECKPOINT.chapters]
    value = {"rank": 2, "issued_ms": CHECKPOINT.issued_ms, "chapters": chapters}
    a, b = '"rendition":"a-fa"', '"rendition":"v360"'
    rows = (
        ("another-event", "wrong-event", kit.EVENT_ID, kit.OTHER_EVENT_ID),
        ("another-rank", "malformed", '"rank":2', '"rank":3'),
        ("rendition-twice", "malformed", b, a),
        ("renditions-out-of-order", "malformed", a, '"rendition":"z"'),
        ("digest-too-short", "malformed", sha256_hex(b"sound"), sha256_hex(b"sound")[1:]),
        ("issued-before-the-key", "key-window", '"2026-11-23T18:24:00.000Z"', '"2026-11-23T17:58:59.999Z"'),
        ("no-chapters", "malformed", '"chapters"', '"chapter"'),
        ("version-2", "unknown-version", '"v":1', '"v":2'),
    )
    made = [
        (name, _checkpoint(name.replace("-", " "), expect, _enveloped(Changed(old, new).apply(text))))
        for name, expect, old, new in rows
    ]
    return kit.named(
        ("plain", {**_checkpoint("the last chapter of two renditions", "ok", data), "value": value}),
        ("changed", _checkpoint("one number changed", "bad-signature", data.replace(rb"\"n\":4", rb"\"n\":5"))),
        ("signed-by-a-stranger", _checkpoint("under the key id of B", "bad-signature", _enveloped(text, kit.STRANGER))),
        ("of-a-stranger", _checkpoint("a key that is not listed", "unknown-key", _of_a_stranger(text))),
        ("not-the-rank-asked-for", {**_checkpoint("well signed, at the path of another rank", "malformed", data), "rank": 3}),
        ("not-an-envelope", _checkpoint("the text alone", "malformed", text.encode())),
        ("text-with-half-a-surrogate", _checkpoint("no text at all", "malformed", data.replace(b'"checkpoint":"', rb'"checkpoint":"\ud800'))),
        *made,
    )  # fmt: skip


def _checkpoint(why: str, expect: str, data: bytes) -> Vector:
    return {
        "why": why,
        "expect": expect,
        "event_id": kit.EVENT_ID,
        "event": kit.EVENT_TEXT,
        **kit.content(data),
    }


def _enveloped(text: str, key: Ed25519Signer = kit.B) -> bytes:
    signature = render_signature(sign("checkpoint", text.encode(), key))
    return json.dumps({"checkpoint": text, "ed25519": signature}, ensure_ascii=False).encode()


def _of_a_stranger(text: str) -> bytes:
    return _enveloped(text.replace(kit.B.public.keyid, kit.STRANGER.public.keyid), kit.STRANGER)
