from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from huma.errors import KeyStoreError
from huma.keys import durable
from huma.keys.keyfile import Passphrases, key_path, owner_of, read_key, write_key


def asked(text: str) -> Passphrases:
    def answer(owner: str, *, new: bool) -> str:
        return text

    return answer


def test_a_key_is_read_back_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    old = os.umask(0)
    try:
        write_key(tmp_path / "live-a.pem", key)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "live-a.pem").stat().st_mode) == 0o600
    assert read_key(tmp_path / "live-a.pem").private_bytes_raw() == key.private_bytes_raw()


def test_the_mode_is_right_before_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at in the moment between the making of the file and its first byte."""
    seen = []
    real = os.fchmod

    def look(handle: int, mode: int) -> None:
        found = os.fstat(handle)
        seen.append((stat.S_IMODE(found.st_mode), found.st_size))
        real(handle, mode)

    monkeypatch.setattr(os, "fchmod", look)
    old = os.umask(0)
    try:
        write_key(tmp_path / "root-1.pem", Ed25519PrivateKey.generate())
    finally:
        os.umask(old)
    assert seen == [(0o600, 0)]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "live-a.pem"
    write_key(place, Ed25519PrivateKey.generate())
    before = place.read_bytes()
    with pytest.raises(KeyStoreError, match="never overwritten"):
        write_key(place, Ed25519PrivateKey.generate())
    assert place.read_bytes() == before


def test_a_link_in_the_place_of_a_key_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "live-a.pem").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyStoreError):
        write_key(tmp_path / "live-a.pem", Ed25519PrivateKey.generate())
    assert not (tmp_path / "elsewhere").exists()


def test_a_locked_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    key, place = Ed25519PrivateKey.generate(), tmp_path / "root-1.pem"
    write_key(place, key, "گذرواژه‌ای دراز")
    assert key.private_bytes_raw() not in place.read_bytes()
    assert read_key(place, asked("گذرواژه‌ای دراز")).private_bytes_raw() == key.private_bytes_raw()
    with pytest.raises(KeyStoreError) as wrong:
        read_key(place, asked("another one"))
    assert wrong.value.code == "keys-passphrase"
    with pytest.raises(KeyStoreError) as locked:
        read_key(place)
    assert locked.value.code == "keys-locked"
    assert "HUMA_PASSPHRASE_1" in locked.value.hint


def test_openssl_opens_a_locked_key_too(tmp_path: Path) -> None:
    """A holder who has lost huma still has the key."""
    key, place = Ed25519PrivateKey.generate(), tmp_path / "root-1.pem"
    write_key(place, key, "correct horse")
    command = ["openssl", "pkey", "-in", str(place), "-passin", "env:PASS", "-outform", "DER"]
    opened = subprocess.run(
        command, env={**os.environ, "PASS": "correct horse"}, capture_output=True, check=True
    )
    assert opened.stdout == key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    shown = subprocess.run(
        ["openssl", "asn1parse", "-in", str(place)], capture_output=True, text=True, check=True
    )
    assert "scrypt" in shown.stdout
    assert "aes-256-cbc" in shown.stdout


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError, match="at least"):
        write_key(tmp_path / "root-1.pem", Ed25519PrivateKey.generate(), "short")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    place = tmp_path / "live-a.pem"
    write_key(place, Ed25519PrivateKey.generate())
    place.chmod(mode)
    with pytest.raises(KeyStoreError) as refused:
        read_key(place)
    assert refused.value.code == "keys-open"


def test_a_key_that_is_a_link_is_refused(tmp_path: Path) -> None:
    write_key(tmp_path / "live-b.pem", Ed25519PrivateKey.generate())
    (tmp_path / "live-a.pem").symlink_to(tmp_path / "live-b.pem")
    with pytest.raises(KeyStoreError) as refused:
        read_key(tmp_path / "live-a.pem")
    assert refused.value.code == "keys-open"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "keys-damaged"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "keys-damaged"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", "keys-passphrase"),
        (b"x" * 5000, "too-large"),
        (
            ec.generate_private_key(ec.SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            "keys-kind",
        ),
    ],
)
def test_whatever_stands_in_a_key_file_ends_in_an_error_of_ours(
    tmp_path: Path, data: bytes, code: str
) -> None:
    durable.write_new(tmp_path / "live-a.pem", data, 0o600)
    with pytest.raises(KeyStoreError) as refused:
        read_key(tmp_path / "live-a.pem", asked("correct horse"))
    assert refused.value.code == code


def test_a_missing_key_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError) as missing:
        read_key(tmp_path / "live-a.pem")
    assert missing.value.code == "keys-missing"


def test_names_of_keys_lead_nowhere_else(tmp_path: Path) -> None:
    for name in ("../x", "a/b", "", "A", "x" * 40):
        with pytest.raises(KeyStoreError):
            key_path(tmp_path, name)


def test_who_holds_which_key() -> None:
    assert owner_of("root-2") == owner_of("targets-2") == "2"
    assert owner_of("live-c") == owner_of("timestamp-2") == owner_of("snapshot-3") == "safe"
