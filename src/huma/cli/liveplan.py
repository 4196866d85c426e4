"""Everything that must be known and allowed before the first segment is made."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from huma.broadcast.clock import SteadyClock
from huma.broadcast.log import LiveLog, Logged, only_one
from huma.broadcast.opening import Opening, checkpoint_of, open_at, open_chains, target_durations
from huma.broadcast.publiclook import PublicLook, PublicReader
from huma.broadcast.signer import LiveSigner
from huma.broadcast.standing import LogBehindError, Standing, judge_standing
from huma.cli.doorkeys import DoorKeys
from huma.cli.latestore import LateStore
from huma.cli.livebeside import warn_of_keys
from huma.cli.livedoors import Doors, write_cards
from huma.cli.liveevent import find_event, fit_to_source
from huma.cli.places import state_folder
from huma.config import SERVE_PORT
from huma.errors import HumaError, KeyStoreError, StoreError, UsageError
from huma.keys.marks import SPENT, USED, is_marked, leave_mark
from huma.net.server import look_at_port
from huma.protocol.names import checkpoint_path
from huma.store.credentials import Credentials
from huma.store.http import HttpStore, HttpTimes
from huma.store.place import has_password, open_store

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from huma.cli.live import LiveOptions
    from huma.cli.liveevent import FoundEvent
    from huma.cli.output import Output
    from huma.keys.eventdir import EventDir
    from huma.protocol.chapter import ChapterRef
    from huma.protocol.event import Event
    from huma.protocol.signature import Ed25519Signer
    from huma.store.port import Store


_HERE: Final = ("127.0.0.1", SERVE_PORT)
_MIRRORS_READ: Final = 8
_MIRROR_TIMES: Final = HttpTimes(connect=2.0, idle=2.0, whole=4.0)


@dataclass(slots=True)
class LivePlan:
    """A broadcast that may begin."""

    eventdir: EventDir
    event: Event
    event_id: str
    state: Path
    stores: list[Store]
    serve: tuple[str, int] | None
    clock: SteadyClock
    log: LiveLog
    signer: LiveSigner
    reader: PublicReader
    opening: Opening
    logged: dict[str, Logged]
    doors: Doors
    documents: dict[str, bytes] = field(default_factory=dict)
    solo: bool = False


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The key that may sign, and what it goes on from."""

    key: Ed25519Signer
    rank: int
    logged: dict[str, Logged]
    standing: Standing


def plan(output: Output, options: LiveOptions, parts: ExitStack) -> LivePlan:
    """Look at event, clock, log and stores, and decide whether and where the broadcast begins."""
    warn_of_keys(output, options.also)
    found = find_event(
        output,
        options.event,
        options.sources,
        copy=options.copy,
        before_making=lambda: _look_at_port(options.serve or (None if options.stores else _HERE)),
    )
    eventdir = found.eventdir
    doors = _open_doors(output, options, eventdir, parts)
    state = state_folder(eventdir.event_id)
    parts.enter_context(only_one(state))
    # the lock beside the keys holds even where two accounts keep their logs in different places
    parts.enter_context(only_one(eventdir.keys))
    stores, serve = _stores(output, options, eventdir)
    _look_at_port(serve)
    _check_clock(output, options, stores)
    longest_s = _fit(output, options, found)
    event, event_id, solo = eventdir.event, eventdir.event_id, eventdir.is_solo
    log = LiveLog(state, event_id, witness=lambda keyid: leave_mark(eventdir.keys, USED, keyid))
    parts.callback(log.close)
    reader = PublicReader(event, event_id)
    look = _look(output, reader, stores, eventdir)
    chosen = _choose_key(output, options, eventdir, event, log, look, solo=solo)
    chapters = _last_chapters(reader, stores, chosen.standing)
    clock = SteadyClock()
    chains = open_chains(
        event, chosen.logged, chosen.standing.base, chapters, target_durations(event, longest_s)
    )
    signer = LiveSigner(event, event_id, chosen.key)
    planned = LivePlan(
        eventdir=eventdir,
        event=event,
        event_id=event_id,
        state=state,
        stores=stores,
        serve=serve,
        clock=clock,
        log=log,
        signer=signer,
        reader=reader,
        opening=open_at(event, chains, clock.wall()),
        logged=chosen.logged,
        doors=doors,
        solo=solo,
    )
    planned.documents = _documents(planned, chosen, chapters)
    return planned


