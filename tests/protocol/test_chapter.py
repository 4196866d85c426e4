"""Chapters and checkpoints: laws that hold for every chapter and every liar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocol.document_strategies import chapters, damaged
from vectors.make import kit
from vectors.make.chapter import BASE, BODY, CHECKPOINT, DATA

from huma.config import CHAPTER_MAX_BYTES, CHAPTER_TICKS
from huma.errors import BugError, HumaError
from huma.protocol.chapter import Chapter, ChapterRef, chapter_of, render_chapter, verify_chapter
from huma.protocol.checkpoint import Checkpoint, render_checkpoint, verify_checkpoint
from huma.protocol.names import sha256_hex
from huma.protocol.playlist import verify_live


def verify(data: bytes, digest: str | None = None) -> Chapter:
    return verify_chapter(data, event=kit.EVENT, event_id=kit.EVENT_ID, rendition="v360", digest=digest)


@given(chapters())
def test_what_is_rendered_is_read_back(chapter: Chapter) -> None:
    data = render_chapter(chapter, kit.A)
    assert verify(data, sha256_hex(data)) == chapter
    assert {chapter_of(n, 1) for n in chapter.numbers} == {chapter.n}


@given(chapters(), st.integers(min_value=0), st.integers(0, 7))
def test_no_flipped_bit_is_accepted(chapter: Chapter, where: int, bit: int) -> None:
    forged = bytearray(render_chapter(chapter, kit.A))
    forged[where % len(forged)] ^= 1 << bit
    with pytest.raises(HumaError):
        verify(bytes(forged))


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_end_in_our_errors(data: bytes) -> None:
    with pytest.raises(HumaError):
        verify(data)


@given(damaged(BODY))
def test_what_a_signer_without_rules_signs_has_one_spelling(body: str) -> None:
    try:
        found = verify(kit.raw_signed(body.encode(), kit.A, "chapter"))
    except HumaError:
        return
    again, given_lines = kit.body_of(render_chapter(found, kit.A)).split("\n"), body.split("\n")
    assert sorted(again[1].split(",")) == sorted(given_lines[1].split(","))
    assert again[2:] == given_lines[2:]


def test_a_chapter_is_no_live_playlist() -> None:
    with pytest.raises(HumaError) as caught:
        verify_live(DATA, event=kit.EVENT, event_id=kit.EVENT_ID, rendition="v360")
    assert caught.value.code == "wrong-type"


@pytest.mark.parametrize("ticks", [1, 4])
def test_each_segment_is_of_one_chapter(ticks: int) -> None:
    for n in range(1200):
        assert chapter_of(n, ticks) == n * ticks // CHAPTER_TICKS


def test_the_fullest_chapter_fits() -> None:
    names = [kit.media(f"init {n}", "mp4") for n in range(CHAPTER_TICKS)]
    fullest = tuple(
        replace(entry, discontinuity=True, pdt_ms=kit.EPOCH_MS, init=name)
        for entry, name in zip(kit.entries(1120, CHAPTER_TICKS), names, strict=True)
    )
    assert len(render_chapter(replace(BASE, entries=fullest), kit.A)) <= CHAPTER_MAX_BYTES


@pytest.mark.parametrize(
    "chapter",
    [
        replace(BASE, entries=()),
        replace(BASE, keyid=kit.B.public.keyid),
        replace(BASE, n=-1),
        replace(BASE, prev=ChapterRef(1, 3, "short")),
        replace(BASE, entries=(replace(BASE.entries[0], skip=1, discontinuity=True), *BASE.entries[1:])),
    ],
)
def test_what_no_viewer_accepts_is_not_signed(chapter: Chapter) -> None:
    with pytest.raises(BugError):
        render_chapter(chapter, kit.A)


def test_a_checkpoint_is_read_back() -> None:
    data = render_checkpoint(CHECKPOINT, kit.B)
    assert verify_checkpoint(data, event=kit.EVENT, event_id=kit.EVENT_ID) == CHECKPOINT


def test_no_flipped_bit_of_a_checkpoint_changes_what_it_says() -> None:
    """The envelope is JSON, so that a flip may spell the same value otherwise; it never says anything else."""
    data = render_checkpoint(CHECKPOINT, kit.B)
    accepted: list[Checkpoint] = []
    for at in range(len(data)):
        for bit in range(8):
            forged = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            try:
                accepted.append(verify_checkpoint(forged, event=kit.EVENT, event_id=kit.EVENT_ID))
            except HumaError:
                continue
    assert all(each == CHECKPOINT for each in accepted)


def test_a_checkpoint_is_signed_by_the_key_it_names() -> None:
    with pytest.raises(BugError):
        render_checkpoint(CHECKPOINT, kit.A)
