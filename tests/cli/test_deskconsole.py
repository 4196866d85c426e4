"""The organiser's console beside a real desk."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huma.keys.eventdir import EventDir
from huma.protocol.steering import parse_steering
from tests.cli.airing import Airing
from tests.cli.desking import Desk
from tests.cli.running import huma
from tests.cli.test_console import names

DOC = (Path(__file__).parents[2] / "docs/reference/desk.md").read_text()


@pytest.fixture
def desk(event: EventDir, out: Path, home: Path) -> Iterator[Desk]:
    with Desk(event, out, home) as running:
        yield running


def test_a_mirror_comes_and_goes_without_a_word_of_event_toml_lost(desk: Desk) -> None:
    before = (desk.event.path / "event.toml").read_text()
    north = desk.do("add-mirror", url="http://127.0.0.1:1/north", operator="North", **{"class": "lan"})[
        "mirror"
    ]
    desk.do(
        "add-mirror",
        url="http://127.0.0.1:2/",
        operator="East",
        id="east",
        **{"class": "lan", "tier": "trusted"},
    )
    state = desk.until(lambda found: [each["signed"] for each in found["mirrors"]] == [True, True])
    assert state["mirrors"][0] | {"url": ""} == {
        "id": north, "url": "", "operator": "North", "class": "lan", "tier": "volunteer", "signed": True,
        "withdrawn": False,
    }  # fmt: skip
    assert [mirror.url for mirror in desk.event.roster.mirrors] == [
        "http://127.0.0.1:1/north/",
        "http://127.0.0.1:2/",
    ]
    assert (desk.event.path / "event.toml").read_text().startswith(before.rstrip())
    desk.do("withdraw", mirror=north)
    assert desk.refused("withdraw", mirror="east") == "last-mirror"
    steering = desk.event.trusted.target_path("steering.json")
    assert parse_steering(desk.event.read(steering) or b"").withdrawn == (north,)
    end = time.monotonic() + 30
    while not (desk.store / steering).exists():
        assert time.monotonic() < end, "it was not brought to the store"
        time.sleep(0.1)
    desk.do("restore", mirror=north)
    assert not desk.state()["mirrors"][0]["withdrawn"]
    desk.do("remove-mirror", mirror="east")
    desk.until(lambda found: [each["id"] for each in found["mirrors"]] == [north])
    assert desk.refused("remove-mirror", mirror=north) == "last-mirror"
    assert desk.refused("withdraw", mirror="nobody") == "mirror-id"
    assert desk.refused("add-mirror", url="ftp://a/", operator="A")
    assert desk.refused("add-mirror", url="https://a.example/", operator="A", id=north) == "mirror-id"


def test_a_live_key_is_made_and_one_revoked_by_its_whole_name(desk: Desk) -> None:
    made = desk.do("add-live-key")
    keys = desk.state()["live_keys"]
    assert [key["rank"] for key in keys] == [1, 2, 3, made["rank"]]
    assert all(key["sealed"] for key in keys[:3])
    assert desk.refused("revoke", keyid=keys[1]["keyid"][:8]) == "no-key"
    desk.do("revoke", keyid=keys[1]["keyid"])
    assert [key["revoked"] for key in desk.state()["live_keys"]] == [False, True, False, False]
    assert (desk.event.public / "live/revoked.json").exists()


def test_a_root_is_released_only_by_the_version_that_was_shown(desk: Desk) -> None:
    version = desk.state()["sealed_root"]
    assert desk.refused("release-root", version=version + 1) == "not-sealed"
    assert (desk.do("release-root", version=version)["version"], desk.state()["sealed_root"]) == (
        version,
        None,
    )


def test_on_the_air_is_what_is_seen_from_outside(event: EventDir, out: Path, home: Path) -> None:
    with Desk(event, out, home) as desk:
        state = desk.until(
            lambda found: found["desk"] is not None and found["seen"][0]["code"] == "nothing-live"
        )
        assert state["on_air"] == "off"
        assert next((each["code"], each["level"]) for each in state["alarms"]) == ("off-air", "alarm")
        words = ["test", "--event", str(event.path), "--to", str(out), "--console", "off"]
        with Airing(words, home) as air:
            state = desk.until(lambda found: found["on_air"] == "on" and found["seen"][0]["weighed"])
            assert state["seen"][0]["kind"] == "store"
            own = set(state["event"]["title"])
            told = set(names(state)) - own
            assert sorted(name for name in told if f"`{name}`" not in DOC and name not in _ELSEWHERE) == []
            assert air.end(signal.SIGINT) == 0
        desk.until(lambda found: found["on_air"] == "ended")


_ELSEWHERE = ("id", "title", "start_ms", "end_ms", "version", "expires_ms", "left_s", "age", "short")
"""Members that the other console's document tells of."""


def test_a_desk_that_wants_no_console(event: EventDir, out: Path, home: Path) -> None:
    done = huma("desk", "--event", str(event.path), "--to", str(out), "--once", home=home)
    assert done.returncode == 0
    assert "Console" not in done.stdout
    wrong = huma("desk", "--event", str(event.path), "--console", "x", home=home)
    assert wrong.returncode == 2
    assert "--console" in wrong.stderr
