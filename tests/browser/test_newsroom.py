"""A newsroom on the day: three languages pushed in two ways, a lost encoder, a recording, a platform, two stores, a viewer."""

from __future__ import annotations

import io
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from huma.cli.doorkeys import DoorKeys
from huma.cli.liveinputs import DoorPlace
from huma.cli.output import now_ms
from huma.config import LIVE_MAX_BYTES
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from huma.protocol.event import Language
from huma.protocol.playlist import LivePlaylist, verify_live
from tests.browser.conftest import ViewerMaker
from tests.cli.airing import Airing
from tests.keys.eventmaking import DAY_MS
from tests.nginx import free_port
from tests.restream.platform import KEY, Platform
from tests.store.s3server import S3Server
from tests.system.nginxdav import NginxDav
from tests.system.pushing import push, told

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]

LANGUAGES = (Language("en", "English"), Language("fa", "فارسی"), Language("ar", "العربية"))
TONES = {"en": 440, "fa": 660, "ar": 880}
BACKUP_TONE = 1320
RATE = 48_000


def an_event(folder: Path) -> EventDir:
    now = now_ms()
    video = (VideoRung("v144", 256, 144, 120_000),)
    return create(folder, EventConfig({"en": "Try"}, now, now + DAY_MS, LANGUAGES, video=video), now=now)


def shown_by(url: str, event: EventDir, rendition: str) -> LivePlaylist:
    """The playlist that a store serves, verified."""
    data = httpx.get(f"{url}live/{rendition}.m3u8", trust_env=False).content
    assert len(data) <= LIVE_MAX_BYTES
    return verify_live(data, event=event.event, event_id=event.event_id, rendition=rendition)


def pitch(url: str, playlist: LivePlaylist) -> float:
    """The loudest frequency in the newest segments of a rendition, Hz."""

    def fetched(path: str) -> bytes:
        answer = httpx.get(f"{url}{path}", trust_env=False)
        assert answer.status_code == 200, path
        return answer.content

    entries = playlist.entries[-2:]
    data = fetched(entries[0].init.path) + b"".join(fetched(each.ref.path) for each in entries)
    with av.open(io.BytesIO(data), "r") as sound:
        wave = np.concatenate([frame.to_ndarray()[0] for frame in sound.decode(audio=0)])
    middle = wave[len(wave) // 4 : -len(wave) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.argmax(spectrum) * RATE / len(middle))


def sounds(event: EventDir) -> dict[str, str]:
    """The rendition of each language in the fast ladder."""
    fast = [each for each in event.event.renditions if each.kind == "audio" and each.ticks_per_segment == 1]
    return {str(each.language): each.name for each in fast}


def door_places(port: int, srt: int, *, tracks: bool) -> tuple[DoorPlace, ...]:
    """The doors of each way: main brings all three languages, or each has its own."""
    backup = DoorPlace("backup", "127.0.0.1", port)
    if tracks:
        return DoorPlace("main", "127.0.0.1", srt, kind="srt"), backup
    return (
        DoorPlace("main", "127.0.0.1", port),
        backup,
        DoorPlace("fa", "127.0.0.1", srt, "fa", "srt"),
        DoorPlace("ar", "127.0.0.1", port, "ar"),
    )


def words_of(places: Sequence[DoorPlace]) -> list[str]:
    """The command line that opens them."""
    words: list[str] = []
    for place in places:
        url = f"{place.kind}://{place.host}:{place.port}"
        if place.language:
            words += ["--language", f"{place.language}={url}"]
        else:
            words += [url] if place.name == "main" else ["--backup", url]
    return words


@pytest.mark.parametrize("tracks", [True, False], ids=["tracks of one SRT line", "a door for each language"])
def test_three_languages_go_on_the_air_and_fail_over_before_a_viewer(
    tmp_path: Path, viewer: ViewerMaker, *, tracks: bool
) -> None:
    event, port, srt = an_event(tmp_path / "event"), free_port(), free_port()
    (tmp_path / "home").mkdir()
    places = door_places(port, srt, tracks=tracks)
    keys = DoorKeys(event).renew(list(places), now_ms() + DAY_MS)
    with ExitStack() as stack:
        platform = stack.enter_context(Platform(tmp_path / "platform"))
        dav = stack.enter_context(NginxDav(tmp_path / "dav"))
        s3 = stack.enter_context(S3Server())
        outputs = ["--to", dav.url, "--to", s3.address("ev"), "--record", str(tmp_path / "kept")]
        outputs += ["--also", f"{platform.url}#key-env=THEIR_KEY&label=platform", "--serve", "127.0.0.1:0"]
        words = [*words_of(places), "--event", str(event.path), *outputs]
        secrets = {"THEIR_KEY": KEY, **s3.variables}
        air = stack.enter_context(Airing(words, tmp_path / "home", secrets))
        page = air.until(told("opening"))["page"]
        if tracks:
            main = push(stack, srt, keys["main"], *TONES.values(), srt=True, languages=("eng", "per", "ara"))
        else:
            main = push(stack, port, keys["main"], TONES["en"])
            push(stack, srt, keys["fa"], TONES["fa"], srt=True)
            push(stack, port, keys["ar"], TONES["ar"])
        push(stack, port, keys["backup"], BACKUP_TONE)
        for place in places:
            air.until(told("door", door=place.name, open=True))
        air.until(told("input", input="main"))
        air.until(told("recording", code=""))
        air.until(told("output", output="platform", connected=True))
        one = viewer().open(page).until_playing(60)
        one.press("Sound")
        one.page.get_by_text("العربية").click()
        one.page.keyboard.press("Escape")
        arabic = sounds(event)["ar"]
        one.until(lambda: one.asked(f"/live/{arabic}.m3u8") > 0, why="the Arabic sound")
        assert one.goes_on(2)
        both = (dav.url, s3.public("", "ev"))

        def heard(language: str, tone: int) -> bool:
            name = sounds(event)[language]
            return all(abs(pitch(url, shown_by(url, event, name)) - tone) < 20 for url in both)

        one.until(lambda: all(heard(*each) for each in TONES.items()), 60, "each language with its own sound")
        main.kill()
        air.until(told("input", input="backup"))
        one.until(lambda: heard("en", BACKUP_TONE), 60, "the backup's sound")
        if not tracks:
            assert heard("fa", TONES["fa"]), (
                "a language with a door of its own does not care who brings the picture"
            )
        assert one.goes_on(3)
        assert one.report["badge"] == "live"
        assert one.report["unverifiedPlayed"] == 0
        assert one.decoded["audio"] > 0
        assert not one.complaints, one.complaints
        assert air.end(signal.SIGINT) == 0, air.errors()
        for name in sounds(event).values():
            assert all(shown_by(url, event, name).ended for url in both)
        sent = platform.taken
    ticks = [line["tick"] for line in air.said if line["event"] == "tick"]
    assert ticks == list(range(ticks[0], ticks[0] + len(ticks))), "a hole"
    kept = {path.name.partition("-2")[0] for path in (tmp_path / "kept").iterdir()}
    assert kept == {"programme", "sound-en", "sound-fa", "sound-ar"}
    assert sent[0].stat().st_size > 20_000
