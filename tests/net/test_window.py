from __future__ import annotations

import gzip

import pytest

from huma.net.window import matches, show, takes_gzip

PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:7\n" * 40


def test_a_playlist_is_packed_and_a_segment_never() -> None:
    playlist = show(PLAYLIST, content_type="application/vnd.apple.mpegurl", cache_control="max-age=1")
    assert playlist.packed is not None
    assert gzip.decompress(playlist.packed.body) == PLAYLIST
    assert ("content-encoding", "gzip") in playlist.packed.headers
    assert all(("vary", "accept-encoding") in each.headers for each in (playlist.plain, playlist.packed))
    assert playlist.plain.etag != playlist.packed.etag
    for content_type in ("video/mp4", "video/iso.segment", "text/vtt; charset=utf-8"):
        media = show(bytes(10_000), content_type=content_type, cache_control="immutable")
        assert media.packed is None
        assert media.ranged
        assert ("accept-ranges", "bytes") in media.plain.headers


def test_the_same_bytes_give_the_same_tag_and_others_another() -> None:
    def tag(data: bytes) -> str:
        return show(data, content_type="application/json", cache_control="").plain.etag

    assert tag(b"a") == tag(b"a") != tag(b"b")


def test_what_gzip_makes_larger_is_sent_plain() -> None:
    assert show(b"{}", content_type="application/json", cache_control="").packed is None


def test_an_answer_unchanged_has_no_headers_of_a_body() -> None:
    shown = show(PLAYLIST, content_type="application/json", cache_control="max-age=5")
    assert shown.packed is not None
    names = [name for name, _ in shown.packed.unchanged]
    assert "etag" in names
    assert "cache-control" in names
    assert not {"content-type", "content-encoding", "content-length"} & set(names)


@pytest.mark.parametrize(
    ("header", "expect"),
    [
        ("gzip", True), ("gzip, deflate, br", True), ("br;q=1.0, gzip;q=0.8", True), ("*", True), ("GZIP", True),
        ("x-gzip", True), ("", False), ("identity", False), ("br", False), ("gzip;q=0", False),
        ("gzip;q=0.000", False), ("gzip; q=0", False), ("*;q=0", False), ("gzip;q=0, *", False),
        ("*, gzip;q=0", False), ("gzip;q=0.001", True), ("notgzip", False), ("," * 500, False),
    ],
)  # fmt: skip
def test_who_takes_gzip(header: str, expect: bool) -> None:
    assert takes_gzip(header) is expect


@pytest.mark.parametrize(
    ("header", "expect"),
    [
        ('"abc"', True), ('W/"abc"', True), ('"x", "abc"', True), ("*", True), (' "abc" ', True),
        ('"abcd"', False), ("abc", False), ("", False), ('"ab', False), ('"x"' * 5000, False),
    ],
)  # fmt: skip
def test_if_none_match(header: str, expect: bool) -> None:
    assert matches(header, '"abc"') is expect
