"""One encoder, three languages: what an MPEG-TS of several sound tracks becomes on the air."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from huma.media.clock import RealClock
from huma.media.intake import IntakePlan, open_intake
from huma.protocol.event import Language
from tests.media.events import audio, event, video
from tests.media.reading import Collected, sound
from tests.net.srt.pushing import FFMPEG, opened, push

pytestmark = pytest.mark.system

PITCHES = {"en": 440, "fa": 1_000, "fr": 2_500}
TAGS = {"en": "eng", "fa": "per", "fr": "fra"}
OF = event(
    video("v180", 320, 180, 300_000, codecs="avc1.64000d"),
    *(audio(f"a-{code}", code) for code in PITCHES),
    languages=(Language("en", "English"), Language("fa", "فارسی"), Language("fr", "Français")),
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Pictures and three tones, each in a track that says its language; the event's first is not the first."""
    order = ("fr", "en", "fa")
    tones = [
        each
        for code in order
        for each in ("-f", "lavfi", "-i", f"sine=frequency={PITCHES[code]}:sample_rate=48000")
    ]
    tags = [
        each
        for place, code in enumerate(order)
        for each in (f"-metadata:s:a:{place}", f"language={TAGS[code]}")
    ]
    maps = [each for place in range(4) for each in ("-map", str(place))]
    path = tmp_path / "film.ts"
    subprocess.run(
        [
            *FFMPEG, "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30", *tones, *maps, *tags, "-t", "30",
            "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "aac", path,
        ],
        check=True, timeout=100,
    )  # fmt: skip
    return path


def pitch(data: bytes) -> float:
    """What sounds loudest at the end, in Hz."""
    _, wave = sound(data)
    last = wave[-48_000:]
    assert np.sqrt(np.mean(last.astype(np.float64) ** 2)) > 0.02, "it is silent"
    return float(np.argmax(np.abs(np.fft.rfft(last * np.hanning(len(last))))) * 48_000 / len(last))


def test_each_language_is_heard_where_it_belongs(film: Path) -> None:
    made = Collected()
    clock = RealClock()
    first = OF.grid.tick_at(clock.wall()) + 1
    with opened() as door:
        intake = open_intake(
            IntakePlan("door:main"), event=OF, first_tick=first, clock=clock, doors={"main": door}
        )
        running = threading.Thread(target=intake.run, args=(made,))
        running.start()
        try:
            with push(door, "-re", "-i", film, "-map", "0", "-c", "copy") as encoder:
                limit = time.monotonic() + 100
                while sum(each.origin == "programme" for each in list(made["a-fr"])) < 5:
                    assert time.monotonic() < limit, intake.overview()
                    assert encoder.poll() is None
                    time.sleep(0.1)
                state = intake.overview().inputs["main"]
                encoder.kill()
        finally:
            intake.stop()
            running.join(30)
        assert not running.is_alive()
    assert (state.protocol, state.status) == ("srt", "playing")
    for code, hertz in PITCHES.items():
        segments = made[f"a-{code}"]
        played = [each for each in segments if each.origin == "programme"]
        data = played[0].init + b"".join(each.data for each in played)
        assert pitch(data) == pytest.approx(hertz, abs=10), code