def show_cards(output: Output, options: LiveOptions) -> None:
    """New keys for the doors of this event, and what to type into an encoder."""
    doors = options.inputs.doors
    if not doors:
        raise UsageError(
            "there is no door among the sources",
            hint="Write one as rtmp://0.0.0.0: huma live rtmp://0.0.0.0 --card",
        )
    if output.as_json:
        raise UsageError("a card is for people's eyes, and --json ends in logs", hint="Leave out --json.")
    found = find_event(output, options.event, options.sources, copy=options.copy, before_making=lambda: None)
    write_cards(output, doors, DoorKeys(found.eventdir), options.key_life_ms)


def _open_doors(output: Output, options: LiveOptions, eventdir: EventDir, parts: ExitStack) -> Doors:
    """The doors, listening. At a terminal a door that has no key yet gets one, with its card."""
    keys, places = DoorKeys(eventdir), options.inputs.doors
    if places and output.console.is_terminal and not output.as_json:
        known = keys.read()
        new = [place for place in places if place.name not in known]
        if new:
            write_cards(output, new, keys, options.key_life_ms)
    doors = Doors(places, keys)
    parts.callback(doors.stop)
    return doors


def _fit(output: Output, options: LiveOptions, found: FoundEvent) -> float:
    """See that the event is for what is done with the source; with a copy gives the longest key-frame distance."""
    eventdir, longest_s = found.eventdir, 0.0
    if options.copy:
        encoded_before = options.event is not None and eventdir.is_solo and not eventdir.event.copy
        longest_s = fit_to_source(output, found, options.sources)
        if encoded_before:
            output.warn(
                "this event was made for an encoded programme; from now on it signs a source as it is",
                hint="For an encoded programme make another event: huma new DIR --solo.",
                code="event-now-copies",
            )
    if eventdir.event.copy != options.copy:
        raise _wrong_kind(eventdir)
    return longest_s


def _wrong_kind(eventdir: EventDir) -> UsageError:
    if not eventdir.event.copy:
        return UsageError("the event is for a source that is encoded", hint="Leave out --copy.")
    back = (
        ""
        if eventdir.config.copy
        else f"huma desk --event {shlex.quote(str(eventdir.path))} --sign-event --once"
    )
    return UsageError(
        "the event is for a source that is signed as it is",
        hint=f"Add --copy. Or bring back the renditions of event.toml: {back}" if back else "Add --copy.",
    )


def _look(output: Output, reader: PublicReader, stores: list[Store], eventdir: EventDir) -> PublicLook:
    """What stores and mirrors show. A mirror that cannot be read is nobody's trouble here."""
    look, mirrored = reader.look(stores), reader.look(_mirrors(eventdir))
    for name, error in look.unreadable:
        output.warn(
            f"{name} cannot be read: {error.message}",
            code=error.code,
            hint="It is filled in when it returns.",
        )
    return replace(look, shown=(*look.shown, *mirrored.shown))


def _stores(
    output: Output, options: LiveOptions, eventdir: EventDir
) -> tuple[list[Store], tuple[str, int] | None]:
    names = [*eventdir.config.stores, *options.stores]
    for name in names:
        if has_password(name):
            output.warn(
                "a store's URL carries a password: process lists and histories show it",
                hint="docs/how-to/stores.md says where it belongs.",
            )
    stores = [_open(output, name) for name in dict.fromkeys(names)]
    serve = options.serve
    if not stores and serve is None:
        if options.event is not None:
            raise UsageError(
                "there is nowhere to publish to",
                hint=f"Add --to FOLDER, --to https://…, or --serve 127.0.0.1:{SERVE_PORT}.",
            )
        serve = _HERE
    if serve is None and (options.tls is not None or options.url is not None):
        raise UsageError(
            f"{'--cert' if options.tls else '--url'} is for a server here, and nothing is served",
            hint=f"Add --serve 0.0.0.0:{SERVE_PORT}, or leave it out.",
        )
    return stores, serve


def _look_at_port(serve: tuple[str, int] | None) -> None:
    if serve is not None:
        look_at_port(*serve)


