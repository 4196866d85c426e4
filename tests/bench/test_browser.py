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


def test_pictures_that_the_page_noticed_late_are_no_stall() -> None:
    late = [Picture(0, 0, 10, 1, 1.0), Picture(400, 400, 22, 2, 1.0)]
    assert longest_stall_s(late, 410) == 0
    still = [Picture(0, 0, 10, 1, 1.0), Picture(400, 400, 12, 2, 1.0)]
    assert 0.36 < longest_stall_s(still, 410) < 0.37
    restarted = [Picture(0, 0, 500, 1, 1.0), Picture(600, 600, 1, 2, 1.0)]
    assert longest_stall_s(restarted, 610) == 0.6


def test_forged_and_old_pictures_are_told_apart() -> None:
    shown = pictures((0, 50_000), (1, 0), (2, 0), (3, 51_000), (4, 30_000), (5, None), (6, 52_000))
    assert forged_pictures(shown) == 2
    assert old_pictures(shown) == 1
