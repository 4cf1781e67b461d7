"""Notifications: both wire shapes, sent from threads of their own, repeated until confirmed (protocol.md §4)."""

import secrets
import time
from collections.abc import Callable
from functools import partial
from threading import Lock, Timer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import simplejson

from simulator import chaos, exchanges
from simulator.world import Json, stamp, world

_PAUSES = (1, 2, 5, 10, 20, 30, 30, 30, 30, 30, 30)  # seconds between tries; the real ones are minutes to days
_FIRST_TIMEOUT, _LATER_TIMEOUT = 22, 5
_UNTIL_DUPLICATE = 0.55  # seconds, as seen in the field (protocol.md §4.3)
_APART = 0.01  # seconds between what leaves the bag


def _start_timer(seconds: float, work: Callable[[], None]) -> None:
    timer = Timer(seconds, work)
    timer.daemon = True
    timer.start()


# All that is done later goes through here. Who drives one process without a clock puts a function of their own here.
schedule: Callable[[float, Callable[[], None]], None] = _start_timer


class _Bagged(NamedTuple):
    place: float
    delivery: Json


bag: list[_Bagged] = []  # of `notifications_reordered`; empty again when all that was scheduled is done
_bag_lock = Lock()


def announce(topic: str, resource_id: int, notification_url: str) -> None:
    """Tell the merchant that something about this resource changed. Returns at once."""
    if not world.notifies or chaos.happens("notifications_dropped"):
        return
    only = dict(parse_qsl(urlsplit(notification_url).query)).get("source_news")
    if only != "webhooks":
        _dispatch(0.0, _ipn(topic, resource_id, notification_url))
    if only != "ipn" and topic == "merchant_order":
        _dispatch(0.05, _webhook(resource_id, notification_url))  # seen 19 to 305 ms apart, in either order


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


def _dispatch(seconds: float, delivery: Json) -> None:
    """All dice are thrown here and not when the time has come: threads would make a seed useless."""
    if chaos.happens("notifications_delayed"):
        seconds += chaos.seconds("notification_delay")
    _plan(seconds, delivery)
    if chaos.happens("notifications_duplicated"):
        _plan(seconds + _UNTIL_DUPLICATE, delivery)


def _plan(seconds: float, delivery: Json) -> None:
    if chaos.happens("notifications_reordered"):
        schedule(seconds, partial(_put_in_bag, _Bagged(chaos.roll(), delivery)))
    else:
        schedule(seconds, partial(_send, delivery, 0))


def _put_in_bag(bagged: _Bagged) -> None:
    with _bag_lock:
        bag.append(bagged)
        is_first = len(bag) == 1
    if is_first:
        schedule(chaos.seconds("reorder_window"), _empty_bag)


def _empty_bag() -> None:
    with _bag_lock:
        shuffled = sorted(bag, key=lambda bagged: bagged.place)
        bag.clear()
    for index, bagged in enumerate(shuffled):
        schedule(index * _APART, partial(_send, bagged.delivery, 0))


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
        schedule(_PAUSES[attempt], partial(_send, delivery, attempt + 1))
