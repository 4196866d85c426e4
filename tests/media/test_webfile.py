"""A file on a server as FFmpeg reads it: it goes on where a connection broke, and never raises."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.media.allowance import DeclinedError, RefusedError
from huma.media.webfile import Answer, Deciphered, WebFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = bytes(range(256)) * 4000
URL = httpx.URL("http://host/film")


class Server:
    """Gives DATA in pieces; `breaks` says after how many bytes each connection breaks, None for never."""

    def __init__(self, *breaks: int | None, size: int | None = len(DATA), ranged: bool = True) -> None:
        self.breaks = list(breaks)
        self.size, self.ranged = size, ranged
        self.asked: list[tuple[int, int | None]] = []
        self.paused: list[float] = []
        self.noted: list[BaseException] = []

    def ask(self, start: int, end: int | None) -> Answer:
        self.asked.append((start, end))
        if not self.ranged:
            start = 0
        after = self.breaks.pop(0) if self.breaks else None
        body = httpx.Response(200, content=self._give(DATA[start:end], after))
        return Answer(body, URL, start, self.size, self.ranged)

    def _give(self, data: bytes, after: int | None) -> Iterator[bytes]:
        for at in range(0, len(data), 1000):
            if after is not None and at + 1000 > after:
                yield data[at:after]
                raise TransportError("broke off", code="source-lost")
            yield data[at : at + 1000]

    def file(self, start: int = 0, end: int | None = None) -> WebFile:
        return WebFile(self.ask, self.noted.append, self.paused.append, start, end)


def all_of(read: Callable[[int], bytes], size: int = 32_768) -> bytes:
    return b"".join(iter(lambda: read(size), b""))


@pytest.mark.parametrize("size", [1000, 32_768, 10_000_000])
def test_it_is_read_whole(size: int) -> None:
    server = Server()
    assert all_of(server.file().read, size) == DATA
    assert server.asked == [(0, None)]


def test_what_was_looked_at_is_read_again() -> None:
    file = Server().file()
    assert file.peek(1500) == DATA[:1500]
    assert all_of(file.read) == DATA


def test_a_part_ends_with_itself_even_where_the_server_gives_all() -> None:
    assert all_of(Server().file(1000, 5000).read) == DATA[1000:5000]
    assert all_of(Server(ranged=False).file(1000, 5000).read) == DATA[1000:5000]


def test_a_broken_connection_is_made_again() -> None:
    server = Server(5000, 0, 700)
    assert all_of(server.file().read, 1000) == DATA
    assert server.asked == [(0, None), (5000, None), (5000, None), (5700, None)]
    assert server.paused == [0.0, 1.0, 0.0]
    assert not server.noted


def test_after_three_without_a_byte_it_ends_and_is_told() -> None:
    server = Server(5000, 0, 0, 0)
    file = server.file()
    assert all_of(file.read) == DATA[:5000]
    assert [type(each) for each in server.noted] == [TransportError]
    assert file.read(10) == b""
    assert len(server.asked) == 3


def test_what_has_no_known_end_is_not_asked_for_again() -> None:
    server = Server(5000, size=None)
    assert all_of(server.file().read) == DATA[:5000]
    assert len(server.asked) == 1
    assert server.noted


def test_another_file_is_not_taken_for_the_rest() -> None:
    server = Server(5000)
    file = server.file()
    server.size = len(DATA) + 1
    assert all_of(file.read) == DATA[:5000]
    assert isinstance(server.noted[0], DeclinedError)


def test_a_body_that_ends_early_is_a_broken_connection() -> None:
    server = Server(size=len(DATA) + 10)
    assert all_of(server.file().read) == DATA
    assert server.noted


@pytest.mark.parametrize("error", [RefusedError("no"), KeyboardInterrupt(), MemoryError(), ValueError("x")])
def test_nothing_is_ever_raised(error: BaseException) -> None:
    server = Server(10)
    file = server.file()

    def ask(start: int, end: int | None) -> Answer:
        raise error

    file._ask = ask
    assert all_of(file.read) == DATA[:10]
    assert server.noted == [error]
    file.close()


@given(
    st.lists(
        st.tuples(st.integers(-2000, 1_100_000), st.sampled_from([0, 1, 2]), st.integers(1, 40_000)),
        max_size=12,
    )
)
def test_it_seeks_as_a_file_does(steps: list[tuple[int, int, int]]) -> None:
    file, place = Server().file(), 0
    assert file.seekable()
    for offset, whence, size in steps:
        wanted = (0, place, len(DATA))[whence] + offset
        assert file.seek(offset, whence) == (wanted if wanted >= 0 else -1)
        place = wanted if wanted >= 0 else place
        data = file.read(size)
        assert data == DATA[place : place + len(data)]
        assert data or place >= len(DATA)
        place += len(data)
        assert file.tell() == place
    assert all_of(file.read) == DATA[place:]


def test_a_short_step_ahead_asks_nobody() -> None:
    server = Server()
    file = server.file()
    file.read(1000)
    file.seek(100_000)
    assert file.read(10) == DATA[100_000:100_010]
    assert len(server.asked) == 1
    file.seek(900_000)
    assert file.read(10) == DATA[900_000:900_010]
    assert server.asked[1:] == [(900_000, None)]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 1000, 65_536])
@pytest.mark.parametrize("step", [1, 16, 1000, 32_768])
def test_what_was_enciphered_is_read(size: int, step: int) -> None:
    key, iv, plain = bytes(range(16)), bytes(16), DATA[:size]
    pad = 16 - size % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    enciphered = cipher.update(plain + bytes([pad]) * pad)
    assert all_of(Deciphered(io.BytesIO(enciphered), key, iv).read, step) == plain


@given(st.binary(max_size=100))
def test_what_was_not_does_no_harm(data: bytes) -> None:
    assert len(all_of(Deciphered(io.BytesIO(data), bytes(16), bytes(16)).read, 10)) <= len(data)
