"""Each row of `huma check`: quiet where all is right, and provoked to speak by each thing that can go wrong."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from huma.check.finding import Level, Row, look_at, worst
from huma.check.scene import Scene
from huma.check.table import CHECKS
from huma.check.trust_checks import countdown
from huma.config import REVOKED_MAX_BYTES
from huma.desk.desk import Desk
from huma.errors import StoreError, TransportError
from huma.keys import repository
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig, with_mirrors
from huma.keys.sealed import release_revocation
from huma.keys.template import render_config
from huma.net.clock import ClockReading
from huma.protocol.event import Event, ScheduleItem
from huma.protocol.names import MediaRef, live_path
from huma.protocol.playlist import LivePlaylist, SegmentEntry, render_live
from huma.protocol.roster import Mirror, Roster, render_roster
from huma.protocol.steering import Steering, render_steering
from huma.store.memory import MemoryStore
from tests.check.conftest import MIRRORS
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW

HOUR_MS = 3_600_000
RIGHT = {"ntp.example": ClockReading(-0.1, 0.2)}


class Named(MemoryStore):
    """A store with a name, and attack knobs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.deaf = False
        self.forgets = False

    @property
    def name(self) -> str:
        return self._name

    def put(self, path: str, data: bytes, *, content_type: str = "", cache_control: str = "") -> None:
        if self.deaf:
            raise StoreError(f"{self.name} refuses", code="store-refused")
        if not self.forgets:
            super().put(path, data, content_type=content_type, cache_control=cache_control)


@dataclass
class Stage:
    """What a provocation may change."""

    event: EventDir
    state: Path
    stores: list[Named] = field(default_factory=lambda: [Named("one"), Named("two")])
    options: dict[str, Any] = field(default_factory=dict)
    now: int = NOW + 60_000

    def published(self) -> Stage:
        desk = Desk(self.event, self.stores, clock=lambda: NOW)
        desk.turn()
        desk.close()
        return self

    def rows(self) -> list[Row]:
        given: dict[str, Any] = {
            "clocks": lambda: RIGHT,
            "resolve": lambda _: ("198.51.100.1",),
            "player": b"<p>",
        }
        scene = Scene(self.event, self.now, self.state, self.stores, **(given | self.options))
        return list(look_at(scene, CHECKS))

    def write(self, config: EventConfig) -> None:
        (self.event.path / "event.toml").write_bytes(render_config(config))

    def sign(self, **changes: Any) -> None:
        """Sign another event, by holders who have met."""
        bring(self, "targets-1", "targets-2")
        repository.resign_event(self.event, replace(self.event.event, **changes), NOW)
        for name in ("targets-1", "targets-2"):
            (self.event.keys / f"{name}.pem").unlink()


def bring(stage: Stage, *names: str) -> None:
    for name in names:
        shutil.copy2(stage.event.path / "aside" / f"{name}.pem", stage.event.keys)


@pytest.fixture
def stage(good: EventDir, tmp_path: Path) -> Stage:
    return Stage(good, tmp_path / "state").published()


def test_nothing_is_wrong_where_all_is_right(stage: Stage) -> None:
    rows = stage.rows()
    assert [(row.id, row.text) for row in rows if row.level is not Level.OK] == []
    assert {row.id for row in rows} == {check.id for check in CHECKS}
    assert worst(rows) is Level.OK
    assert all(not row.mend for row in rows)


def open_key(stage: Stage) -> None:
    (stage.event.keys / "timestamp.pem").chmod(0o644)


def linked_key(stage: Stage) -> None:
    place = stage.event.keys / "timestamp.pem"
    place.rename(stage.event.path / "elsewhere.pem")
    place.symlink_to(stage.event.path / "elsewhere.pem")


def open_folder(stage: Stage) -> None:
    stage.event.sealed.chmod(0o755)


def no_keys(stage: Stage) -> None:
    for file in stage.event.keys.glob("*.pem"):
        file.unlink()


def no_steering_key(stage: Stage) -> None:
    (stage.event.keys / "steering.pem").unlink()


def only_live_key(stage: Stage) -> None:
    no_keys(stage)
    bring(stage, "live-a")


def swapped_key(stage: Stage) -> None:
    shutil.copy2(stage.event.keys / "timestamp.pem", stage.event.keys / "snapshot.pem")


def garbage_key(stage: Stage) -> None:
    (stage.event.keys / "snapshot.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\n")


def root_beside_live(stage: Stage) -> None:
    bring(stage, "root-1", "live-a")


def root_here(stage: Stage) -> None:
    bring(stage, "targets-2")


