"""docs/safety: every sheet in both languages, short, and true: what they name is there, what is not there they do not promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huma.cli.app import COMMANDS
from tests.cli.running import options_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs/safety"
WHO = ("organiser", "technician", "speaker", "interpreter", "volunteer", "viewer")
SHEETS = [f"{who}.{language}.md" for who in WHO for language in ("en", "fa")]
MOST_WORDS = 1000
"""Two pages of A4 at ten points."""
ARABIC_LETTERS = "يكةى"
LATIN_DIGITS = re.compile(r"[0-9٠-٩]")
DETACHED = re.compile(r"(?<![\w‌])(?:ن?می) [آ-ی]|[آ-ی] (?:ها|های|هایی|هایش|تر|ترین|ام|ایم|اند)(?![\w‌])")
"""A prefix or an ending that stands apart where a half-space belongs."""


def text(name: str) -> str:
    return (FOLDER / name).read_text()


def plain(farsi: str) -> str:
    """The Farsi alone: without code, Latin names, links and tags."""
    farsi = re.sub(r'<span dir="ltr">.*?</span>|\]\([^)]*\)|<[^>]*>', " ", farsi)
    return re.sub(r"[A-Za-z_./]+", " ", farsi)


@pytest.mark.parametrize("name", SHEETS)
def test_it_is_two_pages_at_most(name: str) -> None:
    assert 400 < len(plain(text(name)).split() if ".fa." in name else text(name).split()) <= MOST_WORDS


@pytest.mark.parametrize("who", WHO)
def test_both_languages_say_the_same(who: str) -> None:
    english, farsi = text(f"{who}.en.md"), text(f"{who}.fa.md")
    for pattern in (r"^## ", r"^- ", r"^\| ", r"^\| \*\*", r"^[1-6۱-۶]\. ", r"_{10,}"):
        both = [len(re.findall(pattern, each, re.MULTILINE)) for each in (english, farsi)]
        assert both[0] == both[1], pattern
    commands = [sorted(re.findall(r"`(huma [^`]*|--[^`]*|rtmps?://)`", each)) for each in (english, farsi)]
    assert commands[0] == commands[1]
    links = [set(re.findall(r"\]\(([^)]+)\)", each)) for each in (english, farsi)]
    assert {link.replace(".fa.", ".en.") for link in links[1]} - links[0] == {f"{who}.en.md"} - links[0]
    assert links[0] - {f"{who}.fa.md"} == links[1] - {f"{who}.en.md"}


@pytest.mark.parametrize("name", SHEETS)
def test_it_names_only_commands_that_are_there(name: str) -> None:
    there = {command.name for command in COMMANDS}
    for words in re.findall(r"`huma ([^`]*)`", text(name)):
        command, *_ = words.split()
        assert command in there, words
        assert set(re.findall(r"--[a-z-]+", words)) <= options_of(command), words


def test_what_is_not_there_yet_is_told_and_not_promised() -> None:
    """When one of these arrives, its sheet has to change: this test says which."""
    there = {command.name for command in COMMANDS}
    for missing, name, words in (
        ("mirror", "volunteer.en.md", "A command that makes a mirror of any machine is not there yet"),
        ("mirror", "volunteer.fa.md", "فرمانی که از هر رایانه‌ای آینه بسازد هنوز نیست"),
        ("stage", "speaker.en.md", "Huma has no meeting room of its own"),
        ("stage", "speaker.fa.md", "هما اتاق گفت‌وگویی از خود ندارد"),
        ("stage", "interpreter.en.md", "Huma has no booth of its own yet"),
        ("stage", "interpreter.fa.md", "هما هنوز اتاقک ترجمه ندارد"),
    ):
        assert (missing not in there) is (words in text(name)), name


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_the_page_is_said_to_say_it_says(language: str) -> None:
    words = (ROOT / f"web/src/player/i18n/{language}.ts").read_text()
    sheet = text(f"viewer.{language}.md")
    labels = (
        re.findall(r"«([^»]+)»", sheet)
        if language == "fa"
        else re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)|\"([^\"]+)\"", sheet)
    )
    found = [each if isinstance(each, str) else each[0] or each[1] for each in labels]
    assert len(found) > 8
    for label in found:
        assert label in words, label


@pytest.mark.parametrize("who", WHO)
def test_the_farsi_is_written_as_farsi(who: str) -> None:
    farsi = text(f"{who}.fa.md")
    assert farsi.startswith('<div dir="rtl" lang="fa">\n\n')
    assert farsi.endswith("\n\n</div>\n")
    assert "`" not in re.sub(r'<span dir="ltr">`[^`]*`</span>', "", farsi), "code runs from left to right"
    words = plain(farsi)
    assert not set(words) & set(ARABIC_LETTERS)
    assert LATIN_DIGITS.search(words) is None
    assert DETACHED.search(words) is None, DETACHED.search(words)
    assert "\u200c " not in words
    assert " \u200c" not in words
    assert "?" not in words


@pytest.mark.parametrize("name", [*SHEETS, "README.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", text(name)):
        path, _, part = link.partition("#")
        target = FOLDER / path
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
        assert not part or part in anchors, link
    assert all(sheet in text("README.md") for sheet in SHEETS)
