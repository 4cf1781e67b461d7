"""The knobs of this Mercado Pago, and the pump that plays the controller through the merchant's public API."""

import re
from decimal import Decimal
from typing import Any

import requests
import simplejson

from simulator import chaos, exchanges, ledger
from simulator.http import Call, Refusal
from simulator.sites import SITES
from simulator.world import Json, stamp, world

_PAYMENT_STATUSES = ("approved", "authorized", "in_process", "in_mediation", "pending", "rejected", "cancelled",
                     "refunded", "charged_back")  # fmt: skip
_POS, _ORDER = r"/api/v1/pos/[A-Za-z0-9]+", r"/api/v1/orders/\d+"
_PUMP_MAY = [("PUT", f"{_POS}/status"), ("GET", _POS), ("POST", f"{_POS}/orders"), ("GET", _ORDER),
             ("POST", f"{_ORDER}/cancel")]  # fmt: skip


def health(call: Call) -> tuple[int, Any]:
    return 200, {"status": "ok"}


def list_exchanges(call: Call) -> tuple[int, Any]:
    """GET /simulator/exchanges?after=<n>: newest last."""
    after = call.query.get("after", "0")
    if not after.isdecimal():
        raise Refusal(400, "invalid_after", "after: the number of an exchange")
    return 200, {"exchanges": exchanges.since(int(after))}


def list_codes(call: Call) -> tuple[int, Any]:
    """GET /simulator/codes: the QR codes a customer can scan."""
    scannable = [pos for pos in world.tables["pos"].values() if pos.get("url")]
    return 200, {"codes": [_code(pos) for pos in scannable], "can_pump": bool(world.controller)}


def _code(pos: Json) -> Json:
    country = SITES[world.site_of(pos["user_id"])]
    store = world.tables["stores"].get(pos["store_id"], {})
    return {
        "external_pos_id": pos["external_id"],
        "name": pos["name"],
        "store": store.get("name", ""),
        "image": f"/instore/merchant/qr/{pos['id']}/{pos['uuid']}.png",
        "currency": country.currency,
        "decimals": country.decimals,
    }


def change_payment(call: Call, *, payment_id: int) -> tuple[int, Any]:
    """POST /simulator/payments/<id> {"status"}: what becomes of a payment later."""
    payment = world.tables["payments"].get(str(payment_id))
    if payment is None:
        raise Refusal(404, "not_found", f"there is no payment {payment_id}")
    status = _field(call, "status")
    if status not in _PAYMENT_STATUSES:
        raise Refusal(400, "invalid_status", f"status: one of {', '.join(_PAYMENT_STATUSES)}")
    if status == "refunded":
        payment["transaction_amount_refunded"] = payment["transaction_amount"]
    elif payment["status"] == "refunded":
        payment["transaction_amount_refunded"] = Decimal(0)
    payment["status"], payment["status_detail"] = status, "accredited" if status == "approved" else status
    if status == "approved":
        payment["date_approved"] = stamp()
    ledger.payment_changed(payment)
    return 200, ledger.public_payment(payment)


def read_notifications(call: Call) -> tuple[int, Any]:
    return 200, {"enabled": world.notifies}


def switch_notifications(call: Call) -> tuple[int, Any]:
    """PUT /simulator/notifications {"enabled"}: news while it is off is lost for good."""
    enabled = _field(call, "enabled")
    if not isinstance(enabled, bool):
        raise Refusal(400, "invalid_enabled", "enabled: true or false")
    world.notifies = enabled
    return read_notifications(call)


def read_chaos(call: Call) -> tuple[int, Any]:
    """GET /simulator/chaos: every knob there is."""
    return 200, chaos.current()


def count_chaos(call: Call) -> tuple[int, Any]:
    """GET /simulator/chaos/happened: how often each was so, since the start."""
    return 200, dict(chaos.happened)


