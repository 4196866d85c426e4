from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huma.net.rtmp.arrival import Arrival
from huma.net.rtmp.description import Description
from huma.net.rtmp.flv import SCRIPT
from huma.net.rtmp.limits import LIMITS, Limits
from huma.net.rtmp.messages import AUDIO, VIDEO
from huma.net.rtmp.publication import Publication
from huma.net.rtmp.streamkeys import StreamKey
from huma.net.rtmp.tags import Role, Tag
from tests.net.rtmp.encoder import KEY_FRAME, OTHER_FRAME, PICTURE_HEADER, SOUND, SOUND_HEADER
from tests.net.rtmp.flvfile import FileTag, read_flv

KEY = StreamKey.of("main", "k" * 20, 2**53, "fa")
TAGS: dict[str, tuple[int, Role, bytes]] = {
    "H": (VIDEO, "header", PICTURE_HEADER),
    "A": (AUDIO, "header", SOUND_HEADER),
    "K": (VIDEO, "key", KEY_FRAME),
    "p": (VIDEO, "other", OTHER_FRAME),
    "a": (AUDIO, "key", SOUND),
    "x": (VIDEO, "aside", b"\x57\0"),
}
NAMES = {payload: letter for letter, (_, _, payload) in TAGS.items()}


class Stage:
    """A publication and whoever may read it."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.offered: list[Arrival] = []
        self.publication = Publication(KEY, limits, lambda: 0, self.offered.append)

    def take(self, *tags: tuple[str, int]) -> None:
        for letter, timestamp in tags:
            kind, role, payload = TAGS[letter]
            self.publication.take(Tag(kind, role, timestamp % 2**32, payload))

    def read(self, index: int = 0) -> tuple[int, list[FileTag]]:
        self.publication.end()
        return read_flv(b"".join(iter(lambda: self.offered[index].read(1000), b"")))


def shown(tags: list[FileTag]) -> list[tuple[str, int]]:
    return [(NAMES[tag.payload], tag.timestamp) for tag in tags if tag.kind != SCRIPT]


def test_headers_come_first_and_time_begins_at_zero() -> None:
    stage = Stage()
    stage.take(("H", 0), ("K", 5_023), ("p", 5_063), ("A", 0), ("a", 5_000), ("x", 5_080), ("p", 5_103))
    flags, tags = stage.read()
    assert flags == 5
    assert shown(tags) == [("H", 0), ("A", 0), ("K", 23), ("p", 63), ("a", 0), ("p", 103)]
    assert (stage.offered[0].name, stage.offered[0].language) == ("main", "fa")


def test_the_metadata_stand_at_the_head() -> None:
    stage = Stage()
    stage.publication.describe(Description(b"\2script", has_picture=True))
    stage.take(("H", 0), ("K", 0))
    flags, tags = stage.read()
    assert flags == 1
    assert tags[0] == (SCRIPT, 0, b"\2script")
    assert shown(tags) == [("H", 0), ("K", 0)]


def test_a_stream_without_pictures_waits_a_moment_and_goes_on_alone() -> None:
    stage = Stage()
    stage.take(("A", 0), *(("a", step * 21) for step in range(47)))
    assert stage.offered == []
    stage.take(("a", 1_000))
    flags, tags = stage.read()
    assert flags == 4
    assert len(tags) == 1 + 48


def test_what_cannot_be_decoded_is_not_passed_on() -> None:
    stage = Stage()
    stage.take(("K", 0), ("a", 0), ("H", 40), ("A", 40), ("K", 40), ("a", 40))
    assert shown(stage.read()[1]) == [("H", 0), ("A", 0), ("K", 0), ("a", 0)]
    assert stage.publication.dropped == 2


def test_a_short_stream_can_be_read_after_its_end() -> None:
    stage = Stage()
    stage.take(("H", 0), ("K", 0))
    assert shown(stage.read()[1]) == [("H", 0), ("K", 0)]


def test_who_lets_go_can_begin_again_at_a_key_frame() -> None:
    stage = Stage()
    stage.take(("H", 0), ("A", 0), ("K", 0), ("a", 0), ("p", 40))
    stage.offered[0].close()
    stage.take(("p", 80), ("a", 90), ("K", 120), ("a", 110), ("p", 160))
    assert len(stage.offered) == 2
    assert shown(stage.read(1)[1]) == [("H", 0), ("A", 0), ("K", 0), ("a", 0), ("p", 40)]


def test_a_new_sequence_header_stands_where_it_came() -> None:
    stage = Stage()
    stage.take(("H", 0), ("A", 0), ("K", 0), ("a", 0), ("H", 40), ("K", 40))
    assert shown(stage.read()[1]) == [("H", 0), ("A", 0), ("K", 0), ("a", 0), ("H", 40), ("K", 40)]


def test_what_it_waits_with_is_bounded() -> None:
    stage = Stage(Limits(prelude_tags=10))
    stage.take(("A", 0), *(("a", 0) for _ in range(10)))
    assert len(stage.offered) == 1


@given(tags=st.lists(st.tuples(st.sampled_from("HAKpax"), st.integers(0, 2**32 - 1)), max_size=40))
def test_any_tags_make_a_file_whose_time_never_goes_back(tags: list[tuple[str, int]]) -> None:
    stage = Stage()
    stage.take(*tags)
    stage.publication.end()
    for index in range(len(stage.offered)):
        _, found = stage.read(index)
        for kind in (AUDIO, VIDEO):
            stamps = [tag.timestamp for tag in found if tag.kind == kind]
            assert stamps == sorted(stamps)


def test_the_key_interval_is_measured_in_the_streams_own_time() -> None:
    stage = Stage()
    stage.take(("H", 0), ("A", 0), ("a", 0), ("K", 0), ("p", 500), ("K", 2_000))
    assert stage.publication.keys.longest_ms == 2_000
    assert stage.publication.tracks == (True, True)
