"""Frames between the listener and its supervisor, however they are cut, and what is none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.net.srt.frames import FrameError, FrameReader, render_head

MOST = 1000


@given(
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=50)), max_size=20),
    st.lists(st.integers(0, 2000), max_size=20),
)
def test_however_they_are_cut(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    data = b"".join(render_head(number, len(body)) + body for number, body in frames)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    reader = FrameReader(MOST)
    found = [frame for a, b in pairwise(places) for frame in reader.feed(data[a:b])]
    assert found == frames


@given(st.binary(max_size=400))
def test_noise_is_frames_or_an_error_of_ours(data: bytes) -> None:
    reader = FrameReader(MOST)
    try:
        frames = list(reader.feed(data))
    except FrameError:
        return
    assert all(len(body) <= MOST for _, body in frames)


def test_one_that_is_too_long_is_refused_before_it_has_come() -> None:
    assert list(FrameReader(MOST).feed(render_head(1, MOST))) == []
    with pytest.raises(FrameError):
        list(FrameReader(MOST).feed(render_head(1, MOST + 1)))
