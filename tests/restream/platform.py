"""A platform that takes RTMP: Debian's nginx with nginx-rtmp, which asks for the key and records what it gets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

KEY = "st-reamk3y-of-the-test"
CONFIG = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
{user}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
rtmp {{
  server {{
    listen 127.0.0.1:{port};
    chunk_size 4096;
    application live {{
      live on;
      on_publish http://127.0.0.1:{door}/publish;
      notify_method get;
      record all;
      record_path {folder}/taken;
      record_unique on;
    }}
  }}
}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{door};
    location /publish {{ if ($arg_name != "{key}") {{ return 403; }} return 204; }}
  }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


@dataclass
class Platform:
    folder: Path

    @property
    def url(self) -> str:
        return f"rtmp://127.0.0.1:{self.port}/live"

    @property
    def taken(self) -> list[Path]:
        """What each connection has sent, oldest first."""
        return sorted((self.folder / "taken").iterdir(), key=lambda path: path.stat().st_ctime_ns)

    def __enter__(self) -> Self:
        (self.folder / "taken").mkdir(parents=True)
        self.port, door = free_port(), free_port()
        (self.folder / "nginx.conf").write_text(
            CONFIG.format(
                user="user root root;" if os.geteuid() == 0 else "",
                folder=self.folder,
                port=self.port,
                door=door,
                key=KEY,
            )
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        log = self.folder / "error.log"
        self._process = subprocess.Popen([nginx, "-c", str(self.folder / "nginx.conf"), "-e", str(log)])
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(log.read_text())

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)
