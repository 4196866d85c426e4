from __future__ import annotations

import gzip
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from huma.errors import UsageError
from huma.net.server import EmbeddedServer, Tls

PLAYLIST = b"#EXTM3U\n" + b"#EXT-X-VERSION:7\n" * 60
SEGMENT = bytes(range(256)) * 940
OLD = "media/" + "ab" * 32 + ".m4s"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    attic = tmp_path_factory.mktemp("attic")
    (attic / "media").mkdir()
    (attic / OLD).write_bytes(b"old" * 1000)
    (attic / "media/secret.txt").write_bytes(b"secret")
    (attic / "secret").write_bytes(b"secret")
    serving = EmbeddedServer(attic=attic)
    serving.start()
    serving.put(
        "live/v360.m3u8", PLAYLIST, content_type="application/vnd.apple.mpegurl", cache_control="max-age=1"
    )
    serving.put("media/a.m4s", SEGMENT, content_type="video/iso.segment", cache_control="immutable")
    serving.sync()
    yield serving
    serving.stop()


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def raw(server: EmbeddedServer, request: bytes, wait: float = 5.0) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def test_a_playlist_comes_packed_to_those_who_take_it(client: httpx.Client) -> None:
    packed = client.get("live/v360.m3u8", headers={"Accept-Encoding": "gzip"})
    plain = client.get("live/v360.m3u8", headers={"Accept-Encoding": "identity"})
    assert packed.content == plain.content == PLAYLIST
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(PLAYLIST)
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert plain.headers["cache-control"] == "max-age=1"
    assert plain.headers["access-control-allow-origin"] == "*"
    with client.stream("GET", "live/v360.m3u8", headers={"Accept-Encoding": "gzip"}) as response:
        assert gzip.decompress(b"".join(response.iter_raw())) == PLAYLIST


def test_media_are_never_packed(client: httpx.Client) -> None:
    answer = client.get("media/a.m4s", headers={"Accept-Encoding": "gzip"})
    assert answer.content == SEGMENT
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(SEGMENT)


def test_head_says_what_get_would(client: httpx.Client) -> None:
    for path in ("live/v360.m3u8", "media/a.m4s", OLD):
        get, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.content == b""
        drop = {"date"}
        assert {k: v for k, v in head.headers.items() if k not in drop} == {
            k: v for k, v in get.headers.items() if k not in drop
        }


