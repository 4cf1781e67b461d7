"""What controllers call about orders (contract §4)."""

import re
from threading import BoundedSemaphore
from time import monotonic, sleep
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import services
from orders.models import Order
from orders.serializers import OrderSerializer, PosWithOrderSerializer, SaleSerializer
from orders.states import Status
from pos.api import ControllerView
from pos.problems import Problem
from pos.serializers import ProblemSerializer

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_PROBLEM = (409, "application/problem+json")
_WAITING = BoundedSemaphore(16)  # half of the threads of a web process: polls must always find one
_LOOK_EVERY = 0.2  # seconds


def _problem(refusal: services.Refused) -> Problem:
    status = 422 if refusal.kind == "idempotency-key-reused" else 409
    return Problem(status, refusal.kind, str(refusal))


class OrdersView(ControllerView):
    """A view about orders that a key may see."""

    @property
    def actor(self) -> str:
        return f"controller key {self.key.prefix}"

    def find_order(self, pk: int) -> Order:
        return get_object_or_404(Order.objects.visible_to(self.key).with_site(), pk=pk)


class PosView(ControllerView):
    """A point of sale as its controller sees it."""

    @extend_schema(summary="The point of sale, its status, its open order", responses=PosWithOrderSerializer)
    def get(self, request: Request, external_id: str) -> Response:
        return Response(PosWithOrderSerializer(self.find_pos(external_id)).data)


class PosOrdersView(OrdersView):
    """Step 4A."""

    @extend_schema(
        summary="Report a sale: makes the order that the customer is asked to pay",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        request=SaleSerializer,
        responses={201: OrderSerializer, 200: OrderSerializer, _PROBLEM: ProblemSerializer},
    )
    def post(self, request: Request, external_id: str) -> Response:
        pos = self.find_pos(external_id)
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            text = _("Send this header: a new value for every sale, the same one when repeating it; 1 to 255 signs.")
            raise ValidationError({"Idempotency-Key": [text]})
        sale = SaleSerializer(data=request.data, context={"site": pos.store.account.site})
        sale.is_valid(raise_exception=True)
        try:
            order, is_new = services.create(
                pos,
                sale.validated_data,
                idempotency_key=key,
                fingerprint=services.fingerprint(request.data),
                actor=self.actor,
            )
        except services.Refused as refusal:
            raise _problem(refusal) from refusal
        return Response(OrderSerializer(order).data, status=201 if is_new else 200)


class OrderView(OrdersView):
    """An order, at once or as soon as it changes."""

    @extend_schema(
        summary="The order; with `wait`, as soon as its status differs",
        parameters=[
            OpenApiParameter("wait", float, description="Seconds, at most 30."),
            OpenApiParameter("status", str, enum=Status.values, description="The status you know; default: today's."),
        ],
        responses=OrderSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        query = WaitSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        order = self.find_order(pk)
        if query.validated_data["wait"]:
            known = query.validated_data.get("status") or order.status
            _wait_until_it_differs(pk, known, seconds=query.validated_data["wait"])
            order = self.find_order(pk)
        return Response(OrderSerializer(order).data)


class CancelView(OrdersView):
    """The customer pays by other means, or not at all."""

    @extend_schema(
        summary="Cancel an order that nobody paid; asks Mercado Pago first",
        request=None,
        responses={200: OrderSerializer, _PROBLEM: ProblemSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        try:
            order = services.cancel(self.find_order(pk), actor=self.actor)
        except services.Refused as refusal:
            raise _problem(refusal) from refusal
        return Response(OrderSerializer(order).data)


class WaitSerializer(serializers.Serializer[Any]):
    """The query of a long poll."""

    wait = serializers.FloatField(min_value=0, max_value=30, default=0)
    status = serializers.ChoiceField(choices=Status.choices, required=False)


def _wait_until_it_differs(pk: int, known: str, *, seconds: float) -> None:
    """Sleep until the order has another status. With too many waiting already, come back at once: ask again."""
    if not _WAITING.acquire(blocking=False):
        return
    try:
        end = monotonic() + seconds
        while Order.objects.filter(pk=pk, status=known).exists() and (left := end - monotonic()) > 0:
            sleep(min(_LOOK_EVERY, left))
    finally:
        _WAITING.release()
