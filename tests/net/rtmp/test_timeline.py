from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.net.rtmp.limits import LIMITS, Limits
from huma.net.rtmp.messages import AUDIO, VIDEO
from huma.net.rtmp.timeline import Timeline, signed_gap

stamps = st.integers(0, 2**32 - 1)


@given(tags=st.lists(st.tuples(st.sampled_from([AUDIO, VIDEO]), stamps), max_size=50))
def test_time_never_goes_back_within_a_track_and_fits_into_32_bits(tags: list[tuple[int, int]]) -> None:
    timeline = Timeline(tags[0][1] if tags else 0, LIMITS)
    reached = {AUDIO: 0, VIDEO: 0}
    for kind, stamp in tags:
        moment = timeline.place(kind, stamp)
        assert reached[kind] <= moment < 2**32
        reached[kind] = moment


@given(first=stamps, gaps=st.lists(st.integers(0, 5000), max_size=30))
def test_an_honest_stream_keeps_its_distances_from_zero_on_wherever_it_begins(
    first: int, gaps: list[int]
) -> None:
    timeline, moment = Timeline(first, LIMITS), 0
    assert timeline.place(VIDEO, first) == 0
    for gap in gaps:
        moment += gap
        assert timeline.place(VIDEO, (first + moment) % 2**32) == moment


@pytest.mark.parametrize("jump", [-5_000, -2_000_000, 40_000, 2**31 - 1, -(2**31)])
def test_an_encoder_that_counts_anew_goes_on_where_it_was(jump: int) -> None:
    timeline = Timeline(10_000, LIMITS)
    assert [timeline.place(VIDEO, 10_000 + step) for step in (0, 40, 80)] == [0, 40, 80]
    again = (10_080 + jump) % 2**32
    assert [timeline.place(VIDEO, (again + step) % 2**32) for step in (0, 40)] == [80, 120]


def test_a_pause_stays_a_pause_and_tracks_may_overlap() -> None:
    timeline = Timeline(0, LIMITS)
    places = [(VIDEO, 0), (AUDIO, 21), (VIDEO, 20_021), (AUDIO, 20_000)]
    assert [timeline.place(*place) for place in places] == [0, 21, 20_021, 20_000]


def test_a_stream_of_fifty_days_ends() -> None:
    timeline = Timeline(0, Limits(jump_ms=2**31 - 1))
    stamps = [step * (2**31 - 1) % 2**32 for step in range(3)]
    for stamp in stamps:
        timeline.place(VIDEO, stamp)
    with pytest.raises(TransportError, match="longer than FLV"):
        timeline.place(VIDEO, 3 * (2**31 - 1) % 2**32)


@pytest.mark.parametrize(
    ("before", "after", "gap"), [(0, 5, 5), (5, 0, -5), (2**32 - 1, 1, 2), (1, 2**32 - 1, -2)]
)
def test_the_shorter_way_round(before: int, after: int, gap: int) -> None:
    assert signed_gap(before, after) == gap
