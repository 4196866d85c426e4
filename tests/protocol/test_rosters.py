"""roster.json, steering.json, revoked.json, and the addresses in them."""

from __future__ import annotations

import ipaddress
from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import json_values, revocations, rosters, steerings
from vectors.make import kit

from huma.config import MAX_LIVE_KEYS, REVOKED_MAX_BYTES
from huma.errors import HumaError, MalformedError, SignatureError
from huma.protocol import hosts as addresses
from huma.protocol.revocation import (
    Revocation,
    RootRole,
    merge_revoked,
    parse_revoked,
    render_revocation,
    render_revoked,
    sign_revocation,
    verify_revocation,
)
from huma.protocol.roster import Mirror, Roster, parse_roster, render_roster
from huma.protocol.steering import Steering, parse_steering, render_steering
from huma.protocol.strictjson import render_json


@given(rosters)
def test_a_roster_is_read_back(roster: Roster) -> None:
    assert parse_roster(render_roster(roster)) == roster


@given(steerings)
def test_a_steering_is_read_back(steering: Steering) -> None:
    assert parse_steering(render_steering(steering)) == steering


@given(st.lists(revocations, max_size=4, unique_by=lambda entry: (entry.event, entry.keyid)))
def test_revocations_are_read_back(entries: list[Revocation]) -> None:
    assert sorted(parse_revoked(render_revoked(entries)), key=repr) == sorted(entries, key=repr)


@given(st.binary(max_size=300))
@example(b'{"revoked":[]}')
def test_arbitrary_bytes_end_in_our_errors(data: bytes) -> None:
    for parse in (parse_roster, parse_steering, parse_revoked):
        try:
            parse(data)
        except HumaError:
            continue


@given(json_values)
def test_arbitrary_json_ends_in_our_errors(value: object) -> None:
    with pytest.raises(MalformedError):
        parse_roster(render_json({"v": 1, "mirrors": [value]}))
    for name in ("weights", "withdrawn", "hints"):
        try:
            parse_steering(render_json({"v": 1, "weights": {}, "withdrawn": [], "hints": []} | {name: value}))
        except HumaError:
            continue
    assert parse_revoked(render_json({"revoked": [value]})) == ()


def test_the_empty_list_that_always_exists() -> None:
    assert render_revoked(()) == b'{"revoked":[]}\n'
    assert parse_revoked(b'{"revoked":[]}\n') == ()


ROOTS = [(f"{n}" * 64, root) for n, root in enumerate(kit.ROOTS)]
ROLE = RootRole(2, {keyid: root.public for keyid, root in ROOTS})
GOOD = sign_revocation(kit.EVENT_ID, kit.A.public.keyid, ROOTS[:2])
OF_B = sign_revocation(kit.EVENT_ID, kit.B.public.keyid, ROOTS[1:])


def test_a_sealed_revocation_counts() -> None:
    (entry,) = parse_revoked(render_revocation(GOOD))
    assert verify_revocation(entry, [ROLE], event_id=kit.EVENT_ID) == GOOD


def test_any_root_of_the_chain_counts() -> None:
    newer = RootRole(1, {"f" * 64: kit.STRANGER.public})
    assert verify_revocation(GOOD, [newer, ROLE], event_id=kit.EVENT_ID) is GOOD
    with pytest.raises(SignatureError):
        verify_revocation(GOOD, [newer], event_id=kit.EVENT_ID)
    with pytest.raises(SignatureError):
        verify_revocation(GOOD, [], event_id=kit.EVENT_ID)


def test_a_revocation_is_of_one_event() -> None:
    with pytest.raises(HumaError) as caught:
        verify_revocation(GOOD, [ROLE], event_id=kit.OTHER_EVENT_ID)
    assert caught.value.code == "wrong-event"


@given(st.integers(min_value=0), st.integers(0, 7))
def test_no_flipped_bit_revokes_another_key(where: int, bit: int) -> None:
    data = bytearray(render_revoked([GOOD, OF_B]))
    data[where % len(data)] ^= 1 << bit
    try:
        entries = parse_revoked(bytes(data))
    except HumaError:
        return
    for entry in entries:
        try:
            verify_revocation(entry, [ROLE], event_id=kit.EVENT_ID)
        except HumaError:
            continue
        assert entry.keyid in {kit.A.public.keyid, kit.B.public.keyid}


def test_the_union_only_grows_and_does_not_depend_on_order() -> None:
    for lists in permutations([[GOOD], [OF_B, GOOD], []]):
        merged = merge_revoked(*lists)
        assert {entry.keyid for entry in merged} == {GOOD.keyid, OF_B.keyid}
        assert merge_revoked(merged, [GOOD]) == merged


def test_revocations_of_all_live_keys_fit() -> None:
    sixteen = [(f"{n:064x}", ROOTS[0][1]) for n in range(16)]
    entries = [sign_revocation(kit.EVENT_ID, f"{n:016x}", sixteen) for n in range(MAX_LIVE_KEYS)]
    assert len(render_revoked(entries)) <= REVOKED_MAX_BYTES
    with pytest.raises(MalformedError):
        render_revoked([sign_revocation(kit.EVENT_ID, f"{n:016x}", ROOTS) for n in range(100)])


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://a.example"])
def test_a_mirror_that_cannot_be_read_is_not_written(url: str) -> None:
    with pytest.raises(MalformedError):
        render_roster(Roster((Mirror("m1", url, "Example", "server", "trusted"),)))


@given(st.ip_addresses(v=6))
def test_ipv6_is_read_as_the_standard_library_reads_it(address: ipaddress.IPv6Address) -> None:
    groups = addresses.parse_ipv6(str(address)) if "." not in str(address) else None
    if groups is not None:
        assert b"".join(group.to_bytes(2, "big") for group in groups) == address.packed
        zone = addresses.zone_of(f"[{address}]")
        assert zone != "public" or address.is_global or address in _READ_AS_PUBLIC


_READ_AS_PUBLIC = ipaddress.ip_network("2000::/3")
"""Documentation and other reserved parts of 2000::/3 lead nowhere, so that nobody is harmed by asking there."""


@given(st.ip_addresses(v=4))
@example(ipaddress.IPv4Address("127.255.255.255"))
@example(ipaddress.IPv4Address("100.127.255.255"))
@example(ipaddress.IPv4Address("172.31.255.255"))
def test_no_private_ipv4_address_passes_for_public(address: ipaddress.IPv4Address) -> None:
    zone = addresses.zone_of(str(address))
    nowhere = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    if not address.is_global and not any(address in net for net in nowhere):
        assert zone in {"private", "loopback"}
    if address.is_global and not address.is_multicast and not address.is_reserved:
        assert zone == "public" or address in ipaddress.ip_network("192.0.0.0/24")


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.:\[\]/-]{1,40}/", fullmatch=True))
def test_arbitrary_urls_end_in_our_errors(text: str) -> None:
    try:
        url = addresses.parse_mirror_url(text)
    except MalformedError:
        return
    assert text.isascii()
    assert text.endswith("/")
    assert url.origin.startswith(f"{url.scheme}://{url.host}:")
    assert url.zone in {"public", "onion", "loopback", "private"}
