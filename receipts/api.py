"""The receipt, for controllers."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from orders.models import Order
from pos.api import ControllerView
from pos.openapi import problem
from pos.problems import Problem
from receipts import services
from receipts.models import MEDIA_TYPES, Format, Receipt
from receipts.variants import CHOICES, NoSuchVariant

_ALSO = {"application/octet-stream": Format.ESCPOS}  # what a program asks for that only passes bytes to a printer


def _parameter(name: str, of: str) -> OpenApiParameter:
    text = f"Of {of} only; the store has its usual one. Another is drawn on demand."
    return OpenApiParameter(name, str, enum=CHOICES[name], description=text)


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
            _parameter("paper", "pdf"),
            _parameter("columns", "escpos"),
            _parameter("codepage", "escpos"),
        ],
        responses={
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
                404,
                "Not closed, not drawn yet, or no such order for this key.",
                not_closed="There is a receipt once the order is closed; it is open.",
                being_drawn="The receipt is being drawn.",
            ),
            **problem(
                406,
                "Not in this format.",
                no_such_format="There is no receipt as docx; there is: html, pdf, escpos, txt.",
            ),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        order = get_object_or_404(Order.objects.visible_to(self.key), pk=pk)
        wanted = _format(request)
        receipt = Receipt.objects.with_store().filter(order=order).exclude(drawn_at=None).first()
        if receipt is None:
            raise _missing(order)
        return _answer(receipt, wanted, {name: request.query_params.get(name) for name in CHOICES})


def _answer(receipt: Receipt, format: Format, variant: dict[str, Any]) -> HttpResponse:
    try:
        name, media_type, data = services.document(receipt, format, **variant)
    except NoSuchVariant as error:
        text = _("%(name)s=%(value)s is not known here; there is: %(choices)s.")
        values = {"name": error.name, "value": error.value[:50], "choices": ", ".join(error.choices)}
        raise Problem(400, "no-such-variant", text % values) from error
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept"}
    return HttpResponse(data, content_type=media_type, headers=headers)


def _missing(order: Order) -> Problem:
    if order.closed_at is None:
        return Problem(404, "not-closed", _("There is a receipt once the order is closed; it is %s.") % order.status)
    return Problem(404, "being-drawn", _("The receipt is being drawn."), headers={"Retry-After": "1"})


def _format(request: Request) -> Format:
    """`?format=`, then what Accept likes best of those that we have, then HTML."""
    name = request.query_params.get("format")
    if name is not None:
        if name.lower() in Format.values:
            return Format(name.lower())
        raise _unavailable(name)
    accepted = request.headers.get("Accept", "*/*")
    for media_type in _by_preference(accepted):
        if media_type in _ALSO:
            return _ALSO[media_type]
        for format, ours in MEDIA_TYPES.items():
            if media_type in (ours, f"{ours.split('/')[0]}/*", "*/*"):
                return format
    raise _unavailable(accepted)


def _by_preference(accepted: str) -> Iterator[str]:
    """The media types of an Accept header (RFC 9110 §12.5.1), the most wanted first."""
    wanted = []
    for part in accepted.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        wanted.append((_number(quality), media_type))
    return (media_type for quality, media_type in sorted(wanted, key=lambda pair: -pair[0]) if quality > 0)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0), 1)
    except ValueError:
        return 1


def _unavailable(wanted: str) -> Problem:
    text = _("There is no receipt as %(wanted)s; there is: %(formats)s.")
    return Problem(406, "no-such-format", text % {"wanted": wanted[:100], "formats": ", ".join(Format.values)})
