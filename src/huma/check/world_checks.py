"""Checks of the world around: stores, disks, clocks, and what was signed live before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huma.check.finding import Check, Finding, fail, ok, warn
from huma.check.livelog import LOG_NAME, signed_here
from huma.check.trust_checks import countdown
from huma.config import CLOCK_OFF_MAX_S, ROOT_MAX_BYTES, TIMESTAMP_MAX_BYTES
from huma.errors import HumaError
from huma.keys.absorb import genuine_version
from huma.keys.eventdir import TIMESTAMP, live_key_name
from huma.store.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.check.livelog import SignedHere
    from huma.check.scene import Scene
    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.store.port import Store

_ENOUGH: Final = 2
_ROOT: Final = "trust/1.root.json"
_BEHIND_VERSIONS: Final = 6
_HOUR_MS: Final = 3_600_000
_GIB: Final = 1024**3
_LEAST_BYTES: Final = _GIB
SPOOL_BYTES: Final = 4 * _GIB
"""What the spool of `huma live` takes at most."""


def _stores(scene: Scene) -> Iterator[Finding]:
    for name, error in scene.unusable.items():
        missing = error.code == "store-missing"  # huma live makes it, if that is what was meant
        yield (warn if missing else fail)(f"{name}: {error.message}", error.hint)
    for text in scene.in_the_url:
        yield warn(
            f"{text}: its URL carries a password, which other users of this machine can see",
            "Put it into the environment or a netrc file: docs/how-to/stores.md.",
        )
    for store in scene.stores:
        yield _writable(scene, store)
    if not scene.stores:
        yield warn(
            "no store: at most a huma live --serve shows it, and mirrors have nothing else to pull from",
            "Write stores = [...] into event.toml, or give --to.",
        )
    elif len(scene.stores) < _ENOUGH:
        yield warn(
            "one store: when it is seized, mirrors have nothing to fetch",
            "Add a second one, at another company, in another country.",
        )


def _writable(scene: Scene, store: Store) -> Finding:
    """Read, and write the first root where it stands anyway: the one file whose bytes can never be wrong."""
    root = scene.eventdir.read(_ROOT) or b""
    try:
        held = store.get(_ROOT, ROOT_MAX_BYTES)
        if held not in (None, root):
            return fail(
                f"{store.name} holds another event", "Give each event a store, or a folder in it, of its own."
            )
        kind = kind_of(_ROOT)
        store.put(_ROOT, root, content_type=kind.content_type, cache_control=kind.cache_control)
        if store.get(_ROOT, ROOT_MAX_BYTES) != root:
            return fail(
                f"{store.name} does not give back what was written",
                "Look at what stands between: a cache, a filter, a rewrite.",
            )
    except HumaError as error:
        return fail(error.message, error.hint)
    return ok(f"{store.name}: readable and writable")


def _current(scene: Scene) -> Iterator[Finding]:
    held = scene.trusted.timestamp
    ours = held.head.version if held else 0
    for store in scene.stores:
        try:
            data = store.get(TIMESTAMP, TIMESTAMP_MAX_BYTES)
        except HumaError as error:
            yield fail(error.message, error.hint)
            continue
        theirs = 0 if data is None else genuine_version(scene.eventdir, TIMESTAMP, data)
        if theirs > ours:
            yield warn(
                f"{store.name} is ahead: timestamp {theirs}, {ours} here; another desk signs",
                "Stop the desk that should not run, or run huma desk here to take it in.",
            )
        elif theirs < ours - _BEHIND_VERSIONS or theirs == 0:
            yield warn(
                f"{store.name} has {f'timestamp {theirs}' if theirs else 'no documents of this event'}; {ours} is in force"
            )
        else:
            yield ok(f"{store.name}: timestamp {theirs}")
    if not scene.stores:
        yield ok("no store to look at")


def _disk(scene: Scene) -> Iterator[Finding]:
    an_hour = sum(each.bandwidth for each in scene.event.renditions) // 8 * 3600
    left_ms = max(_HOUR_MS, scene.event.end_ms - max(scene.now, scene.event.start_ms))
    needed = an_hour * left_ms // _HOUR_MS
    for folder in (*scene.folders, scene.eventdir.path):
        free = scene.free_bytes(folder)
        hours = free * _HOUR_MS // max(1, an_hour)
        if free < an_hour:
            yield fail(f"{folder}: {free / _GIB:.1f} GiB free, which is full after {countdown(hours)}")
        elif free < needed and folder != scene.eventdir.path:
            yield warn(
                f"{folder}: {free / _GIB:.1f} GiB free, full after {countdown(hours)}; all of the event takes {needed / _GIB:.1f}",
                "Free space there, or let huma live keep less: --keep.",
            )
        else:
            yield ok(f"{folder}: {free / _GIB:.1f} GiB free, {an_hour / _GIB:.2f} an hour")
    if any(scene.eventdir.has_key(live_key_name(key.rank)) for key in scene.event.live_keys):
        yield _on_the_air(scene, an_hour)


def _on_the_air(scene: Scene, an_hour: int) -> Finding:
    """The disk of `huma live` itself: while a store is away, the spool grows as fast as the store would have."""
    free = scene.free_bytes(scene.state)
    says = f"{scene.state}: {free / _GIB:.1f} GiB free for the log and the spool"
    if free < max(an_hour, _LEAST_BYTES):
        return fail(
            f"{says}, which is full an hour after a store has gone",
            "Free space there: a full disk signs nothing.",
        )
    if free < SPOOL_BYTES:
        return warn(
            f"{says}; while a store is away they take up to {SPOOL_BYTES / _GIB:.0f}",
            "Free space there, or set XDG_STATE_HOME to a larger disk.",
        )
    return ok(
        f"{says}; a recording (--record) takes {_recorded_an_hour(scene.event) / _GIB:.2f} an hour more"
    )


def _recorded_an_hour(event: Event) -> int:
    """Bytes of `--record`: the best picture with the first language, and each language by itself."""
    video = max((each.bandwidth for each in event.renditions if each.kind == "video"), default=0)
    audio = [
        max(each.bandwidth for each in event.renditions if each.language == language.code)
        for language in event.languages
        if any(each.language == language.code for each in event.renditions)
    ]
    return (video + sum(audio) + sum(audio[:1])) // 8 * 3600


def _clock(scene: Scene) -> Iterator[Finding]:
    readings = scene.clocks()
    known = {name: reading for name, reading in readings.items() if reading is not None}
    off = {name: reading for name, reading in known.items() if reading.is_off}
    if not readings:
        yield warn(
            "nobody was asked for the time: no store of ours is a server, and no time server is named",
            "Look at the clock, or ask one: --ntp pool.ntp.org.",
        )
    elif not known:
        yield warn(
            "no time source answered, so nobody knows",
            "Look at the clock, and see that chrony or systemd-timesyncd runs.",
        )
    elif off and len(off) == len(known):
        name, reading = next(iter(off.items()))
        yield fail(f"{reading.off_s:+.1f} s against {name}; more than {CLOCK_OFF_MAX_S:g} s is too much")
    elif off:
        yield warn(
            f"{', '.join(off)} and {', '.join(sorted(set(known) - set(off)))} disagree",
            "One of them lies or is wrong: look at the clock yourself.",
        )
    else:
        yield ok(f"right, by {', '.join(known)}")


def _live_log(scene: Scene) -> Iterator[Finding]:
    logged = signed_here(scene.state, scene.event, scene.eventdir.event_id)
    shown = {
        (name, each.rendition): each
        for name, renditions in scene.shown.items()
        for each in renditions.values()
    }
    top = max((each.rank for each in shown.values()), default=0)
    mine = {
        key.keyid: key.rank
        for key in scene.event.live_keys
        if scene.eventdir.has_key(live_key_name(key.rank))
    }
    if logged is None:
        lost = sorted({each.keyid for each in shown.values() if each.keyid in mine})
        if lost:
            yield fail(
                f"the stores show what {', '.join(lost)} signed, and the log of it is not on this machine",
                f"Bring {LOG_NAME} back into {scene.state}, or let huma live take the next rank.",
            )
        else:
            yield ok("nothing was signed live on this machine")
        return
    ahead = [f"{name}, {rendition}" for (name, rendition), each in shown.items() if _is_ahead(each, logged)]
    if ahead:
        yield fail(
            f"the log is older than what is public: {ahead[0]}",
            "This log is from a backup. Let huma live take the next rank.",
        )
    elif top > max((mine[keyid] for keyid in logged.keys if keyid in mine), default=0):
        yield warn(
            f"rank {top} is on the air elsewhere: this machine will not sign below it",
            "As it should be after a take-over; going back needs a higher rank.",
        )
    else:
        yield ok(f"{len(logged.playlists)} playlists, none older than what is public{_of_before(logged)}")


def _of_before(logged: SignedHere) -> str:
    """What to add where the log goes back to a time before the event was signed anew, as for a copied source."""
    names = sorted({rendition for _, rendition in logged.earlier})
    return f"; and what was signed while the event had other renditions ({', '.join(names)})" if names else ""


def _is_ahead(shown: LivePlaylist, logged: SignedHere) -> bool:
    """Whether a store shows a later tick of a key than the log has for that key."""
    held = logged.tick(shown.keyid, shown.rendition)
    return shown.keyid in logged.keys and (held is None or shown.tick > held)


WORLD_CHECKS: Final = (
    Check("stores", "Stores take what is published", "each is read, and its first root written again", "Look at the store's address and password: docs/how-to/stores.md.", _stores),
    Check("stores-current", "Stores have the documents in force", "the version of each store's timestamp", "Start huma desk --event DIR, and leave it running.", _current, frozenset({"trust"})),
    Check("disk", "Room for the event", "free space against the bit rates and the time left; where a live key lies, room for log and spool", "Free space there.", _disk, frozenset({"trust"})),
    Check("clock", "The clock is right", "Date headers of stores and mirrors, and NTP", "Set it: timedatectl set-ntp true, or chronyc makestep.", _clock),
    Check("live-log", "The log matches what is public", "live.sqlite against the stores' live playlists", "See docs/how-to/keys.md.", _live_log, frozenset({"trust"})),
)  # fmt: skip
