from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from huma.errors import UsageError
from huma.net.certificates import checked_tls
from huma.net.server import Tls


def make(folder: Path, name: str, *options: str) -> Tls:
    tls = Tls(folder / f"{name}.cert", folder / f"{name}.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", tls.key, "-out", tls.cert, *(options or ("-nodes",))],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return tls


def test_a_certificate_and_its_key_pass(tmp_path: Path) -> None:
    tls = make(tmp_path, "good")
    assert checked_tls(tls) is tls


def test_what_cannot_be_used_is_told_and_no_passphrase_asked_for(tmp_path: Path) -> None:
    good, other = make(tmp_path, "good"), make(tmp_path, "other")
    locked = make(tmp_path, "locked", "-passout", "pass:secret")
    (tmp_path / "text").write_text("no certificate")
    for tls, says in (
        (Tls(good.cert, other.key), "do not belong together"),
        (Tls(good.key, good.cert), "cannot be used"),
        (Tls(tmp_path / "text", good.key), "cannot be used"),
        (Tls(good.cert, tmp_path / "text"), "cannot be used"),
        (locked, "cannot be used"),
        (Tls(tmp_path / "nothing", good.key), "there is no file"),
        (Tls(good.cert, tmp_path), "there is no file"),
    ):
        with pytest.raises(UsageError, match=says) as refused:
            checked_tls(tls)
        assert "--cert" in refused.value.hint
