"""What a screen at a point of sale shows now."""

import hashlib
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from orders.offers import rest_of
from orders.states import PaymentStatus, Status
from pos.models import ControllerStatus, PointOfSale
from receipts.models import Receipt

IDLE, DISPENSING, PAY, PAID, OUT_OF_SERVICE = "idle", "dispensing", "pay", "paid", "out_of_service"
STATES: Final = (IDLE, DISPENSING, PAY, PAID, OUT_OF_SERVICE)
PAID_FOR: Final = timedelta(minutes=2)  # as long as it takes to scan the receipt's code
_GONE_BACK = (PaymentStatus.REFUNDED, PaymentStatus.CHARGED_BACK)


def show(pos: PointOfSale) -> dict[str, Any]:
    """What to show, and a `version` that changes with it."""
    shown = _blank(pos) | _situation(pos, timezone.now())
    version = hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()[:16]
    return {"version": version} | shown


def _situation(pos: PointOfSale, now: datetime) -> dict[str, Any]:
    """What is payable goes first, as for the customer's phone."""
    order = Order.objects.with_site().filter(pos=pos).order_by("-pk").first()
    if pos.is_in_service and order and order.status == Status.OPEN and order.expires_at > now:
        return _paid(order) if order.is_paid_but_not_closed else _payable(order)
    if not pos.is_in_service or pos.is_unreachable(now):
        return {"state": OUT_OF_SERVICE}
    if pos.status == ControllerStatus.IN_PROCESS:
        return {"state": DISPENSING, "amount_so_far": _amount(pos, pos.amount_so_far)}
    if order and order.closed_at and now - order.closed_at < PAID_FOR and order.payment_status not in _GONE_BACK:
        return _paid(order)
    return {"state": IDLE}


def _blank(pos: PointOfSale) -> dict[str, Any]:
    return {
        "state": IDLE,
        "currency": pos.store.account.site.currency,
        "amount_so_far": None,
        "amount_due": None,
        "expires_at": None,
        "order": None,
        "pay_qr": pos.qr_image or None,
        "receipt": None,
    }


def _payable(order: Order) -> dict[str, Any]:
    return {
        "state": PAY,
        "amount_due": order.site.text(rest_of(order)),  # as the customer's phone is asked for
        "expires_at": order.expires_at,
        "order": order.pk,
    }


def _paid(order: Order) -> dict[str, Any]:
    receipt = Receipt.objects.filter(order=order).first()
    return {"state": PAID, "order": order.pk, "receipt": _receipt(receipt) if receipt else None}


def _receipt(receipt: Receipt) -> dict[str, str]:
    url = receipt.public_url
    return {
        "number": receipt.number,
        "url": url,
        "qr_svg": code(url).svg_data_uri(border=4),
        "qr_png": settings.PUBLIC_URL + reverse("public-receipt-qr", args=[url.rsplit("/", 1)[-1]]),
    }


def code(url: str) -> segno.QRCode:
    """The link as a QR code."""
    return segno.make_qr(url, error="m")


def _amount(pos: PointOfSale, amount: Decimal | None) -> str | None:
    return None if amount is None else pos.store.account.site.text(amount)
