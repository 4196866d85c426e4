from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from huma.media.pairing import PATIENCE, Pair, Pairing
from huma.media.segment import Segment
from huma.media.selection import select
from tests.media.events import full


def segment(rendition: str, n: int) -> Segment:
    return Segment(rendition, n, 1, b"x", b"i", Fraction(16, 15), n * 1000, False, "programme", 0.0)


def numbers(pairs: list[Pair]) -> list[tuple[int, int]]:
    return [(pair.segments[0].n, len(pair.segments)) for pair in pairs]


def test_halves_meet_whichever_comes_first() -> None:
    pairing = Pairing(select(full()))
    assert pairing.add(segment("a-en", 1)) == []
    assert pairing.add(segment("v144", 1)) == []
    (pair,) = pairing.add(segment("v720", 1))
    assert [each.rendition for each in pair.segments] == ["v720", "a-en"]
    assert pairing.rest() == []


def test_a_half_that_never_comes_is_not_waited_for() -> None:
    pairing = Pairing(select(full()))
    let_go = [numbers(pairing.add(segment("v720", n))) for n in range(PATIENCE + 2)]
    assert let_go == [[]] * PATIENCE + [[(0, 1)], [(1, 1)]]
    last = PATIENCE + 1
    assert numbers(pairing.add(segment("a-en", last))) == [*((n, 1) for n in range(2, last)), (last, 2)]


def test_what_waits_is_counted_and_let_go_at_the_end() -> None:
    pairing = Pairing(select(full()))
    pairing.add(replace(segment("v720", 7), data=b"abc"))
    assert pairing.size == 3
    assert numbers(pairing.rest()) == [(7, 1)]
    assert pairing.size == 0


@given(st.lists(st.tuples(st.sampled_from(["v720", "a-en"]), st.integers(1, 3)), max_size=60))
def test_whatever_comes_leaves_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    pairing, at, out, fed = Pairing(select(full())), {"v720": 0, "a-en": 0}, [], 0
    for rendition, step in steps:
        at[rendition] += step
        fed += 1
        out += pairing.add(segment(rendition, at[rendition]))
        assert len(pairing.rest() if step == 9 else []) == 0
    out += pairing.rest()
    assert sum(len(pair.segments) for pair in out) == fed
    for name in at:
        seen = [each.n for pair in out for each in pair.segments if each.rendition == name]
        assert seen == sorted(seen) or abs(at["v720"] - at["a-en"]) > PATIENCE
