"""Debian's nginx for a test: one process on one loopback port, everything that it writes in one folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

MAIN = """
{user}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
"""
HTTP = """
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
"""
WITHIN_S = 20


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


@dataclass
class Nginx:
    """Started with what `configure` has written; a subclass says what it serves on `port`."""

    folder: Path

    def configure(self, template: str, **values: object) -> None:
        """Write the configuration: `template` with {main} and {http} for what each has, {port}, {folder}, and `values`."""
        self.port = free_port()
        user = "user root root;" if os.geteuid() == 0 else ""
        text = template.format(
            main=MAIN.format(user=user, folder=self.folder),
            http=HTTP.format(folder=self.folder),
            folder=self.folder,
            port=self.port,
            **values,
        )
        self._config.write_text(text)

    @property
    def _config(self) -> Path:
        return self.folder / "nginx.conf"

    def start(self) -> None:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        log = self.folder / "error.log"
        self._process = subprocess.Popen([nginx, "-c", str(self._config), "-e", str(log)])
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(log.read_text())
