"""The proof that matters: with a hanging platform, a crashing sender and a stuck disk beside it, the signed path goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from huma.record.recorder import Recorder
from huma.restream.address import parse_output
from huma.restream.outputs import Outputs
from huma.store.folder import FolderStore
from tests.broadcast.studio import Studio, event
from tests.record.disks import FickleDisk
from tests.record.takes import programme
from tests.restream.feeding import endless, wait_until
from tests.restream.platform import KEY, Platform

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TICKS = 40


def test_nothing_beside_it_delays_what_is_signed(tmp_path: Path) -> None:
    real, _ = programme()
    disk = FickleDisk(tmp_path / "rec")
    with Platform(tmp_path / "platform") as platform:
        studio = Studio(
            tmp_path / "state",
            [FolderStore(tmp_path / "out")],
            event=event(renditions=(("v180", 1), ("a-en", 1))),
            first_tick=4,
        )
        recorder = Recorder(real, tmp_path / "rec", disk=disk, line_bytes=100_000, reserve_bytes=0)
        outputs = Outputs(
            real, [parse_output(f"{platform.url}/{KEY}"), parse_output(str(tmp_path / "crashing.ts"))]
        )
        recorder.start()
        outputs.start()
        ticks = endless()
        try:
            for number in range(TICKS):
                if number == 4:
                    wait_until(
                        lambda: all(each.sent_bytes for each in outputs.states), lambda: outputs.states
                    )
                    wait_until(lambda: recorder.state.seconds > 0, lambda: recorder.state)
                    platform.hang()
                    disk.free.clear()
                crashing = outputs._outputs[1].pid
                if number % 5 == 0 and crashing is not None:
                    os.kill(crashing, signal.SIGKILL)
                for segment in next(ticks):
                    if segment.rendition in ("v180", "a-en"):
                        studio.publisher.accept(segment)
                    recorder.take(segment)
                    outputs.take(segment)
            studio.settle()  # with everything beside it hanging: signed, logged and in the store
            for name in ("v180", "a-en"):
                playlist = studio.shown(name)
                assert playlist.tick == 3 + TICKS
                assert sum(entry.discontinuity for entry in playlist.entries) == 0
            assert studio.publisher.state.dropped == 0
            assert studio.publisher.state.segments == 2 * TICKS
            assert not disk.free.is_set()
            assert recorder.state.dropped > 0
            assert outputs.states[0].dropped > 0
        finally:
            disk.free.set()
            platform.go_on()
            outputs.close(3)
            recorder.close()
            studio.end()
