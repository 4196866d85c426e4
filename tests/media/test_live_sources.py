"""Sources that come over a wire: they die, stall, return, and never leave a hole."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from huma.errors import MediaError, UsageError
from huma.media.clock import FastClock
from huma.media.programme import open_programme
from tests.media.events import audio, event, video
from tests.media.making import copyable, decodes_cleanly, ffmpeg
from tests.media.reading import Collected, pictures
from tests.media.wires import (
    Running,
    after_slate,
    assert_no_hole,
    call,
    free_port,
    origins,
    plain,
    running,
    send,
    stream,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_caller_that_dies_gives_the_slate_and_its_return_the_programme(tmp_path: Path) -> None:
    port, data = free_port(), stream(tmp_path)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 2)  # the slate, until somebody calls
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("spsps"))
    assert_no_hole(run, tmp_path)
    shown = {each.n: pictures(each.init + each.data) for each in run.segments["v180"]}
    for each in run.segments["v180"]:
        bright = np.mean([luma.mean() > 130 for _, luma in shown[each.n]])
        if abs(bright - 0.5) > 0.1:  # what is half and half may be called either
            assert (bright > 0.5) == (each.origin == "programme"), each.n
    assert run.programme.state().returns >= 2
    assert sum(each.origin == "programme" for each in run.segments["v180"]) >= 6


def test_all_that_a_caller_sent_is_shown(tmp_path: Path) -> None:
    port = free_port()
    data = stream(tmp_path, seconds=6)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
    bright = [luma.mean() > 130 for _, luma in pictures(run.segments.whole("v180"))]
    assert 175 <= sum(bright) <= 200  # 180, and one that stands for a moment at the end


@pytest.mark.parametrize("nonsense", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(range(256)) * 400, b""])
def test_a_stranger_at_the_door_changes_nothing(nonsense: bytes, tmp_path: Path) -> None:
    port, data = free_port(), stream(tmp_path)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, nonsense)
        send(port, data)
        run.wait_for(lambda made: "p" in origins(made["v180"]))
    assert_no_hole(run, tmp_path)


def test_we_call_again_until_somebody_answers(tmp_path: Path) -> None:
    data = stream(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with running(f"tcp://127.0.0.1:{port}") as run:
            for turn in (1, 2):
                line, _ = door.accept()
                with line:
                    line.sendall(data)
                run.wait_for(after_slate("ps" * turn))
    assert origins(run.segments["v180"]).strip("s") == "psp"
    assert_no_hole(run, tmp_path)


def test_a_door_that_is_taken_is_our_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        programme = open_programme(
            f"tcp://127.0.0.1:{door.getsockname()[1]}?listen=1",
            event=plain(),
            first_tick=4,
            clock=FastClock(0),
        )
        with pytest.raises(UsageError) as caught:
            programme.run(Collected())
    assert caught.value.code == "source-listen"
    assert "that port" in caught.value.hint


def test_a_source_that_stalls_without_hanging_up(tmp_path: Path) -> None:
    """In real time: the wire stays open and silent, the slate is there within a segment, then it goes on."""
    port, data = free_port(), stream(tmp_path, seconds=3)
    with running(f"tcp://127.0.0.1:{port}?listen=1", paced=True) as run, call(port) as line:
        half = len(data) // 2 // 188 * 188
        line.sendall(data[:half])
        run.wait_for(after_slate("ps"))
        line.sendall(data[half:])
        run.wait_for(after_slate("psp"))
    assert_no_hole(run, tmp_path)


def test_the_clock_of_a_caller_may_begin_anew(tmp_path: Path) -> None:
    """As when its encoder is started again behind the same wire."""
    port = free_port()
    early = stream(tmp_path, seconds=2)
    late = tmp_path / "late.ts"
    ffmpeg("-i", str(tmp_path / "bright.ts"), "-c", "copy", "-output_ts_offset", "5000", str(late))
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, early + late.read_bytes() + early)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
    bright = [luma.mean() > 130 for _, luma in pictures(run.segments.whole("v180"))]
    assert sum(bright) >= 165  # three times sixty, less what a break costs
    assert_no_hole(run, tmp_path)


def test_standard_input_ends_the_programme_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stream(tmp_path, seconds=3)
    reader, writer = os.pipe()
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        sender = threading.Thread(target=_write_all, args=(writer, data))
        sender.start()
        run = Running("-", FastClock(plain().grid.start_ms(4)))
        run._thread.join(30)
        sender.join(10)
    finally:
        os.dup2(kept, 0)
        for each in (reader, kept):
            os.close(each)
    assert run.error is None
    length = sum(each.duration for each in run.segments["v180"] if each.origin == "programme")
    assert float(length) == pytest.approx(3, abs=0.3)
    assert_no_hole(run, tmp_path)


def _write_all(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)


def test_nonsense_on_standard_input_is_our_error() -> None:
    reader, writer = os.pipe()
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        _write_all(writer, b"nothing of the kind\n" * 500)
        run = Running("-", FastClock(0))
        run._thread.join(30)
    finally:
        os.dup2(kept, 0)
        for each in (reader, kept):
            os.close(each)
    assert isinstance(run.error, MediaError)


def test_a_copy_of_a_caller_goes_on_behind_a_discontinuity(tmp_path: Path) -> None:
    port = free_port()
    data = copyable(tmp_path / "source.ts", seconds=4).read_bytes()
    grid = plain().grid
    carried = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
    run = Running(f"tcp://127.0.0.1:{port}?listen=1", FastClock(grid.start_ms(4)), of=carried)
    try:
        send(port, b"a stranger")
        send(port, data)
        run.wait_for(lambda made: len(made["v"]) >= 2)
        send(port, data)
        run.wait_for(lambda made: len(made["v"]) >= 4)
    finally:
        run.end()
    made = run.segments["v"]
    assert [each.n for each in made] == list(range(4, 4 + len(made)))
    broken = [index for index, each in enumerate(made) if each.discontinuity]
    assert len(broken) == 1
    assert [index for index, each in enumerate(run.segments["a-en"]) if each.discontinuity] == broken
    assert len({each.init for each in made}) == 1
    assert run.programme.state().returns >= 1
    assert decodes_cleanly(run.segments.save("v", tmp_path), run.segments.save("a-en", tmp_path))
