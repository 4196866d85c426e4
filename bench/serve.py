"""The embedded server beside nginx: playlists and segments a second, one core each.

HTTP/1.1 with keep-alive, files in memory (nginx: tmpfs and open_file_cache), playlists gzipped beforehand on both
sides, the same headers, no access log. The load comes from wrk on the other core; sides take turns. Each load gives two
rows: answers a second of the clock, and answers a second of the server's own processor time, which other work on the
machine, or a load generator that cannot keep up, does not falsify.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.net.server import EmbeddedServer
from huma.net.window import CORS, GZIP_LEVEL
from huma.store.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER_CORE, LOAD_CORE = 0, 1
CONNECTIONS = 32
SECONDS = 4
WARM_UP_SECONDS = 1
SEGMENT_BYTES = 240_000
PLAYLIST = "live/v720.m3u8"
SEGMENT = f"media/{'5e' * 32}.m4s"

NGINX = """
user root;
daemon off;
worker_processes 1;
worker_cpu_affinity {mask};
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;
  types {{ application/vnd.apple.mpegurl m3u8; video/iso.segment m4s; }}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {folder}/www;
    {headers}
    location /live/ {{ gzip_static on; gzip_vary on; add_header Cache-Control "{live}"; {headers} }}
    location /media/ {{ add_header Cache-Control "{media}"; {headers} }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for, and by which name the rows go."""

    name: str
    path: str
    goal: float


LOADS = (Load("playlists", PLAYLIST, 0.5), Load("segments of 240 kB", SEGMENT, 0.7))


def files() -> dict[str, bytes]:
    """A playlist as large as ours are, and a segment that nothing can compress."""
    entries = "".join(
        f"#EXTINF:1.066667,\n#EXT-X-HUMA-SIZE:{240_000 + n}\n../media/{os.urandom(32).hex()}.m4s\n"
        for n in range(6)
    )
    header = f'#EXTM3U\n#EXT-X-HUMA:V=1,TYPE=live,EVENT="{"a" * 52}",PREV="{os.urandom(32).hex()}"\n'
    return {
        PLAYLIST: (header + entries + os.urandom(48).hex() + "\n").encode(),
        SEGMENT: os.urandom(SEGMENT_BYTES),
    }


@dataclass(frozen=True, slots=True)
class Side:
    """A running server: where it answers, and the processes that do the work."""

    address: str
    pids: tuple[int, ...]

    def processor_s(self) -> float:
        """Seconds of processor time used so far, by all its threads, in the kernel too."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def ours(shown: dict[str, bytes]) -> Iterator[Side]:
    """Our server, its process on one core."""
    server = EmbeddedServer()
    server.start()
    try:
        for path, data in shown.items():
            kind = kind_of(path)
            server.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)
        server.sync()
        process = server._process  # noqa: SLF001 - the benchmark puts it on a core from outside, as taskset would
        assert process is not None
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {SERVER_CORE})
        yield Side(server.url, (process.pid,))
    finally:
        server.stop()


@contextmanager
def nginx(shown: dict[str, bytes]) -> Iterator[Side]:
    """Debian's nginx on a tmpfs, its worker on the same core."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name, socket.create_server(("127.0.0.1", 0)) as door:
        folder, port = Path(name), door.getsockname()[1]
        door.close()
        folder.chmod(0o755)
        for path, data in shown.items():
            place = folder / "www" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            if path.endswith(".m3u8"):
                place.with_name(place.name + ".gz").write_bytes(gzip.compress(data, GZIP_LEVEL, mtime=0))
        headers = " ".join(f'add_header {key} "{value}";' for key, value in CORS)
        config = folder / "nginx.conf"
        config.write_text(
            NGINX.format(
                folder=folder,
                port=port,
                headers=headers,
                mask=f"{1 << SERVER_CORE:b}",
                live=kind_of(PLAYLIST).cache_control,
                media=kind_of(SEGMENT).cache_control,
            )
        )
        process = subprocess.Popen(
            [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-e", "stderr"]
        )
        try:
            _wait_for(port)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield Side(f"http://127.0.0.1:{port}/", tuple(map(int, children)))
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("nginx did not start")


def measure(side: Side, load: Load, seconds: float = SECONDS) -> tuple[float, float]:
    """Answers a second of the clock, and of processor time. An error or a wrong status makes them worthless."""
    command = [
        "taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
        "-H", "Accept-Encoding: gzip", side.address + load.path,
    ]  # fmt: skip
    before = side.processor_s()
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    used = side.processor_s() - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    answers = next(int(line.split()[0]) for line in said.splitlines() if " requests in " in line)
    return float(said.partition("Requests/sec:")[2].split()[0]), answers / max(used, 0.01)


def same_answers(one: str, other: str) -> None:
    """Both sides send the same bytes, with the same headers where they matter."""
    for load in LOADS:
        for address in (one, other):
            answer = httpx.get(address + load.path, headers={"Accept-Encoding": "gzip"})
            assert answer.status_code == 200
            assert ("gzip" in answer.headers.get("content-encoding", "")) == load.path.endswith(".m3u8")
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "no-transform" in answer.headers["cache-control"]
        first, second = (httpx.get(address + load.path).content for address in (one, other))
        assert first == second


def main() -> int:
    """Run it."""
    if shutil.which("wrk") is None:
        print("serve needs wrk: apt-get install wrk", file=sys.stderr)
        return 1
    if (os.cpu_count() or 1) < 2:
        print("serve needs two cores: one for the server, one for the load", file=sys.stderr)
        return 1
    shown = files()
    report = Report("serve", "the embedded server beside nginx, answers a second on one core")
    settings: dict[str, object] = {
        "HTTP": "1.1 keep-alive",
        "load": f"wrk -t1 -c{CONNECTIONS} -d{SECONDS}s on the other core",
        "rounds": "in turn",
    }
    ours_settings = {**settings, "server": "granian RSGI, one process on core 0", "files": "in memory"}
    peer_settings = {
        **settings,
        "server": "worker_processes 1 on core 0",
        "files": "tmpfs, open_file_cache, gzip_static, sendfile",
    }
    with ours(shown) as us, nginx(shown) as peer:
        same_answers(us.address, peer.address)
        for load in LOADS:
            for side in (us, peer):
                measure(side, load, WARM_UP_SECONDS)
            rounds = [(measure(us, load), measure(peer, load)) for _ in range(MIN_ROUNDS)]
            for index, by in enumerate(("", " by processor time")):
                report.add(
                    Comparison(
                        load.name + by,
                        Series("huma", "/s", tuple(round_[0][index] for round_ in rounds), ours_settings),
                        Series("nginx", "/s", tuple(round_[1][index] for round_ in rounds), peer_settings),
                        Goal(load.goal, of="ratio", at_least=True),
                    )
                )
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
