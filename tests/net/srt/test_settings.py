"""What a door may be opened with."""

from __future__ import annotations

import socket

import pytest

from huma.errors import UsageError
from huma.net.srt.door import SrtDoor
from huma.net.srt.settings import check_settings, is_loopback

GOOD = "correct-horse"


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "studio.example", "localhost.example"])
def test_whoever_can_be_reached_needs_a_passphrase(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_settings(host, "", 200, None)
    assert caught.value.code == "srt-passphrase"
    assert caught.value.hint
    check_settings(host, GOOD, 200, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_none(host: str) -> None:
    assert is_loopback(host)
    check_settings(host, "", 200, None)


@pytest.mark.parametrize(
    "passphrase", ["x" * 9, "x" * 80, "with a space in it", "گذرواژه-گذرواژه", "line\nbreak-in-it"]
)
def test_passphrases_that_do_not_work_everywhere(passphrase: str) -> None:
    for host in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(UsageError) as caught:
            check_settings(host, passphrase, 200, None)
        assert caught.value.code == "srt-passphrase"
        assert passphrase not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("passphrase", ["x" * 10, "x" * 79])
def test_passphrases_of_every_length_that_srt_takes(passphrase: str) -> None:
    check_settings("0.0.0.0", passphrase, 200, None)


@pytest.mark.parametrize(
    ("latency_ms", "streamid"), [(19, None), (8_001, None), (200, ""), (200, "x" * 513), (200, "a b")]
)
def test_other_settings_out_of_bounds(latency_ms: int, streamid: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        check_settings("0.0.0.0", GOOD, latency_ms, streamid)
    assert caught.value.code == "srt-setting"


def test_a_port_that_another_has_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(UsageError) as caught:
            SrtDoor("main", "127.0.0.1", other.getsockname()[1], GOOD, option="--srt-port")
    assert caught.value.code == "port-in-use"
    assert "--srt-port" in caught.value.hint


def test_an_address_of_another_machine_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        SrtDoor("main", "192.0.2.1", 0, GOOD)
    assert caught.value.code == "bad-address"


def test_the_port_is_ours_before_it_is_opened_and_free_after_it_is_stopped() -> None:
    door = SrtDoor("main", port=0, passphrase=GOOD)
    with pytest.raises(UsageError):
        SrtDoor("other", port=door.port, passphrase=GOOD)
    assert GOOD not in f"{door.state} {door!r} {door._order}"
    door.stop()
    SrtDoor("other", port=door.port, passphrase=GOOD).stop()
