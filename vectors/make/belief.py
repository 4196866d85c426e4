"""Make vectors/belief/*.json anew: `python -m vectors.make.belief`. The same bytes every time.

Each is a list of playlists as mirrors of several operators offer them, with the verdict that any client must reach.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.simulator.offers import EPOCH_MS, EVENT_ID, GRID, KEYS, RENDITIONS, TICK, begin, digest, offer

from huma.protocol.belief import Belief, believe
from huma.protocol.saved import SavedBelief

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.protocol.offered import OfferedPlaylist

FOLDER: Final = Path(__file__).parent.parent / "belief"
DAY_MS: Final = 86_400_000
Json = dict[str, Any]


class Case:
    """One vector in the making."""

    def __init__(self, why: str, *, off: int = 0, restored: SavedBelief | None = None) -> None:
        self.why, self.off, self.restored, self.slept_ms = why, off, restored, 0
        self.belief: Belief = begin(restored)
        self.steps: list[Json] = []

    def see(self, offered: OfferedPlaylist, operator: str = "one", at_tick: int | None = None) -> Case:
        """A mirror of `operator` shows a playlist, at the end of `at_tick`."""
        wall, mono = self._now(offered.tick if at_tick is None else at_tick)
        self.belief, outcome = believe(self.belief, offered, operator=operator, wall=wall, mono=mono)
        step: Json = {"see": _without_none(asdict(offered)), "operator": operator, "wall": wall, "mono": mono}
        step["verdict"] = outcome.verdict.value
        step["floor"] = self.belief.floor(offered.rendition, offered.rank)
        if outcome.proof is not None:
            step["proof"] = asdict(outcome.proof)
        self.steps.append(step)
        return self

    def revoke(self, *keyids: str) -> Case:
        """Revocations arrive."""
        self.belief = self.belief.revoke(frozenset(keyids))
        self.steps.append({"revoke": list(keyids)})
        return self

    def sleep_until(self, tick: int, *, slept_ms: int) -> Case:
        """The machine wakes at the end of `tick`; while it slept its monotonic clock stood still."""
        self.slept_ms += slept_ms
        wall, mono = self._now(tick)
        self.belief = self.belief.woken(wall, mono)
        self.steps.append({"woken": True, "wall": wall, "mono": mono})
        return self

    def _now(self, tick: int) -> tuple[int, int]:
        gone = GRID.start_ms(tick + 1) - EPOCH_MS + 100
        return EPOCH_MS + gone + self.off, gone - self.slept_ms

    def vector(self) -> Json:
        """As the file has it."""
        confirmed = self.belief.confirmed
        return {
            "why": self.why,
            "expect": "ok",
            "event_id": EVENT_ID,
            "tick": list(TICK),
            "epoch_ms": EPOCH_MS,
            "ticks_per_segment": RENDITIONS,
            "restored": None if self.restored is None else self.restored.as_dict(),
            "steps": self.steps,
            "rank": self.belief.rank,
            "two_versions": self.belief.two_versions,
            "confirmed_mono": None if confirmed is None else confirmed.mono,
            "saved": self.belief.saved().as_dict(),
        }


def _without_none(members: Json) -> Json:
    return {key: value for key, value in members.items() if value is not None}


def _order() -> Case:
    case = Case("ticks rise; the same is no progress; an earlier one is behind")
    return case.see(offer(100)).see(offer(100), at_tick=101).see(offer(99), at_tick=101).see(offer(101))


def _across() -> Case:
    case = Case("one rendition's tick binds all others, by ten seconds and the length of their segments")
    case.see(offer(1000)).see(offer(989, "v144"), at_tick=1000).see(offer(990, "v144"), at_tick=1000)
    return case.see(offer(983, "v144s"), at_tick=1000).see(offer(987, "v144s"), at_tick=1000)


def _rank() -> Case:
    case = Case("a higher rank wins whatever its tick, and there is no way back")
    case.see(offer(1000)).see(offer(1000, "a-en")).see(offer(400, rank=2), at_tick=1000)
    case.see(offer(1001)).see(offer(1001, "a-en")).see(offer(400, "a-en", rank=2), at_tick=1001)
    return case.see(offer(10, rank=3), at_tick=1002).see(offer(402, rank=2), at_tick=1003)


def _future() -> Case:
    case = Case("a tick later than the clock and a minute is not believed yet, and locks nobody out")
    case.see(offer(1000)).see(offer(1058), at_tick=1001).see(offer(90_000), "thief", at_tick=1001)
    return case.see(offer(1059), at_tick=1002)


def _rise() -> Case:
    case = Case(
        "with a wrong clock a rise is measured by time gone by, and its slack is granted once", off=-DAY_MS
    )
    case.see(offer(1000)).see(offer(1300)).see(offer(1325), at_tick=1310).see(offer(1327), at_tick=1311)
    return case.see(offer(1326), at_tick=1311).see(offer(1328), at_tick=1312)


def _voices() -> Case:
    case = Case(
        "with a wrong clock two operators make a far tick plausible; one, however often, does not",
        off=-DAY_MS,
    )
    case.see(offer(1000)).see(offer(5000), at_tick=1001).see(offer(5001), at_tick=1002)
    case.see(offer(9000), "three", at_tick=1002)
    return case.see(offer(5002), "two", at_tick=1003).see(offer(5003), at_tick=1004)


def _first() -> Case:
    floors = {1: {"v360": 2000}}
    case = Case(
        "the first playlist is bound by the floor alone",
        off=-DAY_MS,
        restored=SavedBelief(EVENT_ID, floors, ()),
    )
    return case.see(offer(1999), at_tick=2000).see(offer(9000), at_tick=2000).see(offer(9040), at_tick=2001)


def _suspended() -> Case:
    case = Case("after a suspension the wall clock, though wrong, says how much went by", off=-DAY_MS)
    case.see(offer(1000)).see(offer(5000), at_tick=1001)
    case.sleep_until(4000, slept_ms=GRID.start_ms(3000) - EPOCH_MS)
    case.see(offer(999), at_tick=4000).see(offer(90_000), at_tick=4000).see(offer(4027), at_tick=4000)
    return case.see(offer(4000), at_tick=4000).see(offer(4001), at_tick=4001)


def _suspended_clock() -> Case:
    case = Case("a clock that went back in a suspension leaves the monotonic one, and the second operator")
    case.see(offer(1000))
    case.off = -DAY_MS
    case.sleep_until(4000, slept_ms=GRID.start_ms(3000) - EPOCH_MS)
    return case.see(offer(4000)).see(offer(90_000), "thief", at_tick=4000).see(offer(4000), "two")


def _two_ticks() -> Case:
    case = Case("two versions of one tick under one key are a proof; we stay on the branch in play")
    case.see(offer(100)).see(offer(100, branch="thief", window=1), "two")
    case.see(offer(100, branch="thief", window=1), "two").see(offer(101))
    return case.see(offer(102, rank=2))


def _two_uris() -> Case:
    case = Case("one media sequence number with two URIs is a proof")
    return (
        case.see(offer(100)).see(offer(101, branch="thief", prev=None, prev_tick=None), "two").see(offer(101))
    )


def _prev() -> Case:
    case = Case("PREV names other bytes than those we hold")
    return case.see(offer(100)).see(offer(101, prev=digest(100, branch="thief"))).see(offer(101))


def _unbelieved() -> Case:
    case = Case("a lie that was seen but not believed does not drive out the truth")
    case.see(offer(1000)).see(offer(986, "v144", branch="thief"), at_tick=1000)
    return case.see(offer(990, "v144"), at_tick=1000).see(offer(991, "v144", branch="thief"), at_tick=1001)


def _overlap() -> Case:
    case = Case("another key of the same rank at the same tick is an overlap, and no proof")
    return case.see(offer(100)).see(offer(100, keyid="f" * 16, branch="other")).see(offer(101))


def _revoked() -> Case:
    case = Case("a revoked key is worth nothing, and no rank below it either")
    case.see(offer(100)).see(offer(101, rank=2)).revoke(KEYS[2]).see(offer(102, rank=2)).see(offer(103))
    return case.revoke(KEYS[1]).see(offer(104)).see(offer(105, rank=3))


def _confirmed() -> Case:
    case = Case("two operators confirm a tick that advanced while we watched; the first of all is none")
    case.see(offer(100)).see(offer(100), "two").see(offer(101)).see(offer(101))
    return case.see(offer(102)).see(offer(101), "two", at_tick=102)


def _unknown() -> Case:
    return Case("a rendition that the event does not have").see(offer(100, "v9000")).see(offer(100))


def _many_revoked() -> Case:
    case = Case(
        "of more keys and ranks than a saved state holds, the first and the highest are kept",
        restored=SavedBelief(EVENT_ID, {rank: {"v360": 50} for rank in range(1, 17)}, ()),
    )
    return case.see(offer(100, rank=20, keyid="e" * 16)).revoke(*(f"{n:016x}" for n in range(257, 0, -1)))


def _another_event() -> Case:
    other = SavedBelief("a" * 51 + "q", {1: {"v360": 10**6}}, (KEYS[1],))
    return Case("what another event saved is not taken", restored=other).see(offer(100))


CASES: Final[dict[str, Callable[[], Case]]] = {
    "order-of-ticks": _order,
    "floor-across-renditions": _across,
    "higher-rank-wins": _rank,
    "tick-of-tomorrow": _future,
    "rise-with-a-wrong-clock": _rise,
    "two-operators-with-a-wrong-clock": _voices,
    "first-is-bound-by-the-floor": _first,
    "first-after-a-suspension": _suspended,
    "suspension-with-the-clock-put-back": _suspended_clock,
    "two-versions-of-a-tick": _two_ticks,
    "two-uris-of-a-sequence-number": _two_uris,
    "prev-of-another-branch": _prev,
    "lie-that-was-not-believed": _unbelieved,
    "overlap-of-two-keys": _overlap,
    "revoked-key": _revoked,
    "revoked-keys-without-number": _many_revoked,
    "confirmed-by-two-operators": _confirmed,
    "unknown-rendition": _unknown,
    "saved-by-another-event": _another_event,
}


def files() -> dict[str, bytes]:
    """Every file by name."""
    made: dict[str, bytes] = {}
    for name, case in CASES.items():
        vector = case().vector()
        steps = ",\n  ".join(json.dumps(step) for step in vector["steps"])
        head = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in vector.items() if key != "steps"]
        made[f"{name}.json"] = ("{\n " + ",\n ".join(head) + f',\n "steps": [\n  {steps}\n ]\n}}\n').encode()
    return made


def main() -> None:
    """Write every file, and take away what is no vector any more."""
    FOLDER.mkdir(exist_ok=True)
    made = files()
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
