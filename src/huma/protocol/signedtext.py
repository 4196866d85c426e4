"""A text whose last line is a signature over every byte before it (spec/documents.md, D22 to D25)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.config import LINE_MAX_BYTES
from huma.errors import MalformedError, VerificationError
from huma.protocol import names
from huma.protocol.header import Header, parse_header
from huma.protocol.signature import (
    Purpose,
    Signer,
    parse_signature,
    render_signature,
    sign,
    signed_bytes,
    verify,
)

if TYPE_CHECKING:
    from huma.protocol.event import Event

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
_SIGNATURE_LINE = re.compile(r'#EXT-X-HUMA-SIG:KEYID="([0-9a-f]{16})",ED25519="([A-Za-z0-9_-]{86})"')


@dataclass(frozen=True, slots=True)
class SignedText:
    """A playlist taken apart: what was signed, by whom it says, and what the signature is. Nothing is believed yet."""

    body: bytes
    header: Header
    lines: tuple[str, ...]
    signature: bytes

    def signed_digest(self, purpose: Purpose) -> names.Digest:
        """The digest of exactly what is signed."""
        return names.sha256_hex(signed_bytes(purpose, self.body))


def split_signed(data: bytes, max_bytes: int) -> SignedText:
    """Take `data` apart; `lines` are those between the header and the signature."""
    if len(data) > max_bytes:
        raise MalformedError(f"{len(data)} bytes, at most {max_bytes} are allowed", code="too-large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None
    if not text.endswith("\n") or _CONTROL.search(text):
        raise MalformedError("control characters, or no line feed at the end")
    lines = text[:-1].split("\n")
    if any(not line or len(line.encode()) > LINE_MAX_BYTES for line in lines):
        raise MalformedError(f"an empty line, or one over {LINE_MAX_BYTES} bytes")
    if len(lines) < 3 or lines[0] != "#EXTM3U":
        raise MalformedError("not a signed playlist")
    header = parse_header(lines[1])
    found = _SIGNATURE_LINE.fullmatch(lines[-1])
    if found is None or found[1] != header.text("KEYID"):
        raise MalformedError("the last line is not the signature of the header's key")
    body = data[: len(data) - len(lines[-1]) - 1]
    return SignedText(body, header, tuple(lines[2:-1]), parse_signature(found[2]))


def render_signed(purpose: Purpose, lines: list[str], signer: Signer) -> bytes:
    """The complete file: `lines`, then the signature line."""
    body = ("\n".join(lines) + "\n").encode()
    signature = render_signature(sign(purpose, body, signer))
    return body + f'#EXT-X-HUMA-SIG:KEYID="{signer.public.keyid}",ED25519="{signature}"\n'.encode()


def verify_signed(text: SignedText, purpose: Purpose, *, event: Event, event_id: str, rendition: str) -> int:
    """Judge header and signature in the order of D24; returns the rank of the key."""
    header = text.header
    if header.text("TYPE") != purpose:
        raise VerificationError(f"not of type {purpose}", code="wrong-type")
    if header.text("EVENT") != event_id:
        raise VerificationError("signed for another event", code="wrong-event")
    if header.text("RENDITION") != rendition:
        raise VerificationError(f"not the rendition {rendition}", code="wrong-rendition")
    key = event.live_key(header.text("KEYID"))
    if key is None:
        raise VerificationError("signed by a key that the event does not list", code="unknown-key")
    verify(purpose, text.body, text.signature, key.public)
    if not key.covers(header.moment("ISSUED")):
        raise VerificationError("signed outside the time of its key", code="key-window")
    return key.rank