def live_beside_desk(stage: Stage) -> None:
    bring(stage, "live-b")


def safe_here(stage: Stage) -> None:
    bring(stage, "snapshot-2")


def bare_root(stage: Stage) -> None:
    shutil.copy2(stage.event.keys / "roster.pem", stage.event.keys / "root-1.pem")


def solo(stage: Stage) -> None:
    config = EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES)
    stage.event = create(stage.event.path.parent / "solo", config, now=NOW)
    stage.stores.clear()


def nothing_sealed(stage: Stage) -> None:
    for file in stage.event.sealed.iterdir():
        file.unlink()


def foreign_seal(stage: Stage) -> None:
    for file in stage.event.sealed.glob("revoke-*"):
        file.write_bytes(file.read_bytes().replace(stage.event.event_id.encode(), b"a" * 52))


def huge_seal(stage: Stage) -> None:
    for file in stage.event.sealed.glob("revoke-*"):
        file.write_bytes(b"x" * (REVOKED_MAX_BYTES + 1))


def one_revoked(stage: Stage) -> None:
    release_revocation(stage.event, stage.event.event.live_keys[0].keyid)


def all_revoked(stage: Stage) -> None:
    for key in stage.event.event.live_keys:
        release_revocation(stage.event, key.keyid)


def later(ms: int) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        stage.now = NOW + ms

    return provoke


def long_event(stage: Stage) -> None:
    stage.sign(end_ms=NOW + 40 * DAY_MS)


def very_long_event(stage: Stage) -> None:
    stage.sign(end_ms=NOW + 800 * DAY_MS)


def broken_toml(stage: Stage) -> None:
    (stage.event.path / "event.toml").write_text("title = ")


def lost_root(stage: Stage) -> None:
    (stage.event.public / "trust/1.targets.json").unlink()


def edited_toml(stage: Stage) -> None:
    stage.write(replace(stage.event.config, title={"en": "Other", "fa": "دیگر"}))


def untitled(stage: Stage) -> None:
    stage.sign(title={"en": "Try"})


def schedule(*items: ScheduleItem) -> Callable[[Stage], None]:
    return lambda stage: stage.sign(schedule=items)


def without(keep: Callable[[Event], Iterable[Any]]) -> Callable[[Stage], None]:
    return lambda stage: stage.sign(renditions=tuple(keep(stage.event.event)))


def other_player(stage: Stage) -> None:
    stage.options["player"] = b"<p>another"


def no_player(stage: Stage) -> None:
    bring(stage, "targets-1", "targets-2")
    repository.set_targets(stage.event, {}, NOW, remove=["player.html"])
    for name in ("targets-1", "targets-2"):
        (stage.event.keys / f"{name}.pem").unlink()


def steer(steering: Steering) -> Callable[[Stage], None]:
    return lambda stage: repository.set_target(stage.event, "steering.json", render_steering(steering), NOW)


def torn_target(stage: Stage) -> None:
    (stage.event.public / stage.event.trusted.target_path("player.html")).write_bytes(b"<q>")


def lost_target(stage: Stage) -> None:
    (stage.event.public / stage.event.trusted.target_path("index.m3u8")).unlink()


def stale_boot(stage: Stage) -> None:
    (stage.event.public / "trust/boot.json").write_bytes(b'{"v":1,"files":{}}')


def fat_boot(stage: Stage) -> None:
    import hashlib

    names = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(600)]
    mirrors = tuple(
        Mirror(f"m{n}", f"https://{name[:60]}.example/", name, "server", "volunteer")
        for n, name in enumerate(names)
    )
    roster(*mirrors)(stage)


def roster(*mirrors: Mirror) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        repository.set_target(stage.event, "roster.json", render_roster(Roster(mirrors)), NOW)
        stage.write(with_mirrors(stage.event.config, mirrors))

    return provoke


def unsigned_roster(stage: Stage) -> None:
    stage.write(with_mirrors(stage.event.config, MIRRORS[:1]))


def origin_by_name(stage: Stage) -> None:
    addresses = {"studio.example": ("198.51.100.7",), "a.example": ("198.51.100.7",)}
    stage.options["resolve"] = lambda host: addresses.get(host, ())
    stage.write(replace(stage.event.config, origin=("studio.example",)))


def origin_by_pin(stage: Stage) -> None:
    roster(replace(MIRRORS[0], addresses=("203.0.113.9",)), MIRRORS[1])(stage)


def origin_is_here(stage: Stage) -> None:
    bring(stage, "live-a")
    stage.options["own_addresses"] = lambda: frozenset({"198.51.100.1"})


