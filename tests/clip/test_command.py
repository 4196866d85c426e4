"""`huma clip` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import huma
from tests.clip.published import Published
from tests.media.making import decodes_cleanly


def test_a_clip_from_a_folder(aired: Published, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    done = huma("clip", str(aired.folder), "--from", "+60", "--to", "+1:10", "-o", str(out), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert decodes_cleanly(out)
    assert "segments verified" in done.stdout
    assert "The event, as this place says it" in done.stdout
    again = huma("clip", str(aired.folder), "--from", "+60", "--to", "+1:10", "-o", str(out), home=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_as_json_from_the_events_own_folder(aired: Published, tmp_path: Path) -> None:
    toml = aired.eventdir.path / "event.toml"
    before = toml.read_text()
    try:
        toml.write_text(f'stores = ["/nonexistent/store", "{aired.folder}"]\n' + "\n".join(
            line for line in before.splitlines() if not line.startswith("stores")
        ))  # fmt: skip
        done = huma(
            "clip", str(aired.eventdir.path), "--from", "+60", "--to", "+65", "--language", "fa",
            "-o", str(tmp_path / "clip.mp4"), "--json", home=tmp_path,
        )  # fmt: skip
    finally:
        toml.write_text(before)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["state"] == "clip"
    assert said["id"] == aired.eventdir.event_id
    assert said["renditions"] == ["v144", "a-fa"]
    assert Path(said["side"]).is_file()


@pytest.mark.parametrize(
    ("change", "says", "code"),
    [
        ({"--from": "noon"}, "'noon' is no moment", 2),
        ({"--to": "+10"}, "ends after it begins", 2),
        ({"--language": "de"}, "not spoken in 'de'", 2),
        ({"--rendition": "v9"}, "no rendition v9", 2),
        ({"-o": "clip.avi"}, "no name of an MP4", 2),
        ({"-o": "/nonexistent/clip.mp4"}, "no folder /nonexistent", 2),
        ({"--event": "huma:1:abc"}, "cut short", 2),
        ({"--event": "a" * 52}, "another event", 5),
        ({"place": "/nonexistent"}, "no folder /nonexistent", 2),
        ({"place": "ftp://x/y"}, "no store of the kind ftp", 2),
        ({"place": "http://127.0.0.1:1/"}, "cannot be reached", 1),
    ],
)
def test_what_makes_no_sense_is_told(
    aired: Published, tmp_path: Path, change: dict[str, str], says: str, code: int
) -> None:
    given = {
        "place": str(aired.folder),
        "--from": "+60",
        "--to": "+65",
        "-o": str(tmp_path / "c.mp4"),
        **change,
    }
    place = given.pop("place")
    done = huma("clip", place, *(word for option in given.items() for word in option), home=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "c.mp4").exists()


def test_an_empty_folder_is_no_event(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = huma(
        "clip",
        str(tmp_path / "empty"),
        "--from",
        "+1",
        "--to",
        "+2",
        "-o",
        str(tmp_path / "c.mp4"),
        home=tmp_path,
    )
    assert done.returncode == 1
    assert "holds no event" in done.stderr
    assert list((tmp_path / "empty").iterdir()) == []
