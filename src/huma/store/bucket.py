"""An object store's address as people write it, and who we are to it.

    s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-1
    gs://bucket/prefix            az://container/prefix?account=name

Options: `endpoint` (any S3-compatible service), `region`, `virtual-host=yes` (the bucket in the host's name), `account`
(Azure), `key-file` (a file for our eyes only). No option holds a key: the text stands in event.toml and on command lines.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from huma.errors import UsageError
from huma.store.credentials import variable_for

if TYPE_CHECKING:
    from collections.abc import Mapping

Scheme = Literal["s3", "gs", "az"]

DEFAULT_REGION: Final = "us-east-1"
HOWTO: Final = "See docs/how-to/object-store.md."
_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "s3": frozenset(("endpoint", "region", "virtual-host", "key-file")),
    "gs": frozenset(("key-file",)),
    "az": frozenset(("account", "endpoint", "key-file")),
}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(?:/|$)){0,8}")
_KEY_FILE_MAX_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where in which object store; nothing secret stands in it."""

    scheme: Scheme
    name: str
    prefix: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """What people and logs call it."""
        host = urlsplit(self.options.get("endpoint", "")).netloc
        place = f"{self.scheme}://{self.name}/{self.prefix}".rstrip("/")
        return f"{place} at {host}" if host else place


@dataclass(frozen=True, slots=True)
class BucketKey:
    """A key pair; its text form shows nothing of it. Empty where the library finds its own."""

    access: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def parse_bucket(text: str) -> Bucket:
    """The place named by `text`, or a UsageError that never repeats an option's value."""
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        endpoint = urlsplit(options.get("endpoint", "https://x"))
        _ = endpoint.port
    except ValueError:
        raise UsageError("the address of an object store does not parse", hint=HOWTO) from None
    prefix = parts.path.strip("/")
    if parts.username is not None or "@" in parts.netloc or not _BUCKET.fullmatch(parts.netloc):
        raise UsageError(
            "an object store is s3://bucket/prefix, without a key in it", code="store-auth", hint=HOWTO
        )
    if parts.fragment or not _PREFIX.fullmatch(prefix):
        raise UsageError("a prefix in an object store is up to 8 plain folder names", hint=HOWTO)
    scheme: Scheme = "s3" if parts.scheme == "s3" else "gs" if parts.scheme == "gs" else "az"
    if unknown := sorted(set(options) - _OPTIONS[scheme]):
        raise UsageError(
            f"a store of kind {scheme} has no option {unknown[0][:24]!r}",
            hint=f"It has {', '.join(sorted(_OPTIONS[scheme]))}. {HOWTO}",
        )
    plain = not (endpoint.query or endpoint.fragment or endpoint.username or endpoint.password)
    if endpoint.scheme not in ("http", "https") or not endpoint.hostname or not plain:
        raise UsageError("the endpoint of an object store is https://host", hint=HOWTO)
    return Bucket(scheme, parts.netloc, prefix, options)


def key_for(bucket: Bucket, environ: Mapping[str, str] = os.environ) -> BucketKey:
    """The key for `bucket`: from its key file, else HUMA_AUTH_<BUCKET>, else the provider's own variables."""
    if "key-file" in bucket.options and bucket.scheme != "gs":
        place = Path(bucket.options["key-file"]).expanduser()
        return _parse_key(read_private(place), str(place), bucket.scheme)
    variable = variable_for(bucket.name)
    if text := environ.get(variable, ""):
        return _parse_key(text, variable, bucket.scheme)
    if bucket.scheme != "s3":
        return BucketKey()
    access, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not access or not secret:
        raise UsageError(
            f"there is no key for {bucket}",
            code="store-auth",
            hint=f"Set {variable}=access:secret, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. {HOWTO}",
        )
    return BucketKey(access, secret, environ.get("AWS_SESSION_TOKEN", ""))


def read_private(place: Path) -> str:
    """The text of a file that nobody but us may read."""
    try:
        with place.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise UsageError(
                    f"{place} can be read by others", code="store-auth", hint=f"chmod 600 {place}"
                )
            data = file.read(_KEY_FILE_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}", code="store-auth") from None
    if len(data) > _KEY_FILE_MAX_BYTES:
        raise UsageError(f"{place} is too large for a key", code="store-auth")
    return data.decode(errors="replace").strip()


def _parse_key(text: str, where: str, scheme: Scheme) -> BucketKey:
    if scheme == "az":
        return BucketKey(secret=text)
    access, secret, token = (*text.split(":", 2), "", "")[:3]
    if not access or not secret or "\n" in text:
        raise UsageError(
            f"{where} is not 'access:secret'",
            code="store-auth",
            hint=f"Its value is not shown here on purpose. {HOWTO}",
        )
    return BucketKey(access, secret, token)
