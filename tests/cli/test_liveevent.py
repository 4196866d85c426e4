"""Which event a source goes on the air with: the one that was named, or one made when the source makes sense."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from huma.cli.liveevent import own_place
from huma.keys.eventdir import EventDir
from huma.media.address import parse_addresses
from tests.cli.airing import Airing, archived, shown
from tests.cli.running import huma

pytestmark = pytest.mark.usefixtures("no_left_over")


def made(home: Path) -> list[Path]:
    """Everything that was left in the place of events that were made on the spot."""
    place = home / ".local" / "state" / "huma"
    return sorted(place.rglob("*")) if place.exists() else []


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("clip") / "clip.mp4"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=256x144:r=30:d=10", "-f", "lavfi", "-i",
         "sine=f=440:r=48000:d=10", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60",
         "-c:a", "aac", "-ac", "2", place],
        check=True,
    )  # fmt: skip
    return place


def test_without_an_event_one_is_made_and_used_again(home: Path, out: Path) -> None:
    done = huma("live", "test", "--to", str(out), "--for", "1s", "--ntp", "none", home=home)
    assert done.returncode == 0, done.stderr
    assert "No --event: made" in done.stdout
    assert "huma:1:" in done.stdout
    again = huma("live", "test", "--to", str(out), "--for", "1s", "--ntp", "none", home=home)
    assert "made for this source before" in again.stdout
    link = next(line for line in done.stdout.splitlines() if line.startswith("Watch"))
    assert link in again.stdout


def test_a_stream_is_signed_as_it_is(clip: Path, home: Path, out: Path) -> None:
    with Airing([str(clip), "--copy", "--to", str(out), "--for", "5s"], home) as air:
        folder = EventDir(Path(air.until(lambda line: line.get("state") == "opening")["folder"]))
        assert air.end() == 0, air.errors()
    event = folder.event
    assert event.copy
    playlists = shown(out, event, folder.event_id)
    assert set(playlists) == {each.name for each in event.renditions}
    assert all(each.ended for each in playlists.values())
    assert len(archived(out, event, folder.event_id, "v")) >= 2


@pytest.mark.parametrize(("factor", "signed_anew"), [(1.1, False), (3, True)])
def test_a_bit_rate_that_is_measured_otherwise_is_nobodys_trouble(
    factor: float, signed_anew: bool, clip: Path, home: Path, out: Path
) -> None:
    folder = str(out.with_name("copied"))
    assert huma("new", folder, "--solo", "--copy-from", str(clip), home=home).returncode == 0
    written = Path(folder, "event.toml")
    text, count = re.subn(
        r"(bitrate = )([0-9]+)", lambda found: f"{found[1]}{int(int(found[2]) * factor)}", written.read_text()
    )
    assert count
    written.write_text(text)
    assert huma("desk", "--event", folder, "--sign-event", "--once", home=home).returncode in (0, 3)
    before = EventDir(Path(folder)).event
    options = ["--event", folder, "--to", str(out), "--for", "1s", "--ntp", "none"]
    done = huma("live", str(clip), "--copy", *options, home=home)
    assert done.returncode == 0, done.stderr
    assert (EventDir(Path(folder)).event != before) == signed_anew
    checked = huma("check", folder, "--only", "event-signed", "--ntp", "none", home=home)
    assert checked.returncode == 0, checked.stdout
    assert huma("desk", "--event", folder, "--once", home=home).returncode in (0, 3)


def test_an_encoded_event_is_not_copied_and_the_other_way_round(
    clip: Path, event: EventDir, home: Path, out: Path
) -> None:
    (event.keys / "root-1.pem").unlink()
    refused = huma(
        "live",
        str(clip),
        "--copy",
        "--event",
        str(event.path),
        "--to",
        str(out),
        "--ntp",
        "none",
        home=home,
    )
    assert refused.returncode == 2
    assert "--copy-from" in refused.stderr


def test_a_file_ends_by_itself(clip: Path, event: EventDir, home: Path, out: Path) -> None:
    with Airing([str(clip), "--event", str(event.path), "--to", str(out)], home) as air:
        assert air.end() == 0, air.errors()
    assert all(each.ended for each in shown(out, event.event, event.event_id).values())
    assert 8 <= len(archived(out, event.event, event.event_id, "v144")) <= 12


def test_a_source_that_is_not_there_is_refused(event: EventDir, home: Path, out: Path) -> None:
    done = huma(
        "live", "nowhere.mp4", "--event", str(event.path), "--to", str(out), "--ntp", "none", home=home
    )
    assert done.returncode == 2
    assert list(event.keys.glob("used-*")) == []  # nothing was signed, so no key is spent
    again = huma(
        "live", "nowhere.mp4", "--event", str(event.path), "--to", str(out), "--ntp", "none", home=home
    )
    assert "rank 2" not in again.stderr


def nowhere() -> str:
    """The address of a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return f"http://127.0.0.1:{door.getsockname()[1]}/live.m3u8"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    place = tmp_path / "song.mp3"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "libmp3lame", place],
        check=True,
    )
    return place