def test_a_known_tag_is_answered_with_304(client: httpx.Client) -> None:
    for path in ("live/v360.m3u8", "media/a.m4s", OLD):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
        assert client.head(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    packed = client.get("live/v360.m3u8", headers={"Accept-Encoding": "gzip"}).headers["etag"]
    plain = client.get("live/v360.m3u8", headers={"If-None-Match": packed, "Accept-Encoding": "identity"})
    assert plain.status_code == 200, "the tag of the packed bytes names the packed bytes only"


@pytest.mark.parametrize("path", ["media/a.m4s", OLD])
def test_ranges(client: httpx.Client, path: str) -> None:
    whole = client.get(path).content
    for text, expect in (("bytes=0-9", whole[:10]), ("bytes=-7", whole[-7:]), ("bytes=100-", whole[100:])):
        part = client.get(path, headers={"Range": text})
        assert part.status_code == 206
        assert part.content == expect
        assert part.headers["content-range"].endswith(f"/{len(whole)}")
        assert int(part.headers["content-length"]) == len(expect)
    beyond = client.get(path, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"
    assert client.get(path, headers={"Range": "bytes=0-1,5-6"}).content == whole


@pytest.mark.parametrize("path", ["media/a.m4s", OLD])
def test_a_range_of_another_version_gives_the_whole(client: httpx.Client, path: str) -> None:
    whole = client.get(path)
    tag = whole.headers["etag"]
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": tag}).content == whole.content[:10]
    beyond = {"Range": "bytes=99999999-"}
    assert client.get(path, headers={**beyond, "If-Range": tag}).status_code == 416
    for other in ('"x"', f"W/{tag}", "Tue, 24 Nov 2026 18:00:00 GMT", "*", "nonsense"):
        for wanted in ({"Range": "bytes=0-9"}, beyond):
            answer = client.get(path, headers={**wanted, "If-Range": other})
            assert (answer.status_code, answer.content) == (200, whole.content), other
    assert client.get(path, headers={"If-Range": '"x"'}).status_code == 200
    unchanged = client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"x"', "If-None-Match": tag})
    assert unchanged.status_code == 304, "If-None-Match is asked first"


def test_a_playlist_has_no_ranges(client: httpx.Client) -> None:
    assert client.get("live/v360.m3u8", headers={"Range": "bytes=0-9"}).content == PLAYLIST


@pytest.mark.parametrize(
    "path",
    [
        "", "live/", "live/v361.m3u8", "live/v360.m3u8/", "media/b.m4s", "secret", "media/secret.txt", "../secret",
        "media/../secret", "media/%2e%2e/secret", "media/..%2fsecret", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd",
        "live//v360.m3u8", "LIVE/v360.m3u8", "media/" + "cd" * 32 + ".m4s", "live/v360.m3u8%00", "x" * 4000,
        "media/" + "ab" * 32 + ".m4s/..", "favicon.ico", "%ff%fe", "?x", "index.html",
    ],
)  # fmt: skip
def test_all_else_is_a_cheap_404(server: EmbeddedServer, path: str) -> None:
    answer = raw(server, f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    if head.startswith(b"HTTP/1.1 404 "):
        assert b"cache-control: no-store" in head
        assert b"access-control-allow-origin: *" in head
    assert body == b""
    assert b"secret" not in answer


def test_a_query_changes_nothing(client: httpx.Client) -> None:
    assert client.get("live/v360.m3u8?_=123").content == PLAYLIST


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "media/a.m4s")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_preflight(client: httpx.Client) -> None:
    answer = client.options(
        "media/a.m4s", headers={"Origin": "null", "Access-Control-Request-Headers": "range"}
    )
    assert answer.status_code == 204
    assert "range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 5000, b"GET " + b"/a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"GET / HTTP/1.1\r\nX: " + b"z" * 200_000 + b"\r\n\r\n",
        b"GET /media/a.m4s HTTP/1.1\r\nHost: x\r\nRange: bytes=" + b"0-1," * 10_000 + b"\r\nConnection: close\r\n\r\n",
        b"GET /x HTTP/1.1\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\nConnection: close\r\n\r\n" + b"x" * 100_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /x HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + b'"a",' * 3000 + b"\r\nConnection: close\r\n\r\n",
    ],
)  # fmt: skip
def test_nonsense_harms_nobody_else(server: EmbeddedServer, client: httpx.Client, request_: bytes) -> None:
    raw(server, request_, wait=0.5)
    begun = time.monotonic()
    assert client.get("live/v360.m3u8").content == PLAYLIST
    assert time.monotonic() - begun < 10
    assert server.deaths == 0


def test_slow_and_silent_clients_keep_nobody_waiting(server: EmbeddedServer, client: httpx.Client) -> None:
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1500)]
    try:
        for n, connection in enumerate(held):
            if n % 3 == 1:
                connection.sendall(b"GET /media/a.m4s HT")
            elif n % 3 == 2:
                connection.sendall(b"GET /media/a.m4s HTTP/1.1\r\nHost: x\r\n\r\n")  # and never read
        begun = time.monotonic()
        assert client.get("media/a.m4s").content == SEGMENT
        assert time.monotonic() - begun < 10
    finally:
        for connection in held:
            connection.close()


def test_files_change_and_go(server: EmbeddedServer, client: httpx.Client) -> None:
    for n in range(50):
        server.put(
            "trust/timestamp.json", b"%d" % n, content_type="application/json", cache_control="max-age=5"
        )
    server.sync()
    assert client.get("trust/timestamp.json").content == b"49"
    server.delete("trust/timestamp.json")
    server.sync()
    assert client.get("trust/timestamp.json").status_code == 404


def test_files_appear_in_the_order_in_which_they_were_put(
    server: EmbeddedServer, client: httpx.Client
) -> None:
    """A playlist is never seen before the segment that it names."""
    wrong: list[int] = []
    stop = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=server.url) as looking:
            while not stop.is_set():
                found = looking.get("live/order.m3u8")
                if found.status_code == 200 and looking.get(f"media/{found.text}.m4s").status_code != 200:
                    wrong.append(int(found.text))

    watcher = threading.Thread(target=look)
    watcher.start()
    for n in range(300):
        server.put(f"media/{n}.m4s", bytes(50_000), content_type="video/mp4", cache_control="")
        server.put("live/order.m3u8", b"%d" % n, content_type="text/plain", cache_control="")
        time.sleep(0.001)
    server.sync()
    stop.set()
    watcher.join()
    for n in range(300):
        server.delete(f"media/{n}.m4s")
    server.delete("live/order.m3u8")
    assert wrong == []
    assert client.get("live/order.m3u8").status_code in (200, 404)


