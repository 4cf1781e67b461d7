"""How calls reach Mercado Pago: kept-alive connections, certificates, and what is asked once more."""

import ssl
from functools import cache
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry
from urllib3.util.ssl_ import create_urllib3_context

TIMEOUT = (3.05, 10.0)  # seconds to connect, then between bytes


class _Retry(Retry):
    """Who did not answer in time is not asked again at once: a thread would wait for three times as long."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        *context: Any,
        **more: Any,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, *context, **more)


_GET_RETRIES = _Retry(
    total=2,
    backoff_factor=0.2,
    status_forcelist=(500, 502, 503, 504),  # "502 is routine"; 429 goes back to the caller, who can wait longer
    allowed_methods=("GET",),
    raise_on_status=False,
    respect_retry_after_header=False,
)


class _Adapter(HTTPAdapter):
    """One TLS context for all connections. requests reads all authorities for each: 0.7 MB and 20 ms of processor."""

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": _trusting(verify)} if host["scheme"] == "https" else pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context does: requests would have the connection read the authorities into it once more."""


@cache
def _trusting(verify: bool | str) -> ssl.SSLContext:
    """The authorities in this file, or else those of certifi. There is no way to trust everybody."""
    context = create_urllib3_context()
    context.load_verify_locations(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)
    return context


@cache
def session() -> requests.Session:
    """One pool of kept-alive connections for all accounts; nothing of an account is kept on it."""
    session = requests.Session()
    session.trust_env = False  # no .netrc may replace our Authorization header
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(max_retries=_GET_RETRIES, pool_maxsize=32))
    return session
