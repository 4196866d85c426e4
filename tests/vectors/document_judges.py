"""How each noun's vectors are judged: a function from a vector to nothing, or to one of our errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from huma.clip.archive import Archive
from huma.errors import HumaError, SignatureError, VerificationError
from huma.protocol import clocktext, names
from huma.protocol.chapter import verify_chapter
from huma.protocol.checkpoint import verify_checkpoint
from huma.protocol.event import Event, parse_event
from huma.protocol.grid import Grid
from huma.protocol.link import parse_link
from huma.protocol.playlist import LivePlaylist, looks_like_ours, verify_live
from huma.protocol.recording import preceded
from huma.protocol.revocation import RootRole, parse_revoked, verify_revocation
from huma.protocol.roster import parse_roster, render_roster
from huma.protocol.saved import parse_saved
from huma.protocol.segments import microseconds
from huma.protocol.signature import PublicKey, verify
from huma.protocol.steering import parse_steering, render_steering
from huma.protocol.strictjson import parse_json
from huma.protocol.words import event_digits, event_words
from huma.store.kinds import kind_of
from huma.store.memory import MemoryStore

Vector: TypeAlias = dict[str, Any]
FOLDER: Final = Path(__file__).parent.parent.parent / "vectors"


def load(noun: str, name: str) -> Vector:
    """One vector."""
    found: Vector = json.loads((FOLDER / noun / name).read_bytes())
    return found


def data_of(vector: Vector) -> bytes:
    """The bytes that a vector carries."""
    if "text" in vector:
        return str(vector["text"]).encode()
    return base64.b64decode(vector["base64"])


def _event(vector: Vector) -> Event:
    return parse_event(vector["event"].encode())


def playlist(vector: Vector) -> None:
    data, event_id = data_of(vector), vector["event_id"]
    if "ours" in vector:
        assert looks_like_ours(data, event_id) == vector["ours"]
    assert not looks_like_ours(data, names.event_id(b"an event of somebody else"))
    found = verify_live(data, event=_event(vector), event_id=event_id, rendition=vector["rendition"])
    assert playlist_value(found) == vector["value"]


def playlist_value(found: LivePlaylist) -> Vector:
    """What a vector says about a playlist."""
    return {
        "rank": found.rank,
        "keyid": found.keyid,
        "tick": found.tick,
        "issued_ms": found.issued_ms,
        "prev": found.prev,
        "prev_tick": found.prev_tick,
        "chapter": found.chapter,
        "chapter_sha": found.chapter_sha,
        "target_duration": found.target_duration,
        "media_sequence": found.media_sequence,
        "discontinuity_sequence": found.discontinuity_sequence,
        "ended": found.ended,
        "extra": [list(pair) for pair in found.extra],
        "signed_digest": found.signed_digest,
        "uris": list(found.uris),
        "sizes": [entry.size for entry in found.entries],
        "inits": [entry.init.path for entry in found.entries],
        "discontinuities": [entry.discontinuity for entry in found.entries],
        "durations_us": [microseconds(entry.duration) for entry in found.entries],
        "start_times": list(found.start_times),
    }


def chapter(vector: Vector) -> None:
    found = verify_chapter(
        data_of(vector),
        event=_event(vector),
        event_id=vector["event_id"],
        rendition=vector["rendition"],
        n=vector.get("n"),
        digest=vector.get("digest"),
    )
    prev = found.prev
    assert vector["value"] == {
        "rank": found.rank,
        "n": found.n,
        "issued_ms": found.issued_ms,
        "prev": [prev.rank, prev.n, prev.digest] if prev else None,
        "ended": found.ended,
        "numbers": list(found.numbers),
        "uris": [entry.ref.path for entry in found.entries],
        "start_times": list(found.start_times),
        "file_digest": found.file_digest,
    }


def checkpoint(vector: Vector) -> None:
    found = verify_checkpoint(
        data_of(vector), event=_event(vector), event_id=vector["event_id"], rank=vector.get("rank")
    )
    chapters = [[name, ref.rank, ref.n, ref.digest] for name, ref in found.chapters]
    assert vector["value"] == {"rank": found.rank, "issued_ms": found.issued_ms, "chapters": chapters}


def recording(vector: Vector) -> None:
    store = MemoryStore()
    name = vector["rendition"]
    for path, text in {**vector["files"], names.live_path(name): vector["live"]}.items():
        kind = kind_of(path)
        store.put(path, text.encode(), content_type=kind.content_type, cache_control=kind.cache_control)
    archive = Archive(store, vector["event_id"], _event(vector), frozenset())
    playlist, _ = archive.live(name)
    chapters = [chapter for chapter, _ in archive.chapters(playlist)]
    assert [[each.rank, each.n] for each in reversed(chapters)] == vector["chapters"]
    segments: dict[int, str] = {}
    for each in chapters:
        uris = [entry.ref.path for entry in each.entries]
        segments = preceded(segments, dict(zip(each.numbers, uris, strict=True)))
    assert [[n, path] for n, path in sorted(segments.items())] == vector["segments"]
    live = range(playlist.media_sequence, playlist.last_n + 1)
    assert [each.n for each in archive.listed(name, None)] == sorted({*segments, *live})


def event(vector: Vector) -> None:
    found = parse_event(data_of(vector))
    if "value" in vector:
        assert vector["value"] == {
            "epoch_ms": found.epoch_ms,
            "tick": list(found.tick),
            "copy": found.copy,
            "title": dict(found.title),
            "renditions": [each.name for each in found.renditions],
            "keyids": [key.keyid for key in found.live_keys],
            "ranks": [key.rank for key in found.live_keys],
            "windows": [[key.not_before_ms, key.not_after_ms] for key in found.live_keys],
        }


def roster(vector: Vector) -> None:
    found = parse_roster(data_of(vector))
    assert parse_roster(render_roster(found)) == found


def steering(vector: Vector) -> None:
    found = parse_steering(data_of(vector))
    assert parse_steering(render_steering(found)) == found


def revocation(vector: Vector) -> None:
    entries = parse_revoked(data_of(vector))
    roles = [
        RootRole(role["threshold"], {keyid: PublicKey.from_hex(key) for keyid, key in role["keys"].items()})
        for role in vector["roots"]
    ]
    revoked = []
    for entry in entries:
        try:
            revoked.append(verify_revocation(entry, roles, event_id=vector["event_id"]).keyid)
        except SignatureError:
            assert entry.event == vector["event_id"]
        except VerificationError:
            assert entry.event != vector["event_id"]
    assert sorted(revoked) == vector["revoked"]


def link(vector: Vector) -> None:
    allow = vector["allow"]
    found = parse_link(vector["input"], allow_loopback="loopback" in allow, allow_private="private" in allow)
    assert (found.event_id, list(found.mirrors)) == (vector["event_id"], vector["mirrors"])


def names_(vector: Vector) -> None:
    given, kind = vector["input"], vector["kind"]
    if kind == "uri":
        assert names.render_media_uri(names.parse_media_uri(*given), given[1]) == given[0]
    elif kind == "integer":
        assert str(names.parse_integer(given)) == given
    elif kind == "event_id":
        assert names.render_event_id(names.parse_event_id(given)) == given
    else:
        judge = {"path": names.is_valid_path, "rendition": names.is_rendition_name}[kind]
        assert judge(given) == (vector["expect"] == "ok")
        if vector["expect"] != "ok":
            raise HumaError(f"{given!r} is refused, as it should be", code=vector["expect"])


def moment(vector: Vector) -> None:
    ms = clocktext.parse_ms(vector["input"])
    assert (ms, clocktext.format_ms(ms)) == (vector["value"], vector["input"])


def grid(vector: Vector) -> None:
    found = Grid(tuple(vector["tick"]), vector["epoch_ms"])
    assert [[n, found.start_ms(n)] for n, _ in vector["starts"]] == vector["starts"]
    assert [[ms, found.tick_at(ms)] for ms, _ in vector["ticks"]] == vector["ticks"]


def words(vector: Vector) -> None:
    assert list(event_words(vector["input"])) == vector["words"]
    assert list(event_digits(vector["input"])) == vector["digits"]


def publickey(vector: Vector) -> None:
    assert PublicKey.from_hex(vector["public"]).hex == vector["public"]


def signature(vector: Vector) -> None:
    public = PublicKey.from_hex(vector["public"])
    verify(vector["purpose"], vector["text"].encode(), bytes.fromhex(vector["signature"]), public)


def saved(vector: Vector) -> None:
    assert parse_saved(vector["saved"]).as_dict() == vector["saved"]


def strictjson(vector: Vector) -> None:
    assert parse_json(data_of(vector), vector["max_bytes"]) == vector["value"]


JUDGES: Final[dict[str, Callable[[Vector], None]]] = {
    "chapter": chapter,
    "checkpoint": checkpoint,
    "clocktext": moment,
    "event": event,
    "grid": grid,
    "link": link,
    "names": names_,
    "playlist": playlist,
    "publickey": publickey,
    "recording": recording,
    "revocation": revocation,
    "roster": roster,
    "saved": saved,
    "signature": signature,
    "steering": steering,
    "strictjson": strictjson,
    "words": words,
}
