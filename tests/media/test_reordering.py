"""Decode times for pictures out of order: they rise, and none comes after its picture."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from huma.media.reordering import aligned

SLOT = 3000


def coded(groups: list[int], delay: int) -> tuple[list[int], list[int]]:
    """Decode and presentation times of a closed group of pictures: a key, then P-frames with B-frames before each."""
    shows, place = [0], 0
    for bframes in groups:
        shows += [place + bframes + 1, *range(place + 1, place + bframes + 1)]
        place += bframes + 1
    return [(index - delay) * SLOT for index in range(len(shows))], [show * SLOT for show in shows]


@given(st.lists(st.integers(0, 2), max_size=20), st.integers(1, 3), st.integers(0, 10**12))
def test_decoding_and_showing_begin_together(groups: list[int], delay: int, offset: int) -> None:
    decodes, shows = coded(groups, delay)
    decodes, shows = [each + offset for each in decodes], [each + offset for each in shows]
    end = max(shows) + SLOT
    times = aligned(decodes, shows, end)
    assert times[0] == shows[0]
    assert all(before < now for before, now in pairwise([*times, end]))
    assert all(time <= show for time, show in zip(times, shows, strict=True))
    lengths = [after - before for before, after in pairwise([*times, end])]
    if len(groups) > 4:
        assert max(show + length for show, length in zip(shows, lengths, strict=True)) == end


def test_one_reordering_costs_one_half_slot() -> None:
    assert aligned([-3000, 0, 3000, 6000], [0, 9000, 3000, 6000], 12_000) == [0, 1500, 3000, 6000]
    assert aligned([-3000, 0, 3000], [0, 3000, 6000], 9000) == [0, 3000, 6000]


def test_what_needs_nothing_is_left_alone() -> None:
    assert aligned([0, 3000, 6000], [0, 3000, 6000], 9000) == [0, 3000, 6000]


def test_a_group_that_leans_on_the_one_before_is_left_alone() -> None:
    decodes, shows = [-6000, -3000, 0, 3000], [0, -6000, -3000, 3000]
    assert aligned(decodes, shows, 6000) == decodes


@given(
    st.lists(st.tuples(st.integers(-100, 100), st.integers(-100, 100)), min_size=1, max_size=12),
    st.integers(-100, 200),
)
def test_nonsense_stays_as_it_is_or_becomes_sense(pairs: list[tuple[int, int]], end: int) -> None:
    decodes, shows = [each for each, _ in pairs], [each for _, each in pairs]
    times = aligned(decodes, shows, end)
    if times != decodes:
        assert times[0] == min(shows)
        assert all(before < now for before, now in pairwise(times))
