"""The screen at a point of sale, for whoever draws it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pos.api import ControllerView
from pos.openapi import invalid
from pos.waiting import wait_until
from receipts import display, examples


class DisplayQuerySerializer(serializers.Serializer[Any]):
    """The query of a long poll."""

    wait = serializers.FloatField(min_value=0, max_value=30, default=0)
    seen = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)


class DisplayReceiptSerializer(serializers.Serializer[Any]):
    """The customer's receipt."""

    number = serializers.CharField()
    url = serializers.URLField(help_text="For the customer: no login.")
    qr_svg = serializers.CharField(help_text="The link as a QR code, as a data: address of an SVG.")
    qr_png = serializers.URLField(help_text="The same as a PNG.")


class DisplaySerializer(serializers.Serializer[Any]):
    """What to show now."""

    version = serializers.CharField(help_text="Send it as `seen` to wait for something else.")
    state = serializers.ChoiceField(choices=[(state, state) for state in display.STATES])
    currency = serializers.CharField()
    amount_so_far = serializers.CharField(allow_null=True, help_text="While dispensing, as the controller told.")
    amount_due = serializers.CharField(allow_null=True, help_text="What the customer who scans is asked for.")
    expires_at = serializers.DateTimeField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)
    pay_qr = serializers.URLField(allow_null=True, help_text="The picture of the point of sale's own code.")
    receipt = DisplayReceiptSerializer(allow_null=True)


class DisplayView(ControllerView):
    """What a screen at the point of sale shows."""

    @extend_schema(
        operation_id="get_display",
        tags=["Screens"],
        description=(
            "For a screen at the pump or machine. `dispensing` and `amount_so_far` are what the controller reported; "
            "`pay`: an order waits for the customer, who scans the point of sale's own code; `paid`: for two minutes, "
            "with the receipt's code. Ask with `wait` and the `version` you show: the answer comes when it changes."
        ),
        summary="What to show at the point of sale now; with `wait` and `seen`, as soon as it is something else",
        parameters=[
            OpenApiParameter("wait", float, description="Seconds, at most 30."),
            OpenApiParameter("seen", str, description="The `version` you show; default: today's."),
        ],
        responses={200: DisplaySerializer, **invalid("wait", "Ensure this value is less than or equal to 30.")},
        examples=[
            OpenApiExample("to be paid", examples.DISPLAY, response_only=True, status_codes=["200"]),
            OpenApiExample("paid", examples.PAID, response_only=True, status_codes=["200"]),
        ],
    )
    def get(self, request: Request, external_id: str) -> Response:
        query = DisplayQuerySerializer(data=request.query_params.dict())  # not as a form: an empty field is a mistake
        query.is_valid(raise_exception=True)
        shown = display.show(self.find_pos(external_id))
        seen = query.validated_data["seen"] or shown["version"]

        def something_else() -> dict[str, Any] | None:
            now = display.show(self.find_pos(external_id))
            return now if now["version"] != seen else None

        other = wait_until(something_else, seconds=query.validated_data["wait"])
        return Response(DisplaySerializer(other or shown).data)
