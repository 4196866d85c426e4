"""Object stores: S3 and all that speak like it; Google Cloud Storage and Azure through the same code, untested."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huma.errors import HumaError, StoreError, UsageError
from huma.store.bucket import DEFAULT_REGION, HOWTO, Bucket, BucketKey, key_for, parse_bucket, read_private
from huma.store.http import HttpTimes
from huma.store.port import checked_path, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TELLING: Final = (
    (("nosuchbucket",), "store-no-bucket", "has no such bucket", "Make the bucket first. " + HOWTO),
    (
        ("403 forbidden", "401 unauthorized", "accessdenied"),
        "store-refused",
        "refuses us",
        "Look at the key and its rights. " + HOWTO,
    ),
    (("quotaexceeded", "507 insufficient", "insufficientstorage"), "store-full", "is full", None),
    (("slowdown", "503 service", "429 too"), "store-busy", "is busy", None),
    (("timed out", "timedout"), "store-slow", "takes too long", None),
    (
        ("error sending request", "connection refused", "dns error"),
        "store-unreachable",
        "cannot be reached",
        None,
    ),
)
"""What the library's words say of a fault. They are only looked at, never shown: they carry the whole request."""


class ObjectStore:
    """Files below a prefix of a bucket. Each put is whole or not at all, as the services promise."""

    def __init__(
        self, bucket: Bucket | str, *, key: BucketKey | None = None, times: HttpTimes | None = None
    ) -> None:
        self._bucket = parse_bucket(bucket) if isinstance(bucket, str) else bucket
        self._store = _open(self._bucket, key or key_for(self._bucket), times or HttpTimes())

    @property
    def name(self) -> str:
        """Bucket, prefix and the service's host."""
        return str(self._bucket)

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Put one object, in one request, with its headers. Media and documents go as they are, never encoded."""
        import obstore  # noqa: PLC0415 - heavy, and only for those who have such a store

        attributes = {"Content-Type": content_type, "Cache-Control": cache_control}
        try:
            obstore.put(self._store, checked_path(path), data, attributes=attributes, use_multipart=False)
        except Exception as error:  # noqa: BLE001 - whatever the library raises becomes ours
            raise self._told(error) from None

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Get one object, with a limit on bytes and time."""
        import obstore  # noqa: PLC0415 - heavy, as in put

        body = bytearray()
        try:
            found = obstore.get(self._store, checked_path(path))
            # no more than one part beyond the limit is ever held
            parts: Iterable[Any] = found.stream() if found.meta["size"] <= max_bytes else []
            for part in parts:
                body += bytes(part)
                if len(body) > max_bytes:
                    break
        except Exception as error:  # noqa: BLE001 - whatever the library raises becomes ours
            if _is_missing(error):
                return None
            raise self._told(error) from None
        if found.meta["size"] > max_bytes or len(body) > max_bytes:
            raise too_large(self.name, path, max_bytes)
        return bytes(body)

    def has(self, path: str, size: int) -> bool:
        """Ask for its head."""
        import obstore  # noqa: PLC0415 - heavy, as in put

        try:
            return bool(obstore.head(self._store, checked_path(path))["size"] == size)
        except Exception as error:  # noqa: BLE001 - whatever the library raises becomes ours
            if _is_missing(error):
                return False
            raise self._told(error) from None

    def delete(self, path: str) -> None:
        """Delete one object."""
        import obstore  # noqa: PLC0415 - heavy, as in put

        try:
            obstore.delete(self._store, checked_path(path))
        except Exception as error:  # noqa: BLE001 - whatever the library raises becomes ours
            if not _is_missing(error):
                raise self._told(error) from None

    def paths(self, folder: str = "") -> Iterator[str]:
        """The paths of all objects, or of those below a folder."""
        import obstore  # noqa: PLC0415 - heavy, as in put

        try:
            for found in obstore.list(self._store, checked_path(folder) if folder else None):
                yield from (str(each["path"]) for each in found)
        except Exception as error:  # noqa: BLE001 - whatever the library raises becomes ours
            raise self._told(error) from None

    def _told(self, error: Exception) -> HumaError:
        """Any fault as one of ours, without a word of the library's."""
        import obstore.exceptions as faults  # noqa: PLC0415 - heavy, as in put

        if isinstance(error, HumaError):
            return error
        if isinstance(error, faults.PermissionDeniedError | faults.UnauthenticatedError):
            return StoreError(
                f"{self.name} refuses us",
                code="store-refused",
                hint=f"Look at the key and its rights. {HOWTO}",
            )
        words = str(error).lower()
        for signs, code, says, hint in _TELLING:
            if any(sign in words for sign in signs):
                return StoreError(f"{self.name} {says}", code=code, hint=hint)
        return StoreError(f"{self.name} broke off", code="store-broken")


def _is_missing(error: Exception) -> bool:
    import obstore.exceptions as faults  # noqa: PLC0415 - heavy, as in put

    # a bucket that is not there is no missing file: it is told
    return (
        isinstance(error, FileNotFoundError | faults.NotFoundError)
        and "nosuchbucket" not in str(error).lower()
    )


def _open(bucket: Bucket, key: BucketKey, times: HttpTimes) -> Any:
    import obstore.store as stores  # noqa: PLC0415 - heavy, as in put

    client: Any = {
        "connect_timeout": timedelta(seconds=times.connect),
        "timeout": timedelta(seconds=times.whole),
        "read_timeout": timedelta(seconds=times.idle),
        "user_agent": "huma",
    }
    endpoint = bucket.options.get("endpoint", "")
    if endpoint.startswith("http:"):
        client["allow_http"] = True
    # what fails is tried again by whoever keeps the backlog: it knows what is newer meanwhile
    more: Any = {
        "prefix": bucket.prefix or None,
        "client_options": client,
        "retry_config": {"max_retries": 0, "retry_timeout": timedelta(seconds=times.whole)},
    }
    try:
        match bucket.scheme:
            case "s3":
                return stores.S3Store(bucket.name, config=_s3(bucket, key), **more)
            case "gs":
                return stores.GCSStore(bucket.name, config=_gs(bucket), **more)
            case "az":
                return stores.AzureStore(bucket.name, config=_az(bucket, key), **more)
    except HumaError:
        raise
    except Exception:  # noqa: BLE001 - its words may hold what it was given
        raise UsageError(f"{bucket} cannot be opened", code="store-auth", hint=HOWTO) from None


def _s3(bucket: Bucket, key: BucketKey) -> Any:
    options = bucket.options
    config = {
        "region": options.get("region", DEFAULT_REGION),
        "virtual_hosted_style_request": options.get("virtual-host", "no") == "yes",
        "access_key_id": key.access,
        "secret_access_key": key.secret,
    }
    if key.token:
        config["session_token"] = key.token
    if "endpoint" in options:
        config["endpoint"] = options["endpoint"]
    return config


def _gs(bucket: Bucket) -> Any:
    if "key-file" not in bucket.options:
        return {}
    return {"service_account_key": read_private(Path(bucket.options["key-file"]).expanduser())}


def _az(bucket: Bucket, key: BucketKey) -> Any:
    config = {}
    if "account" in bucket.options:
        config["account_name"] = bucket.options["account"]
    if "endpoint" in bucket.options:
        config["endpoint"] = bucket.options["endpoint"]
    if key.secret:
        config["account_key"] = key.secret
    return config
