from decimal import Decimal

import pytest
import requests
import responses

from gateway.client import Client
from gateway.errors import NotFound, NotUnderstood, PermanentError, TemporaryError, Unauthorized

API = "https://api.mercadopago.com"


@pytest.fixture
def client() -> Client:
    return Client(base_url=API, access_token="APP_USR-secret-178106235", user_id=178106235)


def test_a_paid_merchant_order_is_read_whole(client, mercado_pago, payload) -> None:
    paid = payload("merchant_order_closed") | {"payments": [payload("payment_approved")]}
    mercado_pago.get(f"{API}/merchant_orders/23603350837", json=paid)
    remote = client.get_merchant_order(23603350837)
    assert (remote.id, remote.status, remote.total) == (23603350837, "closed", Decimal(500))
    assert [(p.id, p.status, p.amount, p.refunded) for p in remote.payments] == [
        (150211668619, "approved", Decimal(500), Decimal(0))
    ]
    assert mercado_pago.calls[0].request.headers["Authorization"] == "Bearer APP_USR-secret-178106235"


def test_a_young_merchant_order_omits_most_fields(client, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", json={"id": 1, "status": "opened"})
    remote = client.get_merchant_order(1)
    assert (remote.external_reference, remote.collector_id, list(remote.payments)) == ("", None, [])


def test_money_is_exact(client, mercado_pago) -> None:
    mercado_pago.get(
        f"{API}/merchant_orders/1",
        body='{"id":1,"status":"closed","total_amount":0.30,"payments":['
        '{"id":2,"status":"approved","transaction_amount":0.1},{"id":3,"status":"approved","transaction_amount":0.2}]}',
    )
    remote = client.get_merchant_order(1)
    assert sum(p.amount for p in remote.payments) == remote.total == Decimal("0.3")


def test_elements_may_be_null(client, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/search", json={"elements": None, "next_offset": 0, "total": 0})
    assert client.search_merchant_orders(external_reference="ABC") == []


def test_a_search_reads_all_pages(client, mercado_pago) -> None:
    pages = [[{"id": 1, "status": "opened"}, {"id": 2, "status": "opened"}], [{"id": 3, "status": "closed"}]]
    for page in pages:
        mercado_pago.get(f"{API}/merchant_orders/search", json={"elements": page, "total": 3})
    assert [m.id for m in client.search_merchant_orders(external_reference="ABC")] == [1, 2, 3]


@pytest.mark.parametrize("page", [{"elements": 7}, {"elements": "none"}, {"elements": {"id": 1}}])
def test_a_list_that_is_none_is_not_understood(client, mercado_pago, page) -> None:
    mercado_pago.get(f"{API}/merchant_orders/search", json=page)
    with pytest.raises(NotUnderstood):
        client.search_merchant_orders(external_reference="ABC")


@pytest.mark.parametrize("paging", [None, [], {"total": None}, {"total": "many"}])
def test_a_list_that_does_not_say_how_long_it_is_ends_with_its_page(client, mercado_pago, paging) -> None:
    mercado_pago.get(f"{API}/v1/payments/search", json={"results": [], "paging": paging})
    assert client.search_payments(external_reference="ABC") == []


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (401, Unauthorized), (400, PermanentError), (429, TemporaryError)]
)
def test_refusals_are_typed(client, mercado_pago, status, error) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", status=status, json={"message": "why", "error": "code"})
    with pytest.raises(error, match="why") as caught:
        client.get_merchant_order(1)
    assert (caught.value.status, caught.value.code) == (status, "code")


def test_a_read_is_repeated_on_502_and_then_given_up_for_now(client, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", status=502, body="<html>")
    with pytest.raises(TemporaryError):
        client.get_merchant_order(1)
    assert len(mercado_pago.calls) == 3


def test_a_write_is_never_repeated_by_itself(client, mercado_pago) -> None:
    mercado_pago.post(f"{API}/pos", status=502, body="<html>")
    with pytest.raises(TemporaryError):
        client.upsert_pos({"external_id": "POS1"})
    assert len(mercado_pago.calls) == 1


@pytest.mark.parametrize("failure", [requests.ConnectTimeout(), requests.ConnectionError(), requests.ReadTimeout()])
def test_no_answer_is_temporary(client, mercado_pago, failure) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", body=failure)
    with pytest.raises(TemporaryError):
        client.get_merchant_order(1)


@pytest.mark.parametrize("body", ['{"id": 1', "[]", "null", "<html>"])
def test_a_cut_or_wrong_body_is_temporary(client, mercado_pago, body) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", body=body)
    with pytest.raises(TemporaryError):
        client.get_merchant_order(1)


@pytest.mark.parametrize(
    "data", [{}, {"id": "x", "status": "opened"}, {"id": 1}, {"id": 1, "status": "closed", "payments": [{"id": 1}]},
             {"id": 1, "status": "closed", "total_amount": "NaN"}, {"id": 1, "status": "closed", "collector": 7}]
)  # fmt: skip
def test_a_body_that_is_not_understood_says_so(client, mercado_pago, data) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", json=data)
    with pytest.raises(PermanentError, match="not understood"):
        client.get_merchant_order(1)


def test_a_redirect_is_not_followed_with_our_token(client, mercado_pago) -> None:
    mercado_pago.get(f"{API}/merchant_orders/1", status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(PermanentError):
        client.get_merchant_order(1)
    assert len(mercado_pago.calls) == 1


def test_a_pos_that_exists_is_adopted_and_updated(client, mercado_pago) -> None:
    pos = {"id": 2711382, "external_id": "POS1", "url": "https://pay.example.com/x", "qr": {"image": "https://i"}}
    mercado_pago.post(f"{API}/pos", status=409, json={"message": "exists"})
    mercado_pago.get(f"{API}/pos", json={"paging": {}, "results": [pos]})
    mercado_pago.put(f"{API}/pos/2711382", json=pos, match=[responses.matchers.json_params_matcher({"name": "Pump 1"})])
    assert client.upsert_pos({"external_id": "POS1", "name": "Pump 1"}).id == 2711382


def test_a_store_is_created_once_and_then_updated(client, mercado_pago) -> None:
    store = {"id": "1234567", "external_id": "STORE1"}
    search = f"{API}/users/178106235/stores/search"
    mercado_pago.get(search, json={"paging": {}, "results": []})
    mercado_pago.post(f"{API}/users/178106235/stores", json=store)
    assert client.upsert_store({"external_id": "STORE1"}).id == 1234567
    mercado_pago.replace(responses.GET, search, json={"paging": {}, "results": [store]})
    mercado_pago.put(f"{API}/users/178106235/stores/1234567", json=store)
    assert client.upsert_store({"external_id": "STORE1"}).id == 1234567
    assert [call.request.method for call in mercado_pago.calls] == ["GET", "POST", "GET", "PUT"]
