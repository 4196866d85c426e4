"""A private key in a file: PKCS #8 in PEM, 0600 from its first byte, encrypted where people hold it.

The encryption is PBES2 with scrypt and AES-256-CBC (RFC 7914, section 7), so that `openssl pkey` opens the file too.
The library's own "best available" one stretches a passphrase 2048 times with SHA-256, which is too little for a key
that must outlast a stolen laptop.
"""

from __future__ import annotations

import base64
import os
import re
import stat
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.x509 import ObjectIdentifier

from huma.errors import KeyStoreError
from huma.keys.durable import PRIVATE_FILE, read_file, write_new

if TYPE_CHECKING:
    from pathlib import Path

KEY_MAX_BYTES: Final = 4096
PASSPHRASE_MIN_CHARS: Final = 8

_SCRYPT_N: Final = 2**14
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 5
_PBES2: Final = ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT: Final = ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES256_CBC: Final = ObjectIdentifier("2.16.840.1.101.3.4.1.42")
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class Passphrases(Protocol):
    """Whoever can be asked for a passphrase: a terminal, the environment, a test."""

    def __call__(self, owner: str, *, new: bool) -> str:
        """The passphrase of `owner` (a holder's number, or "safe"); `new` ones are asked for twice."""


def no_passphrases(owner: str, *, new: bool) -> str:  # noqa: ARG001 - it answers nobody
    """For places where nobody can be asked: an encrypted key stays locked."""
    raise KeyStoreError(
        f"the key of {_owner_words(owner)} is locked by a passphrase",
        code="keys-locked",
        hint=f"Set HUMA_PASSPHRASE_{owner.upper()}, or run this at a terminal.",
    )


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    n: int
    r: int
    p: int


@asn1.sequence
class _Stretching:
    algorithm: ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _Encryption:
    algorithm: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _Scheme:
    stretching: _Stretching
    encryption: _Encryption


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    parameters: _Scheme


@asn1.sequence
class _EncryptedPrivateKeyInfo:
    algorithm: _Algorithm
    data: bytes


def owner_of(name: str) -> str:
    """Who holds the key file `name`: root-2 and targets-2 are holder 2's, all other locked ones lie in the safe."""
    role, _, number = name.partition("-")
    return number if role in {"root", "targets"} else "safe"


def key_path(folder: Path, name: str) -> Path:
    """Where the key `name` stands."""
    if _NAME.fullmatch(name) is None:
        raise KeyStoreError(f"not the name of a key: {name[:40]!r}")
    return folder / f"{name}.pem"


def write_key(path: Path, private: Ed25519PrivateKey, passphrase: str | None = None) -> None:
    """Write a key that is not there yet; with a passphrase, encrypted."""
    write_new(path, _locked(private, passphrase) if passphrase is not None else _plain(private), PRIVATE_FILE)


def read_key(path: Path, passphrases: Passphrases = no_passphrases) -> Ed25519PrivateKey:
    """Read a key. One that others can read, or that is locked and stays so, is an error."""
    _refuse_open(path)
    data = read_file(path, KEY_MAX_BYTES)
    if data is None:
        raise KeyStoreError(f"the key {path.stem} is not on this machine", code="keys-missing")
    password = None
    if is_locked(data):
        password = passphrases(owner_of(path.stem), new=False).encode()
    try:
        private = serialization.load_pem_private_key(data, password)
    except (ValueError, TypeError):
        raise _unreadable(path, locked=password is not None) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyStoreError(f"{path.name} is not an Ed25519 key", code="keys-kind")
    return private


def is_locked(data: bytes) -> bool:
    """Whether this key file is encrypted."""
    return data.startswith(_ENCRYPTED)


def _plain(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _locked(private: Ed25519PrivateKey, passphrase: str) -> bytes:
    if len(passphrase) < PASSPHRASE_MIN_CHARS:
        raise KeyStoreError(
            f"a passphrase has at least {PASSPHRASE_MIN_CHARS} characters",
            code="passphrase-short",
            hint="Five or six words that nobody has said before are good and easy to keep.",
        )
    plain = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    salt, iv = os.urandom(16), os.urandom(16)
    key = Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(passphrase.encode())
    padder = padding.PKCS7(algorithms.AES256.block_size).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    stretching = _Stretching(
        algorithm=_SCRYPT, parameters=_ScryptParameters(salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
    )
    scheme = _Scheme(stretching=stretching, encryption=_Encryption(algorithm=_AES256_CBC, iv=iv))
    info = _EncryptedPrivateKeyInfo(algorithm=_Algorithm(algorithm=_PBES2, parameters=scheme), data=data)
    text = base64.b64encode(asn1.encode_der(info))
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join((_ENCRYPTED, *lines, _ENCRYPTED.replace(b"BEGIN", b"END"), b""))


def _refuse_open(path: Path) -> None:
    """Refuse a key that others on this machine could have read, or that somebody else could have put there."""
    try:
        found = path.lstat()
    except OSError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise KeyStoreError(f"{path.name} is not a plain file", code="keys-open")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyStoreError(
            f"others on this machine can read {path.name}",
            code="keys-open",
            hint=f"chmod 600 {path.name} (and think about who may have read it).",
        )
    if found.st_uid not in {os.geteuid(), 0}:
        raise KeyStoreError(f"{path.name} belongs to another user", code="keys-open")


def _unreadable(path: Path, *, locked: bool) -> KeyStoreError:
    if locked:
        return KeyStoreError(
            f"that passphrase does not open {path.name}",
            code="keys-passphrase",
            hint="Try again; keys cannot be opened without it, by anyone.",
        )
    return KeyStoreError(
        f"{path.name} does not hold a private key", code="keys-damaged", hint="Take it from the backup."
    )


def _owner_words(owner: str) -> str:
    return f"holder {owner}" if owner.isdigit() else "the safe"
