"""Every address that is not the admin's: who may ask there, and what a stranger or a neighbour gets.

The tests walk over all addresses. A new one fails them until it has a rule here; the admin's have theirs in
`tests/backoffice/test_scoping.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from orders.models import Order, RefundRequest
from pos.models import ControllerKey, PointOfSale
from pos.services import create_key
from receipts.models import Printer, PrinterKey, PrintJob, Receipt
from receipts.states import PrinterKind
from stores.models import Store
from tests.backoffice.stations import Station, allowed_everything_but_all_stores, build
from tests.backoffice.test_scoping import OF_MANY, OF_ONE_THING, address, everything, first
from tests.backoffice.test_scoping import patterns as patterns_of_the_admin
from tests.conftest import controller
from tests.factories import PosFactory

Kwargs = dict[str, Any]
ITEMS = {"items": [{"title": "SUPER", "quantity": "1", "unit_price": "500.00"}]}


@dataclass(frozen=True)
class Door:
    """How it is knocked at, and with what in the address."""

    method: str
    of: Callable[[Station], Kwargs]
    body: Any = None

    def url(self, name: str, station: Station) -> str:
        return reverse(name, kwargs=self.of(station))


def pos_of(station: Station) -> Kwargs:
    return {"external_id": first(station, PointOfSale).external_id}


def order_of(station: Station) -> Kwargs:
    return {"pk": first(station, Order).pk}


def refund_of(station: Station) -> Kwargs:
    return order_of(station) | {"refund": first(station, RefundRequest).pk}


def job_of(station: Station) -> Kwargs:
    return {"pk": first(station, PrintJob).pk}


CONTROLLERS = {
    "pos": [Door("get", pos_of)],
    "pos-orders": [Door("post", pos_of, ITEMS)],
    "pos-status": [Door("put", pos_of, {"status": "idle"})],
    "display": [Door("get", pos_of)],
    "order": [Door("get", order_of)],
    "order-cancel": [Door("post", order_of)],
    "order-refunds": [Door("get", order_of), Door("post", order_of, {})],
    "order-receipt": [Door("get", order_of)],
    "refund-receipt": [Door("get", refund_of)],
}
AGENTS = {
    "next-print-job": [Door("get", lambda station: {})],
    "print-job-outcome": [Door("post", job_of, {"attempt": 1, "state": "failed"})],
    "printer-status": [Door("put", lambda station: {}, {"error": None})],
}
MERCADO_PAGO = {
    "poll",
    "notification",
}  # by a token of 256 bits: tests/orders/test_polling.py, notifications/test_views.py
CUSTOMERS = {"public-receipt", "public-receipt-qr"}  # by a signature, below
EVERYBODY = {"front-door", "set_language", "schema", "docs"}
NAMELESS = {
    "^r(?:/(?P<rest>.*))?$",
    "favicon.ico",
    "healthz",
    "readyz",
    "metrics",
    "^(?:api/v1|mp)(?:/|$)",
}  # nothing of anybody's

API = [(name, door) for name, doors in CONTROLLERS.items() for door in doors]
OF_AGENTS = [(name, door) for name, doors in AGENTS.items() for door in doors]


def patterns(of: list[Any]) -> Iterator[URLPattern]:
    """All but the admin's."""
    for one in of:
        if not isinstance(one, URLResolver):
            yield one
        elif one.namespace != "admin":
            yield from patterns(one.url_patterns)


def knock(client: Client, door: Door, url: str) -> Any:
    more = {"headers": {"Idempotency-Key": "k"}, "format": "json"} if isinstance(client, APIClient) else {}
    return getattr(client, door.method)(url, door.body, **more)


def link_of(station: Station) -> str:
    return str(first(station, Receipt).public_url.rpartition("/")[2])


def agent_of(station: Station) -> str:
    printer = first(station, Printer)
    Printer.objects.filter(pk=printer.pk).update(kind=PrinterKind.AGENT)
    _row, key = PrinterKey.objects.create_key(name="agent", printer=printer)
    return str(key)


@pytest.fixture
def theirs(db: None, payload: Any) -> Station:
    return build("Ajena", 999111999, payload)


@pytest.fixture
def mine(theirs: Station, payload: Any) -> Station:
    return build("Propia", 888222888, payload)


