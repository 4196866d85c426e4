"""Rows about the world around: stores, disks, clocks, and what was signed live before."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from huma.broadcast.spool import DEFAULT_SPOOL_BYTES
from huma.check.finding import Level, Row
from huma.check.world_checks import SPOOL_BYTES
from huma.errors import StoreError
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.net.clock import ClockReading
from huma.protocol.names import MediaRef, live_path
from huma.protocol.playlist import LivePlaylist, SegmentEntry, render_live
from huma.protocol.signedtext import render_signed
from tests.check.stage import FAIL, WARN, Provocation, Stage, bring, provoked
from tests.keys.eventmaking import NOW


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


def on_the_air(gib: float) -> Callable[[Stage], None]:
    """Room enough everywhere but where the log and the spool will be."""

    def provoke(stage: Stage) -> None:
        bring(stage, "live-a")
        stage.options["free_bytes"] = lambda place: int(gib * 1024**3) if place == stage.state else 10**15

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


PROVOCATIONS: list[Provocation] = [
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
    ("disk", FAIL, "full an hour after a store has gone", on_the_air(0.9)),
    ("disk", WARN, "they take up to 4", on_the_air(3.9)),
    ("clock", WARN, "nobody was asked", clock()),
    ("clock", WARN, "nobody knows", clock(one=None)),
    ("clock", FAIL, "+4.0 s against one", clock(one=ClockReading(4, 5))),
    ("clock", FAIL, "-9.0 s against one", clock(one=ClockReading(-10, -9), two=None)),
    ("clock", WARN, "one and two disagree", clock(one=ClockReading(4, 5), two=ClockReading(-1, 1))),
    ("live-log", FAIL, "the log of it is not on this machine", lost_log),
    ("live-log", FAIL, "the log is older than what is public: one, v360", old_log),
    ("live-log", WARN, "rank 2 is on the air elsewhere", taken_over),
    ("live-log", FAIL, "cannot be read", torn_log),
    ("live-log", FAIL, "the live log is damaged", forged_log),
]  # fmt: skip


test_what_is_wrong_is_said_with_its_mend = provoked(PROVOCATIONS)


def test_where_a_live_key_lies_the_disk_of_the_broadcast_is_looked_at(stage: Stage) -> None:
    def rows() -> list[str]:
        return [row.text for row in stage.rows() if row.id == "disk" and str(stage.state) in row.text]

    assert rows() == []
    on_the_air(5)(stage)
    (text,) = rows()
    assert DEFAULT_SPOOL_BYTES == SPOOL_BYTES, "rooms do not import one another, and mean the same"
    bandwidth = {each.name: each.bandwidth for each in stage.event.event.renditions}
    assert stage.event.event.languages[0].code == "en"
    recorded = (bandwidth["v720"] + 2 * bandwidth["a-en"] + bandwidth["a-fa"]) * 450 / 1024**3
    assert f"(--record) takes {recorded:.2f} an hour" in text


def test_a_log_that_is_as_public_as_can_be_is_right(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    show(stage, 1, 10)
    assert [row.level for row in stage.rows() if row.id == "live-log"] == [Level.OK]


def copied(stage: Stage) -> None:
    """The event now signs a source as it is: none of the renditions of before is left."""
    event = stage.event.event
    (v360,) = [each for each in event.renditions if each.name == "v360"]
    stage.sign(renditions=(replace(v360, name="v"),), copy=True)
    stage.published()


def live_log(stage: Stage) -> list[Row]:
    return [row for row in stage.rows() if row.id == "live-log"]


def test_what_was_signed_while_the_event_had_other_renditions_accuses_nobody(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    copied(stage)
    (row,) = live_log(stage)
    assert row.level is Level.OK
    assert "while the event had other renditions (v360)" in row.text
    assert "evidence" not in row.text + row.mend


def test_the_key_of_what_was_signed_before_is_still_known(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    copied(stage)
    shown = playlist(stage.event, 1, 20).replace(b'RENDITION="v360"', b'RENDITION="v"')
    assert b'RENDITION="v"' in shown
    stage.stores[0].put(live_path("v"), resigned(stage, shown))
    (row,) = live_log(stage)
    assert row.level is Level.FAIL
    assert "the log is older than what is public: one, v" in row.text


def resigned(stage: Stage, data: bytes) -> bytes:
    """The same text, signed anew by the live key of rank 1."""
    return render_signed("live", data.decode().splitlines()[:-1], stage.event.live_signer(1))


def test_rules_that_have_changed_since_make_an_older_log_no_forgery(stage: Stage) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    event = stage.event.event
    smaller = [replace(each, max_bytes=900) if each.name == "v360" else each for each in event.renditions]
    stage.sign(renditions=tuple(smaller))
    stage.published()
    (row,) = live_log(stage)
    assert row.level is Level.OK, row.text


@pytest.mark.parametrize("renditions_change", [False, True])
def test_a_log_that_nobody_of_the_event_signed_is_damaged(stage: Stage, renditions_change: bool) -> None:
    bring(stage, "live-a")
    log(stage, 1, 10)
    db = sqlite3.connect(stage.state / "live.sqlite")
    with db:
        db.execute("UPDATE playlist SET signed = CAST(replace(signed, 'TICK=10', 'TICK=11') AS BLOB)")
    db.close()
    if renditions_change:
        copied(stage)
    (row,) = live_log(stage)
    assert row.level is Level.FAIL
    assert "the live log is damaged" in row.text
    assert "--rank" in row.mend
