"""How each operation on orders and refunds is described to those who write controllers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from orders.examples import (
    CANCELED,
    CLOSED,
    ITEM,
    ORDER,
    PARTLY_REFUNDED,
    REFUND,
    REFUND_WITH_SLIP,
    SALE,
    WITH_ORDER,
)
from orders.serializers import (
    OrderSerializer,
    PosWithOrderSerializer,
    RefundAskSerializer,
    RefundRequestSerializer,
    SaleSerializer,
)
from orders.states import Status
from pos.openapi import invalid, problem

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="Yours: a new value for every sale or refund, the same one to repeat it when no answer came. "
    "1 to 255 visible ASCII signs.",
    pattern="^[!-~]{1,255}$",
    examples=[OpenApiExample("a UUID", "5a0e4c5e-94a8-4d7e-8d6c-0d5f6a1f3f0b")],
)


def example(name: str, value: Any, *statuses: int) -> OpenApiExample:
    """Of an answer with these statuses, or of a request without any."""
    return OpenApiExample(name, value, status_codes=statuses or None, request_only=not statuses,
                          response_only=bool(statuses))  # fmt: skip


def answer(serializer: Any, description: str, *examples: tuple[str, Any]) -> OpenApiResponse:
    return OpenApiResponse(serializer, description, [OpenApiExample(name, value) for name, value in examples])


get_point_of_sale = extend_schema(
    operation_id="get_point_of_sale",
    tags=["Points of sale"],
    summary="The point of sale, its status, its open order",
    description="After a restart, ask here first: `open_order` is what a customer may still be paying.",
    responses=PosWithOrderSerializer,
    examples=[example("an order waits for its customer", WITH_ORDER, 200)],
)
report_sale = extend_schema(
    operation_id="report_sale",
    tags=["Orders"],
    summary="Report a sale: makes the order that the customer is asked to pay",
    description=(
        "Sent when the sale is over and its amount is known. When no answer comes, send it again with the same "
        "`Idempotency-Key` and the same body: there will be one order. A point of sale has one open order; a "
        "second sale is refused with 409 unless it says `replace`, which cancels the open one first.\n\nAmounts "
        "are texts (or numbers) with the decimals of the currency."
    ),
    parameters=[IDEMPOTENCY_KEY],
    request={"application/json": SaleSerializer},
    responses={
        201: answer(OrderSerializer, "A new order.", ("waits for the customer", ORDER)),
        200: answer(OrderSerializer, "This key made it before.", ("the same order", ORDER)),
        **invalid("items.0.quantity", "A quantity must be greater than 0."),
        **problem(
            409,
            "An order is still open here, or the point of sale is switched off.",
            open_order='Order 41 is still open here: cancel it, or send this one with "replace": true.',
            out_of_service="This point of sale, its store or its account is switched off.",
            paid="The customer has paid this order; refund it instead.",
        ),
        **problem(
            422,
            "This key made another order.",
            idempotency_key_reused="This Idempotency-Key was used for another order: take a new key for every sale.",
        ),
    },
    examples=[
        example("10.5 litres", SALE),
        example("set to an amount", {"items": [ITEM | {"total_amount": "12600.00"}], "expires_in": 120}),
    ],
)
get_order = extend_schema(
    operation_id="get_order",
    tags=["Orders"],
    summary="The order; with wait, as soon as its status differs",
    description=(
        "With `wait`, the answer comes as soon as the order is no longer `status`, or when the time is over: ask "
        "again then. It can come earlier, too, when many are waiting."
    ),
    parameters=[
        OpenApiParameter(
            "wait",
            {"type": "number", "minimum": 0, "maximum": 30, "default": 0},
            description="Seconds.",
        ),
        OpenApiParameter("status", str, enum=Status.values, description="The status you know; default: today's."),
    ],
    responses={
        200: answer(
            OrderSerializer, "So it stands.", ("open", ORDER), ("paid", CLOSED), ("a part went back", PARTLY_REFUNDED)
        ),
        **invalid("wait", "Ensure this value is less than or equal to 30."),
    },
)
cancel_order = extend_schema(
    operation_id="cancel_order",
    tags=["Orders"],
    summary="Cancel an order that nobody paid; asks Mercado Pago first",
    description=(
        "When a customer has seen the order, Mercado Pago is asked for money first, and 503 says that it does not "
        "answer. Canceling twice does no harm; an order that has expired stays so. Needs no body."
    ),
    request=None,
    responses={
        200: answer(OrderSerializer, "It is not open any more.", ("canceled", CANCELED)),
        **problem(
            409,
            "Money has arrived or is on its way: the order stays.",
            paid="The customer has paid this order; refund it instead.",
            partially_paid="The customer has paid a part of this order; refund that first.",
            payment_in_process="A payment of this order is being processed; wait for its outcome.",
            not_understood="Mercado Pago reports something about this order that is not understood; a person must "
            "look first.",
        ),
    },
)
list_refunds = extend_schema(
    operation_id="list_refunds",
    tags=["Refunds"],
    summary="The order's refunds, newest first",
    description=(
        "Asked for by a controller, a person or the rules; also proposals that a person must decide about. `receipt` "
        "is the slip, within seconds after the money went back."
    ),
    responses=RefundRequestSerializer(many=True),
    examples=[example("a part went back", REFUND_WITH_SLIP, 200)],
)
refund_order = extend_schema(
    operation_id="refund_order",
    tags=["Refunds"],
    summary="Refund an order, all or a part; over as many payments as needed",
    description="Without `amount`: all that can still be refunded. Also for an order that is not closed yet.",
    parameters=[IDEMPOTENCY_KEY],
    request={"application/json": RefundAskSerializer},
    responses={
        201: answer(RefundRequestSerializer, "The money goes back.", ("approved", REFUND)),
        200: answer(RefundRequestSerializer, "This key made it before.", ("the same refund", REFUND)),
        202: answer(
            RefundRequestSerializer,
            "Mercado Pago has not answered yet; it is asked again by itself.",
            ("pending", REFUND | {"status": "pending", "refunds": [REFUND["refunds"][0] | {"status": "pending"}]}),
        ),
        **invalid("amount", "An amount must be greater than 0."),
        **problem(
            409,
            "So much cannot be refunded, or Mercado Pago refuses it.",
            nothing_to_refund="Nothing of this order can be refunded: no payment of it is approved.",
            refund_too_large="At most 600.00 ARS can be refunded of this order.",
            refund_too_late="Mercado Pago refunds payments for 180 days; at most 0.00 ARS is still in time.",
            refund_of_a_part="In this country only whole payments can be refunded; there are: 12600.00.",
            refund_above_limit="This store's refunds above 500.00 ARS an order need two people: ask for it in the "
            "back-office.",
            refund_refused="Mercado Pago refused the refund: insufficient balance",
        ),
        **problem(
            422,
            "This key made another refund.",
            idempotency_key_reused="This Idempotency-Key was used for another refund: take a new key for every refund.",
        ),
    },
    examples=[
        example("a part", {"amount": "600.00", "reason": "spilled half a litre"}),
        example("all of it", {}),
    ],
)
