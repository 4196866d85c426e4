"""What the scripts of vectors/session show: each scene is a viewer to whom it has happened. Its first line says why it is there."""

from __future__ import annotations

from typing import Any, Final

from tests.simulator.broadcaster import EPOCH_MS, Broadcaster, audio, make_event, signer, video
from tests.simulator.mirrors import Attack, MirrorSimulator
from tests.simulator.shell import trust_of
from tests.simulator.viewer import Viewer, attacked, three

from huma.protocol.saved import SavedBelief
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.events import RootSeen

BEGIN: Final = EPOCH_MS + 1_000_137
SEED: Final = 1
IN_USE: Final = ("m2",)
DAY_MS: Final = 86_400_000


def _viewer(mirrors: list[MirrorSimulator], broadcaster: Broadcaster, **rest: Any) -> Viewer:
    return Viewer(mirrors, broadcaster, now=BEGIN, seed=SEED, **rest)


def lie_while_playing(attack: Attack) -> Viewer:
    """The mirror in use turns bad after four seconds."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(4_000)
    viewer.turn(IN_USE, attack)
    viewer.run_for(7_500)
    return viewer


def lie_from_the_start(attack: Attack) -> Viewer:
    """The mirror that is asked first was bad before we came."""
    broadcaster = Broadcaster()
    viewer = _viewer(attacked(broadcaster, attack, IN_USE, BEGIN), broadcaster).start()
    viewer.run_for(8_000)
    return viewer


def two_of_three_lie() -> Viewer:
    """Two of three mirrors forge; one is enough."""
    broadcaster = Broadcaster()
    viewer = _viewer(attacked(broadcaster, Attack.CORRUPT, ("m2", "m3"), BEGIN), broadcaster).start()
    viewer.run_for(4_000)
    viewer.turn(("m2", "m3"), Attack.FORGE)
    viewer.run_for(5_000)
    return viewer


def two_requests_one_bad_moment() -> Viewer:
    """Sound and picture, asked for together, are both garbled, the picture later: that is one strike, not two."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(4_000)
    viewer.mirrors["m2"].rate = 228_000
    viewer.turn(IN_USE, Attack.GARBLED_TWICE)
    viewer.run_for(3_000)
    return viewer


def take_over() -> Viewer:
    """Key B takes over; it is seen at one mirror first. There is no way back."""
    a = Broadcaster()
    viewer = _viewer(three(a), a).start()
    viewer.run_for(3_000)
    b = Broadcaster(
        key="key-b", branch="b", first_tick=a.event.grid.tick_at(viewer.now) + 1, takes_over_from=a
    )
    viewer.mirrors["m2"].broadcaster = b
    viewer.run_for(3_000)
    viewer.mirrors["m2"].broadcaster = a
    viewer.run_for(2_000)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(3_000)
    return viewer


def revoked_key() -> Viewer:
    """The key in play is revoked at one mirror; B is on the air three seconds later."""
    a = Broadcaster()
    viewer = _viewer(three(a), a).start()
    viewer.run_for(3_000)
    viewer.revoked["m1"] = (signer("key-a").public.keyid,)
    viewer.run_for(9_000)
    b = Broadcaster(
        key="key-b", branch="b", first_tick=a.event.grid.tick_at(viewer.now) + 1, takes_over_from=a
    )
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(8_000)
    return viewer


def two_versions() -> Viewer:
    """A thief has the key too, and one mirror serves his branch."""
    honest = Broadcaster()
    viewer = _viewer(three(honest), honest).start()
    viewer.run_for(3_000)
    viewer.mirrors["m1"].broadcaster = viewer.mirrors["m3"].broadcaster = honest.fork("the thief's")
    viewer.turn(IN_USE, Attack.FREEZE)
    viewer.run_for(4_000)
    viewer.turn(IN_USE, Attack.NONE)
    viewer.run_for(5_000)
    return viewer


def far_future() -> Viewer:
    """A stolen key signs ticks of tomorrow at the mirror in use: not believed, and nobody is locked out."""
    honest = Broadcaster()
    viewer = _viewer(three(honest), honest).start()
    viewer.run_for(3_000)
    thief = Broadcaster(branch="the thief's", jump_ticks=80_000)
    viewer.mirrors["m2"].broadcaster = thief
    viewer.run_for(5_000)
    return viewer


def wrong_clock(off: int) -> Viewer:
    """Three mirrors, one honest, and a clock that is far off."""
    broadcaster = Broadcaster()
    viewer = _viewer(attacked(broadcaster, Attack.STALE, IN_USE, BEGIN), broadcaster, clock_off=off).start()
    viewer.run_for(9_000)
    return viewer


def everything_dead() -> Viewer:
    """All mirrors are dead for eight seconds."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(2_500)
    viewer.turn(("m1", "m2", "m3"), Attack.DEAD)
    viewer.run_for(8_000)
    viewer.turn(("m1", "m2", "m3"), Attack.NONE)
    viewer.run_for(3_000)
    return viewer


def cut_off() -> Viewer:
    """The broadcaster is silent for fifteen seconds, and comes back."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(2_500)
    viewer.turn(("m1", "m2", "m3"), Attack.FREEZE)
    viewer.run_for(15_000)
    viewer.turn(("m1", "m2", "m3"), Attack.NONE)
    viewer.run_for(4_000)
    return viewer


def ended() -> Viewer:
    """ENDED, taken back after a minute."""
    broadcaster = Broadcaster(ends_at=BEGIN + 4_000)
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(40_000)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = Broadcaster(branch=broadcaster.branch)
    for name in viewer.tracks:
        viewer.want_playlist(name)
    viewer.run_for(33_000)
    return viewer


