"""RTMPS: a platform whose certificate does not fit gets neither the programme nor the key."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from huma.restream.address import parse_output
from huma.restream.output import Output
from tests.record.takes import programme
from tests.restream.feeding import Feeder, wait_until
from tests.restream.platform import KEY, Platform

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def certificate(folder: Path, host: str) -> Path:
    """A certificate of its own authority for `host`, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Door:
    """TLS in front of a platform; `heard` is all that callers said inside."""

    def __init__(self, pem: Path, port: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._behind = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard = bytearray()
        self.calls = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.calls += 1
                threading.Thread(target=self._relay, args=(caller,), daemon=True).start()

    def _relay(self, caller: socket.socket) -> None:
        with (
            suppress(OSError),
            self._context.wrap_socket(caller, server_side=True) as front,
            socket.create_connection(("127.0.0.1", self._behind)) as back,
        ):
            threading.Thread(target=self._answer, args=(back, front), daemon=True).start()
            while data := front.recv(65536):
                self.heard += data
                back.sendall(data)

    def _answer(self, back: socket.socket, front: ssl.SSLSocket) -> None:
        with suppress(OSError):
            while data := back.recv(65536):
                front.sendall(data)


@contextmanager
def sending(door: Door, host: str) -> Iterator[Output]:
    event, _ = programme()
    made = Output(event, parse_output(f"rtmps://{host}:{door.port}/live/{KEY}"), longest_pause_s=1)
    made.start()
    with Feeder(made.take):
        yield made
    made.close(10)


def test_only_the_right_certificate_is_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "elsewhere.example")
    with Platform(tmp_path / "platform") as platform:
        for pem, trusted in (
            (good, other),
            (other, other),
        ):  # an unknown authority; the wrong host's certificate
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            door = Door(pem, platform.port)
            with sending(door, "localhost") as made:
                wait_until(lambda: made.state.reconnects >= 1, lambda: made.state)
                assert door.calls >= 1
                assert made.state.code
            door.close()
            assert not door.heard
            assert KEY not in f"{made.state} {made.state.message}"
        monkeypatch.setenv("SSL_CERT_FILE", str(good))
        door = Door(good, platform.port)
        with sending(door, "localhost") as made:
            wait_until(lambda: made.state.sent_bytes > 30_000, lambda: made.state)
        door.close()
        assert KEY.encode() in door.heard
        assert len(platform.taken) == 1