def test_every_address_has_a_rule() -> None:
    all_of_them = list(patterns(get_resolver().url_patterns))
    ruled = {*CONTROLLERS, *AGENTS} | MERCADO_PAGO | CUSTOMERS | EVERYBODY
    assert {one.name for one in all_of_them} - {None} == ruled
    assert {str(one.pattern) for one in all_of_them if one.name is None} == NAMELESS


def test_a_neighbours_key_finds_nothing_and_changes_nothing(mine, theirs, mercado_pago) -> None:
    store, pos = first(theirs, Store), PosFactory.create(store=first(theirs, Store))
    neighbours = {
        "another store's": create_key(name="n", store=first(mine, Store)),
        "another store's pump's": create_key(name="n", pos=first(mine, PointOfSale)),
        "the next pump's": create_key(name="n", pos=pos),
    }
    own, before = create_key(name="o", store=store), everything()
    for name, door in API:
        for whose, key in neighbours.items():
            answer = knock(controller(key), door, door.url(name, theirs))
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), (name, whose)
            assert not theirs.is_named_in(answer.content.decode()), (name, whose)
    assert everything() == before
    assert not mercado_pago.calls
    for name, door in API:
        answer = knock(controller(own), door, door.url(name, theirs))
        assert "not this key's to see" not in answer.content.decode(), f"{name}: otherwise all this would prove nothing"


def test_without_a_key_of_its_own_kind_nobody_is_let_in(theirs) -> None:
    own, agents = create_key(name="o", store=first(theirs, Store)), agent_of(theirs)
    revoked, expired = (create_key(name=name, store=first(theirs, Store)) for name in ("revoked", "expired"))
    ControllerKey.objects.filter(name="revoked").update(revoked=True)
    ControllerKey.objects.filter(name="expired").update(expiry_date=timezone.now() - timedelta(seconds=1))
    before = everything()
    nearly = own[:-1] + ("a" if own[-1] != "a" else "b")
    logged_in = Client()
    logged_in.force_login(theirs.manager)
    for name, door in (*API, *OF_AGENTS):
        others = own if name in AGENTS else agents
        for key in (others, revoked, expired, nearly, "", own.partition(".")[0], f"{own}\0", "é"):
            answer = knock(controller(key), door, door.url(name, theirs))
            assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), (name, key)
        assert getattr(logged_in, door.method)(door.url(name, theirs)).status_code == 401, (
            "a browser's session is no key"
        )
    assert everything() == before


def test_an_agent_meets_only_its_own_printer(mine, theirs) -> None:
    agent, _theirs = controller(agent_of(mine)), agent_of(theirs)
    for station in (mine, theirs):
        PrintJob.objects.filter(printer=first(station, Printer)).update(state="queued", due_at=timezone.now())
    job = agent.get(reverse("next-print-job")).json()
    assert job["id"] == first(mine, PrintJob).pk
    assert agent.get(reverse("next-print-job")).json()["id"] == job["id"], "asked anew, before it is begun"
    [(name, door)] = [(name, door) for name, door in OF_AGENTS if name == "print-job-outcome"]
    assert knock(agent, door, door.url(name, theirs)).status_code == 404
    knock(agent, Door("put", lambda station: {}, {"error": "paper_out"}), reverse("printer-status"))
    assert [Printer.objects.get(pk=first(one, Printer).pk).trouble for one in (mine, theirs)] == ["paper_out", ""]


def test_a_customers_link_opens_one_receipt_and_none_beside_it(client, mine, theirs) -> None:
    number, _, signature = link_of(theirs).partition(".")
    others, cut = link_of(mine).partition(".")[0], signature[:-1]
    for name in CUSTOMERS:
        assert client.get(reverse(name, args=[f"{number}.{signature}"])).status_code == 200
        for token in (f"{others}.{signature}", number, f"{number}.", f"{number}.{cut}", f"0{number}.{signature}"):
            assert client.get(reverse(name, args=[token])).status_code == 404, token


