"""Webhooks, as the description of the controllers' API tells them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, OpenApiWebhook, extend_schema
from rest_framework import serializers

from orders.examples import CANCELED, CLOSED, ORDER, REFUND
from orders.serializers import OrderSerializer, RefundRequestSerializer


class EventSerializer(serializers.Serializer[Any]):
    """What all webhooks have."""

    id = serializers.UUIDField(help_text="The same in every attempt: what you took already can be left aside.")
    event = serializers.CharField()
    created_at = serializers.DateTimeField(help_text="When it happened, not when it was sent.")


class OrderEventSerializer(EventSerializer):
    """An order as it was right after what happened to it."""

    order = OrderSerializer()


class RefundEventSerializer(OrderEventSerializer):
    """The refund beside its order."""

    refund = RefundRequestSerializer()


_HOW = (
    " Signed as in Standard Webhooks (`Webhook-Id`, `Webhook-Timestamp`, `Webhook-Signature`: HMAC-SHA256, `v1,…`). "
    "Answer any 2xx within 10 seconds; what is not taken is sent again, with growing pauses, for 24 hours, and nothing "
    "else is sent meanwhile. 410 switches the webhook off."
)


def _webhook(event: str, summary: str, serializer: type[EventSerializer], **content: Any) -> OpenApiWebhook:
    body = {"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "event": event, "created_at": "2026-11-24T12:01:40Z"}
    described = extend_schema(
        summary=summary,
        description=summary + "." + _HOW,
        tags=["Webhooks"],
        request={"application/json": serializer},
        responses={"2XX": OpenApiResponse(description="Taken.")},
        examples=[OpenApiExample(event, body | content, request_only=True)],
    )
    return OpenApiWebhook(event, described)


CREATED = _webhook("order.created", "A controller reported a sale", OrderEventSerializer, order=ORDER)
CLOSED_EVENT = _webhook("order.closed", "An order is paid in full", OrderEventSerializer, order=CLOSED)
CANCELED_EVENT = _webhook("order.canceled", "An order was canceled", OrderEventSerializer, order=CANCELED)
EXPIRED = _webhook(
    "order.expired", "An order was not paid in time", OrderEventSerializer, order=ORDER | {"status": "expired"}
)
UPDATED = _webhook(
    "order.updated",
    "The amounts, the payment status, the attention, the receipt or the refund slips of an order changed",
    OrderEventSerializer,
    order=CLOSED,
)
REFUNDED = _webhook(
    "refund.updated",
    "A refund was asked for, was made, or was refused by Mercado Pago",
    RefundEventSerializer,
    order=CLOSED | {"refunded_amount": "600.00", "payment_status": "partially_refunded"},
    refund=REFUND,
)
PING = _webhook("ping", "A person at the back-office tries whether this webhook works", EventSerializer)
