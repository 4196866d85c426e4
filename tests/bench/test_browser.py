"""What the benchmarks read from pictures."""

from __future__ import annotations

from bench.browser import Picture, forged_pictures, longest_stall_s, old_pictures


def pictures(*moments: tuple[float, int | None]) -> list[Picture]:
    return [Picture(at, at, number, stamp, 1.0) for number, (at, stamp) in enumerate(moments)]


def test_a_stall_is_a_gap_of_a_quarter_second_or_more() -> None:
    assert longest_stall_s(pictures((0, 1), (249, 2)), 498) == 0
    assert longest_stall_s(pictures((0, 1), (250, 2)), 260) == 0.25
    assert longest_stall_s(pictures((0, 1), (30, 2)), 8030) == 8.0
    assert longest_stall_s(pictures((0, 1), (4000, 2), (4100, 3)), 4200) == 4.0


def test_forged_and_old_pictures_are_told_apart() -> None:
    shown = pictures((0, 50_000), (1, 0), (2, 0), (3, 51_000), (4, 30_000), (5, None), (6, 52_000))
    assert forged_pictures(shown) == 2
    assert old_pictures(shown) == 1
