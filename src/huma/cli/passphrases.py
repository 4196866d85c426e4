"""Passphrases from the environment or the terminal: never from an argument, which every user of a machine can see."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING

from huma.errors import KeyStoreError
from huma.keys.keyfile import PASSPHRASE_MIN_CHARS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALL = "HUMA_PASSPHRASE"
BACKUP = "backup"
"""Who is asked for the passphrase of a back-up: nobody of the event, so that it has one of its own."""

_WHO = {"safe": "the safe (live key C, cold and spare desk keys)", BACKUP: "the back-up"}


def variable_of(owner: str) -> str:
    """The variable of one owner: HUMA_PASSPHRASE_1, HUMA_PASSPHRASE_SAFE."""
    return f"{ALL}_{owner.upper()}"


class TerminalPassphrases:
    """Asks each owner once. New ones are typed twice."""

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        ask: Callable[[str], str] | None = None,
    ) -> None:
        self._environ = environ
        self._ask = ask
        self._known: dict[str, str] = {}

    def __call__(self, owner: str, *, new: bool) -> str:
        """The passphrase of `owner`."""
        if owner not in self._known:
            self._known[owner] = (
                self._environ.get(variable_of(owner)) or self._environ.get(ALL) or self._typed(owner, new=new)
            )
        return self._known[owner]

    def _typed(self, owner: str, *, new: bool) -> str:
        who = f"holder {owner}" if owner.isdigit() else _WHO[owner]
        ask = self._asker(owner)
        if not new:
            return ask(f"Passphrase of {who}: ")
        while True:
            first = ask(f"New passphrase for {who}: ")
            if len(first) < PASSPHRASE_MIN_CHARS:
                sys.stderr.write(f"At least {PASSPHRASE_MIN_CHARS} characters; five or six words are good.\n")
            elif ask("The same again: ") == first:
                return first
            else:
                sys.stderr.write("These two differ. Once more.\n")

    def _asker(self, owner: str) -> Callable[[str], str]:
        if self._ask is not None:
            return self._ask
        if not sys.stdin.isatty():
            raise KeyStoreError(
                "a passphrase is needed, and there is no terminal to ask at",
                code="keys-locked",
                hint=f"Set {variable_of(owner)} (or {ALL} for all), or run this at a terminal.",
            )
        return lambda prompt: getpass.getpass(prompt, stream=sys.stderr)
