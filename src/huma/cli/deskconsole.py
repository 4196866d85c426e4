"""The organiser's console: what `huma desk` shows and does. docs/reference/desk.md names every member."""

from __future__ import annotations

import re
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huma.cli.consoleword import DESK_WORD, greet_console, leave_word, token_for
from huma.cli.livetrouble import ALARM, WARNING, alarm, of_trust
from huma.cli.output import now_ms
from huma.cli.places import state_folder
from huma.cli.trustages import TrustAges
from huma.config import DESK_PORT
from huma.console.server import Console
from huma.desk.outside import Outside, Place, verdict
from huma.errors import HumaError, UsageError
from huma.keys import livekeys, mirrorlist, repository, sealed
from huma.keys.eventdir import REVOKED, EventDir, live_key_name
from huma.net.certificates import tls_context
from huma.net.pages import load_pages
from huma.protocol.clocktext import format_ms
from huma.protocol.hosts import parse_mirror_url
from huma.protocol.roster import CLASSES, TIERS, Mirror
from huma.protocol.steering import Steering, parse_steering, render_steering
from huma.store.credentials import Credentials
from huma.store.http import HttpStore, HttpTimes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack

    from huma.cli.output import Output
    from huma.desk.desk import DeskTurn
    from huma.net.server import Tls
    from huma.protocol.strictjson import Members
    from huma.store.port import Store

_TIMES: Final = HttpTimes(connect=4.0, idle=4.0, whole=8.0)
_MIRROR: Final = "mirror"
_ID_BYTES: Final = 32
_URL_BYTES: Final = 512
_NAME_BYTES: Final = 128