def suspended() -> Viewer:
    """The page sleeps for an hour in the middle of a request; once it is told, once it finds out."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(2_800)
    viewer.sleep(3_600_000)
    viewer.run_for(2_500)
    viewer.sleep(600_000, told=False)
    viewer.run_for(2_500)
    return viewer


def asleep_and_met_by_a_thief() -> Viewer:
    """The page sleeps for an hour; when it wakes, the mirror in use shows what a stolen key signed of tomorrow."""
    honest = Broadcaster()
    viewer = _viewer(three(honest), honest).start()
    viewer.run_for(3_000)
    viewer.mirrors[IN_USE[0]].broadcaster = Broadcaster(branch="the thief's", jump_ticks=80_000)
    viewer.sleep(3_600_000)
    viewer.run_for(4_000)
    return viewer


def asleep_with_a_penalty() -> Viewer:
    """The mirror in use is dead for a moment, and the page sleeps: perhaps it wakes in another network."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(3_000)
    viewer.turn(IN_USE, Attack.DEAD)
    while not viewer.told("penalty"):
        viewer.run_for(5)
    viewer.turn(IN_USE, Attack.NONE)
    viewer.sleep(100)
    viewer.run_for(2_000)
    return viewer


def slow_to_begin() -> Viewer:
    """Every first byte takes nine tenths of a second: a few hedges, and no more."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(2_000)
    for mirror in viewer.mirrors.values():
        mirror.delay_ms = 900
    viewer.run_for(10_000)
    return viewer


def before_the_beginning() -> Viewer:
    """The page is open before the first segment: no playlist anywhere, and nobody is blamed."""
    broadcaster = Broadcaster(first_tick=945)
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(14_000)
    return viewer


def slow_line() -> Viewer:
    """The viewer's own line is too slow for this rendition: no hopping about."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster).start()
    viewer.run_for(4_000)
    viewer.line = 16_000
    viewer.run_for(9_000)
    viewer.line = None
    viewer.run_for(4_000)
    return viewer


def slow_ladder() -> Viewer:
    """Segments of four ticks; the mirror in use freezes."""
    broadcaster = Broadcaster(make_event(video("v144s", 4, 120_000), audio("n-en", 4)))
    viewer = _viewer(three(broadcaster), broadcaster, playing=("v144s", "n-en")).start()
    viewer.run_for(9_000)
    viewer.turn(IN_USE, Attack.FREEZE)
    viewer.run_for(16_000)
    return viewer


def audio_only() -> Viewer:
    """Only sound: nothing is hedged, and a drip is left all the same."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster, playing=("a-en",)).start()
    viewer.run_for(3_000)
    viewer.turn(IN_USE, Attack.DRIP)
    viewer.run_for(6_000)
    return viewer


def hints_alone() -> Viewer:
    """No roster yet: three hints of a link, which have one voice."""
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    trust = trust_of(broadcaster, mirrors, hints=("m1", "m2", "m3"))
    viewer = _viewer(mirrors, broadcaster, trust=trust, clock_off=DAY_MS).start()
    viewer.run_for(4_000)
    viewer.turn(("m1", "m2"), Attack.HANG)
    viewer.run_for(5_000)
    return viewer


def many_mirrors() -> Viewer:
    """Weights, withdrawals, unlisted mirrors, volunteers, hints; then a renewal that withdraws the one in use."""
    broadcaster = Broadcaster()
    mirrors = [MirrorSimulator(f"m{n}", broadcaster) for n in range(1, 9)]
    said: dict[str, Any] = {
        "hints": ("m8",),
        "tiers": dict.fromkeys(("m2", "m3", "m4", "m5", "m6"), "volunteer"),
        "operators": {"m2": "one", "m3": "one"},
        "weights": {f"m{n}": 10 * n for n in range(1, 7)},
    }
    viewer = _viewer(mirrors, broadcaster, trust=trust_of(broadcaster, mirrors, **said)).start()
    viewer.run_for(3_000)
    in_use = viewer.view().mirror or ""
    viewer.send(trust_of(broadcaster, mirrors, withdrawn=(in_use,), **said))
    viewer.run_for(2_000)
    viewer.turn(tuple(f"m{n}" for n in range(1, 8)), Attack.DEAD)
    viewer.send(RootSeen("m7"))
    viewer.run_for(6_000)
    return viewer


def restored() -> Viewer:
    """An earlier session saved its floors; the mirror that is asked first is an hour behind them."""
    broadcaster = Broadcaster()
    tick = broadcaster.event.grid.tick_at(BEGIN) - 3
    floors = {1: {"v360": tick, "a-en": tick}}
    config = SessionConfig(SavedBelief(broadcaster.event_id, floors, (signer("key-c").public.keyid,)))
    mirrors = attacked(broadcaster, Attack.REPLAY_OLD, ("m1", "m2"), BEGIN)
    viewer = _viewer(mirrors, broadcaster, config=config, clock_off=-DAY_MS).start()
    viewer.run_for(5_000)
    return viewer


def no_longer_wanted() -> Viewer:
    """The player changes its mind: what it no longer wants is cancelled, and comes no more."""
    broadcaster = Broadcaster()
    viewer = _viewer(attacked(broadcaster, Attack.HANG, IN_USE, BEGIN), broadcaster).start()
    viewer.run_for(900)
    for want in list(viewer.wanted):
        viewer.unwant(want)
    again = viewer.want_playlist("v360", have=-1)
    viewer.run_for(300)
    viewer.unwant(again)
    viewer.run_for(3_000)
    return viewer


def newer_timestamp() -> Viewer:
    """A mirror shows a newer timestamp."""
    broadcaster = Broadcaster()
    viewer = _viewer(three(broadcaster), broadcaster, playing=()).start()
    viewer.run_for(20_000)
    viewer.newer_timestamp = True
    viewer.run_for(25_000)
    return viewer
