"""Keys, and signatures over bytes with a purpose in front (spec/documents.md, D14 to D17).

A purpose keeps a signature made for one kind of document from being worth anything on another.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from huma.errors import BugError, MalformedError, SignatureError
from huma.protocol import names
from huma.protocol.curve import is_sound_point, is_sound_signature

Purpose: TypeAlias = Literal["live", "chapter", "checkpoint", "revoke", "packet"]

SIGNATURE_CHARS = 86


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key that every verifier judges alike: canonical, and not of small order."""

    raw: bytes

    def __post_init__(self) -> None:
        if not is_sound_point(self.raw):
            raise MalformedError("not an Ed25519 public key that we accept", code="bad-key")

    @classmethod
    def from_hex(cls, text: str) -> PublicKey:
        """The key written as 64 lower-case hexadecimal digits."""
        if not names.is_digest(text):
            raise MalformedError("a public key is 64 lower-case hexadecimal digits", code="bad-key")
        return cls(bytes.fromhex(text))

    @property
    def hex(self) -> str:
        """The key as 64 hexadecimal digits."""
        return self.raw.hex()

    @property
    def keyid(self) -> str:
        """The key's id in huma documents."""
        return names.keyid(self.raw)


class Signer(Protocol):
    """Whoever can sign: a key in memory, an agent, a token."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, data: bytes, /) -> bytes:
        """A 64-byte Ed25519 signature over exactly `data`."""


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A private key in memory. Its text form never shows the key."""

    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> Ed25519Signer:
        """The key whose 32-byte seed is `seed`."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    def sign(self, data: bytes, /) -> bytes:
        """A 64-byte Ed25519 signature over exactly `data`."""
        return self.private.sign(data)


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that may sign live playlists and chapters, as event.json lists it."""

    keyid: str
    public: PublicKey
    rank: int
    not_before_ms: int
    not_after_ms: int

    def covers(self, issued_ms: int) -> bool:
        """Whether the key could sign at `issued_ms`. Nothing but ISSUED is ever compared with its window."""
        return self.not_before_ms <= issued_ms <= self.not_after_ms


def signed_bytes(purpose: Purpose, data: bytes) -> bytes:
    """What is signed: the purpose, a zero byte, the data."""
    return b"huma/1 " + purpose.encode("ascii") + b"\0" + data


def sign(purpose: Purpose, data: bytes, signer: Signer) -> bytes:
    """Sign `data` for `purpose`."""
    signature = signer.sign(signed_bytes(purpose, data))
    if not is_sound_signature(signature):
        raise BugError("the signer gave something that is not an Ed25519 signature")
    return signature


def verify(purpose: Purpose, data: bytes, signature: bytes, public: PublicKey) -> bytes:
    """Return `data` unchanged, or raise."""
    verify_bytes(signed_bytes(purpose, data), signature, public)
    return data


def verify_bytes(message: bytes, signature: bytes, public: PublicKey) -> bytes:
    """Return `message` unchanged if it is signed as it stands, without a purpose; or raise."""
    if not is_sound_signature(signature):
        raise SignatureError("the signature is not in its one accepted form")
    try:
        Ed25519PublicKey.from_public_bytes(public.raw).verify(signature, message)
    except InvalidSignature:
        raise SignatureError(f"not signed by the key {public.keyid}") from None
    return message


def render_signature(signature: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(signature).decode("ascii").rstrip("=")


def parse_signature(text: str) -> bytes:
    """The 64 bytes; any other spelling of the same bytes is refused."""
    if len(text) == SIGNATURE_CHARS and text.isascii():
        try:
            signature = base64.b64decode(text + "==", altchars=b"-_", validate=True)
        except ValueError:
            signature = b""
        if render_signature(signature) == text:
            return signature
    raise MalformedError("a signature is 86 characters of base64url")
