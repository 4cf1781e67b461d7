"""Mercado Pago's public files: the pictures and posters of QR codes (protocol.md §3, §10).

Their addresses come from an answer, so they are not trusted: only Mercado Pago's own hosts are asked, without our
token, for files of a known kind and of a size that is no threat.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from gateway.connections import TIMEOUT
from gateway.errors import PermanentError, TemporaryError, from_answer
from gateway.sites import SITES

LARGEST: Final = 5 * 1024 * 1024  # bytes
_WITHIN: Final = 30.0  # seconds for all of a file, however slowly it drips
_REDIRECTS: Final = 3
_STARTS: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
_UNSAID: Final = ("", "application/octet-stream", "binary/octet-stream")  # as file stores answer
_NAMES: Final = ("mercadopago", "mercadolibre", "mercadolivre")
_DOMAINS: Final = frozenset(
    {"mlstatic.com"}
    | {f"{name}.com" for name in _NAMES}
    | {site.domain.replace("mercadopago", name) for site in SITES.values() for name in _NAMES}
)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as it came. `content_type` is what it begins like, never only what was said of it."""

    content_type: str
    content: bytes


def fetch(url: str, *, api_url: str) -> RemoteFile:
    """Fetch a picture or document from one of Mercado Pago's hosts, or from the host of `api_url`."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(1 + _REDIRECTS):
            _check_host(url, api_url)
            with _get(session, url) as answer:
                if not answer.is_redirect:
                    return _read(url, answer)
                url = urljoin(url, answer.headers["Location"])
    raise PermanentError(f"{url}: redirected too often")


def _check_host(url: str, api_url: str) -> None:
    try:
        there, ours = urlsplit(url), urlsplit(api_url)
        if _origin(there) == _origin(ours) or (there.scheme == "https" and _is_mercado_pago(there.hostname or "")):
            return
    except ValueError:  # no address, or no port
        pass
    raise PermanentError(f"{url[:100]} is not an address of Mercado Pago's: nothing was fetched from it")


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _is_mercado_pago(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)


def _get(session: requests.Session, url: str) -> requests.Response:
    try:
        return session.get(url, timeout=TIMEOUT, allow_redirects=False, stream=True)
    except requests.RequestException as error:
        raise TemporaryError(f"{url}: no answer ({type(error).__name__})") from error


def _read(url: str, answer: requests.Response) -> RemoteFile:
    if answer.status_code != 200:
        raise from_answer(answer.status_code, f"{url}: {answer.status_code} {answer.reason}", "")
    content = b"".join(_limited(url, answer))
    kind = next((kind for start, kind in _STARTS.items() if content.startswith(start)), "")
    said = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind or said not in (kind, *_UNSAID):
        raise PermanentError(f"{url}: is neither PNG, JPEG nor PDF (it says {said or 'nothing'!r})")
    return RemoteFile(kind, content)


def _limited(url: str, answer: requests.Response) -> Iterator[bytes]:
    until, size = time.monotonic() + _WITHIN, 0
    try:
        for chunk in answer.iter_content(64 * 1024):
            size += len(chunk)
            if size > LARGEST:
                raise PermanentError(f"{url}: is larger than {LARGEST // 1024 // 1024} MB")
            if time.monotonic() > until:
                raise TemporaryError(f"{url}: took longer than {_WITHIN:.0f} seconds")
            yield chunk
    except requests.RequestException as error:
        raise TemporaryError(f"{url}: broke off ({type(error).__name__})") from error
