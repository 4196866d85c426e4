"""`huma new`: make an event."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huma.cli.output import Output, now_ms, refuse
from huma.cli.passphrases import TerminalPassphrases
from huma.config import PLAYER_MAX_BYTES
from huma.errors import UsageError
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig, read_config
from huma.keys.ladder import DEFAULT_AUDIO, DEFAULT_VIDEO
from huma.keys.languagenames import language_of
from huma.protocol.clocktext import format_ms
from huma.protocol.event import is_language
from huma.protocol.link import Link, render_link
from huma.protocol.words import event_digits, event_words

if TYPE_CHECKING:
    from huma.keys.eventdir import EventDir

_DAY_MS: Final = 24 * 3600 * 1000
_DEFAULT_HOLDERS: Final = (2, 3)
_DEFAULT_TITLES: Final = {"en": "Live", "fa": "پخش زنده"}
_Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder to make. It must not exist, or be empty.")
]
_Solo = Annotated[
    bool, typer.Option("--solo", help="One person, for trials: no passphrase, every key in the folder.")
]
_K = Annotated[int | None, typer.Option("--k", help="How many holders must sign.", show_default="2")]
_N = Annotated[int | None, typer.Option("--n", help="How many holders there are.", show_default="3")]
_Title = Annotated[str | None, typer.Option(help="The title, in the first language.")]
_TitleFa = Annotated[str | None, typer.Option(help="The title in Farsi.")]
_Lang = Annotated[
    list[str] | None,
    typer.Option(help="A language of the programme; give it again for each.", show_default="en fa"),
]
_Start = Annotated[
    str | None, typer.Option(help="The planned start, as 2026-11-23T18:00Z.", show_default="now")
]
_End = Annotated[str | None, typer.Option(help="The planned end.", show_default="a day after the start")]
_Fps = Annotated[int, typer.Option(help="Frames a second: 25 or 30.")]
_AudioOnly = Annotated[bool, typer.Option("--audio-only", help="Sound without picture.")]
_CopyFrom = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE", help="Take the renditions from this source, to sign it as it is (huma live --copy)."
    ),
]
_ConfigFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Take everything from this event.toml instead.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def new(
    folder: _Folder,
    solo: _Solo = False,
    k: _K = None,
    n: _N = None,
    title: _Title = None,
    title_fa: _TitleFa = None,
    lang: _Lang = None,
    start: _Start = None,
    end: _End = None,
    fps: _Fps = 30,
    audio_only: _AudioOnly = False,
    copy_from: _CopyFrom = None,
    config: _ConfigFile = None,
    as_json: _Json = False,
) -> None:
    """Make an event in DIR: its keys, its trust documents, its event.toml.

    Without --solo, root and targets keys are held by people: 2 of 3, unless --k and --n say otherwise. Each holder's
    passphrase is asked for here, or taken from HUMA_PASSPHRASE_1, HUMA_PASSPHRASE_2 and so on; HUMA_PASSPHRASE_SAFE
    locks the keys for the safe. See docs/how-to/keys.md.
    """
    output = Output(as_json=as_json)
    now = now_ms()
    holders = _holders(solo, k, n)
    if config is not None:
        _refuse_both(
            title=title,
            title_fa=title_fa,
            lang=lang,
            start=start,
            end=end,
            audio_only=audio_only,
            copy_from=copy_from,
        )
        wanted = _config_from(config)
    else:
        wanted = _config(now, title, title_fa, lang or ["en", "fa"], start, end, fps, audio_only=audio_only)
        wanted = wanted if copy_from is None else _copied(output, wanted, copy_from)
    made = create(
        folder,
        wanted.checked("this event"),
        now=now,
        holders=holders,
        passphrases=TerminalPassphrases(),
        extra_targets=_player(),
    )
    _tell(output, made, holders, source=copy_from)


def _config_from(file: Path) -> EventConfig:
    try:
        return read_config(file)
    except UsageError as error:
        if error.message.startswith(str(file)):
            raise
        raise UsageError(f"{file}: {error.message}", code=error.code, hint=error.hint) from None


def _holders(solo: bool, k: int | None, n: int | None) -> Holders:
    if solo:
        return Holders(k or 1, n or 1, solo=True)
    default_k, default_n = _DEFAULT_HOLDERS
    if n is None:
        n = max(default_n, k or 0)
    return Holders(min(default_k, n) if k is None else k, n, solo=False)


def _config(
    now: int,
    title: str | None,
    title_fa: str | None,
    codes: list[str],
    start: str | None,
    end: str | None,
    fps: int,
    *,
    audio_only: bool,
) -> EventConfig:
    if fps not in (25, 30):
        raise refuse(f"{fps} frames a second are not offered", "Give --fps 25 or --fps 30.")
    _refuse_languages(codes)
    start_ms = now // 1000 * 1000 if start is None else _moment("--start", start)
    end_ms = start_ms + _DAY_MS if end is None else _moment("--end", end)
    if end_ms <= start_ms:
        raise refuse(
            f"the event would end at {format_ms(end_ms)}, and start at {format_ms(start_ms)}",
            "Give an --end after --start. Without --start it starts now.",
        )
    titles = {codes[0]: title} if title else {}
    titles |= {"fa": title_fa} if title_fa else {}
    return EventConfig(
        title=titles or {code: _DEFAULT_TITLES.get(code, _DEFAULT_TITLES["en"]) for code in codes},
        start_ms=start_ms,
        end_ms=end_ms,
        languages=tuple(language_of(code) for code in codes),
        fps=fps,
        video=() if audio_only else DEFAULT_VIDEO,
        audio=DEFAULT_AUDIO,
    )


def _refuse_languages(codes: list[str]) -> None:
    for number, code in enumerate(codes):
        if not is_language(code):
            raise refuse(f"--lang: {code!r} is no language", "Write it as en, fa or pt-BR.")
        if code in codes[:number]:
            raise refuse(f"--lang: {code} stands twice", "Give each language once.")


def _copied(output: Output, config: EventConfig, source: str) -> EventConfig:
    from huma.cli.sourcelook import look_at
    from huma.keys.copyladder import copied_config

    return copied_config(config, look_at(output, [source]))


def _player() -> dict[str, bytes]:
    """The player whose digest is signed: only such a one may replace a page that was once kept."""
    page = installed_player()
    return {} if page is None else {"player.html": page}


def installed_player() -> bytes | None:
    """The player of this installation, where the pages are built."""
    from importlib.resources import files

    page = files("huma").joinpath("pages", "player.html")
    data = page.read_bytes() if page.is_file() else b""
    return data if 0 < len(data) <= PLAYER_MAX_BYTES else None


def _moment(option: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return int(moment.astimezone(UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise refuse(
            f"{option}: {text!r} is not a moment", "Write it as 2026-11-23T18:00Z, or with +03:30."
        ) from None
    raise refuse(f"{option}: {text!r} does not say in which zone", "End it with Z for UTC, or with +03:30.")


def _refuse_both(**options: object) -> None:
    given = [name for name, value in options.items() if value]
    if given:
        raise refuse(f"--config says everything, so --{given[0].replace('_', '-')} has no place beside it")


def _tell(output: Output, made: EventDir, holders: Holders, *, source: str | None) -> None:
    words, digits = event_words(made.event_id), event_digits(made.event_id)
    link = render_link(Link(made.event_id))
    output.event(
        "state",
        state="made",
        folder=str(made.path),
        id=made.event_id,
        words=list(words),
        digits=list(digits),
        link=link,
        solo=holders.solo,
        k=holders.k,
        n=holders.n,
    )
    output.say(f"Made {made.path}, an event of its own.", style="bold green")
    output.say()
    output.say(f"  Event  {made.event_id}")
    output.say(f"  Words  {' '.join(words[:6])}")
    output.say(f"         {' '.join(words[6:])}")
    output.say(f"  Digits {' '.join(digits)}")
    output.say(f"  Link   {link}")
    output.say()
    steps = _SOLO_STEPS if holders.solo else _HELD_STEPS
    put = "test" if source is None else f"{shlex.quote(source)} --copy"
    for number, step in enumerate(steps, start=1):
        output.say(
            f"  {number}. {step.format(dir=shlex.quote(str(made.path)), k=holders.k, n=holders.n, put=put)}"
        )


_SOLO_STEPS: Final = (
    "On the air:    huma live {put} --event {dir} --serve 127.0.0.1:8400",
    "All right?     huma check {dir}",
    "The real day:  fill in {dir}/event.toml, and make that event without --solo, so that no one machine holds it.",
)
_HELD_STEPS: Final = (
    "Hand out the keys: each of the {n} holders takes root-N.pem and targets-N.pem away ({k} must meet to sign).",
    "Into the safe: live-c.pem, timestamp-2, snapshot-2, timestamp-3, snapshot-3, and the folder sealed/.",
    "Then run: huma check {dir}",
)
