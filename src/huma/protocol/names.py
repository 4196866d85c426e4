"""Names: digests, event ids, key ids, and the closed set of paths that a mirror can carry.

The rules: spec/documents.md, D1 to D9.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from huma.config import MAX_INTEGER
from huma.errors import DigestError, MalformedError

Digest: TypeAlias = str
"""A SHA-256 as 64 lower-case hexadecimal digits."""

MediaExt: TypeAlias = Literal["m4s", "mp4", "vtt"]

TARGET_NAMES: Final = (
    "event.json",
    "roster.json",
    "steering.json",
    "index.m3u8",
    "index-slow.m3u8",
    "player.html",
)
"""The only files that the targets role may name."""

_INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,15})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEYID = re.compile(r"[0-9a-f]{16}")
_EVENT_ID = re.compile(r"[a-z2-7]{52}")
_RENDITION = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_MEDIA_URI = re.compile(r"((?:\.\./)*)media/([0-9a-f]{64})\.(m4s|mp4|vtt)")
_NUMBER = r"(?:0|[1-9][0-9]{0,15})"
_PATH = re.compile(
    "|".join(
        (
            r"media/[0-9a-f]{64}\.(?:m4s|mp4|vtt)",
            r"live/(?:[a-z0-9][a-z0-9-]{0,31}\.m3u8|revoked\.json)",
            rf"archive/[a-z0-9][a-z0-9-]{{0,31}}/{_NUMBER}-{_NUMBER}\.m3u8",
            rf"archive/checkpoint-{_NUMBER}\.json",
            rf"trust/(?:{_NUMBER}\.(?:root|snapshot|targets|roster|steering)|timestamp|boot)\.json",
            r"targets/[0-9a-f]{64}\.(?:" + "|".join(re.escape(name) for name in TARGET_NAMES) + ")",
            r"index(?:-slow)?\.m3u8",
        )
    )
)


def sha256_hex(data: bytes) -> Digest:
    """The digest of `data`."""
    return hashlib.sha256(data).hexdigest()


def is_digest(text: str) -> bool:
    """Whether `text` is a digest in our one spelling."""
    return _DIGEST.fullmatch(text) is not None


def is_keyid(text: str) -> bool:
    """Whether `text` has the form of a live key's id."""
    return _KEYID.fullmatch(text) is not None


def is_rendition_name(text: str) -> bool:
    """Whether `text` may name a rendition."""
    return _RENDITION.fullmatch(text) is not None


def verify_digest(data: bytes, digest: Digest) -> bytes:
    """Return `data` unchanged, or raise if it is not the file named `digest`."""
    found = sha256_hex(data)
    if found != digest:
        raise DigestError(f"want {digest[:12]}…, got {len(data)} bytes named {found[:12]}…")
    return data


def parse_integer(text: str) -> int:
    """A decimal integer from 0 to 2^53-1 without sign or leading zeros."""
    if _INTEGER.fullmatch(text) is None or int(text) > MAX_INTEGER:
        raise MalformedError(f"not an integer below 2^53: {text[:32]!r}")
    return int(text)


@dataclass(frozen=True, slots=True)
class MediaRef:
    """One media file, named by its digest."""

    digest: Digest
    ext: MediaExt

    def __post_init__(self) -> None:
        if not is_digest(self.digest) or self.ext not in get_args(MediaExt):
            raise MalformedError(f"not a media name: {self.digest[:80]!r}.{self.ext!r}")

    @property
    def name(self) -> str:
        """The bare file name."""
        return media_name(self.digest, self.ext)

    @property
    def path(self) -> str:
        """Where the file stands on every mirror."""
        return f"media/{self.name}"


def media_name(digest: Digest, ext: str) -> str:
    """The file name of a media file."""
    return f"{digest}.{ext}"


def render_media_uri(ref: MediaRef, up: int) -> str:
    """The URI of `ref` in a playlist that stands `up` folders below the root."""
    return "../" * up + ref.path


def parse_media_uri(uri: str, up: int) -> MediaRef:
    """The file that a playlist `up` folders below the root names, in the one accepted spelling."""
    found = _MEDIA_URI.fullmatch(uri)
    if found is None or found[1] != "../" * up:
        raise MalformedError(f"not a media URI: {uri[:96]!r}")
    ext = found[3]
    return MediaRef(found[2], "m4s" if ext == "m4s" else "mp4" if ext == "mp4" else "vtt")


def event_id(root1: bytes) -> str:
    """The event id: SHA-256 of the exact bytes of 1.root.json, in lower-case base32."""
    return render_event_id(hashlib.sha256(root1).digest())


def render_event_id(digest: bytes) -> str:
    """52 characters of lower-case base32 for 32 bytes."""
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def parse_event_id(text: str) -> bytes:
    """The 32 bytes behind an event id; any other spelling of the same bytes is refused."""
    if _EVENT_ID.fullmatch(text) is not None:
        try:
            digest = base64.b32decode(text.upper() + "====")
        except binascii.Error:
            digest = b""
        if len(digest) == 32 and render_event_id(digest) == text:
            return digest
    raise MalformedError(f"not an event id: {text[:64]!r}")


def is_event_id(text: str) -> bool:
    """Whether `text` is an event id in its one spelling."""
    try:
        parse_event_id(text)
    except MalformedError:
        return False
    return True


def keyid(public: bytes) -> str:
    """The id of a live key: the first 16 hexadecimal digits of SHA-256 over its 32 raw bytes."""
    return sha256_hex(public)[:16]


def live_path(rendition: str) -> str:
    """Where the live playlist of `rendition` stands."""
    return f"live/{rendition}.m3u8"


def chapter_path(rendition: str, rank: int, n: int) -> str:
    """Where chapter `n` of `rendition`, signed by the key of `rank`, stands."""
    return f"archive/{rendition}/{rank}-{n}.m3u8"


def checkpoint_path(rank: int) -> str:
    """Where the checkpoint of a take-over by the key of `rank` stands."""
    return f"archive/checkpoint-{rank}.json"


def is_valid_path(path: str) -> bool:
    """Whether any event could have a file of this name; all else is a cheap 404."""
    return _PATH.fullmatch(path) is not None
