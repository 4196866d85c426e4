"""A platform that takes RTMP: Debian's nginx with nginx-rtmp, which asks for the key and records what it gets."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.nginx import Nginx, free_port

KEY = "st-reamk3y-of-the-test"
CONFIG = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
{main}
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
  {http}
  server {{
    listen 127.0.0.1:{door};
    location /publish {{ if ($arg_name != "{key}") {{ return 403; }} return 204; }}
  }}
}}
"""


@dataclass
class Platform(Nginx):
    @property
    def url(self) -> str:
        return f"rtmp://127.0.0.1:{self.port}/live"

    @property
    def taken(self) -> list[Path]:
        """What each connection has sent, oldest first."""
        return sorted((self.folder / "taken").iterdir(), key=lambda path: path.stat().st_ctime_ns)

    def __enter__(self) -> Self:
        (self.folder / "taken").mkdir(parents=True)
        self.configure(CONFIG, door=free_port(), key=KEY)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)
