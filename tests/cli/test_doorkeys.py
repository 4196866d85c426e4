"""Stream keys: shown once, kept as hashes, replaced while on the air."""

from __future__ import annotations

import socket
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.cli.doorkeys import DoorKeys, reachable_host
from huma.cli.livedoors import Doors, write_cards
from huma.cli.liveinputs import DoorPlace
from huma.cli.output import Output
from huma.errors import HumaError, UsageError
from huma.keys.eventdir import EventDir
from huma.net.rtmp.refusals import Refusal
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys

LATER = 4_000_000_000_000
SRT = DoorPlace("main", "127.0.0.1", 0, kind="srt")
MAIN = DoorPlace("main", "127.0.0.1", 0)
FA = DoorPlace("fa", "127.0.0.1", 0, "fa")


def stream_keys(keys: DoorKeys) -> StreamKeys:
    return StreamKeys(
        [StreamKey(name, key.digest, key.not_after_ms) for name, key in keys.read().items() if key.digest]
    )


def test_only_a_hash_is_kept_and_by_it_the_key_is_known(event: EventDir) -> None:
    keys = DoorKeys(event)
    made = keys.renew([MAIN, FA], LATER)
    assert len(set(made.values())) == 2
    assert not any(key.encode() in keys.path.read_bytes() for key in made.values())
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    found = stream_keys(keys)
    known = found.find(made["fa"], 0)
    assert not isinstance(known, Refusal)
    assert (known.name, known.not_after_ms) == ("fa", LATER)
    assert isinstance(found.find(made["fa"], LATER), Refusal)
    assert isinstance(found.find(made["main"] + "x", 0), Refusal)


def test_a_new_key_leaves_the_others_alone(event: EventDir) -> None:
    keys = DoorKeys(event)
    before = keys.renew([MAIN, FA], LATER)
    after = keys.renew([MAIN], LATER)
    found = stream_keys(keys)
    assert isinstance(found.find(before["main"], 0), Refusal)
    assert not isinstance(found.find(after["main"], 0), Refusal)
    assert not isinstance(found.find(before["fa"], 0), Refusal)


def test_a_door_without_a_key_is_refused_with_the_way_to_one(event: EventDir) -> None:
    DoorKeys(event).renew([MAIN], LATER)
    with pytest.raises(UsageError) as caught:
        DoorKeys(event).of([MAIN, FA])
    assert caught.value.code == "door-no-key"
    assert "fa" in caught.value.message
    assert "--card" in caught.value.hint


def test_a_passphrase_is_kept_and_shown_by_nothing_but_its_card(
    event: EventDir, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = DoorKeys(event)
    write_cards(Output(), [SRT], keys, 86_400_000)
    told = capsys.readouterr()
    (key,) = keys.of([SRT]).values()
    assert f"srt://127.0.0.1:0?latency=200000&passphrase={key.passphrase}" in told.out
    assert "-f mpegts" in told.out
    assert "in the clear" not in told.err
    assert key.passphrase not in repr(key)
    with pytest.raises(UsageError, match="main"):
        keys.of([MAIN])
    doors = Doors([SRT], keys)
    try:
        doors.start()
        (look,) = doors.states
        assert (look.kind, look.open, look.code) == ("srt", False, "")
        assert list(doors.sources) == ["main"]
    finally:
        doors.stop()


def test_a_passphrase_that_has_ended_opens_nothing(event: EventDir) -> None:
    keys = DoorKeys(event)
    keys.renew([SRT], 1000)
    with pytest.raises(UsageError, match="has ended"):
        Doors([SRT], keys)


@given(st.binary(max_size=80) | st.sampled_from([b'{"v":1}', b'{"v":1,"doors":[]}', b'{"v":1,"doors":{"a":{}}}', b"[" * 99_999,
       b'{"v":1,"doors":{"a":{"hash":"00","until":"2026-01-01T00:00:00.000Z"}}}', b" " * 300_000,
       b'{"v":1,"doors":{"a":{"passphrase":"short","until":"2026-01-01T00:00:00.000Z"}}}',
       b'{"v":1,"doors":{"a":{"passphrase":7,"until":"2026-01-01T00:00:00.000Z"}}}']))  # fmt: skip
def test_a_broken_file_is_told_and_not_a_crash(data: bytes) -> None:
    import tempfile
    from pathlib import Path
    from types import SimpleNamespace
    from typing import cast

    with tempfile.TemporaryDirectory() as folder:
        keys = DoorKeys(cast("EventDir", SimpleNamespace(keys=Path(folder))))
        keys.path.write_bytes(data)
        with pytest.raises(HumaError) as caught:
            keys.read()
        assert caught.value.code == "doors-broken"


def test_a_card_says_what_to_type_and_what_is_in_the_clear(
    event: EventDir, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = DoorKeys(event)
    write_cards(Output(), [MAIN, DoorPlace("fa", "0.0.0.0", 1936, "fa")], keys, 86_400_000)
    told = capsys.readouterr()
    assert "rtmp://127.0.0.1:0/live" in told.out
    assert ":1936/live" in told.out
    assert "0.0.0.0" not in told.out
    assert told.out.count("Stream Key") == 2
    assert "█" in told.out
    assert "in the clear" in told.err
    shown = [line.split()[-1] for line in told.out.splitlines() if "Stream Key" in line]
    found = stream_keys(keys)
    assert not any(isinstance(found.find(key, 0), Refusal) for key in shown)


def test_keys_made_meanwhile_are_good_at_once(event: EventDir) -> None:
    keys = DoorKeys(event)
    keys.renew([MAIN, FA], LATER)
    doors = Doors([MAIN, FA], keys)
    try:
        doors.start()
        assert list(doors.sources) == ["main", "fa"]
        assert [door.name for door in doors.states] == ["main", "fa"]
        assert not doors.follow_keys()
        keys.renew([FA], LATER - 1000)
        assert doors.follow_keys()
        assert not doors.follow_keys()
        keys.path.write_text("{")
        with pytest.raises(HumaError):
            doors.follow_keys()
    finally:
        doors.stop()


def test_a_taken_port_leaves_nothing_open(event: EventDir) -> None:
    keys = DoorKeys(event)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = DoorPlace("fa", "127.0.0.1", taken.getsockname()[1])
        keys.renew([MAIN, busy], LATER)
        with pytest.raises(HumaError, match="cannot listen"):
            Doors([MAIN, busy], keys)


def test_what_encoders_type_for_everywhere() -> None:
    assert reachable_host("192.0.2.9") == "192.0.2.9"
    assert reachable_host("0.0.0.0") not in ("0.0.0.0", "")
