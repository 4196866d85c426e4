"""The console of a broadcast: where it is, who may use it, and what can be done there."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huma.cli.consoleword import LIVE_WORD, leave_word, token_for
from huma.cli.liveoverview import Overview
from huma.console.history import samples
from huma.console.metrics import render_metrics
from huma.console.server import Console
from huma.media.intake import Intake
from huma.media.languagesfeed import OFFSET_LIMIT_MS
from huma.net.certificates import tls_context
from huma.net.localserver import LOOPBACK
from huma.net.pages import load_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.cli.liverun import OnAir
    from huma.media.state import Programme
    from huma.protocol.strictjson import Members

_NAME_BYTES: Final = 64
_DELAY_MOST_MS: Final = 60_000


def start_console(air: OnAir, place: tuple[str, int]) -> Console:
    """The console of a broadcast."""
    word, tls = air.plan.state / LIVE_WORD, air.options.tls
    pages = {page.path: page for page in load_pages(Path(str(files("huma").joinpath("pages"))))}
    console = Console(
        Overview(air).look,
        commands_of(air.programme),
        token=token_for(word),
        host=place[0],
        port=place[1],
        page=pages.get("console.html"),
        metrics=render_metrics,
        series=samples,
        tls=None if tls is None or place[0] in LOOPBACK else tls_context(tls),
    )
    console.start()
    leave_word(word, console)
    return console


def commands_of(programme: Programme) -> Mapping[str, Callable[[Members], dict[str, Any]]]:
    """What a technician can do. A source that is signed as it is has no switches."""
    if not isinstance(programme, Intake):
        return {}
    intake = programme

    def slate(members: Members) -> dict[str, Any]:
        intake.slate(on=members.flag("on"))
        return {}

    def choose(members: Members) -> dict[str, Any]:
        intake.choose(members.text("input", _NAME_BYTES))
        return {}

    def lay(members: Members) -> dict[str, Any]:
        offset_ms = members.integer("offset_ms", -OFFSET_LIMIT_MS, OFFSET_LIMIT_MS)
        return {"offset_ms": intake.lay(members.text("language", _NAME_BYTES), offset_ms)}

    def dump(members: Members) -> dict[str, Any]:
        intake.dump(refill=members.flag("refill"))
        return {}

    def delay(members: Members) -> dict[str, Any]:
        intake.delay(members.integer("ms", 0, _DELAY_MOST_MS) / 1000)
        return {}

    return {"slate": slate, "choose": choose, "lay": lay, "dump": dump, "delay": delay}
