from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from huma.broadcast.log import LiveLog, only_one
from huma.broadcast.signer import LiveSigner, SignedStep, entry_of
from huma.config import CHAPTER_TICKS
from huma.errors import KeyStoreError, UsageError
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, chain, event, segment

SIGNER = LiveSigner(event(), EVENT_ID, KEYS[1])


def steps(first: int, last: int, before: SignedStep | None = None) -> list[SignedStep]:
    found = []
    now = before.chain if before else chain("v")
    for n in range(first, last + 1):
        found.append(
            SIGNER.extend(
                now, [(n, entry_of(segment("v", n, size=40, discontinuity=n == 5)))], now_ms=EPOCH_MS
            )
        )
        now = found[-1].chain
    return found


def test_what_was_committed_is_read_back_as_it_was(tmp_path: Path) -> None:
    log = LiveLog(tmp_path, EVENT_ID)
    assert log.logged(SIGNER.keyid) == {}
    last = None
    for each in steps(0, CHAPTER_TICKS + 5):
        log.commit(SIGNER.keyid, [each])
        last = each
        if each.chain.next_n in (1, 4, 7, CHAPTER_TICKS, CHAPTER_TICKS + 1, CHAPTER_TICKS + 6):
            again = LiveLog(tmp_path, EVENT_ID)
            found = again.logged(SIGNER.keyid)["v"]
            assert found.chain == each.chain
            assert found.playlist == each.playlist
            again.close()
    assert last is not None
    assert list(log.documents(SIGNER.keyid)) == ["archive/v/1-0.m3u8"]
    log.forget(SIGNER.keyid, ["archive/v/1-0.m3u8"])
    assert log.documents(SIGNER.keyid) == {}
    assert log.logged("0" * 16) == {}


def test_a_batch_is_all_or_nothing(tmp_path: Path) -> None:
    log = LiveLog(tmp_path, EVENT_ID)
    first, *rest = steps(0, CHAPTER_TICKS - 1)
    log.commit(SIGNER.keyid, [first])
    log.commit(SIGNER.keyid, [rest[-1]])
    after = log.logged(SIGNER.keyid)["v"]
    with pytest.raises(KeyStoreError):  # the chapter is there already: it cannot be written twice
        log.commit(SIGNER.keyid, [steps(CHAPTER_TICKS, CHAPTER_TICKS, rest[-1])[0], rest[-1]])
    assert log.logged(SIGNER.keyid)["v"] == after


def test_the_log_of_another_event_is_refused(tmp_path: Path) -> None:
    LiveLog(tmp_path, EVENT_ID).close()
    with pytest.raises(KeyStoreError) as caught:
        LiveLog(tmp_path, "b" * 52)
    assert caught.value.code == "log-of-another-event"


@pytest.mark.parametrize("junk", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_log_is_refused_with_the_mend(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "live.sqlite").write_bytes(junk)
    with pytest.raises(KeyStoreError) as caught:
        LiveLog(tmp_path, EVENT_ID).logged(SIGNER.keyid)
    assert caught.value.code == "log-damaged"
    assert "--rank" in caught.value.hint


def test_a_row_that_somebody_changed_is_damage_and_no_crash(tmp_path: Path) -> None:
    log = LiveLog(tmp_path, EVENT_ID)
    log.commit(SIGNER.keyid, steps(0, 3)[-1:])
    for text in ("", "{}", '{"rendition": 3}', "[1]", '{"window": [[1]]}'):
        log._db.execute("UPDATE playlist SET chain = ?", (text,))
        with pytest.raises(KeyStoreError):
            log.logged(SIGNER.keyid)


def test_two_on_one_machine_are_refused(tmp_path: Path) -> None:
    with only_one(tmp_path):
        with pytest.raises(UsageError) as caught, only_one(tmp_path):
            pass
        assert caught.value.code == "already-live"
    with only_one(tmp_path):
        pass


def test_retention_is_remembered(tmp_path: Path) -> None:
    log = LiveLog(tmp_path, EVENT_ID)
    log.commit(SIGNER.keyid, [], named={"media/b": 2, "media/a": 1})
    log.commit(SIGNER.keyid, [], named={"media/b": 3})
    assert list(log.named().items()) == [("media/a", 1), ("media/b", 3)]
    log.forget(SIGNER.keyid, [], ["media/a"])
    assert log.named() == {"media/b": 3}


FULL = """
    import sys
    from pathlib import Path
    from huma.errors import StoreError
    from huma.broadcast.log import LiveLog
    from tests.broadcast.test_log import SIGNER, EVENT_ID, steps
    disk = Path(sys.argv[1])
    log = LiveLog(disk / "log", EVENT_ID)
    log.commit(SIGNER.keyid, steps(0, 3)[-1:])
    before = log.logged(SIGNER.keyid)
    (disk / "ballast").write_bytes(b"")
    with open(disk / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass
    last, codes = steps(0, 3)[-1], set()
    for n in range(4, 400):
        step = steps(n, n, last)[0]
        try:
            log.commit(SIGNER.keyid, [step])
            last = step
        except StoreError as error:
            codes.add(error.code)
            break
    print(codes, log.logged(SIGNER.keyid)["v"].chain == last.chain)
    (disk / "ballast").unlink()
    step = steps(last.chain.next_n, last.chain.next_n, last)[0]
    log.commit(SIGNER.keyid, [step])
    print(log.logged(SIGNER.keyid)["v"].playlist == step.playlist)
"""


@pytest.mark.system
def test_a_really_full_disk_signs_nothing_and_is_survived(tmp_path: Path) -> None:
    script = tmp_path / "full.py"
    script.write_text(textwrap.dedent(FULL))
    disk = tmp_path / "disk"
    disk.mkdir()
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"', "sh", str(disk), sys.executable, str(script)],
        capture_output=True, text=True, timeout=60, check=False, env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    if "unshare failed" in run.stderr:
        pytest.skip("this machine lets nobody make a mount namespace")
    assert run.stdout.splitlines() == ["{'disk-full'} True", "True"], run.stderr


def test_a_log_may_be_closed_while_another_thread_writes_to_it(tmp_path: Path) -> None:
    log, refused, wrote = LiveLog(tmp_path, EVENT_ID), [], threading.Event()

    def write() -> None:
        try:
            for n in range(1_000_000):
                log.commit(SIGNER.keyid, [], named={f"media/{n % 7}": n})
                wrote.set()
        except KeyStoreError as error:
            refused.append(error.code)

    writer = threading.Thread(target=write)
    writer.start()
    assert wrote.wait(10)
    log.close()
    writer.join(10)
    assert refused == ["log-closed"]
    kept = LiveLog(tmp_path, EVENT_ID)
    assert kept.named(), "what was committed before stands there"
    kept.close()
