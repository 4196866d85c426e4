"""The connections of a web source: each goes only where it may, and waits only while somebody wants it."""

from __future__ import annotations

import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from huma.errors import TransportError
from huma.media.allowance import CONNECT_WITHIN_S, LOOK_S, DeclinedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from huma.media.allowance import Allowance
    from huma.media.reach import Reach

IDLE_WITHIN_S: Final = 12.0
_ADDRESSES_TRIED: Final = 4
_CONNECTIONS: Final = 256
_KEPT_ALIVE: Final = 8
_KEPT_ALIVE_S: Final = 30.0
_COOKIES_MAX: Final = 50
_CERTIFICATE_HINT: Final = "Somebody may stand in between. If it is your own server, name its certificate: SSL_CERT_FILE=cert.pem huma …"


class WebClient:
    """Asks servers, one request after the other. It never follows a redirect by itself."""

    def __init__(self, reach: Reach, allowance: Allowance) -> None:
        self._client = httpx.Client(
            transport=_Transport(reach, allowance),
            timeout=httpx.Timeout(IDLE_WITHIN_S, connect=CONNECT_WITHIN_S),
            follow_redirects=False,
            headers={"User-Agent": "huma", "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    def get(self, url: httpx.URL, headers: dict[str, str]) -> httpx.Response:
        """The answer of a server, its body not yet read.

        Raises:
            TransportError: There is none.
            RefusedError: It must not be asked.
        """
        response = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
        if len(self._client.cookies.jar) > _COOKIES_MAX:
            self._client.cookies.clear()
        return response

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


class _Transport(httpx.BaseTransport):
    """httpx over connections of ours."""

    def __init__(self, reach: Reach, allowance: Allowance) -> None:
        self._reach = reach
        self._allowance = allowance
        self._proxies = getproxies()
        self._pools: dict[tuple[str, str], httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._pool(request.url)
        with _told(plain_host(request.url)):
            answer = pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    extensions=request.extensions,
                )
            )
        body = _Body(answer, plain_host(request.url))
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = self._proxy_for(url)
        if proxy:
            self._reach.check_name(url.host)
        key = url.scheme, proxy
        if key not in self._pools:
            addresses = (lambda host: (host,)) if proxy else self._reach.addresses
            self._pools[key] = httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context() if url.scheme == "https" else None,
                proxy=_proxy(proxy) if proxy else None,
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_KEPT_ALIVE,
                keepalive_expiry=_KEPT_ALIVE_S,
                network_backend=_Network(addresses, self._allowance),
            )
        return self._pools[key]

    def _proxy_for(self, url: httpx.URL) -> str:
        """The proxy that the environment names, or nothing."""
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all") or ""
        usable = proxy.startswith(("http://", "https://"))
        return proxy if usable and not proxy_bypass(url.host) else ""


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, host: str) -> None:
        self._answer = answer
        self._host = host

    def __iter__(self) -> Iterator[bytes]:
        with _told(self._host):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _told(self._host):
            self._answer.close()


class _Network(httpcore.NetworkBackend):
    """Connections to addresses that were judged: the name is not looked up a second time."""

    def __init__(self, addresses: Callable[[str], tuple[str, ...]], allowance: Allowance) -> None:
        self._addresses = addresses
        self._allowance = allowance
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host)[:_ADDRESSES_TRIED]:
            within = min(timeout or CONNECT_WITHIN_S, self._allowance.left_s())
            try:
                line = self._inner.connect_tcp(address, port, within, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Line(line, self._allowance)
        raise failed


class _Line(httpcore.NetworkStream):
    """A connection whose every byte and second is counted."""

    def __init__(self, inner: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._inner = inner
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = time.monotonic() + (timeout or IDLE_WITHIN_S)
        while True:
            try:
                data = self._inner.read(max_bytes, min(LOOK_S, self._allowance.left_s()))
            except httpcore.ReadTimeout:
                if time.monotonic() > until:
                    raise
                continue
            self._allowance.spend(len(data))
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, min(timeout or CONNECT_WITHIN_S, self._allowance.left_s()))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = min(timeout or CONNECT_WITHIN_S, self._allowance.left_s())
        return _Line(self._inner.start_tls(ssl_context, server_hostname, within), self._allowance)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _proxy(address: str) -> httpcore.Proxy:
    given = httpx.Proxy(address)
    url = httpcore.URL(
        scheme=given.url.raw_scheme, host=given.url.raw_host, port=given.url.port, target=given.url.raw_path
    )
    return httpcore.Proxy(url, auth=given.raw_auth)


def plain_host(url: httpx.URL) -> str:
    """The host of an address as it may be shown: in ASCII, and not too long."""
    return url.raw_host.decode("ascii", "replace")[:80]


@contextmanager
def _told(host: str) -> Iterator[None]:
    """The library's errors, and those of h11 and ssl below it, as one of ours."""
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError) as error:
        if isinstance(error.__cause__ or error.__context__, ssl.SSLCertVerificationError):
            told = f"{host} shows a certificate that nobody known vouches for"
            raise DeclinedError(told, code="source-lost", hint=_CERTIFICATE_HINT) from None
        raise TransportError(f"{host} cannot be reached", code="source-lost") from None
    except httpcore.TimeoutException:
        raise TransportError(f"{host} takes too long", code="source-lost") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise TransportError(f"{host} broke off", code="source-lost") from None