def change_chaos(call: Call) -> tuple[int, Any]:
    """PUT /simulator/chaos: replaces all knobs; what is not named becomes calm."""
    try:
        return 200, chaos.change(call.body)
    except chaos.Wrong as wrong:
        raise Refusal(400, wrong.code, str(wrong)) from wrong


def refuse_hosts(call: Call) -> tuple[int, Any]:
    """PUT /simulator/hosts {"refused": […]}: hosts that Mercado Pago has not enabled (protocol.md §1.1)."""
    refused = _field(call, "refused")
    if not isinstance(refused, list) or not all(isinstance(host, str) for host in refused):
        raise Refusal(400, "invalid_refused", "refused: a list of host names")
    world.refused_hosts = refused
    return 200, {"refused": refused}


def place_seller(call: Call, *, user_id: int) -> tuple[int, Any]:
    """PUT /simulator/sellers/<id> {"site"?, "tokens_revoked"?}: the site is otherwise learnt from what it registers."""
    body = call.body if isinstance(call.body, dict) else {}
    if not body.keys() & {"site", "tokens_revoked"}:
        raise Refusal(400, "missing_site", "site or tokens_revoked: is missing")
    if "site" in body and body["site"] not in SITES:
        raise Refusal(400, "invalid_site", f"site: one of {', '.join(SITES)}")
    if not isinstance(body.get("tokens_revoked", False), bool):
        raise Refusal(400, "invalid_tokens_revoked", "tokens_revoked: true or false")
    if "site" in body:
        world.sellers[str(user_id)] = [body["site"]]
    if "tokens_revoked" in body:
        others = [user for user in world.revoked if user != str(user_id)]
        world.revoked = [*others, str(user_id)] if body["tokens_revoked"] else others
    world.changed()
    return 200, {"site": world.site_of(user_id), "tokens_revoked": str(user_id) in world.revoked}


def read_controller(call: Call) -> tuple[int, Any]:
    """Never tells the key."""
    return 200, {"api_url": world.controller.get("api_url")}


def save_controller(call: Call) -> tuple[int, Any]:
    """PUT /simulator/controller {"api_url", "api_key"}: where the pump panel's pump is connected."""
    api_url, api_key = _field(call, "api_url"), _field(call, "api_key")
    if not isinstance(api_url, str) or not api_url.startswith(("http://", "https://")) or not isinstance(api_key, str):
        raise Refusal(400, "invalid_controller", "api_url: an http address; api_key: a text")
    world.controller = {"api_url": api_url.rstrip("/"), "api_key": api_key}
    world.changed()
    return read_controller(call)


def pump(call: Call) -> tuple[int, Any]:
    """POST /simulator/controller {"method", "path", "body"?, "idempotency_key"?}: one call of the pump's."""
    method, path = _field(call, "method"), _field(call, "path")
    if not any(method == may and isinstance(path, str) and re.fullmatch(where, path) for may, where in _PUMP_MAY):
        raise Refusal(400, "invalid_call", "method and path: not one of the calls that the pump panel makes")
    if not world.controller:
        raise Refusal(409, "no_controller", "PUT /simulator/controller has not said yet where the merchant's API is")
    headers = {"Authorization": f"Api-Key {world.controller['api_key']}", "Content-Type": "application/json"}
    if key := call.body.get("idempotency_key"):
        headers["Idempotency-Key"] = str(key)
    if language := call.headers.get("Accept-Language"):
        headers["Accept-Language"] = language
    body = call.body.get("body")
    data = None if body is None else simplejson.dumps(body, use_decimal=True)
    try:
        answer = requests.request(
            method, world.controller["api_url"] + path, data=data, headers=headers, timeout=40, allow_redirects=False
        )
        return 200, {"status": answer.status_code, "body": answer.json()}
    except (requests.RequestException, ValueError) as error:
        raise Refusal(502, "no_answer", f"the merchant's API gave no usable answer: {type(error).__name__}") from error


def _field(call: Call, name: str) -> Any:
    if not isinstance(call.body, dict) or name not in call.body:
        raise Refusal(400, f"missing_{name}", f"{name}: is missing")
    return call.body[name]
