"""One more live key, above all ranks: the only way back for whoever was taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import SSlibKey

from huma.config import LIVE_KEY_LIFE_DAYS, MAX_LIVE_KEYS
from huma.errors import KeyStoreError
from huma.keys.durable import PRIVATE_FILE, PRIVATE_FOLDER, make_folder, write_whole
from huma.keys.eventdir import live_key_name
from huma.keys.keyfile import key_path, write_key
from huma.keys.repository import FIRST_PAIR, resign_event, threshold_keys
from huma.protocol.revocation import render_revocation, sign_revocation
from huma.protocol.signature import Ed25519Signer, LiveKey, PublicKey

if TYPE_CHECKING:
    from huma.keys.eventdir import EventDir

DAY_MS: Final = 24 * 3600 * 1000


def live_key(public: PublicKey, rank: int, *, now: int, end_ms: int) -> LiveKey:
    """How the event lists a live key: good from now until a month after the planned end."""
    return LiveKey(public.keyid, public, rank, now, end_ms + LIVE_KEY_LIFE_DAYS * DAY_MS)


def add_live_key(eventdir: EventDir, now: int, *, pair: int = FIRST_PAIR) -> LiveKey:
    """Make a live key of the next rank, seal its revocation, and sign it into the event.

    Holders of root and of targets must be here, as many as their thresholds ask for.
    """
    event = eventdir.event
    rank = max(key.rank for key in event.live_keys) + 1
    if len(event.live_keys) >= MAX_LIVE_KEYS:
        raise KeyStoreError(
            f"the event has {MAX_LIVE_KEYS} live keys, and takes no more",
            code="no-rank",
            hint="Make a new event, and tell its words through the old one.",
        )
    roots = threshold_keys(eventdir, "root")
    threshold_keys(eventdir, "targets")  # all passphrases are asked for before anything is made
    private = _private(eventdir, live_key_name(rank))
    made = live_key(
        PublicKey(private.public_key().public_bytes_raw()), rank, now=now, end_ms=max(now, event.end_ms)
    )
    signers = [(SSlibKey.from_crypto(key.public_key()).keyid, Ed25519Signer(key)) for key in roots]
    entry = sign_revocation(eventdir.event_id, made.keyid, signers)
    if not eventdir.sealed.is_dir():
        make_folder(eventdir.sealed, PRIVATE_FOLDER)
    write_whole(eventdir.sealed / f"revoke-{made.keyid}.json", render_revocation(entry), PRIVATE_FILE)
    resign_event(eventdir, replace(event, live_keys=(*event.live_keys, made)), now, pair=pair)
    return made


def _private(eventdir: EventDir, name: str) -> Ed25519PrivateKey:
    """A new key in its file; one that an interrupted attempt left there, and that nothing lists yet, is as good."""
    if eventdir.has_key(name):
        return eventdir.private_key(name)
    private = Ed25519PrivateKey.generate()
    write_key(key_path(eventdir.keys, name), private)
    return private
