from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import StoreError
from huma.store.folder import FolderStore
from huma.store.port import checked_path

KIND = {"content_type": "video/mp4", "cache_control": "no-store"}


def test_put_then_get_has_and_delete(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "out")
    store.put("live/v360.m3u8", b"one", **KIND)
    store.put("live/v360.m3u8", b"three", **KIND)
    assert store.get("live/v360.m3u8", 10) == b"three"
    assert store.has("live/v360.m3u8", 5)
    assert not store.has("live/v360.m3u8", 3)
    store.delete("live/v360.m3u8")
    store.delete("live/v360.m3u8")
    assert store.get("live/v360.m3u8", 10) is None
    assert list((tmp_path / "out/live").iterdir()) == []


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "live/../../x",
        "/etc/passwd",
        "live//x",
        "live/",
        "",
        ".",
        "..",
        "live/.hidden",
        "a\\b",
        "a\0b",
        "live/%2e%2e/x",
        "C:/x",
        "live/x\n",
        "\u202elive/x",
        "live/ x",
        "a/" * 9 + "b",
        "x" * 600,
    ],
)
def test_a_name_that_would_leave_the_folder_does_not_exist(tmp_path: Path, path: str) -> None:
    store = FolderStore(tmp_path / "out")
    for act in (
        lambda: store.put(path, b"x", **KIND),
        lambda: store.get(path, 10),
        lambda: store.has(path, 1),
        lambda: store.delete(path),
        lambda: store.link(path, tmp_path / "source"),
    ):
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.code == "store-path"


@given(st.text(max_size=40))
def test_whatever_is_accepted_stays_inside(text: str) -> None:
    try:
        path = checked_path(text)
    except StoreError:
        return
    assert os.path.normpath(f"/root/{path}") == f"/root/{path}"
    assert path.isascii()


def test_a_symbolic_link_is_not_followed_for_reading(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "out")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "out/index.m3u8").symlink_to(tmp_path / "secret")
    assert store.get("index.m3u8", 100) is None
    assert not store.has("index.m3u8", 6)
    store.put("index.m3u8", b"new", **KIND)
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert store.get("index.m3u8", 100) == b"new"


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    os.mkfifo(tmp_path / "index.m3u8")
    assert store.get("index.m3u8", 100) is None


def test_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("index.m3u8", b"x" * 11, **KIND)
    with pytest.raises(StoreError) as caught:
        store.get("index.m3u8", 10)
    assert caught.value.code == "store-too-large"
    assert store.get("index.m3u8", 11) == b"x" * 11


def test_a_reader_sees_the_old_or_the_new_never_half(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    whole = {bytes([letter]) * size for letter, size in ((97, 200_000), (98, 150_000))}
    store.put("index.m3u8", min(whole), **KIND)
    stop = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(store.get("index.m3u8", 1_000_000) or b"missing")

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        for data in whole:
            store.put("index.m3u8", data, **KIND)
    stop.set()
    reader.join()
    assert seen <= whole


def test_link_makes_a_second_name_and_replaces(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "out")
    source = tmp_path / "source"
    source.write_bytes(b"segment")
    store.put("media/a.m4s", b"old", **KIND)
    assert store.link("media/a.m4s", source)
    assert store.link("media/a.m4s", source)  # the same file again: nothing is left over
    assert store.get("media/a.m4s", 10) == b"segment"
    assert sorted(path.name for path in (tmp_path / "out/media").iterdir()) == ["a.m4s"]
    assert not store.link("media/b.m4s", tmp_path / "nowhere")


def test_what_a_killed_writer_left_is_swept_and_fresh_parts_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    (folder / ".huma-0123.part").write_bytes(b"half")
    os.utime(folder / ".huma-0123.part", (time.time() - 120, time.time() - 120))
    (folder / ".huma-4567.part").write_bytes(b"another writer's")
    FolderStore(tmp_path).put("live/a.m3u8", b"x", **KIND)
    assert sorted(path.name for path in folder.iterdir()) == [".huma-4567.part", "a.m3u8"]


def test_a_folder_taken_away_is_made_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("live/a.m3u8", b"x", **KIND)
    (tmp_path / "live/a.m3u8").unlink()
    (tmp_path / "live").rmdir()
    with pytest.raises(StoreError):
        store.put("live/a.m3u8", b"x", **KIND)
    store.put("live/a.m3u8", b"x", **KIND)
    assert store.get("live/a.m3u8", 10) == b"x"


def test_an_error_has_a_code_and_leaves_nothing(tmp_path: Path) -> None:
    class Full(FolderStore):
        def _write(self, part: Path, data: bytes) -> None:
            part.write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError) as caught:
        Full(tmp_path).put("live/a.m3u8", b"x" * 100, **KIND)
    assert caught.value.code == "store-full"
    assert list((tmp_path / "live").iterdir()) == []


FULL_DISK = """
    import sys
    from pathlib import Path
    from huma.errors import StoreError
    from huma.store.folder import FolderStore
    store = FolderStore(Path(sys.argv[1]))
    kind = {"content_type": "", "cache_control": ""}
    store.put("live/a.m3u8", b"a" * 1000, **kind)
    try:
        for n in range(100):
            store.put(f"media/{n}.m4s", bytes(100_000), **kind)
    except StoreError as error:
        print(error.code)
    for n in range(100):
        store.delete(f"media/{n}.m4s")
    store.put("media/after.m4s", bytes(100_000), **kind)
    print(store.has("media/after.m4s", 100_000), store.get("live/a.m3u8", 2000) == b"a" * 1000,
          sorted(p.name for p in Path(sys.argv[1]).rglob("*.part")))
"""


@pytest.mark.system
def test_a_really_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    script = tmp_path / "full.py"
    script.write_text(textwrap.dedent(FULL_DISK))
    disk = tmp_path / "disk"
    disk.mkdir()
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"', "sh", str(disk), sys.executable, str(script)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    if "unshare failed" in run.stderr:
        pytest.skip("this machine lets nobody make a mount namespace")
    assert run.stdout.splitlines() == ["store-full", "True True []"], run.stderr
