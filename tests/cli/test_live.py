from __future__ import annotations

import shutil
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from huma.broadcast.chain import Chain
from huma.broadcast.signer import LiveSigner, entry_of
from huma.cli.live import parse_duration, parse_place
from huma.cli.output import now_ms
from huma.errors import UsageError
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from huma.protocol.roster import Mirror
from tests.broadcast.studio import segment
from tests.cli.airing import Airing, archived, shown
from tests.cli.running import huma
from tests.keys.eventmaking import DAY_MS, LANGUAGES
from tests.store.davserver import DavServer

pytestmark = pytest.mark.usefixtures("no_left_over")


@pytest.fixture
def event(event: EventDir) -> EventDir:
    return event


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def args(event: EventDir, out: Path, *more: str) -> list[str]:
    return ["test", "--event", str(event.path), "--to", str(out), *more]


def test_a_broadcast_from_its_first_tick_to_its_signed_end(event: EventDir, out: Path, home: Path) -> None:
    port = free_port()
    options = ["--serve", f"127.0.0.1:{port}", "--for", "5s", "--stay", "3s"]
    with Airing(args(event, out, *options), home) as air:
        opening = air.until(lambda line: line.get("state") == "opening")
        assert opening["page"] == f"http://127.0.0.1:{port}/"
        assert opening["id"] == event.event_id
        assert opening["plain"] == f"http://127.0.0.1:{port}/index.m3u8"
        air.until_ticks(2)
        with httpx.Client(base_url=opening["page"]) as client:
            assert client.get("live/v144.m3u8").status_code == 200
            assert client.get("trust/1.root.json").content == event.read("trust/1.root.json")
            assert client.get("trust/boot.json").status_code == 200
            assert client.get("index.m3u8").text.count("live/") >= 2
            assert client.get("live/nothing.m3u8").status_code == 404
            air.until(lambda line: line.get("state") == "ended")
            assert "ENDED=YES" in client.get("live/v144.m3u8").text, "the server stays for those who ask last"
        assert air.end() == 0, air.errors()
    playlists = shown(out, event.event, event.event_id)
    assert set(playlists) == {each.name for each in event.event.renditions}
    assert all(each.ended for each in playlists.values())
    ticks = [line["tick"] for line in air.said if line["event"] == "tick"]
    assert ticks == list(range(ticks[0], ticks[0] + 5)), "5 s are 4.7 ticks"
    assert opening["first_tick"] == ticks[0]
    assert list(archived(out, event.event, event.event_id, "v144")) == ticks
    assert all(line["v"] == 1 and line["at"].endswith("Z") for line in air.said)
    assert {path.name for path in (out / "trust").iterdir()} >= {"1.root.json", "timestamp.json", "boot.json"}


def test_what_is_served_has_a_plain_address_and_says_who_can_reach_it(event: EventDir, home: Path) -> None:
    port = free_port()
    base = ["live", "test", "--event", str(event.path), "--serve", f"127.0.0.1:{port}", "--ntp", "none"]
    options = [*base, "--for", "1s", "--stay", "0s"]
    alone = huma(*options, home=home)
    assert alone.returncode == 0, alone.stderr
    assert f"Plain   http://127.0.0.1:{port}/index.m3u8" in alone.stdout
    assert "work on this machine alone" in alone.stdout
    assert "--serve 0.0.0.0:8400 --url https://" in alone.stdout
    named = huma(*options, "--url", "https://live.example/", home=home)
    assert "Plain   https://live.example/index.m3u8" in named.stdout
    assert "alone" not in named.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_signs_the_end(event: EventDir, out: Path, home: Path, number: signal.Signals) -> None:
    with Airing(args(event, out), home) as air:
        air.until_ticks(2)
        assert air.end(number) == 0, air.errors()
        assert air.said[-1]["state"] == "ended"
    assert all(each.ended for each in shown(out, event.event, event.event_id).values())


def test_interrupted_before_it_was_on_the_air(event: EventDir, out: Path, home: Path) -> None:
    with Airing(args(event, out), home) as air:
        air.until(lambda line: line.get("state") == "source")
        assert air.end(signal.SIGINT) == 130, air.errors()
        assert "ended" not in [line.get("state") for line in air.said]
    assert shown(out, event.event, event.event_id) == {}


def test_a_second_signal_ends_it_without_a_signed_end(event: EventDir, out: Path, home: Path) -> None:
    with DavServer() as dav:
        dead = dav.url
    with Airing([*args(event, out), "--to", dead], home) as air:
        air.until_ticks(1)
        air.process.send_signal(signal.SIGINT)
        time.sleep(1.5)
        begun = time.monotonic()
        assert air.end(signal.SIGINT) == 130, air.errors()
        assert time.monotonic() - begun < 6
        assert not [line for line in air.said if "of the end" in str(line.get("message"))], (
            "nobody waited for it"
        )


