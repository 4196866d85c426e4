"""Debian's nginx with WebDAV, as docs/how-to/stores.md has it: a store that takes PUT and serves GET."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.nginx import Nginx

CONFIG = """
{main}
http {{
  {http}
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
class NginxDav(Nginx):
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
        auth = ""
        if self.user:
            name, _, password = self.user.partition(":")
            crypted = subprocess.run(
                ["openssl", "passwd", "-apr1", password], capture_output=True, text=True, check=True
            ).stdout
            (self.folder / "users").write_text(f"{name}:{crypted}")
            auth = f"limit_except GET HEAD OPTIONS {{ auth_basic store; auth_basic_user_file {self.folder}/users; }}"
        full_path = "on" if self.full_path else "off"
        self.configure(CONFIG, most=self.most, full_path=full_path, auth=auth)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