class DeskConsole:
    """Shows an event as its organiser needs it, and does what the organiser asks.

    It never asks for a passphrase: what needs a locked key is refused, and done at the terminal.
    """

    def __init__(
        self, eventdir: EventDir, stores: Sequence[Store], *, pair: int, hurry: Callable[[], None]
    ) -> None:
        self._eventdir = EventDir(eventdir.path)
        self.event_id = eventdir.event_id
        self._pair = pair
        self._hurry = hurry
        self._stores = {f"store {place}": each for place, each in enumerate(stores, start=1)}
        self._mirrors: dict[str, HttpStore] = {}
        self._turn: DeskTurn | None = None
        self._trust = TrustAges(self._eventdir)
        self.outside = Outside(
            lambda: self._eventdir.event, self._eventdir.event_id, self._places, wall=now_ms
        )

    def told(self, turn: DeskTurn) -> None:
        """Take note of a turn of the desk."""
        self._turn = turn

    def look(self) -> dict[str, Any]:
        """The state, as JSON can hold it."""
        now, event = now_ms(), self._eventdir.event
        seen = [
            {
                **asdict(each),
                "state": each.state(now),
                "age_ms": None if each.issued_ms is None else now - each.issued_ms,
            }
            for each in self.outside.seen
        ]
        state: dict[str, Any] = {
            "v": 1,
            "at": format_ms(now),
            "event": {
                "id": self._eventdir.event_id,
                "title": dict(event.title),
                "start_ms": event.start_ms,
                "end_ms": event.end_ms,
            },
            "on_air": verdict(self.outside.seen, now),
            "seen": seen,
            "mirrors": self._mirror_rows(),
            "live_keys": self._key_rows(),
            "sealed_root": sealed.sealed_root_version(self._eventdir),
            "trust": self._trust.rows(now),
            "desk": _turn(self._turn),
        }
        state["alarms"] = _alarms(state)
        return state

    def commands(self) -> Mapping[str, Callable[[Members], dict[str, Any]]]:
        """What can be done, by name."""
        return {
            "add-mirror": self._add,
            "remove-mirror": self._remove,
            "withdraw": lambda members: self._steer(members, withdrawn=True),
            "restore": lambda members: self._steer(members, withdrawn=False),
            "revoke": self._revoke,
            "add-live-key": self._add_live_key,
            "release-root": self._release_root,
        }

    # -- what is shown --------------------------------------------------------------------------------

    def _places(self) -> dict[str, Place]:
        """Where viewers look: every mirror of the roster, then the stores. An onion needs a tor of its own."""
        places: dict[str, Place] = {}
        for mirror in self._eventdir.roster.mirrors:
            if mirror.cls != "onion":
                store = self._mirrors.get(mirror.url)
                if store is None:
                    store = HttpStore(mirror.url, credentials=Credentials(), times=_TIMES)
                    self._mirrors[mirror.url] = store
                places[f"{_MIRROR} {mirror.id}"] = Place(mirror.id, _MIRROR, store)
        for key, store_ in self._stores.items():
            places[key] = Place(store_.name, "store", store_)
        return places

    def _mirror_rows(self) -> list[dict[str, Any]]:
        signed, steering = self._eventdir.roster, self._steering()
        try:
            wanted = self._eventdir.config.roster.mirrors
        except HumaError:
            wanted = ()  # somebody is typing in event.toml just now
        known = {mirror.id: mirror for mirror in (*wanted, *signed.mirrors)}
        return [
            {
                "id": mirror.id,
                "url": mirror.url,
                "operator": mirror.operator,
                "class": mirror.cls,
                "tier": mirror.tier,
                "signed": signed.mirror(mirror.id) == mirror,
                "withdrawn": mirror.id in steering.withdrawn,
            }
            for mirror in known.values()
        ]

    def _key_rows(self) -> list[dict[str, Any]]:
        revoked = self._eventdir.trusted.revoked(self._eventdir.read(REVOKED) or b'{"revoked":[]}')
        rows = []
        for key in self._eventdir.event.live_keys:
            try:
                sealed.sealed_revocation(self._eventdir, key.keyid)
                is_sealed = True
            except HumaError:
                is_sealed = False
            rows.append(
                {
                    "rank": key.rank,
                    "name": live_key_name(key.rank),
                    "keyid": key.keyid,
                    "revoked": key.keyid in revoked,
                    "sealed": is_sealed,
                }
            )
        return rows

    def _steering(self) -> Steering:
        documents = self._eventdir.trusted
        if "steering" not in documents.delegated:
            return Steering()
        data = self._eventdir.read(documents.target_path("steering.json"))
        return Steering() if data is None else parse_steering(documents.target("steering.json", data))

    # -- what is done ---------------------------------------------------------------------------------

    def _add(self, members: Members) -> dict[str, Any]:
        url = members.text("url", _URL_BYTES)
        url = url if url.endswith("/") else url + "/"
        given = members.members
        mirror = Mirror(
            id=members.text("id", _ID_BYTES) if given.get("id") else _id_of(url),
            url=url,
            operator=members.text("operator", _NAME_BYTES),
            cls=members.choice("class", CLASSES) if "class" in given else "server",
            tier=members.choice("tier", TIERS) if "tier" in given else "volunteer",
            addresses=members.texts("addresses", 8, 64) if "addresses" in given else (),
            spki=members.texts("spki", 8, 64) if "spki" in given else (),
        )
        mirrorlist.add_mirror(self._eventdir, mirror)
        self._hurry()
        return {"mirror": mirror.id}

    def _remove(self, members: Members) -> dict[str, Any]:
        mirrorlist.remove_mirror(self._eventdir, members.text("mirror", _ID_BYTES))
        self._hurry()
        return {}

    def _steer(self, members: Members, *, withdrawn: bool) -> dict[str, Any]:
        """Viewers leave a withdrawn mirror when they next read the steering; its entry in the roster stays."""
        mirror_id, steering = members.text("mirror", _ID_BYTES), self._steering()
        known = {mirror.id for mirror in self._eventdir.roster.mirrors}
        if mirror_id not in known:
            raise UsageError(f"the roster lists no mirror {mirror_id}", code="mirror-id")
        left = tuple(each for each in steering.withdrawn if each != mirror_id)
        if withdrawn and not known - {*left, mirror_id}:
            raise UsageError(
                "that is the last mirror that is not withdrawn",
                code="last-mirror",
                hint="Add another first: viewers would have none.",
            )
        changed = Steering(steering.weights, (*left, mirror_id) if withdrawn else left, steering.hints)
        repository.sign_delegated(
            self._eventdir, "steering", now_ms(), render_steering(changed), pair=self._pair
        )
        self._hurry()
        return {}

    def _revoke(self, members: Members) -> dict[str, Any]:
        """There is no way back, so the whole key id is wanted: a slip of the finger has none."""
        keyid = members.text("keyid", _ID_BYTES)
        if keyid not in {key.keyid for key in self._eventdir.event.live_keys}:
            raise UsageError("the event lists no such live key", code="no-key")
        sealed.release_revocation(self._eventdir, keyid)
        self._hurry()
        return {"keyid": keyid}

    def _add_live_key(self, _: Members) -> dict[str, Any]:
        made = livekeys.add_live_key(self._eventdir, now_ms(), pair=self._pair)
        self._hurry()
        return {"keyid": made.keyid, "rank": made.rank}

    def _release_root(self, members: Members) -> dict[str, Any]:
        """The version stands in what was shown: whoever says it has seen what will happen."""
        version = members.integer("version", 1, 2**31)
        if version != sealed.sealed_root_version(self._eventdir):
            raise UsageError("no root of that version is sealed here", code="not-sealed")
        sealed.release_root(self._eventdir, now_ms())
        self._hurry()
        return {"version": version}


