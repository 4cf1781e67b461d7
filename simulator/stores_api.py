"""Stores, with the refusals of the documents (protocol.md §2)."""

import re
from decimal import Decimal
from typing import Any

from simulator import sites
from simulator.http import Call, Refusal
from simulator.paging import page
from simulator.world import Json, stamp, world

_DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_TEXTS = {
    "street_name": "INVALID_STREET_NAME",
    "street_number": "INVALID_STREET_NUMBER",
    "city_name": "INVALID_CITY_NAME",
    "state_name": "INVALID_STATE_NAME",
}


def create(call: Call, *, user_id: int) -> tuple[int, Any]:
    _own(call, user_id)
    store = _validated(call, {})
    if world.find("stores", user_id=user_id, external_id=store["external_id"]):
        raise Refusal(400, "VALIDATION_ERROR", "External_id-already-used")
    return 200, _public(world.add("stores", store | {"user_id": user_id, "date_created": stamp()}))


def search(call: Call, *, user_id: int) -> tuple[int, Any]:
    _own(call, user_id)
    external_id = call.query.get("external_id")
    if external_id is not None and not external_id.isalnum():
        raise Refusal(400, "INVALID_EXTERNAL_ID")
    found = [s for s in world.find("stores", user_id=user_id) if external_id in (None, s["external_id"])]
    return 200, page(call, found, show=_public)


def read(call: Call, *, store_id: int) -> tuple[int, Any]:
    return 200, _public(_find(call, store_id))


def update(call: Call, *, user_id: int, store_id: int) -> tuple[int, Any]:
    _own(call, user_id)
    store = _find(call, store_id)
    store.update(_validated(call, store))
    world.changed()
    return 200, _public(store)


def delete(call: Call, *, user_id: int, store_id: int) -> tuple[int, Any]:
    _own(call, user_id)
    del world.tables["stores"][str(_find(call, store_id)["id"])]
    world.changed()
    return 200, {}


def _own(call: Call, user_id: int) -> None:
    if call.user_id != user_id:
        raise Refusal(403, "forbidden", "the access token belongs to another user")


def _find(call: Call, store_id: int) -> Json:
    store = world.tables["stores"].get(str(store_id))
    if store is None or store["user_id"] != call.user_id:
        raise Refusal(404, "not_found", "Store not found")
    return store


def _public(store: Json) -> Json:
    location = store["location"]
    line = f"{location['street_name']} {location['street_number']}, {location['city_name']}, {location['state_name']}"
    return store | {"location": location | {"address_line": line}}


def _validated(call: Call, before: Json) -> Json:
    body = call.body
    if not isinstance(body, dict):
        raise Refusal(400, "BAD_REQUEST", "the body must be an object")
    if set(body) - {"name", "business_hours", "external_id", "location"}:
        raise Refusal(400, "UNKNOWN_FIELD")
    kept = {"name", "external_id", "location"}
    store: Json = {key: value for key, value in before.items() if key in kept} | body
    if not isinstance(store.get("name"), str) or not store["name"].strip():
        raise Refusal(400, "INVALID_NAME")
    external_id = store.setdefault("external_id", "")
    if not isinstance(external_id, str) or len(external_id) > 60:
        raise Refusal(400, "INVALID_EXTERNAL_ID")
    _check_hours(store.setdefault("business_hours", {}))
    _check_location(call, store.get("location"))
    return store


def _check_hours(hours: Any) -> None:
    if not isinstance(hours, dict):
        raise Refusal(400, "INVALID_BUSINESS_HOURS")
    for day, slots in hours.items():
        if day not in _DAYS:
            raise Refusal(400, "INVALID_DAY")
        if not isinstance(slots, list) or len(slots) > 4 or not all(map(_is_slot, slots)):
            raise Refusal(400, "INVALID_BUSINESS_HOURS")


def _is_slot(slot: Any) -> bool:
    return isinstance(slot, dict) and all(_TIME.fullmatch(str(slot.get(end))) for end in ("open", "close"))


def _check_location(call: Call, location: Any) -> None:
    if not isinstance(location, dict):
        raise Refusal(400, "INVALID_LOCATION")
    if set(location) - {*_TEXTS, "latitude", "longitude", "reference", "zip_code"}:
        raise Refusal(400, "UNKNOWN_FIELD")
    for field, code in _TEXTS.items():
        if not isinstance(location.get(field), str) or not location[field].strip():
            raise Refusal(400, code)
    if not isinstance(location.get("reference", ""), str):
        raise Refusal(400, "INVALID_REFERENCE")
    place = [location.get(axis) for axis in ("latitude", "longitude")]
    if not all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in place):
        raise Refusal(400, "INVALID_LOCATION", "latitude and longitude are numbers")
    if not world.narrow(call.user_id, sites.at(float(place[0] or 0), float(place[1] or 0))):
        raise Refusal(400, "BAD_REQUEST", "The coordinates are outside of the site's territory")
