"""Vectors of what is kept of a belief over restarts (spec/client.md, B8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vectors.make import kit

if TYPE_CHECKING:
    from vectors.make.kit import Vector

_KEY = kit.A.public.keyid
_LARGEST = "9007199254740991"


def saved_vectors() -> dict[str, Vector]:
    """Saved states, by file name."""
    floors = {"v360": 1239}
    rows: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("plain", "ok", "floors of two ranks, and a revoked key", _saved({"1": floors, "2": floors}, [_KEY])),
        ("empty", "ok", "nothing was believed yet", _saved({}, [])),
        ("rank-of-ten-digits", "ok", "a live key may have such a rank", _saved({"1234567890": floors}, [])),
        ("largest-rank", "ok", "2^53 - 1 is the largest rank", _saved({_LARGEST: floors}, [])),
        ("rank-too-large", "malformed", "2^53 is no rank", _saved({"9007199254740992": floors}, [])),
        ("rank-of-16-nines", "malformed", "16 digits, and over 2^53", _saved({"9" * 16: floors}, [])),
        ("rank-of-17-digits", "malformed", "far over 2^53", _saved({"1" + "0" * 16: floors}, [])),
        ("rank-zero", "malformed", "ranks begin at 1", _saved({"0": floors}, [])),
        ("rank-with-leading-zero", "malformed", "one spelling only", _saved({"01": floors}, [])),
        ("rank-negative", "malformed", "ranks begin at 1", _saved({"-1": floors}, [])),
        ("rank-empty", "malformed", "no rank", _saved({"": floors}, [])),
        ("rank-with-a-line-feed", "malformed", "digits only", _saved({"1\n": floors}, [])),
        ("rank-in-persian-digits", "malformed", "ASCII digits only", _saved({"\u06f1": floors}, [])),
        ("tick-negative", "malformed", "ticks begin at 0", _saved({"1": {"v360": -1}}, [])),
        ("no-rendition", "malformed", "not a name of a rendition", _saved({"1": {"../x": 1}}, [])),
        ("revoked-keys-of-many-years", "ok", "17 keys: more than an event lists at one time", _saved({}, _keys(17))),
        ("revoked-256", "ok", "as many as there may be", _saved({}, _keys(256))),
        ("revoked-257", "malformed", "more than any revoked.json holds", _saved({}, _keys(257))),
        ("ranks-16", "ok", "as many as an event has live keys", _saved({str(n): floors for n in range(1, 17)}, [])),
        ("ranks-17", "malformed", "more than an event has live keys", _saved({str(n): floors for n in range(1, 18)}, [])),
        ("no-key", "malformed", "not a key id", _saved({}, ["<b>"])),
        ("of-no-event", "malformed", "not an event id", {**_saved({}, []), "event_id": "x"}),
        ("version-2", "malformed", "of a later version", {**_saved({}, []), "v": 2}),
        ("version-true", "malformed", "no number", {**_saved({}, []), "v": True}),
    )  # fmt: skip
    return kit.named(*((name, {"why": why, "expect": end, "saved": kept}) for name, end, why, kept in rows))


def _keys(count: int) -> list[str]:
    return [f"{n:016x}" for n in range(count)]


def _saved(floors: dict[str, dict[str, int]], revoked: list[str]) -> dict[str, Any]:
    return {"v": 1, "event_id": kit.EVENT_ID, "floors": floors, "revoked": revoked}