def origin_unknown(stage: Stage) -> None:
    stage.write(replace(stage.event.config, origin=()))


def unresolvable(stage: Stage) -> None:
    def nowhere(host: str) -> tuple[str, ...]:
        raise TransportError(f"{host} leads nowhere")

    stage.options["resolve"] = nowhere
    stage.write(replace(stage.event.config, origin=("studio.example",)))


def no_store(stage: Stage) -> None:
    stage.stores.clear()


def one_store(stage: Stage) -> None:
    stage.stores.pop()


def deaf_store(stage: Stage) -> None:
    stage.stores[0].deaf = True


def forgetful_store(stage: Stage) -> None:
    stage.stores[0].delete("trust/1.root.json")
    stage.stores[0].forgets = True


def foreign_store(stage: Stage) -> None:
    stage.stores[0].put("trust/1.root.json", b"{}")


def unusable_store(stage: Stage) -> None:
    stage.options["unusable"] = {"ftp://x": StoreError("no store of the kind ftp:// yet")}


def password_in_url(stage: Stage) -> None:
    stage.options["in_the_url"] = ("https://store.example/",)


def empty_store(stage: Stage) -> None:
    stage.stores[0].delete("trust/timestamp.json")


def old_store(stage: Stage) -> None:
    for n in range(1, 6):
        repository.sign_timestamp(stage.event, NOW + n)


def store_ahead(stage: Stage) -> None:
    twin = stage.event.path.parent / "twin"
    shutil.copytree(stage.event.path, twin)
    repository.sign_timestamp(EventDir(twin), NOW + 1000)
    stage.stores[0].put("trust/timestamp.json", (twin / "public/trust/timestamp.json").read_bytes())


def free(gib: float) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        stage.options["free_bytes"] = lambda _: int(gib * 1024**3)
        stage.options["folders"] = [stage.event.path.parent]

    return provoke


def clock(**readings: ClockReading | None) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        stage.options["clocks"] = lambda: readings

    return provoke


def playlist(event: EventDir, rank: int, tick: int) -> bytes:
    bytes_of = MediaRef("ab" * 32, "m4s")
    held = event.event
    key = next(each for each in held.live_keys if each.rank == rank)
    entry = SegmentEntry(
        ref=bytes_of,
        size=1000,
        duration=held.grid.duration,
        discontinuity=False,
        init=MediaRef("cd" * 32, "mp4"),
        init_size=500,
        pdt_ms=held.grid.start_ms(tick),
    )
    value = LivePlaylist(
        event=event.event_id,
        rendition="v360",
        keyid=key.keyid,
        rank=rank,
        tick=tick,
        issued_ms=held.grid.start_ms(tick + 1),
        prev=None,
        prev_tick=None,
        chapter=None,
        chapter_sha=None,
        target_duration=2,
        media_sequence=tick,
        discontinuity_sequence=0,
        entries=(entry,),
        ended=False,
        extra=(),
    )
    return render_live(value, event.live_signer(rank))


def log(stage: Stage, rank: int, tick: int) -> None:
    """A log as the broadcaster leaves it."""
    stage.state.mkdir(exist_ok=True)
    key = next(each for each in stage.event.event.live_keys if each.rank == rank)
    db = sqlite3.connect(stage.state / "live.sqlite")
    with db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS playlist (keyid TEXT, rendition TEXT, tick INTEGER, signed BLOB, chain TEXT)"
        )
        signed = playlist(stage.event, rank, tick)
        db.execute("INSERT INTO playlist VALUES (?, 'v360', ?, ?, '')", (key.keyid, tick, signed))
    db.close()


def show(stage: Stage, rank: int, tick: int) -> None:
    stage.stores[0].put(live_path("v360"), playlist(stage.event, rank, tick))


def lost_log(stage: Stage) -> None:
    bring(stage, "live-a")
    show(stage, 1, 10)


def old_log(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 9)
    show(stage, 1, 10)


def taken_over(stage: Stage) -> None:
    bring(stage, "live-a", "live-b")
    log(stage, 1, 10)
    show(stage, 2, 11)
    (stage.event.keys / "live-b.pem").unlink()


def torn_log(stage: Stage) -> None:
    stage.state.mkdir()
    (stage.state / "live.sqlite").write_bytes(b"torn" * 1000)


def forged_log(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 9)
    db = sqlite3.connect(stage.state / "live.sqlite")
    with db:
        db.execute("UPDATE playlist SET signed = CAST('#EXTM3U' AS BLOB)")
    db.close()


