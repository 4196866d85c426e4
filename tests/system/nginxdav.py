"""Debian's nginx with WebDAV, as docs/how-to/stores.md has it: a store that takes PUT and serves GET."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CONFIG = """
{user}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size {most};
  server {{
    listen 127.0.0.1:{port};
    root {folder}/www;
    location / {{
      dav_methods PUT DELETE MKCOL;
      create_full_put_path {full_path};
      dav_access user:rw group:r all:r;
      {auth}
    }}
  }}
}}
"""


@dataclass
class NginxDav:
    folder: Path
    full_path: bool = True
    most: str = "16m"
    user: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def www(self) -> Path:
        return self.folder / "www"

    def __enter__(self) -> Self:
        self.www.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as door:
            self.port = door.getsockname()[1]
        auth = ""
        if self.user:
            name, _, password = self.user.partition(":")
            crypted = subprocess.run(
                ["openssl", "passwd", "-apr1", password], capture_output=True, text=True, check=True
            ).stdout
            (self.folder / "users").write_text(f"{name}:{crypted}")
            auth = f"limit_except GET HEAD OPTIONS {{ auth_basic store; auth_basic_user_file {self.folder}/users; }}"
        self._config = self.folder / "nginx.conf"
        self._config.write_text(
            CONFIG.format(
                user="user root root;" if os.geteuid() == 0 else "",
                folder=self.folder,
                port=self.port,
                most=self.most,
                full_path="on" if self.full_path else "off",
                auth=auth,
            )
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = subprocess.Popen(
            [nginx, "-c", str(self._config), "-e", str(self.folder / "error.log")]
        )
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "error.log").read_text())

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
