"""`huma desk`: keep an event's trust documents fresh, and bring them to its stores."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huma.cli.latestore import LateStore
from huma.cli.live import parse_console, parse_tls
from huma.cli.new import installed_player
from huma.cli.output import DEGRADED, FAILED, OK, Output, duration_words, now_ms, refuse
from huma.cli.passphrases import TerminalPassphrases
from huma.config import DESK_PORT
from huma.desk.desk import Desk, DeskTurn
from huma.errors import HumaError, StoreError
from huma.keys import livekeys, repository, sealed
from huma.keys.eventdir import EventDir, live_key_name
from huma.keys.repository import COLD_PAIR, FIRST_PAIR, SPARE_PAIR
from huma.protocol.clocktext import format_ms
from huma.store.place import has_password, open_store

if TYPE_CHECKING:
    from huma.net.server import Tls
    from huma.store.port import Store

_SAY_AGAIN_MS: Final = 60_000


_Event = Annotated[Path, typer.Option("--event", metavar="DIR", help="The event's folder.")]
_To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="STORE", help="A folder or URL to publish to, besides those of event.toml."),
]
_Once = Annotated[bool, typer.Option("--once", help="One turn, then end.")]
_Pair = Annotated[
    int,
    typer.Option(help="Which timestamp and snapshot keys: 1 the desk's, 2 the cold ones, 3 the spare ones."),
]
_Resume = Annotated[
    bool, typer.Option("--resume", help="Sign again, although the other pair has signed since.")
]
_SignEvent = Annotated[
    bool,
    typer.Option(
        "--sign-event",
        help="First sign event.json as event.toml has it, and the player (needs targets keys).",
    ),
]
_Revoke = Annotated[
    str | None,
    typer.Option(
        metavar="A|B|C|KEYID", help="First release the sealed revocation of a live key. No way back."
    ),
]
_ReleaseRoot = Annotated[
    bool,
    typer.Option(
        "--release-root", help="First release the sealed root that replaces pairs 1 and 2 by pair 3."
    ),
]
_AddLiveKey = Annotated[
    bool,
    typer.Option(
        "--add-live-key", help="First make a live key above all ranks (needs root and targets keys)."
    ),
]
_Console = Annotated[
    str | None,
    typer.Option(
        "--console",
        metavar="HOST:PORT",
        help="Where the organiser's page is; off for none.",
        show_default=f"127.0.0.1:{DESK_PORT}",
    ),
]
_Cert = Annotated[
    Path | None, typer.Option("--cert", metavar="FILE", help="TLS certificate chain for --console.")
]
_Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its private key.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object a turn.")]


def desk(
    event: _Event,
    to: _To = None,
    once: _Once = False,
    pair: _Pair = FIRST_PAIR,
    resume: _Resume = False,
    sign_event: _SignEvent = False,
    revoke: _Revoke = None,
    release_root: _ReleaseRoot = False,
    add_live_key: _AddLiveKey = False,
    console: _Console = None,
    cert: _Cert = None,
    key: _Key = None,
    as_json: _Json = False,
) -> None:
    """Keep the trust documents fresh: the timestamp every 5 minutes, the snapshot daily, and all stores up to date.

    It belongs on the organiser's machine, never on the one that is on the air. Stop it with Ctrl-C; it can be started
    again at any time, and reads every store before it writes.
    """
    output = Output(as_json=as_json)
    pair = SPARE_PAIR if release_root else pair
    if pair not in (FIRST_PAIR, COLD_PAIR, SPARE_PAIR):
        raise refuse(f"there is no pair {pair}", "Give --pair 1, 2 or 3.")
    eventdir = EventDir(event, TerminalPassphrases())
    stores = _stores(output, [*eventdir.config.stores, *(to or [])])
    first = _First(sign_event, revoke, release_root, add_live_key)
    _first(output, eventdir, first, pair)
    tell = _Reporter(output)
    if not once:
        wanted = _Wanted(parse_console(console, DESK_PORT), console is not None, parse_tls(cert, key))
        _keep(output, eventdir, stores, tell, wanted, pair=pair, resume=resume)
        return
    worker = Desk(eventdir, stores, report=tell, pair=pair, resume=resume)
    try:
        turn = worker.turn()
    finally:
        worker.close()
    raise typer.Exit(_code(turn))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Where the console should be, whether somebody said so, and its certificate."""

    place: tuple[str, int] | None
    asked: bool
    tls: Tls | None


def _keep(
    output: Output,
    eventdir: EventDir,
    stores: list[Store],
    tell: _Reporter,
    wanted: _Wanted,
    *,
    pair: int,
    resume: bool,
) -> None:
    """Take turns until told to stop, with the organiser's console beside them."""
    from huma.cli.deskconsole import DeskConsole, open_desk

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def report(turn: DeskTurn) -> None:
        shown.told(turn)
        tell(turn)

    worker = Desk(eventdir, stores, report=report, pair=pair, resume=resume)
    shown = DeskConsole(eventdir, stores, pair=pair, hurry=worker.hurry)
    with ExitStack() as parts:
        if wanted.place is not None:
            open_desk(output, shown, wanted.place, parts, asked=wanted.asked, tls=wanted.tls)
        output.say(f"The desk of {eventdir.path}. Ctrl-C ends it.", style="dim")
        worker.run(stop)


