"""A point of sale, as controllers send and see it."""

from typing import Any

from rest_framework import serializers

from pos.models import ControllerStatus, PointOfSale
from pos.wire import StrictSerializer


class StatusSerializer(StrictSerializer):
    """What a controller reports."""

    status = serializers.ChoiceField(
        choices=ControllerStatus.choices,
        error_messages={"invalid_choice": "{input} is none of idle, in_process, offline."},
    )


class PointOfSaleSerializer(serializers.ModelSerializer[PointOfSale]):
    """The point of sale itself; its open order is added by the layer that knows orders."""

    store = serializers.CharField(source="store.external_id")
    active = serializers.BooleanField(source="is_in_service")
    currency = serializers.CharField(source="store.account.site.currency")

    class Meta:
        model = PointOfSale
        fields = ("external_id", "name", "store", "active", "currency", "status", "status_at")


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="For programs, e.g. urn:problem:open-order.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people.")
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )  # type: ignore[assignment]  # the name is RFC 9457's
