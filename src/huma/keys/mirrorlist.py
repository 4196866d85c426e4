"""The list of mirrors in event.toml, changed without touching what people have written around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from huma.errors import UsageError
from huma.keys.durable import write_whole
from huma.keys.eventtoml import EVENT_TOML, parse_config, read_config
from huma.protocol.roster import is_mirror_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.keys.eventdir import EventDir
    from huma.protocol.roster import Mirror


def add_mirror(eventdir: EventDir, mirror: Mirror) -> None:
    """List a mirror in event.toml; the desk's next turn signs it into the roster.

    Raises:
        UsageError: Its id is taken, or it is nothing that a roster can list.
    """
    if not is_mirror_id(mirror.id):
        raise UsageError(
            f"{mirror.id!r} is no id of a mirror", code="mirror-id", hint="Use a-z, 0-9 and -, at most 32."
        )

    def change(rows: Any) -> None:
        if any(row.get("id") == mirror.id for row in rows):
            raise UsageError(
                f"there is a mirror {mirror.id} already", code="mirror-id", hint="Choose another id."
            )
        rows.append(_row(mirror, tomlkit.table() if isinstance(rows, AoT) else tomlkit.inline_table()))

    _change(eventdir, change)


def remove_mirror(eventdir: EventDir, mirror_id: str) -> None:
    """Take a mirror off the list in event.toml. The last one stays: an empty list takes nobody's mirrors away."""

    def change(rows: Any) -> None:
        place = next((place for place, row in enumerate(rows) if row.get("id") == mirror_id), None)
        if place is None:
            raise UsageError(f"event.toml lists no mirror {mirror_id}", code="mirror-id")
        if len(rows) == 1:
            raise UsageError(
                "the last mirror stays on the list",
                code="last-mirror",
                hint="Withdraw it instead, or add another first.",
            )
        del rows[place]

    _change(eventdir, change)


def _change(eventdir: EventDir, change: Callable[[Any], None]) -> None:
    """Change the rows in a lock, and write the file only when what comes out can be read."""
    path = eventdir.path / EVENT_TOML
    with eventdir.locked():
        read_config(path)  # says what is wrong in it in words that people know
        try:
            document = tomlkit.parse(path.read_bytes())
        except TOMLKitError:
            raise UsageError(f"{EVENT_TOML} cannot be changed as it is written", code="event-toml") from None
        if "mirrors" not in document:
            document["mirrors"] = tomlkit.aot()
        change(document["mirrors"])
        changed = tomlkit.dumps(document).encode()
        parse_config(changed)
        write_whole(path, changed)


def _row(mirror: Mirror, row: Any) -> Any:
    row.update(
        {
            "id": mirror.id,
            "url": mirror.url,
            "operator": mirror.operator,
            "class": mirror.cls,
            "tier": mirror.tier,
        }
    )
    for name, values in (("addresses", mirror.addresses), ("spki", mirror.spki)):
        if values:
            row[name] = list(values)
    return row
