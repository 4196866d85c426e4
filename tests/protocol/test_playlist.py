"""Live playlists: laws that hold for every playlist and every liar."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import damaged, playlists
from vectors.make import kit
from vectors.make.playlistbase import BASE, BODY, DATA

from huma.config import LIVE_MAX_BYTES
from huma.errors import BugError, HumaError
from huma.protocol.playlist import LivePlaylist, looks_like_ours, render_live, signed_digest, verify_live
from huma.protocol.segments import start_times


def verify(data: bytes) -> LivePlaylist:
    return verify_live(data, event=kit.EVENT, event_id=kit.EVENT_ID, rendition="v360")


@given(playlists())
def test_what_is_rendered_is_read_back(playlist: LivePlaylist) -> None:
    data = render_live(playlist, kit.A)
    found = verify(data)
    assert found == playlist
    assert found.signed_digest == signed_digest(data)
    assert looks_like_ours(data, kit.EVENT_ID)
    assert len(data) <= LIVE_MAX_BYTES


@given(playlists(), st.integers(min_value=0), st.integers(0, 7))
def test_no_flipped_bit_is_accepted(playlist: LivePlaylist, where: int, bit: int) -> None:
    forged = bytearray(render_live(playlist, kit.A))
    forged[where % len(forged)] ^= 1 << bit
    with pytest.raises(HumaError):
        verify(bytes(forged))


def test_no_flipped_bit_of_one_playlist_is_accepted() -> None:
    for at in range(len(DATA)):
        for bit in range(8):
            forged = DATA[:at] + bytes([DATA[at] ^ 1 << bit]) + DATA[at + 1 :]
            with pytest.raises(HumaError):
                verify(forged)


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_nothing_taken_out_or_doubled_is_accepted(start: int, length: int) -> None:
    start, length = start % len(DATA), 1 + length % 200
    for forged in (DATA[:start] + DATA[start + length :], DATA[: start + length] + DATA[start:]):
        with pytest.raises(HumaError):
            verify(forged)


@given(st.binary(max_size=2000))
@example(b"#EXTM3U\n#EXT-X-HUMA:V=1\n\n")
@example(b"\xff\xfe")
def test_arbitrary_bytes_end_in_our_errors(data: bytes) -> None:
    with pytest.raises(HumaError):
        verify(data)
    assert not looks_like_ours(data, kit.EVENT_ID)


@given(damaged(BODY))
def test_what_a_signer_without_rules_signs_has_one_spelling(body: str) -> None:
    """Whatever is accepted is what we would have written, but for the order of attributes."""
    try:
        found = verify(kit.raw_signed(body.encode(), kit.A, "live"))
    except HumaError:
        return
    again = kit.body_of(render_live(found, kit.A)).split("\n")
    given_lines = body.split("\n")
    assert again[0] == given_lines[0]
    assert sorted(again[1].split(",")) == sorted(given_lines[1].split(","))
    assert again[2:] == given_lines[2:]


def test_a_year_of_segments_does_not_drift() -> None:
    """EXTINF loses a third of a microsecond a segment, and each playlist has a date of its own."""
    tick = kit.EVENT.grid.duration
    for first in (0, 1, 999_999, 29_565_000):
        entries = tuple(replace(entry, size=7) for entry in kit.entries(first, 6))
        playlist = replace(BASE, media_sequence=first, tick=first + 5, entries=entries)
        found = verify(render_live(playlist, kit.A))
        assert sum((entry.duration for entry in found.entries), Fraction(0)) == 6 * tick
        exact = [kit.EVENT.grid.start_ms(first + n) for n in range(6)]
        assert all(abs(a - b) <= 1 for a, b in zip(start_times(found.entries), exact, strict=True))


def test_a_copy_keeps_its_sums() -> None:
    """D13: the ends are rounded, so that the sum of all durations is off by half a microsecond at most."""
    ends = [Fraction(n * 100_001, 30_000) for n in range(1001)]
    rounded = [Fraction(int(end * 1_000_000 + Fraction(1, 2)), 1_000_000) for end in ends]
    durations = [after - before for before, after in itertools.pairwise(rounded)]
    assert abs(sum(durations) - ends[-1]) <= Fraction(1, 2_000_000)


@pytest.mark.parametrize(
    "playlist",
    [
        replace(BASE, tick=1238),
        replace(BASE, tick=-1),
        replace(BASE, entries=()),
        replace(BASE, entries=kit.entries(1228, 13), media_sequence=1227),
        replace(BASE, target_duration=1, entries=kit.entries(1234, 6, Fraction(3))),
        replace(BASE, prev=None),
        replace(BASE, keyid=kit.B.public.keyid),
        replace(BASE, event="somewhere"),
        replace(BASE, entries=(replace(BASE.entries[0], pdt_ms=None), *BASE.entries[1:])),
        replace(BASE, issued_ms=-1),
        replace(BASE, rendition="V"),
        replace(BASE, extra=(("TICK", "7"),)),
        replace(BASE, extra=(("X", "1,TICK=7"),)),
        replace(BASE, extra=(("X", "y" * 1100),)),
        replace(BASE, entries=(replace(BASE.entries[0], size=0), *BASE.entries[1:])),
        replace(BASE, entries=(*BASE.entries[:-1], replace(BASE.entries[0], init=kit.media("x", "mp4")))),
        replace(
            BASE, entries=(*BASE.entries[:-1], replace(BASE.entries[0], init_size=1, discontinuity=True))
        ),
        replace(BASE, entries=(*BASE.entries[:-1], replace(BASE.entries[0], skip=1, discontinuity=True))),
    ],
)
def test_what_no_viewer_accepts_is_not_signed(playlist: LivePlaylist) -> None:
    with pytest.raises(BugError):
        render_live(playlist, kit.A)


def test_a_playlist_of_a_rendition_that_the_event_lost_is_refused() -> None:
    fewer = replace(kit.EVENT, renditions=kit.EVENT.renditions[1:])
    with pytest.raises(HumaError) as caught:
        verify_live(DATA, event=fewer, event_id=kit.EVENT_ID, rendition="v360")
    assert caught.value.code == "wrong-rendition"


def test_no_error_shows_more_than_a_line_of_what_was_sent() -> None:
    with pytest.raises(HumaError) as caught:
        verify(DATA.replace(b"../media/", b"https://evil.example/" + b"x" * 700, 1))
    assert len(str(caught.value)) < 200