IN_BOTH = {"en": "Opening", "fa": "گشایش"}
WARN, FAIL = Level.WARN, Level.FAIL
PROVOCATIONS: list[tuple[str, Level, str, Callable[[Stage], None]]] = [
    ("event-toml", FAIL, "not TOML", broken_toml),
    ("documents", FAIL, "1.targets.json is missing", lost_root),
    ("event-signed", WARN, "title", edited_toml),
    ("titles", WARN, "no title in fa", untitled),
    ("schedule", WARN, "in the past", later(2 * HOUR_MS)),
    ("schedule", WARN, "before the start", schedule(ScheduleItem(NOW - 1, IN_BOTH), ScheduleItem(NOW + HOUR_MS, IN_BOTH))),
    ("schedule", WARN, "not in every language: 'Only'", schedule(ScheduleItem(NOW + HOUR_MS, {"en": "Only"}))),
    ("times", FAIL, "over since", later(2 * DAY_MS)),
    ("times", WARN, "more than 14 days", long_event),
    ("ladders", WARN, "no slow ladder", without(lambda event: event.ladder(1))),
    ("ladders", WARN, "no fast ladder", without(lambda event: event.ladder(4))),
    ("ladders", WARN, "no sound in fa", without(lambda event: [r for r in event.renditions if r.name != "a-fa"])),
    ("player", WARN, "no player is signed", no_player),
    ("player", WARN, "not the one of this installation", other_player),
    ("key-modes", FAIL, "others on this machine can use timestamp.pem (mode 644)", open_key),
    ("key-modes", FAIL, "is a link", linked_key),
    ("key-modes", FAIL, "others on this machine can use sealed", open_folder),
    ("keys-present", FAIL, "can sign nothing", no_keys),
    ("keys-present", WARN, "key for steering is not here", no_steering_key),
    ("keys-present", WARN, "no desk key is here", only_live_key),
    ("keys-match", FAIL, "snapshot.pem is not the key", swapped_key),
    ("keys-match", FAIL, "does not hold a private key", garbage_key),
    ("keys-apart", WARN, "root-1 lie on a machine with live keys", root_beside_live),
    ("keys-apart", WARN, "targets-2 lie on this machine", root_here),
    ("keys-apart", WARN, "whoever seizes it has both", live_beside_desk),
    ("keys-apart", WARN, "belong into the safe", safe_here),
    ("keys-locked", WARN, "root-1 can be used by whoever finds", bare_root),
    ("solo", WARN, "is the event", solo),
    ("live-keys", WARN, "revoked, for ever", one_revoked),
    ("live-keys", FAIL, "every live key is revoked", all_revoked),
    ("live-keys", FAIL, "not now", later(-HOUR_MS)),
    ("live-keys", FAIL, "not now", later(32 * DAY_MS)),
    ("live-keys", FAIL, "ends before the event does", long_event),
    ("sealed-revocations", WARN, "is it in the safe", nothing_sealed),
    ("sealed-revocations", FAIL, "not valid", foreign_seal),
    ("sealed-revocations", FAIL, "not valid", huge_seal),
    ("sealed-root", WARN, "no root is sealed", nothing_sealed),
    ("expiry", WARN, "timestamp 2 expires in 22 h 0 min", later(2 * HOUR_MS)),
    ("expiry", FAIL, "timestamp 2 expired 1 h 0 min ago", later(25 * HOUR_MS)),
    ("expiry", WARN, "snapshot 2 expires in 4 d", later(3 * DAY_MS)),
    ("expiry", FAIL, "root 1 expired", later(367 * DAY_MS)),
    ("expiry", FAIL, "before the event ends", very_long_event),
    ("steering", WARN, "all mirrors weigh the same", later(25 * HOUR_MS)),
    ("steering", WARN, "does not list: m9", steer(Steering(weights={"m9": 5}))),
    ("steering", FAIL, "every mirror is withdrawn", steer(Steering(withdrawn=("m1", "m2")))),
    ("targets", FAIL, "player.html", torn_target),
    ("targets", FAIL, "index.m3u8", lost_target),
    ("boot", WARN, "not made of the documents in force", stale_boot),
    ("boot", WARN, "slow on thin lines", fat_boot),
    ("roster", WARN, "the roster is empty", roster()),
    ("roster", WARN, "one mirror", roster(MIRRORS[0])),
    ("roster", WARN, "one phone call", roster(MIRRORS[0], replace(MIRRORS[1], operator="A"))),
    ("roster", WARN, "none is trusted", roster(*(replace(each, tier="volunteer") for each in MIRRORS))),
    ("roster", WARN, "without https: m2", roster(MIRRORS[0], replace(MIRRORS[1], url="http://b.example/"))),
    ("roster-signed", WARN, "event.toml lists 1 mirrors, the roster 2", unsigned_roster),
    ("origin", FAIL, "m1 (https://a.example/) is the origin", origin_by_name),
    ("origin", FAIL, "m1 (https://a.example/) is the origin", origin_by_pin),
    ("origin", FAIL, "m2 (https://b.example/) is the origin", origin_is_here),
    ("origin", WARN, "does not say where the origin is", origin_unknown),
    ("origin", FAIL, "leads nowhere", unresolvable),
    ("stores", WARN, "no store", no_store),
    ("stores", WARN, "one store", one_store),
    ("stores", FAIL, "one refuses", deaf_store),
    ("stores", FAIL, "does not give back", forgetful_store),
    ("stores", FAIL, "holds another event", foreign_store),
    ("stores", FAIL, "ftp", unusable_store),
    ("stores", WARN, "carries a password", password_in_url),
    ("stores-current", WARN, "no documents of this event", empty_store),
    ("stores-current", WARN, "one has timestamp 2; 12 is in force", old_store),
    ("stores-current", WARN, "another desk signs", store_ahead),
    ("disk", FAIL, "full after", free(0.5)),
    ("disk", WARN, "all of the event takes", free(5)),
    ("clock", WARN, "nobody knows", clock()),
    ("clock", WARN, "nobody knows", clock(one=None)),
    ("clock", FAIL, "+4.0 s against one", clock(one=ClockReading(4, 5))),
    ("clock", FAIL, "-9.0 s against one", clock(one=ClockReading(-10, -9), two=None)),
    ("clock", WARN, "one and two disagree", clock(one=ClockReading(4, 5), two=ClockReading(-1, 1))),
    ("live-log", FAIL, "the log of it is not on this machine", lost_log),
    ("live-log", FAIL, "the log is older than what is public: one, v360", old_log),
    ("live-log", WARN, "rank 2 is on the air elsewhere", taken_over),
    ("live-log", FAIL, "cannot be read", torn_log),
    ("live-log", FAIL, "", forged_log),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "level", "text", "provoke"),
    PROVOCATIONS,
    ids=[f"{n}-{check}" for n, (check, *_) in enumerate(PROVOCATIONS)],
)
def test_what_is_wrong_is_said_with_its_mend(
    stage: Stage, check: str, level: Level, text: str, provoke: Callable[[Stage], None]
) -> None:
    provoke(stage)
    rows = stage.rows()
    found = [row for row in rows if row.id == check and row.level is level and text in row.text]
    assert found, [(row.level, row.text) for row in rows if row.id == check]
    assert all(row.mend for row in found)