@dataclass(frozen=True, slots=True)
class _First:
    """What a person asked for by name, to be done before the usual work."""

    sign_event: bool
    revoke: str | None
    release_root: bool
    add_live_key: bool


def _first(output: Output, eventdir: EventDir, wanted: _First, pair: int) -> None:
    if wanted.revoke is not None:
        keyid = sealed.release_revocation(eventdir, _keyid(eventdir, wanted.revoke))
        output.say(f"Live key {keyid} is revoked, for ever.", style="bold red")
        output.event("state", state="revoked", keyid=keyid)
    if wanted.release_root:
        version = sealed.release_root(eventdir, now_ms())
        output.say(f"Root {version} is released: only pair {SPARE_PAIR} signs from here on.", style="bold")
        output.event("state", state="root", version=version)
    if wanted.add_live_key:
        made = livekeys.add_live_key(eventdir, now_ms(), pair=pair)
        output.say(
            f"Live key {made.keyid} of rank {made.rank} is in keys/{live_key_name(made.rank)}.pem.",
            style="bold",
        )
        output.event("state", state="live-key", keyid=made.keyid, rank=made.rank)
    if wanted.sign_event:
        held = eventdir.event
        event = eventdir.config.event(epoch_ms=held.epoch_ms, live_keys=held.live_keys)
        repository.resign_event(eventdir, event, now_ms(), player=installed_player(), pair=pair)
        output.say("event.json is signed as event.toml has it, and so is the player.", style="bold")
        output.event("state", state="event-signed")


def _keyid(eventdir: EventDir, text: str) -> str:
    """A live key by its letter or its id."""
    keys = eventdir.event.live_keys
    found = next(
        (key.keyid for key in keys if text == key.keyid or f"live-{text.lower()}" == live_key_name(key.rank)),
        None,
    )
    if found is None:
        listed = ", ".join(f"{key.keyid} (rank {key.rank})" for key in keys)
        raise refuse(f"the event lists no live key {text!r}", f"Give A, B, C, or one of: {listed}")
    return found


def _stores(output: Output, texts: list[str]) -> list[Store]:
    for text in texts:
        if has_password(text):
            output.warn(
                "a store's URL carries a password, which other users of this machine can see",
                hint="Put it into the environment or a netrc file (docs/how-to/stores.md).",
                code="password-in-url",
            )
    if not texts:
        output.warn(
            "no store: the documents are kept fresh in the event's folder alone", hint="Give --to STORE."
        )
    return [_opened(output, text) for text in dict.fromkeys(texts)]


def _opened(output: Output, text: str) -> Store:
    """The store; one that is away now, such as a disk that is not mounted, is tried again at each turn."""
    try:
        return open_store(text)
    except StoreError as error:
        output.warn(error.message, hint="The others go on; this one is tried again.", code=error.code)
        return LateStore(text)


def _code(turn: DeskTurn) -> int:
    """Degraded when some stores lack something, failed when all do or nothing could be signed."""
    if turn.ok:
        return OK
    if turn.stores and not any(store.ok for store in turn.stores):
        return FAILED
    return DEGRADED


class _Reporter:
    """Tells each turn in JSON; to people only what changed, or a sign of life each minute."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._said: tuple[object, ...] = ()
        self._said_ms = 0

    def __call__(self, turn: DeskTurn) -> None:
        """Tell one turn."""
        self._output.event(
            "state",
            at_ms=turn.at_ms,
            state="resting" if turn.resting else "fresh" if turn.ok else "degraded",
            signed=list(turn.signed),
            timestamp=turn.timestamp_version,
            expires=format_ms(turn.expires_ms),
            revoked=turn.revoked,
            stores=[
                {
                    "store": store.name,
                    "ok": store.ok,
                    "code": store.code,
                    "message": store.message,
                    "written": store.written,
                }
                for store in turn.stores
            ],
            warnings=[warning.as_dict() for warning in turn.warnings],
        )
        if self._output.as_json:
            return
        state = (
            turn.resting,
            turn.revoked,
            tuple((s.name, s.code) for s in turn.stores),
            _words(turn.warnings),
        )
        if turn.signed or state != self._said or turn.at_ms - self._said_ms >= _SAY_AGAIN_MS:
            self._say(turn)
            self._said, self._said_ms = state, turn.at_ms

    def _say(self, turn: DeskTurn) -> None:
        good = sum(store.ok for store in turn.stores)
        signed = f"signed {', '.join(turn.signed)}" if turn.signed else "nothing due"
        line = f"{format_ms(turn.at_ms)[11:19]}Z  timestamp {turn.timestamp_version}, good for {duration_words(turn.expires_ms - turn.at_ms)}; {signed}; {good}/{len(turn.stores)} stores"
        self._output.say(line + (f"; {turn.revoked} keys revoked" if turn.revoked else ""))
        if turn.resting:
            self._output.warn(
                "the other pair has signed since, so this desk rests", hint="--resume, once you know why."
            )
        for store in turn.stores:
            if not store.ok:
                self._output.warn(store.message, code=store.code)
        for warning in turn.warnings:
            self._output.warn(warning.message, hint=warning.hint, code=warning.code)


def _words(warnings: tuple[HumaError, ...]) -> tuple[str, ...]:
    return tuple(warning.message for warning in warnings)
