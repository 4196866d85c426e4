"""A small studio: two encoders and an interpreter push; one dies; it is recorded and sent on, and what is signed stands."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from huma.cli.doorkeys import DoorKeys
from huma.cli.liveinputs import DoorPlace
from huma.cli.output import now_ms
from tests.cli.airing import Airing, shown
from tests.keys.eventmaking import DAY_MS
from tests.nginx import free_port
from tests.restream.platform import KEY, Platform
from tests.system.nginxdav import NginxDav
from tests.system.pushing import push, told

if TYPE_CHECKING:
    from pathlib import Path

    from huma.keys.eventdir import EventDir

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
DOORS = ("main", "backup", "fa")


def seconds(path: Path, kind: str) -> float:
    """How long the sound or the pictures of a file are, all of them decoded without a complaint."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-map", f"0:{kind}", "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    found = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return float(found.stdout)


def test_a_studio_that_loses_an_encoder(event: EventDir, home: Path, tmp_path: Path) -> None:
    port, store, kept = free_port(), tmp_path / "store", tmp_path / "kept"
    door = f"rtmp://127.0.0.1:{port}"
    places = [DoorPlace(name, "127.0.0.1", port) for name in DOORS[:2]]
    places.append(DoorPlace("fa", "127.0.0.1", port, "fa", "srt"))
    keys = DoorKeys(event).renew(places, now_ms() + DAY_MS)
    with ExitStack() as stack:
        platform = stack.enter_context(Platform(tmp_path / "platform"))
        dav = stack.enter_context(NginxDav(tmp_path / "dav"))
        words = [
            door, "--backup", door, "--language", f"fa=srt://127.0.0.1:{port}", "--event", str(event.path),
            "--to", str(store), "--to", dav.url, "--record", str(kept),
            "--also", f"{platform.url}#key-env=THEIR_KEY&label=platform",
        ]  # fmt: skip
        air = stack.enter_context(Airing(words, home, {"THEIR_KEY": KEY}))
        air.until(told("opening"))
        senders = {
            name: push(stack, port, keys[name], tone, srt=name == "fa")
            for name, tone in zip(DOORS, (440, 660, 880), strict=True)
        }
        for name in DOORS:
            air.until(told("door", door=name, open=True))
        air.until(told("input", input="main"))
        air.until(told("recording", code=""))
        air.until(told("output", output="platform", connected=True))
        stranger = push(stack, port, "a-key-that-nobody-made", 110)
        assert stranger.wait(20) != 0
        air.until(told("door-refused", reason="wrong-key"))
        senders["main"].kill()
        air.until(told("input", input="backup"))
        fresh = DoorKeys(event).renew([places[1]], now_ms() + DAY_MS)
        assert senders["backup"].wait(20) != 0, "whoever has the old key is cut"
        push(stack, port, fresh["backup"], 660)
        time.sleep(2)
        assert air.end(signal.SIGINT) == 0, air.errors()
        said = "\n".join(map(str, air.said))
        assert not any(key in said + air.errors() for key in (*keys.values(), *fresh.values(), KEY))
        playlists = shown(store, event.event, event.event_id)
        assert all(each.ended for each in playlists.values())
        for name in playlists:
            path = f"live/{name}.m3u8"
            assert (dav.folder / "www" / path).read_bytes() == (store / path).read_bytes()
        sent = platform.taken
    ticks = [line["tick"] for line in air.said if line["event"] == "tick"]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks)))
    files = {path.name.partition("-2")[0]: path for path in kept.iterdir()}
    assert set(files) == {"programme", "sound-en", "sound-fa"}
    assert seconds(files["programme"], "v") == pytest.approx(seconds(files["sound-fa"], "a"), abs=0.1)
    assert sent
    assert sent[0].stat().st_size > 20_000
