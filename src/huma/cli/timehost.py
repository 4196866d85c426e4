"""Whom to ask for the time: the option --ntp of huma live and huma check."""

from __future__ import annotations

import re
from typing import Final

from huma.cli.output import refuse

NTP_HOST: Final = "pool.ntp.org"
NO_NTP: Final = "none"

_HOST = re.compile(r"[\w.:-]{1,253}")


def time_host(text: str) -> str:
    """The server that `text` names, or NO_NTP."""
    if not _HOST.fullmatch(text):
        raise refuse(f"--ntp: {text!r} is no server", f"Name one, such as {NTP_HOST}; {NO_NTP} asks nobody.")
    return text
