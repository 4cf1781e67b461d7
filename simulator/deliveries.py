"""Notifications: both wire shapes, sent from threads of their own, repeated until confirmed (protocol.md §4)."""

import secrets
import time
from threading import Timer
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import simplejson

from simulator import exchanges
from simulator.world import Json, stamp, world

_PAUSES = (1, 2, 5, 10, 20, 30, 30, 30, 30, 30, 30)  # seconds between tries; the real ones are minutes to days
_FIRST_TIMEOUT, _LATER_TIMEOUT = 22, 5


def announce(topic: str, resource_id: int, notification_url: str) -> None:
    """Tell the merchant that something about this resource changed. Returns at once."""
    if not world.notifies:
        return
    only = dict(parse_qsl(urlsplit(notification_url).query)).get("source_news")
    if only != "webhooks":
        _later(0.0, _ipn(topic, resource_id, notification_url))
    if only != "ipn" and topic == "merchant_order":
        _later(0.05, _webhook(resource_id, notification_url))  # seen 19 to 305 ms apart, in either order


def _ipn(topic: str, resource_id: int, url: str) -> Json:
    resource = f"https://api.mercadolibre.com/merchant_orders/{resource_id}" if topic == "merchant_order" else ""
    return {
        "url": _with_query(url, {"topic": topic, "id": str(resource_id)}),
        "agent": f"MercadoPago Feed v2.0 {topic}",
        "body": {"resource": resource or str(resource_id), "topic": topic},
    }


def _webhook(order_id: int, url: str) -> Json:
    """The merchant order's id is the body's top-level `id`."""
    order = world.tables["merchant_orders"][str(order_id)]
    kind = "topic_merchant_order_wh"
    body = {
        "action": "create" if order["date_created"] == order["last_updated"] else "update",
        "application_id": "7910800073137785",
        "data": {"currency_id": "", "marketplace": "NONE", "status": order["status"]},
        "date_created": stamp(),
        "id": str(order_id),
        "live_mode": False,
        "status": order["status"],
        "type": kind,
        "user_id": order["collector"]["id"],
        "version": 1,
    }
    query = {"data.id": str(order_id), "type": kind}
    return {"url": _with_query(url, query), "agent": f"MercadoPago WebHook v1.0 {kind}", "body": body}


def _with_query(url: str, more: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(parse_qsl(parts.query) + list(more.items()))))


def _later(seconds: float, delivery: Json, attempt: int = 0) -> None:
    timer = Timer(seconds, _send, (delivery, attempt))
    timer.daemon = True
    timer.start()


def _send(delivery: Json, attempt: int) -> None:
    started = time.monotonic()
    body = simplejson.dumps(delivery["body"])
    headers = {
        "Content-Type": "application/json",
        "User-Agent": delivery["agent"],
        # Present, and of no use: QR notifications cannot be validated by it (protocol.md §4.4).
        "x-signature": f"ts={int(time.time())},v1={secrets.token_hex(32)}",
        "x-request-id": secrets.token_hex(16),
    }
    try:
        answer = requests.post(
            delivery["url"],
            data=body,
            headers=headers,
            timeout=_LATER_TIMEOUT if attempt else _FIRST_TIMEOUT,
            allow_redirects=False,
        )
        status, text = answer.status_code, answer.text
    except requests.RequestException as error:
        status, text = 0, f"no answer: {type(error).__name__}"
    exchanges.record(
        kind="notification",
        direction="out",
        method="POST",
        url=delivery["url"],
        sent=delivery["body"],
        status=status,
        received=text[:2000],
        started=started,
    )
    if status not in (200, 201) and attempt < len(_PAUSES):
        _later(_PAUSES[attempt], delivery, attempt + 1)
