from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from huma.net.addresses import own_addresses, resolve
from huma.net.timesources import ask_http, ask_ntp

NTP_TO_UNIX_S = 2_208_988_800
Answer = Callable[[bytes], bytes | None]


def ntp_answer(
    question: bytes, *, off_s: float = 0.0, first: int = 0x24, stratum: int = 2, mark: bytes = b""
) -> bytes:
    now = time.time() + off_s + NTP_TO_UNIX_S
    stamp = struct.pack(">II", int(now) % 2**32, int(now % 1 * 2**32))
    return struct.pack(">BBbb", first, stratum, 0, 0) + bytes(20) + (mark or question[40:48]) + stamp + stamp


@contextmanager
def ntp_server(answer: Answer) -> Iterator[int]:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))
    door.settimeout(5)

    def serve() -> None:
        try:
            question, asker = door.recvfrom(1024)
            data = answer(question)
            if data is not None:
                door.sendto(data, asker)
        except OSError:
            return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield door.getsockname()[1]
    finally:
        door.close()
        thread.join()


@pytest.mark.parametrize("off_s", [0.0, 7.0, -7.0])
def test_an_ntp_server_tells_how_far_we_are_off(off_s: float) -> None:
    with ntp_server(lambda question: ntp_answer(question, off_s=off_s)) as port:
        reading = ask_ntp("127.0.0.1", port)
    assert reading is not None
    assert reading.least - 0.01 <= -off_s <= reading.most + 0.01
    assert reading.most - reading.least < 2
    assert reading.is_off == (off_s != 0)


def test_the_question_tells_nobody_our_time() -> None:
    asked = []

    def note(question: bytes) -> bytes:
        asked.append(question)
        return ntp_answer(question)

    for _ in range(2):
        with ntp_server(note) as port:
            ask_ntp("127.0.0.1", port)
    assert asked[0][:40] == bytes([0x23]) + bytes(39)
    assert asked[0][40:] != asked[1][40:]
    assert len(asked[0]) == 48


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: None,
        lambda _: b"",
        lambda question: ntp_answer(question)[:47],
        lambda question: ntp_answer(question, mark=b"otherone"),
        lambda question: ntp_answer(question, stratum=0),
        lambda question: ntp_answer(question, stratum=16),
        lambda question: ntp_answer(question, first=0xE4),
        lambda question: ntp_answer(question, first=0x23),
        lambda question: question,
        lambda _: b"\xff" * 500,
    ],
)
def test_an_answer_that_is_none_is_not_believed(answer: Answer) -> None:
    with ntp_server(answer) as port:
        assert ask_ntp("127.0.0.1", port, within_s=0.3) is None


def test_nobody_there() -> None:
    assert ask_ntp("127.0.0.1", 9, within_s=0.3) is None
    assert ask_ntp("no.such.name.invalid", within_s=0.3) is None
    for url in ("http://127.0.0.1:9/", "nonsense", "http://[", "ftp://x/"):
        assert ask_http(url, within_s=0.3) is None


@contextmanager
def dated(date: str | None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(404)
            if date is not None:
                self.send_header("Date", date)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_web_server_tells_the_time_whatever_it_answers() -> None:
    with dated(formatdate(time.time(), usegmt=True)) as url:
        reading = ask_http(url)
        assert reading is not None
        assert not reading.is_off
    with dated(formatdate(time.time() - 3600, usegmt=True)) as url:
        reading = ask_http(url)
        assert reading is not None
        assert 3595 < reading.off_s < 3605


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_no_date_no_reading(date: str | None) -> None:
    with dated(date) as url:
        assert ask_http(url) is None


def test_names_and_own_addresses() -> None:
    assert "127.0.0.1" in resolve("localhost") or "::1" in resolve("localhost")
    assert resolve("192.0.2.7") == ("192.0.2.7",)
    assert not [each for each in own_addresses() if each.startswith("127.") or "%" in each]


def test_a_name_that_leads_nowhere_is_an_error_of_ours() -> None:
    from huma.errors import TransportError

    for name in ("no.such.name.invalid", "x" * 300, "a..b"):
        with pytest.raises(TransportError):
            resolve(name)
