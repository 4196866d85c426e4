"""Is it MPEG-TS? Whole packets, cut anywhere, with pieces missing, and what is none."""

from __future__ import annotations

import random

import pytest

from huma.net.srt.syncing import SyncWatch


def packets(count: int, seed: int = 1) -> bytes:
    source = random.Random(seed)
    return b"".join(b"\x47" + source.randbytes(187) for _ in range(count))


@pytest.mark.parametrize("size", [188, 1316, 64 * 1024 // 1316 * 1316])
def test_whole_packets_are_in_step(size: int) -> None:
    watch, data = SyncWatch(), packets(1400)
    assert {watch.add(data[at : at + size]) for at in range(0, len(data), size)} == {0}


@pytest.mark.parametrize("size", [1000, 1316 - 1, 4096])
def test_so_are_packets_that_are_cut_anywhere(size: int) -> None:
    watch, data = SyncWatch(), packets(1400)
    assert {watch.add(data[at : at + size]) for at in range(0, len(data), size)} == {0}


def test_it_finds_its_step_again_after_a_hole() -> None:
    watch, data = SyncWatch(), packets(200)
    assert watch.add(data[: 188 * 50]) == 0
    assert watch.add(data[188 * 50 + 77 :]) == 0


def test_a_hole_in_the_middle_of_a_piece_costs_that_piece() -> None:
    watch, data = SyncWatch(), packets(300)
    piece = data[: 188 * 20] + data[188 * 20 + 5 : 188 * 40]
    assert watch.add(piece) == len(piece)
    assert watch.add(data[188 * 40 :]) == 0


def test_single_packets_are_looked_at_together() -> None:
    watch, data = SyncWatch(), packets(40)
    assert {watch.add(data[at : at + 188]) for at in range(0, len(data), 188)} == {0}
    assert len(watch._held) < 4 * 188


@pytest.mark.parametrize("what", [b"\x00", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x80!\x00\x01FLV"])
def test_what_is_none_adds_up(what: bytes) -> None:
    watch = SyncWatch()
    data = (what * 2000)[:1316]
    assert [watch.add(data) for _ in range(3)] == [1316, 2632, 3948]


def test_noise_adds_up_in_any_pieces() -> None:
    source = random.Random(5)
    for size in (7, 188, 1316, 65_000):
        watch = SyncWatch()
        total = sum(size for _ in range(300_000 // size))
        found = [watch.add(source.randbytes(size)) for _ in range(300_000 // size)]
        assert max(found) > total * 0.9, size


def test_nothing_is_nothing() -> None:
    assert SyncWatch().add(b"") == 0
