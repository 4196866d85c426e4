from __future__ import annotations

from huma.console.history import SERIES_MOST, History, samples
from tests.console.states import state


def test_series_that_come_later_have_holes_before() -> None:
    history = History(kept=3)
    history.note(1000, {"a": 1.0})
    history.note(2000, {"a": 2.0, "b": 5.0})
    history.note(3500, {"b": None})
    assert history.columns() == {
        "at": [1.0, 2.0, 3.5],
        "series": {"a": [1.0, 2.0, None], "b": [None, 5.0, None]},
    }
    history.note(4000, {"b": 6.0})
    assert history.columns() == {
        "at": [2.0, 3.5, 4.0],
        "series": {"a": [2.0, None, None], "b": [5.0, None, 6.0]},
    }


def test_it_stays_small() -> None:
    history = History(kept=2)
    history.note(1, {f"s{place}": 1.0 for place in range(500)})
    assert len(history.columns()["series"]) == SERIES_MOST


def test_the_numbers_of_a_state() -> None:
    found = samples(state())
    assert found["input.main.kbps"] == 2500
    assert found["loudness.fa"] == -21.0
    assert found["delay_ms"] == 150
    assert found["store.2.behind"] == 9
    assert not any("store.example" in name for name in found)