# --- what browsers are told -------------------------------------------------------------------------------------------
def pages(station: Station) -> Iterator[str]:
    """An address of each pattern that answers GET."""
    link = link_of(station)
    for name in CUSTOMERS:
        yield reverse(name, args=[link])
    yield from (f"/r/{link}?format={format}" for format in ("html", "pdf", "txt"))
    yield from (reverse(name) for name in EVERYBODY)
    yield from (
        "/r/x",
        "/r",
        "/favicon.ico",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/x",
        "/mp/x",
        "/nothing",
        "/api/docs/?script=",
    )
    yield first(station, PointOfSale).poll_url.removeprefix("http://localhost:8000")
    yield from (door.url(name, station) for name, door in API if door.method == "get")
    yield from of_the_backoffice(station)


def of_the_backoffice(station: Station) -> Iterator[str]:
    """Those that other tests know to be of one thing, of many, of a model, and those without anything in them."""
    yield from (reverse(f"admin:{name}", kwargs=of(station)) for name, of in OF_ONE_THING.items())
    yield from (reverse(f"admin:{name}", kwargs=kwargs) for name, cases in OF_MANY.items() for kwargs, _query in cases)
    yield from (address(model, page) for model in admin.site._registry for page in ("changelist", "add"))
    for model, rows in station.rows.items():
        yield from (address(model, page, rows[0]) for page in ("change", "history", "delete"))
    yield reverse("admin:handbook_chapter", args=["01-entrance"])
    yield reverse("admin:handbook_picture", args=["en", 1280, "login"])
    for pattern in patterns_of_the_admin(admin.site.get_urls()):
        if pattern.name and not pattern.pattern.regex.groups:
            yield reverse(f"admin:{pattern.name}")


def test_every_answer_tells_browsers_what_it_may_do(mine, settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    boss = allowed_everything_but_all_stores(mine.manager)
    boss.handler.load_middleware()
    html = opened = 0
    for client in (Client(), boss, controller(create_key(name="o", store=first(mine, Store)))):
        for url in pages(mine):
            answer: Any = client.get(url, secure=True)
            assert answer.status_code < 500, url
            if answer.streaming:
                assert b"".join(answer.streaming_content)  # its file is closed with its end
            opened += client is boss and answer.status_code == 200 and url.startswith("/admin/")
            assert answer["X-Content-Type-Options"] == "nosniff", url
            assert answer["X-Frame-Options"] == "DENY", url
            assert answer["Referrer-Policy"] == "same-origin", url
            assert answer["Cross-Origin-Opener-Policy"] == "same-origin", url
            assert answer["Strict-Transport-Security"] == "max-age=31536000", url
            if url.startswith(("/api/v1/", "/mp/", "/healthz", "/readyz", "/metrics")):
                assert answer["Cache-Control"] == "no-store", url
            if answer["Content-Type"].startswith("text/html"):
                policy = answer["Content-Security-Policy"]
                assert "unsafe" not in policy, url
                assert policy.startswith("default-src 'none'"), url
                assert "frame-ancestors 'none'" in policy, url
                html += 1
    assert html > 300
    assert opened > 100, "a page that is refused has nothing in it to be looked at"


def test_what_is_looked_at_is_the_whole_back_office(mine) -> None:
    seen = {resolve(url).url_name for url in of_the_backoffice(mine)}
    names = {pattern.name for pattern in patterns_of_the_admin(admin.site.get_urls())}
    of_no_store = {
        f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        if model not in mine.rows
        for page in ("change", "history", "delete")
    }
    assert names - seen - of_no_store == {None, "view_on_site", "attention_act", "errand_stop"}, "404, or POST only"


@pytest.mark.parametrize("path", ["/mp/orders/x", "/mp/notifications/x", "/api/v1/x", "/healthz", "/readyz", "/admin/"])
def test_who_comes_under_another_hosts_name_is_refused_and_machines_get_no_page(client, db, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    is_page = path == "/admin/"
    assert answer.status_code in (400, 404, 200, 503)
    assert ("html" in answer["Content-Type"]) == is_page
    assert b"evil.example" not in answer.content


def test_cookies_cannot_be_read_set_or_carried_off_by_others(client, settings, db) -> None:
    for name in ("SESSION", "CSRF"):
        assert getattr(settings, f"{name}_COOKIE_HTTPONLY")
        assert getattr(settings, f"{name}_COOKIE_SAMESITE") == "Lax"
    client.post("/language/", {"language": "es"})
    client.get("/admin/login/")
    assert {*client.cookies} == {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["path"]) == (True, "Lax", "", "/")
