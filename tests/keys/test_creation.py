from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from huma.errors import HumaError, KeyStoreError, UsageError
from huma.keys import creation, wholefolder
from huma.keys.creation import Holders, create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.keyfile import is_locked
from huma.protocol import names
from huma.protocol.revocation import parse_revoked, verify_revocation
from tests.keys.eventmaking import LANGUAGES, NOW

SOLO_KEYS = {
    "root-1", "targets-1", "timestamp", "snapshot", "timestamp-2", "snapshot-2", "timestamp-3", "snapshot-3",
    "roster", "steering", "live-a", "live-b", "live-c",
}  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_every_key_and_sealed_file_is_for_its_owner_alone(solo: EventDir, held: EventDir) -> None:
    for event in (solo, held):
        assert mode(event.keys) == mode(event.sealed) == 0o700
        for file in (*event.keys.iterdir(), *event.sealed.iterdir()):
            assert mode(file) == 0o600, file


def test_the_keys_are_those_of_the_protocol(solo: EventDir, held: EventDir) -> None:
    assert {file.stem for file in solo.keys.glob("*.pem")} == SOLO_KEYS
    more = {"root-2", "root-3", "targets-2", "targets-3"}
    assert {file.stem for file in held.keys.glob("*.pem")} == SOLO_KEYS | more


def test_which_keys_are_locked(solo: EventDir, held: EventDir) -> None:
    assert not any(is_locked(file.read_bytes()) for file in solo.keys.glob("*.pem"))
    locked = {file.stem for file in held.keys.glob("*.pem") if is_locked(file.read_bytes())}
    people = {f"{role}-{number}" for role in ("root", "targets") for number in (1, 2, 3)}
    safe = {"live-c", "timestamp-2", "snapshot-2", "timestamp-3", "snapshot-3"}
    assert locked == people | safe


def test_no_key_has_two_roles(held: EventDir) -> None:
    raw = [held.private_key(file.stem).public_key().public_bytes_raw() for file in held_keys(held)]
    assert len(set(raw)) == len(raw) == 17


def held_keys(event: EventDir) -> list[Path]:
    return sorted(event.keys.glob("*.pem"))


def test_the_layout_is_that_of_the_protocol(solo: EventDir) -> None:
    files = solo.public_files()
    assert set(files) >= {
        "trust/1.root.json", "trust/2.snapshot.json", "trust/1.targets.json", "trust/1.roster.json",
        "trust/1.steering.json", "trust/timestamp.json", "trust/boot.json", "live/revoked.json",
        "index.m3u8", "index-slow.m3u8",
    }  # fmt: skip
    targets = {path.split(".", 1)[1]: path for path in files if path.startswith("targets/")}
    assert set(targets) == {"event.json", "roster.json", "steering.json", "index.m3u8", "index-slow.m3u8"}
    for name, path in targets.items():
        assert path == f"targets/{names.sha256_hex(files[path])}.{name}"
    assert files["live/revoked.json"] == b'{"revoked":[]}\n'
    assert files["index.m3u8"] == files[targets["index.m3u8"]]
    assert {str(file.relative_to(solo.public)) for file in solo.public.rglob("*") if file.is_file()} == set(
        files
    )


def test_the_event_is_what_event_toml_says(solo: EventDir, config: EventConfig) -> None:
    event = solo.event
    assert solo.config == config
    assert event == config.event(epoch_ms=NOW, live_keys=event.live_keys)
    assert [key.rank for key in event.live_keys] == [1, 2, 3]
    assert [key.keyid for key in event.live_keys] == [
        solo.live_signer(rank).public.keyid for rank in (1, 2, 3)
    ]
    assert all(key.not_after_ms == event.end_ms + 30 * 86_400_000 for key in event.live_keys)
    assert solo.event_id == names.event_id((solo.public / "trust/1.root.json").read_bytes())


def test_a_revocation_of_each_live_key_is_sealed(held: EventDir) -> None:
    for key in held.event.live_keys:
        (entry,) = parse_revoked((held.sealed / f"revoke-{key.keyid}.json").read_bytes())
        assert verify_revocation(entry, held.root_roles, event_id=held.event_id).keyid == key.keyid
        assert len(entry.signatures) == 2


def test_the_sealed_root_gives_the_desk_to_the_spare_pair_alone(held: EventDir) -> None:
    trusted = held.trusted.update_root((held.sealed / "2.root.json").read_bytes())
    spare = held_public(held, "timestamp-3")
    assert trusted.root.roles["timestamp"].public == {spare}
    assert held_public(held, "timestamp") in held.trusted.root.roles["timestamp"].public
    assert trusted.root.roles["root"] == held.trusted.root.roles["root"]


def held_public(event: EventDir, name: str) -> bytes:
    return event.private_key(name).public_key().public_bytes_raw()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, config: EventConfig) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("precious")
    with pytest.raises(UsageError) as refused:
        create(tmp_path / "full", config, now=NOW)
    assert refused.value.code == "not-empty"
    assert [file.name for file in tmp_path.rglob("*")] == ["full", "mine"]


def test_an_empty_folder_is_taken(tmp_path: Path, config: EventConfig) -> None:
    (tmp_path / "empty").mkdir()
    assert create(tmp_path / "empty", config, now=NOW).event_id


def test_a_file_or_a_link_in_the_way_is_refused(tmp_path: Path, config: EventConfig) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(UsageError):
            create(tmp_path / name, config, now=NOW)


