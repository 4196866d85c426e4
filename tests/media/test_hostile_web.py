"""A web source may be run by an enemy: it gets neither our memory, nor our time, nor what else is in our network."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from huma.errors import HumaError, MediaError, TransportError
from huma.media.address import parse_address
from huma.media.bulletin import Bulletin
from huma.media.inputs import Inputs, open_web
from huma.media.probe import probe_source
from tests.media.hostile import (
    LIST,
    PRIVATE,
    PUBLIC,
    SEGMENT,
    Visit,
    dripping,
    endless,
    host,
    moved,
    reach,
    read,
    refusal,
)
from tests.media.making import ffmpeg, movie
from tests.media.wires import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.media.hostile import Host


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded HLS stream of six seconds: a.m3u8, a0.ts …; the same as f.m3u8 in MP4; and enciphered as k.m3u8."""
    folder = tmp_path_factory.mktemp("film")
    movie(folder / "film.mp4", seconds=6, options=("-g", "30"))
    (folder / "secret.key").write_bytes(bytes(range(16)))
    (folder / "info").write_text(f"secret.key\n{folder}/secret.key\n")
    hls = ("-i", str(folder / "film.mp4"), "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0")
    ffmpeg(*hls, str(folder / "a.m3u8"))
    ffmpeg(*hls, "-hls_segment_type", "fmp4", str(folder / "f.m3u8"))
    ffmpeg(*hls, "-hls_key_info_file", str(folder / "info"), str(folder / "k.m3u8"))
    return folder


@pytest.fixture
def server(film: Path) -> Iterator[Host]:
    with host(PUBLIC) as server:
        server.hold(film)
        yield server


@pytest.fixture
def inside() -> Iterator[Host]:
    """What must never be asked for anything."""
    with host(PRIVATE) as server:
        yield server
        assert not server.asked


@pytest.mark.parametrize("name", ["a.m3u8", "f.m3u8", "k.m3u8", "film.mp4"])
def test_an_honest_source_is_read_whole(name: str, server: Host) -> None:
    assert read(server.url(f"/{name}")) > 400
    assert len(server.callers) <= 3, "connections are used again"


def test_a_playlist_without_an_end_is_not_kept(server: Host) -> None:
    server.pages["/e.m3u8"] = endless(LIST, SEGMENT + b"a0.ts\n")
    with pytest.raises(MediaError) as refused:
        probe_source(server.url("/e.m3u8"))
    assert refused.value.code == "source-too-large"
    assert "file" in refused.value.hint
    assert server.sent < 24_000_000


def test_neither_is_one_behind_a_good_one(server: Host) -> None:
    server.pages["/m.m3u8"] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ne.m3u8\n"
    server.pages["/e.m3u8"] = endless(LIST, b"#EXT-X-HARMLESS\n")
    assert refusal(server.url("/m.m3u8")).code == "source-too-large"
    assert server.sent < 24_000_000


def test_nor_one_that_was_good_at_first(server: Host) -> None:
    def page(visit: Visit) -> None:
        if server.asked.count("/l.m3u8") < 2:
            visit.give(LIST + SEGMENT + b"a0.ts\n" + SEGMENT + b"a1.ts\n")
        else:
            endless(LIST, SEGMENT + b"a0.ts\n")(visit)

    server.pages["/l.m3u8"] = page
    assert refusal(server.url("/l.m3u8")).code == "source-too-large"
    assert server.sent < 24_000_000


@pytest.mark.parametrize(
    "begin", [b"", b"\x47" + bytes(187), b"\0\0\0\x18ftypmp42", b"ID3\4\0\0\0\0\0\0#EXTM3U\n"]
)
def test_a_file_that_never_becomes_a_film_ends(begin: bytes, server: Host) -> None:
    server.pages["/x"] = endless(begin or b"x", bytes(65_536))
    assert refusal(server.url("/x")).code in ("source-too-large", "source-unusable")
    assert server.sent < 90_000_000


def test_so_does_a_segment_without_an_end(server: Host) -> None:
    server.pages["/s.m3u8"] = LIST + SEGMENT + b"a0.ts\n" + SEGMENT + b"s.ts\n#EXT-X-ENDLIST\n"
    server.pages["/s.ts"] = endless(b"x", b"\x47\x1f\xff\x10" + bytes(184))
    assert refusal(server.url("/s.m3u8")).code == "source-too-large"
    assert server.sent < 90_000_000


