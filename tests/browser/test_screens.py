"""Every screen in both languages, wide and narrow: nothing overflows, nothing is unsaid, nothing speaks the other language.

`HUMA_SCREENS=DIR pytest tests/browser/test_screens.py` keeps the pictures, for eyes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.air import Air
from tests.browser.conftest import NODE, WEB, AirMaker, ViewerMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SIZES = ((1280, 900), (360, 740), (320, 640))
FARSI = re.compile(r"[\u0600-\u06ff]")

OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter((it) => {
  const box = it.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !it.closest('canvas, .wing');
}).map((it) => it.className || it.tagName)"""

CLIPPED = """() => [...document.querySelectorAll('button, .card, .notice p, .badge, h1, h2')].filter((it) => {
  const style = getComputedStyle(it);
  return it.scrollWidth > it.clientWidth + 2 && style.textOverflow !== 'ellipsis' && it.clientWidth > 0;
}).map((it) => `${it.className || it.tagName}: ${it.textContent}`)
  .concat([...document.querySelectorAll('.card')].filter((it) => it.scrollHeight > it.closest('.stage').clientHeight + 1)
  .map((it) => `taller than the stage: ${it.textContent}`))"""

UNNAMED = """() => [...document.querySelectorAll('button, input')].filter((it) =>
  !(it.getAttribute('aria-label') || it.textContent.trim() || it.closest('label')?.textContent.trim())
).map((it) => it.outerHTML)"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_screen(width: int, height: int, gallery: str, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="en-GB",
        timezone_id="Asia/Tehran",
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{gallery}#live,en")
    scenes: list[str] = page.evaluate("globalThis.scenes")
    assert len(scenes) > 35
    for scene in scenes:
        for language in ("en", "fa"):
            page.goto(f"{gallery}#{scene},{language}")
            page.wait_for_timeout(40)
            faults += [f"{scene} {language} {width}: {fault}" for fault in look(page, language)]
            keep(page, f"{scene}-{language}-{width}")
    context.close()
    assert faults == []


@pytest.mark.parametrize(("language", "picture"), [("en", "picture"), ("fa", "تصویر")])
def test_who_only_listens_is_told_nothing_of_a_picture(
    language: str, picture: str, gallery: str, browser: Browser
) -> None:
    page = browser.new_page(locale="en-GB")

    def said(scene: str, *places: str) -> str:
        page.goto(f"{gallery}#{scene},{language}")
        page.wait_for_timeout(40)
        found = [page.locator(place) for place in places]
        return " ".join(f"{each.inner_text()} {each.get_attribute('aria-label')}" for each in found).lower()

    assert said("nothingNewer", ".stage .badge", ".stage .spinner").count(picture) == 2
    assert picture not in said("soundWaits", ".stage .badge", ".stage .spinner")
    assert picture in said("unconfirmed", ".page")
    assert picture not in said("soundUnconfirmed", ".about")
    # where there is no picture at all, nobody is told that it is off
    assert picture not in said("soundProgramme", ".page")
    assert picture not in said("soundProgrammeQuality", ".sheet")
    page.close()


def look(page: Page, language: str) -> list[str]:
    """What is wrong with the screen that stands there."""
    faults = [f"overflows: {each}" for each in page.evaluate(OVERFLOWING)]
    faults += [f"clipped: {each}" for each in page.evaluate(CLIPPED)]
    faults += [f"without a name: {each}" for each in page.evaluate(UNNAMED)]
    text = page.inner_text(".page")
    if "undefined" in text or "NaN" in text or "[object" in text:
        faults.append(f"unsaid: {text}")
    # each language's page names the other one on its button, and in the list of languages
    foreign = [
        line
        for line in text.splitlines()
        if bool(FARSI.search(line)) != (language == "fa")
        and re.search(r"[^\W\d_]{3,}", line)
        and line.strip() not in {"فارسی", "English"}
        and not re.search(r"https?:|\.example|^[a-z]+$|^(space|[a-z]|[←→↑↓ ]+)$", line.strip())
    ]
    return faults + [f"in the other language: {line}" for line in foreign]


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("HUMA_SCREENS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_the_real_page_fits_a_narrow_phone(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air: Air = on_air()
    one = viewer(viewport={"width": 320, "height": 640}, locale="fa-IR").open(air.url())
    # how it looks, whenever it plays: a busy machine takes its time
    one.until_playing(120)
    assert one.page.evaluate(OVERFLOWING) == []
    assert one.page.evaluate(UNNAMED) == []
    one.press("تأییدشده")
    one.until(lambda: one.page.locator(".digits li").count() == 13, 60, "thirteen groups of digits")
    assert one.page.evaluate(OVERFLOWING) == []
    assert one.report["unverifiedPlayed"] == 0
    assert not one.complaints, one.complaints


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    builds = []
    for name in ("one", "two"):
        folder = tmp_path / name
        subprocess.run(
            [str(NODE), "build.mjs"],
            cwd=WEB,
            check=True,
            timeout=200,
            capture_output=True,
            env={**os.environ, "HUMA_PAGES": str(folder)},
        )
        builds.append(
            {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        )
    assert builds[0] == builds[1]
    names = {path.as_posix() for path in builds[0]}
    assert {"index.html", "local.html", "player.html", "embed.js", "sw.js"} <= names
    strict = builds[0][Path("index.html")].decode()
    assert "connect-src 'self' https:;" in strict
    single = builds[0][Path("player.html")].decode()
    assert not re.search(r"(?:src|href)=\"(?!data:)", single)
    console = builds[0][Path("console.html")].decode()
    assert "connect-src 'self';" in console
    assert not re.search(r"(?:src|href)=\"(?!data:)", console)
    assert "console.html" not in builds[0][Path("sw.js")].decode(), "viewers keep what is theirs"
    shutil.rmtree(tmp_path)