@pytest.mark.parametrize(("k", "n", "text"), [(1, 2, "one stolen key"), (2, 2, "one lost key")])
def test_thresholds_that_are_too_low_or_too_high(tmp_path: Path, k: int, n: int, text: str) -> None:
    from huma.keys.creation import Holders
    from tests.keys.eventmaking import passphrase

    config = EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES)
    made = create(tmp_path / "e", config, now=NOW, holders=Holders(k, n, solo=False), passphrases=passphrase)
    rows = [row for row in Stage(made, tmp_path / "state").rows() if row.id == "threshold"]
    assert [row.level for row in rows] == [WARN, WARN]
    assert text in rows[0].text


def test_every_row_is_provoked() -> None:
    assert {check for check, *_ in PROVOCATIONS} | {"threshold"} == {check.id for check in CHECKS}


def test_a_log_that_is_as_public_as_can_be_is_right(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    show(stage, 1, 10)
    assert [row.level for row in stage.rows() if row.id == "live-log"] == [Level.OK]


def test_what_stands_on_broken_ground_is_left_out(stage: Stage) -> None:
    lost_root(stage)
    ids = {row.id for row in stage.rows()}
    assert "expiry" not in ids
    assert {"documents", "event-toml", "key-modes", "stores", "clock"} <= ids


def test_ids_are_unique_and_every_row_says_how_it_looks() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.what and check.how and check.mend for check in CHECKS)


def test_countdowns_are_read_at_a_glance() -> None:
    assert [countdown(ms) for ms in (59_000, 240_000, 86_340_000, 31_532_400_000)] == [
        "0 min", "4 min", "23 h 59 min", "364 d 23 h",
    ]  # fmt: skip