@pytest.mark.parametrize("tag", ['KEY:METHOD=AES-128,URI="e"', 'MAP:URI="e"'])
def test_and_a_key_or_an_init_segment_without_an_end(tag: str, server: Host) -> None:
    server.pages["/x.m3u8"] = LIST + f"#EXT-X-{tag}\n".encode() + SEGMENT + b"a0.ts\n#EXT-X-ENDLIST\n"
    server.pages["/e"] = endless(b"x", b"x")
    refusal(server.url("/x.m3u8"))
    assert server.sent < 90_000_000


@pytest.mark.parametrize(
    "text",
    [
        b"ID3\4\0\0\0\0\0\0" + LIST + SEGMENT + b"/a0.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /a0.ts\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.2\ns=x\nc=IN IP4 127.0.0.2\nt=0 0\nm=video 5004 RTP/AVP 33\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    ],
)
def test_what_refers_to_other_files_is_hls_or_nothing(text: bytes, server: Host) -> None:
    server.pages["/x.m3u8"] = text
    assert refusal(server.url("/x.m3u8")).code == "source-unusable"
    assert set(server.asked) == {"/x.m3u8"}


def test_heads_without_an_end_are_not_kept(server: Host) -> None:
    def page(visit: Visit) -> None:
        visit.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            visit.send(b"A: " + b"x" * 65_536 + b"\r\n")

    server.pages["/x"] = page
    assert refusal(server.url("/x")).code == "source-unusable"
    assert server.sent < 20_000_000


def test_a_playlist_of_very_many_entries_is_refused(server: Host) -> None:
    server.pages["/x.m3u8"] = LIST + b"#EXTINF:1,\na\n" * 150_000
    assert refusal(server.url("/x.m3u8")).code == "source-too-large"


def test_playlists_that_name_ever_more_playlists_are_refused(server: Host) -> None:
    def page(visit: Visit) -> None:
        n = len(server.asked)
        names = (f"#EXT-X-STREAM-INF:BANDWIDTH=1\n/n/{n}-{i}.m3u8\n" for i in range(50))
        visit.give(b"#EXTM3U\n" + "".join(names).encode())

    server.pages = _Always(page)
    assert refusal(server.url("/n/0.m3u8")).code == "source-too-large"
    assert len(server.asked) < 10


class _Always(dict):  # type: ignore[type-arg]
    def __init__(self, page: object) -> None:
        super().__init__()
        self._page = page

    def get(self, _key: object, _default: object = None) -> object:
        return self._page


@pytest.mark.parametrize("to", ["/r.m3u8", "file:///etc/passwd", "ftp://127.0.0.1/x", "", "http://"])
def test_whoever_is_sent_in_circles_or_out_of_the_web_does_not_go(to: str, server: Host) -> None:
    server.pages["/r.m3u8"] = moved(to)
    assert refusal(server.url("/r.m3u8")).code == "source-astray"
    assert len(server.asked) <= 6


def test_a_few_steps_are_gone(server: Host) -> None:
    for n in range(4):
        server.pages[f"/{n}"] = moved(f"/{n + 1}")
    server.pages["/4"] = moved("/a.m3u8")
    assert read(server.url("/0")) > 400


def test_a_redirect_into_our_network_is_refused(server: Host, inside: Host) -> None:
    server.pages["/r.m3u8"] = moved(inside.url("/secret"))
    refused = refusal(server.url("/r.m3u8"))
    assert refused.code == "source-astray"
    assert PRIVATE in refused.message
    assert refused.hint != MediaError.hint


@pytest.mark.parametrize(
    "text",
    [
        "#EXTINF:1.0,\n{inside}/a0.ts\n",
        "#EXTINF:1.0,\na0.ts\n#EXTINF:1.0,\n{inside}/a1.ts\n",
        '#EXT-X-KEY:METHOD=AES-128,URI="{inside}/key"\n#EXTINF:1.0,\na0.ts\n',
        '#EXT-X-MAP:URI="{inside}/init.mp4"\n#EXTINF:1.0,\na0.ts\n',
        "#EXTINF:1.0,\nsent-on.ts\n",
        "#EXTINF:1.0,\nfile:///etc/services.ts\n",
        '#EXT-X-KEY:METHOD=AES-128,URI="file:///tmp/x.ts"\n#EXTINF:1.0,\na0.ts\n',
    ],
)
def test_a_playlist_that_names_what_is_inside_is_refused(text: str, server: Host, inside: Host) -> None:
    server.pages["/sent-on.ts"] = moved(inside.url("/a0.ts"))
    server.pages["/p.m3u8"] = LIST + text.format(inside=inside.url("")).encode() + b"#EXT-X-ENDLIST\n"
    assert refusal(server.url("/p.m3u8")).code == "source-astray"


def test_a_master_playlist_that_names_what_is_inside_is_refused(server: Host, inside: Host) -> None:
    server.pages["/m.m3u8"] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n%b\n" % inside.url("/v.m3u8").encode()
    assert refusal(server.url("/m.m3u8")).code == "source-astray"


def test_whoever_names_a_private_source_gets_it(server: Host, film: Path) -> None:
    with host(PRIVATE) as mine:
        mine.hold(film)
        server.pages["/r.m3u8"] = moved(mine.url("/a.m3u8"))
        assert read(mine.url("/a.m3u8"), reach(PRIVATE)) > 400
        asked = len(mine.asked)
        assert refusal(server.url("/r.m3u8")).code == "source-astray"
        assert len(mine.asked) == asked


def test_a_name_that_moves_into_our_network_later_is_left(server: Host, inside: Host) -> None:
    names = {"film.example": (PUBLIC,)}
    of = reach("film.example", names)
    address = server.url("/a.m3u8", "film.example")
    assert read(address, of) > 400
    names["film.example"] = (PRIVATE,)
    assert refusal(address, of).code == "source-astray"


def test_a_running_source_remembers_where_it_was(server: Host, inside: Host) -> None:
    """Every new opening is judged as the first one was."""
    names = {"film.example": (PUBLIC,)}
    bulletin = Bulletin()
    address = parse_address(server.url("/a.m3u8", "film.example"))
    inputs = Inputs([address], loop=False, bulletin=bulletin, reach=reach("film.example", names))
    stop = threading.Event()
    opened = inputs.open_next(stop)
    assert opened is not None
    opened.close()
    inputs.report(played=True, finished=False)
    names["film.example"] = (PRIVATE,)
    threading.Timer(1.5, stop.set).start()
    assert inputs.open_next(stop) is None
    assert "private network" in " ".join(bulletin.messages())


def test_what_was_moved_finds_what_lies_beside_it(server: Host, film: Path) -> None:
    """Addresses in a playlist count from where it was found, keys and init segments too."""
    for each in film.iterdir():
        server.pages[f"/there/{each.name}"] = server.pages.pop(f"/{each.name}")
    server.pages["/m"] = moved("/deep/m.m3u8")
    server.pages["/deep/m.m3u8"] = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n"
    for name in ("a", "f", "k"):
        server.pages["/deep/v"] = moved(f"/there/{name}.m3u8")
        assert read(server.url("/m")) > 400


def test_a_playlist_is_known_by_what_it_says(server: Host) -> None:
    server.pages["/live"] = server.pages["/a.m3u8"]
    assert read(server.url("/live?id=7")) > 400


@pytest.mark.parametrize(
    "text",
    [
        b"\xff\xfe\n",
        "بخش.ts\n".encode(),
        b"a" * 5000 + b".ts\n",
        b"data:,x.ts\n",
        b"http://[/x.ts\n",
        b"crypto+http:x.ts\n",
    ],
)
def test_addresses_that_make_no_sense_do_no_harm(text: bytes, server: Host) -> None:
    server.pages["/x.m3u8"] = LIST + SEGMENT + b"a0.ts\n" + SEGMENT + text + b"#EXT-X-ENDLIST\n"
    with suppress(HumaError):
        assert read(server.url("/x.m3u8")) > 30


def test_a_password_goes_to_its_own_server_only(server: Host, film: Path) -> None:
    server.pages["/a.m3u8"] = moved(server.url("/b.m3u8", "other.example"))
    server.pages["/b.m3u8"] = (film / "a.m3u8").read_bytes()
    of = reach(PUBLIC, {"other.example": (PUBLIC,)})
    read(server.url("/a.m3u8").replace("http://", "http://me:secret@"), of)
    sent = ["Authorization" in each for each in server.heard]
    assert sent[0]
    assert not any(sent[1:])


def test_cookies_come_back_but_are_not_hoarded(server: Host) -> None:
    def page(visit: Visit) -> None:
        visit.give(body, Set_Cookie=f"c{len(server.asked)}=1")

    body = LIST + (SEGMENT + b"s.ts\n") * 80 + b"#EXT-X-ENDLIST\n"
    server.pages["/x.m3u8"] = page
    server.pages["/s.ts"] = page
    refusal(server.url("/x.m3u8"))
    sent = [each.get("Cookie", "").count("=") for each in server.heard]
    assert 0 < max(sent) <= 50


@pytest.mark.parametrize("begin", [b"", b"#EXTM3U\n", b"x" * 100_000])
def test_whoever_drips_is_left_soon_after_the_stop(begin: bytes, server: Host) -> None:
    server.pages["/d"] = dripping(begin)
    stop = threading.Event()
    threading.Timer(0.7, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(TransportError):
        open_web(parse_address(server.url("/d")), stop, reach())
    assert time.monotonic() - begun < 2.5


def test_whoever_goes_silent_is_left_when_nobody_waits(server: Host) -> None:
    """While FFmpeg waits for a packet, as at the end of a programme."""
    server.pages["/s.m3u8"] = (
        LIST + b"".join(SEGMENT + b"a%d.ts\n" % n for n in range(6)) + SEGMENT + b"d.ts\n"
    )
    server.pages["/d.ts"] = dripping(b"")
    opened = open_web(parse_address(server.url("/s.m3u8")), None, reach())
    threading.Timer(1.5, opened.halt).start()
    begun = time.monotonic()
    with pytest.raises(TransportError):
        for _ in opened.packets():
            pass
    assert time.monotonic() - begun < 4
    opened.close()


def test_an_unknown_certificate_is_refused_until_it_is_named(film: Path, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate),
         "-days", "2", "-subj", "/CN=here", "-addext", f"subjectAltName=IP:{PUBLIC}"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    serving = f"""
        import functools, http.server, ssl
        files = functools.partial(http.server.SimpleHTTPRequestHandler, directory={str(film)!r})
        server = http.server.ThreadingHTTPServer(({PUBLIC!r}, {port}), files)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain({str(certificate)!r}, {str(key)!r})
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print("ready", flush=True)
        server.serve_forever()
    """
    running = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(serving)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline()
        url = f"https://{PUBLIC}:{port}/a.m3u8"
        refused = refusal(url)
        assert "certificate" in refused.message
        assert "SSL_CERT_FILE" in refused.hint
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(certificate))
            assert read(url) > 400
    finally:
        running.terminate()
        running.wait()


def test_a_source_left_open_does_not_take_the_process_down(server: Host) -> None:
    """PyAV frees such a container a second time if the garbage collector finds it, and the process ends."""
    code = f"""
        import contextlib, gc, threading
        from huma.errors import TransportError
        from huma.media.address import parse_address
        from huma.media.inputs import open_web
        for _ in range(5):
            opened = open_web(parse_address({server.url("/a.m3u8")!r}))
            next(opened.packets())
            del opened
            gc.collect()
        left = open_web(parse_address({server.url("/a.m3u8")!r}))
        def read():
            with contextlib.suppress(TransportError):
                for _ in left.packets():
                    pass
        threading.Thread(target=read, daemon=True).start()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxy_of_the_environment_is_asked(
    server: Host, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks names up where it stands, so that only names can be judged here."""
    base = "http://film.example"
    server.pages = {f"{base}/{each.name}": each.read_bytes() for each in film.iterdir()}
    server.pages[f"{base}/r"] = moved("http://localhost:1/x")
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url("", "me:pass@127.0.0.1"))
    of = reach("film.example")
    assert read(f"{base}/a.m3u8", of) > 400
    assert all("Proxy-Authorization" in each for each in server.heard)
    asked = len(server.asked)
    assert refusal(f"{base}/r", of).code == "source-astray"
    assert len(server.asked) == asked + 1
    monkeypatch.setenv("no_proxy", "film.example")
    assert "film.example" in refusal(f"{base}/a.m3u8", reach("film.example")).message
