"""What protocol.md §3 says that Mercado Pago refuses."""

from typing import Any

import pytest
import requests

from tests.simulator.conftest import STORE, Seller


def test_a_pos_comes_back_with_pictures_of_its_code(seller: Seller, pos) -> None:
    assert pos["status"] == "active"
    assert pos["user_id"] == seller.user_id
    for name, start in (("image", b"\x89PNG"), ("template_image", b"\x89PNG"), ("template_document", b"%PDF")):
        picture = requests.get(pos["qr"][name].replace("localhost", "127.0.0.1"), timeout=5)
        assert picture.status_code == 200
        assert picture.content.startswith(start)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colour": "red"}, "UNKNOWN_FIELD_EXCEPTION"),
        ({"name": ""}, "INVALID_NAME"),
        ({"name": "N" * 45}, "NAME_TOO_LONG"),
        ({"fixed_amount": "true"}, "INVALID_FIXED_AMOUNT"),
        ({"fixed_amount": False}, "FIXED_AMOUNT_FALSE"),
        ({"category": "gas_station"}, "INVALID_CATEGORY"),
        ({"category": 4731300}, "UNKNOWN_MCC"),
        ({"store_id": "999"}, "INVALID_STORE_ID"),
        ({"external_store_id": 5}, "INVALID_EXTERNAL_STORE_ID"),
        ({"external_store_id": None}, "INVALID_EXTERNAL_STORE_ID"),
        ({"external_store_id": "NONE"}, "INEXISTENT_EXTERNAL_STORE_ID"),
        ({"external_id": "POS-0001"}, "INVALID_EXTERNAL_ID"),
        ({"external_id": "P" * 40}, "EXTERNAL_ID_TOO_LONG"),
        ({"url": "api.example.com/pay"}, "INVALID_URL"),
        ({"url": "https://example.com/" + "x" * 280}, "URL_TOO_LONG"),
    ],
)
def test_what_a_pos_must_not_say(seller: Seller, pos_body, change: dict[str, Any], code: str) -> None:
    answer = seller.call("POST", "/pos", pos_body | change)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert seller.call("GET", "/pos").json()["paging"]["total"] == 0


def test_an_empty_body(seller: Seller) -> None:
    assert seller.call("POST", "/pos").json()["error"] == "MISSING_BODY"


def test_both_names_of_the_store_must_agree(seller: Seller, pos_body, store) -> None:
    other = seller.call("POST", f"/users/{seller.user_id}/stores", STORE | {"external_id": "STORE002"}).json()
    answer = seller.call("POST", "/pos", pos_body | {"store_id": str(other["id"])})
    assert answer.json()["error"] == "EXTERNAL_STORE_ID_NOT_MATCH"


def test_a_second_pos_of_the_same_name_is_a_conflict(seller: Seller, pos, pos_body) -> None:
    assert seller.call("POST", "/pos", pos_body).status_code == 409
    found = seller.call("GET", f"/pos?external_id={pos['external_id']}").json()
    assert [result["id"] for result in found["results"]] == [pos["id"]]


def test_a_pos_is_changed_but_keeps_its_external_id(seller: Seller, pos) -> None:
    path = f"/pos/{pos['id']}"
    assert seller.call("PUT", path, {"name": "Other"}).json()["name"] == "Other"
    assert seller.call("PUT", path, {"external_id": "NEW"}).json()["error"] == "INVALID_EXTERNAL_ID"
    assert seller.call("PUT", path, {"category": 4731300}).json()["error"] == "POS_UNKNOWN_MCC"
    assert seller.call("PUT", path, {"store_id": "999"}).json()["error"] == "POS_INVALID_STORE_ID"
    assert seller.call("DELETE", path).status_code == 200
    assert seller.call("GET", path).status_code == 404


def test_a_host_that_is_not_enabled_is_forbidden(seller: Seller, pos_body) -> None:
    seller.phone("PUT", "hosts", {"refused": ["forbidden.example"]})
    try:
        answer = seller.call("POST", "/pos", pos_body | {"url": "https://forbidden.example/pay"})
        assert answer.status_code == 403
    finally:
        seller.phone("PUT", "hosts", {"refused": []})


def test_another_sellers_pos_is_not_there(seller: Seller, pos) -> None:
    assert seller.call("GET", f"/pos/{pos['id']}", token="APP_USR-1-2-3-999").status_code == 404
