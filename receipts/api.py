"""The receipt, for controllers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from orders.models import Order
from pos.api import ControllerView
from pos.openapi import problem
from pos.problems import Problem
from receipts.models import MEDIA_TYPES, Document, Format


class ReceiptView(ControllerView):
    """A closed order's receipt in the format that is asked for."""

    @extend_schema(
        operation_id="get_receipt",
        tags=["Receipts"],
        summary="The receipt, once the order is closed",
        description="In the first format of `Accept` that there is, or the one that `format` names. It is drawn within "
        "seconds of the close: until then 404 says `being-drawn`, with a `Retry-After`.",
        parameters=[
            OpenApiParameter("format", str, enum=Format.values, description="Goes before the Accept header."),
        ],
        responses={
            (200, "text/html"): OpenApiTypes.STR,
            (200, "text/plain"): OpenApiTypes.STR,
            **problem(
                404,
                "Not closed, not drawn yet, or no such order for this key.",
                not_closed="There is a receipt once the order is closed; it is open.",
                being_drawn="The receipt is being drawn.",
            ),
            **problem(406, "Not in this format.", no_such_format="There is no receipt as docx; there is: html, txt."),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        order = get_object_or_404(Order.objects.visible_to(self.key), pk=pk)
        wanted = _format(request)
        document = Document.objects.filter(receipt__order=order, format=wanted).first()
        if document is None:
            raise _missing(order)
        return HttpResponse(bytes(document.content), content_type=document.content_type)


def _missing(order: Order) -> Problem:
    if order.closed_at is None:
        return Problem(404, "not-closed", _("There is a receipt once the order is closed; it is %s.") % order.status)
    return Problem(404, "being-drawn", _("The receipt is being drawn."), headers={"Retry-After": "1"})


def _format(request: Request) -> Format:
    """`?format=`, then the first of Accept that we have, then HTML."""
    name = request.query_params.get("format")
    if name is not None:
        if name in Format.values:
            return Format(name)
        raise _unavailable(name)
    accepted = [part.split(";")[0].strip() for part in request.headers.get("Accept", "*/*").split(",")]
    for media_type in accepted:
        for format, ours in MEDIA_TYPES.items():
            if media_type in (ours, f"{ours.split('/')[0]}/*", "*/*"):
                return format
    raise _unavailable(", ".join(accepted))


def _unavailable(wanted: str) -> Problem:
    text = _("There is no receipt as %(wanted)s; there is: %(formats)s.")
    return Problem(406, "no-such-format", text % {"wanted": wanted[:100], "formats": ", ".join(Format.values)})