def open_desk(
    output: Output,
    shown: DeskConsole,
    place: tuple[str, int],
    parts: ExitStack,
    *,
    asked: bool,
    tls: Tls | None,
) -> None:
    """Open the organiser's console, and look at the stream from outside as long as it is open."""
    word = state_folder(shown.event_id) / DESK_WORD
    word.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pages = {page.path: page for page in load_pages(Path(str(files("huma").joinpath("pages"))))}

    def opened(port: int) -> Console:
        console = Console(
            shown.look,
            shown.commands(),
            token=token_for(word),
            host=place[0],
            port=port,
            page=pages.get("desk.html"),
            tls=None if tls is None else tls_context(tls),
        )
        console.start()
        return console

    try:
        console = opened(place[1])
    except UsageError:
        if asked:
            raise
        console = opened(0)
    parts.callback(console.stop)
    leave_word(word, console)
    greet_console(output, console, address=f"in {word}", port=DESK_PORT)
    shown.outside.start()
    parts.callback(shown.outside.stop)


def _id_of(url: str) -> str:
    """An id made of the host's name, where a person gave none."""
    host = parse_mirror_url(url).host.strip("[]")
    found = re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")[:_ID_BYTES].strip("-")
    return found or _MIRROR


def _turn(turn: DeskTurn | None) -> dict[str, Any] | None:
    if turn is None:
        return None
    return {
        "at_ms": turn.at_ms,
        "signed": list(turn.signed),
        "timestamp": turn.timestamp_version,
        "resting": turn.resting,
        "stores": [asdict(store) | {"ok": store.ok} for store in turn.stores],
        "warnings": [warning.as_dict() for warning in turn.warnings],
    }


def _alarms(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    during = state["event"]["start_ms"] <= now_ms() <= state["event"]["end_ms"]
    if state["on_air"] in ("off", "late") and during:
        found.append(alarm("off-air" if state["on_air"] == "off" else "late", "event"))
    for each in state["seen"]:
        if each["state"] == "wrong":
            found.append(alarm(each["code"], each["name"]))
        elif during and each["state"] in ("away", "late"):
            found.append(alarm(each["code"] or "late", each["name"], WARNING))
    desk = state["desk"]
    if desk is not None:
        found += [alarm(each["code"], each["name"], WARNING) for each in desk["stores"] if not each["ok"]]
        found += [alarm(each["code"], "desk", WARNING) for each in desk["warnings"]]
        if desk["resting"]:
            found.append(alarm("resting", "desk", WARNING))
    found += of_trust(state["trust"])
    return sorted(found, key=lambda each: each["level"] != ALARM)
