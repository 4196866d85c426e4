"""Playlists of strangers, before FFmpeg reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.media.allowance import LISTED_MAX_BYTES, RefusedError
from huma.media.m3u8 import read_playlist

HERE = "https://cdn.example/live/720/list.m3u8?token=a/b"


def whole(text: str) -> list[str]:
    return read_playlist(text.encode(), HERE, moved=True).data.decode().splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("s1.ts", "https://cdn.example/live/720/s1.ts"),
        ("../s1.ts?x=1", "https://cdn.example/live/s1.ts?x=1"),
        ("/s1.ts", "https://cdn.example/s1.ts"),
        ("//other.example/s1.ts", "https://other.example/s1.ts"),
        ("?s=1", "https://cdn.example/live/720/list.m3u8?s=1"),
        ("http://other.example/s1.ts", "http://other.example/s1.ts"),
        ("data:,x", "data:,x"),
        ("http://[/", "http://[/"),
        ("بخش.ts", "https://cdn.example/live/720/بخش.ts"),
    ],
)
def test_what_was_moved_is_written_out(written: str, meant: str) -> None:
    assert whole(f"#EXTM3U\n#EXTINF:1,\n{written}\n")[-1] == meant
    assert whole(f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{written}",IV=0x1\n')[-1].split('"')[1] == meant
    assert whole(f'#EXTM3U\n#EXT-X-MAP:URI="{written}"\n')[-1] == f'#EXT-X-MAP:URI="{meant}"'


def test_all_else_stays() -> None:
    text = (
        '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a",NAME="x,URI=y"\nv\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a"\n'
        "#EXTINF:2.0,a/title\n#EXT-X-BYTERANGE:5@7\n# URI is no address here\n"
    )
    assert [line for line in whole(text) if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]
    assert read_playlist(text.encode(), HERE, moved=False).data == text.encode()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\0", b"\n\n"])
def test_lines_end_where_they_do_for_ffmpeg(end: bytes) -> None:
    lines = (b"#EXTM3U", b"#EXT-X-STREAM-INF:A=1", b"v", b"#EXT-X-MEDIA:A=1", b'#EXT-X-MAP:URI="i"', b"s")
    playlist = read_playlist(end.join(lines), HERE, moved=False)
    assert playlist.lists == 2
    assert playlist.inits_bytes > len(HERE)


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n" + b"a\n" * 150_000,
        b"#EXTM3U\n" + b'#EXT-X-MAP:URI="a"\n' * 120_000,
        b'#EXTM3U\n#EXT-X-KEY:URI="' + b"k" * 3000 + b'"\n' + b"a\n" * 20_000,
    ],
)
def test_what_ffmpeg_would_make_too_much_of_is_refused(text: bytes) -> None:
    assert len(text) < LISTED_MAX_BYTES / 10
    with pytest.raises(RefusedError) as refused:
        read_playlist(text, HERE, moved=False)
    assert refused.value.code == "source-too-large"


def test_a_day_of_short_segments_is_not() -> None:
    text = "#EXTM3U\n" + "".join(f"#EXTINF:2.0,\nsegment-{n}.ts\n" for n in range(43_200))
    assert len(read_playlist(text.encode(), HERE, moved=False).data) == len(text)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_make_a_playlist_that_is_text(data: bytes, moved: bool) -> None:
    read_playlist(data, HERE, moved=moved).data.decode()


@given(
    st.lists(
        st.sampled_from(
            ["#EXT-X-KEY:", "#EXT-X-MAP:", 'URI="', '"', ",", "/", "a", "\n", ":", "http://", "[", " "]
        )
    )
)
def test_nor_does_anything_that_looks_like_one_do_harm(parts: list[str]) -> None:
    read_playlist("".join(parts).encode(), HERE, moved=True)