@pytest.mark.parametrize(
    "source", ["nowhere.mp4", "nothing", "rtmp://host/live", "test", "-", "tcp://127.0.0.1:9", ""]
)
def test_a_source_that_cannot_be_copied_leaves_no_event_behind(source: str, home: Path) -> None:
    done = huma("live", "--copy", "--ntp", "none", "--", source, home=home)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Error: ")
    assert made(home) == []


def test_an_address_where_nobody_answers_leaves_no_event_behind(home: Path) -> None:
    address = nowhere()
    done = huma("live", address, "--copy", "--ntp", "none", home=home)
    assert done.returncode == 1
    what, hint = done.stderr.splitlines()
    assert address in what
    assert "Check the address" in hint
    assert "huma live test" in hint
    assert made(home) == []


def test_sound_that_cannot_be_copied_leaves_no_event_behind(song: Path, home: Path) -> None:
    done = huma("live", str(song), "--copy", "--ntp", "none", home=home)
    assert done.returncode == 2
    what, hint = done.stderr.splitlines()
    assert "sound is mp3, and only AAC" in what
    assert "Leave out --copy" in hint
    assert made(home) == []


@pytest.mark.parametrize("copy", [(), ("--copy",)])
def test_a_file_that_is_no_recording_leaves_no_event_behind(
    copy: tuple[str, ...], tmp_path: Path, home: Path
) -> None:
    (tmp_path / "list.mp4").write_text("no film\n" * 100)
    done = huma("live", str(tmp_path / "list.mp4"), *copy, "--ntp", "none", home=home)
    assert done.returncode == 1
    assert "list.mp4" in done.stderr
    assert made(home) == []


def test_each_spelling_of_a_file_is_the_same_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    (tmp_path / "link.mp4").symlink_to("a.mp4")
    spellings = ["a.mp4", "./a.mp4", str(tmp_path / "a.mp4"), f"file://{tmp_path}/a.mp4", "link.mp4"]
    places = {own_place(parse_addresses([text]), copy=True) for text in spellings}
    assert len(places) == 1
    others = {
        own_place(parse_addresses(["b.mp4"]), copy=True),
        own_place(parse_addresses(["a.mp4"]), copy=False),
        own_place(parse_addresses(["a.mp4", "b.mp4"]), copy=True),
    }
    assert len(others - places) == 3


def test_the_event_of_a_copied_source_is_used_again(clip: Path, home: Path, out: Path) -> None:
    folders = []
    for source in (str(clip), os.path.relpath(clip)):
        with Airing([source, "--copy", "--to", str(out), "--for", "2s"], home) as air:
            folders.append(air.until(lambda line: line.get("state") == "opening")["folder"])
            assert air.end() == 0, air.errors()
    assert folders[0] == folders[1]
    assert len(list(Path(folders[0]).parent.iterdir())) == 1


def test_an_encoded_event_that_becomes_a_copy_is_told_once_it_is_one(
    clip: Path, event: EventDir, home: Path, out: Path
) -> None:
    options = ["--copy", "--event", str(event.path), "--to", str(out), "--ntp", "none", "--for", "2s"]
    failed = huma("live", nowhere(), *options, home=home)
    assert failed.returncode == 1
    assert "signs a source as it is" not in failed.stderr
    assert not event.event.copy
    done = huma("live", str(clip), *options, home=home)
    assert done.returncode == 0, done.stderr
    assert "from now on it signs a source as it is" in done.stderr
    encoded = [*options[1:-1], "1s"]
    refused = huma("live", "test", *encoded, home=home)
    assert refused.returncode == 2
    assert "--sign-event" in refused.stderr
    back = huma("desk", "--event", str(event.path), "--sign-event", "--once", "--to", str(out), home=home)
    assert back.returncode == 0, back.stderr
    again = huma("live", "test", *encoded, home=home)
    assert again.returncode == 0, again.stderr
    rows = huma("check", str(event.path), "--to", str(out), "--ntp", "none", "--only", "live-log", home=home)
    assert rows.returncode == 0, rows.stdout
    assert "while the event had other renditions (v)" in rows.stdout


def test_a_port_in_use_is_told_before_anything_is_looked_at_or_made(clip: Path, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        place = f"127.0.0.1:{door.getsockname()[1]}"
        done = huma("live", str(clip), "--copy", "--serve", place, "--ntp", "none", home=home)
    assert done.returncode == 2
    assert place in done.stderr
    assert "Looking at the source" not in done.stdout
    assert made(home) == []
