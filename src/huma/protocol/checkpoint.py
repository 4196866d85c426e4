"""A checkpoint: the last chapter of each rendition that a key verified itself when it took over.

The rules: spec/documents.md, D43, D44.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.config import CHECKPOINT_MAX_BYTES, MAX_INTEGER, MAX_RENDITIONS
from huma.errors import BugError, MalformedError, VerificationError
from huma.protocol import clocktext, names
from huma.protocol.chapter import ChapterRef
from huma.protocol.signature import Signer, parse_signature, render_signature, sign, verify
from huma.protocol.strictjson import Members, parse_members, parse_version, render_json

if TYPE_CHECKING:
    from huma.protocol.event import Event


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the key of `rank` found when it went on the air. `chapters` is by rendition, sorted."""

    event: str
    keyid: str
    rank: int
    issued_ms: int
    chapters: tuple[tuple[str, ChapterRef], ...]


def render_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The complete signed file: an envelope around the exact text that is signed."""
    if signer.public.keyid != checkpoint.keyid:
        raise BugError("the checkpoint names another key than the one that signs")
    text = render_json(_members(checkpoint))
    _parse(text)
    signature = render_signature(sign("checkpoint", text, signer))
    data = render_json({"checkpoint": text.decode(), "ed25519": signature})
    if len(data) > CHECKPOINT_MAX_BYTES:
        raise BugError("a checkpoint over its limit")
    return data


def verify_checkpoint(data: bytes, *, event: Event, event_id: str, rank: int | None = None) -> Checkpoint:
    """The checkpoint that `data` holds, if a live key of `event` signed it; where asked, that of `rank`. Or raise."""
    envelope = parse_members(data, CHECKPOINT_MAX_BYTES, "a checkpoint file")
    text = envelope.get("checkpoint")
    if not isinstance(text, str):
        raise MalformedError("a checkpoint file holds a text")
    signature = parse_signature(envelope.text("ed25519", 86))
    try:
        signed = text.encode()
    except UnicodeEncodeError:
        raise MalformedError("a checkpoint is text") from None
    checkpoint = _parse(signed)
    if checkpoint.event != event_id:
        raise VerificationError("signed for another event", code="wrong-event")
    key = event.live_key(checkpoint.keyid)
    if key is None:
        raise VerificationError("signed by a key that the event does not list", code="unknown-key")
    verify("checkpoint", signed, signature, key.public)
    if not key.covers(checkpoint.issued_ms):
        raise VerificationError("signed outside the time of its key", code="key-window")
    if key.rank != checkpoint.rank:
        raise MalformedError("the checkpoint claims another rank than its key has")
    if rank is not None and checkpoint.rank != rank:
        raise MalformedError(f"the checkpoint of rank {checkpoint.rank}, not {rank}")
    return checkpoint


def _members(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "v": 1,
        "event": checkpoint.event,
        "keyid": checkpoint.keyid,
        "rank": checkpoint.rank,
        "issued": clocktext.format_ms(checkpoint.issued_ms),
        "chapters": [
            {"rendition": rendition, "rank": ref.rank, "n": ref.n, "sha256": ref.digest}
            for rendition, ref in checkpoint.chapters
        ],
    }


def _parse(text: bytes) -> Checkpoint:
    members = parse_members(text, CHECKPOINT_MAX_BYTES, "a checkpoint")
    parse_version(members)
    checkpoint = Checkpoint(
        event=members.text("event", 52),
        keyid=members.text("keyid", 16),
        rank=members.integer("rank", 1, MAX_INTEGER),
        issued_ms=members.moment("issued"),
        chapters=tuple(_chapter(item) for item in members.objects("chapters", MAX_RENDITIONS)),
    )
    if not names.is_event_id(checkpoint.event) or not names.is_keyid(checkpoint.keyid):
        raise MalformedError("a checkpoint names an event and a live key")
    renditions = [rendition for rendition, _ in checkpoint.chapters]
    if renditions != sorted(set(renditions)):
        raise MalformedError("a checkpoint has each rendition once, in order")
    return checkpoint


def _chapter(members: Members) -> tuple[str, ChapterRef]:
    rendition, digest = members.text("rendition", 32), members.text("sha256", 64)
    if not names.is_rendition_name(rendition) or not names.is_digest(digest):
        members.refuse("rendition", "a rendition's name, with the digest of a chapter")
    rank, n = members.integer("rank", 1, MAX_INTEGER), members.integer("n", 0, MAX_INTEGER)
    return rendition, ChapterRef(rank, n, digest)