def _mirrors(eventdir: EventDir) -> list[Store]:
    """Mirrors of the roster, to be read: they may show a rank that no store of ours shows."""
    urls = [mirror.url for mirror in eventdir.roster.mirrors if mirror.cls != "onion"]
    return [HttpStore(url, credentials=Credentials(), times=_MIRROR_TIMES) for url in urls[:_MIRRORS_READ]]


def _open(output: Output, name: str) -> Store:
    """The store of that name; one that is away now is tried again with everything that is put there."""
    try:
        return open_store(name)
    except StoreError as error:
        output.warn(error.message, code=error.code, hint="It is filled in when it returns.")
        return LateStore(name)


def _check_clock(output: Output, options: LiveOptions, stores: list[Store]) -> None:
    """Viewers judge by the time that we sign: a clock measured wrong does not go on the air."""
    from huma.cli.timehost import NO_NTP
    from huma.net.timesources import ask_http, ask_ntp

    sources = {store.url: ask_http(store.url) for store in stores if isinstance(store, HttpStore)}
    if options.ntp != NO_NTP:
        sources[options.ntp] = ask_ntp(options.ntp)
    readings = {name: reading for name, reading in sources.items() if reading is not None}
    if not readings:
        if sources:
            output.warn(
                "nobody could be asked for the time", hint="Look at the clock yourself.", code="clock-unknown"
            )
        return
    for name, reading in readings.items():
        if reading.is_off and not options.ignore_clock:
            raise HumaError(
                f"the clock of this machine is {reading.off_s:+.1f} s off, by {name}",
                code="clock-off",
                hint="Set it (timedatectl set-ntp true), or go on with --ignore-clock.",
            )


def _choose_key(
    output: Output,
    options: LiveOptions,
    eventdir: EventDir,
    event: Event,
    log: LiveLog,
    look: PublicLook,
    *,
    solo: bool,
) -> _Chosen:
    """The key to sign with. One person whose log is lost goes on with the next rank, and is told."""
    revoked = frozenset[str]()
    for data in look.revoked_files:
        revoked |= revoked_in(eventdir, data)
    ranks = {key.rank: key.keyid for key in event.live_keys}
    used = [rank for rank, keyid in ranks.items() if log.logged(keyid)]
    rank = options.rank or max(used, default=min(ranks))
    while True:
        key = eventdir.live_signer(rank)
        logged = log.logged(key.public.keyid)
        try:
            standing = judge_standing(
                keyid=key.public.keyid,
                rank=rank,
                logged=logged,
                used_before=is_marked(eventdir.keys, USED, key.public.keyid)
                and not log.documents(key.public.keyid),
                spent=is_marked(eventdir.keys, SPENT, key.public.keyid),
                shown=look.shown,
                revoked=revoked,
            )
        except KeyStoreError as error:
            may_go_on = isinstance(error, LogBehindError) or error.code == "revoked"
            if not solo or not may_go_on or options.rank is not None:
                raise
            rank += 1
            output.warn(f"{error.message}; going on with the live key of rank {rank}", code="next-rank")
            continue
        if standing.takes_back_end:
            output.warn("this event had ended; it goes on", code="takes-back-end")
        return _Chosen(key, rank, logged, standing)


def revoked_in(eventdir: EventDir, data: bytes) -> frozenset[str]:
    """The live keys that a revoked.json validly revokes."""
    try:
        return frozenset(eventdir.trusted.revoked(data))
    except HumaError:
        return frozenset()


def _last_chapters(reader: PublicReader, stores: list[Store], standing: Standing) -> dict[str, ChapterRef]:
    found = {name: reader.last_chapter(stores, playlist) for name, playlist in standing.base.items()}
    return {name: ref for name, ref in found.items() if ref is not None}


def _documents(plan: LivePlan, chosen: _Chosen, chapters: dict[str, ChapterRef]) -> dict[str, bytes]:
    """What of our key some store may still lack; at a take-over the checkpoint, signed once and logged."""
    if not chosen.logged and chosen.standing.base:
        data = checkpoint_of(plan.event_id, chosen.key, chosen.rank, chapters, plan.clock.wall())
        plan.log.commit_document(plan.signer.keyid, checkpoint_path(chosen.rank), data)
    return plan.log.documents(plan.signer.keyid)
