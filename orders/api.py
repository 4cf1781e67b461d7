"""What controllers call about orders (contract §4)."""

import re
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import openapi, refunds, services
from orders.errors import Refused
from orders.models import Order, RefundRequest
from orders.serializers import (
    OrderSerializer,
    PosWithOrderSerializer,
    RefundAskSerializer,
    RefundRequestSerializer,
    SaleSerializer,
)
from orders.states import RequestStatus, Status
from pos.api import ControllerView
from pos.problems import Problem
from pos.waiting import wait_until
from stores.services import connect

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_LOOK_EVERY = 0.2  # seconds


def _problem(refusal: Refused) -> Problem | ValidationError:
    if refusal.field:
        return ValidationError({refusal.field: [str(refusal)]})
    status = 422 if refusal.kind == "idempotency-key-reused" else 409
    return Problem(status, refusal.kind, str(refusal))


class OrdersView(ControllerView):
    """A view about orders that a key may see."""

    @property
    def actor(self) -> str:
        return f"controller key {self.key.prefix}"

    def find_order(self, pk: int) -> Order:
        return get_object_or_404(Order.objects.visible_to(self.key).with_site(), pk=pk)

    def idempotency_key(self) -> str:
        key: str = self.request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            text = _("Send this header: a new value for every request, the same one to repeat it; 1 to 255 signs.")
            raise ValidationError({"Idempotency-Key": [text]})
        return key


class PosView(ControllerView):
    """A point of sale as its controller sees it."""

    @openapi.get_point_of_sale
    def get(self, request: Request, external_id: str) -> Response:
        return Response(PosWithOrderSerializer(self.find_pos(external_id)).data)


class PosOrdersView(OrdersView):
    """Step 4A."""

    @openapi.report_sale
    def post(self, request: Request, external_id: str) -> Response:
        pos = self.find_pos(external_id)
        sale = SaleSerializer(data=request.data, context={"site": pos.store.account.site})
        sale.is_valid(raise_exception=True)
        try:
            order, is_new = services.create(
                pos,
                sale.validated_data,
                idempotency_key=self.idempotency_key(),
                fingerprint=services.fingerprint(request.data),
                actor=self.actor,
            )
        except Refused as refusal:
            raise _problem(refusal) from refusal
        return Response(OrderSerializer(order).data, status=201 if is_new else 200)


class OrderView(OrdersView):
    """An order, at once or as soon as it changes."""

    @openapi.get_order
    def get(self, request: Request, pk: int) -> Response:
        query = WaitSerializer(data=request.query_params.dict())  # not as a form: an empty field is a mistake
        query.is_valid(raise_exception=True)
        order = self.find_order(pk)
        if query.validated_data["wait"]:
            known = query.validated_data.get("status") or order.status
            wait_until(
                lambda: not Order.objects.filter(pk=pk, status=known).exists(),
                seconds=query.validated_data["wait"],
                every=_LOOK_EVERY,
            )
            order = self.find_order(pk)
        return Response(OrderSerializer(order).data)


class CancelView(OrdersView):
    """The customer pays by other means, or not at all."""

    @openapi.cancel_order
    def post(self, request: Request, pk: int) -> Response:
        try:
            order = services.cancel(self.find_order(pk), actor=self.actor)
        except Refused as refusal:
            raise _problem(refusal) from refusal
        return Response(OrderSerializer(order).data)


class RefundsView(OrdersView):
    """Money that goes back to the customer."""

    @openapi.list_refunds
    def get(self, request: Request, pk: int) -> Response:
        requests = self.find_order(pk).refund_requests.exclude(status=RequestStatus.WITHDRAWN)
        requests = requests.select_related("order__pos__store__account", "slip__of").prefetch_related(
            "refunds__payment"
        )
        return Response(RefundRequestSerializer(requests, many=True).data)

    @openapi.refund_order
    def post(self, request: Request, pk: int) -> Response:
        order = self.find_order(pk)
        wish = RefundAskSerializer(data=request.data, context={"site": order.site})
        wish.is_valid(raise_exception=True)
        try:
            made, is_new = refunds.ask(
                order,
                amount=wish.validated_data.get("amount"),
                reason=wish.validated_data["reason"],
                actor=self.actor,
                idempotency_key=self.idempotency_key(),
                fingerprint=services.fingerprint(request.data),
            )
        except Refused as refusal:
            raise _problem(refusal) from refusal
        made = refunds.send(made, client=connect(order.account, about=order))
        if made.status == RequestStatus.FAILED:
            raise Problem(409, "refund-refused", _why_it_failed(made))
        status = 202 if made.status == RequestStatus.PENDING else 201 if is_new else 200
        return Response(RefundRequestSerializer(made).data, status=status)


def _why_it_failed(request: RefundRequest) -> str:
    errors = "; ".join(refund.error for refund in request.refunds.all() if refund.error)
    return _("Mercado Pago refused the refund: %(errors)s") % {"errors": errors}


class WaitSerializer(serializers.Serializer[Any]):
    """The query of a long poll."""

    wait = serializers.FloatField(min_value=0, max_value=30, default=0)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
