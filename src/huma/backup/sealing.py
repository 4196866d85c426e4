"""A file that opens only with a passphrase: a key stretched by scrypt, then AES-256-GCM piece by piece.

The number of a piece stands in its nonce, with a sign on the last one. So nothing can be altered, moved, left out, added
or cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, as age and others use it). The salt makes
each file's key a key of its own, so that no nonce is ever used twice. docs/reference/backup.md has the layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from huma.errors import KeyStoreError
from huma.keys.keyfile import PASSPHRASE_MIN_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable

MAGIC: Final = b"huma-backup 1\n"
"""The form of the file. All that may change later (the stretching, the cipher) changes with its number."""
SALT_BYTES: Final = 32
HEADER_BYTES: Final = len(MAGIC) + SALT_BYTES
PIECE_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16

_ANY_VERSION: Final = b"huma-backup "
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1


def stretch(passphrase: str, salt: bytes) -> bytes:
    """The key of a file, 32 bytes: 128 MiB of memory and some tenths of a second, for whoever guesses too."""
    if len(passphrase) < PASSPHRASE_MIN_CHARS:
        raise KeyStoreError(
            f"a passphrase has at least {PASSPHRASE_MIN_CHARS} characters",
            code="passphrase-short",
            hint="Five or six words that nobody has said before are good and easy to keep.",
        )
    secret = passphrase.encode(errors="surrogateescape")  # as the terminal gave it, whatever its encoding
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(secret)


class SealedWriter:
    """Seals what is written to it. Only after `close` is the file whole."""

    def __init__(self, file: BinaryIO, salt: bytes, key: bytes) -> None:
        self._file, self._cipher, self._header = file, AESGCM(key), MAGIC + salt
        self._number, self._waiting = 0, bytearray()
        file.write(self._header)

    def write(self, data: bytes) -> None:
        """Add to what is sealed."""
        self._waiting += data
        while len(self._waiting) > PIECE_BYTES:  # the last piece is never empty, so one full piece waits
            self._seal(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]

    def close(self) -> None:
        """Seal the last piece. Nothing may follow."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


class SealedReader:
    """Opens what was sealed, and gives only bytes that have been verified.

    Raises, here and from its methods:
        KeyStoreError: `backup-unknown`, `backup-version`, `backup-passphrase`, `backup-damaged`.
    """

    def __init__(self, file: BinaryIO, key_of: Callable[[bytes], bytes]) -> None:
        """`key_of` gives the key for a salt: `stretch` with the passphrase."""
        self._header = _header(file)
        self._file = file
        self._cipher = AESGCM(key_of(self._header[len(MAGIC) :]))
        self._number, self._open, self._over = 0, bytearray(), False
        self._ahead = file.read(PIECE_BYTES + TAG_BYTES)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        while len(self._open) < size:
            if self._over:
                raise damaged("it holds less than it says")
            self._open += self._next()
        data = bytes(self._open[:size])
        del self._open[:size]
        return data

    def finish(self) -> None:
        """See that this was all: a file that is cut off, or to which something was added, is refused here at the latest."""
        if self._open or not self._over:
            raise damaged("it holds more than it says")

    def _next(self) -> bytes:
        piece, self._ahead = self._ahead, self._file.read(PIECE_BYTES + TAG_BYTES)
        self._over = not self._ahead
        data = self._opened(piece, last=self._over)
        if not data:
            raise self._refusal(piece)
        self._number += 1
        return data

    def _refusal(self, piece: bytes) -> KeyStoreError:
        """Why `piece` does not open."""
        if self._opened(piece, last=not self._over):
            return damaged("its end is missing" if self._over else "something was added to it")
        if self._number == 0:
            return KeyStoreError(
                "that passphrase does not open the back-up, or its beginning is damaged",
                code="backup-passphrase",
                hint="Try again. Nobody can open it without its passphrase.",
            )
        return damaged(f"somewhere behind byte {HEADER_BYTES + self._number * (PIECE_BYTES + TAG_BYTES)}")

    def _opened(self, piece: bytes, *, last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(_nonce(self._number, last=last), piece, self._header)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            return None


def damaged(what: str) -> KeyStoreError:
    """The error for a file that is not as it was written."""
    return KeyStoreError(
        f"the back-up is damaged: {what}", code="backup-damaged", hint="Take another copy of it."
    )


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _header(file: BinaryIO) -> bytes:
    header = file.read(HEADER_BYTES)
    if not header.startswith(MAGIC):
        if header.startswith(_ANY_VERSION):
            raise KeyStoreError(
                "the back-up is of a form that this huma does not know",
                code="backup-version",
                hint="Restore it with a newer huma.",
            )
        raise KeyStoreError(
            "that file is no back-up of huma",
            code="backup-unknown",
            hint="huma backup --event DIR FILE makes one.",
        )
    if len(header) < HEADER_BYTES:
        raise damaged("its end is missing")
    return header
