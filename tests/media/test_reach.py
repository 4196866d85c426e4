"""Where a web source may lead."""

from __future__ import annotations

import pytest

from huma.errors import TransportError
from huma.media.allowance import RefusedError
from huma.media.reach import Reach, is_public, resolve


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::1"]
)
def test_these_are_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.2.1", "198.18.0.1", "224.0.0.251", "239.1.1.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "ff0e::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::1", "2002:c0a8:101::1", "2001:db8::1", "", "localhost", "1.1.1",
    ],
)  # fmt: skip
def test_these_are_not(address: str) -> None:
    assert not is_public(address)


NAMES = {
    "film.example": ("1.1.1.1", "2606:4700::1111"),
    "cdn.example": ("9.9.9.9",),
    "mixed.example": ("10.0.0.1", "1.1.1.1"),
    "evil.example": ("127.0.0.1",),
    "studio.lan": ("192.168.7.7",),
}


def reach(typed: str, names: dict[str, tuple[str, ...]] | None = None) -> Reach:
    return Reach(typed, resolve=lambda name: (NAMES if names is None else names).get(name, ()))


@pytest.mark.parametrize("typed", ["film.example", "1.1.1.1", "mixed.example"])
def test_from_the_internet_it_goes_to_the_internet_only(typed: str) -> None:
    of = reach(typed)
    assert of.addresses(typed)
    assert of.addresses("cdn.example") == ("9.9.9.9",)
    assert of.addresses("mixed.example") == ("1.1.1.1",)
    for inside in ("evil.example", "studio.lan", "127.0.0.1", "::1", "169.254.169.254"):
        with pytest.raises(RefusedError) as refused:
            of.addresses(inside)
        assert refused.value.code == "source-astray"


@pytest.mark.parametrize("typed", ["studio.lan", "192.168.7.7", "::1"])
def test_from_inside_it_goes_anywhere(typed: str) -> None:
    of = reach(typed)
    assert of.addresses(typed)
    for host in ("evil.example", "studio.lan", "127.0.0.1", "cdn.example"):
        assert of.addresses(host)


def test_nothing_goes_inside_before_the_first_is_known() -> None:
    with pytest.raises(RefusedError):
        reach("film.example").addresses("studio.lan")


def test_a_name_that_leads_nowhere_yet_decides_nothing() -> None:
    names: dict[str, tuple[str, ...]] = {}
    of = reach("studio.lan", names)
    with pytest.raises(TransportError):
        of.addresses("studio.lan")
    names["studio.lan"] = ("192.168.7.7",)
    assert of.addresses("studio.lan") == ("192.168.7.7",)


def test_a_name_keeps_to_what_it_was_at_first() -> None:
    names: dict[str, tuple[str, ...]] = {"film.example": ("1.1.1.1",)}
    of = reach("film.example", names)
    of.addresses("film.example")
    names["film.example"] = ("127.0.0.1",)
    with pytest.raises(RefusedError):
        of.addresses("film.example")


def test_where_a_proxy_looks_names_up_only_names_are_judged() -> None:
    of = reach("film.example", {})
    of.check_name("film.example")
    of.check_name("cdn.example")
    for inside in ("localhost", "127.0.0.1", "::1", "10.0.0.1"):
        with pytest.raises(RefusedError):
            of.check_name(inside)
    mine = reach("10.0.0.1", {})
    mine.check_name("10.0.0.1")
    mine.check_name("localhost")


def test_real_names_are_looked_up() -> None:
    assert "127.0.0.1" in resolve("localhost")
    assert resolve("127.1") == ("127.0.0.1",), "however it is written"
    assert resolve("nowhere.invalid") == ()
    assert resolve("x" * 70) == ()
