from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huma.net.rtmp.measure import WINDOW_MS, BitRate, KeyInterval


def test_a_steady_stream_has_its_bit_rate() -> None:
    rate = BitRate(0)
    for step in range(400):
        rate.add(1_000, step * 40)
    assert abs(rate.bits_per_second(399 * 40) - 200_000) < 200_000 // 20
    assert rate.total == 400_000


def test_a_stream_that_stops_falls_to_zero() -> None:
    rate = BitRate(0)
    rate.add(1_000_000, 100)
    assert rate.bits_per_second(200) == 8_000_000
    assert rate.bits_per_second(100 + WINDOW_MS) == 0
    assert rate.total == 1_000_000


@given(times=st.lists(st.integers(0, 1_000_000), max_size=400))
def test_it_remembers_a_bounded_number_of_sums(times: list[int]) -> None:
    rate = BitRate(0)
    for now in sorted(times):
        rate.add(1, now)
    assert len(rate._sums) <= WINDOW_MS // 250 + 1


def test_the_longest_of_the_last_key_intervals() -> None:
    keys = KeyInterval()
    assert keys.longest_ms == 0
    for moment in (0, 10_000, 11_000, 12_000, 14_000):
        keys.add(moment)
    assert keys.longest_ms == 2_000
