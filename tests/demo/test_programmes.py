"""The forger's programme and the prepared one, encoded for real and looked at."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import av
import pytest

from huma.demo.forgery import FORGED_STAMP_MS, encode_forgery
from huma.demo.fragments import decode_times, moved_to
from huma.demo.prepared import PreparedProgramme, prepare
from huma.errors import MediaError
from huma.media import barcode
from huma.media.canvas import planes
from huma.media.clock import FastClock
from huma.media.segment import Segment
from huma.protocol.event import Event
from huma.protocol.signature import Ed25519Signer
from tests.demo.demo_event import an_event

LOOP = 4


def small_event() -> Event:
    event = an_event(Ed25519Signer.from_seed(bytes(range(32))))
    v360, v144, sound = event.renditions
    small = replace(v144, width=256, height=144, codecs="avc1.64000c")
    slow = replace(small, name="v144s", ticks_per_segment=4)
    return replace(event, renditions=(replace(v360, height=360), small, sound, slow))


def stamps(init: bytes, data: bytes) -> list[int | None]:
    with av.open(BytesIO(init + data), mode="r") as container:
        return [barcode.decode(planes(frame)[0]) for frame in container.decode(video=0)]


def test_a_forged_segment_is_sound_media_that_says_it_is_forged() -> None:
    event = small_event()
    templates = encode_forgery(event)
    assert set(templates) == {"v360", "v144", "v144s"}
    for name, template in templates.items():
        found = stamps(template.init, template.segment)
        assert len(found) == (128 if name == "v144s" else 32)
        assert set(found) == {FORGED_STAMP_MS}
    assert len(decode_times(templates["v144s"].segment)) == 4


def test_a_forged_segment_fits_the_place_of_any_other() -> None:
    event = small_event()
    template = encode_forgery(event)["v360"]
    genuine = prepare("test", event, 8)["v360"][6]
    moved = moved_to(template.segment, decode_times(genuine.data))
    assert set(stamps(genuine.init, moved)) == {FORGED_STAMP_MS}
    with pytest.raises(MediaError):
        moved_to(template.segment, [1, 2, 3])


@pytest.fixture(scope="module")
def round_trip() -> tuple[Event, dict[str, list[Segment]], list[Segment]]:
    event = small_event()
    prepared = prepare("test", event, LOOP)
    programme = PreparedProgramme(prepared, event, 10, FastClock(event.grid.start_ms(10)))
    programme.stop(at_tick=10 + 3 * LOOP)
    made: list[Segment] = []
    programme.run(made.append)
    return event, prepared, made


def of(made: list[Segment], rendition: str) -> list[Segment]:
    return [segment for segment in made if segment.rendition == rendition]


def test_a_prepared_programme_goes_round_without_a_seam(
    round_trip: tuple[Event, dict[str, list[Segment]], list[Segment]],
) -> None:
    event, _, made = round_trip
    assert [segment.n for segment in of(made, "v360")] == list(range(10, 10 + 3 * LOOP))
    times = [decode_times(segment.data)[0] for segment in of(made, "v360")]
    assert {b - a for a, b in itertools.pairwise(times)} == {96_000}  # 16/15 s at 90 kHz
    sound = [decode_times(segment.data)[0] for segment in of(made, "a-en")]
    assert {b - a for a, b in itertools.pairwise(sound)} == {51_200}
    for segment in made:
        assert segment.start_ms == event.grid.start_ms(segment.n * segment.ticks)
        assert segment.duration == Fraction(16, 15) * segment.ticks


def test_slow_segments_are_whole_and_begin_within_the_programme(
    round_trip: tuple[Event, dict[str, list[Segment]], list[Segment]],
) -> None:
    _, _, made = round_trip
    slow = of(made, "v144s")
    assert [segment.n for segment in slow] == [3, 4]
    assert all(len(decode_times(segment.data)) == 4 for segment in slow)


def test_pictures_come_back_as_they_were_made(
    round_trip: tuple[Event, dict[str, list[Segment]], list[Segment]],
) -> None:
    _, prepared, made = round_trip
    video = of(made, "v360")
    assert stamps(video[0].init, video[0].data) == stamps(
        prepared["v360"][10 % LOOP].init, prepared["v360"][10 % LOOP].data
    )
    assert video[0].data != video[LOOP].data
    assert stamps(video[0].init, video[0].data) == stamps(video[LOOP].init, video[LOOP].data)


def test_it_stops_when_told() -> None:
    event = small_event()
    prepared = prepare("test", event, LOOP)
    programme = PreparedProgramme(prepared, event, 0)  # the epoch lies years ahead: it waits
    thread = threading.Thread(target=programme.run, args=(lambda _: None,))
    thread.start()
    programme.stop()
    thread.join(2)
    assert not thread.is_alive()
