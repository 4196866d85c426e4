from __future__ import annotations

import os
from pathlib import Path

import pytest

from huma.errors import UsageError
from huma.restream.address import parse_output

SECRET = "a-secret-stream-key"


def test_a_platform_with_its_key_from_the_environment() -> None:
    found = parse_output("rtmps://a.example/live2#key-env=YT&lang=fa&label=YouTube", {"YT": SECRET})
    assert (found.kind, found.label, found.language) == ("rtmp", "YouTube", "fa")
    assert found.url == f"rtmps://a.example/live2/{SECRET}"
    assert not found.key_in_sight
    assert SECRET not in repr(found)
    assert "a.example" not in repr(found)


def test_a_key_from_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o640)
    with pytest.raises(UsageError, match="read by others"):
        parse_output(f"rtmp://a.example/app#key-file={file}")
    file.chmod(0o600)
    assert parse_output(f"rtmp://a.example/app#key-file={file}").url.endswith(f"/{SECRET}")


def test_a_key_in_sight_is_taken_and_told_of() -> None:
    assert parse_output(f"rtmp://a.example/app/{SECRET}").key_in_sight
    assert parse_output(f"srt://a.example:9000?passphrase={SECRET}").key_in_sight
    assert not parse_output("rtmp://a.example/app").key_in_sight


def test_srt_with_its_options() -> None:
    found = parse_output("srt://a.example:9000?latency=500&streamid=publish/one#key-env=P", {"P": SECRET})
    assert found.kind == "srt"
    assert found.url == "a.example\n9000"
    assert found.options == {"latency": "500", "streamid": "publish/one", "passphrase": SECRET}
    assert parse_output("srt://[::1]:9000").url == "::1\n9000"


def test_a_passphrase_is_sent_as_it_is_and_a_key_in_an_address_is_quoted() -> None:
    odd = "a^b{c}|d%e#f"
    assert parse_output("srt://a.example:9000#key-env=P", {"P": odd}).options["passphrase"] == odd
    url = parse_output("rtmp://a.example/app#key-env=P", {"P": odd}).url
    assert url == "rtmp://a.example/app/a%5Eb%7Bc%7D%7Cd%e%23f"


def test_files_fifos_and_pipes(tmp_path: Path) -> None:
    assert parse_output(str(tmp_path / "out.ts")).kind == "file"
    assert parse_output("-#lang=en").kind == "pipe"
    os.mkfifo(tmp_path / "fifo")
    assert parse_output(str(tmp_path / "fifo")).kind == "file"
    (tmp_path / "old.ts").write_bytes(b"x")
    with pytest.raises(UsageError, match="is there already"):
        parse_output(str(tmp_path / "old.ts"))
    (tmp_path / "link.ts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        parse_output(str(tmp_path / "link.ts"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rtmp://",
        "rtmp://a.example",
        f"rtmp://a.example:99999/app/{SECRET}",
        f"rtmp://a.example/app/{SECRET} x",
        f"http://a.example/{SECRET}",
        f"{SECRET}://a.example/x",
        "srt://a.example",
        f"srt://a.example:9000/{SECRET}",
        f"srt://u:{SECRET}@a.example:9000",
        f"srt://a.example:9000?mode=listener&passphrase={SECRET}",
        f"srt://a.example:9000?{SECRET}",
        f"srt://a.example:9000?{SECRET}=1",
        "srt://a.example:9000?passphrase=short",
        "srt://a.example:9000?latency=-1",
        "srt://a.example:9000?latency=99999999",
        "rtmp://a.example/app#key-env=ABSENT",
        "rtmp://a.example/app#key-file=/nonexistent/key",
        f"rtmp://a.example/app#{SECRET}",
        "rtmp://a.example/app#label=" + "x" * 41,
        "rtmp://a.example/app#label=<b>",
        "out.mp4",
        "nowhere/out.ts",
        "rtmp://[::1/app",
    ],
)
def test_what_makes_no_sense_is_refused_without_its_key(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_output(text, {})
    shown = f"{caught.value} {caught.value.hint}"
    assert SECRET[:20] not in shown or text.startswith(SECRET) or "?" + SECRET + "=" in text
