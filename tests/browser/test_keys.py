"""Keys are lost, stolen, withdrawn and replaced while people watch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from huma.broadcast.opening import checkpoint_of
from huma.demo.faults import Fault
from huma.keys.sealed import release_revocation
from huma.protocol.names import checkpoint_path, live_path
from huma.protocol.playlist import render_live, verify_live
from huma.store.memory import MemoryStore
from tests.browser.air import MINUTE_MS, Air, now_ms
from tests.browser.conftest import AirMaker, ViewerMaker

pytestmark = pytest.mark.browser


def take_over(air: Air, rank: int) -> None:
    """The standby signs from now on, with a key of a higher rank, and says which chapters it goes on from."""
    signer = air.folder.live_signer(rank)
    found = {reel.rendition.name: reel.last_chapter for reel in air.reels if reel.last_chapter}
    air.put(checkpoint_path(rank), checkpoint_of(air.event_id, signer, rank, found, now_ms()))
    for reel in air.reels:
        reel.signer, reel.rank, reel.prev, reel.last_chapter = signer, rank, None, None


def revoke(air: Air, rank: int) -> None:
    """Release what was sealed for this day."""
    release_revocation(air.folder, air.folder.live_signer(rank).public.keyid)
    air.put("live/revoked.json", (air.folder.public / "live" / "revoked.json").read_bytes())


@dataclass
class Fork:
    """A store in the hands of somebody who has the live key: at one tick, other bytes under a valid signature."""

    genuine: MemoryStore
    air: Air

    @property
    def name(self) -> str:
        return "fork"

    def get(self, path: str, max_bytes: int) -> bytes | None:
        data = self.genuine.get(path, max_bytes)
        if data is None or path != live_path("v360"):
            return data
        event, event_id = self.air.event, self.air.event_id
        playlist = verify_live(data, event=event, event_id=event_id, rendition="v360")
        *before, last = playlist.entries
        forked = replace(last, ref=before[0].ref, size=before[0].size)
        return render_live(replace(playlist, entries=(*before, forked)), self.air.folder.live_signer(1))


def test_a_standby_takes_over_and_there_is_no_way_back(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    take_over(air, 2)
    one.until(lambda: "moved to a new signing key" in one.text, 15, "the new key")
    assert one.goes_on(2)
    assert one.report["badge"] == "live"
    take_over(air, 1)
    one.until(lambda: one.report["badge"] == "cutOff", 30, "the old key is not believed")
    one.stays_clean()


def test_the_recording_goes_back_over_a_take_over_before_the_new_key_has_a_chapter(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air(past_ms=11 * MINUTE_MS)
    one = viewer().open(air.url()).until_playing()
    take_over(air, 2)
    one.until(lambda: "moved to a new signing key" in one.text, 15, "the new key")
    # the key before may be withdrawn as well: the new one leads to its chapters
    revoke(air, 1)
    one.until(lambda: "A stolen key was withdrawn" in one.text, 30, "the revocation")
    one.press("Back to the start")
    one.until(lambda: one.report["badge"] == "replay", 30, "the replay")
    one.until(lambda: (one.report["behindMs"] or 0) > 10 * MINUTE_MS, 30, "the start")
    assert one.goes_on(2)
    assert one.asked("/archive/checkpoint-2.json") > 0
    one.press("Rejoin live")
    one.until(lambda: one.report["badge"] == "live", 20, "live again")
    one.stays_clean()


def test_a_stolen_key_is_seen_and_the_branch_in_play_stays(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    thief = next(name for name in air.mirrors if name != one.report["mirror"])
    air.mirrors[thief].copy.store = Fork(air.store, air)  # type: ignore[assignment]  # a mirror only reads it
    # the viewer compares mirrors when one of them is late; that is what brings the proof to light
    air.switch(one.report["mirror"], Fault.HANG)
    one.until(lambda: "twoVersions" in one.report["warnings"], 60, "two versions")
    assert "Two versions of this programme exist" in one.text
    take_over(air, 2)
    air.mirrors[thief].copy.store = air.store
    one.until(lambda: one.report["badge"] == "live", 30, "the next key decides")
    assert one.report["unverifiedPlayed"] == 0


def test_a_revoked_key_is_worth_nothing_within_seconds(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    revoke(air, 1)
    one.until(lambda: "A stolen key was withdrawn" in one.text, 30, "the revocation")
    one.until(lambda: one.report["badge"] in {"cutOff", "none"}, 30, "nothing of that key is played")
    take_over(air, 2)
    one.until(lambda: one.report["badge"] == "live", 30, "the next key")
    assert one.goes_on(2)
    one.stays_clean()
