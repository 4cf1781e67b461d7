"""The receipt and the refund slips, for controllers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from orders.models import Order, RefundRequest
from orders.states import RequestStatus
from pos.api import ControllerView
from pos.openapi import problem
from pos.problems import Problem
from receipts import services
from receipts.models import Format, Receipt
from receipts.negotiation import wanted_format
from receipts.policy import policy_of
from receipts.variants import CHOICES, NoSuchVariant


def _parameter(name: str, of: str) -> OpenApiParameter:
    text = f"Of {of} only; the store has its usual one. Another is drawn on demand."
    return OpenApiParameter(name, str, enum=CHOICES[name], description=text)


_PARAMETERS = [
    OpenApiParameter("format", str, enum=Format.values, description="Goes before the Accept header."),
    _parameter("paper", "pdf"),
    _parameter("columns", "escpos"),
    _parameter("codepage", "escpos"),
]
_RESPONSES = {
    (200, "text/html"): OpenApiTypes.STR,
    (200, "application/pdf"): OpenApiTypes.BINARY,
    (200, "application/vnd.escpos"): OpenApiResponse(
        OpenApiTypes.BINARY, "Bytes for a receipt printer. Also for Accept: application/octet-stream."
    ),
    (200, "text/plain"): OpenApiTypes.STR,
    **problem(
        400,
        "No such paper, columns or code page.",
        no_such_variant="paper=a5 is not known here; there is: 58mm, 80mm, a4.",
    ),
    **problem(
        406,
        "Not in this format.",
        no_such_format="There is no receipt as docx; there is: html, pdf, escpos, txt.",
    ),
}


class ReceiptView(ControllerView):
    """A closed order's receipt in the format that is asked for."""

    @extend_schema(
        operation_id="get_receipt",
        tags=["Receipts"],
        summary="The receipt, once the order is closed",
        description="In the first format of `Accept` that there is, or the one that `format` names. It is drawn within "
        "seconds of the close: until then 404 says `being-drawn`, with a `Retry-After`.",
        parameters=_PARAMETERS,
        responses={
            **_RESPONSES,
            **problem(
                404,
                "Not closed, not drawn yet, or no such order for this key.",
                not_closed="There is a receipt once the order is closed; it is open.",
                being_drawn="The receipt is being drawn.",
            ),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        order = get_object_or_404(Order.objects.visible_to(self.key), pk=pk)
        format = wanted_format(request)
        receipt = Receipt.objects.with_store().filter(order=order).drawn().first()
        if receipt is None:
            raise _missing(order)
        return _answer(request, receipt, format)


class SlipView(ControllerView):
    """The slip of money that went back, in the format that is asked for."""

    @extend_schema(
        operation_id="get_refund_receipt",
        tags=["Refunds"],
        summary="The slip of a refund, once the money went back",
        description="As the order's receipt, to which it refers: the same formats, papers and printers.",
        parameters=_PARAMETERS,
        responses={
            **_RESPONSES,
            **problem(
                404,
                "Not back yet, of an order without a receipt, not drawn yet, or no such refund for this key.",
                not_refunded="There is a slip once the money went back; this refund is pending.",
                no_receipt="The order has no receipt yet that a slip could refer to; it is open.",
                being_drawn="The receipt is being drawn.",
            ),
        },
    )
    def get(self, request: Request, pk: int, refund: int) -> HttpResponse:
        requests = RefundRequest.objects.filter(order__in=Order.objects.visible_to(self.key), order=pk)
        made = get_object_or_404(requests.select_related("order"), pk=refund)
        format = wanted_format(request)
        slip = Receipt.objects.with_store().filter(refund_request=made).drawn().first()
        if slip is None:
            raise _missing_slip(made)
        return _answer(request, slip, format)


def _answer(request: Request, receipt: Receipt, format: Format) -> HttpResponse:
    variant: dict[str, Any] = {name: request.query_params.get(name) for name in CHOICES}
    try:
        name, media_type, data = services.document(receipt, format, **variant)
    except NoSuchVariant as error:
        text = _("%(name)s=%(value)s is not known here; there is: %(choices)s.")
        values = {"name": error.name, "value": error.value[:50], "choices": ", ".join(error.choices)}
        raise Problem(400, "no-such-variant", text % values) from error
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept"}
    if format == Format.HTML:
        headers["Content-Security-Policy"] = policy_of(data.decode())
    return HttpResponse(data, content_type=media_type, headers=headers)


def _missing(order: Order) -> Problem:
    if order.closed_at is None:
        return Problem(404, "not-closed", _("There is a receipt once the order is closed; it is %s.") % order.status)
    return _being_drawn()


def _missing_slip(made: RefundRequest) -> Problem:
    if made.status != RequestStatus.APPROVED:
        text = _("There is a slip once the money went back; this refund is %s.")
        return Problem(404, "not-refunded", text % made.status)
    if made.order.closed_at is None:
        text = _("The order has no receipt yet that a slip could refer to; it is %s.")
        return Problem(404, "no-receipt", text % made.order.status)
    return _being_drawn()


def _being_drawn() -> Problem:
    return Problem(404, "being-drawn", _("The receipt is being drawn."), headers={"Retry-After": "1"})
