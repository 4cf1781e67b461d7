"""Mercado Pago's pictures: fetched from its hosts only, without our token, and only what is a picture or document."""

import pytest
import requests

from gateway.errors import NotFound, PermanentError, TemporaryError
from gateway.files import LARGEST, fetch

API = "https://api.mercadopago.com"
URL = "https://www.mercadopago.com/instore/merchant/qr/2711382/0977.png"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_picture_comes_as_it_is_and_our_token_stays_here(mercado_pago) -> None:
    mercado_pago.get(URL, body=PNG, content_type="image/png")
    file = fetch(URL, api_url=API)
    assert (file.content_type, file.content) == ("image/png", PNG)
    assert "Authorization" not in mercado_pago.calls[0].request.headers


@pytest.mark.parametrize(
    "url",
    [
        "https://http2.mlstatic.com/qr.png",
        "https://www.mercadopago.com.ar/qr.png",
        "https://www.mercadolivre.com.br/qr.png",
        "https://api.mercadopago.com/qr.png",
    ],
)
def test_all_hosts_of_mercado_pago_are_asked(mercado_pago, url: str) -> None:
    mercado_pago.get(url, body=PNG, content_type="application/octet-stream")
    assert fetch(url, api_url=API).content_type == "image/png"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/qr.png",
        "https://mercadopago.com.evil.example/qr.png",
        "https://notmercadopago.com/qr.png",
        "https://www.mercadopago.com@evil.example/qr.png",
        "http://www.mercadopago.com/qr.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://[::1/qr.png",
        "https://www.mercadopago.com:port/",
        "",
    ],
)
def test_no_other_host_is_asked(mercado_pago, url: str) -> None:
    with pytest.raises(PermanentError):
        fetch(url, api_url=API)
    assert len(mercado_pago.calls) == 0


def test_the_stand_in_for_mercado_pago_is_asked_by_http(mercado_pago) -> None:
    mercado_pago.get("http://localhost:8001/qr.png", body=PNG, content_type="image/png")
    assert fetch("http://localhost:8001/qr.png", api_url="http://localhost:8001").content == PNG
    with pytest.raises(PermanentError):
        fetch("http://localhost:8002/qr.png", api_url="http://localhost:8001")


def test_a_redirect_is_followed_on_its_hosts_and_not_off_them(mercado_pago) -> None:
    mercado_pago.get(URL, status=302, headers={"Location": "https://http2.mlstatic.com/qr.png"})
    mercado_pago.get("https://http2.mlstatic.com/qr.png", body=PNG, content_type="image/png")
    assert fetch(URL, api_url=API).content == PNG
    mercado_pago.replace("GET", URL, status=302, headers={"Location": "https://evil.example/qr.png"})
    evil = mercado_pago.get("https://evil.example/qr.png", body=PNG, content_type="image/png")
    with pytest.raises(PermanentError, match=r"evil\.example"):
        fetch(URL, api_url=API)
    assert evil.call_count == 0


def test_going_in_circles_ends(mercado_pago) -> None:
    mercado_pago.get(URL, status=301, headers={"Location": URL})
    with pytest.raises(PermanentError, match="redirected too often"):
        fetch(URL, api_url=API)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>", "text/html"),
        (b"<svg onload=alert(1)>", "image/svg+xml"),
        (b"<html>", "image/png"),
        (PNG, "text/html"),
        (b"", "image/png"),
    ],
)
def test_what_is_no_picture_is_not_taken(mercado_pago, body: bytes, said: str) -> None:
    mercado_pago.get(URL, body=body, content_type=said)
    with pytest.raises(PermanentError, match="neither PNG"):
        fetch(URL, api_url=API)


def test_what_is_too_large_is_not_read_to_its_end(mercado_pago) -> None:
    mercado_pago.get(URL, body=PNG + b"0" * LARGEST, content_type="image/png")
    with pytest.raises(PermanentError, match="larger than 5 MB"):
        fetch(URL, api_url=API)


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (403, PermanentError), (502, TemporaryError)])
def test_it_fails_for_good_or_for_now(mercado_pago, status: int, kind: type[Exception]) -> None:
    mercado_pago.get(URL, status=status)
    with pytest.raises(kind):
        fetch(URL, api_url=API)


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.ReadTimeout()])
def test_no_answer_is_worth_another_try(mercado_pago, error: Exception) -> None:
    mercado_pago.get(URL, body=error)
    with pytest.raises(TemporaryError):
        fetch(URL, api_url=API)
