"""A slow mirror is left; a slow line is not run away from."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster, audio, make_event, video
from tests.simulator.mirrors import Attack
from tests.simulator.viewer import Viewer, three

from huma.protocol.session.requests import Pace, Purpose, Request, Target

BEGIN = EPOCH_MS + 1_000_137
ALL = ("m1", "m2", "m3")
NEED = 30_000


def playing(**rest: object) -> Viewer:
    broadcaster = Broadcaster()
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN, **rest)  # type: ignore[arg-type]
    viewer.start().run_for(10_000)
    return viewer


def file_fetches(viewer: Viewer, since: int) -> int:
    return sum(1 for at, fetch in viewer.fetches if fetch.kind == "file" and at >= since)


def test_a_slow_mirror_is_left_within_a_segment() -> None:
    viewer = playing()
    bad = viewer.view().mirror or ""
    viewer.mirrors[bad].slow_rate = NEED // 3
    viewer.turn((bad,), Attack.SLOW)
    began = viewer.now
    viewer.run_for(6_000)
    hops = [at - began for at, note in viewer.notes if note.what == "hop"]
    assert hops
    assert hops[0] < 2_200
    assert not viewer.view().line_slow
    assert viewer.lost_ms() == 0


def test_a_line_that_gets_slow_is_told_and_not_hopped_about() -> None:
    viewer = playing()
    viewer.line = NEED // 2
    began = viewer.now
    viewer.run_for(30_000)
    assert viewer.view().line_slow
    assert len(viewer.told("line-slow")) == 1
    hops = [note for at, note in viewer.notes if note.what == "hop"]
    assert len(hops) <= 2
    assert viewer.view().caught == ()
    wanted = sum(1 for want, at in viewer.wanted.items() if want in viewer.file_wants and at >= began)
    assert file_fetches(viewer, began) <= wanted + 6, "hardly a byte is thrown away"


def test_a_line_that_gets_well_is_told() -> None:
    viewer = playing()
    viewer.line = NEED // 2
    viewer.run_for(10_000)
    viewer.line = None
    viewer.run_for(10_000)
    assert not viewer.view().line_slow
    assert viewer.told("line-ok")
    newest = viewer.broadcaster.event.grid.tick_at(viewer.now)
    assert newest - viewer.ticks["v360"][-1][1] <= 3


def test_two_slow_mirrors_do_not_hide_the_third() -> None:
    viewer = playing()
    for name in ("m2", "m3"):
        viewer.mirrors[name].slow_rate = NEED * 2 // 5
    viewer.turn(("m2", "m3"), Attack.SLOW)
    viewer.run_for(20_000)
    assert viewer.view().mirror == "m1"
    assert not viewer.view().line_slow
    assert viewer.longest_stall() < 1_500


def test_a_drip_of_the_only_mirrors_does_not_hold_a_want_for_ever() -> None:
    viewer = playing()
    viewer.turn(("m1", "m2"), Attack.DRIP)
    viewer.turn(("m3",), Attack.DEAD)
    viewer.run_for(5_000)
    viewer.turn(("m3",), Attack.NONE)
    back = viewer.now
    viewer.run_for(12_000)
    files = [at for want, at in viewer.answered.items() if want in viewer.file_wants and at > back]
    assert files
    assert files[0] - back < 6_000


@pytest.mark.parametrize("line", [NEED // 4, NEED // 8])
def test_on_a_line_far_too_slow_what_was_received_is_not_thrown_away_for_ever(line: int) -> None:
    viewer = playing(playing=("v360",))
    viewer.line = line
    began = viewer.now
    viewer.run_for(120_000)
    assert sum(1 for want, at in viewer.answered.items() if want in viewer.file_wants and at > began) >= 3


def test_a_hundred_times_too_slow_for_the_first_byte_the_patience_grows() -> None:
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    for mirror in mirrors:
        mirror.delay_ms = 4_000
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    viewer.run_for(30_000)
    assert viewer.ticks, "2.5 s are not enough here; all were silent, so it waits longer"


def test_a_line_with_long_delays_is_not_hedged_all_the_time() -> None:
    broadcaster = Broadcaster(make_event(video("v144s", 4, 120_000), audio("n-en", 4)))
    mirrors = three(broadcaster)
    for mirror in mirrors:
        mirror.delay_ms = 800
    viewer = Viewer(mirrors, broadcaster, now=BEGIN, playing=("v144s", "n-en"), line=25_000).start()
    viewer.run_for(120_000)
    assert viewer.lost_ms() == 0
    assert viewer.told("penalty") == []
    wants = len(viewer.file_wants)
    assert file_fetches(viewer, BEGIN) <= wants * 1.1 + 3


def test_audio_only_is_never_hedged() -> None:
    viewer = playing(playing=("a-en",))
    viewer.turn((viewer.view().mirror or "",), Attack.HANG)
    viewer.run_for(20_000)
    by_want: dict[str, list[int]] = {}
    for at, fetch in viewer.fetches:
        if fetch.kind == "file":
            by_want.setdefault(fetch.path, []).append(at)
    for moments in by_want.values():
        for earlier, later in pairwise(moments):
            assert later - earlier >= 2_500, "the second was asked only when the first had been given up"


def test_hedges_are_bounded_by_their_tokens() -> None:
    viewer = playing()
    for mirror in viewer.mirrors.values():
        mirror.delay_ms = 900
    began = viewer.now
    viewer.run_for(60_000)
    paths = [fetch.path for at, fetch in viewer.fetches if fetch.kind == "file" and at >= began]
    assert len(paths) - len(set(paths)) <= 3 + 0.05 * len(viewer.fetches) + 1


def test_the_loser_of_a_hedge_is_cancelled_and_not_blamed() -> None:
    viewer = playing()
    bad = viewer.view().mirror or ""
    viewer.mirrors[bad].delay_ms = 1_200
    viewer.run_for(4_000)
    assert viewer.told("penalty") == []
    assert viewer.view().mirror != bad
    assert viewer.told("hop")[0].code == "silent"


# -- the pace of one request ---------------------------------------------------------------------------

SEGMENT = Target("file", "media/x.m4s", 32_000, "v360", "x", 32_000, 1_066)


def request(
    first_at: int | None = 100, received: int = 0, moved_at: int = 100, target: Target = SEGMENT
) -> Request:
    made = Request(1, target, "m1", Purpose.PLAY, 0, 2_500, moved_at)
    made.first_at, made.bytes = first_at, received
    return made


@pytest.mark.parametrize(
    ("made", "now", "pace"),
    [
        (request(None), 2_499, Pace.FINE),
        (request(None), 2_500, Pace.SILENT),
        (request(), 366, Pace.FINE),
        (request(), 367, Pace.SLOW),
        (request(received=16_000), 632, Pace.FINE),
        (request(received=16_000), 633, Pace.STALLED),
        (request(received=16_000, moved_at=600), 899, Pace.FINE),
        (request(received=16_000, moved_at=600), 900, Pace.SLOW),
        (request(received=31_999, moved_at=600), 1_132, Pace.FINE),
        (request(received=31_999, moved_at=600), 1_133, Pace.STALLED),
        (request(received=31_999), 2_600, Pace.HUNG),
        (request(received=32_000), 2_599, Pace.FINE),
        (request(received=32_000), 2_600, Pace.HUNG),
    ],
)
def test_pace_of_a_segment(made: Request, now: int, pace: Pace) -> None:
    assert made.pace(now) is pace
    assert (made.check_at() <= now) is (pace is not Pace.FINE)


@pytest.mark.parametrize(("now", "pace"), [(1_599, Pace.FINE), (1_600, Pace.HUNG)])
def test_pace_of_a_playlist(now: int, pace: Pace) -> None:
    made = request(received=100, moved_at=1_500, target=Target("playlist", "live/v360.m3u8", 16_384, "v360"))
    assert made.pace(now) is pace
    assert (made.check_at() <= now) is (pace is not Pace.FINE)


def test_left_alone_it_is_looked_at_again_a_little_later() -> None:
    made = request()
    made.leave_alone(400)
    assert made.pace(932) is Pace.FINE
    assert made.check_at() == 933
    assert made.pace(933) is Pace.STALLED