def test_a_second_signal_after_the_signed_end_takes_nothing_back(
    event: EventDir, out: Path, home: Path
) -> None:
    options = ["--serve", f"127.0.0.1:{free_port()}", "--stay", "50s"]
    with Airing(args(event, out, *options), home) as air:
        air.until_ticks(2)
        air.process.send_signal(signal.SIGINT)
        air.until(lambda line: line.get("state") == "ended")
        begun = time.monotonic()
        assert air.end(signal.SIGINT) == 0, air.errors()
        assert time.monotonic() - begun < 20, "it did not stay"
    assert all(each.ended for each in shown(out, event.event, event.event_id).values())


def test_after_kill_9_it_goes_on_where_it_was_and_fills_the_gap(
    event: EventDir, out: Path, home: Path
) -> None:
    with Airing(args(event, out), home) as air:
        air.until_ticks(3)
        air.process.kill()
        air.process.wait()
    before = shown(out, event.event, event.event_id)
    assert not any(each.ended for each in before.values())
    with Airing([*args(event, out), "--for", "12s"], home) as air:
        opening = air.until(lambda line: line.get("state") == "opening")
        assert opening["rank"] == 1
        assert opening["first_tick"] == 1 + max(each.tick for each in before.values())
        assert air.end() == 0, air.errors()
    after = shown(out, event.event, event.event_id)
    assert after["v144"].keyid == before["v144"].keyid
    numbers = archived(out, event.event, event.event_id, "v144")
    assert list(numbers) == list(range(min(numbers), max(numbers) + 1)), "no hole"
    for at, path in enumerate(before["v144"].uris, before["v144"].media_sequence):
        assert numbers[at] == path, "what was signed stays as it was"


def test_two_on_one_machine_are_refused(event: EventDir, out: Path, home: Path) -> None:
    with Airing(args(event, out), home) as air:
        air.until(lambda line: line.get("state") == "opening")
        second = huma("live", *args(event, out), "--json", home=home)
        assert second.returncode == 2
        assert '"already-live"' in second.stdout
        air.until(lambda line: line.get("event") == "tick")
        assert air.end(signal.SIGTERM) == 0


def test_one_person_whose_log_is_lost_goes_on_with_the_next_rank(
    event: EventDir, out: Path, home: Path
) -> None:
    with Airing([*args(event, out), "--for", "2s"], home) as air:
        assert air.end() == 0, air.errors()
    lost = home.parent / "another home"
    lost.mkdir()
    with Airing([*args(event, out), "--for", "2s"], lost) as air:
        assert air.end() == 0, air.errors()
        assert "next-rank" in air.codes()
        assert air.until(lambda line: line.get("state") == "opening")["rank"] == 2
    after = shown(out, event.event, event.event_id)
    assert {each.rank for each in after.values()} == {2}
    assert (out / "archive/checkpoint-2.json").is_file()


def test_others_whose_log_is_lost_are_refused_and_told_the_mend(
    event: EventDir, out: Path, home: Path
) -> None:
    (event.keys / "root-1.pem").unlink()  # it lies with its holder, as it should
    with Airing([*args(event, out), "--for", "2s"], home) as air:
        assert air.end() == 0, air.errors()
    shutil.rmtree(home / ".local")
    refused = huma("live", *args(event, out), "--json", "--ntp", "none", home=home)
    assert refused.returncode == 1
    assert '"log-behind"' in refused.stdout
    assert "--rank" in refused.stdout
    with Airing([*args(event, out), "--for", "1s", "--rank", "2"], home) as air:
        assert air.end() == 0, air.errors()
    higher = huma("live", *args(event, out), "--json", "--ntp", "none", "--rank", "1", home=home)
    assert higher.returncode == 4
    assert '"higher-rank"' in higher.stdout


