"""Who we are to a store: from the environment or a netrc file, never from what is printed or logged."""

from __future__ import annotations

import netrc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from huma.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_NETRC_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is sent as Authorization; its text form shows nothing of it."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)

    def auth(self) -> httpx.Auth | None:
        """The same, as the HTTP client takes it."""
        if self.bearer:
            return _Bearer(self.bearer)
        return httpx.BasicAuth(self.user, self.password) if self.user else None


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


def variable_for(host: str) -> str:
    """The environment variable that holds the credentials for `host`: HUMA_AUTH_STORE_EXAMPLE_ORG."""
    return "HUMA_AUTH_" + re.sub(r"[^A-Z0-9]", "_", host.upper())


def credentials_for(url: httpx.URL, environ: Mapping[str, str] = os.environ) -> Credentials:
    """The credentials for `url`: those in it, else the environment's, else those of the netrc file."""
    if url.username:
        return Credentials(user=url.username, password=url.password)
    text = environ.get(variable_for(url.host), "")
    if text:
        return _parse(text, variable_for(url.host))
    return _from_netrc(url.host, environ)


def _parse(text: str, variable: str) -> Credentials:
    kind, _, rest = text.partition(" ")
    if kind.lower() == "bearer" and rest:
        return Credentials(bearer=rest.strip())
    user, colon, password = text.partition(":")
    if not user or not colon:
        raise UsageError(
            f"{variable} is neither 'user:password' nor 'Bearer token'",
            code="store-auth",
            hint="See docs/how-to/stores.md; its value is not shown here on purpose.",
        )
    return Credentials(user=user, password=password)


def _from_netrc(host: str, environ: Mapping[str, str]) -> Credentials:
    home = environ.get("HOME", "")
    place = Path(environ.get("NETRC") or f"{home}/.netrc")
    try:
        if not place.is_file() or place.stat().st_size > _NETRC_MAX_BYTES:
            return Credentials()
        found = netrc.netrc(place).authenticators(host)
    except netrc.NetrcParseError as error:
        raise UsageError(f"{place} does not parse at line {error.lineno}", code="store-auth") from None
    except (OSError, UnicodeDecodeError):
        return Credentials()
    if found is None:
        return Credentials()
    user, _, password = found
    return Credentials(user=user or "", password=password or "")
