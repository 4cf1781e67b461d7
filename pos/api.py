"""What controllers call about their point of sale."""

from typing import cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pos import hooks, services
from pos.authentication import HasControllerKey
from pos.models import ControllerKey, ControllerStatus, PointOfSale
from pos.openapi import POINT_OF_SALE, invalid
from pos.serializers import PointOfSaleSerializer, StatusSerializer


class ControllerView(APIView):
    """A view for controllers: their key decides what exists."""

    permission_classes = (HasControllerKey,)

    @property
    def key(self) -> ControllerKey:
        return cast(ControllerKey, self.request.auth)

    def find_pos(self, external_id: str) -> PointOfSale:
        points = hooks.with_hooks(PointOfSale.objects.visible_to(self.key)).select_related("store__account")
        return get_object_or_404(points, external_id=external_id)


class StatusView(ControllerView):
    """Step 3A."""

    @extend_schema(
        operation_id="report_status",
        tags=["Points of sale"],
        summary="Report how the point of sale stands; also its heartbeat",
        description=(
            "`in_process`: the sale is running, and the customer who has scanned the code waits for its amount. "
            "`idle`: nothing is going on. `offline`: it sells nothing now.\n\nA point of sale that has a `heartbeat` "
            "must report, or report a sale, at least that often; otherwise customers are told that it cannot be "
            "reached. `amount_so_far` is for the people at the station; it is never charged."
        ),
        request={"application/json": StatusSerializer},
        responses={200: PointOfSaleSerializer, **invalid("status", "busy is none of idle, in_process, offline.")},
        examples=[
            OpenApiExample("running", {"status": "in_process", "amount_so_far": "8640.00"}, request_only=True),
            OpenApiExample("nothing going on", {"status": "idle"}, request_only=True),
            OpenApiExample("so it stands", POINT_OF_SALE, response_only=True),
        ],
    )
    def put(self, request: Request, external_id: str) -> Response:
        pos = self.find_pos(external_id)
        said = StatusSerializer(data=request.data, context={"site": pos.store.account.site})
        said.is_valid(raise_exception=True)
        status, so_far = said.validated_data["status"], said.validated_data.get("amount_so_far")
        services.report(pos, ControllerStatus(status), amount_so_far=so_far)
        return Response(PointOfSaleSerializer(pos).data)