def test_a_standby_that_takes_over_ends_the_first(
    event: EventDir, out: Path, home: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copytree(event.path, tmp_path / "copied")
    standby = EventDir(tmp_path / "copied")
    with Airing(args(event, out), home) as first:
        first.until_ticks(2)
        with Airing([*args(standby, out), "--rank", "2"], elsewhere) as second:
            second.until_ticks(1)
            assert first.end(within=30) == 4
            assert "higher-rank" in first.codes()
            second.until_ticks(8)
            assert second.end(signal.SIGTERM) == 0, second.errors()
    after = shown(out, event.event, event.event_id)
    assert {each.rank for each in after.values()} == {2}
    assert all(each.ended for each in after.values())


def test_a_higher_rank_at_a_mirror_alone_is_seen_too(out: Path, home: Path, tmp_path: Path) -> None:
    with DavServer() as dav:
        now = now_ms()
        mirrors = (Mirror("m1", dav.url, "Anna", "lan", "volunteer"),)
        config = EventConfig(
            {"en": "Try"},
            now,
            now + DAY_MS,
            LANGUAGES,
            video=(VideoRung("v144", 256, 144, 120_000),),
            mirrors=mirrors,
        )
        event = create(tmp_path / "event", config, now=now)
        listed = event.event
        signer = LiveSigner(listed, event.event_id, event.live_signer(2))
        step = signer.extend(Chain("v144", 1, 2), [(0, entry_of(segment("v144", 0)))], now_ms=now)
        dav.files["/dav/live/v144.m3u8"] = step.playlist
        refused = huma("live", *args(event, out), "--json", "--ntp", "none", home=home)
    assert refused.returncode == 4
    assert '"higher-rank"' in refused.stdout


def test_a_clock_measured_wrong_does_not_go_on_the_air_unless_told(
    event: EventDir, home: Path, out: Path
) -> None:
    with DavServer(date="Fri, 15 Jan 2027 12:00:00 GMT") as dav:
        options = ["live", *args(event, out), "--to", dav.url, "--ntp", "none", "--json", "--for", "1s"]
        refused = huma(*options, home=home)
        assert refused.returncode == 1
        assert '"clock-off"' in refused.stdout
        told = huma(*options, "--ignore-clock", home=home)
        assert told.returncode == 0, told.stdout


def test_a_store_that_is_dead_at_the_start_keeps_nobody_waiting(
    event: EventDir, home: Path, out: Path
) -> None:
    with DavServer() as dav:
        dead = dav.url
    with Airing([*args(event, out), "--to", dead], home) as air:
        air.until_ticks(2)
        assert "store-unreachable" in air.codes()
        air.process.send_signal(signal.SIGTERM)
        air.until(lambda line: line.get("state") == "stores" and line["stores"][0]["ok"])
        assert all(each.tick >= 0 for each in shown(out, event.event, event.event_id).values())
        assert air.end(within=60) == 3, "one store never got the end"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--for", "soon"], ["--serve", "nowhere"], ["--serve", "127.0.0.1:99999"], ["--keep", "5s"], ["--keep", "ever"],
        ["--cert", "x"], ["--url", "live.example.org"], ["--to", "gopher://x/"], ["--for", "0s"], ["--for", "0.0"],
        ["--rank", "0"], ["--rank", "first"], ["--ntp", ""], ["--ntp", "a b"], ["--to", ""], ["--to", "http:/store"],
        ["--to", "/dev/null/store"], ["--url", "https://live.example.org/"], ["--cert", "/dev/null", "--key", "/dev/null"],
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(event: EventDir, out: Path, home: Path, wrong: list[str]) -> None:
    done = huma("live", *args(event, out), "--ntp", "none", *wrong, home=home)
    assert done.returncode == 2, done.stdout
    what, hint = done.stderr.splitlines()
    assert what.startswith("Error: ")
    assert hint.startswith("  → ")
    assert not (out / "live").exists()


def test_an_event_without_a_place_to_publish_to_is_refused(event: EventDir, home: Path) -> None:
    done = huma("live", "test", "--event", str(event.path), "--ntp", "none", home=home)
    assert done.returncode == 2
    assert "--serve" in done.stderr


def test_two_accounts_of_one_machine_are_refused(
    event: EventDir, out: Path, home: Path, tmp_path: Path
) -> None:
    with Airing(args(event, out), home) as air:
        air.until(lambda line: line.get("state") == "opening")
        done = huma(
            "live",
            "test",
            "--event",
            str(event.path),
            "--to",
            str(tmp_path / "b"),
            "--ntp",
            "none",
            "--json",
            home=tmp_path / "other-home",
        )
    assert done.returncode == 2
    assert '"already-live"' in done.stdout


def test_a_port_in_use_is_told(event: EventDir, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        place = f"127.0.0.1:{door.getsockname()[1]}"
        done = huma(
            "live", "test", "--event", str(event.path), "--serve", place, "--ntp", "none", "--json", home=home
        )
    assert done.returncode == 2
    assert '"port-in-use"' in done.stdout
    assert place in done.stdout


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("30s", 30),
        ("1.5s", 1.5),
        ("250ms", 0.25),
        ("10m", 600),
        ("10min", 600),
        ("2h", 7200),
        ("1d", 86400),
    ],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert float(parse_duration("--for", text)) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "1e3s", "5 s 3", "１s", "5y", "9" * 30])
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration("--for", text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:8400", ("127.0.0.1", 8400)), (":8400", ("127.0.0.1", 8400)), ("8400", ("127.0.0.1", 8400)),
        ("198.51.100.7:80", ("198.51.100.7", 80)), ("[::1]:8400", ("::1", 8400)), ("live.example.org:443", ("live.example.org", 443)),
    ],
)  # fmt: skip
def test_places(text: str, place: tuple[str, int]) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize(
    "text", ["", ":", "host:", "::1:80", "host:70000", "http://x:80", "a b:x", "[::1]80"]
)
def test_no_places(text: str) -> None:
    with pytest.raises(UsageError):
        parse_place(text)
