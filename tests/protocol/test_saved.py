"""What a viewer keeps of its belief for the next time, and what a broken store of it costs."""

from __future__ import annotations

import pytest
from tests.simulator.offers import EVENT_ID, KEYS, Watcher, begin, verdict

from huma.errors import MalformedError
from huma.protocol.belief import Verdict
from huma.protocol.names import render_event_id
from huma.protocol.saved import SavedBelief, parse_saved


def test_saved_and_restored_it_accepts_no_less_than_before() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    verdict(watcher, 1001, rank=2)
    watcher.belief = watcher.belief.revoke(frozenset({KEYS[3]}))
    restored = parse_saved(watcher.belief.saved().as_dict())
    again = Watcher(begin(restored))
    assert verdict(again, 1002, rank=1) is Verdict.BEHIND
    assert verdict(again, 1000, rank=2, at_tick=1002) is Verdict.BEHIND
    assert verdict(again, 1002, rank=3) is Verdict.REVOKED
    assert verdict(again, 1002, rank=2) is Verdict.ADVANCED


def test_what_another_event_saved_is_not_taken() -> None:
    saved = SavedBelief(render_event_id(bytes([1]) * 32), {1: {"v360": 10**6}}, (KEYS[1],))
    assert verdict(Watcher(begin(saved)), 100) is Verdict.ADVANCED


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"v": 2, "event_id": EVENT_ID, "floors": {}, "revoked": []},
        {"v": 1, "event_id": "x", "floors": {}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": [], "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"0": {}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"a": {}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"1": []}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"1": {"v360": -1}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"1": {"v360": 2**53}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"1": {"v360": True}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {"1": {"../x": 1}}, "revoked": []},
        {"v": 1, "event_id": EVENT_ID, "floors": {}, "revoked": ["x"]},
        {"v": 1, "event_id": EVENT_ID, "floors": {}, "revoked": [1]},
        {"v": 1, "event_id": EVENT_ID, "floors": {str(n): {} for n in range(1, 18)}, "revoked": []},
    ],
)
def test_a_broken_saved_state_is_one_of_our_errors(kept: object) -> None:
    with pytest.raises(MalformedError):
        parse_saved(kept)
