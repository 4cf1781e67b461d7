"""What protocol.md §2 says that Mercado Pago refuses."""

from typing import Any

import pytest

from tests.simulator.conftest import STORE, Seller

LOCATION: dict[str, Any] = STORE["location"]  # type: ignore[assignment]


def test_a_store_comes_back_with_an_id_and_an_address_line(seller: Seller, store) -> None:
    assert store["id"]
    assert store["location"]["address_line"] == "Caseros 3039, Belgrano, Capital Federal"
    assert seller.call("GET", f"/stores/{store['id']}").json()["name"] == "Store 1"
    found = seller.call("GET", f"/users/{seller.user_id}/stores/search?external_id=STORE001").json()
    assert found["paging"] == {"total": 1, "offset": 0, "limit": 30}
    assert [result["id"] for result in found["results"]] == [store["id"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colour": "red"}, "UNKNOWN_FIELD"),
        ({"name": ""}, "INVALID_NAME"),
        ({"name": 5}, "INVALID_NAME"),
        ({"business_hours": []}, "INVALID_BUSINESS_HOURS"),
        ({"business_hours": {"monday": [{"open": "8:00", "close": "13:00"}]}}, "INVALID_BUSINESS_HOURS"),
        ({"business_hours": {"monday": [{"open": "08:00", "close": "09:00"}] * 5}}, "INVALID_BUSINESS_HOURS"),
        ({"business_hours": {"lunes": []}}, "INVALID_DAY"),
        ({"location": None}, "INVALID_LOCATION"),
        ({"location": LOCATION | {"street_name": ""}}, "INVALID_STREET_NAME"),
        ({"location": LOCATION | {"street_number": 3039}}, "INVALID_STREET_NUMBER"),
        ({"location": LOCATION | {"city_name": None}}, "INVALID_CITY_NAME"),
        ({"location": LOCATION | {"state_name": ""}}, "INVALID_STATE_NAME"),
        ({"location": LOCATION | {"reference": 3}}, "INVALID_REFERENCE"),
        ({"location": LOCATION | {"latitude": "-32.8"}}, "INVALID_LOCATION"),
        ({"location": LOCATION | {"latitude": 40.4, "longitude": -3.7}}, "BAD_REQUEST"),
        ({"location": LOCATION | {"logitude": 1}}, "UNKNOWN_FIELD"),
        ({"external_id": "S" * 61}, "INVALID_EXTERNAL_ID"),
    ],
)
def test_what_a_store_must_not_say(seller: Seller, change: dict[str, Any], code: str) -> None:
    answer = seller.call("POST", f"/users/{seller.user_id}/stores", STORE | change)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert seller.call("GET", f"/users/{seller.user_id}/stores/search").json()["paging"]["total"] == 0


def test_an_external_id_is_used_once(seller: Seller, store) -> None:
    answer = seller.call("POST", f"/users/{seller.user_id}/stores", STORE)
    assert answer.status_code == 400
    assert answer.json()["error"] == "VALIDATION_ERROR"
    assert answer.json()["message"] == "External_id-already-used"


def test_the_token_must_be_the_users(seller: Seller, store) -> None:
    path = f"/users/{seller.user_id}/stores"
    assert seller.call("POST", path, STORE, token="APP_USR-1-2-3-999").status_code == 403
    assert seller.call("POST", path, STORE, token="nonsense").status_code == 401
    assert seller.call("GET", f"/stores/{store['id']}", token="APP_USR-1-2-3-999").status_code == 404


def test_a_store_is_changed_and_deleted(seller: Seller, store) -> None:
    path = f"/users/{seller.user_id}/stores/{store['id']}"
    assert seller.call("PUT", path, {"name": "Other"}).json()["name"] == "Other"
    assert seller.call("DELETE", path).status_code == 200
    assert seller.call("GET", f"/stores/{store['id']}").status_code == 404


def test_a_sellers_country_follows_from_where_its_stores_are(seller: Seller) -> None:
    santiago = STORE | {"location": LOCATION | {"latitude": -33.45, "longitude": -70.66}}
    assert seller.call("POST", f"/users/{seller.user_id}/stores", santiago).status_code == 200
    lima = STORE | {"external_id": "S2", "location": LOCATION | {"latitude": -12.05, "longitude": -77.04}}
    assert seller.call("POST", f"/users/{seller.user_id}/stores", lima).json()["error"] == "BAD_REQUEST"
