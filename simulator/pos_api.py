"""Points of sale, with the refusals of the documents (protocol.md §3)."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from simulator import settings, sites
from simulator.http import Call, Refusal
from simulator.paging import page
from simulator.world import Json, stamp, world

_FIELDS = {"name", "fixed_amount", "category", "store_id", "external_store_id", "external_id", "url"}


def create(call: Call) -> tuple[int, Any]:
    pos = _validated(call, {}, is_update=False)
    if world.find("pos", user_id=call.user_id, external_id=pos["external_id"]):
        raise Refusal(409, "conflict", f"there is a POS with external_id {pos['external_id']} already")
    now = stamp()
    made = {"user_id": call.user_id, "uuid": secrets.token_hex(32), "status": "active"}
    pos = world.add("pos", pos | made | {"date_created": now, "date_last_updated": now})
    base = f"{settings.SIMULATOR_URL}/instore/merchant/qr/{pos['id']}"
    pos["qr"] = {
        "image": f"{base}/{pos['uuid']}.png",
        "template_document": f"{base}/template_{pos['uuid']}.pdf",
        "template_image": f"{base}/template_{pos['uuid']}.png",
    }
    return 201, pos


def search(call: Call) -> tuple[int, Any]:
    names = ("external_id", "external_store_id", "store_id", "category")
    wanted = {name: call.query[name] for name in names if name in call.query}
    own = world.find("pos", user_id=call.user_id)
    return 200, page(call, [p for p in own if all(str(p.get(k)) == v for k, v in wanted.items())])


def read(call: Call, *, pos_id: int) -> tuple[int, Any]:
    return 200, _find(call, pos_id)


def update(call: Call, *, pos_id: int) -> tuple[int, Any]:
    pos = _find(call, pos_id)
    if isinstance(call.body, dict) and call.body.get("external_id", pos["external_id"]) != pos["external_id"]:
        raise Refusal(400, "INVALID_EXTERNAL_ID", "external_id can't be modified")
    pos.update(_validated(call, pos, is_update=True) | {"date_last_updated": stamp()})
    world.changed()
    return 200, pos


def delete(call: Call, *, pos_id: int) -> tuple[int, Any]:
    del world.tables["pos"][str(_find(call, pos_id)["id"])]
    world.changed()
    return 200, {}


def _find(call: Call, pos_id: int) -> Json:
    pos = world.tables["pos"].get(str(pos_id))
    if pos is None or pos["user_id"] != call.user_id:
        raise Refusal(404, "pos_obtainment_error", "Point of sale not found")
    return pos


def _validated(call: Call, before: Json, *, is_update: bool) -> Json:
    body = call.body
    if not isinstance(body, dict) or not body:
        raise Refusal(400, "MISSING_BODY")
    if set(body) - _FIELDS:
        raise Refusal(400, "UNKNOWN_FIELD_EXCEPTION")
    pos = {key: before[key] for key in _FIELDS if key in before} | body
    _check_names(pos)
    if not isinstance(pos.get("fixed_amount"), bool):
        raise Refusal(400, "INVALID_FIXED_AMOUNT")
    _check_category(call, pos.setdefault("category", None), prefix="POS_" if is_update else "")
    _check_store(call, pos, prefix="POS_" if is_update else "")
    _check_url(pos)
    return pos


def _check_names(pos: Json) -> None:
    name, external_id = pos.get("name"), pos.get("external_id")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(400, "INVALID_NAME")
    if len(name) >= 45:
        raise Refusal(400, "NAME_TOO_LONG")
    if not isinstance(external_id, str) or not external_id.isascii() or not external_id.isalnum():
        raise Refusal(400, "INVALID_EXTERNAL_ID")
    if len(external_id) >= 40:
        raise Refusal(400, "EXTERNAL_ID_TOO_LONG")


def _check_category(call: Call, category: Any, *, prefix: str) -> None:
    if category is None:
        return
    if not isinstance(category, int) or isinstance(category, bool):
        raise Refusal(400, "INVALID_CATEGORY")
    if not world.narrow(call.user_id, sites.with_mcc(category)):
        raise Refusal(400, f"{prefix}UNKNOWN_MCC")


def _check_store(call: Call, pos: Json, *, prefix: str) -> None:
    own = world.find("stores", user_id=call.user_id)
    store_id, external = pos.get("store_id"), pos.get("external_store_id")
    by_id = [s for s in own if str(s["id"]) == str(store_id)]
    if store_id is not None and not by_id:
        raise Refusal(400, f"{prefix}INVALID_STORE_ID")
    if not isinstance(external, str | None):
        raise Refusal(400, "INVALID_EXTERNAL_STORE_ID")
    if external is None and store_id is None:
        raise Refusal(400, "INVALID_EXTERNAL_STORE_ID", "a POS belongs to a store")
    by_external = [s for s in own if s["external_id"] == external]
    if external is not None and not by_external:
        raise Refusal(400, "INEXISTENT_EXTERNAL_STORE_ID")
    if by_id and by_external and by_id[0] is not by_external[0]:
        raise Refusal(400, "EXTERNAL_STORE_ID_NOT_MATCH")
    store = (by_id or by_external)[0]
    pos["store_id"], pos["external_store_id"] = str(store["id"]), store["external_id"]


def _check_url(pos: Json) -> None:
    url = pos.get("url")
    if url is None:
        return
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal(400, "INVALID_URL")
    if len(url) >= 300:
        raise Refusal(400, "URL_TOO_LONG")
    if not pos["fixed_amount"]:
        raise Refusal(400, "FIXED_AMOUNT_FALSE")
    if parts.hostname in world.refused_hosts:
        raise Refusal(403, "forbidden", f"the host {parts.hostname} must be enabled by Mercado Pago")
