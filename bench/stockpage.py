"""A page with stock hls.js and nothing else, as small as a website can make it: the peer on a thin line."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

HLS = Path(__file__).resolve().parents[1] / "web/node_modules/hls.js/dist/hls.min.js"
PAGE = """<!doctype html><meta charset="utf-8"><title>Stock</title><video autoplay playsinline controls></video>
<script src="hls.min.js"></script>
<script>
const hls = new Hls();
const again = (_, data) => {
  if (!data.fatal) return;
  if (data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
  else if (hls.levels.length === 0) hls.loadSource(hls.url);
  else hls.startLoad();
};
hls.on(Hls.Events.ERROR, (event, data) => setTimeout(again, 1000, event, data));
hls.loadSource(INDEX);
hls.attachMedia(document.querySelector('video'));
</script>"""


class StockPage:
    """Serves the page and hls.min.js, gzipped and cacheable."""

    def __init__(self, index: str) -> None:
        page = PAGE.replace("INDEX", repr(index))
        files = {"/": page.encode(), "/hls.min.js": HLS.read_bytes()}
        packed = {path: gzip.compress(data, 9) for path, data in files.items()}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = packed.get(self.path)
                self.send_response(404 if body is None else 200)
                kind = "text/javascript" if self.path.endswith(".js") else "text/html; charset=utf-8"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Cache-Control", "public, max-age=86400")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """Where it is."""
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
