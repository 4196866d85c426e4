"""moto's S3 server, in a process of its own: it speaks the protocol, keeps what it is given, and can check keys."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Self

import boto3  # type: ignore[import-untyped]  # it has no types
import httpx

ACCESS, SECRET = "AKIAHUMATESTS0000000", "tests/only+secret0000000000000000000000"


@dataclass
class S3Server:
    """`guarded` makes it refuse keys that it has not given out, and signatures that do not fit."""

    bucket: str = "huma-tests"
    guarded: bool = False
    access: str = ACCESS
    secret: str = field(default=SECRET, repr=False)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, prefix: str = "live/one") -> str:
        return f"s3://{self.bucket}/{prefix}?endpoint={self.endpoint}"

    def public(self, path: str, prefix: str = "live/one") -> str:
        return f"{self.endpoint}/{self.bucket}/{prefix}/{path}"

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret}

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as door:
            self.port = door.getsockname()[1]
        self.start()
        self.make_bucket()
        if self.guarded:
            self._guard()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("moto did not start")

    def make_bucket(self) -> None:
        """A bucket whose objects anybody may read, as docs/how-to/object-store.md has it."""
        store = self._client("s3")
        store.create_bucket(Bucket=self.bucket)
        policy = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{self.bucket}/*"}}]}}'
        store.put_bucket_policy(Bucket=self.bucket, Policy=policy)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait(20)

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
        )

    def _guard(self) -> None:
        iam = self._client("iam")
        iam.create_user(UserName="huma")
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
        iam.put_user_policy(UserName="huma", PolicyName="store", PolicyDocument=policy)
        key = iam.create_access_key(UserName="huma")["AccessKey"]
        self.access, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        httpx.post(f"{self.endpoint}/moto-api/reset-auth", content="0").raise_for_status()