@pytest.mark.parametrize("name", [".", "..", "/", ""])
def test_what_names_no_folder_is_refused(
    name: str, tmp_path: Path, config: EventConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="names no folder"):
        create(Path(name), config, now=NOW)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("n" * 300, "300 bytes, and 200 are the most"),
        ("ن" * 130, "260 bytes"),
        ("n" * 300 + "/event", "File name too long"),
        ("/".join(["n" * 100] * 50), "File name too long"),
        ("file/event", "file is a file"),
        ("file/deeper/event", "file is a file"),
        ("/proc/huma/event", "cannot be made"),
    ],
)
def test_a_place_where_no_folder_can_be_is_told_before_a_passphrase_is_typed(
    place: str, says: str, tmp_path: Path, config: EventConfig
) -> None:
    asked: list[str] = []

    def ask(owner: str, *, new: bool) -> str:
        asked.append(owner)
        return "one two three four"

    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match=says) as refused:
        create(tmp_path / place, config, now=NOW, holders=Holders(1, 2, solo=False), passphrases=ask)
    assert refused.value.hint
    assert asked == [] or place.startswith("/proc"), "only the system itself can say that of /proc"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_the_longest_name_is_taken(tmp_path: Path, config: EventConfig) -> None:
    assert create(tmp_path / ("n" * 200), config, now=NOW).event_id


def test_a_folder_where_you_may_not_write_is_told(
    tmp_path: Path, config: EventConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    if os.geteuid() == 0:  # who may write everywhere, and is asked to imagine that it were not so
        monkeypatch.setattr(os, "access", lambda place, _: bool(Path(place).stat().st_mode & 0o200))
    with pytest.raises(UsageError, match=r"you may not write in .*shut"):
        create(tmp_path / "shut/deeper/event", config, now=NOW)


def test_a_name_with_signs_of_the_shell_sweeps_only_its_own_drafts(
    tmp_path: Path, config: EventConfig
) -> None:
    (tmp_path / ".other.0123.new").mkdir()
    assert create(tmp_path / "*", config, now=NOW).event_id
    assert (tmp_path / ".other.0123.new").is_dir()


@pytest.mark.parametrize("step", ["_fill", "_sign_all", "_move", "_seal_revocations"])
@pytest.mark.parametrize("how", [KeyboardInterrupt, OSError])
def test_an_interrupted_making_leaves_nothing(
    tmp_path: Path, config: EventConfig, monkeypatch: pytest.MonkeyPatch, step: str, how: type[BaseException]
) -> None:
    place = wholefolder if step == "_move" else creation
    real = getattr(place, step)

    def interrupted(*args: object) -> object:
        real(*args) if step != "_move" else None
        raise how

    monkeypatch.setattr(place, step, interrupted)
    with pytest.raises(how):
        create(tmp_path / "event", config, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_passphrases_are_asked_for_before_anything_is_made(tmp_path: Path, config: EventConfig) -> None:
    asked = []

    def refusing(owner: str, *, new: bool) -> str:
        asked.append((owner, new))
        raise KeyStoreError("nobody there")

    with pytest.raises(KeyStoreError, match="nobody there"):
        create(tmp_path / "e", config, now=NOW, holders=Holders(2, 3, solo=False), passphrases=refusing)
    assert asked == [("1", True)]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_making_leaves_no_event_and_the_next_one_sweeps_up(tmp_path: Path) -> None:
    """kill -9 at the last moment before the folder gets its name."""
    script = f"""
import os, signal, sys
from pathlib import Path
from huma.keys import creation, wholefolder
from huma.keys.eventtoml import EventConfig
from huma.protocol.event import Language
wholefolder._move = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
config = EventConfig({{"en": "Try"}}, {NOW}, {NOW + 1000}, (Language("en", "English"),))
creation.create(Path(sys.argv[1]), config, now={NOW})
"""
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "event")], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".event.")
    assert mode(left / "keys") == 0o700
    with pytest.raises(HumaError):
        EventDir(tmp_path / "event")
    create(tmp_path / "event", EventConfig({"en": "Try"}, NOW, NOW + 1000, LANGUAGES), now=NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["event"]


def test_a_draft_that_is_being_filled_by_another_is_not_swept(tmp_path: Path, config: EventConfig) -> None:
    draft = tmp_path / ".event.abcdef.new"
    draft.mkdir()
    script = (
        "import fcntl,sys,time;f=open(sys.argv[1],'w');fcntl.flock(f,2);print(1,flush=True);time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(draft / ".lock")], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        create(tmp_path / "event", config, now=NOW)
        assert draft.is_dir()
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


@pytest.mark.parametrize(("k", "n"), [(0, 1), (3, 2), (1, 17)])
def test_impossible_numbers_of_holders_are_refused(k: int, n: int) -> None:
    with pytest.raises(UsageError):
        Holders(k, n, solo=False)


def test_solo_is_one_person() -> None:
    with pytest.raises(UsageError):
        Holders(2, 3, solo=True)


def test_the_umask_takes_nothing_from_what_servers_must_read(tmp_path: Path, config: EventConfig) -> None:
    old = os.umask(0o077)
    try:
        event = create(tmp_path / "event", config, now=NOW)
    finally:
        os.umask(old)
    assert mode(event.path) == mode(event.public) == 0o755
    assert all(mode(file) == 0o644 for file in event.public.rglob("*.json"))


def test_making_an_event_takes_no_noticeable_time(tmp_path: Path, config: EventConfig) -> None:
    began = time.monotonic()
    create(tmp_path / "event", config, now=NOW)
    assert time.monotonic() - began < 5
