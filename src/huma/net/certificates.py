"""The certificate of a server, looked at before anybody relies on it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from huma.errors import UsageError

if TYPE_CHECKING:
    from huma.net.server import Tls

_HINT = (
    "--cert takes the chain in PEM, the server's own certificate first; --key its private key in PEM, "
    "without a passphrase, and readable by you."
)


def checked_tls(tls: Tls) -> Tls:
    """Return `tls` when its files belong together and can be used."""
    tls_context(tls)
    return tls


def tls_context(tls: Tls) -> ssl.SSLContext:
    """A server's context, TLS 1.2 and later; UsageError `certificate` where the files cannot be used."""
    for file in (tls.cert, tls.key):
        if not file.is_file():
            raise UsageError(f"there is no file {file}", code="certificate", hint=_HINT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.cert, tls.key, lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        differ = getattr(error, "reason", None) == "KEY_VALUES_MISMATCH"
        why = "do not belong together" if differ else "cannot be used as a certificate and its key"
        raise UsageError(f"{tls.cert} and {tls.key} {why}", code="certificate", hint=_HINT) from None
    return context