def test_a_process_that_dies_comes_back_with_all_files() -> None:
    serving = EmbeddedServer()
    serving.start()
    try:
        serving.put("media/a.m4s", SEGMENT, content_type="video/mp4", cache_control="")
        serving.put("media/b.m4s", SEGMENT, content_type="video/mp4", cache_control="")
        serving.delete("media/b.m4s")
        serving.sync()
        for deaths in (1, 2):
            assert serving._process is not None
            os.kill(serving._process.pid, signal.SIGKILL)
            serving.put("media/c.m4s", b"%d" % deaths, content_type="video/mp4", cache_control="")
            serving.sync()
            assert serving.deaths == deaths
            assert httpx.get(serving.url + "media/a.m4s").content == SEGMENT
            assert httpx.get(serving.url + "media/b.m4s").status_code == 404
            assert httpx.get(serving.url + "media/c.m4s").content == b"%d" % deaths
    finally:
        serving.stop()


def test_a_port_in_use_is_told_and_never_shared(server: EmbeddedServer) -> None:
    with pytest.raises(UsageError) as caught:
        EmbeddedServer("127.0.0.1", server.port)
    assert caught.value.code == "port-in-use"
    for host in ("no-such-host.invalid", "192.0.2.1"):
        with pytest.raises(UsageError) as caught:
            EmbeddedServer(host, 0)
        assert caught.value.code == "bad-address"
        assert "no address of this machine" in caught.value.message


def test_the_port_is_free_after_stop() -> None:
    serving = EmbeddedServer()
    serving.start()
    port = serving.port
    serving.stop()
    again = EmbeddedServer("127.0.0.1", port)
    again.start()
    again.stop()


def test_it_ends_with_its_feeder(tmp_path: Path) -> None:
    script = (
        "import os, time; from huma.net.server import EmbeddedServer; s = EmbeddedServer(); s.start(); s.sync();"
        "print(s._process.pid, flush=True); time.sleep(60)"
    )
    import sys

    feeder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert feeder.stdout is not None
    pid = int(feeder.stdout.readline())
    feeder.kill()
    feeder.wait()
    feeder.stdout.close()
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists() or state == "Z"


def test_ctrl_c_in_the_terminal_does_not_end_it_before_its_feeder() -> None:
    serving = EmbeddedServer()
    serving.start()
    try:
        serving.put("media/a.m4s", b"x", content_type="video/mp4", cache_control="")
        serving.sync()
        assert serving._process is not None
        os.kill(serving._process.pid, signal.SIGINT)
        os.kill(serving._process.pid, signal.SIGTERM)
        time.sleep(0.2)
        assert httpx.get(serving.url + "media/a.m4s").content == b"x"
        assert serving.deaths == 0
    finally:
        serving.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return Tls(folder / "cert.pem", folder / "key.pem")


def test_tls_and_http2(certificate: Tls) -> None:
    serving = EmbeddedServer(tls=certificate)
    serving.start()
    try:
        serving.put("media/a.m4s", SEGMENT, content_type="video/mp4", cache_control="")
        serving.put("live/a.m3u8", PLAYLIST, content_type="application/vnd.apple.mpegurl", cache_control="")
        serving.sync()
        trust = ssl.create_default_context(cafile=str(certificate.cert))
        assert serving.url.startswith("https://")
        for http2, version in ((True, "HTTP/2"), (False, "HTTP/1.1")):
            with httpx.Client(http2=http2, verify=trust, base_url=serving.url) as client:
                answer = client.get("media/a.m4s")
                assert answer.http_version == version
                assert answer.content == SEGMENT
                assert client.get("live/a.m3u8").content == PLAYLIST
                assert client.head("media/a.m4s").headers["content-length"] == str(len(SEGMENT))
                assert client.get("media/a.m4s", headers={"Range": "bytes=5-8"}).content == SEGMENT[5:9]
                assert client.get("nothing").status_code == 404
    finally:
        serving.stop()


def test_http2_without_tls(server: EmbeddedServer) -> None:
    with httpx.Client(http1=False, http2=True, base_url=server.url) as client:
        answer = client.get("live/v360.m3u8")
        assert answer.http_version == "HTTP/2"
        assert answer.content == PLAYLIST
