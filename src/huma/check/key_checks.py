"""Checks of the keys on this machine: there, right, private, locked, and not all in one place."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from huma.check.finding import Check, Finding, fail, ok, warn
from huma.config import MAX_LIVE_KEYS
from huma.errors import HumaError
from huma.keys.durable import read_file
from huma.keys.eventdir import live_key_name
from huma.keys.keyfile import KEY_MAX_BYTES, is_locked, key_path, read_key
from huma.keys.marks import SPENT, is_marked
from huma.keys.repository import COLD_PAIR, FIRST_PAIR, SPARE_PAIR, pair_key
from huma.keys.sealed import sealed_revocation, sealed_root_version
from huma.protocol.clocktext import format_ms
from huma.protocol.trust.metadata import DELEGATED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from huma.check.scene import Scene

_LIVE: Final = tuple(live_key_name(rank) for rank in range(1, MAX_LIVE_KEYS + 1))
_PAIR_ROLES: Final = ("timestamp", "snapshot")
_OF_THE_SAFE: Final = (
    "live-c",
    *(pair_key(role, pair) for role in _PAIR_ROLES for pair in (COLD_PAIR, SPARE_PAIR)),
)


def _modes(scene: Scene) -> Iterator[Finding]:
    places = [scene.eventdir.keys, scene.eventdir.sealed]
    files = [file for place in places if place.is_dir() for file in sorted(place.iterdir())]
    troubles = [trouble for path in (*places, *files) if (trouble := _trouble(path)) is not None]
    yield from troubles or [ok(f"{len(files)} files, for their owner alone")]


def _trouble(path: Path) -> Finding | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    wanted = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    if stat.S_ISLNK(found.st_mode):
        return fail(f"{path.name} is a link", f"Put the file itself in its place, not a link: {path}")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return fail(
            f"others on this machine can use {path.name} (mode {stat.S_IMODE(found.st_mode):o})",
            f"chmod {wanted:o} {path}  (and think about who may have read it)",
        )
    if found.st_uid != os.geteuid():
        return fail(f"{path.name} belongs to another user", f"chown {os.geteuid()} {path}")
    return None


def _present(scene: Scene) -> Iterator[Finding]:
    has = scene.eventdir.has_key
    live = [name for name in _LIVE if has(name)]
    desk = [role for role in _PAIR_ROLES if has(role)]
    if not live and not desk:
        yield fail("neither a desk key nor a live key is here: this machine can sign nothing")
        return
    missing = [name for name in (*_PAIR_ROLES, *DELEGATED) if not has(name)]
    if desk and missing:
        yield warn(f"the desk's key for {', '.join(missing)} is not here: that document will expire")
    elif not desk:
        yield warn("no desk key is here: right on the machine that is on the air, wrong on the organiser's")
    if desk and not missing:
        yield ok("all keys of the desk are here")
    yield (
        ok(f"live keys here: {', '.join(live)}")
        if live
        else ok("no live key is here, as it should be at a desk")
    )


def _match(scene: Scene) -> Iterator[Finding]:
    wanted = _listed(scene)
    checked = 0
    for name, public in sorted(wanted.items()):
        path = key_path(scene.eventdir.keys, name)
        if _locked(path) is not False:
            continue
        try:
            held = read_key(path).public_key().public_bytes_raw()
        except HumaError as error:
            if error.code != "keys-open":  # key-modes says so
                yield fail(error.message, error.hint)
            continue
        checked += 1
        if held not in public:
            yield fail(f"{name}.pem is not the key that is listed for it")
    yield ok(f"{checked} open key files are those that are listed")


def _listed(scene: Scene) -> dict[str, frozenset[bytes]]:
    """By key file, the public keys that may stand there."""
    roles, delegations = (
        scene.trusted.root.roles,
        scene.trusted.targets.delegations if scene.trusted.targets else {},
    )
    wanted = {
        f"{role}-{n}": roles[role].public
        for role in ("root", "targets")
        for n in range(1, len(roles[role].keys) + 1)
    }
    pairs = (FIRST_PAIR, COLD_PAIR) if scene.trusted.root.head.version == 1 else (SPARE_PAIR,)
    wanted |= {pair_key(role, pair): roles[role].public for role in _PAIR_ROLES for pair in pairs}
    wanted |= {role: delegations[role].public for role in DELEGATED if role in delegations}
    for key in scene.event.live_keys:
        wanted[live_key_name(key.rank)] = frozenset({key.public.raw})
    return wanted


def _apart(scene: Scene) -> Iterator[Finding]:
    if scene.solo:
        yield ok("one person, one folder: see solo")
        return
    here = [file.stem for file in sorted(scene.eventdir.keys.glob("*.pem"))]
    people = [name for name in here if name.startswith(("root-", "targets-"))]
    live = [name for name in here if name in _LIVE]
    desk = [name for name in here if name in _PAIR_ROLES]
    safe = [name for name in here if name in _OF_THE_SAFE]
    if people and live:
        yield warn(
            f"{', '.join(people)} lie on a machine with live keys",
            "Give each holder their own, on a stick, and delete them here.",
        )
    elif people:
        yield warn(
            f"{', '.join(people)} lie on this machine",
            "Give each holder their own, on a stick, and delete them here.",
        )
    if live and desk:
        yield warn(
            "desk keys and live keys lie on one machine: whoever seizes it has both",
            "Move the live keys to the machine that is on the air.",
        )
    if safe:
        yield warn(f"{', '.join(safe)} belong into the safe", "Move them to a stick that lies elsewhere.")
    if not (people or safe or (live and desk)):
        yield ok("root, desk, live and cold keys are apart")


def _locked_keys(scene: Scene) -> Iterator[Finding]:
    if scene.solo:
        yield ok("one person, no passphrase: see solo")
        return
    names = [file.stem for file in sorted(scene.eventdir.keys.glob("*.pem"))]
    wanted = [name for name in names if name.startswith(("root-", "targets-")) or name in _OF_THE_SAFE]
    bare = [name for name in wanted if _locked(key_path(scene.eventdir.keys, name)) is False]
    if bare:
        yield warn(f"{', '.join(bare)} can be used by whoever finds the file")
    else:
        yield ok(f"{len(wanted)} keys of people and of the safe are locked, or not here")


def _locked(path: Path) -> bool | None:
    """Whether a key file is encrypted; None where there is none."""
    data = read_file(path, KEY_MAX_BYTES)
    return None if data is None else is_locked(data)


def _solo(scene: Scene) -> Iterator[Finding]:
    if scene.solo:
        yield warn("whoever gets this folder is the event")
    else:
        yield ok("several people must sign what is slow")


def _threshold(scene: Scene) -> Iterator[Finding]:
    for name in ("root", "targets"):
        role = scene.trusted.root.roles[name]
        k, n = role.threshold, len(role.keys)
        if scene.solo:
            yield ok(f"{name}: 1 of 1, for a trial")
        elif k < 2:
            yield warn(f"{name}: {k} of {n}: one stolen key is enough")
        elif k == n:
            yield warn(f"{name}: {k} of {n}: one lost key, and nothing can be signed any more")
        else:
            yield ok(f"{name}: {k} of {n} holders")


def _sealed(scene: Scene) -> Iterator[Finding]:
    for key in scene.event.live_keys:
        name = f"rank {key.rank}, {key.keyid}"
        try:
            sealed_revocation(scene.eventdir, key.keyid)
            yield ok(f"{name}: sealed, and valid")
        except HumaError as error:
            if error.code == "not-sealed":
                yield warn(f"{name}: not here; is it in the safe?")
            else:
                yield fail(f"{name}: what is sealed is not valid: {error.message}")


def _sealed_root(scene: Scene) -> Iterator[Finding]:
    version = sealed_root_version(scene.eventdir)
    if version is None:
        yield warn("no root is sealed that would replace stolen desk keys; is it in the safe?")
    else:
        yield ok(f"root {version} is sealed, and valid")


def _live_window(scene: Scene) -> Iterator[Finding]:
    for key in scene.event.live_keys:
        name = f"rank {key.rank}, {key.keyid}"
        if key.keyid in scene.revoked:
            yield warn(f"{name}: revoked, for ever")
        elif is_marked(scene.eventdir.keys, SPENT, key.keyid):
            yield warn(
                f"{name}: came back from a back-up, and signs no more",
                "huma live takes the next rank (--solo), or wants it: --rank N. See docs/reference/backup.md.",
            )
        elif not key.covers(scene.now):
            yield fail(
                f"{name}: good from {format_ms(key.not_before_ms)} to {format_ms(key.not_after_ms)}, not now"
            )
        elif not key.covers(scene.event.end_ms):
            yield fail(f"{name}: ends before the event does, at {format_ms(key.not_after_ms)}")
        else:
            yield ok(f"{name}: good until {format_ms(key.not_after_ms)}")
    if all(
        key.keyid in scene.revoked or is_marked(scene.eventdir.keys, SPENT, key.keyid)
        for key in scene.event.live_keys
    ):
        yield fail(
            "every live key is revoked or spent: nothing can go on the air from here",
            "A new one: huma desk --event DIR --add-live-key --once",
        )


KEY_CHECKS: Final = (
    Check("key-modes", "Key files are private", "mode and owner of keys/ and sealed/", "chmod 700 keys sealed; chmod 600 keys/* sealed/*", _modes),
    Check("keys-present", "Keys are where they are needed", "which key files are in keys/", "Bring the missing key from its backup.", _present),
    Check("keys-match", "Keys are the listed ones", "public half of each open key file", "Take the right file from the backup; keys cannot be made again.", _match, frozenset({"trust"})),
    Check("keys-apart", "Keys are in different hands", "which key files lie together", "See docs/how-to/keys.md.", _apart, frozenset({"trust"})),
    Check("keys-locked", "Held keys have a passphrase", "whether the files are encrypted", "openssl pkcs8 -topk8 -scrypt -in NAME.pem -out NAME.new, then put it in its place.", _locked_keys, frozenset({"trust"})),
    Check("solo", "More than one person", "root's threshold and keys", "For trials only. For the real day: huma new without --solo.", _solo, frozenset({"trust"})),
    Check("threshold", "Enough holders, and not too many", "k of n of root and targets", "Make the event anew with --k and --n, such as 2 of 3.", _threshold, frozenset({"trust"})),
    Check("live-keys", "Live keys are good for the event", "their windows, live/revoked.json, and marks of a back-up", "A new one, above all: huma desk --event DIR --add-live-key --once", _live_window, frozenset({"trust"})),
    Check("sealed-revocations", "A revocation of each live key is sealed", "sealed/revoke-*.json, verified", "Bring sealed/ from the safe; else root's holders must meet.", _sealed, frozenset({"trust"})),
    Check("sealed-root", "Other desk keys are sealed", "sealed/N.root.json, verified", "Bring sealed/ from the safe; else root's holders must meet.", _sealed_root, frozenset({"trust"})),
)  # fmt: skip
